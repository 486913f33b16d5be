import CivilTime

/// The runs of one project whose pipeline may or may not exist. GitLab's list is the witness. The scheduler believes
/// that a pipeline is absent only when no request that could create it can still be at work.
struct Reconciler: Sendable {
    /// The scheduler gives a run up when GitLab could not show its pipeline for `all`, and this process has asked for
    /// `ours`.
    private static let patience = (all: Duration.seconds(86_400), ours: Duration.seconds(3_600))

    struct Doubt: Hashable, Sendable {
        /// Own clock: no pipeline of the run can be older.
        var since: Instant
        /// Own clock: a search sent then or later proves that a missing pipeline will not come.
        var believableAfter: Instant
        /// Set when the run has its pipeline and the search is for twins. The search goes on when the run is over.
        var twinsOf: Run?
    }

    /// A doubt that a search has answered.
    struct Question: Hashable {
        var id: RunID
        var doubt: Doubt
        /// Whether a pipeline that the search did not find does not exist and never will.
        var isDecisive: Bool
    }

    private var doubts: [RunID: Doubt] = [:]
    /// When each doubt arose in this process.
    private var arisenAt: [RunID: Instant] = [:]
    /// What the search under way asks for, and when it was sent.
    private var search: (doubts: [RunID: Doubt], sentAt: Instant)?
    /// Searches in a row that brought no answer.
    private var failures = 0

    var isEmpty: Bool { doubts.isEmpty }
    var isSearching: Bool { search != nil }
    /// Whether the pipeline of some run may or may not exist.
    var isInDoubt: Bool { doubts.values.contains { $0.twinsOf == nil } }

    func contains(_ id: RunID) -> Bool { doubts[id] != nil }

    /// Whether the search is for twins of the run's pipeline. It does not end with the run.
    func isAboutTwins(of id: RunID) -> Bool { doubts[id]?.twinsOf != nil }

    mutating func add(_ id: RunID, _ doubt: Doubt, at now: Instant) {
        doubts[id] = doubt
        arisenAt[id] = now
    }

    mutating func remove(_ id: RunID) {
        doubts[id] = nil
        arisenAt[id] = nil
    }

    /// Begins a search for every run in doubt. nil where none is in doubt, or a search is under way.
    mutating func ask(at now: Instant) -> (runs: [RunID], since: Instant)? {
        guard !isSearching, let since = doubts.values.map(\.since).min() else { return nil }
        search = (doubts, now)
        return (doubts.keys.sorted(), since)
    }

    /// Ends the search. Returns the runs it asked for that are still in doubt, oldest fire time first; nil: no search
    /// was under way.
    ///
    /// `isComplete`: GitLab showed every pipeline that could belong to one of these runs.
    mutating func answered(isComplete: Bool) -> [Question]? {
        guard let search else { return nil }
        self.search = nil
        failures = 0
        return open(search.doubts).map { id, doubt in
            Question(id: id, doubt: doubt, isDecisive: isComplete && search.sentAt >= doubt.believableAfter)
        }
    }

    /// Ends the search without an answer. Returns how many searches in a row have failed, and the runs that this one
    /// asked for; nil: no search was under way.
    mutating func failed() -> (failures: Int, runs: [RunID])? {
        guard let search else { return nil }
        self.search = nil
        failures += 1
        return (failures, open(search.doubts).map(\.key))
    }

    private func open(_ asked: [RunID: Doubt]) -> [(key: RunID, value: Doubt)] {
        asked.filter { contains($0.key) }.sorted { $0.key < $1.key }
    }

    /// Whether the scheduler can no longer find out if the run has a pipeline.
    func isHopeless(_ id: RunID, at now: Instant) -> Bool {
        guard let doubt = doubts[id], doubt.twinsOf == nil, let arisenAt = arisenAt[id] else { return false }
        return doubt.believableAfter.duration(to: now) > Self.patience.all
            && arisenAt.duration(to: now) > Self.patience.ours
    }

    /// When to search next: soon after the doubt arose, at growing distances, and when absence becomes believable.
    func nextAsk(at now: Instant, settle: Duration) -> Instant? {
        guard !isSearching, let decisive = doubts.values.map(\.believableAfter).min() else { return nil }
        let soon = now.advanced(by: max(settle / 8, .milliseconds(50)))
        return decisive > now ? min(decisive, soon) : soon
    }

    mutating func clockWasSet(by step: Duration) {
        doubts = doubts.mapValues { doubt in
            var doubt = doubt
            doubt.since = doubt.since.advanced(by: step)
            doubt.believableAfter = doubt.believableAfter.advanced(by: step)
            return doubt
        }
        arisenAt = arisenAt.mapValues { $0.advanced(by: step) }
        search = search.map { ($0.doubts, $0.sentAt.advanced(by: step)) }
    }
}
