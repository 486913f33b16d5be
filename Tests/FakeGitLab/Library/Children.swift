/// Trigger jobs and the child pipelines that they start.
extension FakeGitLab {
    /// Creates the child of a trigger job that has begun to run. The child gets no pipeline variable of its parent.
    mutating func startChild(ofJobAt index: Int) {
        let job = allJobs[index]
        guard let child = job.plan.child, job.childID == nil, let parent = pipeline(job.pipelineID) else {
            return
        }
        var behaviour = parent.behaviour
        behaviour.jobs = child.jobs
        let made = makePipeline(
            NewPipeline(
                project: project(of: parent), ref: parent.ref, sha: parent.sha, source: "parent_pipeline",
                user: parent.user, name: try? name(for: []), parentJobID: job.id, behaviour: behaviour))
        allJobs[index].childID = allPipelines[made].id
        notice("pipeline \(allPipelines[made].title) created by job \(job.id) of \(parent.id)")
        if !child.isAwaited { plan(job.outcome, ofJobAt: index, after: 0) }
    }

    /// Gives a trigger job that waits for its child the child's status. When a client retries a job of the child, the
    /// trigger job goes back to `running`.
    mutating func tellParent(ofPipelineAt index: Int, wasOver: Bool) {
        guard let id = allPipelines[index].parentJobID, let job = self.index(ofJob: id),
            allJobs[job].plan.child?.isAwaited == true, !allJobs[job].isRetried
        else { return }
        let status: FakeStatus? =
            switch allPipelines[index].status {
            case .success: .success
            case .failed, .skipped: .failed
            case .canceled: .canceled
            default: wasOver ? .running : nil
            }
        if let status, status != allJobs[job].status { setStatus(status, ofJobAt: job) }
    }

    /// The children of a pipeline, their children, and so on, by index.
    func descendants(ofPipelineAt index: Int) -> [Int] {
        jobs(ofPipeline: allPipelines[index].id).compactMap { $0.childID.flatMap(self.index(ofPipeline:)) }
            .flatMap { [$0] + descendants(ofPipelineAt: $0) }
    }

    /// The pipeline from which this one descends and that no trigger job started.
    func root(of pipeline: FakePipeline) -> FakePipeline {
        guard let job = pipeline.parentJobID.flatMap(job), let parent = self.pipeline(job.pipelineID) else {
            return pipeline
        }
        return root(of: parent)
    }

    /// `GET …/pipelines/:id/bridges`, from 19.2 on also `trigger_jobs`: the latest attempt of each trigger job.
    func listPipelineTriggerJobs(_ call: Call) throws(Refusal) -> FakeAnswer {
        if call.request.path.hasSuffix("/trigger_jobs"), !settings.isAtLeast(19, 2) {
            throw Refusal(.error(404, "404 Not Found"))
        }
        let scope = try Self.scope(call.parameters)
        let page = try Page(call, settings)
        let pipeline = allPipelines[try pipelineIndex(call)]
        let bridges = pipeline.jobIDs.reversed().compactMap(job).filter { job in
            job.isBridge && !job.isRetried && scope?.contains(job.status) ?? true
        }
        return FakeAnswer(
            200, .array(page.rows(of: bridges).map(bridgeJSON)), headers: page.headers(total: bridges.count))
    }

    /// `Entities::Ci::Bridge`: a job without the fields of builds, and with the pipeline that it started.
    func bridgeJSON(_ job: FakeJob) -> FakeJSON {
        let ofBuilds: Set<String> = [
            "archived", "artifacts", "artifacts_expire_at", "runner", "runner_manager", "source", "tag_list",
        ]
        let members = jobJSON(job).members.filter { !ofBuilds.contains($0.name) }
        let child = job.childID.flatMap(pipeline).map { pipelineRowJSON($0, withName: false) }
        return .object(members + [.init("downstream_pipeline", child ?? .null)])
    }
}
