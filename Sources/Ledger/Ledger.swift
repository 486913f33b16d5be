public import CivilTime
import Glibc
public import Scheduling

/// The SQLite file that holds every fire time and what became of it. All SQL is in this module.
///
/// It has one owner, who makes one call at a time. Several processes may have the file open: one that schedules, and
/// any number that read it or trigger a run. Every commit is on the disk when it returns.
public final class Ledger {
    public enum Access: Hashable, Sendable {
        /// For the one process that schedules: takes the lock, examines the file (see `integrityProblem()`), and
        /// records a session of this instance.
        ///
        /// `project`: the ledger must belong to this project; a ledger without a project is assigned to it. nil: any
        /// project will do.
        case scheduling(instance: String, since: Instant, project: String? = nil)
        /// For a process that writes beside the one that schedules, as `trigger` does.
        case writing(project: String? = nil)
        /// Creates nothing, and changes nothing in the ledger.
        case reading
    }

    /// The file as the caller named it.
    public let path: String
    /// Whether there was no ledger before: the first start here, a lost cache, or a replaced ledger.
    public private(set) var isNew = false
    let access: Access
    var openFile: OpenFile?
    /// The path of the file with symbolic links resolved, and the right to schedule from it.
    private(set) var lock: (file: String, held: Lock)?
    /// The lock on the file itself.
    var fileLock: FileLock?
    /// Set while the file is unusable and no other one is open in its place.
    var broken: Broken?
    private var seenVersion: Int64 = 0
    private var provenance = LockRecord()
    private var isLatest = false
    private var isMarked = false

    /// Opens the ledger. For scheduling and writing, also creates a missing file and its directory, and migrates an
    /// older file.
    public convenience init(path: String, access: Access) throws(LedgerError) {
        try self.init(locking: path, for: access)
        try open()
    }

    /// Takes the lock, but opens nothing yet.
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

    /// Why only the lock file keeps away a second scheduler that knows this file by another name; nil: the file has a
    /// lock of its own.
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

    /// The marks of the declared jobs, the open runs, and the last session. Marks after `now` belong to a time that is
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

    /// Writes something, or throws the reason why that is impossible.
    public func proveWritable() throws(LedgerError) {
        try useForWriting().sessions.touch()
    }

    /// Notes beside the ledger that it knows everything up to this session. From then on, an older copy can be
    /// recognized.
    public func markAsLatest() {
        guard !isMarked, let lock, let own = openFile?.sessions.own else { return }
        isMarked = true
        provenance.session = own.record.begunAt
        lock.held.record(provenance)
    }

    /// Tells `status` that the scheduling process is alive.
    public func giveSign() { lock?.held.giveSign() }

    /// Writes into the lock file what the next process and `status` read. A crash may lose it, so both must manage
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

    /// Up to this instant, a scheduler may have sent POSTs that the ledger has no claims of.
    func notePosts(unknownUntil instant: Instant) {
        provenance.unknownPostsUntil = instant
        lock?.held.record(provenance)
    }

    /// Writes all changes, or throws and writes none.
    ///
    /// Returns the inserts whose fire time already had a row. For those the ledger writes nothing, and it ignores
    /// updates of them in the same list. A run keeps the `claimedAt` of its insert.
    @discardableResult
    public func commit(_ changes: [Change]) throws(LedgerError) -> Set<RunID> {
        try useForWriting().writer.commit(changes)
    }

    /// The messages of the last commit that the ledger had already, and so did not write.
    public var repeatedMessages: Set<OutboxMessage.Key> { openFile?.writer.outbox.repeated ?? [] }

    /// The runs that match the filter, newest fire time first; runs of the same fire time by job.
    public func runs(_ filter: RunFilter = RunFilter()) throws(LedgerError) -> [Run] {
        try use().reader.runs(filter)
    }

    /// One run and its transitions; nil: the fire time has no row.
    public func run(_ id: RunID) throws(LedgerError) -> RunHistory? {
        try use().reader.history(of: id)
    }

    /// The last runs of each declared job that has any.
    public func lastRuns() throws(LedgerError) -> [String: LastRun] {
        try use().reader.lastRuns()
    }

    /// The names of all jobs that have rows, or had some.
    public func jobNames() throws(LedgerError) -> Set<String> { try use().reader.jobNames() }

    /// Every fire time of the job up to this one has its row; nil: the job is not declared.
    public func coveredThrough(_ job: String) throws(LedgerError) -> Instant? {
        try use().reader.coveredThrough(job)
    }

    /// The fire times that have a row, from `start` to before `end`, and the mark of each declared job.
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

    /// Deletes at most `limit` runs that ended before `cutoff`, oldest first, and returns how many. Fewer than `limit`
    /// means that none are left. Open runs stay, and so does the newest run of each declared job. Skips that share a
    /// row count as one.
    public func prune(finishedBefore cutoff: Instant, limit: Int) throws(LedgerError) -> Int {
        try useForWriting().writer.prune(finishedBefore: cutoff, limit: limit)
    }

    /// Copies the write-ahead log into the file. Call it in idle moments; it never waits for other processes.
    public func checkpoint() throws(LedgerError) {
        try useForWriting().checkpoint()
    }

    /// What is wrong with the file: its pages, its indexes, or the checksums of its rows; nil: nothing. It reads the
    /// whole file, about 2 s for a million runs.
    public func integrityProblem() throws(LedgerError) -> String? {
        try use().integrityProblem()
    }

    /// Closes the ledger and releases the lock, even if it throws. The file is then complete without a log, unless
    /// another process has it open. A second call does nothing.
    ///
    /// `ended`: when scheduling ended, for the record of the session. nil: the caller does not know, as after an error;
    /// the session then looks like one of a killed process.
    public func close(at ended: Instant? = nil) throws(LedgerError) {
        defer {
            // In this order: the connection may still write, and needs the lock for that.
            openFile = nil
            fileLock = nil
            lock = nil
        }
        switch access {
        case .scheduling:
            // If the session's end cannot be written, the rest still happens.
            let end = Result { () throws(LedgerError) in if let ended { try openFile?.end(at: ended) } }
            try openFile?.finish(copying: true)
            try end.get()
        case .writing: try openFile?.finish(copying: false)
        // This process may be the last one to close the file. It must not fail because it may not write.
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

    /// `mkdir -p` for the file's directory.
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
