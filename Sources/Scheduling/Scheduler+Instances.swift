import CivilTime

/// Which instance schedules: finding out who else there is, beginning, and giving way.
extension Scheduler {
    mutating func startIfNew() {
        guard lifecycle.start() else { return }
        if lease.standing == .newest {
            takeOver(othersPostedUntil: lastPostOfOthers)
        } else {
            askForInstances()
        }
    }

    private var lastPostOfOthers: Instant {
        provenance.lastPostOfOthers(handover: lease.handoverToOwn, now: now)
    }

    /// Asks for the instances. Before that it asks for its own CI job, then for the former instances.
    mutating func askForInstances() {
        guard let instance = settings.instance, !lifecycle.isEnding, !lease.isAsking else { return }
        lease.asked(at: now)
        if lease.own == nil {
            decision.requests.append(.identify(job: instance))
        } else if !lease.knowsFormer {
            decision.requests.append(.listFormer(besides: instance, downTo: provenance.lastClosedBy))
        } else {
            // Newer instances have larger ids; only an instance on standby has to know about older ones.
            decision.requests.append(.listInstances(above: phase == .standby ? nil : instance))
        }
    }

    mutating func identified(_ answer: Answer<Instance>) {
        switch answer {
        case .success(let instance):
            lease.identified(instance)
            askForInstances()
        case .failure(let trouble) where trouble.isPassing || mayBeTooNew(trouble):
            instancesUnknown(trouble)
        case .failure(let trouble):
            finish(1, "the scheduler could not read its own CI job: \(trouble.words)")
        }
    }

    /// A replica of GitLab's database may not have the own CI job yet.
    private func mayBeTooNew(_ trouble: Trouble) -> Bool {
        guard case .gone = trouble else { return false }
        return provenance.began.duration(to: now) < .seconds(5)
    }

    mutating func formerListed(_ answer: Answer<Roster>) {
        switch answer {
        case .success(let roster):
            hear(roster.serverTime)
            let isTrusted = provenance.judge(roster, own: lease.own)
            lease.sawFormer(ownClock(roster), isAll: roster.isComplete, trusted: isTrusted)
        case .failure(let trouble) where trouble.isPassing:
            return instancesUnknown(trouble)
        case .failure:
            lease.sawFormer(nil, isAll: false, trusted: false)
        }
        askForInstances()
    }

    mutating func instancesListed(_ answer: Answer<Roster>) {
        guard !lifecycle.isEnding else { return }
        switch answer {
        case .success(let roster):
            if lease.failures > 0 { log(.info, "gitlab", "the scheduler can list the instances again") }
            hear(roster.serverTime)
            let (before, hasLapsed) = (lease.standing, lease.hasLapsed(at: now))
            lease.saw(ownClock(roster), at: now, serverTime: roster.serverTime)
            set(.lease, after: settings.poll)
            standingChanged(from: before)
            if hasLapsed, lease.standing == .newest { lookUpTheGap() }
        case .failure(let trouble):
            instancesUnknown(trouble)
        }
    }

    /// The instances, with their times turned from GitLab's clock to the own one.
    ///
    /// GitLab tells its time in whole seconds, and its answer takes a while to arrive. So the scheduler takes the start
    /// of its own CI job for as late as it may be, and the starts of other instances for as early. An older instance
    /// then never posts for longer than the newer one expects.
    private func ownClock(_ roster: Roster) -> [Instance] {
        let most = roster.serverTime.flatMap { time in
            lease.askedAt.map { $0.duration(to: time) + .seconds(1) }
        }
        return roster.instances.map { instance in
            var instance = instance
            let ahead = instance.id == settings.instance ? clock.ahead : most ?? clock.ahead
            instance.startedThere = instance.startedAt
            instance.startedAt = instance.startedAt?.advanced(by: .zero - ahead)
            if case .over(let isSuccess, let end?) = instance.status {
                instance.status = .over(isSuccess: isSuccess, at: clock.here(end))
            }
            return instance
        }
    }

    private mutating func instancesUnknown(_ trouble: Trouble) {
        lease.failed()
        if lease.failures == 1 {
            let words = "the scheduler cannot tell whether a newer instance runs: \(trouble.words)"
            log(.warning, "gitlab", words)
        }
        let wait = min(settings.poll, Backoff.outage(lease.failures, of: "instances"))
        set(.lease, after: max(wait, trouble.retryAfter ?? .zero))
    }

    /// A handover comes with time alone, without an answer.
    mutating func noteTime() {
        let before = lease.standing
        lease.passed(to: now)
        standingChanged(from: before)
    }

    private mutating func standingChanged(from before: Lease.Standing) {
        guard lease.standing != before else { return }
        lease.nextChange.map { timers.set(.handover, at: $0) }
        switch lease.standing {
        case .unidentified: break
        case .standby(let older):
            let name =
                older.map { "the older instance, CI job \($0)," } ?? "an older instance, if there is one,"
            let begin = lease.nextChange ?? now
            let words =
                "\(name) schedules until \(lease.handoverToOwn.rfc3339); this one begins at \(begin.rfc3339)"
            log(.info, "standby", words)
        case .newest: becameNewest()
        case .handingOver(let newer, let handover):
            log(.info, "handover", "a newer instance, CI job \(newer), schedules from \(handover.rfc3339) on")
        case .superseded(let newer, let waits): superseded(by: newer, waits: waits)
        }
    }

    private mutating func becameNewest() {
        switch phase {
        case .standby: takeOver(othersPostedUntil: lastPostOfOthers, of: provenance.ownLine(lease))
        case .draining where settings.mode == .untilTold && !lifecycle.isPastDeadline:
            log(.warning, "handover", "the newer instance has gone: this one schedules again")
            takeOver(othersPostedUntil: now)
            takeBack()
        case .scheduling, .surveying:
            log(.info, "handover", "the newer instance has gone: this one keeps scheduling")
            if phase == .scheduling { armJobs() }
        case .draining, .ending, .over: break
        }
    }

    /// With a running successor, this instance watches its own pipelines to their end. A successor that waits for this
    /// one's resource adopts them.
    private mutating func superseded(by newer: Int64, waits: Bool) {
        // An instance that never began to schedule has no pipelines of its own.
        guard lifecycle.hasResumed, phase == .scheduling || phase == .surveying || phase == .draining, !waits
        else {
            log(.info, "superseded", "a newer instance, CI job \(newer), takes over")
            return endSoon()
        }
        let going = open.values.count { $0.run.pipeline != nil && $0.run.isGoing }
        log(
            .info, "superseded",
            "a newer instance, CI job \(newer), schedules from now on; this one watches its running pipelines to "
                + "their end: \(going)"
        )
        lifecycle.enter(.draining)
        settings.drainTimeout.map { set(.end, after: $0) }
    }

    /// This instance's check had expired. A newer instance may have come, posted and gone meanwhile.
    private mutating func lookUpTheGap() {
        guard phase == .scheduling || phase == .surveying else { return }
        let words = "no newer instance runs; looking up in GitLab what one may have posted meanwhile"
        log(.info, "handover", words)
        takeOver(othersPostedUntil: now)
        takeBack()
    }

    /// The other instance may have posted every claim that this one has not posted, or is in doubt about.
    private mutating func takeBack() {
        provenance.sawOthers()
        _ = posts.takeBack()
        for run in openRuns where run.pipeline == nil && run.state.isOpen {
            guard !jobs.isHeld(run.id) else { continue }
            posts.remove(run.id, from: lane(of: run))
            open[run.id]?.postedAt = nil
            doubtEarlier(run)
        }
    }
}
