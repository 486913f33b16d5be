import CivilTime

/// Who is told of what, and what was told.
struct Telling: Sendable {
    let channels: [String: ChannelTraits]
    /// The policy of jobs that have none of their own.
    private let standard: NotifyPolicy
    let heartbeat: Duration?
    /// By job.
    private var incidents: [String: Incident]
    /// The incidents as they were before runs were found that the ledger may have already, by run.
    private var unsure: [RunID: Incident?] = [:]
    /// The newest run of each job that this reading of GitLab has found.
    private var newest: [String: Run] = [:]
    /// Fire times of a job that another ledger decided, as far as they are recorded: how many, and the newest.
    private var unrecorded: [String: (count: Int, last: Instant)] = [:]
    /// The newest fire time of each job whose end this process has judged.
    private var judged: [String: Instant] = [:]
    var outbox: Outbox
    /// Messages of channels that are not there any more.
    private var orphans: [OutboxMessage.Key]
    /// Messages that are over, and that the ledger still has as waiting: it hears of many at once. Until when it must.
    private(set) var over: [OutboxMessage.Key] = []
    private(set) var overUntil: Instant?
    /// While many POSTs are under way, messages wait until then; nil: they do not.
    var heldUntil: Instant?
    /// The end of the process waits for channels until then; nil: it has not begun to wait.
    var farewell: Instant?

    init(_ settings: NotifySettings, past: Past, now: Instant) {
        channels = settings.channels
        standard = NotifyPolicy(to: settings.standard)
        heartbeat = settings.heartbeat
        incidents = past.incidents
        let known = settings.channels
        // The variable may come back, so they wait as long as any others.
        orphans = past.outbox.filter {
            known[$0.channel] == nil && $0.at.duration(to: now) > OutboxLane.patience
        }.map(\.key)
        outbox = Outbox(settings.channels, waiting: past.outbox)
    }

    /// Nobody listens.
    var isOff: Bool { channels.isEmpty }

    func policy(of job: Job?) -> NotifyPolicy { job?.notify ?? standard }

    /// Where the scheduler's own messages go.
    var ownChannels: [String] { standard.channels[.failed] ?? [] }

    func incident(of job: String) -> Incident? { incidents[job] }

    /// Returns false where that changes nothing.
    mutating func set(_ incident: Incident?, of job: String) -> Bool {
        guard incidents[job] != incident else { return false }
        incidents[job] = incident
        return true
    }

    /// Messages that nobody can take any more, once.
    mutating func takeOrphans() -> [OutboxMessage.Key] {
        defer { orphans = [] }
        return orphans
    }

    mutating func isOver(_ messages: [OutboxMessage], until end: Instant) {
        over += messages.map(\.key)
        overUntil = overUntil ?? end
    }

    mutating func takeOver() -> [OutboxMessage.Key] {
        defer { (over, overUntil) = ([], nil) }
        return over
    }

    // MARK: Runs that were found

    mutating func found(_ run: Run) {
        guard newest[run.id.job].map({ $0.id < run.id }) ?? true else { return }
        newest[run.id.job] = run
    }

    /// The newest run of each job, if it is over. Each reading of a project tells them once.
    mutating func takeNewest() -> [Run] {
        defer { newest = [:] }
        return newest.values.filter { !$0.state.isOpen }.sorted { $0.id < $1.id }
    }

    mutating func judges(_ run: RunID) {
        judged[run.job] = max(run.fireTime, judged[run.job] ?? run.fireTime)
    }

    /// Whether a newer run of the job is known to be over.
    func isOutdated(_ run: RunID) -> Bool { judged[run.job].map { run.fireTime < $0 } ?? false }

    /// What a new ledger must hear where the old one is lost.
    var keepsake: [Change] {
        outbox.messages.map { .tell($0) }
            + incidents.map { .incident(job: $0, $1, since: RunID(job: $0, fireTime: .distantPast)) }
    }

    mutating func isUnsure(of run: RunID) { unsure[run] = .some(incidents[run.job]) }

    /// The ledger had `duplicates` already, and what it knows of their jobs holds.
    mutating func committed(except duplicates: Set<RunID>, _ repeated: Set<OutboxMessage.Key>) {
        outbox.committed(except: duplicates, repeated)
        guard !unsure.isEmpty else { return }
        for (run, incident) in unsure where duplicates.contains(run) { incidents[run.job] = incident }
        unsure = [:]
    }

    // MARK: Fire times that another ledger decided

    mutating func records(_ skips: Skips, of job: String) {
        guard let last = skips.last?.fireTime else { return }
        unrecorded[job] = ((unrecorded[job]?.count ?? 0) + skips.count, last)
    }

    mutating func takeUnrecorded(of job: String) -> (count: Int, last: Instant)? {
        unrecorded.removeValue(forKey: job)
    }
}
