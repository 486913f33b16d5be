import CivilTime
import Ledger
import Scheduling

/// A ledger with a history, and the changes of a tick.
public final class LedgerWork {
    /// How many jobs the runs belong to.
    public static let jobs = 500

    public let ledger: Ledger
    private var fireTime: Instant
    private var lastPipeline: Int64 = 0

    /// Opens the ledger, and fills it with this many runs.
    public init(path: String, runs: Int) throws {
        ledger = try Ledger(path: path, access: .writing(project: "4242"))
        fireTime = CronWork.start
        var missing = runs
        while missing > 0 {
            let changes = history(min(missing, 10_000))
            try ledger.commit(changes)
            missing -= 10_000
        }
        let marks = (0..<Self.jobs).map { Change.cover(job: JobWork.name($0), through: fireTime) }
        try ledger.commit(marks)
        try ledger.checkpoint()
    }

    /// The newest fire time of the history.
    public var newest: Instant { fireTime }

    /// Runs that are over: one a minute for every job.
    private func history(_ count: Int) -> [Change] {
        (0..<count).map { index in
            if index % Self.jobs == 0 { fireTime = fireTime.advanced(by: .seconds(60)) }
            var run = run(index % Self.jobs)
            trigger(&run)
            run.state = .succeeded
            run.finishedAt = fireTime.advanced(by: .seconds(40))
            return .insert(run)
        }
    }

    /// Writes what a tick writes for this many jobs: durable claims, then durable outcomes of their POSTs.
    public func tick(_ count: Int) throws {
        fireTime = fireTime.advanced(by: .seconds(60))
        var runs = (0..<count).map { run($0) }
        try ledger.commit(
            runs.flatMap { [.insert($0), .cover(job: $0.id.job, through: fireTime)] })
        for index in runs.indices { trigger(&runs[index]) }
        try ledger.commit(runs.map { .update($0, at: fireTime.advanced(by: .milliseconds(200))) })
    }

    private func run(_ job: Int) -> Run {
        var run = Run(RunID(job: JobWork.name(job), fireTime: fireTime), state: .claimed)
        run.project = "4242"
        run.ref = "main"
        run.claimedAt = fireTime.advanced(by: .milliseconds(2))
        run.sentAt = run.claimedAt
        return run
    }

    private func trigger(_ run: inout Run) {
        lastPipeline += 1
        run.state = .triggered
        run.attempts = 1
        run.triggeredAt = fireTime.advanced(by: .milliseconds(200))
        run.pipeline = Pipeline(
            id: lastPipeline, url: "https://gitlab.example.com/group/project/-/pipelines/\(lastPipeline)")
    }
}
