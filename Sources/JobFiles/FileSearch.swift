import Glibc

/// Finds the job files in folders: `**/*.yml` and `**/*.yaml`. Leaves out hidden ones and `lost+found`.
///
/// Follows symbolic links that stay inside the given folder. Visits every file and every folder once, by its real path,
/// so that links cause no loop and no duplicate job.
struct FileSearch {
    private(set) var files: [String] = []
    private(set) var problems: [Problem] = []

    private var seen: Set<String> = []
    /// How many more files and folder entries the search accepts.
    private var roomForFiles: Int
    private var roomForEntries: Int
    private var isStopped = false
    /// The real path of the given folder. Links must not leave it.
    private var root = ""
    private var links: [(path: String, entry: FolderEntry)] = []

    init(files: Int = Limits.files, entries: Int = Limits.entries) {
        roomForFiles = files
        roomForEntries = entries
    }

    /// Searches a path from the command line or the environment: a folder, or one file of any name.
    mutating func look(at path: String) {
        guard let real = realPath(path), let kind = FileKind(path: real) else {
            let hint = "the path of a folder with job files (--jobs, MELT_JOBS_HOME)"
            return report(path.isEmpty ? "''" : path, reason(), hint: hint)
        }
        switch kind {
        case .file: add(path, real: real)
        case .folder: lookInside(path, real: real)
        case .link, .other: report(path, "neither a file nor a folder")
        }
    }

    private mutating func lookInside(_ path: String, real: String) {
        let before = files.count
        let known = problems.count
        let again = seen.contains(real)
        root = real == "/" ? "" : real
        walk(path, real: real)
        // Links last: a file that is reachable without a link keeps its own path.
        var next = 0
        while next < links.count, !isStopped {
            follow(links[next])
            next += 1
        }
        links = []
        guard files.count == before, problems.count == known, !again else { return }
        report(
            path, "no job files in this folder", hint: "a file that ends in .yml or .yaml", severity: .warning
        )
    }

    /// Collects the files of a folder and its subfolders.
    private mutating func walk(_ path: String, real: String) {
        var folders = [(path: path, real: real)]
        while let folder = folders.popLast(), !isStopped {
            guard seen.insert(folder.real).inserted else { continue }
            for entry in list(folder.path) {
                let path = folder.path.appending(component: entry.name)
                // Share one string if both paths are the same: with many files that saves much memory.
                let real = folder.real == folder.path ? path : folder.real.appending(component: entry.name)
                guard entry.kind == .folder else {
                    take(entry, path, real: real)
                    continue
                }
                folders.append((path, real))
            }
        }
    }

    private mutating func take(_ entry: FolderEntry, _ path: String, real: String) {
        switch entry.kind {
        case .link: links.append((path, entry))
        case .file where entry.isJobFile: add(path, real: real)
        case .other where entry.isJobFile: report(path, "not a regular file")
        // Otherwise a job would silently be missing because of its file's name.
        case _ where entry.looksLikeJobFile:
            let message = "not read: its name does not end in .yml or .yaml"
            report(path, message, hint: "lower case", severity: .warning)
        case .file, .folder, .other: break
        }
    }

    private mutating func follow(_ link: (path: String, entry: FolderEntry)) {
        guard let real = realPath(link.path), let kind = FileKind(path: real) else {
            guard link.entry.isJobFile else { return }
            report(
                link.path, "a symbolic link that leads nowhere (\(reason()))", hint: "remove or mend the link"
            )
            return
        }
        guard kind == .folder || link.entry.isJobFile else { return }
        guard real == root || real.hasPrefix(root + "/") else {
            report(
                link.path, "a symbolic link that leads out of the folder with the job files, to \(real)",
                hint: "the files themselves instead of the link")
            return
        }
        switch kind {
        case .folder: walk(link.path, real: real)
        case .file: add(link.path, real: real)
        case .link, .other: report(link.path, "not a regular file")
        }
    }

    private mutating func add(_ path: String, real: String) {
        guard !isStopped, seen.insert(real).inserted else { return }
        guard roomForFiles > 0 else { return stop("more than \(files.count) job files", at: path) }
        roomForFiles -= 1
        files.append(path)
    }

    /// The entries of a folder by name, without hidden ones.
    private mutating func list(_ path: String) -> [FolderEntry] {
        guard let folder = opendir(path) else {
            report(path, reason())
            return []
        }
        defer { closedir(folder) }
        var found: [FolderEntry] = []
        while let next = next(in: folder, path) {
            guard let entry = FolderEntry(next, in: path), !entry.isPassedBy else { continue }
            guard roomForEntries > 0 else {
                stop("too many files and folders", at: path)
                break
            }
            roomForEntries -= 1
            guard entry.isText else {
                report(
                    path, "the name of the file \(entry.name.quoted) is not UTF-8", hint: "rename the file")
                continue
            }
            found.append(entry)
        }
        return found.sorted { $0.name < $1.name }
    }

    /// The next entry; nil: the end, or an error that it has reported.
    private mutating func next(in folder: OpaquePointer, _ path: String) -> UnsafeMutablePointer<dirent>? {
        errno = 0
        let next = readdir(folder)
        if next == nil, errno != 0 { report(path, reason()) }
        return next
    }

    private mutating func stop(_ message: String, at path: String) {
        isStopped = true
        report(path, message, hint: "the path of a folder with nothing but job files")
    }

    private mutating func report(
        _ path: String, _ message: String, hint: String? = nil, severity: Problem.Severity = .error
    ) {
        problems.append(Problem(Place(file: path), message, hint: hint, severity: severity))
    }
}

/// The kind of a path's target.
enum FileKind {
    case file
    case folder
    case link
    case other

    /// Follows no link; nil (and `errno`): there is nothing.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        self.init(mode: status.st_mode)
    }

    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .link
        default: self = .other
        }
    }
}

/// One name in a folder.
private struct FolderEntry {
    let name: String
    let kind: FileKind
    /// Whether the name is UTF-8. Only then does `name` lead to the file.
    let isText: Bool

    init?(_ entry: UnsafeMutablePointer<dirent>, in folder: String) {
        let type = Int32(entry.pointee.d_type)
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: entry.pointee.d_name)) {
                (text: String(cString: $0), isText: String(validatingCString: $0) != nil)
            }
        }
        (self.name, isText) = name
        switch type {
        case Int32(DT_REG): kind = .file
        case Int32(DT_DIR): kind = .folder
        case Int32(DT_LNK): kind = .link
        case Int32(DT_UNKNOWN):
            // Some file systems do not tell the kind.
            guard let kind = FileKind(path: folder.appending(component: name.text)) else { return nil }
            self.kind = kind
        default: kind = .other
        }
    }

    /// Hidden entries, including `.` and `..`, and a file system's `lost+found`, which only root may read.
    var isPassedBy: Bool {
        name.utf8.first == UInt8(ascii: ".") || (kind == .folder && name == "lost+found")
    }
    var isJobFile: Bool { name.hasSuffix(".yml") || name.hasSuffix(".yaml") }
    var looksLikeJobFile: Bool {
        let lower = name.lowercased()
        return lower.hasSuffix(".yml") || lower.hasSuffix(".yaml")
    }
}

extension String {
    fileprivate func appending(component: String) -> String {
        guard self != ".", self != "./" else { return component }
        return utf8.last == UInt8(ascii: "/") ? self + component : self + "/" + component
    }
}

/// The path without links, `.` and `..`; nil (and `errno`): it leads nowhere.
private func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
}

/// The system's description of the last error.
func reason() -> String {
    String(cString: strerror(errno))
}
