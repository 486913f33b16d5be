import ArgumentParser
import CivilTime
import Glibc
import Ledger
import Orchestrator
import Scheduling
import Text

/// `orchestrate audit` tells whether every fire time has its row.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Compute every fire time anew and compare it with the ledger.",
        discussion: """
            Each fire time of each declared job must have become a run or a skip. The command lists those that have \
            not, and then exits 1. Without --from it begins at each job's first row; without --to it ends a minute ago. \
            Fire times from before a job's first row get one line a job: the ledger does not tell whether the job was \
            declared then. The command compares fire times from before a change of the schedule with the schedule of \
            today. Times without an offset are those of a clock in $ORCHESTRATE_TIMEZONE, else in UTC.
            """)

    @Option(
        help: ArgumentHelp("Fire times from this on.", valueName: "time"), transform: TimeArgument.init)
    var from: TimeArgument?

    @Option(
        help: ArgumentHelp("Fire times up to and including this.", valueName: "time"),
        transform: TimeArgument.init)
    var to: TimeArgument?

    @OptionGroup var options: ReportOptions

    func run() throws {
        let now = options.clock.instant
        let declared = try options.jobs.readGood().jobs
        let path = options.ledger.path
        guard let found = try Ledger.existing(path) else {
            throw Refusal(message: "there is no ledger \(path)", hint: "`orchestrate run` creates it")
        }
        let zone = try Zone.named(nil)
        let start = from?.instant(in: zone, now: now)
        let end =
            to.map { min($0.instant(in: zone, now: now), now) } ?? now.advanced(by: .zero - Audit.moment)
        if let start, to != nil, start > end {
            throw Refusal(message: "--from is later than --to, or than now", code: EX_USAGE)
        }
        let recorded = try found.fireTimes(
            from: start ?? .distantPast, until: end.advanced(by: .microseconds(1)))
        let audits = try declared.map { job in
            let earlier = try start.map { try found.runs(RunFilter(jobs: [job.name], until: $0, limit: 1)) }
            return Audit(
                job, rows: recorded.rows(of: job.name), from: start, to: end, now: now,
                hasEarlierRows: earlier?.isEmpty != true)
        }
        if options.format.json {
            Output.json(json(audits, start, end))
        } else {
            show(audits)
        }
        guard audits.allSatisfy(\.unaccounted.isEmpty) else { throw ExitCode.failure }
    }

    private func show(_ audits: [Audit]) {
        let missing = audits.flatMap { audit in audit.unaccounted.map { (audit.job, $0) } }
        if !missing.isEmpty {
            var table = Table("FIRE TIME", "JOB")
            for (job, fireTime) in missing.prefix(1_000) { table.add(.init(fireTime.rfc3339), .init(job)) }
            let more = missing.count > 1_000 ? "\nand \(missing.count - 1_000) more" : ""
            Output.line(table.text(.of(STDOUT_FILENO)) + more + "\n")
        }
        let (runs, skips) = (audits.map(\.runs).reduce(0, +), audits.map(\.skips).reduce(0, +))
        let others = audits.map(\.others).reduce(0, +)
        let fireTimes = audits.map(\.fireTimes).reduce(0, +)
        let aside = others > 0 ? "; \(count(others, "other row")), by hand or of an earlier schedule" : ""
        Output.line(
            "\(count(audits.count, "job")), \(count(fireTimes, "fire time")): \(count(runs, "run")), "
                + "\(count(skips, "skip"))\(aside)")
        for audit in audits {
            guard let before = audit.before else { continue }
            let span = before.count == 1 ? "at" : "from \(before.first.rfc3339) to"
            Output.line(
                "\(audit.job): \(count(before.count, "fire time")) \(span) \(before.last.rfc3339) came before its first row"
                    .printable())
        }
        Output.line("unaccounted: \(missing.count)")
    }

    private func json(_ audits: [Audit], _ start: Instant?, _ end: Instant) -> JSONValue {
        let missing = audits.flatMap { audit in
            audit.unaccounted.map {
                JSONValue.object([("job", .string(audit.job)), ("fire_time", .string($0.rfc3339))])
            }
        }
        return .object([
            ("from", JSONValue(start?.rfc3339)), ("to", .string(end.rfc3339)),
            ("jobs", .integer(Int64(audits.count))),
            ("fire_times", .integer(Int64(audits.map(\.fireTimes).reduce(0, +)))),
            ("runs", .integer(Int64(audits.map(\.runs).reduce(0, +)))),
            ("skips", .integer(Int64(audits.map(\.skips).reduce(0, +)))),
            ("other_rows", .integer(Int64(audits.map(\.others).reduce(0, +)))),
            ("unaccounted", .array(missing)),
            (
                "before_first_row",
                .array(
                    audits.compactMap { audit in
                        audit.before.map { before in
                            .object([
                                ("job", .string(audit.job)), ("fire_times", .integer(Int64(before.count))),
                                ("from", .string(before.first.rfc3339)), ("to", .string(before.last.rfc3339)),
                            ])
                        }
                    })
            ),
        ])
    }
}
