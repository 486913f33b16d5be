import CivilTime
import Glibc
import Text

/// The right to schedule from a ledger: an exclusive `flock` on `<ledger>.lock`.
///
/// The kernel drops the lock with the process, also on `kill -9`. The file itself stays where it is,
/// on purpose: a process that unlinked it could take away the file that another process has just opened and is
/// about to lock, and a third one would then lock a new file of the same name. Who holds the lock is written in it
/// for people and for the error; only the lock decides.
///
/// It also tells a ledger from an older copy of it that was put back in its place, see `LockRecord`, and keeps that when
/// it is let go.
final class Lock {
    private let descriptor: Int32
    private var holder: LockHolder
    private(set) var provenance: LockRecord

    /// `path` names the ledger in errors; `file` is the ledger itself, symbolic links followed.
    init(_ path: String, file: String, for holder: LockHolder) throws(LedgerError) {
        descriptor = try Self.locked(path, file: file + ".lock")
        self.holder = holder
        provenance = LockRecord(lines: Self.contents(of: descriptor))
        write(holder.lines + provenance.lines)
    }

    deinit {
        // So that nobody reads the name of a process that is gone.
        write(provenance.lines)
        close(descriptor)
    }

    /// `notes`: what `status` says of the holder; nil: what it said before.
    func record(_ provenance: LockRecord, notes: [String]? = nil) {
        self.provenance = provenance
        holder.notes = notes ?? holder.notes
        write(holder.lines + provenance.lines)
    }

    /// The file's time says that the holder lives.
    func giveSign() { futimens(descriptor, nil) }

    /// What the lock file beside a ledger says of it.
    static func provenance(of file: String) -> LockRecord {
        guard let descriptor = try? RegularFile.open(file + ".lock", O_RDONLY) else { return LockRecord() }
        defer { close(descriptor) }
        return LockRecord(lines: contents(of: descriptor))
    }

    /// Should this fail, as on a full disk, the lock holds all the same; only the words are missing.
    private func write(_ text: String) {
        ftruncate(descriptor, 0)
        _ = text.withCString { pwrite(descriptor, $0, text.utf8.count, 0) }
    }

    /// The open file, once it is locked.
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
            // A scheduler has left its name in the file. Without a name, the holder is a command that only asks, or the
            // child of a process that has let go, between its fork and its exec: both are gone in a moment.
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

/// Which ledger belongs to a lock file: kept beside the ledger, so that it does not go back in time with it.
struct LockRecord {
    /// When the session began that brought the ledger up to date last; a ledger without it is an older one.
    var session: Instant?
    /// Until when other instances may have posted, as the process knew that used it last.
    var othersPostedUntil: Instant?
    /// Until when POSTs may have been sent of which this ledger has no claims: it was new then, or an older one.
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
    /// What the lock file says: `key=value` lines, the time in microseconds since 1970.
    fileprivate var lines: String {
        let lines = ["pid=\(pid)", "since=\(since.microseconds)", "instance=\(instance)"]
        return (lines + notes.map { "note=\($0.printable())" }).map { "\($0)\n" }.joined()
    }

    /// nil for anything but such lines: the process may be about to write them.
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
    /// nil where it has not said who it is.
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

    /// Asks for a shared lock, and only where a holder has left its name: so that the question can hardly
    /// ever get in the way of a scheduler that is about to take the lock.
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
