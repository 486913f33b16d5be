import CivilTime

extension Scheduler {
    mutating func wake() {
        for entry in timers.advance(to: now) where timers.rings(entry) { ring(entry.key) }
        startIfNew()
        // An instance that does not know that it is the newest decides nothing. A newer one may have decided otherwise,
        // and a mark that has moved on would hide that.
        guard phase == .scheduling, mayPost else { return }
        for place in jobs.takeDue(isFirst: posts.inFlightCount == 0) { plan(place) }
        if settings.mode != .untilTold, jobs.isPlanned { lifecycle.enter(.draining) }
    }

    private mutating func ring(_ timer: Timer) {
        switch timer {
        case .job(let place): jobs.makeDue(place)
        case .run(let id): runTimerRang(id)
        case .cancel(let id): cancelAgain(id)
        case .watch(let project): lookAtPipelines(of: project)
        case .search(let project): searchPipelines(of: project)
        case .lanes: break  // Every event looks at the lanes.
        case .lease: askForInstances()
        case .survey(let project): surveyAgain(project)
        case .secondLook: lookAgain()
        case .targets: askAgainForTargets()
        case .clock: askForTime()
        case .succession: startSuccessor()
        case .deadline: deadlineIsNear()
        case .handover: break  // Every event checks for a handover.
        case .prune: prune()
        case .late(let id): tellIfLate(id)
        case .outbox: break  // Every event looks at the outbox.
        case .heartbeat: beat()
        case .end: endNow()
        }
    }

    private mutating func plan(_ place: Int) {
        guard !recordUnknown(place), !putsOff(place), !looksFirst(place) else { return }
        let state = jobs.states[place]
        // A run of this catch-up is no reason to skip the rest of the catch-up.
        let going = state.catchUpEnd == nil ? state.going : 0
        // A blocked run is not in the way of the next one. `overlap: cancel` cancels it all the same.
        let open = state.job.overlap == .cancel ? state.runs.count : going
        let line = lease.line ?? .distantFuture
        let end = min(now, line.advanced(by: .microseconds(-1)))
        var plan = state.job.plan(
            coveredThrough: state.covered, open: open, now: end, dueBy: state.catchUpEnd)
        // A run that began by a clock that was ahead is not skipped when its fire time comes.
        let begun = Set(state.runs.lazy.map(\.fireTime).filter { $0 > state.covered })
        if !begun.isEmpty { plan.skips = Skips(plan.skips.filter { !begun.contains($0.fireTime) }) }
        let catchesUp = state.job.catchUp == .all && plan.hasMore
        jobs.planned(
            place, through: plan.coveredThrough, catchUpEnd: catchesUp ? state.catchUpEnd ?? end : nil)
        if plan.cancelsEarlier { giveWay(of: state.job.name, to: plan.claims.last) }
        skip(plan.skips, of: state.job)
        tell(plan.skips, of: state.job)
        if !plan.skips.isEmpty, jobs.tellsSkips(of: place) {
            decision.news.append(.skipped(job: state.job.name, plan.skips))
        }
        for fireTime in plan.claims { claim(fireTime, of: place) }
        if plan.coveredThrough != state.covered {
            decision.changes.append(.cover(job: state.job.name, through: plan.coveredThrough))
        }
        // `--once` does what was due at its start. A fire time that fell due during its catch-up is for the next
        // process.
        let isDone = settings.mode != .untilTold && state.catchUpEnd != nil && !plan.hasMore
        guard let wake = plan.wake, !isDone else { return }
        if wake <= now, wake < line {
            jobs.makeDue(place)
        } else if settings.mode == .untilTold, wake < line || lease.standing == .newest {
            // Where the clock is far ahead of GitLab's, the next proof moves the line.
            timers.arm(job: place, at: wake > now ? wake : now.advanced(by: .seconds(1)))
        }
    }

    /// Whether enough claims of a job wait to be posted already: after a long outage there would be millions. The job's
    /// mark stays, and the scheduler plans the job a second later.
    private mutating func putsOff(_ place: Int) -> Bool {
        guard jobs.states[place].job.catchUp == .all, hasWaiting(PlanLimit.claims, of: place) else {
            return false
        }
        jobs.putOff(place)
        timers.arm(job: place, at: now.advanced(by: .seconds(1)))
        return true
    }

    /// Whether at least `count` runs of the job have no pipeline yet.
    func hasWaiting(_ count: Int, of place: Int) -> Bool {
        let runs = jobs.states[place].runs
        return runs.count >= count && runs.count { open[$0]?.run.state == .claimed } >= count
    }

    /// Goes on with the catch-ups that an earlier process had begun. Many waiting claims of a job are the sign of one.
    mutating func resumeCatchUps() {
        for (place, state) in jobs.states.enumerated()
        where state.job.catchUp == .all && hasWaiting(PlanLimit.claims / 2, of: place) {
            jobs.catchesUp(place, until: now)
        }
    }

    /// Whether the scheduler looks at the job's pipelines before it plans the job. A pipeline may have ended since the
    /// last round, and a fire time must not be skipped for a pipeline that is over. The answers make the job due again.
    private mutating func looksFirst(_ place: Int) -> Bool {
        guard jobs.asksForLook(place) else { return false }
        let state = jobs.states[place]
        guard let due = state.job.nextDue(after: state.covered), due <= now else { return false }
        let stale = state.runs.compactMap { open[$0]?.run }.filter { run in
            guard run.state == .triggered, let pipeline = run.pipeline else { return false }
            return watches[project(of: run)]?.isStale(pipeline.id, at: now) ?? false
        }
        for run in stale { look(at: run) }
        jobs.looks(place, at: stale.count)
        return !stale.isEmpty
    }

    private mutating func claim(_ fireTime: Instant, of place: Int) {
        let job = jobs.states[place].job
        let id = RunID(job: job.name, fireTime: fireTime)
        guard open[id] == nil else { return }
        beginRun(id, of: job)
        let isAlone = jobs.states[place].going == 1
        if isAlone || job.runsBesideEarlier { proceed(id) } else { jobs.hold(id) }
    }

    /// Opens a run in memory; it is written at the end of the event.
    mutating func beginRun(_ id: RunID, of job: Job) {
        var run = Run(id, state: .claimed)
        run.project = job.project ?? settings.project
        run.ref = job.ref ?? settings.ref
        run.instance = settings.instance.map(String.init) ?? ""
        run.claimedAt = now
        open[id] = OpenRun(run: run, job: job, isRecorded: false)
        mindLateness(of: run, job)
        unrecorded.append(id)
        jobs.began(id, isGoing: true)
    }

    /// Records skips; those of a span share a row.
    mutating func skip(_ skips: Skips, of job: Job) {
        for span in skips.spans {
            let first = span.fireTimes.first
            let skipped = SkipSpan(
                job: job.name, fireTimes: span.fireTimes, words: span.reason.words,
                delay: span.reason.late.map { first.advanced(by: $0).duration(to: now) } ?? .zero,
                instance: settings.instance.map(String.init) ?? "", skippedAt: now)
            decision.changes.append(
                span.fireTimes.count > 1 ? .skip(skipped) : .insert(skipped.run(at: first)))
        }
    }

    mutating func recordClaims() {
        for id in unrecorded {
            let words = waitWords(id)
            if let run = open[id]?.recorded(reason: words) { decision.changes.append(.insert(run)) }
        }
        unrecorded.removeAll(keepingCapacity: true)
    }

    private mutating func prune() {
        decision.pruneBefore = now.advanced(by: .zero - settings.keep)
        set(.prune, after: .seconds(86_400))
    }
}
