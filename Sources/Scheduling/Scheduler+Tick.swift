import Cron

extension Scheduler {
    /// Jobs planned in one decision. The first of many is small, so that its POSTs leave early; while
    /// those are under way, the next ones are planned and committed.
    private static let firstBatch = 64
    private static let batch = 128

    mutating func wake() {
        for entry in timers.advance(to: now) where timers.rings(entry) { ring(entry.key) }
        startIfNew()
        // Whoever does not know that it is the newest decides nothing: a newer instance may have decided otherwise, and
        // a mark that has moved on hides that.
        guard phase == .scheduling, mayPost else { return }
        planDueJobs()
        guard settings.mode != .untilTold, due.isEmpty, !jobs.contains(where: { $0.looksUnderWay > 0 }) else {
            return
        }
        phase = .draining
    }

    private mutating func ring(_ timer: Timer) {
        switch timer {
        case .job(let index): due.append(index)
        case .run(let id): runTimerRang(id)
        case .cancel(let id): cancelAgain(id)
        case .watch(let project): lookAtPipelines(of: project)
        case .search(let project): searchPipelines(of: project)
        case .lanes: break  // They are looked at after every event.
        case .lease: askForInstances()
        case .survey(let project): surveyAgain(project)
        case .secondLook: lookAgain()
        case .succession: startSuccessor()
        case .deadline: deadlineIsNear()
        case .handover: break  // What comes with time is looked at in every event.
        case .prune: prune()
        case .end: endNow()
        }
    }

    private mutating func planDueJobs() {
        let size = inFlight.isEmpty && due.count > Self.batch ? Self.firstBatch : Self.batch
        let batch = Array(due.prefix(size))
        due.removeFirst(batch.count)
        for index in batch { plan(index) }
    }

    private mutating func plan(_ index: Int) {
        guard jobs.indices.contains(index), !looksFirst(index) else { return }
        let state = jobs[index]
        // What is being caught up one after the other is no reason to skip the rest of it.
        let going = state.isCatchingUp ? 0 : state.going
        // What waits for a person is in nobody's way, and is cancelled all the same where that is the policy.
        let open = state.job.overlap == .cancel ? state.runs.count : going
        let line = lease.line ?? .distantFuture
        let end = min(now, line.advanced(by: .microseconds(-1)))
        let plan = state.job.plan(coveredThrough: state.covered, open: open, now: end)
        jobs[index].isCatchingUp = state.job.catchUp == .all && (plan.wake.map { $0 <= now } ?? false)
        if plan.cancelsEarlier { giveWay(of: state.job.name, to: plan.claims.last) }
        plan.skips.forEach { decision.changes.append(.insert(skipped($0, of: state.job))) }
        logSkips(plan.skips, of: state.job)
        for fireTime in plan.claims { claim(fireTime, of: index) }
        if plan.coveredThrough != state.covered {
            jobs[index].covered = plan.coveredThrough
            decision.changes.append(.cover(job: state.job.name, through: plan.coveredThrough))
        }
        guard let wake = plan.wake else { return }
        if wake <= now, wake < line {
            due.append(index)
        } else if settings.mode == .untilTold, wake < line || lease.standing == .newest {
            // Where the clock is far ahead of GitLab's, the next proof moves the line.
            timers.arm(job: index, at: wake > now ? wake : now.advanced(by: .seconds(1)))
        }
    }

    /// Whether the job's pipeline is looked at before its fire times are planned: it may have ended since the last
    /// round, and a fire time must not be skipped for a pipeline that is over. The answer brings the job back.
    private mutating func looksFirst(_ index: Int) -> Bool {
        guard jobs[index].job.overlap == .skip, jobs[index].going > 0, !jobs[index].isLookedAt else {
            jobs[index].isLookedAt = false
            return false
        }
        guard let due = jobs[index].job.nextDue(after: jobs[index].covered), due <= now else { return false }
        let stale = jobs[index].runs.compactMap { open[$0]?.run }.filter { run in
            guard run.state == .triggered, let pipeline = run.pipeline else { return false }
            return watches[project(of: run)]?.isStale(pipeline.id, at: now) ?? false
        }
        for run in stale { look(at: run) }
        jobs[index].looksUnderWay = stale.count
        return !stale.isEmpty
    }

    private mutating func claim(_ fireTime: Instant, of index: Int) {
        let id = RunID(job: jobs[index].job.name, fireTime: fireTime)
        guard open[id] == nil else { return }
        begin(id, of: index)
        guard jobs[index].going == 1 || jobs[index].job.runsBesideEarlier else {
            jobs[index].held.append(id)
            return
        }
        proceed(id)
    }

    /// Opens a run in memory; it is written at the end of the event.
    mutating func begin(_ id: RunID, of index: Int) {
        let job = jobs[index].job
        var run = Run(id, state: .claimed)
        run.project = job.project ?? settings.project
        run.ref = job.ref ?? settings.ref
        run.instance = settings.instance.map(String.init) ?? ""
        run.claimedAt = now
        open[id] = OpenRun(run: run, job: job, isRecorded: false)
        unrecorded.append(id)
        jobs[index].runs.append(id)
        jobs[index].going += 1
    }

    func skipped(_ skip: Skip, of job: Job) -> Run {
        var run = Run(
            RunID(job: job.name, fireTime: skip.fireTime), state: .skipped, reason: skip.reason.description)
        run.instance = settings.instance.map(String.init) ?? ""
        run.finishedAt = now
        return run
    }

    private mutating func logSkips(_ skips: [Skip], of job: Job) {
        guard let first = skips.first, let last = skips.last else { return }
        let run = Run(RunID(job: job.name, fireTime: last.fireTime), state: .skipped)
        guard skips.count > 1 else { return log(.info, "skipped", "skipped: \(first.reason)", run: run) }
        let words =
            "skipped \(skips.count) fire times, \(first.fireTime.rfc3339) to \(last.fireTime.rfc3339): "
            + "\(last.reason)"
        log(.info, "skipped", words, run: run)
    }

    mutating func recordClaims() {
        for id in unrecorded {
            let words = waitWords(id)
            guard let run = open[id]?.recorded(reason: words) else { continue }
            decision.changes.append(.insert(run))
        }
        unrecorded.removeAll(keepingCapacity: true)
    }

    private mutating func prune() {
        decision.effects.append(.prune(before: now.advanced(by: .zero - settings.keep)))
        set(.prune, after: .seconds(86_400))
    }
}

extension Job {
    /// Whether a run may be posted while an earlier one is open.
    var runsBesideEarlier: Bool {
        switch overlap {
        case .allow, .cancel: true
        case .skip, .queue: false
        }
    }
}
