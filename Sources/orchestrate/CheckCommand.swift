import ArgumentParser
import Cron
import Glibc
import JobFiles
import Orchestrator
import Scheduling

/// `orchestrate check`: are the job files good, and what do they mean?
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Validate job files, and show when their jobs run.",
        discussion: """
            Shows every problem of every file with its place and what to try, and exits 1 if one of them is an \
            error; a warning alone is exit code 0. Needs neither GitLab nor a ledger.
            """)

    @Argument(
        help: ArgumentHelp(
            "Job files and directories (default: the directory of --jobs).", valueName: "path"),
        completion: .file(extensions: ["yml", "yaml"]))
    var paths: [String] = []

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run() throws {
        let loaded = try Configuration.loadJobs(paths.isEmpty ? [jobs.directory] : paths, .current)
        if format.json {
            Output.json(.array(loaded.problems.map(\.json)))
        } else {
            Output.line(report(on: loaded))
        }
        guard loaded.isUsable else { throw ExitCode.failure }
    }

    private func report(on loaded: LoadedJobs) -> String {
        let tally = Tally(loaded.problems).text
        var parts = loaded.problems.map(\.description)
        guard loaded.isUsable else { return (parts + [tally]).joined(separator: "\n\n") }
        if !loaded.jobs.isEmpty { parts.append(table(of: loaded).text(.of(STDOUT_FILENO))) }
        return (parts + ["\(count(loaded.jobs.count, "job")), \(tally)"]).joined(separator: "\n\n")
    }

    private func table(of loaded: LoadedJobs) -> Table {
        let now = clock.instant
        var table = Table("JOB", "SCHEDULE", "MEANING", "NEXT FIRE TIME", "FILE")
        for job in loaded.jobs {
            let next = job.schedule.next(after: now)
            table.add(
                .init(job.name), .init(job.schedule.expression.description),
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
    fileprivate var lineOnly: String { file + (position.map { ":\($0.line)" } ?? "") }
}

extension Problem {
    fileprivate var json: JSON {
        .object([
            ("file", .string(place.file)),
            ("line", JSON(place.position.map { Int64($0.line) })),
            ("column", JSON(place.position.map { Int64($0.column) })),
            ("severity", .string(severity.rawValue)),
            ("message", .string(message)),
            ("hint", JSON(hint)),
        ])
    }
}
