import CivilTime
import Ledger
import Scheduling

/// Joins the scheduler with its surroundings. The loop decides nothing. It hands events to the scheduler one at a time,
/// starts the POSTs whose claims are durable, commits the changes, starts the other requests, logs the news and sets
/// the alarm.
///
///     alarm, answers, signals ─▶ inbox ─▶ scheduler.handle ─▶ POSTs ─▶ ledger.commit ─▶ requests, news
///               ▲                                               │                          │
///               └───────────────────────────────────────────────┴──────────────────────────┘
struct Loop {
    /// How long the loop leaves a ledger alone after it could not write it.
    private static let ledgerPause = Duration.seconds(2)
    /// A smaller difference is no step of the wall clock: the process reads the two clocks one after the other.
    private static let leastStep = Duration.milliseconds(50)
    /// Between two signs of life.
    private static let betweenSigns = Duration.seconds(30)
    /// After this many rows, the loop uses an idle moment to move them from the WAL into the file.
    private static let checkpointAfter = 1_000

    let ledger: Ledger
    let settings: Settings
    let surroundings: Surroundings

    private var jobs: [Job]
    /// When each job was first declared to this process. The scheduler starts there, if the ledger does not know the
    /// job.
    private var declaredAt: [Instant]
    private var scheduler: Scheduler
    /// Which scheduler of this process this is. Answers to an earlier one may still be on their way.
    private var number = 0
    /// The clocks, as they were when the loop last knew that the wall clock had not been set.
    private var reading: ClockReading
    /// Set while the loop cannot write the ledger. It keeps the messages that arrive meanwhile for the next scheduler.
    private var broken: Outage?
    private var backlog: [Message] = []
    private var rowsSinceCheckpoint = 0
    /// The memo that the ledger keeps beside its rows.
    private var memo = Memo()
    /// When to give the next sign of life, in uptime.
    private var signAt = Duration.zero
    /// Set while the ledger may hold old runs to delete.
    private var pruneBefore: Instant?

    /// When the ledger broke, why, and when to try it again, in uptime.
    private struct Outage {
        var since: Duration
        var cause: LedgerError
        var retryAt: Duration
    }

    init(ledger: Ledger, settings: Settings, jobs: [Job], surroundings: Surroundings) throws(LedgerError) {
        self.ledger = ledger
        self.settings = settings
        self.jobs = jobs
        self.surroundings = surroundings
        reading = surroundings.clock()
        let now = reading.wall
        declaredAt = jobs.map { _ in now }
        scheduler = try Self.scheduler(from: ledger, jobs: jobs, settings: settings, now: now)
    }

    private static func scheduler(
        from ledger: Ledger, jobs: [Job], settings: Settings, now: Instant,
        declaredAt: [String: Instant]? = nil, clock: Clocks = Clocks()
    ) throws(LedgerError) -> Scheduler {
        if case .trigger(let id, _) = settings.mode {
            // A ledger that cannot be read shows when the claim is written.
            let markings = (try? ledger.load().markings) ?? [:]
            return Scheduler(
                jobs: jobs, covered: [id.job: now], open: [], past: Past(markings: markings),
                settings: settings, now: now)
        }
        let state = try ledger.load(at: clock.believed(now))
        return Scheduler(
            jobs: jobs, covered: state.covered, open: state.open, past: Past(state, of: settings.instance),
            declaredAt: declaredAt, settings: settings, clock: clock, now: now)
    }

    /// One tick: decides on all messages, commits the changes and performs them. Returns an ending if the process
    /// should end.
    mutating func step(_ messages: [Message]) -> Ending? {
        let reading = surroundings.clock()
        let now = reading.wall
        backlog += messages
        // When the process was asked to end, it tries at once whether it can write the ledger again.
        if let broken, reading.uptime < broken.retryAt, !isAskedToEnd {
            surroundings.arm(now.advanced(by: broken.retryAt - reading.uptime), now)
            return nil
        }
        do throws(LedgerError) {
            if let broken { try mend(broken, at: reading) }
            let ending = try handle(events(at: reading), at: reading)
            backlog.removeAll()
            guard ending == nil else {
                surroundings.observer?.finish(openRuns: scheduler.openCount, at: reading)
                return ending
            }
            surroundings.observer?.stepped(
                openRuns: scheduler.openCount, isActive: scheduler.isActive, at: reading)
            keepMemo()
            giveSign(at: reading)
            try tidy(at: now)
            arm(at: now)
            return nil
        } catch {
            breakDown(error, at: reading)
            return endOfOutage(error, at: now)
        }
    }

    /// The ending, if the process ends although it cannot write the ledger.
    private func endOfOutage(_ error: LedgerError, at now: Instant) -> Ending? {
        // Only `run` may put a damaged ledger aside.
        if case .trigger = settings.mode, error.isDamage { return Ending(code: 1, words: "\(error)") }
        guard isAskedToEnd else { return nil }
        let words = "ended without the ledger: the next start looks up in GitLab what the ledger lacks"
        surroundings.log(Notice(.error, "ended", words), now)
        return Ending(code: 1, words: words)
    }

    private var isAskedToEnd: Bool {
        backlog.contains { if case .event(.terminated) = $0 { true } else { false } }
    }

    /// What has happened since the last step.
    private mutating func events(at reading: ClockReading) throws(LedgerError) -> [Event] {
        var events: [Event] = []
        let step = reading.step(since: self.reading)
        if step > Self.leastStep || step < .zero - Self.leastStep {
            events.append(.clockSet(by: step))
            self.reading = reading
        }
        events += backlog.compactMap { event(from: $0, at: reading.wall) }
        if let found = try foundElsewhere() { events.append(found) }
        return events
    }

    private mutating func event(from message: Message, at now: Instant) -> Event? {
        switch message {
        case .event(let event): return event
        case .answer(let event, let asked): return asked == number || event.isDeed ? event : nil
        case .reload:
            guard let read = surroundings.readJobs() else { return nil }
            let known = declarations
            jobs = read
            declaredAt = read.map { known[$0.name] ?? scheduler.clock.believed(now) }
            return .reloaded(read)
        }
    }

    private var declarations: [String: Instant] {
        Dictionary(zip(jobs.map(\.name), declaredAt)) { first, _ in first }
    }

    private mutating func handle(_ events: [Event], at reading: ClockReading) throws(LedgerError) -> Ending? {
        let now = reading.wall
        var decision = scheduler.handle(events, at: now)
        var ending: Ending?
        while !decision.changes.isEmpty {
            start(decision.posts.map { .post($0) }, at: reading)
            let duplicates = try ledger.commit(decision.changes)
            rowsSinceCheckpoint += decision.changes.count
            surroundings.observer?.note(decision, duplicates: duplicates)
            ending = perform(decision, at: reading) ?? ending
            let repeated = ledger.repeatedMessages
            decision = scheduler.handle(.committed(duplicates: duplicates, repeated: repeated), at: now)
        }
        // All changes are in the ledger now.
        if scheduler.isUpToDate { ledger.markAsLatest() }
        start(decision.posts.map { .post($0) }, at: reading)
        return perform(decision, at: reading) ?? ending
    }

    /// Does what has to wait until the changes are durable.
    private mutating func perform(_ decision: Decision, at reading: ClockReading) -> Ending? {
        start(decision.requests, at: reading)
        for news in decision.news { surroundings.log(news.notice, reading.wall) }
        pruneBefore = decision.pruneBefore ?? pruneBefore
        return decision.ending
    }

    private mutating func keepMemo() {
        let memo = scheduler.memo
        guard memo != self.memo else { return }
        self.memo = memo
        ledger.keep(othersPostedUntil: memo.othersPostedUntil, notes: memo.notes)
    }

    private mutating func giveSign(at reading: ClockReading) {
        guard reading.uptime >= signAt else { return }
        signAt = reading.uptime + Self.betweenSigns
        ledger.giveSign()
    }

    private func start(_ requests: [Request], at reading: ClockReading) {
        for request in requests {
            surroundings.start(Errand(request: request, decidedAt: reading.uptime, scheduler: number))
        }
    }

    /// The open runs, when another process has changed the ledger: `trigger` has begun runs beside this process.
    private func foundElsewhere() throws(LedgerError) -> Event? {
        guard settings.mode == .untilTold, try ledger.changedElsewhere() else { return nil }
        let state = try ledger.load()
        return .found(state.open, markings: state.markings)
    }

    /// Does what can wait for an idle moment: deletes old runs, and moves the WAL into the file.
    private mutating func tidy(at now: Instant) throws(LedgerError) {
        guard surroundings.isIdle(),
            scheduler.nextWake.map({ now.duration(to: $0) > .milliseconds(100) }) ?? true
        else {
            return
        }
        if let before = pruneBefore {
            let pruned = try ledger.prune(finishedBefore: before, limit: 1_000)
            pruneBefore = pruned == 1_000 ? before : nil
            rowsSinceCheckpoint += pruned
        }
        guard rowsSinceCheckpoint >= Self.checkpointAfter else { return }
        try ledger.checkpoint()
        rowsSinceCheckpoint = 0
    }

    private func arm(at now: Instant) {
        let next = scheduler.nextWake
        guard pruneBefore != nil else { return surroundings.arm(next, now) }
        let soon = now.advanced(by: .seconds(1))
        surroundings.arm(min(next ?? soon, soon), now)
    }

    /// The loop may not post a claim that is not durable. So it drops the changes that the ledger did not take, and
    /// keeps the events. When it can write the ledger again, a new scheduler begins from what the ledger holds.
    private mutating func breakDown(_ error: LedgerError, at reading: ClockReading) {
        let now = reading.wall
        if broken == nil {
            let words = "the scheduler posts nothing until the ledger can be written again: \(error)"
            surroundings.log(Notice(.error, "ledger", words), now)
        }
        broken = Outage(
            since: broken?.since ?? reading.uptime, cause: error.isDamage ? error : broken?.cause ?? error,
            retryAt: reading.uptime + Self.ledgerPause)
        surroundings.arm(now.advanced(by: Self.ledgerPause), now)
    }

    private mutating func mend(_ outage: Outage, at reading: ClockReading) throws(LedgerError) {
        let now = reading.wall
        if outage.cause.isDamage {
            let replaced = Notice.replaced(try ledger.replace(because: outage.cause, at: now))
            surroundings.log(replaced, now)
            backlog.append(.event(.noticed(putAside: replaced, at: now)))
            try ledger.commit(scheduler.keepsake)
            // The next error is about the new file.
            broken = nil
        }
        // A start may write nothing, and then it would not prove that the ledger can be written.
        try ledger.proveWritable()
        scheduler = try Self.scheduler(
            from: ledger, jobs: jobs, settings: settings, now: now, declaredAt: declarations,
            clock: scheduler.clock.set(by: reading.step(since: self.reading)))
        number += 1
        self.reading = reading
        // The new scheduler starts like any other, and then handles the messages that arrived since.
        _ = try handle([.woke], at: reading)
        broken = nil
        let pause = (reading.uptime - outage.since).rough
        surroundings.log(Notice(.info, "ledger", "the ledger can be written again, after \(pause)"), now)
    }
}
