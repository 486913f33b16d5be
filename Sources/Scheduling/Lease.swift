import CivilTime

/// Whether this instance may schedule, and for how long that is known.
///
/// Outside CI there is no other instance: the ledger's lock sees to that. In CI the jobs API tells which instances
/// there are, and the newest one schedules. Two instances agree on the handover without talking to each other. Both can
/// read from GitLab when the newer one's CI job started. One lease later is the *line*: the older instance posts the
/// fire times before it, and the newer one posts the others. Both compare fire times with the line on GitLab's clock,
/// so that their own clocks need not agree. The older one sends its last POST a grace later. It trusts its last check
/// for one lease, and takes no fire time further from it.
///
///     older     schedules ─────────────────────line──grace┤ handover      drains, ends
///     newer             │ job starts    stands by ├────margin─────▶ schedules
///                       └────────── lease ────────┘
struct Lease: Sendable {
    enum Standing: Hashable, Sendable {
        /// The own CI job or the other instances are not known yet.
        case unidentified
        /// Another instance may be posting until the handover; nil: it is not known which.
        case standby(older: Int64?)
        case newest
        /// A newer instance runs and begins at the handover; until then this one goes on.
        case handingOver(to: Int64, at: Instant)
        /// A newer instance schedules (`waits` false), or waits for this one to end.
        case superseded(by: Int64, waits: Bool)
    }

    /// Instances that did not run any more when this one started. Newer ones are among them: a runner may have taken
    /// their CI jobs first.
    private enum Former: Hashable {
        case unasked
        /// GitLab refused to list them.
        case unknown
        case known([Instance])
    }

    /// For clocks that differ, times in whole seconds, and requests that are under way at the handover.
    static let margin = Duration.seconds(5)
    /// The older instance posts until this long after the line: GitLab tells its time in whole seconds, and answers
    /// take a while.
    static let grace = Duration.seconds(3)
    /// A CI job that seems to have started longer before its process than this has a wrong date.
    private static let longestStart = Duration.seconds(3_600)
    /// GitLab reads from no replica that lags by more (`max_replication_lag_time`).
    private static let longestLag = Duration.seconds(60)
    /// How long a process may go on after GitLab has ended its job: the runner hears of it within a minute.
    static let afterlife = Duration.seconds(90)

    private(set) var standing: Standing
    /// Whether no older instance was left when this one became the newest.
    private(set) var isSole: Bool
    let length: Duration
    /// Own clock: when the own CI job started, or else this process.
    private(set) var started: Instant
    private var startedThere: Instant?
    private var lineOfSuccessor: Instant?
    private(set) var own: Instance?
    private var former = Former.unasked
    private var knowsAllFormer = false
    /// When the request of the last proof was sent.
    private(set) var provedAt: Instant?
    /// A moment on GitLab's clock at which no newer instance ran.
    private var provedThere: Instant?
    private(set) var askedAt: Instant?
    private(set) var failures = 0

    init(instance: Int64?, length: Duration, started: Instant) {
        standing = instance == nil ? .newest : .unidentified
        isSole = instance == nil
        self.length = length
        self.started = started
    }

    /// Until when POSTs may be sent, as far as is known at `now`; nil: none may.
    func postsUntil(inCI: Bool, at now: Instant) -> Instant? {
        switch standing {
        case .newest where !inCI: return .distantFuture
        case .newest:
            guard let provedAt, provedAt <= now else { return nil }
            let end = provedAt.advanced(by: length)
            return now < end ? end : nil
        case .handingOver(_, let handover): return now < handover ? handover : nil
        case .unidentified, .standby, .superseded: return nil
        }
    }

    /// This instance was the newest at its last check, and that check has expired.
    func hasLapsed(at now: Instant) -> Bool {
        guard standing == .newest else { return false }
        return provedAt.map { $0.advanced(by: length) <= now } ?? true
    }

    var isAsking: Bool { askedAt != nil }
    var knowsFormer: Bool { former != .unasked }

    /// Own clock: from here on this instance posts fire times, if there is an older one.
    var handoverToOwn: Instant { started.advanced(by: length) }

    /// The first moment, on GitLab's clock where that is known, whose fire times no older instance posts; nil: a newer
    /// one may have posted them.
    var ownLine: Instant? {
        guard let own, case .known(let instances) = former,
            instances.allSatisfy({ $0.startedAt == nil || !own.isOlder(than: $0) })
        else { return nil }
        return (startedThere ?? started).advanced(by: length)
    }

    /// Whether there never was another instance, or the ledger knows everything that each of them did.
    var hadNobody: Bool { former == .known([]) && knowsAllFormer && isSole }

    /// The first moment, on GitLab's clock, whose fire times are the successor's. While no successor shows, one may
    /// have started right after the last proof. nil outside CI.
    var line: Instant? {
        switch standing {
        case .newest: provedThere?.advanced(by: length)
        case .handingOver: lineOfSuccessor
        case .unidentified, .standby, .superseded: nil
        }
    }

    /// When the standing changes without an answer.
    var nextChange: Instant? {
        switch standing {
        case .standby: handoverToOwn.advanced(by: Self.margin)
        case .handingOver(_, let handover): handover
        case .unidentified, .newest, .superseded: nil
        }
    }

    mutating func asked(at now: Instant) { askedAt = now }

    mutating func failed() {
        askedAt = nil
        failures += 1
    }

    mutating func identified(_ instance: Instance) {
        askedAt = nil
        failures = 0
        own = instance
    }

    /// Learns which instances there were before this process; nil: that cannot be known.
    ///
    /// `isAll`: the list is complete. `trusted`: none of them can have a process any more, and the ledger knows what
    /// they did.
    mutating func sawFormer(_ instances: [Instance]?, isAll: Bool, trusted: Bool) {
        askedAt = nil
        failures = 0
        guard let own, let instances else { return former = .unknown }
        knowsAllFormer = isAll || trusted
        former = .known(trusted ? [] : instances.filter { $0.isPeer(of: own) })
    }

    /// Whether a former instance may still have a process that posts.
    private func lingering(at now: Instant) -> Standing? {
        guard case .known(let instances) = former else { return .standby(older: nil) }
        return instances.filter { $0.mayHaveProcess(at: now, for: Self.afterlife) }
            .max { $0.isOlder(than: $1) }.map { .standby(older: $0.id) }
    }

    /// Judges the instances that run or wait. Those of another name or ref do not count. `serverTime`: GitLab's clock as
    /// it answered.
    mutating func saw(_ instances: [Instance], at now: Instant, serverTime: Instant? = nil) {
        defer { askedAt = nil }
        failures = 0
        guard let own, let askedAt else { return }
        let peers = instances.filter { $0.isPeer(of: own) }
        learnStart(from: instances, own)
        let successors = peers.filter { own.isOlder(than: $0) }
        guard let newest = successors.max(by: { $0.isOlder(than: $1) }) else {
            provedAt = askedAt
            provedThere = serverTime?.advanced(by: now.duration(to: askedAt)) ?? askedAt
            return standAlone(among: peers, at: now)
        }
        giveWay(to: newest, successors.filter(\.isRunning), at: now)
    }

    /// Other instances take the start of the own CI job for the start of this instance.
    private mutating func learnStart(from instances: [Instance], _ own: Instance) {
        guard standing == .unidentified, let job = instances.first(where: { $0.id == own.id }),
            let start = job.startedAt ?? own.startedAt, start.duration(to: started) < Self.longestStart
        else { return }
        startedThere = job.startedThere
        guard start <= started else { return }
        started = start
    }

    private mutating func giveWay(to newest: Instance, _ running: [Instance], at now: Instant) {
        guard !running.isEmpty else { return standing = .superseded(by: newest.id, waits: true) }
        if case .superseded(_, waits: false) = standing { return }
        // Each of several older instances gives way at the same instant: the first successor's start decides.
        let first = running.min { ($0.startedAt ?? .distantPast) < ($1.startedAt ?? .distantPast) }
        let start = start(of: first)
        let line = start == .distantPast ? now : start.advanced(by: length)
        var handover = line.advanced(by: Self.grace)
        // Each reading of GitLab's clock moves the handover a little: the earliest counts.
        if case .handingOver(_, let known) = standing, handover.duration(to: known) < .zero,
            known.duration(to: handover) < .seconds(4)
        {
            handover = known
        }
        switch standing {
        // Our check expired, so another instance may have acted meanwhile: stop now.
        case .newest where hasLapsed(at: now): standing = .superseded(by: newest.id, waits: false)
        case .newest, .handingOver:
            standing = .handingOver(to: newest.id, at: handover)
            lineOfSuccessor = first?.startedThere?.advanced(by: length) ?? line
        case .unidentified, .standby, .superseded: standing = .superseded(by: newest.id, waits: false)
        }
        passed(to: now)
    }

    /// When the successor began. No successor ran at the last proof, so a much earlier start is a wrong date. A replica
    /// of GitLab's database may show a successor some seconds late.
    private func start(of successor: Instance?) -> Instant {
        let start = successor?.startedAt ?? .distantPast
        guard let provedAt, start.duration(to: provedAt) > Self.longestLag else { return start }
        return provedAt
    }

    private mutating func standAlone(among peers: [Instance], at now: Instant) {
        switch standing {
        case .newest: return
        case .handingOver, .superseded: return standing = .newest
        case .unidentified, .standby: break
        }
        guard former != .unasked else { return }
        let older = peers.filter { $0.isRunning }.max { $0.isOlder(than: $1) }
        standing = older.map { .standby(older: $0.id) } ?? lingering(at: now) ?? .newest
        isSole = standing == .newest
        passed(to: now)
    }

    /// Changes the standing when its time has come, without an answer.
    mutating func passed(to now: Instant) {
        guard let change = nextChange, change <= now else { return }
        switch standing {
        case .standby: standing = .newest
        case .handingOver(let newer, _): standing = .superseded(by: newer, waits: false)
        case .unidentified, .newest, .superseded: break
        }
    }

    mutating func clockWasSet(by step: Duration) {
        provedAt = provedAt?.advanced(by: step)
        started = started.advanced(by: step)
        askedAt = askedAt?.advanced(by: step)
        if case .handingOver(let newer, let handover) = standing {
            standing = .handingOver(to: newer, at: handover.advanced(by: step))
        }
    }
}
