import ArgumentParser
import CivilTime
import Cron
import Glibc
import Scheduling
import Text

/// `orchestrate next`: coming fire times.
struct NextCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "Show coming fire times, of the jobs or of a cron expression.",
        discussion: """
            The fire times of all jobs, or of those named, in order of time. To try out an expression:

              $ orchestrate next --expression '30 2 * * MON-FRI' --timezone Europe/Berlin

            Times are RFC 3339, or without an offset what the clock of --timezone shows (2026-03-08T02:30, \
            2026-03-08, 02:30, tomorrow); --until 7d means the coming week. A note marks what daylight saving does \
            to a fire time.
            """)

    @Argument(
        help: "Names of jobs, also with * and ? (default: all).",
        completion: .custom { words, _, _ in JobNames.all(words) })
    var job: [String] = []

    @Option(
        name: [.long, .customShort("n")],
        help: ArgumentHelp("How many to show (default: 10, with --until all).", valueName: "n"))
    var count: Int?

    @Option(
        help: ArgumentHelp("Show those later than this (default: now).", valueName: "time"),
        transform: TimeArgument.init)
    var from: TimeArgument?

    @Option(
        help: ArgumentHelp("Show those up to and including this.", valueName: "time"),
        transform: TimeArgument.init
    )
    var until: TimeArgument?

    @Option(help: ArgumentHelp("Show the fire times of this cron expression instead.", valueName: "cron"))
    var expression: String?

    @Option(
        help: ArgumentHelp(
            "The zone of --expression and of local times (default: each job's; $ORCHESTRATE_TIMEZONE, else UTC).",
            valueName: "zone"))
    var timezone: String?

    @OptionGroup var jobs: JobsOptions
    @OptionGroup var format: JSONOptions
    @OptionGroup var clock: ClockOptions
    @OptionGroup(visibility: .hidden) var ledger: LedgerOptions
    @OptionGroup(visibility: .hidden) var logging: LogOptions

    private static let most = 1_000_000

    private var limit: Int { count ?? (until == nil ? 10 : Self.most) }

    func validate() throws {
        guard (1...Self.most).contains(limit) else {
            throw ValidationError("--count needs a number from 1 to \(Self.most)")
        }
        guard expression == nil || job.isEmpty else {
            throw ValidationError("name jobs or give an --expression, not both")
        }
    }

    func run() throws {
        let now = clock.instant
        let zone = try Zone.named(timezone)
        let after = from?.instant(in: zone, now: now) ?? now
        let end = until?.instant(in: zone, now: now, isAhead: true) ?? .distantFuture
        guard after <= end else { throw Refusal(message: "--from is later than --until", code: EX_USAGE) }
        var coming = ComingFireTimes(of: try chosen(zone), after: after)
        let limit = limit
        var shown: [ComingFireTimes.Element] = []
        while shown.count < limit, let next = coming.next(), next.fireTime <= end { shown.append(next) }
        show(shown, of: coming.jobs, at: now, in: timezone.map { _ in zone })
        if until != nil, shown.count == limit, let next = coming.next(), next.fireTime <= end {
            Output.note("there are more than \(limit) until then; --count shows more")
        }
    }

    /// The jobs that the user named. An `--expression` counts as a job without a name.
    private func chosen(_ zone: Zone) throws -> [Job] {
        if let expression { return [Job(name: "", schedule: Schedule(try read(expression), in: zone))] }
        let declared = try jobs.read(named: job)
        for name in job where declared.contains(where: { $0.name == name && !$0.isEnabled }) {
            Output.note("\(name) is not enabled: its fire times are skipped")
        }
        return declared.filter(\.isEnabled)
    }

    private func show(
        _ fireTimes: [ComingFireTimes.Element], of jobs: [Job], at now: Instant, in zone: Zone?
    ) {
        let isOfJobs = expression == nil
        guard !format.json else {
            let rows = fireTimes.lazy.map { $0.json(of: jobs[$0.job], in: zone, withJob: isOfJobs) }
            return Output.json(JSONValue.bytes(array: rows))
        }
        if let schedule = fireTimes.first.map({ jobs[$0.job].schedule }), !isOfJobs { explain(schedule) }
        guard !fireTimes.isEmpty else { return Output.note("there are no fire times to show") }
        let remarks = fireTimes.map { jobs[$0.job].schedule.remark(on: $0.fireTime) }
        var table = Table(
            ["FIRE TIME", "LOCAL TIME", "WHEN"] + (isOfJobs ? ["JOB"] : [])
                + (remarks.contains { $0 != nil } ? ["NOTE"] : []))
        for (element, remark) in zip(fireTimes, remarks) {
            let (job, fireTime) = (jobs[element.job], element.fireTime)
            table.add(
                [
                    .init(fireTime.rfc3339), .init(fireTime.local(in: zone ?? job.schedule.zone)),
                    .init(fireTime.relative(to: now)),
                ] + (isOfJobs ? [.init(job.name)] : []) + (remark.map { [.init($0, .yellow)] } ?? []))
        }
        Output.line(table.text(.of(STDOUT_FILENO)))
    }

    /// Prints what the expression means, and the advice on it.
    private func explain(_ schedule: Schedule) {
        Output.line("\(schedule.expression)  \(schedule.expression.words)\n")
        for advice in CronExpression.advice(on: expression ?? "") {
            let hint = advice.hint.map { "; try: \($0)" } ?? ""
            Output.note("column \(advice.column), \(advice.field) field: \(advice.message)\(hint)")
        }
    }

    private func read(_ expression: String) throws -> CronExpression {
        do throws(CronError) {
            return try CronExpression(expression)
        } catch {
            throw Refusal(refused: expression, error)
        }
    }
}

extension ComingFireTimes.Element {
    fileprivate func json(of job: Job, in zone: Zone?, withJob: Bool) -> JSONValue {
        let local = fireTime.rfc3339(in: zone ?? job.schedule.zone)
        let name: [(key: String, value: JSONValue)] = withJob ? [("job", .string(job.name))] : []
        return .object(
            name + [
                ("fire_time", .string(fireTime.rfc3339)), ("local_time", .string(local)),
            ])
    }
}

extension Refusal {
    /// Shows the expression with a caret under the place of the error.
    fileprivate init(refused expression: String, _ error: CronError) {
        let field = error.field.map { ", \($0) field" } ?? ""
        var lines = ["--expression, column \(error.column)\(field): \(error.message)"]
        let shown = expression.printable()
        if shown.columns <= 100, !shown.allSatisfy({ $0 == " " }) {
            let indent = String(shown.prefix(max(0, error.column - 1))).columns
            lines += ["    \(shown)", String(repeating: " ", count: 4 + indent) + "^"]
        }
        self.init(message: lines.joined(separator: "\n"), hint: error.hint, code: Failure.badConfiguration)
    }
}
