public import CivilTime
public import Scheduling
import Text

/// What a Prometheus may want to know of the process: counters of what it did, and where its jobs stand.
///
/// The loop tells it each decision as it commits it. A value, so that another queue may write one of its states while
/// the loop goes on.
public struct Metrics: Sendable {
    /// The states that are counted as runs. A skip has a counter of its own.
    static let finalStates = RunState.allCases.filter { !$0.isOpen && $0 != .skipped }

    /// What is known of one job.
    struct Row: Sendable {
        let name: String
        /// nil: the job is not declared.
        var job: Job?
        /// In the order of `finalStates`.
        var runs = Metrics.finalStates.map { _ in 0 }
        var skips: [String: Int] = [:]
        var lastSuccess: Instant?
    }

    private(set) var rows: [Row] = []
    private var places: [String: Int] = [:]
    private(set) var lateness = Histogram.lateness
    private(set) var runDuration = Histogram.runDuration
    /// Open runs whose lateness was counted. GitLab's lists may show a pipeline more than once.
    private var started: Set<RunID> = []

    /// Runs that are not over.
    public var openRuns = 0
    /// Whether the process creates pipelines: it is the newest instance, and does not end.
    public var isActive = false
    /// The day on which the token ends; nil: it has no end, or GitLab does not tell.
    public var tokenExpiry: Instant?

    public init() {}

    /// The declared jobs are these. `lastSuccess`: when a run of each job last succeeded, as far as the ledger knows.
    public mutating func declare(jobs: [Job], now: Instant, lastSuccess: [String: Instant] = [:]) {
        for place in rows.indices { rows[place].job = nil }
        for job in jobs.sorted(by: { $0.name < $1.name }) {
            let place = place(of: job.name)
            rows[place].job = job
            guard let time = lastSuccess[job.name], time <= now else { continue }
            rows[place].lastSuccess = max(time, rows[place].lastSuccess ?? time)
        }
    }

    /// Counts what became durable. `duplicates`: fire times that had their row already, so that the ledger did not
    /// take their new rows.
    public mutating func note(_ decision: Decision, duplicates: Set<RunID> = []) {
        let known = Dictionary(grouping: duplicates, by: \.job)
        for change in decision.changes { note(change, known) }
        for case .outcome(let outcome) in decision.news where !duplicates.contains(outcome.run.id) {
            note(outcome)
        }
    }

    private mutating func note(_ change: Change, _ duplicates: [String: [RunID]]) {
        switch change {
        case .skip(let span):
            let known = duplicates[span.job] ?? []
            let count = span.fireTimes.count - known.count { span.fireTimes.position(of: $0.fireTime) != nil }
            self.count(count, skippedFor: span.words.text, of: span.job)
        // A survey inserts runs that GitLab skipped in the past. Those have a pipeline.
        case .insert(let run) where run.state == .skipped && run.pipeline == nil:
            if duplicates[run.id.job]?.contains(run.id) != true {
                count(1, skippedFor: run.reason ?? "", of: run.id.job)
            }
        case .update(let run, at: _) where run.state == .skipped:
            count(1, skippedFor: run.reason ?? "", of: run.id.job)
        case .insert, .update, .cover, .withdraw, .forget, .mark, .tell, .told, .incident: break
        }
    }

    private mutating func count(_ count: Int, skippedFor reason: String, of job: String) {
        guard count > 0 else { return }
        rows[place(of: job)].skips[Self.word(of: reason), default: 0] += count
    }

    /// The words before the colon; without a colon, the first word. The rest may differ from skip to skip.
    static func word(of reason: String) -> String {
        if let (before, _) = reason.cut(at: ":") { return String(before) }
        // "the job was removed …", "the job is not declared any more"
        return reason.hasPrefix("the job ") ? "undeclared" : String(reason.prefix { $0 != " " })
    }

    private mutating func note(_ outcome: Outcome) {
        let run = outcome.run
        switch outcome.event {
        case .created, .found: noteStart(of: run)
        default: break
        }
        guard !run.state.isOpen else { return }
        started.remove(run.id)
        if let length = run.length { runDuration.note(length) }
        guard let state = Self.finalStates.firstIndex(of: run.state) else { return }
        let place = place(of: run.id.job)
        rows[place].runs[state] += 1
        guard run.state == .succeeded, let time = run.finishedAt else { return }
        rows[place].lastSuccess = max(time, rows[place].lastSuccess ?? time)
    }

    private mutating func noteStart(of run: Run) {
        guard let late = run.lateness, started.insert(run.id).inserted else { return }
        lateness.note(late)
    }

    private mutating func place(of name: String) -> Int {
        if let place = places[name] { return place }
        places[name] = rows.count
        rows.append(Row(name: name))
        return rows.count - 1
    }
}
