public import CivilTime

/// Decides everything. The loop tells it what happened and what time it is, and it answers what to write and what to
/// do.
///
/// It does no IO and reads no clock, so that a month of it runs in milliseconds. The loop around it only
/// performs decisions and feeds the answers back, one at a time:
///
///     event ─▶ handle(event, at: now) ─▶ Decision: posts (durable already) ─▶ changes ─▶ requests, news
///       ▲                                               │                                  │
///       └────────────────── answers ◀───────────────────┴──────────────────────────────────┘
///
/// One tick is a straight line: the wheel says which jobs may be due, each job's `plan` says what becomes of
/// its fire times, the claims are committed, and only then posted. Start-up is the same line with every
/// job due. A scheduler whose changes could not be committed is thrown away; the next one begins from
/// what the ledger holds, as after a crash.
public struct Scheduler: Sendable {
    let settings: Settings
    /// The believed time of the event under way.
    var now: Instant
    var decision = Decision()

    var lifecycle = Lifecycle()
    var lease: Lease
    var provenance: Provenance
    public internal(set) var clock: Clocks
    var timers: Timers

    var jobs = JobTable()

    var open = OpenRuns()
    /// Claims made while handling this event: written once, as they are at its end.
    var unrecorded: [RunID] = []
    var posts: PostQueue
    var cancellations = Cancellations()
    /// By project.
    var watches: [String: Watch] = [:]
    /// By project.
    var reconcilers: [String: Reconciler] = [:]
    var survey = Survey()
    var targets = Targets()
    var complaints = Complaints()
    var marking: Marking
    var telling: Telling

    /// - Parameters:
    ///   - covered: the ledger's covered-through marks. A job without one is new and has no past.
    ///   - open: the ledger's open runs.
    ///   - past: where the ledger comes from.
    ///   - declaredAt: when each job was declared first, if this scheduler replaces an earlier one of this process. A
    ///     job that the ledger does not know begins then.
    ///   - clock: what is known of the clocks.
    ///   - wall: what the machine's clock shows.
    public init(
        jobs: [Job], covered: [String: Instant], open: [Run], past: Past = Past(),
        declaredAt: [String: Instant]? = nil, settings: Settings, clock: Clocks = Clocks(), now wall: Instant
    ) {
        self.settings = settings
        self.clock = clock
        let now = clock.believed(wall)
        self.now = now
        // Open runs without marks come from `trigger`, or from a survey that was cut off: the ledger is blank all the
        // same.
        provenance = Provenance(
            past: past, isBlank: covered.isEmpty, instance: settings.instance,
            takesOver: declaredAt != nil, now: now)
        lease = Lease(instance: settings.instance, length: settings.lease, started: now)
        timers = Timers(now: now)
        telling = Telling(settings.notify, past: past, now: now)
        marking = Marking(fixed: settings.mark, known: past.markings)
        posts = PostQueue(perMinute: settings.ratePerMinute, maxInFlight: settings.maxInFlight)
        declare(jobs, covered: covered, newSince: declaredAt ?? [:])
        open.forEach { load($0) }
    }

    public mutating func handle(_ event: Event, at now: Instant) -> Decision {
        handle([event], at: now)
    }

    /// Handles one event after the other, and decides about them together.
    public mutating func handle(_ events: [Event], at now: Instant) -> Decision {
        for event in events { take(event, at: now) }
        defer { decision = Decision() }
        return decision
    }

    /// - Parameter wall: what the machine's clock shows.
    private mutating func take(_ event: Event, at wall: Instant) {
        if case .clockSet(let step) = event { clockWasSet(by: step, to: wall) }
        // The loop reads two clocks at slightly different moments, so time may seem to go back a little without a step.
        now = max(now, clock.believed(wall))
        noteTime()
        switch event {
        case .clockSet: break
        case .woke: wake()
        case .committed(let duplicates, let repeated): committed(duplicates, repeated)
        case .posted(let id, let answer): posted(id, answer)
        case .searched(let project, let answer): searched(project, answer)
        case .listed(let project, let answer): listed(project, answer)
        case .looked(let id, let answer): looked(id, answer)
        case .jobsListed(let id, let answer): jobsListed(id, answer)
        case .retried(let id, let answer): retried(id, answer)
        case .canceled(let id, let answer): canceled(id, answer)
        case .named(let id, let answer): named(id, answer)
        case .surveyed(let project, let answer): surveyed(project, answer)
        case .identified(let answer): identified(answer)
        case .successorStarted(let answer): successorStarted(answer)
        case .formerListed(let answer): formerListed(answer)
        case .instancesListed(let answer): instancesListed(answer)
        case .verified(let project, let ref, let answer): verified(project: project, ref: ref, answer)
        case .reloaded(let jobs): reloaded(jobs)
        case .found(let runs, let markings):
            marking.merge(markings)
            found(runs)
        case .delivered(let parcel, let delivery): delivered(parcel, delivery)
        case .beaten(let delivery): beaten(delivery)
        case .noticed(let kind, let text, let subject): tell(kind, text, subject: subject)
        case .terminated(let signal): terminated(by: signal)
        }
        event.trouble.map { heed($0) }
        settleEvent()
    }

    /// The order that keeps a fire time from being posted twice, the same after every event.
    ///
    /// 1. A lane lets a claim go: its `sending` joins the changes. It becomes a post in a later decision, once `committed`
    ///    has told that the change is durable.
    /// 2. The scheduler posts claims that became durable like this, if the lease still allows it at this very moment.
    /// 3. Claims that the event made are recorded once, as it left them, with the reason why one waits.
    /// 4. Last comes the check whether the process is over. A claim that was just let go is given back then, not lost.
    private mutating func settleEvent() {
        releaseLanes()
        post()
        recordClaims()
        deliver()
        endIfOver()
    }

    /// When `woke` is wanted next by the machine's clock, whatever else happens; nil: only an answer can bring anything new.
    public var nextWake: Instant? {
        if jobs.hasDue && phase == .scheduling && mayPost { return clock.wall(now) }
        return timers.next.map(clock.wall)
    }

    /// Whether everything that other instances are known to have done is in the ledger.
    public var isUpToDate: Bool { lifecycle.hasResumed && phase != .surveying && jobs.isRecorded }

    var phase: Phase { lifecycle.phase }

    /// What a new ledger must hear of notices where the old one is lost.
    public var keepsake: [Change] { telling.keepsake }

    /// How many runs are not over.
    public var openCount: Int { open.count }

    /// Whether this instance creates pipelines.
    public var isActive: Bool { phase == .scheduling && mayPost }

    /// Runs that are not over, for `status` lines and tests.
    public var openRuns: [Run] { open.values.map(\.run).sorted { $0.id < $1.id } }

    mutating func log(_ level: Notice.Level, _ event: String, _ message: String, run: Run? = nil) {
        let notice = Notice(level, event, message, run: run?.id, pipelineURL: run?.pipeline?.url)
        decision.news.append(.notice(notice))
    }

    mutating func logUnlisted(_ project: String, _ trouble: Trouble, _ level: Notice.Level) {
        let words = "the scheduler could not list the pipelines of project \(project): \(trouble.words)"
        log(level, "gitlab", words)
    }

    mutating func set(_ timer: Timer, after delay: Duration) {
        timers.set(timer, at: now.advanced(by: delay))
    }
}
