import CivilTime
import Cron
import FakeGitLab
import Scheduling

extension Schedule {
    /// Every fire time in a stretch of time.
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

/// What the invariants ask of a simulation that is over.
extension Simulation {
    /// The ledger of the instance that is left.
    func lastLedger() throws -> String {
        let own = lives.filter { !$0.isRival }
        guard let life = own.last(where: { $0.state == .running }) ?? own.last else { throw NoLife() }
        return life.ledgerPath
    }

    /// Since when the surviving ledger must know every fire time of a job: since it was new, and where pipelines
    /// were there already, since the first one of the job.
    func knownSince(_ job: Job) throws -> Instant {
        guard let founder = founders[try lastLedger()] else { throw NoLife() }
        let window = founder.bornAt.advanced(by: Self.window * -1).microseconds
        // Nobody can read whose run ids those are that are an older token's.
        let isNamed = scenario.gitlab.nameTemplate != nil
        let remade = isNamed ? nil : record.tokensRemadeAt.last { $0 <= founder.beganAt }
        let begin = max(window, remade?.microseconds ?? window)
        let first = gitlab.pipelines.filter {
            (begin...max(begin, founder.beganAt.microseconds)).contains($0.createdAt)
        }
        .compactMap { $0.runID.flatMap { RunID($0) } }
        .filter { $0.job == job.name && !record.forged.contains("\($0)") }.map(\.fireTime).min()
        return first?.advanced(by: .microseconds(-1)) ?? founder.bornAt
    }

    /// How late the pipeline of each run was created.
    func lateness() -> [(run: RunID, late: Duration)] {
        gitlab.pipelines.compactMap { pipeline in
            guard let run = pipeline.runID.flatMap({ RunID($0) }) else { return nil }
            return (run, run.fireTime.duration(to: Instant(microseconds: pipeline.createdAt)))
        }
    }

    /// How far back an empty ledger is filled from GitLab: what docs/protocol.md promises, and a little less, because
    /// clocks differ.
    static let window = Duration.seconds(8 * 86_400 - 10)

    struct NoLife: Error {}
}
