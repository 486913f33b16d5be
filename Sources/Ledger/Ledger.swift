public import CivilTime
import Glibc
public import Scheduling

/// The SQLite file that holds every fire time and what became of it. All SQL is in this module.
///
/// One owner uses it, one call at a time. Several processes may have it open: one that schedules, and any
/// number that read or that trigger a run. Every commit is on the disk when it returns.
public final class Ledger {
    public enum Access: Hashable, Sendable {
        /// For the one scheduling process: takes the lock, and records a session, in the name of this instance.
        /// The file is examined first, see `integrityProblem()`.
        ///
        /// `project`: the ledger is to belong to this one, and one that belongs to none takes it on. nil: whichever.
        case scheduling(instance: String, since: Instant, project: String? = nil)
        /// For a process that writes beside the scheduling one, as `trigger` does.
        case writing(project: String? = nil)
        /// Creates nothing and changes nothing in the ledger.
        case reading
    }

    /// The file as it was named.
    public let path: String
    /// Whether there was no ledger before: the first start here, a lost cache, or one that was replaced.
    public private(set) var isNew = false
    let access: Access
    var openFile: OpenFile?
    /// The file itself, symbolic links followed, and the right to schedule from it.
    private(set) var lock: (file: String, held: Lock)?
    /// The lock on the file itself.
    var fileLock: FileLock?
    /// Set while the file is beyond use, and no other is open in its place.
    var broken: Broken?
    private var seenVersion: Int64 = 0
    private var provenance = LockRecord()
    private var isLatest = false
    private var isMarked = false

    /// Opens the ledger; for scheduling and writing, creates it and its directory where they are missing, and
    /// brings an older file up to date.
    public convenience init(path: String, access: Access) throws(LedgerError) {
        try self.init(locking: path, for: access)
        try open()
    }

    /// Has the lock, and nothing open yet.
    init(locking path: String, for access: Access) throws(LedgerError) {
        self.path = path
        self.access = access
        if access != .reading { try Self.makeDirectory(of: path, for: path) }
        guard case .scheduling(let instance, let since, _) = access else {
            try FileLock.requireOnlyName(of: path)
            return
        }
        let file = try Connection(path, .readWriteCreate).file
        let holder = LockHolder(pid: getpid(), since: since, instance: instance)
        lock = (file, try Lock(path, file: file, for: holder))
    }

    deinit { try? close() }

    /// Why nothing but the lock file keeps away a second scheduler that knows this file by another name; nil where the
    /// file has a lock of its own.
    public var lockGap: String? { fileLock?.gap }

    func open() throws(LedgerError) {
        if let lock, fileLock == nil { fileLock = try FileLock(path, file: lock.file) }
        let connection = try Connection(path, access == .reading ? .readWrite : .readWriteCreate)
        let file = try OpenFile(connection, for: access)
        seenVersion = try file.reader.version()
        isNew = file.isNew || broken != nil
        try learnProvenance(of: file)
        openFile = file
        broken = nil
    }

    /// The marks of the declared jobs, the open runs, and who scheduled last. `now`: marks after this are of a time that is
    /// still to come.
    public func load(at now: Instant = .distantFuture) throws(LedgerError) -> LedgerState {
        let file = try use()
        var state = try file.reader.state(session: file.sessions.own?.number, at: now)
        state.isLatest = isLatest || isMarked
        state.unknownPostsUntil = provenance.unknownPostsUntil
        state.usedHereAt = provenance.session
        state.othersPostedUntil = provenance.othersPostedUntil
        state.sessions = try Sessions.read(from: file.connection).map(\.record)
        return state
    }

    /// Writes something, or throws why that is impossible.
    public func proveWritable() throws(LedgerError) {
        try useForWriting().sessions.touch()
    }

    /// Notes beside the ledger that it knows everything up to this session: from now on an older copy can be told.
    public func markAsLatest() {
        guard !isMarked, let lock, let own = openFile?.sessions.own else { return }
        isMarked = true
        provenance.session = own.record.begunAt
        lock.held.record(provenance)
    }

    /// Tells `status` that the process which schedules from this ledger lives.
    public func giveSign() { lock?.held.giveSign() }

    /// Writes into the lock file what the next process and `status` read. A crash may lose it, so that both have to cope
    /// without it.
    public func keep(othersPostedUntil: Instant?, notes: [String]) {
        provenance.othersPostedUntil = othersPostedUntil ?? provenance.othersPostedUntil
        lock?.held.record(provenance, notes: notes)
    }

    private func learnProvenance(of file: OpenFile) throws(LedgerError) {
        provenance = lock?.held.provenance ?? Lock.provenance(of: file.connection.file)
        let own = file.sessions.own
        let others = try Sessions.read(from: file.connection).filter { $0.number != own?.number }
        isLatest = others.contains { $0.record.begunAt == provenance.session }
        isMarked = false
        if !isLatest, let own { notePosts(unknownUntil: own.record.begunAt) }
    }

    /// Until this instant POSTs may have been sent of which the ledger has no claims.
    func notePosts(unknownUntil instant: Instant) {
        provenance.unknownPostsUntil = instant
        lock?.held.record(provenance)
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

    /// The names of all jobs that have rows, or had.
    public func jobNames() throws(LedgerError) -> Set<String> { try use().reader.jobNames() }

    /// Every fire time of the job up to this one has its row; nil for a job that is not declared.
    public func coveredThrough(_ job: String) throws(LedgerError) -> Instant? {
        try use().reader.coveredThrough(job)
    }

    /// The fire times from `start` to before `end` that have a row, and how far each declared job is covered.
    public func fireTimes(
        from start: Instant, until end: Instant
    ) throws(LedgerError) -> RecordedFireTimes {
        try use().reader.fireTimes(from: start, until: end)
    }

    /// Whether another connection has written since the last call, or since the opening.
    public func changedElsewhere() throws(LedgerError) -> Bool {
        let version = try use().reader.version()
        defer { seenVersion = version }
        return version != seenVersion
    }

    /// Deletes at most `limit` runs that ended before `cutoff`, oldest first, and returns how many; fewer
    /// than `limit` means that no more are left. Open runs stay, and of each declared job the newest run.
    /// Skips that share a row count as one.
    public func prune(finishedBefore cutoff: Instant, limit: Int) throws(LedgerError) -> Int {
        try useForWriting().writer.prune(finishedBefore: cutoff, limit: limit)
    }

    /// Copies the write-ahead log into the file; for idle moments. Never waits for other processes.
    public func checkpoint() throws(LedgerError) {
        try useForWriting().checkpoint()
    }

    /// What is wrong with the file: its pages, its indexes, the checksums of its rows; nil where all is well.
    /// Reads the whole file: about 2 s for a million runs.
    public func integrityProblem() throws(LedgerError) -> String? {
        try use().integrityProblem()
    }

    /// Closes the ledger and lets go of the lock, also when it throws. The file is then whole by itself,
    /// with no log beside it, unless another process has it open. Closing twice does nothing.
    ///
    /// `ended`: when scheduling ended, for the record of the session. It is only left out where that is not
    /// known, as after an error: the session then looks like one that was killed.
    public func close(at ended: Instant? = nil) throws(LedgerError) {
        defer {
            // In this order: the lock is for all that the connection still writes.
            openFile = nil
            fileLock = nil
            lock = nil
        }
        switch access {
        case .scheduling:
            // Where the end cannot be written, the rest is done all the same.
            let end = Result { () throws(LedgerError) in if let ended { try openFile?.end(at: ended) } }
            try openFile?.finish(copying: true)
            try end.get()
        case .writing: try openFile?.finish(copying: false)
        // It may be the last to go, and is not to fail because it may not write.
        case .reading: try? openFile?.finish(copying: false)
        }
    }

    private func use() throws(LedgerError) -> OpenFile {
        guard let openFile else { throw broken?.cause ?? LedgerError(.closed, path) }
        return openFile
    }

    private func useForWriting() throws(LedgerError) -> OpenFile {
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
