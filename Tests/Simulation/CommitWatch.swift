import CSQLite

@testable import Ledger

/// Stands between a ledger and its file. SQLite calls it before each commit, which it may refuse, and after it.
///
/// A process killed in the middle of a step has made its earlier commits durable, and none after that. So the watch
/// refuses the commits after its death, and the simulation runs the step to its end.
final class CommitWatch {
    enum Verdict { case commit, refuse }

    private let before: () -> Verdict
    private let after: () -> Void

    init(_ ledger: Ledger, before: @escaping () -> Verdict, after: @escaping () -> Void) {
        self.before = before
        self.after = after
        guard let handle = ledger.openFile?.connection.handle else { return }
        let own = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_commit_hook(
            handle,
            { own in
                let watch = own.map { Unmanaged<CommitWatch>.fromOpaque($0).takeUnretainedValue() }
                return watch?.before() == .refuse ? 1 : 0
            }, own)
        // Replaces the automatic checkpoint. The log of a simulation stays short.
        sqlite3_wal_hook(
            handle,
            { own, _, _, _ in
                own.map { Unmanaged<CommitWatch>.fromOpaque($0).takeUnretainedValue().after() }
                return SQLITE_OK
            }, own)
    }

    /// Call this before the watch disappears, while the ledger is open.
    func detach(from ledger: Ledger) {
        guard let handle = ledger.openFile?.connection.handle else { return }
        sqlite3_commit_hook(handle, nil, nil)
        sqlite3_wal_hook(handle, nil, nil)
    }
}
