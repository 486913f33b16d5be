import Glibc

/// Reads small regular files, one after the other, into one buffer.
struct FileReader {
    /// Enough for most files. Clearing a buffer for the largest file would take a tenth of the time of a short command.
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)

    /// The bytes of a file.
    mutating func read(_ path: String) throws(Problem) -> [UInt8] {
        // NONBLOCK: a pipe without a writer must not block the open. The kind is asked of the open file, so that no
        // process can replace the file in between.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            throw Problem(Place(file: path), reason(), hint: "a file that this user may read")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, FileKind(mode: status.st_mode) == .file else {
            throw Problem(Place(file: path), "not a regular file")
        }
        return try contents(of: descriptor, path)
    }

    /// The bytes of standard input.
    mutating func readStandardInput(as name: String) throws(Problem) -> [UInt8] {
        try contents(of: STDIN_FILENO, name)
    }

    private mutating func contents(of descriptor: Int32, _ path: String) throws(Problem) -> [UInt8] {
        let count = try fill(from: descriptor, path)
        guard count <= Limits.fileBytes else {
            throw Problem(
                Place(file: path), "larger than \(Limits.fileBytes) bytes",
                hint: "several files; a job takes some hundred bytes")
        }
        return Array(buffer[..<count])
    }

    private mutating func fill(from descriptor: Int32, _ path: String) throws(Problem) -> Int {
        var count = 0
        while hasRoom(behind: count) {
            let got = buffer.withUnsafeMutableBytes {
                Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, $0.count - count)
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw Problem(Place(file: path), reason()) }
            guard got > 0 else { break }
            count += got
        }
        return count
    }

    /// Makes room for more bytes after `count`, and returns false at the limit. The limit is one byte more than
    /// allowed, so that a too large file shows.
    private mutating func hasRoom(behind count: Int) -> Bool {
        guard count == buffer.count else { return true }
        let more = min(8 * count, Limits.fileBytes + 1) - count
        buffer.append(contentsOf: repeatElement(0, count: more))
        return more > 0
    }
}
