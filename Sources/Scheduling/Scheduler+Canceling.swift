extension Scheduler {
    /// Cancels a run's own pipeline.
    mutating func cancel(_ id: RunID, _ words: String) {
        guard let run = open[id]?.run, let pipeline = run.pipeline else { return }
        open[id]?.canceling = words
        log(.info, "canceling", "the scheduler cancels the pipeline: \(words)", run: run)
        cancel([pipeline.id], of: run)
    }

    /// Cancels pipelines that belong to a run.
    mutating func cancel(_ pipelines: [Int64], of run: Run) {
        guard !pipelines.isEmpty else { return }
        cancellations.begin(pipelines, of: run)
        request(cancellationOf: pipelines, of: run)
    }

    mutating func cancelAgain(_ id: RunID) {
        guard !lifecycle.isEnding, let (pipelines, run) = cancellations.ask(again: id) else { return }
        request(cancellationOf: pipelines, of: run)
    }

    private mutating func request(cancellationOf pipelines: [Int64], of run: Run) {
        for pipeline in pipelines {
            decision.requests.append(.cancel(run.id, project: project(of: run), pipeline: pipeline))
        }
        lifecycle.sent(acts: pipelines.count)
    }

    mutating func canceled(_ id: RunID, _ answer: Answer<Void>) {
        lifecycle.actAnswered()
        if case .success = answer, let openRun = open[id], openRun.canceling != nil {
            open[id]?.hasCanceled = true
            if openRun.run.state == .blocked { look(at: openRun.run) }
        }
        guard let reply = cancellations.answered(id, answer) else { return }
        if let trouble = reply.news {
            let words = "GitLab did not cancel the pipeline: \(trouble.words)"
            log(.warning, "canceling", words, run: reply.run)
        }
        if let wait = reply.retryAfter { set(.cancel(id), after: wait) }
    }
}
