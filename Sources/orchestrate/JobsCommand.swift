import ArgumentParser
import CivilTime
import Glibc
import JobFiles
import Orchestrator
import Scheduling
import Text

/// `orchestrate jobs`: what the job files declare.
struct JobsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the declared jobs: schedule, zone, ref, next fire time.",
        discussion: """
            Reads the job files alone, no ledger. It leaves out jobs whose files have errors, and prints the first \
            errors on standard error.

              $ orchestrate jobs 'nightly_*' --json
            """)

    @Argument(
        help: "Names of jobs, also with * and ? (default: all).",
        completion: .custom { words, _, _ in JobNames.all(words) })
    var job: [String] = []

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    func run() throws {
        let loaded = try jobs.readGood()
        let chosen = try job.isEmpty ? loaded.jobs : loaded.jobs.chosen(by: job)
        let rows = chosen.map {
            Row(job: $0, place: loaded.places[$0.name], schedule: loaded.schedules[$0.name])
        }
        if format.json { return Output.json(.array(rows.map { $0.json(at: clock.instant) })) }
        guard !rows.isEmpty else { return Output.note("no jobs in \(jobs.directory)") }
        var table = Table(
            "JOB", "SCHEDULE", .left("TIMEZONE", 3), .left("NEXT FIRE TIME", 4), "NEXT", .left("REF", 2),
            .left("FILE", 1), .shortened("DESCRIPTION"))
        for row in rows { row.add(to: &table, at: clock.instant) }
        Output.line(table.text(.of(STDOUT_FILENO)))
    }
}

/// A job, its place and its schedule, as the list shows them.
private struct Row {
    let job: Job
    let place: Place?
    /// As the file has it.
    let schedule: String?

    private func next(after now: Instant) -> Instant? { job.isEnabled ? job.schedule.next(after: now) : nil }

    private var description: String { job.details ?? "" }

    func add(to table: inout Table, at now: Instant) {
        let next = next(after: now)
        table.add(
            .init(job.name), .init(schedule ?? job.schedule.expression.description),
            .init(job.schedule.zone.name), .init(next?.rfc3339 ?? "-"),
            job.isEnabled ? .init(next?.relative(to: now) ?? "never") : .init("paused", .yellow),
            .init(job.ref ?? "-"), .init(place?.lineOnly ?? "", .faint),
            .init(String(description.prefix { $0 != "\n" })))
    }

    func json(at now: Instant) -> JSONValue {
        let next = next(after: now)
        return .object([
            ("job", .string(job.name)), ("enabled", .bool(job.isEnabled)),
            ("schedule", .string(schedule ?? job.schedule.expression.description)),
            ("timezone", .string(job.schedule.zone.name)),
            ("meaning", .string(job.schedule.expression.words)),
            ("project", JSONValue(job.project)), ("ref", JSONValue(job.ref)),
            ("file", JSONValue(place?.file)), ("line", JSONValue(place?.position.map { Int64($0.line) })),
            ("next_fire_time", JSONValue(next?.rfc3339)),
            ("next_local_time", JSONValue(next?.rfc3339(in: job.schedule.zone))),
            ("description", JSONValue(job.details)),
        ])
    }
}
