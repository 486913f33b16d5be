import CivilTime

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
    /// Lists overlap by this much, because GitLab may show a change later than it dates it.
    private static let overlap = Duration.seconds(5)

    /// One list request, and looks at single pipelines.
    struct Round {
        /// GitLab's clock.
        var changedAfter: Instant
        var looks: [(run: RunID, pipeline: Int64)]
    }

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
    private var isAsking = false
    /// Lists in a row that brought no answer.
    private var failures = 0
    private var unknownStatuses: Set<String> = []

    var isEmpty: Bool { pipelines.isEmpty }

    /// Returns whether it is the only one.
    @discardableResult
    mutating func add(_ run: RunID, pipeline: Int64, seen: Instant) -> Bool {
        defer { pipelines[pipeline] = Watched(run: run, seen: seen, isBlocked: false) }
        return pipelines.isEmpty
    }

    mutating func remove(pipeline: Int64) { pipelines[pipeline] = nil }

    func run(of pipeline: Int64) -> RunID? { pipelines[pipeline]?.run }

    mutating func saw(_ pipeline: Int64, blocked: Bool, at now: Instant) {
        pipelines[pipeline]?.seen = now
        pipelines[pipeline]?.isBlocked = blocked
    }

    /// Whether GitLab says this status for the first time, and this version does not know it.
    mutating func isNew(status: String) -> Bool { unknownStatuses.insert(status).inserted }

    /// Whether GitLab has told of the pipeline at `start` or later.
    func hasSeen(_ pipeline: Int64, since start: Instant) -> Bool {
        pipelines[pipeline].map { $0.seen >= start } ?? true
    }

    /// Whether what is known of a pipeline is older than a moment.
    func isStale(_ pipeline: Int64, at now: Instant) -> Bool {
        pipelines[pipeline].map { $0.seen.duration(to: now) > Self.moment } ?? false
    }

    /// What the next round asks for; nil where nothing is watched or the last list has no answer yet.
    mutating func nextRound(at now: Instant, serverNow: Instant) -> Round? {
        guard !isEmpty, !isAsking else { return nil }
        isAsking = true
        let looks = unseen(at: now)
        for look in looks { pipelines[look.pipeline]?.asked = now }
        return Round(changedAfter: changedAfter(serverNow: serverNow), looks: looks)
    }

    mutating func clockWasSet(by step: Duration) {
        for id in pipelines.keys { pipelines[id]?.moveClock(by: step) }
    }

    /// GitLab has answered the list. Returns whether the lists before had failed.
    @discardableResult
    mutating func listed(serverTime: Instant?) -> Bool {
        defer { failures = 0 }
        isAsking = false
        listedAt = serverTime ?? listedAt
        return failures > 0
    }

    /// The list has failed. Returns how often in a row.
    mutating func listFailed() -> Int {
        isAsking = false
        failures += 1
        return failures
    }

    /// Where the next list has to begin, on GitLab's clock.
    func changedAfter(serverNow: Instant) -> Instant {
        (listedAt ?? serverNow.advanced(by: .seconds(-60))).advanced(by: .zero - Self.overlap)
    }

    /// The pipelines to look at one by one in this round, those unseen for longest first. A blocked pipeline moves
    /// rarely: the scheduler looks at it once an hour.
    func unseen(at now: Instant) -> [(run: RunID, pipeline: Int64)] {
        pipelines.filter { $0.value.heard.duration(to: now) >= .seconds($0.value.isBlocked ? 3_600 : 60) }
            .sorted { ($0.value.heard, $0.key) < ($1.value.heard, $1.key) }
            .prefix(Self.looksPerRound)
            .map { ($0.value.run, $0.key) }
    }
}
