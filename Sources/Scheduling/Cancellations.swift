/// The pipelines that the scheduler wants canceled: they ran too long, gave way to a newer run, or are twins. It asks
/// until GitLab accepts or refuses, even after the run is over.
struct Cancellations: Sendable {
    private struct Cancellation {
        let run: Run
        var pipelines: Set<Int64> = []
        var requestsUnderWay = 0
        var isToBeRepeated = false
        var failures = 0
        var lastTrouble: Trouble?

        /// When to ask again once every answer is there; nil: never.
        mutating func next(of id: RunID) -> Duration? {
            guard isToBeRepeated else { return nil }
            isToBeRepeated = false
            failures += 1
            return Backoff.outage(failures, lastTrouble, of: "\(id)")
        }
    }

    /// What to do after an answer.
    struct Reply: Hashable {
        let run: Run
        /// For the log: the first failure, and each failure that a repetition cannot mend.
        var news: Trouble?
        /// Ask again after this long.
        var retryAfter: Duration?
    }

    private var cancellations: [RunID: Cancellation] = [:]
    /// Blocked twins that the scheduler has canceled once. GitLab leaves their manual jobs as they are, so they stay
    /// blocked.
    private var blockedTwins: Set<Int64> = []

    var isEmpty: Bool { cancellations.isEmpty }

    /// Whether this is the first cancellation of this blocked twin.
    mutating func isFirst(ofBlocked pipeline: Int64) -> Bool { blockedTwins.insert(pipeline).inserted }

    /// The scheduler sends one request for each pipeline.
    mutating func begin(_ pipelines: [Int64], of run: Run) {
        cancellations[run.id, default: Cancellation(run: run)].pipelines.formUnion(pipelines)
        cancellations[run.id]?.requestsUnderWay += pipelines.count
    }

    /// The pipelines of a run to cancel once more. The scheduler sends one request for each.
    mutating func ask(again id: RunID) -> (pipelines: [Int64], run: Run)? {
        guard let cancellation = cancellations[id] else { return nil }
        cancellations[id]?.requestsUnderWay += cancellation.pipelines.count
        return (cancellation.pipelines.sorted(), cancellation.run)
    }

    /// GitLab has answered one request. nil: the scheduler cancels no pipeline of this run.
    mutating func answered(_ id: RunID, _ answer: Answer<Void>) -> Reply? {
        guard var cancellation = cancellations[id] else { return nil }
        var reply = Reply(run: cancellation.run)
        cancellation.requestsUnderWay -= 1
        if case .failure(let trouble) = answer {
            if cancellation.failures == 0 || !trouble.isPassing { reply.news = trouble }
            cancellation.lastTrouble = trouble
            if trouble.isPassing { cancellation.isToBeRepeated = true }
        }
        if cancellation.requestsUnderWay <= 0 {
            reply.retryAfter = cancellation.next(of: id)
            cancellations[id] = reply.retryAfter == nil ? nil : cancellation
        } else {
            cancellations[id] = cancellation
        }
        return reply
    }
}
