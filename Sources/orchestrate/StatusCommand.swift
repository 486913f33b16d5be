import ArgumentParser
import CivilTime
import Glibc
import Ledger
import Scheduling
import Text

/// `orchestrate status`: how each job is doing.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each job: its state, its last run, its next fire time.",
        discussion: """
            Says first whether a scheduler is running. Jobs are idle, running, waiting (to be triggered), retrying, \
            blocked (by a manual CI job), uncertain (whether GitLab has a pipeline), or paused (not enabled).
            """)

    @OptionGroup var options: ReportOptions

    func run() throws {
        let declared = try options.jobs.read()
        let status = try Status(of: declared, ledger: options.ledger.path, now: options.clock.instant)
        if options.format.json { return Output.json(status.json) }
        Output.line(status.text(.of(STDOUT_FILENO)))
    }
}

/// The jobs and their runs at one moment.
private struct Status {
    private let now: Instant
    private let path: String
    private let scheduler: SchedulerPresence
    /// What is decided of fire times that are still to come.
    private let ahead: [String]
    private let hasLedger: Bool
    private let jobs: [JobStatus]

    init(of declared: [Job], ledger path: String, now: Instant) throws(LedgerError) {
        self.now = now
        self.path = path
        scheduler = Ledger.scheduler(of: path)
        let ledger = try Ledger.existing(path)
        hasLedger = ledger != nil
        // A scheduler's clock may be read a moment after this one.
        let state = try ledger?.load(at: now.advanced(by: Audit.moment))
        ahead = state.map { Self.ahead($0, at: now) } ?? []
        let open = Dictionary(grouping: state?.open ?? [], by: \.id.job)
        let last = try ledger?.lastRuns() ?? [:]
        let own = declared.map {
            JobStatus(job: $0, name: $0.name, open: open[$0.name] ?? [], last: last[$0.name])
        }
        let names = Set(declared.map(\.name))
        let removed = open.keys.filter { !names.contains($0) }.sorted()
        jobs = own + removed.map { JobStatus(job: nil, name: $0, open: open[$0] ?? [], last: last[$0]) }
    }

    func text(_ palette: Palette) -> String {
        var table = Table("JOB", "STATE", "LAST RUN", "OUTCOME", "WHEN", "NEXT FIRE TIME", "WHEN")
        for job in jobs { job.add(to: &table, now: now) }
        let notes = notes.map { palette.paint("Note", .yellow) + ": \($0)" }
        let head = ([schedulerLine(palette)] + notes).joined(separator: "\n")
        let parts = [head, jobs.isEmpty ? nil : table.text(palette), counts]
        return parts.compactMap(\.self).joined(separator: "\n\n")
    }

    private var notes: [String] {
        guard case .running(let holder?) = scheduler else { return ahead }
        return holder.notes.map { $0.printable() } + ahead
    }

    /// A wrong clock, or a forged run id, has moved marks or rows into the future.
    private static func ahead(_ state: LedgerState, at now: Instant) -> [String] {
        let late = now.advanced(by: Audit.moment)
        let marks = state.covered.filter { $0.value > late }.keys.sorted()
        var words: [String] = []
        if let first = marks.first {
            let others = marks.count > 1 ? " and \(marks.count - 1) more" : ""
            words.append(
                "the fire times of \(first)\(others) are taken for decided until a time that is still to come; a scheduler "
                    + "decides them anew when GitLab has told it the time")
        }
        if let newest = state.newestFireTime, newest > late {
            words.append("the ledger has rows of fire times that are still to come, up to \(newest.rfc3339)")
        }
        return words
    }

    private func schedulerLine(_ palette: Palette) -> String {
        switch scheduler {
        case .running(let holder):
            let who = holder.map { "\($0), \($0.since.relative(to: now))" } ?? "a process"
            return palette.paint("A scheduler is running", .green) + ": \(who); ledger \(path)"
        case .absent where hasLedger:
            return palette.paint("No scheduler is running", .yellow) + " on the ledger \(path)"
        case .absent:
            return palette.paint("No scheduler is running", .yellow)
                + "; there is no ledger \(path) yet, `orchestrate run` creates it"
        }
    }

    /// `3 jobs: 2 idle, 1 running; 1 open run`, then what is waited for.
    private var counts: String {
        let states = Dictionary(grouping: jobs, by: \.state).mapValues(\.count)
        let list = JobStatus.State.allCases.compactMap { state in
            states[state].map { "\($0) \(state.rawValue)" }
        }
        let open = jobs.flatMap(\.open)
        let numbers = count(jobs.count, "job") + (list.isEmpty ? "" : ": " + list.joined(separator: ", "))
        let told = open.filter { $0.reason != nil && $0.state != .triggered }
        let reasons = told.prefix(10).map { "  \($0.id) is \($0.state): \($0.reason ?? "")".printable() }
        let rest = told.count > reasons.count ? ["  and \(told.count - reasons.count) more"] : []
        return (["\(numbers); \(count(open.count, "open run"))"] + reasons + rest).joined(separator: "\n")
    }

    var json: JSONValue {
        var holder: LockHolder?
        var isRunning = false
        if case .running(let known) = scheduler { (holder, isRunning) = (known, true) }
        return .object([
            (
                "scheduler",
                .object([
                    ("running", .bool(isRunning)), ("pid", JSONValue(holder.map { Int64($0.pid) })),
                    ("since", JSONValue(holder?.since.rfc3339)),
                    ("instance", JSONValue(holder.flatMap { $0.instance.isEmpty ? nil : $0.instance })),
                    ("notes", .array(notes.map { .string($0) })),
                ])
            ),
            ("ledger", hasLedger ? .string(path) : .null),
            ("jobs", .array(jobs.map { $0.json(now: now) })),
        ])
    }
}
