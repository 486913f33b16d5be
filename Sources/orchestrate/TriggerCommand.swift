import ArgumentParser
import CivilTime
import Ledger
import Orchestrator
import Scheduling
import Text

/// `orchestrate trigger`: runs a job now.
struct TriggerCommand: SchedulingCommand {
    static let configuration = CommandConfiguration(
        commandName: "trigger",
        abstract: "Run a job now, whatever its schedule says.",
        discussion: """
            Prints the URL of the pipeline. Works beside a running scheduler, which then watches the pipeline and \
            retries it. The run stands in the ledger under the time of the call, to the millisecond, so that it is \
            never taken for a fire time. Values of --var are not stored.

              $ orchestrate trigger nightly --wait --var LEVEL=full --ref hotfix
            """)

    @Argument(help: "The job's name.", completion: .custom { words, _, _ in JobNames.all(words) })
    var job: String

    @Flag(help: "Wait for the pipeline's end, retries included; exit 1 if it failed.")
    var wait = false

    @Option(
        name: .customLong("var"),
        help: ArgumentHelp(
            "Give the pipeline this variable, too, or in place of the job's.", valueName: "key=value"),
        transform: Self.variable)
    var variables: [(key: String, value: String)] = []

    @Option(help: "Run it on this branch or tag.")
    var ref: String?

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var logging: LogOptions

    private static func variable(_ text: String) throws -> (key: String, value: String) {
        guard let equals = text.firstIndex(of: "="), Variable.isName(text[..<equals]) else {
            throw ValidationError("a variable looks like LEVEL=full")
        }
        guard !text.hasPrefix("ORCHESTRATE_") else {
            throw ValidationError("the variables named ORCHESTRATE_… are orchestrate's own")
        }
        return (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    func run(_ signals: Signals) async throws {
        var configuration = try Configuration(
            .current, flags: .init(jobs: jobs.jobs, ledger: ledger.db), for: .trigger)
        let id = RunID(job: job, fireTime: Self.fireTime(.clock()))
        configuration.settings.mode = .trigger(id, wait: wait)
        configuration.change = .init(variables: variables, ref: ref)
        let declared = try configuration.readJobs().map(\.name)
        guard declared.contains(job) else { throw Refusal.unknownJob(job, known: declared) }
        let ending = try await Service(configuration, log: logging.log()).run(signals)
        if let run = try Ledger.existing(configuration.ledgerPath)?.run(id)?.run { show(run) }
        try end(with: ending)
    }

    private func show(_ run: Run) {
        if format.json {
            Output.json(run.json)
        } else if let url = run.pipeline?.url, !url.isEmpty {
            Output.line(url.printable())
        }
    }

    /// Now, to the millisecond, but never a whole second: those belong to schedules.
    static func fireTime(_ now: Instant) -> Instant {
        let milliseconds = now.microseconds / 1_000
        return Instant(microseconds: (milliseconds % 1_000 == 0 ? milliseconds + 1 : milliseconds) * 1_000)
    }
}
