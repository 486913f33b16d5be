import CivilTime
import Text

/// What the scheduler tells channels of. See docs/notices.md.
extension Scheduler {
    /// Runs that ended longer ago than this are not told when they are found.
    private static let news = Duration.seconds(86_400)

    /// Whether this instance is the one that tells. What a superseded instance still sees, its successor sees as well.
    private var tells: Bool {
        guard !telling.isOff, !isTrigger else { return false }
        switch lease.standing {
        // One that waits for this instance's end begins with this ledger, and never sees what is over in it.
        case .newest, .handingOver, .superseded(_, waits: true): return true
        case .unidentified, .standby, .superseded: return false
        }
    }

    /// Tells of what an event has made of a run.
    mutating func tell(_ run: Run, _ event: RunEvent, of job: Job?, isTimedOut: Bool, isFirstPipeline: Bool) {
        guard tells else { return }
        switch event {
        case .failed, .refused, .unprovable, .vanished, .succeeded: judge(run, of: job)
        case .canceled where isTimedOut: judge(run, of: job)
        case .blocked: say(.blocked, run, TellingWords.blocked(run), by: telling.policy(of: job))
        default: break
        }
        guard let switchName = job?.ping else { return }
        switch event {
        case .created, .found: if isFirstPipeline { ping(.pingStart, run, to: switchName) }
        case .retried: ping(.pingLog, run, to: switchName)
        case .succeeded: ping(.pingSuccess, run, to: switchName)
        case .failed, .canceled, .refused, .unprovable, .vanished: ping(.pingFail, run, to: switchName)
        default: break
        }
    }

    /// Counts a run that is over for its job's incident, and tells what the policy wants to hear.
    private mutating func judge(_ run: Run, of job: Job?) {
        telling.judges(run.id)
        let policy = telling.policy(of: job)
        let incident = telling.incident(of: run.id.job)
        guard run.state != .succeeded else {
            if let incident, incident.told != nil {
                say(.recovered, run, TellingWords.recovered(run, after: incident.badRuns), by: policy)
            }
            return set(nil, since: run.id)
        }
        var next = incident ?? Incident()
        next.badRuns += 1
        let kind: OutboxMessage.Kind =
            switch run.state {
            case .refused: .refused
            case .lost: .missed
            default: .failed
            }
        if next.tells(kind, by: policy, at: now),
            say(kind, run, TellingWords.bad(run, inARow: next.badRuns), by: policy)
        {
            (next.told, next.toldAt) = (kind, now)
        }
        set(next, since: run.id)
    }

    private mutating func set(_ incident: Incident?, since run: RunID) {
        guard telling.set(incident, of: run.job) else { return }
        decision.changes.append(.incident(job: run.job, incident, since: run))
    }

    /// A job that is not declared any more has no past when it comes back.
    mutating func endIncident(of job: String) {
        set(nil, since: RunID(job: job, fireTime: .distantPast))
    }

    /// Returns whether anybody is told.
    @discardableResult
    private mutating func say(
        _ kind: OutboxMessage.Kind, _ run: Run, _ text: String, by policy: NotifyPolicy, count: Int? = nil
    ) -> Bool {
        let names = (policy.channels[kind] ?? []).filter { telling.channels[$0]?.isSwitch == false }
        guard !names.isEmpty else { return false }
        let data = run.json(count: count)
        for name in names {
            put(
                OutboxMessage(
                    kind, to: name, subject: run.id.description, job: run.id.job, at: now, text: text,
                    data: data,
                    url: run.pipeline?.url))
        }
        return true
    }

    private mutating func ping(_ kind: OutboxMessage.Kind, _ run: Run, to name: String) {
        guard telling.channels[name]?.isSwitch == true else { return }
        put(
            OutboxMessage(
                kind, to: name, subject: run.id.description, job: run.id.job, at: now,
                text: TellingWords.ping(run)))
    }

    private mutating func put(_ message: OutboxMessage) {
        decision.changes.append(.tell(message))
        telling.outbox.add(message)
    }

    /// Tells of fire times of one job that were skipped together.
    mutating func tell(_ skips: Skips, of job: Job) {
        guard tells else { return }
        let missed = skips.spans.filter(\.reason.isMiss)
        if let last = missed.last {
            let count = missed.reduce(0) { $0 + $1.fireTimes.count }
            tellMissed(count, lastly: last.fireTimes.last, because: "\(last.reason)", of: job)
        }
        let paused = skips.last.flatMap { if case .paused = $0.reason { $0 } else { nil } }
        guard let name = job.ping, let paused else { return }
        let run = Run(
            RunID(job: job.name, fireTime: paused.fireTime), state: .skipped, reason: "\(paused.reason)")
        ping(.pingLog, run, to: name)
    }

    private mutating func tellMissed(
        _ count: Int, lastly fireTime: Instant, because reason: String, of job: Job
    ) {
        var run = Run(RunID(job: job.name, fireTime: fireTime), state: .skipped, reason: reason)
        run.project = project(of: run)
        run.ref = job.ref ?? settings.ref
        run.finishedAt = now
        say(.missed, run, TellingWords.missed(run, count), by: telling.policy(of: job), count: count)
    }

    /// Fire times whose rows another ledger had are one message when all are recorded.
    mutating func tellUnrecorded(_ skips: Skips, of job: Job, isDone: Bool) {
        guard tells else { return }
        telling.records(skips, of: job.name)
        guard isDone, let (count, last) = telling.takeUnrecorded(of: job.name) else { return }
        tellMissed(count, lastly: last, because: "\(SkipReason.unrecorded)", of: job)
    }

    /// Tells of the newest run of each job that the last reading of GitLab has found, if it ended a short while ago. If the
    /// ledger turns out to have that run, it drops the message.
    mutating func tellFound() {
        for run in telling.takeNewest() where tells || phase == .surveying && !telling.isOff && !isTrigger {
            guard let end = run.finishedAt, end.duration(to: now) < Self.news else { continue }
            let isGood = run.state == .succeeded
            guard isGood || run.state == .failed else { continue }
            // A pipeline may belong to another scheduler's job, and one of ours may have ended since.
            guard let job = jobs.job(named: run.id.job), !telling.isOutdated(run.id) else { continue }
            telling.isUnsure(of: run.id)
            judge(run, of: job)
        }
    }

    // MARK: Late runs

    /// When a run without a pipeline is late: a timer asks then.
    mutating func mindLateness(of run: Run, _ job: Job) {
        guard !telling.isOff, run.pipeline == nil, let at = lateAt(run.id, job) else { return }
        timers.set(.late(run.id), at: max(now, at))
    }

    private func lateAt(_ id: RunID, _ job: Job) -> Instant? {
        telling.policy(of: job).lateAfter.map { id.fireTime.advanced(by: job.delay).advanced(by: $0) }
    }

    mutating func tellIfLate(_ id: RunID) {
        guard tells, let openRun = open[id], let job = openRun.job, openRun.run.pipeline == nil,
            let at = lateAt(id, job)
        else { return }
        // The clock was set back meanwhile.
        guard at <= now else { return mindLateness(of: openRun.run, job) }
        let due = id.fireTime.advanced(by: job.delay)
        let text = TellingWords.late(openRun.run, by: due.duration(to: now))
        say(.late, openRun.run, text, by: telling.policy(of: job))
    }

    // MARK: The scheduler itself

    /// Tells of the scheduler itself. `subject` tells one such event from the next.
    mutating func tell(_ kind: OutboxMessage.Kind, _ text: String, subject: String) {
        guard tells || phase == .standby || phase == .surveying, !isTrigger else { return }
        for name in telling.ownChannels where telling.channels[name]?.isSwitch == false {
            put(OutboxMessage(kind, to: name, subject: subject, at: now, text: text))
        }
    }
}

extension SkipReason {
    /// Whether the fire time should have run, and nobody decided that it should not.
    fileprivate var isMiss: Bool {
        switch self {
        case .misfire, .missed, .unrecorded: true
        case .overlap, .queueFull, .superseded, .paused: false
        }
    }
}

extension Run {
    /// Compact JSON, as `history --json` has it. `count`: so many fire times, of which this is the newest.
    fileprivate func json(count: Int?) -> String {
        guard case .object(var members) = json else { return "{}" }
        if let count { members.append(("count", .integer(Int64(count)))) }
        return String(decoding: JSONValue.object(members).bytes(.compact), as: UTF8.self)
    }
}
