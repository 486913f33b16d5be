import CivilTime
import Glibc

/// Moves a ledger's file, and the files that SQLite keeps beside it, to another name. It deletes nothing and overwrites
/// nothing.
enum Aside {
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Whether there is a write-ahead log without its database file. SQLite would delete such a log.
    static func isLogAlone(at file: String) -> Bool {
        // In this order: a process that creates a ledger writes to the file before it writes a log.
        (size(of: file + "-wal") ?? 0) > 0 && (size(of: file) ?? 0) == 0
    }

    /// Renames the file to `<file>.<label>-<time>`, and its companions with it. Returns that name.
    ///
    /// `path` names the ledger in errors. `patience`, in milliseconds: how long to wait for processes that have the
    /// file open. The caller holds the lock.
    static func move(
        _ file: String, label: String, at now: Instant, path: String, patience: Int = 5_000
    ) throws(LedgerError) -> String {
        try waitForOthers(file, path, patience)
        let name = freeName("\(file).\(label)-\(now.inFileName)")
        // The file first: the next opening notices a log without a file, but would not notice a file without its log.
        for suffix in [""] + companions {
            guard rename(file + suffix, name + suffix) != 0, errno != ENOENT else { continue }
            let cause = errno
            let detail = "\(file + suffix) cannot be moved aside: \(String(cString: strerror(cause)))"
            throw LedgerError(kind(of: cause), path, detail)
        }
        return name
    }

    private static func kind(of cause: Int32) -> LedgerError.Kind {
        switch cause {
        case ENOSPC, EDQUOT: .full
        case EACCES, EPERM, EROFS: .readOnly
        default: .failed
        }
    }

    private static func freeName(_ name: String) -> String {
        var candidate = name
        var number = 1
        while ([""] + companions).contains(where: { size(of: candidate + $0) != nil }) {
            number += 1
            candidate = "\(name)-\(number)"
        }
        return candidate
    }

    /// Another process that has the file open deletes the log of that name when it closes the file. By then the log is
    /// the new file's. SQLite holds a lock for as long as it has a log open.
    private static func waitForOthers(
        _ file: String, _ path: String, _ patience: Int
    ) throws(LedgerError) {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        for waited in stride(from: 0, through: patience, by: 50) {
            guard let pid = holder(of: descriptor) else { return }
            guard waited < patience else {
                let words = "process \(pid) has the file open that orchestrate has to move aside"
                throw LedgerError(.busy, path, words)
            }
            usleep(50_000)
        }
    }

    private static func holder(of descriptor: Int32) -> Int32? {
        var lock = flock()
        lock.l_type = Int16(F_WRLCK)
        lock.l_whence = Int16(SEEK_SET)
        guard fcntl(descriptor, F_GETLK, &lock) == 0, lock.l_type != Int16(F_UNLCK) else { return nil }
        return lock.l_pid
    }

    private static func size(of file: String) -> Int? {
        var status = stat()
        return lstat(file, &status) == 0 ? Int(status.st_size) : nil
    }
}

extension Instant {
    /// `20261125T213000Z`: a time in characters that suit a file name.
    fileprivate var inFileName: String {
        Instant(seconds: seconds).rfc3339.filter { $0 != "-" && $0 != ":" }
    }
}
