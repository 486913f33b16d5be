import ArgumentParser
import CivilTime
import Orchestrator
import Scheduling

/// `orchestrate run`: schedules until a signal or a newer instance ends it.
struct RunCommand: SchedulingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Schedule: create a pipeline at each fire time, until told to stop.",
        discussion: """
            Loads the jobs, locks the ledger and starts scheduling. In a CI job it gives way to a newer instance: it \
            watches its own pipelines to their end and exits 0.

            SIGTERM or SIGINT ends it within 8 seconds, a second one at once; the next start adopts the running \
            pipelines. SIGHUP makes it read the job files again; when they have errors, it keeps the jobs that it has.

            The environment says where: `orchestrate env` lists its variables.
            """)

    @Flag(help: "Send nothing and write nothing: print each pipeline that would be created.")
    var dryRun = false

    @Flag(help: "Do what is due now, wait for it, and exit; 1 if a run failed.")
    var once = false

    @Flag(
        help:
            "With --once: exit as soon as the pipelines are created; the next start watches and retries them."
    )
    var noWait = false

    @Option(help: "Days that runs stay in the ledger after their end.")
    var keep = Int(Settings.defaults.keep.components.seconds) / 86_400

    @Option(
        help: ArgumentHelp(
            "Once superseded, wait at most this long for own pipelines, such as 5m or 300; without it, until they end.",
            valueName: "duration"),
        transform: Self.duration)
    var drainTimeout: Duration?

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var logging: LogOptions

    func validate() throws {
        guard once || !noWait else { throw ValidationError("--no-wait needs --once") }
        guard (1...36_500).contains(keep) else { throw ValidationError("--keep needs 1 to 36500 days") }
        guard (.zero...(.seconds(604_800))).contains(drainTimeout ?? .zero) else {
            throw ValidationError("--drain-timeout needs 0 to 7 days, such as 5m, or a number of seconds")
        }
    }

    /// Reads `5m`, or a number of seconds.
    private static func duration(_ text: String) throws -> Duration {
        if let seconds = Double(text), (0...604_800).contains(seconds) {
            return .milliseconds(Int64(seconds * 1_000))
        }
        guard let duration = try? Duration(text: text) else {
            throw ValidationError("a length of time looks like 5m, 1h30m or 300 (seconds)")
        }
        return duration
    }

    func run(_ signals: Signals) async throws {
        var configuration = try Configuration(
            .current, flags: .init(jobs: jobs.jobs, ledger: ledger.db), for: dryRun ? .rehearse : .schedule)
        configuration.settings.keep = .seconds(keep * 86_400)
        configuration.settings.drainTimeout = drainTimeout
        configuration.settings.mode = once ? .once(wait: !noWait) : .untilTold
        guard dryRun else {
            return try await end(with: Service(configuration, log: logging.log()).run(signals))
        }
        try await rehearse(configuration, signals)
    }

    private func rehearse(_ configuration: Configuration, _ signals: Signals) async throws {
        let outlet = Outlet(
            .standardOutput, dropNote: { "… \($0) lines were dropped: nobody read them\n" },
            onFailure: { Output.failed($0) })
        // A dry run prints each trigger on standard output, so its log has only warnings and errors.
        let service = Service.rehearsal(configuration, log: logging.log(atLeast: .warning)) {
            outlet.write($0 + "\n", count: 1)
        }
        let ending = try await service.run(signals)
        outlet.finish(within: signals.haveAskedToEnd ? .seconds(1) : nil)
        try end(with: ending)
    }
}
