import CivilTime

extension Scheduler {
    /// Moves a run by one event: its row, its log line, and what depends on its being over. False when
    /// the event came too late to matter.
    @discardableResult
    mutating func move(_ id: RunID, _ event: RunEvent) -> Bool {
        guard let before = open[id], let run = open[id]?.move(by: event, at: now) else { return false }
        let (wasGoing, isRecorded) = (before.run.isGoing, before.isRecorded)
        if isRecorded {
            decision.changes.append(.update(run, at: now))
        } else if !run.state.isOpen {
            decision.changes.append(.insert(run))
        }
        if isNews(event, of: run) { decision.news.append(.outcome(Outcome(run: run, event: event))) }
        tell(
            run, event, of: before.job, isTimedOut: isOverdue(before),
            isFirstPipeline: before.run.pipeline == nil)
        if !run.state.isOpen {
            forget(run)
            lifecycle.ended(run)
        }
        occupy(id.job, (run.isGoing ? 1 : 0) - (wasGoing ? 1 : 0))
        return true
    }

    private mutating func isNews(_ event: RunEvent, of run: Run) -> Bool {
        switch event {
        // Every run has these two, and the next line about it says more.
        case .sending, .progressed: false
        // The log tells a trouble once, however many fire times wait for its end.
        case .postponed, .answerLost: complaints.mayTell(.posts(lane(of: run)), at: now)
        default: true
        }
    }

    /// Takes a run out of everything that waits for it, except a search for its twins.
    mutating func forget(_ run: Run) {
        open.recent.add(run)
        open[run.id] = nil
        posts.remove(run.id, from: lane(of: run))
        jobs.ended(run.id)
        let project = project(of: run)
        run.pipeline.map { watches[project]?.remove(pipeline: $0.id) }
        if reconcilers[project]?.isAboutTwins(of: run.id) == false { reconcilers[project]?.remove(run.id) }
    }

    /// Takes a run out of its lane and out of the held claims.
    mutating func stopWaiting(_ run: Run) {
        posts.remove(run.id, from: lane(of: run))
        jobs.release(run.id)
    }

    func project(of run: Run) -> String { run.project ?? settings.project }

    func lane(of run: Run) -> Lane.Key {
        Lane.Key(project: project(of: run), ref: run.ref ?? settings.ref)
    }
}
