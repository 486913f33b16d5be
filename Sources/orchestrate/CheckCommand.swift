import ArgumentParser
import CivilTime
import Glibc
import JobFiles
import Orchestrator
import Scheduling
import Text

/// `orchestrate check` tells whether the job files are good, and what they mean.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate job files, and show when their jobs run.",
        discussion: """
            Shows every problem of every file with its place and what to try, and exits 1 if one of them is an \
            error; a warning alone is exit code 0, unless --strict makes it an error. Warnings tell what is allowed \
            and probably not meant: both day fields given, steps that are uneven, times that a clock skips or shows \
            twice in the coming year, days that some months lack, numbers of weekdays that APScheduler counted from \
            Monday, and more jobs in one minute than GitLab creates pipelines. Needs neither GitLab nor a ledger.
            """)

    @Argument(
        help: ArgumentHelp(
            "Job files and directories, - for standard input (default: the directory of --jobs).",
            valueName: "path"),
        completion: .file(extensions: ["yml", "yaml"]))
    var paths: [String] = []

    @Flag(help: "Treat warnings as errors.")
    var strict = false

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run() throws {
        let now = clock.instant
        var loaded = try Configuration.loadJobs(
            paths.isEmpty ? [jobs.directory] : paths, .current, adviceAt: now,
            channels: try Configuration.channels(in: .current))
        loaded.warnOfHerds(perMinute: try Configuration.ratePerMinute(.current), at: now)
        var problems = loaded.problems
        for index in problems.indices where strict { problems[index].severity = .error }
        if format.json {
            Output.json(.array(problems.map(\.json)))
        } else {
            Output.line(report(on: loaded, problems))
        }
        guard !problems.contains(where: { $0.severity == .error }) else { throw ExitCode.failure }
    }

    private func report(on loaded: LoadedJobs, _ problems: [Problem]) -> String {
        let tally = tally(of: problems)
        var parts = problems.map(\.description)
        guard loaded.isUsable else { return (parts + [tally]).joined(separator: "\n\n") }
        if !loaded.jobs.isEmpty { parts.append(table(of: loaded).text(.of(STDOUT_FILENO))) }
        return (parts + ["\(count(loaded.jobs.count, "job")), \(tally)"]).joined(separator: "\n\n")
    }

    private func table(of loaded: LoadedJobs) -> Table {
        let now = clock.instant
        var table = Table(
            "JOB", "SCHEDULE", .shortened("MEANING"), .left("NEXT FIRE TIME", 2), .left("FILE", 1))
        for job in loaded.jobs {
            let next = job.schedule.next(after: now)
            table.add(
                .init(job.name), .init(loaded.schedules[job.name] ?? job.schedule.expression.description),
                .init(job.schedule.expression.words),
                job.isEnabled
                    ? .init(next?.local(in: job.schedule.zone) ?? "never") : .init("paused", .yellow),
                .init(loaded.places[job.name]?.lineOnly ?? "", .faint))
        }
        return table
    }
}

extension Place {
    /// `jobs/nightly.yml:3`.
    var lineOnly: String { file + (position.map { ":\($0.line)" } ?? "") }
}

extension Problem {
    fileprivate var json: JSONValue {
        .object([
            ("file", .string(place.file)),
            ("line", JSONValue(place.position.map { Int64($0.line) })),
            ("column", JSONValue(place.position.map { Int64($0.column) })),
            ("severity", .string(severity.rawValue)),
            ("message", .string(message)),
            ("hint", JSONValue(hint)),
        ])
    }
}
