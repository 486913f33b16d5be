import Cron

/// Cancelling pipelines: those that ran too long, gave way or are twins. Asked again until GitLab has heard it,
/// also when the run is over meanwhile.
extension Scheduler {
    /// Cancels a run's own pipeline.
    mutating func cancel(_ id: RunID, _ words: String) {
        guard let run = open[id]?.run, let pipeline = run.pipeline else { return }
        open[id]?.canceling = words
        log(.info, "canceling", "the pipeline is cancelled: \(words)", run: run)
        cancel([pipeline.id], of: run)
    }

    /// Cancels pipelines that belong to a run.
    mutating func cancel(_ pipelines: [Int64], of run: Run) {
        guard !pipelines.isEmpty else { return }
        cancellations[run.id, default: Cancellation(run: run)].pipelines.formUnion(pipelines)
        sendCancellations(of: run.id, pipelines)
    }

    mutating func cancelAgain(_ id: RunID) {
        guard let cancellation = cancellations[id], phase != .ending, phase != .over else { return }
        sendCancellations(of: id, cancellation.pipelines.sorted())
    }

    private mutating func sendCancellations(of id: RunID, _ pipelines: [Int64]) {
        let project = cancellations[id]?.run.project ?? settings.project
        for pipeline in pipelines {
            decision.effects.append(.cancel(id, project: project, pipeline: pipeline))
        }
        cancellations[id]?.underWay += pipelines.count
        actsInFlight += pipelines.count
    }

    mutating func canceled(_ id: RunID, _ answer: Answer<Void>) {
        actsInFlight = max(0, actsInFlight - 1)
        guard cancellations[id] != nil else { return }
        cancellations[id]?.underWay -= 1
        if case .failure(let trouble) = answer { cancellationFailed(id, trouble) }
        guard let cancellation = cancellations[id], cancellation.underWay <= 0 else { return }
        guard cancellation.isToBeRepeated else { return cancellations[id] = nil }
        cancellations[id]?.isToBeRepeated = false
        cancellations[id]?.failures += 1
        set(
            .cancel(id), after: pause(after: cancellation.failures + 1, cancellation.lastTrouble, of: "\(id)")
        )
    }

    private mutating func cancellationFailed(_ id: RunID, _ trouble: Trouble) {
        if cancellations[id]?.failures == 0 || !trouble.isPassing {
            let words = "GitLab did not cancel the pipeline: \(trouble.words)"
            log(.warning, "canceling", words, run: cancellations[id]?.run)
        }
        cancellations[id]?.lastTrouble = trouble
        if trouble.isPassing { cancellations[id]?.isToBeRepeated = true }
    }

    /// How long to leave GitLab alone after requests in a row that brought no answer: growing, and at least as
    /// long as GitLab asked for.
    func pause(after failures: Int, _ trouble: Trouble?, of key: String) -> Duration {
        max(Backoff.outage(failures, of: key), trouble?.retryAfter ?? .zero)
    }
}

/// Pipelines of a run that are to be cancelled.
struct Cancellation: Sendable {
    let run: Run
    var pipelines: Set<Int64> = []
    /// Requests under way.
    var underWay = 0
    var isToBeRepeated = false
    var failures = 0
    var lastTrouble: Trouble?
}
