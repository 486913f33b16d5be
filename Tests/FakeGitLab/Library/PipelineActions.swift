/// What can be done with one pipeline.
extension FakeGitLab {
    func listPipelineVariables(_ call: Call) throws(Refusal) -> FakeAnswer {
        let pipeline = allPipelines[try pipelineIndex(call)]
        guard call.caller.has(.maintainer) || (call.caller.has(.developer) && pipeline.user == call.user)
        else { throw Refusal(.forbidden) }
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

    /// Retries every failed or cancelled job of the pipeline that was not retried yet.
    mutating func retryPipeline(_ call: Call) throws(Refusal) -> FakeAnswer {
        let index = try pipelineIndex(call)
        try requireRunning(on: allPipelines[index].ref, call)
        let over = allPipelines[index].jobIDs.compactMap(self.index(ofJob:)).filter {
            !allJobs[$0].isRetried && [.failed, .canceled].contains(allJobs[$0].status)
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

    /// Cancels the jobs from the last one back, so that no stage starts on the way.
    private mutating func cancel(pipelineAt index: Int, by username: String) {
        let jobs = allPipelines[index].jobIDs.compactMap(self.index(ofJob:)).filter {
            !allJobs[$0].isRetried && allJobs[$0].status.isCancelable
        }
        guard !jobs.isEmpty else { return }
        allPipelines[index].canceledBy = username
        notice("pipeline \(allPipelines[index].title) cancel asked for by \(username)")
        for job in jobs.reversed() where allJobs[job].status.isCancelable { cancel(jobAt: job) }
    }

    /// A running job gets time to stop; the others end at once.
    mutating func cancel(jobAt index: Int) {
        setStatus(allJobs[index].status == .running ? .canceling : .canceled, ofJobAt: index)
    }

    /// Puts a new job in the place of an old one, and lets the stages after it wait again.
    @discardableResult
    mutating func retry(jobAt index: Int) -> Int {
        let old = allJobs[index]
        guard let pipeline = self.index(ofPipeline: old.pipelineID) else { return index }
        allJobs[index].isRetried = true
        for job in allPipelines[pipeline].jobIDs.compactMap(self.index(ofJob:))
        where allJobs[job].status == .skipped && !allJobs[job].isRetried {
            allJobs[job].status = .created
            allJobs[job].isStarted = false
        }
        let new = makeJob(old.plan, inPipelineAt: pipeline, attempt: old.attempt + 1)
        allJobs[new].isStarted = true
        allJobs[new].resourceGroup = old.resourceGroup
        notice("pipeline \(allPipelines[pipeline].title) retries \(old.name), attempt \(old.attempt + 1)")
        setStatus(allJobs[new].firstStatus, ofJobAt: new)
        return new
    }

    /// Puts a new commit at the head of a branch, as a push does, and returns it; nil for an unknown branch.
    @discardableResult
    public mutating func push(to branch: String, inProject id: Int64? = nil) -> String? {
        let place = settings.projects.firstIndex { (id == nil || $0.id == id) && $0.branches[branch] != nil }
        guard let place else { return nil }
        let words = (0..<3).map { _ in String(random.next(), radix: 16) }
        let sha = String((words.joined() + String(repeating: "0", count: 40)).prefix(40))
        settings.projects[place].branches[branch] = sha
        return sha
    }

    /// GitLab's auto-cancel: older commits of the same ref, as long as nothing of them has started.
    mutating func cancelRedundant(to new: NewPipeline) {
        let redundant = allPipelines.indices.filter { index in
            let pipeline = allPipelines[index]
            return pipeline.projectID == new.project.id && pipeline.ref == new.ref && pipeline.sha != new.sha
                && pipeline.startedAt == nil && !pipeline.status.isFinal
        }
        for index in redundant { cancel(pipelineAt: index, by: "auto-cancel") }
    }
}
