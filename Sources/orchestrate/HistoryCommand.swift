import ArgumentParser
import CivilTime
import Glibc
import Ledger
import Orchestrator
import Scheduling
import Text

/// `orchestrate history`: what became of the latest fire times.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what became of fire times, newest first.",
        discussion: """
            Reads the ledger, also while a scheduler writes it.

              $ orchestrate history nightly --state failed --state lost --since 7d

            LATE is from the fire time to the creation of the pipeline, the job's jitter included; TOOK is from there \
            to the pipeline's end. Times without an offset are those of a clock in $ORCHESTRATE_TIMEZONE, else in UTC.
            """)

    @Argument(
        help: "Names of jobs, also with * and ? (default: all).",
        completion: .custom { words, _, _ in JobNames.all(words) })
    var job: [String] = []

    @Option(
        name: [.long, .customShort("n")],
        help: ArgumentHelp("How many to show at most; 0: all.", valueName: "n"))
    var limit = 20

    @Option(
        help: ArgumentHelp(
            "Only runs in this state, or in several, such as failed,lost: \(RunState.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "state"),
        completion: .list(RunState.allCases.map(\.rawValue)),
        transform: { try $0.split(separator: ",").map { try oneOf(String($0)) } })
    var state: [[RunState]] = []

    @Option(
        help: ArgumentHelp(
            "Only fire times from this time on; 7d means 7 days ago.", valueName: "time"),
        transform: TimeArgument.init)
    var since: TimeArgument?

    @OptionGroup var options: ReportOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit needs a number from 0 on") }
    }

    func run() throws {
        let since = try since.map { $0.instant(in: try Zone.named(nil), now: options.clock.instant) }
        let book = try Ledger(path: options.ledger.path, access: .reading)
        let jobs = try job.isEmpty ? [] : names(in: book)
        let filter = RunFilter(
            jobs: jobs, states: Set(state.joined()), since: since, limit: limit == 0 ? nil : limit)
        let runs = try job.isEmpty || !jobs.isEmpty ? book.runs(filter) : []
        guard !options.format.json else { return Output.json(.array(runs.map(\.json))) }
        guard !runs.isEmpty else { return Output.note("no such runs in \(options.ledger.path)") }
        Output.line(table(of: runs).text(.of(STDOUT_FILENO)))
    }

    /// The jobs with runs that the arguments match. Throws for a name that neither the ledger nor a job file knows.
    private func names(in book: Ledger) throws -> Set<String> {
        let recorded = try book.jobNames()
        let unrecorded = job.filter { JobNames.matching($0, in: recorded).isEmpty }
        if !unrecorded.isEmpty {
            let declared = Set(JobNames.all(in: options.jobs.directory))
            for name in unrecorded where JobNames.matching(name, in: declared).isEmpty {
                throw Refusal.unknownJob(name, known: declared.union(recorded).sorted())
            }
        }
        return Set(job.flatMap { JobNames.matching($0, in: recorded) })
    }

    private func table(of runs: [Run]) -> Table {
        let zones = zones()
        let hasLocal = runs.contains { zones[$0.id.job] != nil }
        var table = Table(
            ["FIRE TIME"] + (hasLocal ? [.left("LOCAL TIME", 2)] : []) + [
                "JOB", "STATE", .left("ATTEMPTS", 3), .left("LATE", 4), .left("TOOK", 5), "PIPELINE",
                .shortened("REASON"), .left("URL", 1),
            ])
        for run in runs {
            let local = run.id.fireTime.rfc3339(in: zones[run.id.job] ?? .utc)
            table.add(
                [.init(run.id.fireTime.rfc3339)] + (hasLocal ? [.init(local)] : []) + [
                    .init(run.id.job), .init(run.state.rawValue, run.state.style),
                    .init(run.attempts == 0 ? "-" : String(run.attempts)),
                    .init(run.lateness?.rough ?? "-"), .init(run.length?.rough ?? "-"),
                    .init(run.pipeline.map { String($0.id) } ?? "-"), .init(run.reason ?? ""),
                    .init(run.pipeline?.url ?? ""),
                ])
        }
        return table
    }

    /// The time zones of the declared jobs, except UTC.
    private func zones() -> [String: Zone] {
        let jobs = (try? Configuration.loadJobs([options.jobs.directory], .current))?.jobs ?? []
        let pairs = jobs.map { ($0.name, $0.schedule.zone) }.filter { $0.1.rules != nil }
        return Dictionary(pairs) { first, _ in first }
    }
}
