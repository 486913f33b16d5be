import CivilTime
import FakeGitLab
import Scheduling

/// What holds differently where GitLab surprises.
extension Invariants {
    /// Pipelines without a name, or with a forged run id that is none, belong to the user of an older token: nobody can
    /// read their run ids.
    var isClosed: Bool {
        let areNamed = scenario.gitlab.nameTemplate != nil && simulation.record.forged.isEmpty
        return !areNamed && !simulation.record.tokensRemadeAt.isEmpty
    }

    /// It cannot become known whether the run has a pipeline: it is not posted again, and lost after a day; others of its
    /// job wait for it. A ledger that was lost meanwhile may take it for one that was missed.
    func mayStayInDoubt(_ row: Run) -> Bool {
        isClosed && row.pipeline == nil
    }

    /// How often the CI job ran that ran most often. Of trigger jobs GitLab lists only the latest attempt: a retry that a
    /// process had no time to record is not counted.
    func attempts(ofPipeline id: Int64) -> Int {
        let isCounted = simulation.record.crashes.isEmpty && scenario.mode == .alone
        let jobs = simulation.gitlab.jobs(ofPipeline: id).filter { !$0.isBridge || isCounted }
        return Dictionary(grouping: jobs, by: \.name).values.map(\.count).max() ?? 1
    }

    /// Whether one of its CI jobs was started again after the row had said that it is over.
    func wasRetried(_ pipeline: Int64, after end: Instant?) -> Bool {
        guard scenario.mode == .fleet, let end else { return false }
        return simulation.gitlab.jobs(ofPipeline: pipeline).contains {
            $0.attempt > 1 && $0.createdAt > end.microseconds
        }
    }

    /// GitLab does not cancel what waits for a person.
    func isBlockedTwin(_ pipeline: FakePipeline, of twins: [FakePipeline]) -> Bool {
        pipeline.status == .manual && pipeline.id != twins.map(\.id).min()
    }

    func waitsForAPerson(_ row: Run) -> Bool {
        row.state == .blocked
            && row.pipeline.flatMap { simulation.gitlab.pipeline($0.id) }?.status == .manual
    }

    /// GitLab does not know inputs, or had the same kind of fault three times.
    func isRightlyRefused(_ row: Run) -> Bool {
        guard let surprises = scenario.surprises, let reason = row.reason else { return false }
        let isTooOld = surprises.isTooOldForInputs && reason.contains("knows no inputs")
        return reason.hasSuffix("(3 times)")
            || isTooOld && scenario.jobs.contains { $0.name == row.id.job && !$0.inputs.isEmpty }
    }
}
