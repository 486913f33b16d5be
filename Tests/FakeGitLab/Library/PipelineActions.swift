/// Requests about a single pipeline.
extension FakeGitLab {
    func listPipelineVariables(_ call: Call) throws(Refusal) -> FakeAnswer {
        let pipeline = allPipelines[try pipelineIndex(call)]
        // The creator may read them, as long as the creator may still update the pipeline.
        if pipeline.user != call.user { try require(.maintainer, call) }
        try requireRunning(on: pipeline.ref, call)
        let rows = pipeline.variables.map { variable -> FakeJSON in
            [
                "variable_type": .string(variable.type), "key": .string(variable.key),
                "value": .string(variable.value), "raw": false,
            ]
        }
        return FakeAnswer(200, .array(rows))
    }

    mutating func updatePipelineMetadata(_ call: Call) throws(Refusal) -> FakeAnswer {
        guard let name = call.parameters["name"].text else { throw Refusal(.error(400, "name is missing")) }
        let index = try pipelineIndex(call)
        guard (1...255).contains(name.count) else {
            throw Refusal(.message(400, "Failed to update pipeline: name must have 1 to 255 characters"))
        }
        if let old = allPipelines[index].name { pipelinesByName[old]?.removeAll { $0 == index } }
        allPipelines[index].name = name
        pipelinesByName[name, default: []].append(index)
        pipelinesByName[name]?.sort()
        return FakeAnswer(200, pipelineJSON(allPipelines[index], withName: true))
    }

    mutating func deletePipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try pipelineIndex(call)
        try require(.owner, call)
        allPipelines[index].isDeleted = true
        return FakeAnswer(status: 204)
    }

    /// Retries each failed or canceled build of the pipeline, if GitLab still can. Trigger jobs stay as they are.
    mutating func retryPipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try pipelineIndex(call)
        try requireRunning(on: allPipelines[index].ref, call)
        let over = allPipelines[index].jobIDs.compactMap(self.index(ofJob:)).filter {
            isRetryable(allJobs[$0]) && !allJobs[$0].isBridge
                && [.failed, .canceled].contains(allJobs[$0].status)
        }
        for job in over { retry(jobAt: job) }
        return FakeAnswer(201, pipelineJSON(allPipelines[index], withName: false))
    }

    /// 200 whatever the pipeline's status was.
    mutating func cancelPipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try pipelineIndex(call)
        try requireRunning(on: allPipelines[index].ref, call)
        cancel(pipelineAt: index, by: call.user.username)
        return FakeAnswer(200, pipelineJSON(allPipelines[index], withName: false))
    }

    /// Cancels the jobs of a pipeline and of its children. A pipeline without a job to cancel also leaves its children
    /// alone (`app/services/ci/cancel_pipeline_service.rb`).
    mutating func cancel(pipelineAt index: Int, by canceler: String) {
        guard cancelJobs(ofPipelineAt: index, by: canceler) else { return }
        for child in descendants(ofPipelineAt: index) { cancelJobs(ofPipelineAt: child, by: canceler) }
    }

    /// Cancels the cancelable jobs from the last one to the first, so that no stage starts meanwhile. Returns false if
    /// there is none.
    @discardableResult
    mutating func cancelJobs(
        ofPipelineAt index: Int, by canceler: String, where mayCancel: (FakeJob) -> Bool = { _ in true }
    ) -> Bool {
        let jobs = allPipelines[index].jobIDs.compactMap(self.index(ofJob:)).filter {
            !allJobs[$0].isRetried && isCancelable(allJobs[$0].status) && mayCancel(allJobs[$0])
        }
        guard !jobs.isEmpty else { return false }
        allPipelines[index].canceledBy = canceler
        notice("pipeline \(allPipelines[index].title) cancel asked for by \(canceler)")
        for job in jobs.reversed() where isCancelable(allJobs[job].status) { cancel(jobAt: job) }
        return true
    }

    /// Whether a cancellation changes a job or pipeline with this status.
    func isCancelable(_ status: FakeStatus) -> Bool {
        !status.isFinal && status != .canceling && (status != .manual || settings.cancelsManual)
    }

    /// Whether GitLab gives this finished job a new attempt on request.
    func isRetryable(_ job: FakeJob) -> Bool {
        let isWithinLimit = settings.retriesPerJob == 0 || job.attempt <= settings.retriesPerJob
        return !job.isRetried && job.plan.isRetryable && isWithinLimit
    }

    /// A job on a runner gets time to stop. The others end at once.
    mutating func cancel(jobAt index: Int) {
        let hasRunner = allJobs[index].status == .running && !allJobs[index].isBridge
        setStatus(hasRunner ? .canceling : .canceled, ofJobAt: index)
    }

    /// Replaces an old job by a new one, and lets the stages after it wait again.
    @discardableResult
    mutating func retry(jobAt index: Int) -> Int {
        let old = allJobs[index]
        guard let pipeline = self.index(ofPipeline: old.pipelineID) else { return index }
        allJobs[index].retriedAt = now
        for job in allPipelines[pipeline].jobIDs.compactMap(self.index(ofJob:))
        where allJobs[job].status == .skipped && !allJobs[job].isRetried {
            mark(.created, ofJobAt: job)
            allJobs[job].isStarted = false
        }
        let new = makeJob(old.plan, inPipelineAt: pipeline, attempt: old.attempt + 1)
        allJobs[new].isStarted = true
        allJobs[new].resourceGroup = old.resourceGroup
        notice("pipeline \(allPipelines[pipeline].title) retries \(old.name), attempt \(old.attempt + 1)")
        setStatus(allJobs[new].firstStatus, ofJobAt: new)
        return new
    }
}
