import CivilTime
import FakeGitLab
import Scheduling

/// Invariants that differ when GitLab surprises.
extension Invariants {
    /// Whether some run ids are unreadable: a new token of another user cannot read the pipelines of the old one's,
    /// unless their names tell the run id.
    var isClosed: Bool {
        let areNamed = scenario.areNamed && simulation.record.forged.isEmpty
        return !areNamed && !simulation.record.tokensRemadeAt.isEmpty
    }

    /// Whether the scheduler may never learn if the run has a pipeline. It does not post the run again, gives it up
    /// after a day, and other runs of its job wait for it. After a loss of the ledger, the run may count as missed.
    func mayStayInDoubt(_ row: Run) -> Bool {
        isClosed && row.pipeline == nil || wasPostedUnproved(row)
    }

    /// The attempts of the CI job that ran most often. GitLab lists only the latest attempt of a trigger job. So a
    /// retry does not count if a process had no time to record it.
    func attempts(ofPipeline id: Int64) -> Int {
        let isCounted = simulation.record.crashes.isEmpty && scenario.mode == .alone
        let jobs = simulation.gitlab.jobs(ofPipeline: id).filter { !$0.isBridge || isCounted }
        return Dictionary(grouping: jobs, by: \.name).values.map(\.count).max() ?? 1
    }

    /// Whether a process retried one of its CI jobs after the row had said that the run is over.
    func wasRetried(_ pipeline: Int64, after end: Instant?) -> Bool {
        guard scenario.mode == .fleet, let end else { return false }
        return simulation.gitlab.jobs(ofPipeline: pipeline).contains {
            $0.attempt > 1 && $0.createdAt > end.microseconds
        }
    }

    /// GitLab does not cancel a job that waits for a person.
    func isBlockedTwin(_ pipeline: FakePipeline, of twins: [FakePipeline]) -> Bool {
        pipeline.status == .manual && pipeline.id != twins.map(\.id).min()
    }

    func waitsForAPerson(_ row: Run) -> Bool {
        row.state == .blocked
            && row.pipeline.flatMap { simulation.gitlab.pipeline($0.id) }?.status == .manual
    }

    /// Whether GitLab knows no inputs, or had the same fault three times.
    func isRightlyRefused(_ row: Run) -> Bool {
        if isRefusedInAChange(row) { return true }
        guard let surprises = scenario.surprises, let reason = row.reason else { return false }
        let isTooOld = surprises.isTooOldForInputs && reason.contains("knows no inputs")
        return reason.hasSuffix("(3 times)")
            || isTooOld && scenario.jobs.contains { $0.name == row.id.job && !$0.inputs.isEmpty }
    }
}
