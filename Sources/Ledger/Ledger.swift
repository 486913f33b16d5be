public import Cron
import Glibc
public import Scheduling

/// The SQLite file that holds every fire time and what became of it. All SQL is in this module.
///
/// One owner uses it, one call at a time. Several processes may have it open: one that schedules, and any
/// number that read or that trigger a run. Every commit is on the disk when it returns.
public final class Ledger {
    public enum Access: Hashable, Sendable {
        /// For the one scheduling process: takes the lock, in the name of this instance.
        case scheduling(instance: String, since: Instant)
        /// For a process that writes beside the scheduling one, as `trigger` does.
        case writing
        /// Creates nothing and changes nothing in the ledger.
        case reading
    }

    /// The file as it was named.
    public let path: String
    /// Whether there was no ledger before: the first start here, or a lost cache.
    public let isNew: Bool
    private let access: Access
    private(set) var session: Session?
    private var lock: Lock?
    private var seenVersion: Int64

    /// Opens the ledger; for scheduling and writing, creates it and its directory where they are missing, and
    /// brings an older file up to date.
    public init(path: String, access: Access) throws(LedgerError) {
        self.path = path
        self.access = access
        if access != .reading { try Self.makeDirectory(of: path, for: path) }
        let connection = try Connection(path, access == .reading ? .readWrite : .readWriteCreate)
        if case .scheduling(let instance, let since) = access {
            let holder = LockHolder(pid: getpid(), since: since, instance: instance)
            lock = try Lock(path, file: connection.file, for: holder)
        }
        let session = try Session(connection, writing: access != .reading)
        isNew = session.isNew
        seenVersion = try session.reader.version()
        self.session = session
    }

    deinit { try? close() }

    /// The marks of the declared jobs, and the open runs.
    public func load() throws(LedgerError) -> LedgerState {
        try use().reader.state()
    }

    /// Writes all of the changes, or throws and has written none.
    ///
    /// Returns the inserts whose fire time had its row already. Nothing is written for those, and updates
    /// of them in the same list are left out. A run's `claimedAt` stays what it was inserted with.
    @discardableResult
    public func commit(_ changes: [Change]) throws(LedgerError) -> Set<RunID> {
        try useForWriting().writer.commit(changes)
    }

    /// The runs that the filter admits, newest fire time first; those of one fire time by job.
    public func runs(_ filter: RunFilter = RunFilter()) throws(LedgerError) -> [Run] {
        try use().reader.runs(filter)
    }

    /// One run and what happened to it; nil where the fire time has no row.
    public func run(_ id: RunID) throws(LedgerError) -> RunHistory? {
        try use().reader.history(of: id)
    }

    /// The last runs of each declared job that has any.
    public func lastRuns() throws(LedgerError) -> [String: LastRun] {
        try use().reader.lastRuns()
    }

    /// Every fire time of the job up to this one has its row; nil for a job that is not declared.
    public func coveredThrough(_ job: String) throws(LedgerError) -> Instant? {
        try use().reader.coveredThrough(job)
    }

    /// Whether another connection has written since the last call, or since the opening.
    public func changedElsewhere() throws(LedgerError) -> Bool {
        let version = try use().reader.version()
        defer { seenVersion = version }
        return version != seenVersion
    }

    /// Deletes at most `limit` runs that ended before `cutoff`, oldest first, and returns how many; fewer
    /// than `limit` means that no more are left. Open runs stay, and of each declared job the newest run.
    public func prune(finishedBefore cutoff: Instant, limit: Int) throws(LedgerError) -> Int {
        try useForWriting().writer.prune(finishedBefore: cutoff, limit: limit)
    }

    /// Copies the write-ahead log into the file; for idle moments. Never waits for other processes.
    public func checkpoint() throws(LedgerError) {
        try useForWriting().checkpoint()
    }

    /// What is wrong with the file's structure; nil where all is well. Reads the whole file: about 0.7 s
    /// for a million runs.
    public func integrityProblem() throws(LedgerError) -> String? {
        try use().integrityProblem()
    }

    /// Closes the ledger and lets go of the lock, also when it throws. The file is then whole by itself,
    /// with no log beside it, unless another process has it open. Closing twice does nothing.
    public func close() throws(LedgerError) {
        defer {
            // In this order: the lock is for all that the connection still writes.
            session = nil
            lock = nil
        }
        switch access {
        case .scheduling: try session?.finish(copying: true)
        case .writing: try session?.finish(copying: false)
        // It may be the last to go, and is not to fail because it may not write.
        case .reading: try? session?.finish(copying: false)
        }
    }

    private func use() throws(LedgerError) -> Session {
        guard let session else { throw LedgerError(.closed, path) }
        return session
    }

    private func useForWriting() throws(LedgerError) -> Session {
        guard access != .reading else { throw LedgerError(.readOnly, path, "it was opened for reading") }
        return try use()
    }

    /// `mkdir -p` of the file's directory.
    private static func makeDirectory(of file: String, for path: String) throws(LedgerError) {
        guard let slash = file.lastIndex(of: "/"), slash > file.startIndex else { return }
        let directory = String(file[..<slash])
        if mkdir(directory, 0o755) == 0 || errno == EEXIST { return }
        if errno == ENOENT {
            try makeDirectory(of: directory, for: path)
            if mkdir(directory, 0o755) == 0 || errno == EEXIST { return }
        }
        let cause = String(cString: strerror(errno))
        throw LedgerError(.unreachable, path, "directory \(directory): \(cause)")
    }
}
