import ArgumentParser
import CivilTime
import FoundationEssentials
import Glibc
import Orchestrator
import Scheduling

/// Where the job files are.
struct JobsOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Directory of the job files (default: $MELT_JOBS_HOME, else jobs).", valueName: "dir"),
        completion: .directory)
    var jobs: String?

    var directory: String { Configuration.jobsDirectory(.current, .init(jobs: jobs)) }
}

/// Where the ledger is.
struct LedgerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The ledger (default: $ORCHESTRATE_DB, else \(EnvironmentVariable.ledger.fallback ?? "")).",
            valueName: "file"),
        completion: .file())
    var db: String?

    var path: String { Configuration.ledgerPath(.current, .init(ledger: db)) }
}

/// How the log on standard error looks.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Log as text or json.", valueName: "format"),
        completion: .list(Log.Format.allCases.map(\.rawValue)), transform: { try oneOf($0) })
    var logFormat: Log.Format = .text

    @Option(
        help: ArgumentHelp("Log from this level on: debug, info, warning, error.", valueName: "level"),
        completion: .list(Notice.Level.allCases.map(\.rawValue)), transform: { try oneOf($0) })
    var logLevel: Notice.Level = .info

    /// The log, with nothing below `least` in it.
    func log(atLeast least: Notice.Level = .debug) -> Log {
        Log(format: logFormat, level: max(logLevel, least), isColoured: Palette.of(STDERR_FILENO).isOn)
    }
}

/// Data for machines.
struct JSONOptions: ParsableArguments {
    @Flag(help: "Print JSON, as docs/json.md describes it.")
    var json = false
}

/// What time it is: an option, so that tests and documents can repeat an output.
struct ClockOptions: ParsableArguments {
    @Option(help: .private, transform: { try TimeArgument($0).instant(in: .utc, now: .clock()) })
    var now: Instant?

    var instant: Instant { now ?? .clock() }
}

/// What every command takes that reports from the ledger.
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

/// The value with this raw value, or an error that lists them all.
func oneOf<Value: CaseIterable & RawRepresentable<String>>(_ text: String) throws -> Value {
    guard let value = Value(rawValue: text) else {
        throw ValidationError(Value.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
}
