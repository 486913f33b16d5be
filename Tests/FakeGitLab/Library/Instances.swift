/// A key that only one job at a time may hold.
struct ResourceGroup: Sendable {
    let id: Int64
    let key: String
    var processMode = "unordered"
    let createdAt: Int64
    var updatedAt: Int64
}

/// CI jobs that stand for instances of the scheduler. They change only when a test says so.
extension FakeGitLab {
    /// Adds a CI job in a pipeline of its own and returns its id, which the instance sees as `CI_JOB_ID`; nil for an
    /// unknown project or ref.
    ///
    /// - Parameters:
    ///   - status: `running`, or `waitingForResource`, `pending`, `created`, … for one yet to come.
    ///   - resourceGroup: the key it holds or waits for.
    ///   - onNewCommit: what a push does to its pipeline.
    @discardableResult
    public mutating func startInstance(
        name: String = "orchestrate", ref: String = "main", at time: Int64, status: FakeStatus = .running,
        resourceGroup: String? = nil, onNewCommit: FakeAutoCancel.OnNewCommit = .conservative,
        inProject projectID: Int64? = nil
    ) -> Int64? {
        advance(to: time)
        let project = settings.projects.first { projectID == nil || $0.id == projectID }
        guard let project, let sha = project.head(of: ref) else { return nil }
        var behaviour = FakeBehaviour()
        behaviour.jobs = []
        behaviour.onNewCommit = onNewCommit
        let new = NewPipeline(
            project: project, ref: ref, sha: sha, source: "schedule", user: FakeUser(), isInstance: true,
            behaviour: behaviour)
        let pipeline = makePipeline(new)
        let job = makeJob(FakeJobPlan(name: name), inPipelineAt: pipeline)
        allJobs[job].isStarted = true
        allJobs[job].resourceGroup = resourceGroup
        if let key = resourceGroup { addResourceGroup(key) }
        setStatus(status, ofJobAt: job)
        notice("instance \(allJobs[job].id) (\(name) on \(ref)) \(status.rawValue)")
        return allJobs[job].id
    }

    /// Moves an instance's job to a status. Returns false if there is no such job.
    @discardableResult
    public mutating func setInstance(_ id: Int64, to status: FakeStatus, at time: Int64) -> Bool {
        advance(to: time)
        guard let index = index(ofJob: id) else { return false }
        if allJobs[index].status != status { setStatus(status, ofJobAt: index) }
        notice("instance \(id) (\(allJobs[index].name)) \(status.rawValue)")
        return true
    }

    /// The jobs that stand for instances, in the order of ids.
    public var instances: [FakeJob] {
        allJobs.filter { job in pipeline(job.pipelineID)?.isInstance ?? false }
    }

    private mutating func addResourceGroup(_ key: String) {
        guard !resourceGroups.contains(where: { $0.key == key }) else { return }
        let id = Int64(resourceGroups.count + 1)
        resourceGroups.append(ResourceGroup(id: id, key: key, createdAt: now, updatedAt: now))
    }

    /// Answers calls about resource groups: the group, the jobs that wait for it, the job that holds it.
    mutating func answerAboutResourceGroup(_ call: Call) throws(Refusal) -> FakeAnswer {
        _ = try project(call)
        if call.target.operation == .listResourceGroups {
            return FakeAnswer(200, .array(resourceGroups.map(resourceGroupJSON)))
        }
        let key = call.target.parts["key"] ?? ""
        guard let index = resourceGroups.firstIndex(where: { $0.key == key }) else {
            throw Refusal(.message(404, "404 Resource Group Not Found"))
        }
        let members = instances.filter { $0.resourceGroup == key }
        switch call.target.operation {
        case .updateResourceGroup: return try updateResourceGroup(index, call)
        case .listUpcomingJobs:
            let waiting = members.filter { $0.status == .waitingForResource }
            return FakeAnswer(200, .array(waiting.map(jobJSON)))
        case .getResourceGroupJob:
            guard let holder = members.first(where: { [.running, .pending, .canceling].contains($0.status) })
            else { throw Refusal(.message(404, "404 Not Found")) }
            return FakeAnswer(200, jobJSON(holder))
        default: return FakeAnswer(200, resourceGroupJSON(resourceGroups[index]))
        }
    }

    private mutating func updateResourceGroup(_ index: Int, _ call: Call) throws(Refusal) -> FakeAnswer {
        try require(.developer, call)
        let modes = ["unordered", "oldest_first", "newest_first", "newest_ready_first"]
        guard let mode = call.parameters["process_mode"].text, modes.contains(mode) else {
            throw Refusal(.error(400, "process_mode does not have a valid value"))
        }
        resourceGroups[index].processMode = mode
        resourceGroups[index].updatedAt = now
        return FakeAnswer(200, resourceGroupJSON(resourceGroups[index]))
    }

    private func resourceGroupJSON(_ group: ResourceGroup) -> FakeJSON {
        [
            "id": .int(group.id), "key": .string(group.key), "process_mode": .string(group.processMode),
            "created_at": time(group.createdAt), "updated_at": time(group.updatedAt),
        ]
    }
}
