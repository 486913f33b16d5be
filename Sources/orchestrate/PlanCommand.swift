import ArgumentParser
import CivilTime
import Glibc
import Ledger
import Orchestrator
import Scheduling
import Text

/// `orchestrate plan`: what a start would do.
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what `run` would do if it were started now.",
        discussion: """
            Lists each fire time that is due and not in the ledger: whether a start would run or skip it, and why. \
            Lists each open run, too, which a start would go on with. The command sends nothing and writes nothing: it \
            takes pipelines of open runs for running, and does not know what only GitLab knows.
            """)

    @OptionGroup var options: ReportOptions

    func run() throws {
        let now = options.clock.instant
        let declared = try options.jobs.readGood().jobs
        let state = try Ledger.existing(options.ledger.path)?.load()
        var settings = Settings.defaults
        settings.ratePerMinute = try Configuration.ratePerMinute(.current)
        let forecast = Forecast(
            jobs: declared, covered: state?.covered ?? [:], open: state?.open ?? [], settings: settings,
            now: now)
        if case .running = Ledger.scheduler(of: options.ledger.path) {
            Output.note("a scheduler is running on this ledger: it does this by itself")
        }
        let lines =
            forecast.resumed.map { Line(resumed: $0) }
            + forecast.rows.map { Line(row: $0, isHeld: forecast.held.contains($0.id)) }
        if options.format.json { return Output.json(.array(lines.map(\.json))) }
        show(lines, forecast, now: now)
    }

    private func show(_ lines: [Line], _ forecast: Forecast, now: Instant) {
        var table = Table("FIRE TIME", "JOB", "WHAT", .left("LATE", 1), .shortened("WHY"))
        for line in lines { line.add(to: &table, now: now) }
        if !table.isEmpty { Output.line(table.text(.of(STDOUT_FILENO)) + "\n") }
        let numbers = Line.Action.allCases.compactMap { action in
            let number = lines.count { $0.action == action }
            return number > 0 ? "\(number) to \(action.rawValue)" : nil
        }
        let new = forecast.newJobs
        let names =
            new.prefix(5).joined(separator: ", ") + (new.count > 5 ? " and \(new.count - 5) more" : "")
        Output.line(numbers.isEmpty ? "nothing is due" : numbers.joined(separator: ", "))
        for (job, instant) in forecast.later.sorted(by: { $0.key < $1.key }) {
            Output.note(
                "\(job): fire times after \(instant.rfc3339) follow when most of these are posted".printable()
            )
        }
        if !new.isEmpty { Output.note("not in the ledger yet, so without a past: \(names)".printable()) }
    }
}

/// One fire time, and what a start would do about it.
private struct Line {
    enum Action: String, CaseIterable {
        case run, skip, watch, look = "look up", wait
    }

    let run: Run
    let action: Action

    init(row run: Run, isHeld: Bool) {
        self.run = run
        action = run.state == .skipped ? .skip : isHeld ? .wait : .run
    }

    init(resumed run: Run) {
        self.run = run
        switch run.state {
        case .triggered, .retrying, .blocked: action = .watch
        case .claimed where run.sentAt == nil: action = .run
        default: action = .look
        }
    }

    func add(to table: inout Table, now: Instant) {
        let late = action == .run ? run.id.fireTime.duration(to: now).rough : ""
        table.add(
            .init(run.id.fireTime.rfc3339), .init(run.id.job),
            .init(action.rawValue, action == .run ? .green : action == .skip ? .faint : .cyan), .init(late),
            .init(why ?? ""))
    }

    private var why: String? {
        run.reason ?? run.pipeline.map { "pipeline \($0.id)" }
    }

    var json: JSONValue {
        .object([
            ("job", .string(run.id.job)), ("fire_time", .string(run.id.fireTime.rfc3339)),
            ("run_id", .string(run.id.description)), ("action", .string(action.rawValue)),
            ("reason", JSONValue(why)),
        ])
    }
}
