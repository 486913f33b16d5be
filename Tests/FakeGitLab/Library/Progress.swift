extension FakeGitLab {
    /// Creates a pipeline with the jobs of its behaviour, at `now`.
    mutating func makePipeline(_ new: NewPipeline) -> Int {
        let project = new.project.id
        iids[project, default: 10_000] += 1
        let behaviour = new.behaviour ?? settings.behaviour
        let index = allPipelines.count
        var pipeline = FakePipeline(
            id: settings.firstPipelineID + Int64(index), iid: iids[project] ?? 1, projectID: project,
            ref: new.ref, sha: new.sha, source: new.source, user: new.user, name: new.name,
            variables: new.variables, inputs: new.inputs, createdAt: now, updatedAt: now,
            history: [FakeStatusChange(status: .created, at: now)], isInstance: new.isInstance,
            parentJobID: new.parentJobID, behaviour: behaviour)
        if new.behaviour == nil {
            let chosen = settings.behaviourOf?(pipeline) ?? behaviour
            pipeline.behaviour = chosen.changed(by: new.variables + new.inputVariables)
        }
        allPipelines.append(pipeline)
        changes.append((now, index))
        if let name = new.name { pipelinesByName[name, default: []].append(index) }
        for plan in pipeline.behaviour.jobs { makeJob(plan, inPipelineAt: index) }
        settle(index)
        planAutoCancel(by: index)
        return index
    }

    @discardableResult
    mutating func makeJob(_ plan: FakeJobPlan, inPipelineAt index: Int, attempt: Int = 1) -> Int {
        let id = settings.firstJobID + Int64(allJobs.count)
        allJobs.append(
            FakeJob(
                id: id, pipelineID: allPipelines[index].id, plan: plan, createdAt: now, attempt: attempt,
                history: [FakeStatusChange(status: .created, at: now)]))
        allPipelines[index].jobIDs.append(id)
        return allJobs.count - 1
    }

    /// Moves a job to a status, plans the next change, and settles its pipeline.
    mutating func setStatus(_ status: FakeStatus, ofJobAt index: Int) {
        guard let pipeline = self.index(ofPipeline: allJobs[index].pipelineID) else { return }
        allJobs[index].generation += 1
        mark(status, ofJobAt: index)
        switch status {
        case .pending: allJobs[index].queuedAt = now
        case .running: allJobs[index].startedAt = allJobs[index].startedAt ?? now
        case .success, .failed, .canceled: allJobs[index].finishedAt = now
        default: break
        }
        if status == .failed, !allJobs[index].plan.allowFailure { cancelAfterFailure(pipelineAt: pipeline) }
        if !allPipelines[pipeline].isInstance { planNext(ofJobAt: index, allPipelines[pipeline].behaviour) }
        settle(pipeline)
    }

    /// Notes a job's status, without further consequences.
    mutating func mark(_ status: FakeStatus, ofJobAt index: Int) {
        allJobs[index].status = status
        allJobs[index].history.append(FakeStatusChange(status: status, at: now))
    }

    private mutating func planNext(ofJobAt index: Int, _ behaviour: FakeBehaviour) {
        let (status, outcome) = (allJobs[index].status, allJobs[index].outcome)
        guard status != outcome else { return }
        switch status {
        case .pending: plan(.running, ofJobAt: index, after: behaviour.pendingFor)
        case .running where allJobs[index].isBridge && outcome != .failed: startChild(ofJobAt: index)
        case .running: plan(outcome, ofJobAt: index, after: behaviour.runsFor)
        case .canceling: plan(.canceled, ofJobAt: index, after: behaviour.cancelingFor)
        default: break
        }
    }

    mutating func plan(_ status: FakeStatus, ofJobAt index: Int, after duration: Int64) {
        let event = Planned.job(
            id: allJobs[index].id, generation: allJobs[index].generation, status: status)
        timeline.add(event, at: sum(now, duration))
    }

    /// Starts or skips the jobs whose turn has come, then derives the pipeline's status from its jobs.
    mutating func settle(_ index: Int) {
        let current = allPipelines[index].jobIDs.compactMap(self.index(ofJob:)).filter {
            !allJobs[$0].isRetried
        }
        guard !current.isEmpty else { return }
        if !allPipelines[index].isInstance { startStages(of: current, allPipelines[index].behaviour) }
        let status = FakeStatus.composite(
            of: current.map { (allJobs[$0].status, allJobs[$0].plan.allowFailure) })
        setStatus(status, ofPipelineAt: index)
    }

    private mutating func startStages(of current: [Int], _ behaviour: FakeBehaviour) {
        for job in current where allJobs[job].status == .created && !allJobs[job].isStarted {
            let first = behaviour.jobs.firstIndex { $0.stage == allJobs[job].plan.stage } ?? 0
            let earlierStages = Set(behaviour.jobs[..<first].map(\.stage))
            let earlier = current.filter { earlierStages.contains(allJobs[$0].plan.stage) }
                .map { (allJobs[$0].status, allJobs[$0].plan.allowFailure) }
            start(job, after: earlier.isEmpty ? .success : .composite(of: earlier), behaviour)
        }
    }

    private mutating func start(_ index: Int, after earlier: FakeStatus, _ behaviour: FakeBehaviour) {
        switch earlier {
        case .success, .skipped:
            allJobs[index].isStarted = true
            let first = allJobs[index].firstStatus
            if first != .created { plan(first, ofJobAt: index, after: behaviour.createdFor) }
        case .failed, .canceled: mark(.skipped, ofJobAt: index)
        default: break
        }
    }

    private mutating func setStatus(_ composite: FakeStatus, ofPipelineAt index: Int) {
        let old = allPipelines[index].status
        // GitLab's own state machine takes a finished pipeline straight to running when one of its jobs is retried.
        let wasOver = [.success, .failed, .canceled].contains(old)
        let status = wasOver && composite == .pending ? .running : composite
        guard status != old else { return }
        allPipelines[index].status = status
        allPipelines[index].updatedAt = now
        changes.append((now, index))
        allPipelines[index].history.append(FakeStatusChange(status: status, at: now))
        if status == .running { allPipelines[index].startedAt = allPipelines[index].startedAt ?? now }
        allPipelines[index].finishedAt = status.isFinal && status != .skipped ? now : nil
        if status.isFinal { notice("pipeline \(allPipelines[index].title) \(status.rawValue)") }
        tellParent(ofPipelineAt: index, wasOver: wasOver)
    }
}

extension FakePipeline {
    /// Its id, and its name if it has one.
    var title: String { name.map { "\(id) (\($0))" } ?? String(id) }
}

extension FakeJob {
    /// The status in which this attempt ends or stays.
    var outcome: FakeStatus { attempt <= plan.failures ? .failed : plan.outcome }

    /// The first status when the job's turn comes. Most outcomes need a runner first.
    var firstStatus: FakeStatus {
        switch outcome {
        case .success, .failed, .canceled, .canceling, .running, .pending: .pending
        default: outcome
        }
    }
}

extension FakeStatus {
    /// The status of a pipeline or of a stage, from the statuses of its jobs and whether each may fail. The cases are
    /// in the order of GitLab's `lib/gitlab/ci/status/composite.rb`.
    static func composite(of jobs: [(status: FakeStatus, allowFailure: Bool)]) -> FakeStatus {
        let warns = jobs.contains { $0.allowFailure && ($0.status == .failed || $0.status == .canceled) }
        let counted = jobs.filter {
            !$0.allowFailure || ($0.status != .failed && $0.status != .canceled && $0.status != .manual)
        }
        let seen = Set(counted.map(\.status))
        if !warns, seen.isSubset(of: [.skipped]) { return .skipped }
        let uniform: [(Set<FakeStatus>, FakeStatus)] = [
            ([.success, .skipped], .success), ([.created], .created), ([.preparing], .preparing),
            ([.canceled, .success, .skipped], .canceled), ([.pending, .created, .skipped], .pending),
        ]
        if let (_, status) = uniform.first(where: { seen.isSubset(of: $0.0) }) { return status }
        if seen.contains(.canceling) { return .canceling }
        if seen.contains(.running) || seen.contains(.pending) { return .running }
        let waiting: [FakeStatus] = [
            .waitingForResource, .waitingForCallback, .manual, .scheduled, .preparing,
        ]
        if let status = waiting.first(where: seen.contains) { return status }
        return seen.contains(.created) ? .running : .failed
    }
}
