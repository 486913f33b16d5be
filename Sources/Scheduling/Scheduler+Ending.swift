import Cron

/// Beginning and ending.
extension Scheduler {
    /// Requests under way get this long to be answered once the process was asked to end.
    private static let lastWords = Duration.seconds(5)

    /// This instance schedules from now on; others may have posted until `end`, and no fire time from `line` on.
    mutating func begin(othersPostedUntil end: Instant, of line: Instant? = nil) {
        othersPostedUntil = end
        if settings.instance != nil {
            // What they have posted were fire times on their clocks.
            let there = max(end, clock.there(end))
            strangersPostedUntil = min(there, line?.advanced(by: .microseconds(-1)) ?? there)
        }
        planSecondLook()
        if needsSurvey { beginSurvey() } else { startScheduling() }
    }

    /// When somebody else may have posted last, as of the start.
    var lastPostOfOthers: Instant {
        let own = takesOverAt ?? .distantPast
        if let end = past.last?.endedAt, settings.instance == nil ? past.isLatest : trustsLedger {
            return max(min(end, now), own)
        }
        return settings.instance == nil
            ? now : max(min(lease.handoverToOwn.advanced(by: Lease.grace), now), own)
    }

    mutating func startScheduling() {
        phase = .scheduling
        // Those that fell due in another phase were left out.
        for project in doubts.keys.sorted() { set(.search(project), after: .zero) }
        if !hasResumed {
            openRuns.forEach { if !adopted.contains($0.id) { resume($0.id) } }
            mindTheDeadline()
        }
        hasResumed = true
        // What another instance does from now on is not in this ledger.
        trustsLedger = false
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
        begin(id, of: index)
        enqueue(id)
    }

    mutating func terminated(by signal: String) {
        guard phase != .ending && phase != .over else { return }
        let waiting = inFlight.count + actsInFlight
        log(.info, "ending", "\(signal): no new pipelines; \(waiting) requests under way are finished")
        endSoon()
    }

    mutating func endSoon() {
        phase = .ending
        set(.end, after: Self.lastWords)
    }

    mutating func endNow() {
        guard phase == .ending || phase == .draining else { return }
        finish(0, "ended with \(open.count) open runs; the next instance takes them over")
    }

    mutating func endIfOver() {
        switch phase {
        case .standby, .surveying, .scheduling, .over: return
        case .ending: if inFlight.isEmpty && actsInFlight == 0 { endNow() }
        case .draining: if isDrained { endDrained() }
        }
    }

    private var isDrained: Bool {
        guard inFlight.isEmpty, actsInFlight == 0, cancellations.isEmpty else { return false }
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

    mutating func finish(_ code: Int32, _ words: String) {
        guard phase != .over else { return }
        phase = .over
        giveBack()
        log(code == 0 ? .info : .error, "ended", words)
        decision.effects.append(.finish(Ending(code: code, words: words, ledgerIsWhole: ledgerIsWhole)))
    }

    /// What was claimed and never handed to the network is not in doubt: the next instance may post it at once.
    private mutating func giveBack() {
        sendable.append(contentsOf: committing)
        while let id = sendable.next() {
            guard open[id]?.postedAt == nil else { continue }
            move(id, .postponed("not sent: this instance ended", until: now))
        }
    }

    /// Whether the ledger knows what every instance did until now. Before it has begun, an instance sees only a part; and
    /// what an older one has posted last is not known before GitLab is done with it.
    private var ledgerIsWhole: Bool {
        guard hasResumed, surveys.isEmpty, secondLooks.isEmpty, !surveyLacks else { return false }
        let wasAlone = settings.instance == nil || (lease.isSole && !hadOthers)
        return wasAlone || othersPostedUntil.advanced(by: settings.settle) <= now
    }
}
