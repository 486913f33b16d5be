import Cron

extension Scheduler {
    /// Moves a run by one event: its row, its log line, and what depends on its being over. False when
    /// the event came too late to matter.
    @discardableResult
    mutating func move(_ id: RunID, _ event: RunEvent) -> Bool {
        guard let (wasGoing, isRecorded) = open[id].map({ ($0.run.isGoing, $0.isRecorded) }),
            let run = open[id]?.move(by: event, at: now)
        else { return false }
        if isRecorded {
            decision.changes.append(.update(run, at: now))
        } else if !run.state.isOpen {
            decision.changes.append(.insert(run))
        }
        announce(event, run)
        if !run.state.isOpen { close(run) }
        occupy(id.job, (run.isGoing ? 1 : 0) - (wasGoing ? 1 : 0))
        return true
    }

    private mutating func close(_ run: Run) {
        forget(run)
        run.pipeline.map { watches[project(of: run)]?.remove(pipeline: $0.id) }
        lifecycle.ended(run)
    }

    /// Takes a run out of everything that waits for it, but for a search for its twins.
    mutating func forget(_ run: Run) {
        open[run.id] = nil
        posts.remove(run.id, from: lane(of: run))
        jobs.ended(run.id)
        let project = project(of: run)
        if reconcilers[project]?.isAboutTwins(of: run.id) == false { reconcilers[project]?.remove(run.id) }
    }

    /// Takes a run out of those that wait to be posted.
    mutating func stopWaiting(_ run: Run) {
        posts.remove(run.id, from: lane(of: run))
        jobs.release(run.id)
    }

    func project(of run: Run) -> String { run.project ?? settings.project }

    func lane(of run: Run) -> Lane.Key {
        Lane.Key(project: project(of: run), ref: run.ref ?? settings.ref)
    }

    private mutating func announce(_ event: RunEvent, _ run: Run) {
        let took = run.triggeredAt.map { " after \($0.duration(to: now).rounded)" } ?? ""
        switch event {
        case .sending, .progressed: break
        case .created:
            let late = run.lateness.map { $0.rounded } ?? "unknown"
            log(.info, "triggered", "pipeline created, \(late) after the fire time", run: run)
        case .found: log(.info, "found", "GitLab has a pipeline for it", run: run)
        case .refused(let words): log(.error, "refused", "GitLab refused: \(words)", run: run)
        case .postponed(let words, let until):
            log(.warning, "postponed", "not created, tried again at \(until.rfc3339): \(words)", run: run)
        case .answerLost(let words):
            log(.warning, "uncertain", "GitLab is asked whether the pipeline exists: \(words)", run: run)
        case .provedAbsent: log(.info, "absent", "GitLab has no pipeline for it; posting again", run: run)
        case .unprovable(let words): log(.error, "lost", words, run: run)
        case .dropped(let words): log(.info, "skipped", "skipped: \(words)", run: run)
        case .retrying(let words): log(.warning, "retrying", words, run: run)
        case .retried(let attempts):
            log(.info, "retried", "failed jobs started again, attempt \(attempts)", run: run)
        case .blocked: log(.warning, "blocked", run.reason ?? "blocked", run: run)
        case .succeeded: log(.info, "succeeded", "succeeded\(took)", run: run)
        case .failed(let words): log(.error, "failed", "failed\(took): \(words)", run: run)
        case .canceled(let words):
            log(.warning, "canceled", "canceled\(took)\(words.map { ": \($0)" } ?? "")", run: run)
        case .skippedByGitLab: log(.warning, "skipped", run.reason ?? "skipped", run: run)
        case .vanished(let words): log(.error, "lost", words, run: run)
        }
    }
}
