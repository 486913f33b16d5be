import CivilTime
import Cron
import FakeGitLab
import Scheduling

extension Schedule {
    /// The job's fire times in a range.
    func all(after begin: Instant, through end: Instant) -> [Instant] {
        var times: [Instant] = []
        var last = begin
        while let next = next(after: last), next <= end {
            times.append(next)
            last = next
        }
        return times
    }
}

/// What the invariants read from a simulation that has ended.
extension Simulation {
    /// The ledger of the last instance.
    func lastLedger() throws -> String {
        let own = lives.filter { !$0.isRival }
        guard let life = own.last(where: { $0.state == .running }) ?? own.last else { throw NoLife() }
        return life.ledgerPath
    }

    /// From when on the last ledger must know every fire time of a job: from the job's first pipeline within the
    /// window, or else from the start of the ledger.
    func knownSince(_ job: Job) throws -> Instant {
        guard let founder = founders[try lastLedger()] else { throw NoLife() }
        let window = founder.bornAt.advanced(by: Self.window * -1).microseconds
        // The project's present token cannot read the run ids of an older token's pipelines.
        let isNamed = scenario.areNamed
        let remade = isNamed ? nil : record.tokensRemadeAt.last { $0 <= founder.beganAt }
        let begin = max(window, remade?.microseconds ?? window)
        let first = gitlab.pipelines.filter {
            (begin...max(begin, founder.beganAt.microseconds)).contains($0.createdAt)
        }
        .compactMap { $0.runID.flatMap { RunID($0) } }
        .filter { $0.job == job.name && !record.forged.contains("\($0)") }.map(\.fireTime).min()
        return first?.advanced(by: .microseconds(-1)) ?? founder.bornAt
    }

    /// By how much the pipeline of each run was late.
    func lateness() -> [(run: RunID, late: Duration)] {
        gitlab.pipelines.compactMap { pipeline in
            guard let run = pipeline.runID.flatMap({ RunID($0) }) else { return nil }
            return (run, run.fireTime.duration(to: Instant(microseconds: pipeline.createdAt)))
        }
    }

    /// How far back a scheduler fills an empty ledger from GitLab. This is what docs/protocol.md promises, a little
    /// less because clocks differ.
    static let window = Duration.seconds(8 * 86_400 - 10)

    struct NoLife: Error {}
}
