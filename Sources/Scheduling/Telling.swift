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
    /// Fire times of a job that another ledger decided, as far as they are recorded.
    private var unrecorded: [String: Int] = [:]
    var outbox: Outbox
    /// Messages of channels that are not there any more.
    private var orphans: [OutboxMessage.Key]
    /// The end of the process waits for channels until then; nil: it has not begun to wait.
    var farewell: Instant?

    init(_ settings: NotifySettings, past: Past) {
        channels = settings.channels
        standard = NotifyPolicy(to: settings.standard)
        heartbeat = settings.heartbeat
        incidents = past.incidents
        let known = settings.channels
        orphans = past.outbox.map(\.key).filter { known[$0.channel] == nil }
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

    mutating func isUnsure(of run: RunID) { unsure[run] = .some(incidents[run.job]) }

    /// The ledger had `duplicates` already, and what it knows of their jobs holds.
    mutating func committed(except duplicates: Set<RunID>) {
        outbox.committed(except: duplicates)
        guard !unsure.isEmpty else { return }
        for (run, incident) in unsure where duplicates.contains(run) { incidents[run.job] = incident }
        unsure = [:]
    }

    // MARK: Fire times that another ledger decided

    mutating func records(_ count: Int, of job: String) { unrecorded[job, default: 0] += count }

    mutating func takeUnrecorded(of job: String) -> Int { unrecorded.removeValue(forKey: job) ?? 0 }
}
