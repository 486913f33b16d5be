import CivilTime
import DequeModule

/// The claims on their way to GitLab, until GitLab answers their POST.
///
///     add ─▶ lane ──release──▶ committing ──committed──▶ sendable ──next──▶ in flight ──answered──▶
///             ▲ one for each project and ref: rate limit, pauses       │
///             └────────────────── add again ◀──────────────────────────┘
struct PostQueue: Sendable {
    private let perMinute: Int
    private let maxInFlight: Int
    private var lanes: [Lane.Key: Lane] = [:]
    /// The lanes in which a claim may wait: with a thousand projects, most have none.
    private var busy: Set<Lane.Key> = []
    /// GitLab asked to post nothing before this, in any project.
    private var allPausedUntil: Instant?
    /// Runs whose `sending` is not durable yet.
    private var committing: [RunID] = []
    /// Runs that may be posted as soon as a request is free.
    private var sendable: Deque<RunID> = []
    /// POSTs under way, each with its lane.
    private var inFlight: [RunID: Lane.Key] = [:]

    init(perMinute: Int, maxInFlight: Int) {
        self.perMinute = perMinute
        self.maxInFlight = maxInFlight
    }

    var inFlightCount: Int { inFlight.count }

    var busyLanes: [Lane.Key] { busy.sorted() }

    /// Puts a claim into its lane. `notBefore` holds up the whole lane.
    mutating func add(_ id: RunID, to key: Lane.Key, notBefore: Instant?, at now: Instant) {
        lanes[key, default: Lane(perMinute: perMinute)].add(id)
        busy.insert(key)
        for pause in [notBefore, allPausedUntil] {
            if let pause, pause > now { lanes[key]?.pause(until: pause) }
        }
    }

    /// The next claim of a lane that may be posted now. The caller writes it as `sending` first, or calls `passed`.
    mutating func release(from key: Lane.Key, at now: Instant) -> RunID? { lanes[key]?.release(at: now) }

    /// When the lane lets go of the next claim; nil: an answer has to come first, or none waits.
    mutating func nextRelease(from key: Lane.Key, at now: Instant) -> Instant? {
        if lanes[key]?.isEmpty ?? true { busy.remove(key) }
        return lanes[key]?.nextRelease(at: now)
    }

    /// The run's `sending` is about to be written.
    mutating func commits(_ id: RunID) { committing.append(id) }

    func isCommitting(_ id: RunID) -> Bool { committing.contains(id) }

    /// Whether a lane has let a run go that GitLab has not answered.
    func isUnderWay(_ isMeant: (RunID) -> Bool) -> Bool {
        committing.contains(where: isMeant) || sendable.contains(where: isMeant)
            || inFlight.keys.contains(where: isMeant)
    }

    /// The `sending` of the committing runs is durable, except for runs that the ledger had already.
    mutating func committed(except duplicates: Set<RunID>) {
        sendable.append(contentsOf: committing.lazy.filter { !duplicates.contains($0) })
        committing.removeAll(keepingCapacity: true)
    }

    /// The next durable claim, as long as a request is free.
    mutating func next() -> RunID? { inFlight.count < maxInFlight ? sendable.popFirst() : nil }

    /// Whether a claim that the lane let go before may still be posted: a pause may have begun since.
    func isOpen(_ key: Lane.Key, at now: Instant) -> Bool { lanes[key]?.isOpen(at: now) ?? true }

    mutating func sent(_ id: RunID, in key: Lane.Key) { inFlight[id] = key }

    /// The POST of the run is over. Returns its lane; nil: this scheduler has not sent it.
    mutating func answered(_ id: RunID) -> Lane.Key? { inFlight.removeValue(forKey: id) }

    /// GitLab has answered; `pausedUntil`: it asks to wait.
    mutating func gotThrough(_ key: Lane.Key, pausedUntil: Instant? = nil) {
        lanes[key]?.answered()
        pausedUntil.map { lanes[key]?.pause(until: $0) }
    }

    /// GitLab limits the token's user over all projects.
    mutating func pauseAll(until instant: Instant) {
        allPausedUntil = instant
        for key in lanes.keys { lanes[key]?.pause(until: instant) }
    }

    /// The POST did not get through. Returns when the lane tries again.
    @discardableResult
    mutating func failed(_ key: Lane.Key, at now: Instant) -> Instant {
        lanes[key]?.failed(at: now, key: key.project) ?? now
    }

    /// A claim that the lane let go is not posted after all: the next one may go.
    mutating func passed(_ key: Lane.Key) { lanes[key]?.passed() }

    /// No lane waits any more for a claim that it let go.
    mutating func passAll() {
        for key in lanes.keys { lanes[key]?.passed() }
    }

    /// Takes a claim out of its lane.
    mutating func remove(_ id: RunID, from key: Lane.Key) { lanes[key]?.remove(id) }

    /// Takes out the claims that the lanes have let go and that the network has not got.
    mutating func takeBack() -> [RunID] {
        defer { passAll() }
        committed(except: [])
        defer { sendable = [] }
        return Array(sendable)
    }

    /// Why a claim waits in its lane; nil: it does not.
    func waitWords(_ key: Lane.Key, at now: Instant) -> String? {
        guard let lane = lanes[key] else { return nil }
        if let until = lane.pausedUntil, until > now {
            return "waits until \(until.rfc3339), as GitLab asked"
        }
        if lane.failures > 0 { return "waits for GitLab, which did not answer" }
        guard !lane.isEmpty else { return nil }
        return "waits for the rate limit of \(perMinute) pipelines a minute"
    }

    mutating func clockWasSet(by step: Duration) {
        allPausedUntil = allPausedUntil?.advanced(by: step)
        for key in lanes.keys { lanes[key]?.clockWasSet(by: step) }
    }
}
