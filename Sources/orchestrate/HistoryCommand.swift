import ArgumentParser
import CivilTime
import Glibc
import Ledger
import Scheduling

/// `orchestrate history`: what became of the latest fire times.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what became of fire times, newest first.",
        discussion: """
            Reads the ledger, also while a scheduler writes it.

              $ orchestrate history nightly --state failed --state lost --since 7d

            LATE is from the fire time to the creation of the pipeline, TOOK from there to the end of the run. \
            Times without an offset are those of a clock in $ORCHESTRATE_TIMEZONE, else in UTC.
            """)

    @Argument(
        help: "Names of jobs (default: all).", completion: .custom { words, _, _ in JobNames.all(words) })
    var job: [String] = []

    @Option(help: ArgumentHelp("How many to show at most; 0: all.", valueName: "n"))
    var limit = 20

    @Option(
        help: ArgumentHelp(
            "Only runs in this state; may be repeated: \(RunState.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "state"),
        completion: .list(RunState.allCases.map(\.rawValue)), transform: { try oneOf($0) })
    var state: [RunState] = []

    @Option(
        help: ArgumentHelp(
            "Only fire times from this time on; 7d or 12h mean so long ago.", valueName: "time"),
        transform: Beginning.init)
    var since: Beginning?

    @OptionGroup var options: ReportOptions

    func validate() throws {
        guard limit >= 0 else { throw ValidationError("--limit needs a number from 0 on") }
    }

    func run() throws {
        let since = try since.map { try $0.instant(in: Zone.named(nil), now: options.clock.instant) }
        let book = try Ledger(path: options.ledger.path, access: .reading)
        let filter = RunFilter(
            jobs: Set(job), states: Set(state), since: since, limit: limit == 0 ? nil : limit)
        let runs = try book.runs(filter)
        try refuseUnknown(in: book)
        guard !options.format.json else { return Output.json(.array(runs.map(\.json))) }
        guard !runs.isEmpty else { return Output.note("no such runs in \(options.ledger.path)") }
        Output.line(Self.table(of: runs).text(.of(STDOUT_FILENO)))
    }

    /// A name is known when the ledger has runs of it or a job file declares it.
    private func refuseUnknown(in book: Ledger) throws {
        let strange = try job.filter { try book.runs(RunFilter(jobs: [$0], limit: 1)).isEmpty }
        guard !strange.isEmpty else { return }
        let declared = Set(JobNames.all(in: options.jobs.directory))
        for name in strange where !declared.contains(name) {
            throw Refusal.unknownJob(name, known: declared.sorted())
        }
    }

    private static func table(of runs: [Run]) -> Table {
        var table = Table("FIRE TIME", "JOB", "STATE", "ATTEMPTS", "LATE", "TOOK", "PIPELINE OR REASON")
        for run in runs {
            table.add(
                .init(run.id.fireTime.rfc3339), .init(run.id.job), .init(run.state.rawValue, run.state.style),
                .init(run.attempts == 0 ? "-" : String(run.attempts)), .init(run.lateness?.rough ?? "-"),
                .init(run.length?.rough ?? "-"), .init(run.pipeline?.url ?? run.reason ?? ""))
        }
        return table
    }
}

/// Where a stretch of history begins: a point in time, or a length of time before now.
enum Beginning {
    case at(TimeArgument)
    case ago(Duration)

    init(_ text: String) throws {
        if let duration = try? Duration(text: text) {
            self = .ago(duration)
        } else if let time = try? TimeArgument(text) {
            self = .at(time)
        } else {
            throw ValidationError("a time looks like \(TimeArgument.forms), a length of time like 7d or 12h")
        }
    }

    func instant(in zone: Zone, now: Instant) -> Instant {
        switch self {
        case .at(let time): time.instant(in: zone)
        case .ago(let duration): now.advanced(by: .zero - duration)
        }
    }
}
