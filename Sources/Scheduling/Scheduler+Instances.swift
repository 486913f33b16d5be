import Cron

/// Beginning, giving way and ending.
extension Scheduler {
    /// Requests under way get this long to be answered once the process was asked to end.
    private static let lastWords = Duration.seconds(5)

    mutating func startIfNew() {
        guard !hasBegun else { return }
        hasBegun = true
        if lease.standing == .newest { beginScheduling() } else { askForInstances() }
    }

    private mutating func beginScheduling() {
        phase = .scheduling
        beganAt = now
        openRuns.forEach { resume($0.id) }
        if case .trigger(let id, _) = settings.mode {
            beginTrigger(id)
        } else {
            armJobs()
            set(.prune, after: .zero)
        }
        log(.info, "scheduling", "scheduling \(jobs.count) \(jobs.count == 1 ? "job" : "jobs")")
    }

    private mutating func beginTrigger(_ id: RunID) {
        guard let index = jobIndex[id.job], open[id] == nil else { return }
        begin(id, job: jobs[index].job)
        enqueue(id)
    }

    /// The next look for instances, or for the own identity as long as that is unknown.
    mutating func askForInstances() {
        guard let instance = settings.instance, watchesInstances, !lease.isAsking else { return }
        lease.asked(at: now)
        guard lease.own != nil else { return decision.effects.append(.identify(job: instance)) }
        // Newer instances have larger ids; only a newcomer has to know about older ones.
        let above = phase == .standby ? nil : instance
        decision.effects.append(.listInstances(above: above))
    }

    /// As long as this instance posts, or is about to: also while `--once` finishes what it began.
    private var watchesInstances: Bool {
        switch phase {
        case .standby, .scheduling: true
        case .draining: lease.standing == .newest
        case .ending, .over: false
        }
    }

    mutating func identified(_ answer: Answer<Instance>) {
        switch answer {
        case .success(let instance):
            lease.identified(instance)
            askForInstances()
        case .failure(let trouble) where trouble.isPassing:
            instancesUnknown(trouble)
        case .failure(let trouble):
            finish(1, "own CI job could not be read: \(trouble.words)")
        }
    }

    mutating func instancesListed(_ answer: Answer<[Instance]>) {
        guard watchesInstances else { return }
        switch answer {
        case .success(let instances):
            if lease.failures > 0 { log(.info, "gitlab", "the instances can be listed again") }
            let before = lease.standing
            lease.saw(instances, at: now)
            set(.lease, after: settings.poll)
            if lease.standing != before { standingChanged() }
        case .failure(let trouble):
            instancesUnknown(trouble)
        }
    }

    private mutating func instancesUnknown(_ trouble: Trouble) {
        lease.failed()
        if lease.failures == 1 {
            log(.warning, "gitlab", "it is not known whether a newer instance runs: \(trouble.words)")
        }
        let wait = min(settings.poll, Backoff.outage(lease.failures, of: "instances"))
        set(.lease, after: max(wait, trouble.retryAfter ?? .zero))
    }

    private mutating func standingChanged() {
        switch lease.standing {
        case .unidentified: break
        case .standby(let older):
            log(.info, "standby", "waiting for the older instance, CI job \(older), to give way")
        case .newest:
            if phase == .standby { beginScheduling() }
        case .superseded(let newer, let waits):
            superseded(by: newer, waits: waits)
        }
    }

    /// A running successor lets this instance bring its own pipelines to their end; one that waits for
    /// the resource this one holds takes them over.
    private mutating func superseded(by newer: Int64, waits: Bool) {
        guard phase == .scheduling || phase == .draining, !waits else {
            log(.info, "superseded", "a newer instance, CI job \(newer), takes over")
            phase = .ending
            return set(.end, after: Self.lastWords)
        }
        let going = open.values.count { $0.run.pipeline != nil && $0.run.isGoing }
        log(
            .info, "superseded",
            "a newer instance, CI job \(newer), schedules from now on; \(going) pipelines are watched to their end"
        )
        phase = .draining
        settings.drainTimeout.map { set(.end, after: $0) }
    }

    mutating func terminated(by signal: String) {
        guard phase != .ending && phase != .over else { return }
        let waiting = postsInFlight + actsInFlight
        log(.info, "ending", "\(signal): no new pipelines; \(waiting) requests under way are finished")
        phase = .ending
        set(.end, after: Self.lastWords)
    }

    mutating func endNow() {
        guard phase == .ending || phase == .draining else { return }
        finish(0, "ended with \(open.count) open runs; the next instance takes them over")
    }

    mutating func endIfOver() {
        switch phase {
        case .standby, .scheduling, .over: return
        case .ending: if postsInFlight == 0 && actsInFlight == 0 { endNow() }
        case .draining: if isDrained { endDrained() }
        }
    }

    private var isDrained: Bool {
        guard postsInFlight == 0, actsInFlight == 0, cancellations.isEmpty else { return false }
        if case .trigger(let id, let wait) = settings.mode, !wait {
            return open[id].map { $0.run.pipeline != nil } ?? true
        }
        // A superseded instance leaves to its successor what was not posted yet.
        let isSuperseded = lease.standing != .newest
        return !open.values.contains {
            isSuperseded ? $0.run.pipeline != nil && $0.run.isGoing : $0.run.isGoing
        }
    }

    private mutating func endDrained() {
        guard settings.mode != .untilTold else { return finish(0, "every pipeline of this instance is over") }
        let words =
            endings == 0 && open.isEmpty
            ? "nothing was due" : "\(endings) runs over, \(badEndings) of them badly"
        finish(badEndings == 0 ? 0 : 1, words)
    }

    private mutating func finish(_ code: Int32, _ words: String) {
        guard phase != .over else { return }
        phase = .over
        log(code == 0 ? .info : .error, "ended", words)
        decision.effects.append(.finish(Ending(code: code, words: words)))
    }
}
