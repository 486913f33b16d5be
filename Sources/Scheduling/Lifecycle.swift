/// What the scheduler as a whole is doing.
enum Phase: Hashable, Sendable {
    /// Not yet known to be the newest instance.
    case standby
    /// The newest, and reading from GitLab what the ledger may lack.
    case surveying
    case scheduling
    /// Superseded, or `--once`: it begins no new fire times, and watches its open runs to their end.
    case draining
    /// Asked to end: it waits only for requests under way.
    case ending
    case over
}

/// From the start of a process to its end.
struct Lifecycle: Sendable {
    private(set) var phase = Phase.standby
    private var hasStarted = false
    /// Whether the scheduler has resumed the ledger's open runs.
    private(set) var hasResumed = false
    /// The end of the own CI job is so near that the scheduler begins no new runs.
    private(set) var isPastDeadline = false
    /// GitLab has created the pipeline of the next instance.
    private(set) var hasSuccessor = false
    /// Times in a row that no successor could be started.
    private var failedSuccessions = 0
    /// Requests to retry, to cancel or to start a successor that GitLab has not answered. The end waits for their
    /// answers.
    private(set) var actsUnderWay = 0
    private var endedRuns = 0
    /// Runs of this process that ended badly: `--once` and `trigger` report it.
    private var badlyEndedRuns = 0
    /// Those of them that got no pipeline, so that nothing in GitLab tells of them.
    private var unsentRuns = 0

    /// Whether the process is ending, so that the scheduler asks and begins nothing any more.
    var isEnding: Bool { phase == .ending || phase == .over }

    /// Returns false when it was started before.
    mutating func start() -> Bool {
        defer { hasStarted = true }
        return !hasStarted
    }

    mutating func enter(_ phase: Phase) { self.phase = phase }

    /// Returns whether it is the first time: then the scheduler resumes the ledger's open runs.
    mutating func schedule() -> Bool {
        defer { hasResumed = true }
        phase = .scheduling
        return !hasResumed
    }

    mutating func reachedDeadline() { isPastDeadline = true }

    mutating func startedSuccessor() { hasSuccessor = true }

    /// Returns how often in a row it failed.
    mutating func successionFailed() -> Int {
        failedSuccessions += 1
        return failedSuccessions
    }

    mutating func sent(acts count: Int) { actsUnderWay += count }

    mutating func actAnswered() { actsUnderWay = max(0, actsUnderWay - 1) }

    mutating func ended(_ run: Run) {
        endedRuns += 1
        switch run.state {
        case .failed, .canceled, .refused, .lost:
            badlyEndedRuns += 1
            if run.pipeline == nil { unsentRuns += 1 }
        case .claimed, .uncertain, .triggered, .retrying, .blocked, .succeeded, .skipped: break
        }
    }

    /// How `--once` and `trigger` end. Where the process does not wait for pipelines, a failed one is no fault of this start.
    func result(openRuns: Int, isWaiting: Bool = true) -> (code: Int32, words: String) {
        var words =
            endedRuns == 0 && openRuns == 0
            ? "nothing was due" : Self.words(endedRuns, badlyEndedRuns)
        if !isWaiting, openRuns > 0 {
            words += "; \(openRuns) open \(openRuns == 1 ? "run is" : "runs are") for the next start to watch"
        }
        return ((isWaiting ? badlyEndedRuns : unsentRuns) == 0 ? 0 : 1, words)
    }

    /// `1 run ended well`, `3 runs ended, 2 of them badly`.
    private static func words(_ ended: Int, _ badly: Int) -> String {
        let runs = ended == 0 ? "no run" : ended == 1 ? "1 run" : "\(ended) runs"
        switch badly {
        case 0: return ended == 0 ? "no run has ended" : "\(runs) ended well"
        case ended: return "\(runs) ended badly"
        default: return "\(runs) ended, \(badly) of them badly"
        }
    }
}
