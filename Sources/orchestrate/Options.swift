import ArgumentParser
import CivilTime
import FoundationEssentials
import Glibc
import Orchestrator
import Scheduling

/// The directory of the job files.
struct JobsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the job files (default: $MELT_JOBS_HOME, else jobs).", valueName: "dir"),
        completion: .directory)
    var jobs: String?

    var directory: String { Configuration.jobsDirectory(.current, .init(jobs: jobs)) }
}

/// The ledger's file.
struct LedgerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ledger (default: $ORCHESTRATE_DB, else \(EnvironmentVariable.ledger.fallback ?? "")).",
            valueName: "file"),
        completion: .file())
    var db: String?

    var path: String { Configuration.ledgerPath(.current, .init(ledger: db)) }
}

/// Format and level of the log on standard error.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Log as text or json.", valueName: "format"),
        completion: .list(Log.Format.allCases.map(\.rawValue)), transform: { try oneOf($0) })
    var logFormat: Log.Format = .text

    @Option(
        help: ArgumentHelp("Log from this level on: debug, info, warning, error.", valueName: "level"),
        completion: .list(Notice.Level.allCases.map(\.rawValue)), transform: { try oneOf($0) })
    var logLevel: Notice.Level = .info

    /// The log, without notices below `least`.
    func log(atLeast least: Notice.Level = .debug) -> Log {
        Log(format: logFormat, level: max(logLevel, least), isColoured: Palette.of(STDERR_FILENO).isOn)
    }
}

/// Output for programs.
struct JSONOptions: ParsableArguments {
    @Flag(help: "Print JSON, as docs/json.md describes it.")
    var json = false
}

/// The current time. It is an option, so that tests and documents can repeat an output.
struct ClockOptions: ParsableArguments {
    @Option(help: .private, transform: { try TimeArgument($0).instant(in: .utc, now: .clock()) })
    var now: Instant?

    var instant: Instant { now ?? .clock() }
}

/// The options of every command that reports from the ledger.
struct ReportOptions: ParsableArguments {
    @OptionGroup var jobs: JobsOptions
    @OptionGroup var ledger: LedgerOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions
}

extension Environment {
    /// The environment that this process was started with.
    static var current: Environment { Environment(ProcessInfo.processInfo.environment) }
}

/// The case with this raw value. Throws an error that lists all cases.
func oneOf<Value: CaseIterable & RawRepresentable<String>>(_ text: String) throws -> Value {
    guard let value = Value(rawValue: text) else {
        throw ValidationError(Value.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
}
