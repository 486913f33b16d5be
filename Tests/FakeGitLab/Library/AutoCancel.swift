/// GitLab cancels pipelines by itself after a newer commit, and after the failure of a job.
extension FakeGitLab {
    /// Puts a new commit at the head of a branch, as a push does, and returns it; nil for an unknown branch.
    ///
    /// - Parameter behaviour: how the pipeline of the push goes. Without it the push creates no pipeline, and
    ///   GitLab cancels nothing until another pipeline comes.
    @discardableResult
    public mutating func push(
        to branch: String, inProject id: Int64? = nil, followedBy behaviour: FakeBehaviour? = nil
    ) -> String? {
        let place = settings.projects.firstIndex { (id == nil || $0.id == id) && $0.branches[branch] != nil }
        guard let place else { return nil }
        let words = (0..<3).map { _ in String(random.next(), radix: 16) }
        let sha = String((words.joined() + String(repeating: "0", count: 40)).prefix(40))
        settings.projects[place].branches[branch] = sha
        guard let behaviour else { return sha }
        let pusher = FakeUser(id: 900, username: "ada", name: "Ada")
        let index = makePipeline(
            NewPipeline(
                project: settings.projects[place], ref: branch, sha: sha, source: "push", user: pusher,
                name: try? name(for: []), behaviour: behaviour))
        notice("pipeline \(allPipelines[index].title) created on \(branch) by push")
        return sha
    }

    /// Cancels at once if there is no delay, so that the answer to the request already shows it.
    mutating func planAutoCancel(by index: Int) {
        guard settings.cancelsRedundant, allPipelines[index].parentJobID == nil else { return }
        guard settings.autoCancelDelay > 0 else { return cancelRedundant(to: index) }
        timeline.add(.autoCancel(pipeline: index), at: sum(now, settings.autoCancelDelay))
    }

    /// Applies GitLab's rule to pipelines that are older than a new one
    /// (`app/services/ci/pipeline_creation/cancel_redundant_pipelines_service.rb`).
    mutating func cancelRedundant(to index: Int) {
        let new = allPipelines[index]
        let head = project(of: new).head(of: new.ref)
        for older in allPipelines.indices where isRedundant(allPipelines[older], to: new, head: head) {
            switch allPipelines[older].behaviour.onNewCommit {
            case .none: break
            case .interruptible:
                cancelJobs(ofPipelineAt: older, by: "auto-cancel", where: \.plan.isInterruptible)
            case .conservative where mayInterrupt(allPipelines[older]):
                cancelJobs(ofPipelineAt: older, by: "auto-cancel")
            case .conservative: break
            }
        }
    }

    private func isRedundant(_ older: FakePipeline, to new: FakePipeline, head: String?) -> Bool {
        let week = 7 * 86_400 * Timestamp.second
        return older.projectID == new.projectID && older.ref == new.ref && !older.isDeleted
            && isCancelable(older.status) && root(of: older).createdAt < new.createdAt
            && older.sha != new.sha && older.sha != head && older.createdAt >= sum(now, -week)
    }

    /// Whether every build that has started, retried ones included, is interruptible by the CI file.
    private func mayInterrupt(_ pipeline: FakePipeline) -> Bool {
        let started: [FakeStatus] = [.running, .success, .failed]
        return jobs(ofPipeline: pipeline.id).allSatisfy { job in
            job.plan.isInterruptible || job.isBridge || !started.contains(job.status)
        }
    }

    /// `workflow: auto_cancel: on_job_failure: all`. It cancels the stages that have not begun, and does not skip them.
    /// In GitLab the two race; canceling is the harder case for a client that retries.
    mutating func cancelAfterFailure(pipelineAt index: Int) {
        guard allPipelines[index].behaviour.onJobFailure == .all else { return }
        cancel(pipelineAt: index, by: "job-failure")
    }
}
