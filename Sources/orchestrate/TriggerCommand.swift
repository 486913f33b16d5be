import ArgumentParser
import CivilTime
import Orchestrator
import Scheduling

/// `orchestrate trigger`: run a job now.
struct TriggerCommand: SchedulingCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Run a job now, whatever its schedule says.",
        discussion: """
            Works beside a running scheduler, which then watches the pipeline and retries it. The run stands in \
            the ledger under the time of the call, to the millisecond, so that it is never taken for a fire time.
            """)

    @Argument(help: "The job's name.", completion: .custom { _, _, _ in JobNames.all() })
    var job: String

    @Flag(help: "Wait for the pipeline's end, retries included; exit 1 if it failed.")
    var wait = false

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var logging: LogOptions

    func run(_ signals: Signals) async throws {
        var configuration = try Configuration(
            .current, flags: .init(jobs: jobs.jobs, ledger: ledger.db), for: .trigger)
        let declared = try configuration.readJobs().map(\.name)
        guard declared.contains(job) else { throw Refusal.unknownJob(job, known: declared) }
        let id = RunID(job: job, fireTime: Self.fireTime(.clock()))
        configuration.settings.mode = .trigger(id, wait: wait)
        try await end(with: Service(configuration, log: logging.log()).run(signals))
    }

    /// Now to the millisecond, and never a whole second: those are for schedules.
    static func fireTime(_ now: Instant) -> Instant {
        let milliseconds = now.microseconds / 1_000
        return Instant(microseconds: (milliseconds % 1_000 == 0 ? milliseconds + 1 : milliseconds) * 1_000)
    }
}
