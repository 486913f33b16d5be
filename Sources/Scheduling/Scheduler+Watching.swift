import CivilTime

/// Follows pipelines to their end: lists what changed, retries failed CI jobs, cancels at a timeout.
extension Scheduler {
    /// How often a superseded instance looks whether the newer one has retried a pipeline.
    private static let looksForRetry = 30

    /// Why a pipeline is canceled that this scheduler did not cancel.
    private static let notCanceledHere =
        "not by orchestrate: a person canceled it, or GitLab did for a newer commit (workflow: auto_cancel: on_new_commit)"

    /// `seen`: when the pipeline was last known to be going; nil for just now.
    mutating func watch(_ id: RunID, seen: Instant? = nil) {
        guard let openRun = open[id], let pipeline = openRun.run.pipeline else { return }
        let project = project(of: openRun.run)
        let isFirst = watches[project, default: Watch()].add(id, pipeline: pipeline.id, seen: seen ?? now)
        if isFirst { set(.watch(project), after: settings.watch) }
        if let timeout = openRun.job?.timeout {
            // A beginning in the future was noted before the clock was set back.
            open[id]?.overdueAt = min(openRun.run.triggeredAt ?? now, now).advanced(by: timeout)
        }
        armTimeout(id)
    }

    mutating func lookAtPipelines(of project: String) {
        guard !lifecycle.isEnding,
            let round = watches[project]?.nextRound(at: now, serverNow: clock.there(now))
        else { return }
        decision.requests.append(.list(project: project, changedAfter: round.changedAfter))
        for (run, pipeline) in round.looks {
            decision.requests.append(.look(run, project: project, pipeline: pipeline))
        }
    }

    mutating func listed(_ project: String, _ answer: Answer<Listing>) {
        switch answer {
        case .success(let listing):
            hear(listing.serverTime)
            if watches[project]?.listed(serverTime: listing.serverTime) == true {
                log(.info, "gitlab", "the scheduler can list the pipelines of project \(project) again")
            }
            for sighting in listing.sightings {
                if let id = watches[project]?.run(of: sighting.pipeline.id) {
                    saw(sighting, of: id)
                } else if let id = sighting.run {
                    meet(sighting, of: id, in: project)
                }
            }
            set(.watch(project), after: settings.watch)
        case .failure(let trouble):
            let failures = watches[project]?.listFailed() ?? 1
            if failures == 1 { logUnlisted(project, trouble, .warning) }
            set(.watch(project), after: max(settings.watch, Backoff.outage(failures, trouble, of: project)))
        }
    }

    mutating func looked(_ id: RunID, _ answer: Answer<Sighting>) {
        switch answer {
        case .success(let sighting): saw(sighting, of: id)
        // A replica of GitLab's database may not have it yet.
        case .failure(.gone) where isFresh(id): break
        case .failure(.gone(let words)):
            move(id, .vanished("its pipeline is not in GitLab any more: \(words)"))
        case .failure: break  // The next round looks again.
        }
        jobs.looked(id.job)
    }

    private func isFresh(_ id: RunID) -> Bool {
        open[id]?.run.triggeredAt.map { $0.duration(to: now) < settings.settle } ?? false
    }

    /// Looks at one pipeline, besides the rounds.
    mutating func look(at run: Run) {
        guard let pipeline = run.pipeline else { return }
        decision.requests.append(.look(run.id, project: project(of: run), pipeline: pipeline.id))
    }

    mutating func saw(_ sighting: Sighting, of id: RunID) {
        guard let openRun = open[id], openRun.run.pipeline?.id == sighting.pipeline.id else { return }
        let project = project(of: openRun.run)
        judgeName(sighting, openRun)
        watches[project]?.saw(sighting.pipeline.id, blocked: sighting.progress == .blocked, at: now)
        let ended = end(of: sighting, created: openRun.run.triggeredAt)
        open[id]?.pipelineEndedAt = ended
        switch sighting.progress {
        case .going:
            if openRun.run.state == .blocked { move(id, .progressed) }
        case .blocked:
            // GitLab does not cancel manual jobs, and does not say so: the pipeline stays blocked.
            if openRun.run.state != .blocked {
                move(id, .blocked)
            } else if let words = openRun.canceling, openRun.hasCanceled {
                move(id, .canceled("\(words); only manual jobs are left of it"))
            }
        case .succeeded: move(id, .succeeded)
        case .canceled: move(id, .canceled(openRun.canceling ?? Self.notCanceledHere))
        case .skipped: move(id, .skippedByGitLab)
        case .failed: pipelineFailed(id, openRun)
        case .unknown(let status):
            guard watches[project]?.isNew(status: status) == true else { return }
            let words =
                "GitLab says “\(status)”, a status that this version does not know: the pipeline counts as running"
            log(.warning, "status", words, run: openRun.run)
        }
    }

    /// When a pipeline ended, on the own clock. GitLab's clock alone measures the time from its creation to its end:
    /// the scheduler knows the difference of the two clocks only to a second.
    private func end(of sighting: Sighting, created: Instant?) -> Instant? {
        guard let end = sighting.finishedAt ?? sighting.changedAt else { return nil }
        guard let created, let createdThere = sighting.createdAt else { return clock.here(end) }
        return created.advanced(by: createdThere.duration(to: end))
    }

    private mutating func pipelineFailed(_ id: RunID, _ openRun: OpenRun) {
        guard !openRun.isRetrying else { return }
        let retries = openRun.job?.retries ?? 0
        guard retries > 0, openRun.canceling == nil else {
            // The "failed" status may be older than a retry that is being canceled.
            guard openRun.run.attempts <= 1 || openRun.hasBeenLookedAtAgain else {
                open[id]?.hasBeenLookedAtAgain = true
                return look(at: openRun.run)
            }
            guard let words = openRun.canceling else { return askWhatFailed(openRun) }
            move(id, .failed(words))
            return
        }
        let used = max(0, openRun.run.attempts - 1)
        let wait = Backoff.delay(
            afterFailures: used + 1, first: settings.watch, most: .seconds(300), spreadBy: id.description)
        open[id]?.isRetrying = true
        move(id, .retrying("the pipeline failed; looking for jobs to retry in \(wait.rough)"))
        set(.run(id), after: wait)
    }

    /// The log names the failed CI job even where the job has no retries.
    private mutating func askWhatFailed(_ openRun: OpenRun) {
        guard let pipeline = openRun.run.pipeline else { return }
        open[openRun.run.id]?.isRetrying = true
        decision.requests.append(
            .listJobs(openRun.run.id, project: project(of: openRun.run), pipeline: pipeline.id))
    }

    mutating func runTimerRang(_ id: RunID) {
        guard !lifecycle.isEnding, let openRun = open[id], let pipeline = openRun.run.pipeline else { return }
        guard openRun.isRetrying else {
            guard isOverdue(openRun), openRun.canceling == nil else { return armTimeout(id) }
            // A newer instance watches this pipeline, too, and cancels it.
            return mayPost ? cancel(id, timeoutWords(openRun)) : set(.run(id), after: settings.watch)
        }
        decision.requests.append(.listJobs(id, project: project(of: openRun.run), pipeline: pipeline.id))
    }

    func isOverdue(_ openRun: OpenRun) -> Bool { openRun.overdueAt.map { $0 <= now } ?? false }

    private func timeoutWords(_ openRun: OpenRun) -> String {
        "timeout: it ran longer than \(openRun.job?.timeout?.rough ?? "allowed")"
    }

    private mutating func armTimeout(_ id: RunID) {
        guard let openRun = open[id], openRun.canceling == nil, let overdueAt = openRun.overdueAt else {
            return
        }
        timers.set(.run(id), at: overdueAt)
    }

    mutating func jobsListed(_ id: RunID, _ answer: Answer<[CIJob]>) {
        guard let openRun = open[id], openRun.isRetrying else { return }
        switch answer {
        case .success(let jobs):
            decideRetry(openRun, open[id]?.withEarlierTriggers(jobs) ?? jobs)
        case .failure(let trouble) where trouble.isPassing:
            retryLater(id, trouble)
        case .failure(let trouble):
            let words = "the pipeline failed, and the scheduler could not read its jobs: \(trouble.words)"
            move(id, .failed(words))
        }
    }

    private mutating func decideRetry(_ openRun: OpenRun, _ jobs: [CIJob]) {
        let id = openRun.run.id
        let isEnding = openRun.canceling != nil || isOverdue(openRun)
        let retries = openRun.job?.retries ?? 0
        switch Retry.decide(jobs, retries: retries, triggersRan: openRun.earlierAttempts) {
        case .wait(let attempts):
            // GitLab has carried out a retry whose answer was lost, or another process or a person retried it.
            open[id]?.run.attempts = attempts
            open[id]?.isRetrying = false
            open[id]?.failures = 0
            move(id, .progressed)
            armTimeout(id)
        case .again where isEnding:
            move(id, .failed(openRun.canceling ?? timeoutWords(openRun)))
        case .again where !mayPost: leaveToNewer(openRun)
        case .again(let jobs, let attempt) where !openRun.notRetryable.isDisjoint(with: jobs):
            open[id]?.run.attempts = attempt - 1
            move(id, .failed("the pipeline failed, and GitLab does not allow the retry of its failed jobs"))
        case .again(let jobs, let attempt):
            open[id]?.run.attempts = attempt - 1
            decision.requests.append(.retry(id, project: project(of: openRun.run), jobs: jobs))
            lifecycle.sent(acts: 1)
        case .nothingFailed(let attempts) where !openRun.hasBeenLookedAtAgain:
            open[id]?.run.attempts = attempts
            // The "failed" status is older than a retry that has ended: a look at the pipeline tells how.
            open[id]?.hasBeenLookedAtAgain = true
            open[id]?.isRetrying = false
            move(id, .progressed)
            look(at: openRun.run)
        case .nothingFailed(let attempts):
            open[id]?.run.attempts = attempts
            move(id, .failed("the pipeline failed without a failed job to retry"))
        case .giveUp(let words, let attempts):
            open[id]?.run.attempts = attempts
            move(id, .failed(words))
        }
    }

    /// Two instances that both retried and canceled would undo each other's work. So the one that may not post waits
    /// for the newer one to retry, but not forever: the newer one may have decided otherwise.
    private mutating func leaveToNewer(_ openRun: OpenRun) {
        let id = openRun.run.id
        guard openRun.failures < Self.looksForRetry || lease.standing == .newest else {
            move(id, .failed("the pipeline failed, and the newer instance did not retry it"))
            return
        }
        open[id]?.failures += 1
        set(.run(id), after: max(settings.watch, settings.poll))
    }

    mutating func retried(_ id: RunID, _ answer: Answer<[Int64]>) {
        lifecycle.actAnswered()
        guard let openRun = open[id] else { return }
        switch answer {
        case .success(let left) where !left.isEmpty:
            open[id]?.notRetryable = Set(left)
            set(.run(id), after: settings.watch)
        case .success:
            open[id]?.isRetrying = false
            open[id]?.failures = 0
            move(id, .retried(attempts: openRun.run.attempts + 1))
            armTimeout(id)
        case .failure(let trouble) where trouble.isPassing:
            // The list of CI jobs shows what GitLab carried out, and no CI job is retried twice.
            retryLater(id, trouble)
        case .failure(let trouble):
            move(id, .failed("the pipeline failed, and GitLab refused the retry: \(trouble.words)"))
        }
    }

    private mutating func retryLater(_ id: RunID, _ trouble: Trouble) {
        open[id]?.failures += 1
        set(.run(id), after: Backoff.outage(open[id]?.failures ?? 1, trouble, of: id.description))
    }
}
