/// Answers reads from a database replica that lags behind the primary.
extension FakeGitLab {
    /// The answer to a read as it was `readLag` ago. All other requests go to the primary. The limits count as usual.
    mutating func answerFromReplica(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard call.request.method == "GET" else { return try answer(call) }
        var replica = asOf(sum(now, -settings.readLag))
        // GitLab finds a job that asks about itself where it looks up the token.
        if case .job(let index) = call.caller, index >= replica.allJobs.count { return try answer(call) }
        defer { limits = replica.limits }
        return try replica.answer(call)
    }

    /// The pipelines and jobs as they were at a time, and everything else as it is.
    private func asOf(_ time: Int64) -> FakeGitLab {
        var replica = self
        while let last = replica.allPipelines.last, last.createdAt > time {
            replica.allPipelines.removeLast()
        }
        while let last = replica.allJobs.last, last.createdAt > time { replica.allJobs.removeLast() }
        while let last = replica.changes.last, last.at > time { replica.changes.removeLast() }
        for index in replica.allPipelines.indices where replica.allPipelines[index].updatedAt > time {
            replica.allPipelines[index].goBack(to: time)
        }
        for index in replica.allJobs.indices { replica.allJobs[index].goBack(to: time) }
        return replica
    }
}

extension FakePipeline {
    /// The pipeline as it was at a time. The replica lacks the jobs that it got since, so nothing finds them.
    fileprivate mutating func goBack(to time: Int64) {
        history.removeAll { $0.at > time }
        status = history.last?.status ?? .created
        updatedAt = history.last?.at ?? createdAt
        startedAt = startedAt.flatMap { $0 > time ? nil : $0 }
        finishedAt = finishedAt.flatMap { $0 > time ? nil : $0 }
    }
}

extension FakeJob {
    fileprivate mutating func goBack(to time: Int64) {
        if let retried = retriedAt, retried > time { retriedAt = nil }
        guard let last = history.last, last.at > time else { return }
        history.removeAll { $0.at > time }
        status = history.last?.status ?? .created
        queuedAt = queuedAt.flatMap { $0 > time ? nil : $0 }
        startedAt = startedAt.flatMap { $0 > time ? nil : $0 }
        finishedAt = finishedAt.flatMap { $0 > time ? nil : $0 }
    }
}
