import CivilTime
import Glibc
import Text

/// The right to schedule from a ledger: an exclusive `flock` on `<ledger>.lock`.
///
/// The kernel drops the lock when the process ends, also on `kill -9`. No process deletes the file: it could delete the
/// file that a second process has just opened and is about to lock, and a third process would then lock a new file of
/// the same name. The holder writes its name into the file for people and for the error. Only the lock itself decides.
///
/// The file also helps to recognize an older copy of the ledger that was put back in its place, see `LockRecord`. It
/// keeps that record after the lock is released.
final class Lock {
    private let descriptor: Int32
    private var holder: LockHolder
    private(set) var provenance: LockRecord

    /// `path` names the ledger in errors; `file` is its path with symbolic links resolved.
    init(_ path: String, file: String, for holder: LockHolder) throws(LedgerError) {
        descriptor = try Self.locked(path, file: file + ".lock")
        self.holder = holder
        provenance = LockRecord(lines: Self.contents(of: descriptor))
        write(holder.lines + provenance.lines)
    }

    deinit {
        // So that no reader finds the name of a process that has ended.
        write(provenance.lines)
        close(descriptor)
    }

    /// `notes`: what `status` says about the holder; nil: the same as before.
    func record(_ provenance: LockRecord, notes: [String]? = nil) {
        self.provenance = provenance
        holder.notes = notes ?? holder.notes
        write(holder.lines + provenance.lines)
    }

    /// The file's modification time shows that the holder lives.
    func giveSign() { futimens(descriptor, nil) }

    /// The record in the lock file beside a ledger.
    static func provenance(of file: String) -> LockRecord {
        guard let descriptor = try? RegularFile.open(file + ".lock", O_RDONLY) else { return LockRecord() }
        defer { close(descriptor) }
        return LockRecord(lines: contents(of: descriptor))
    }

    /// If this fails, as on a full disk, the lock still holds. Only the text is missing.
    private func write(_ text: String) {
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
    }

    /// Opens and locks the file.
    private static func locked(_ path: String, file: String) throws(LedgerError) -> Int32 {
        let descriptor: Int32
        do {
            descriptor = try RegularFile.open(file, O_RDWR | O_CREAT)
        } catch {
            let isReadOnly = error.code == EROFS || error.code == EACCES
            throw LedgerError(isReadOnly ? .readOnly : .unreachable, path, "\(file): \(error.words)")
        }
        var tries = 0
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let cause = errno
            guard cause != EINTR else { continue }
            // A scheduler has written its name into the file. A holder without a name is a command that only asks, or
            // the child of a process that has released the lock, between its fork and its exec. Both are gone in a
            // moment.
            let holder = LockHolder(lines: contents(of: descriptor))
            if cause == EWOULDBLOCK, tries < 40, holder == nil {
                tries += 1
                usleep(5_000)
                continue
            }
            defer { close(descriptor) }
            guard cause != EWOULDBLOCK else { throw LedgerError(.held(by: holder), path) }
            throw LedgerError(.unsupported, path, "no flock on \(file): \(String(cString: strerror(cause)))")
        }
        return descriptor
    }

    private static func contents(of descriptor: Int32) -> String {
        let bytes = [UInt8](unsafeUninitializedCapacity: 8_192) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, buffer.count, 0))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Which ledger belongs to a lock file. It lies beside the ledger, so an older copy of the ledger does not bring an
/// older record with it.
struct LockRecord {
    /// When the session began that last brought the ledger up to date. A ledger without this session is an older copy.
    var session: Instant?
    /// Until when other instances may have posted, as far as the last process knew.
    var othersPostedUntil: Instant?
    /// Until when a scheduler may have sent POSTs that this ledger has no claims of, because it was new then or an
    /// older copy.
    var unknownPostsUntil: Instant?
}

extension LockRecord {
    fileprivate init(lines: String) {
        let values = lockValues(lines)
        func instant(_ key: Substring) -> Instant? {
            values[key].flatMap { Int64($0) }.map(Instant.init(microseconds:))
        }
        session = instant("session")
        othersPostedUntil = instant("others_until")
        unknownPostsUntil = instant("strangers_until")
    }

    fileprivate var lines: String {
        let instants = [
            ("session", session), ("others_until", othersPostedUntil), ("strangers_until", unknownPostsUntil),
        ]
        return instants.compactMap { key, instant in
            instant.map { "\(key)=\($0.microseconds)\n" }
        }.joined()
    }
}

/// The `key=value` lines of a lock file.
private func lockValues(_ text: String) -> [Substring: Substring] {
    var values: [Substring: Substring] = [:]
    for line in text.split(separator: "\n") {
        guard let equals = line.firstIndex(of: "=") else { continue }
        values[line[..<equals]] = line[line.index(after: equals)...]
    }
    return values
}

extension LockHolder {
    /// The text of the lock file: `key=value` lines, times in microseconds since 1970.
    fileprivate var lines: String {
        let lines = ["pid=\(pid)", "since=\(since.microseconds)", "instance=\(instance)"]
        return (lines + notes.map { "note=\($0.printable())" }).map { "\($0)\n" }.joined()
    }

    /// nil: the text has no such lines. The process may be about to write them.
    fileprivate init?(lines: String) {
        let values = lockValues(lines)
        guard let pid = values["pid"].flatMap({ Int32($0) }),
            let since = values["since"].flatMap({ Int64($0) })
        else { return nil }
        self.init(
            pid: pid, since: Instant(microseconds: since), instance: String(values["instance"] ?? ""))
        notes = lines.split(separator: "\n").filter { $0.hasPrefix("note=") }.map { String($0.dropFirst(5)) }
    }
}

/// Whether a process schedules from a ledger.
public enum SchedulerPresence: Hashable, Sendable {
    case absent
    /// nil: the process has not said who it is.
    case running(LockHolder?)
}

extension Ledger {
    /// Whether a process schedules from the ledger at `path`. Creates and changes nothing.
    public static func scheduler(of path: String) -> SchedulerPresence {
        guard let file = realpath(path, nil) else { return .absent }
        defer { free(file) }
        return Lock.presence(on: String(cString: file) + ".lock")
    }
}

extension Lock {
    private static func lastSign(on descriptor: Int32) -> Instant? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        return Instant(
            microseconds: Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000)
    }

    /// Asks for a shared lock, and only if a holder has left its name. So the question hardly ever gets in the way of a
    /// scheduler that is about to take the lock.
    fileprivate static func presence(on file: String) -> SchedulerPresence {
        guard let descriptor = try? RegularFile.open(file, O_RDONLY) else { return .absent }
        defer { close(descriptor) }
        var holder = LockHolder(lines: contents(of: descriptor))
        holder?.lastSign = lastSign(on: descriptor)
        guard holder != nil, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else {
            return .absent
        }
        return .running(holder)
    }
}
