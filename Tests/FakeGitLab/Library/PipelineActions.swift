/// What can be done with one pipeline.
extension FakeGitLab {
    func listPipelineVariables(_ call: Call) throws(Refusal) -> FakeAnswer {
        let pipeline = allPipelines[try pipelineIndex(call)]
        // Its maker, as long as that one may still update it.
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

    /// Retries every failed or canceled build of the pipeline that was not retried yet, where GitLab can.
    /// Trigger jobs are left as they are.
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

    /// Cancels the jobs of a pipeline and of its children. A pipeline that has no job to cancel keeps its
    /// children too (`app/services/ci/cancel_pipeline_service.rb`).
    mutating func cancel(pipelineAt index: Int, by canceler: String) {
        guard cancelJobs(ofPipelineAt: index, by: canceler) else { return }
        for child in descendants(ofPipelineAt: index) { cancelJobs(ofPipelineAt: child, by: canceler) }
    }

    /// Cancels the jobs that may be canceled from the last one back, so that no stage starts on the way.
    /// False when there is none.
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

    /// Whether canceling does something to a job or pipeline in this status.
    func isCancelable(_ status: FakeStatus) -> Bool {
        !status.isFinal && status != .canceling && (status != .manual || settings.cancelsManual)
    }

    /// Whether a job that is over gets a new attempt when somebody asks for it.
    func isRetryable(_ job: FakeJob) -> Bool {
        let isWithinLimit = settings.retriesPerJob == 0 || job.attempt <= settings.retriesPerJob
        return !job.isRetried && job.plan.isRetryable && isWithinLimit
    }

    /// A job that runs on a runner gets time to stop; the others end at once.
    mutating func cancel(jobAt index: Int) {
        let hasRunner = allJobs[index].status == .running && !allJobs[index].isBridge
        setStatus(hasRunner ? .canceling : .canceled, ofJobAt: index)
    }

    /// Puts a new job in the place of an old one, and lets the stages after it wait again.
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
