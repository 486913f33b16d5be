import Cron

/// The pipelines of one project that are not over yet.
///
/// One list request asks for everything that changed since the last one, so that the cost does not grow
/// with the number of pipelines; one that has not been seen for a minute is looked at by itself, in case
/// a change was missed.
struct Watch: Sendable {
    /// Pipelines looked at one by one in one round: a bound on requests, not on pipelines.
    private static let looksPerRound = 10
    /// Short enough not to matter to a schedule, long enough to bound the looks at a job that fires each second.
    private static let moment = Duration.seconds(1)
    /// Changes that may become visible later than they are dated.
    private static let overlap = Duration.seconds(5)

    private struct Watched {
        var run: RunID
        var seen: Instant
        /// When a look at it was last asked for.
        var asked = Instant.distantPast
        var isBlocked: Bool

        /// The last time there was, or will be, news of it.
        var heard: Instant { max(seen, asked) }

        mutating func moveClock(by step: Duration) {
            seen = seen.advanced(by: step)
            asked = asked.advanced(by: step)
        }
    }

    private var pipelines: [Int64: Watched] = [:]
    /// GitLab's clock at the last list.
    private var listedAt: Instant?
    var isAsking = false
    var failures = 0

    var isEmpty: Bool { pipelines.isEmpty }

    /// Returns whether it is the only one.
    @discardableResult
    mutating func add(_ run: RunID, pipeline: Int64, seen: Instant) -> Bool {
        defer { pipelines[pipeline] = Watched(run: run, seen: seen, isBlocked: false) }
        return pipelines.isEmpty
    }

    mutating func remove(pipeline: Int64) {
        pipelines[pipeline] = nil
    }

    func run(of pipeline: Int64) -> RunID? { pipelines[pipeline]?.run }

    mutating func saw(_ pipeline: Int64, blocked: Bool, at now: Instant) {
        pipelines[pipeline]?.seen = now
        pipelines[pipeline]?.isBlocked = blocked
    }

    /// Whether what is known of a pipeline is older than a moment.
    func isStale(_ pipeline: Int64, at now: Instant) -> Bool {
        pipelines[pipeline].map { $0.seen.duration(to: now) > Self.moment } ?? false
    }

    mutating func asked(_ pipeline: Int64, at now: Instant) {
        pipelines[pipeline]?.asked = now
    }

    /// After the clock was set by `step`.
    mutating func clockWasSet(by step: Duration) {
        for id in pipelines.keys { pipelines[id]?.moveClock(by: step) }
    }

    mutating func listed(serverTime: Instant?) {
        listedAt = serverTime ?? listedAt
        failures = 0
    }

    /// Where the next list has to begin, on GitLab's clock.
    func changedAfter(serverNow: Instant) -> Instant {
        (listedAt ?? serverNow.advanced(by: .seconds(-60))).advanced(by: .zero - Self.overlap)
    }

    /// The pipelines to look at one by one in this round, those unseen for longest first. What waits for
    /// a person moves rarely and is looked at once an hour.
    func unseen(at now: Instant) -> [(run: RunID, pipeline: Int64)] {
        pipelines.filter { $0.value.heard.duration(to: now) >= .seconds($0.value.isBlocked ? 3_600 : 60) }
            .sorted { ($0.value.heard, $0.key) < ($1.value.heard, $1.key) }
            .prefix(Self.looksPerRound)
            .map { ($0.value.run, $0.key) }
    }
}

/// The runs of one project of which it is not known whether they have a pipeline.
struct Doubts: Sendable {
    struct Doubt: Hashable, Sendable {
        /// Own clock: no pipeline of the run can be older.
        var since: Instant
        /// Own clock: a search sent later than this believes that a missing pipeline will not come.
        var believableAfter: Instant
        /// A pipeline exists, and the search is for twins of it: also when the run is over meanwhile.
        var twinsOf: Run?
    }

    private(set) var runs: [RunID: Doubt] = [:]
    /// What the search under way asks for, and when it was sent.
    private(set) var asked: (runs: [RunID: Doubt], at: Instant)?
    var failures = 0

    var isEmpty: Bool { runs.isEmpty }

    mutating func add(_ id: RunID, _ doubt: Doubt) { runs[id] = doubt }

    mutating func remove(_ id: RunID) { runs[id] = nil }

    /// After the clock was set by `step`.
    mutating func clockWasSet(by step: Duration) {
        runs = runs.mapValues { doubt in
            var doubt = doubt
            doubt.since = doubt.since.advanced(by: step)
            doubt.believableAfter = doubt.believableAfter.advanced(by: step)
            return doubt
        }
        asked = asked.map { ($0.runs, $0.at.advanced(by: step)) }
    }

    /// Begins a search for all of them.
    mutating func ask(at now: Instant) -> (runs: [RunID], since: Instant) {
        asked = (runs, now)
        let since = runs.values.map(\.since).min() ?? now
        return (runs.keys.sorted(), since)
    }

    /// Ends the search; what it asked for and nobody resolved meanwhile.
    mutating func answered() -> (runs: [RunID: Doubt], at: Instant)? {
        defer { asked = nil }
        return asked.map { asked in (asked.runs.filter { runs[$0.key] != nil }, asked.at) }
    }

    /// When to search next: soon after the doubt arose, at growing distances, and when absence becomes believable.
    func nextAsk(at now: Instant, settle: Duration) -> Instant? {
        guard asked == nil, let decisive = runs.values.map(\.believableAfter).min() else { return nil }
        let soon = now.advanced(by: max(settle / 8, .milliseconds(50)))
        return decisive > now ? min(decisive, soon) : soon
    }
}
