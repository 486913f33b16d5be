import ArgumentParser
import CivilTime
import Doctor
import Glibc
import JobFiles
import Orchestrator
import Scheduling
import Text

/// `orchestrate doctor`: everything that will fail at 03:00, now.
struct DoctorCommand: SchedulingCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Say beforehand what will fail: token, role, refs, CI file, settings, runners.",
        discussion: """
            Looks at this machine and reads from GitLab: it sends GET requests, and at most ten lints of CI files a \
            minute. A failure and a warning say what to do. "unknown" is what the token may not see, and says who \
            can look; a Maintainer's token sees most.

            Exits 1 where a check failed (with --strict also for a warning), 78 where the environment lacks what \
            `run` needs, and 0 otherwise. Each job is one lint: name some to be quicker.

              $ orchestrate doctor
              $ orchestrate doctor nightly 'report_*' --strict
              $ orchestrate doctor --offline
            """)

    @Argument(
        help: ArgumentHelp(
            "Look at these jobs only; * and ? stand for others (default: all).", valueName: "job"),
        completion: .custom { words, _, _ in JobNames.all(words) })
    var names: [String] = []

    @Flag(help: "Send no request: look at this machine only.")
    var offline = false

    @Flag(help: "Treat warnings as failures.")
    var strict = false

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run(_ signals: Signals) async throws {
        // Nothing has to be brought to an end: a signal ends it at once.
        Signals.release()
        // A bad default time zone is a problem of the environment.
        let loaded = (try? Configuration.loadJobs([jobs.directory], .current)) ?? LoadedJobs()
        let chosen = names.isEmpty ? loaded.jobs : try loaded.jobs.chosen(by: names)
        let diagnosis = Diagnosis(
            .current, flags: .init(jobs: jobs.jobs, ledger: ledger.db), loaded: loaded, jobs: chosen,
            now: clock.instant)
        let facts = offline ? diagnosis.offline() : await diagnosis.online(tell: Output.note)
        let report = DoctorReport(facts)
        if format.json {
            Output.json(report.json)
        } else {
            Output.line(report.text(.of(STDOUT_FILENO), width: Output.width))
        }
        if Diagnosis.isIncomplete(facts) { throw ExitCode(Failure.badConfiguration) }
        guard report.count(.failure) == 0, !strict || report.count(.warning) == 0 else {
            throw ExitCode.failure
        }
    }
}
