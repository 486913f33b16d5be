import CFileSystem
import Glibc

/// An exclusive `flock` on the ledger's file itself, besides the one on `<ledger>.lock`. A file with two names, by a
/// hard link or a bind mount, has two lock files and two write-ahead logs, but only one lock of its own.
///
/// The process takes the lock before SQLite opens the file, and holds it until SQLite has closed the file: when a
/// process closes any descriptor of a file, it loses the locks that SQLite holds on it.
final class FileLock {
    /// Why the file has no lock of its own; nil: it has one.
    let gap: String?
    private let descriptor: Int32

    /// `path` names the ledger in errors; `file` is its path with symbolic links resolved.
    init(_ path: String, file: String) throws(LedgerError) {
        var found: (descriptor: Int32, gap: String?)
        repeat {
            found = try Self.locked(path, file)
            // Another process may have replaced the file before this one had the lock.
        } while !Self.isStill(found.descriptor, at: file)
        (descriptor, gap) = found
    }

    deinit { close(descriptor) }

    private static func locked(
        _ path: String, _ file: String
    ) throws(LedgerError) -> (descriptor: Int32, gap: String?) {
        let descriptor: Int32
        do {
            descriptor = try RegularFile.open(file, O_RDONLY | O_CREAT)
        } catch {
            throw LedgerError(.unreachable, path, "\(file): \(error.words)")
        }
        if let gap = gap(of: descriptor) { return (descriptor, gap) }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let cause = errno
            guard cause != EINTR else { continue }
            guard cause == EWOULDBLOCK else { return (descriptor, String(cString: strerror(cause))) }
            // A process that has just released the lock may have a child. The child holds the lock until its exec, a
            // moment later.
            guard tries < 40 else {
                defer { close(descriptor) }
                throw inUse(path, by: KernelLocks.holder(of: file))
            }
            tries += 1
            usleep(5_000)
        }
        return (descriptor, nil)
    }

    private static func isStill(_ descriptor: Int32, at file: String) -> Bool {
        var held = stat()
        var named = stat()
        guard fstat(descriptor, &held) == 0, stat(file, &named) == 0,
            (held.st_dev, held.st_ino) == (named.st_dev, named.st_ino)
        else {
            close(descriptor)
            return false
        }
        return true
    }

    private static func inUse(_ path: String, by pid: Int32?) -> LedgerError {
        let holder = pid.map { "process \($0)" } ?? "another process"
        return LedgerError(.held(by: nil), path, "\(holder), under another name of the file")
    }

    /// Refuses a file from which a process schedules under another name. That process's log and shared memory have the
    /// other name. So this process would read old data, and its writes would damage the file.
    ///
    /// Opens nothing: closing the file again could cost a connection of this process its locks.
    static func requireOnlyName(of path: String) throws(LedgerError) {
        guard let real = realpath(path, nil) else { return }
        defer { free(real) }
        let file = String(cString: real)
        guard let pid = KernelLocks.holder(of: file), Ledger.scheduler(of: path) == .absent,
            // The scheduler of this name may have ended between the two questions.
            KernelLocks.holder(of: file) == pid
        else { return }
        throw inUse(path, by: pid)
    }
}

extension FileLock {
    /// File systems on which a `flock` locks all bytes, and so would lock SQLite out of the file.
    private static let networks = [0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "SMB", 0xFE53_4D42: "SMB"]

    private static func gap(of descriptor: Int32) -> String? {
        var system = statfs()
        guard fstatfs(descriptor, &system) == 0 else { return nil }
        return gap(onFileSystem: Int(system.f_type))
    }

    static func gap(onFileSystem type: Int) -> String? {
        networks[type].map { "on \($0), it would keep SQLite away from the file" }
    }
}

/// The locks of all processes, as the kernel shows them in `/proc/locks`.
private enum KernelLocks {
    /// The process that has an exclusive `flock` on a file; nil: there is none, or this process may not see it.
    static func holder(of file: String) -> Int32? {
        var status = stat()
        guard stat(file, &status) == 0 else { return nil }
        let device = UInt64(status.st_dev)
        let major = (device >> 8 & 0xfff) | (device >> 32 & ~0xfff)
        let minor = (device & 0xff) | (device >> 12 & ~0xff)
        let place = "\(hex(major)):\(hex(minor)):\(status.st_ino)"
        // 1: FLOCK  ADVISORY  WRITE 4711 08:01:131073 0 EOF
        for line in lines() {
            let fields = line.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", fields[3] == "WRITE", fields[5] == place else {
                continue
            }
            return Int32(fields[4]).flatMap { $0 > 0 ? $0 : nil }
        }
        return nil
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return digits.utf8.count < 2 ? "0" + digits : digits
    }

    private static func lines() -> [Substring] {
        guard let file = fopen("/proc/locks", "re") else { return [] }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count < 4 << 20 {
            let count = fread(&chunk, 1, chunk.count, file)
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    }
}
