import CivilTime

extension Scheduler {
    /// Requests under way get this long to be answered once the process was asked to end.
    private static let lastWords = Duration.seconds(5)

    /// This instance schedules from now on. Other instances may have posted until `end`, but no fire time from `line`
    /// on.
    mutating func takeOver(othersPostedUntil end: Instant, of line: Instant? = nil) {
        provenance.begin(othersPostedUntil: end, line: line, clock)
        planSecondLook()
        if needsSurvey { beginSurvey() } else { startScheduling() }
    }

    mutating func startScheduling() {
        let isFirst = lifecycle.schedule()
        telling.farewell = nil
        // The scheduler left out searches that fell due in another phase.
        for project in reconcilers.keys.sorted() { set(.search(project), after: .zero) }
        if isFirst {
            openRuns.forEach { if !survey.isAdopted($0.id) { resume($0.id) } }
            resumeCatchUps()
            tellOfTheFuture()
            mindTheDeadline()
            beat()
            askForTargets()
        }
        provenance.scheduled()
        if case .trigger(let id, _) = settings.mode {
            beginTrigger(id)
        } else {
            armJobs()
            set(.prune, after: .zero)
        }
        let count = jobs.states.count
        log(.info, "scheduling", "scheduling \(count) \(count == 1 ? "job" : "jobs")")
    }

    private mutating func beginTrigger(_ id: RunID) {
        guard let job = jobs.job(named: id.job), open[id] == nil else { return }
        beginRun(id, of: job)
        enqueue(id)
    }

    mutating func terminated(by signal: String) {
        guard !lifecycle.isEnding else { return }
        let waiting = posts.inFlightCount + lifecycle.actsUnderWay
        let rest =
            switch waiting {
            case 0: ""
            case 1: ", and waits for the answer to one request"
            default: ", and waits for the answers to \(waiting) requests"
            }
        log(.info, "ending", "\(signal): the scheduler creates no new pipelines\(rest)")
        endSoon()
    }

    mutating func endSoon() {
        lifecycle.enter(.ending)
        set(.end, after: Self.lastWords)
    }

    mutating func endNow() {
        guard phase == .ending || phase == .draining else { return }
        if leavesNobody { return finish(1, Self.nobodyWords) }
        let words =
            switch open.count {
            case 0: "ended"
            case 1: "ended; the next instance takes over one open run"
            default: "ended; the next instance takes over \(open.count) open runs"
            }
        finish(0, words)
    }

    mutating func endIfOver() {
        switch phase {
        case .standby, .surveying, .scheduling, .over: return
        case .ending: if !hasRequestsUnderWay, !waitsForChannels() { endNow() }
        case .draining: if isDrained, !waitsForChannels() { endDrained() }
        }
    }

    static let nobodyWords =
        "this CI job is at its end, and no newer instance is there: fire times wait for the next one. Run a new pipeline, "
        + "and let a pipeline schedule start the scheduler more often than its CI job lasts"

    /// The end of the own CI job has come, and no other instance goes on. The CI job then fails, so that GitLab tells
    /// somebody. It keeps the cache of a failed job, too (`cache: when: always`).
    private var leavesNobody: Bool {
        phase == .draining && settings.mode == .untilTold && lifecycle.isPastDeadline
            && !lifecycle.hasSuccessor
            && lease.standing == .newest
    }

    private var hasRequestsUnderWay: Bool { posts.inFlightCount > 0 || lifecycle.actsUnderWay > 0 }

    private var isDrained: Bool {
        guard !hasRequestsUnderWay, cancellations.isEmpty else { return false }
        if case .trigger(let id, let wait) = settings.mode, !wait {
            return open[id].map { $0.run.pipeline != nil } ?? true
        }
        if case .once(wait: false) = settings.mode { return !open.values.contains(where: isUnsettled) }
        // A superseded instance leaves the claims that it has not posted to its successor.
        let isSuperseded = lease.standing != .newest
        return !open.values.contains {
            isSuperseded ? $0.run.pipeline != nil && $0.run.isGoing : $0.run.isGoing
        }
    }

    /// Whether `--once --no-wait` still has to do something for it: a claim is to be posted, or a pipeline of an earlier
    /// start has not been looked at. A successor does that for an instance that it has superseded. A claim that waits for an
    /// earlier run of its job is left to the next start.
    private func isUnsettled(_ openRun: OpenRun) -> Bool {
        let run = openRun.run
        if case .superseded = lease.standing { return false }
        guard run.isGoing else { return false }
        guard let pipeline = run.pipeline else { return !jobs.isHeld(run.id) }
        let isSeen = watches[project(of: run)]?.hasSeen(pipeline.id, since: provenance.began) ?? true
        return openRun.isRetrying || !isSeen
    }

    private mutating func endDrained() {
        guard settings.mode != .untilTold else {
            if leavesNobody { return finish(1, Self.nobodyWords) }
            return finish(0, "every pipeline of this instance is over")
        }
        let (code, words) = lifecycle.result(
            openRuns: open.count, isWaiting: settings.mode != .once(wait: false))
        finish(code, words)
    }

    mutating func finish(_ code: Int32, _ words: String) {
        guard phase != .over else { return }
        lifecycle.enter(.over)
        giveBack()
        recordDeliveries(isLast: true)
        log(code == 0 ? .info : .error, "ended", words)
        decision.ending = Ending(code: code, words: words, ledgerIsWhole: ledgerIsWhole)
    }

    /// A claim that was never handed to the network is not in doubt: the next instance may post it at once.
    private mutating func giveBack() {
        for id in posts.takeBack() where open[id]?.postedAt == nil {
            move(id, .postponed("not sent: this instance ended", until: now))
        }
    }

    /// Whether the ledger knows what every instance did until now. An instance that has not begun to schedule knows
    /// only a part. The last POSTs of an older instance are known only when GitLab has carried them out.
    private var ledgerIsWhole: Bool {
        lifecycle.hasResumed && survey.isWhole && jobs.isRecorded
            && provenance.knowsOthers(wasSole: lease.isSole, settle: settings.settle, now: now)
    }
}
