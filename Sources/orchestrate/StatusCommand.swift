import ArgumentParser
import CivilTime
import Glibc
import JobFiles
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

            With --check it exits 1 when no scheduler runs on the ledger, or when the one that does has given no sign \
            of life for three minutes: for the HEALTHCHECK of a container.
            """)

    @Flag(help: "Exit 1 when no scheduler runs, or its last sign of life is old.")
    var check = false

    @OptionGroup var options: ReportOptions

    func run() throws {
        let loaded = try options.jobs.readGood()
        let status = try Status(of: loaded, ledger: options.ledger.path, now: options.clock.instant)
        if options.format.json {
            Output.json(status.json)
        } else {
            Output.line(status.text(.of(STDOUT_FILENO)))
        }
        guard !check || status.isHealthy else { throw ExitCode.failure }
    }
}

/// The jobs and their runs at one moment.
private struct Status {
    private let now: Instant
    private let path: String
    private let scheduler: SchedulerPresence
    /// Sentences about covered-through marks and rows whose fire times are still to come.
    private let ahead: [String]
    private let hasLedger: Bool
    private let jobs: [JobStatus]

    init(of loaded: LoadedJobs, ledger path: String, now: Instant) throws(LedgerError) {
        self.now = now
        self.path = path
        scheduler = Ledger.scheduler(of: path)
        let ledger = try Ledger.existing(path)
        hasLedger = ledger != nil
        // The scheduler may have read its clock a moment later than this process did.
        let state = try ledger?.load(at: now.advanced(by: Audit.moment))
        ahead = state.map { Self.ahead($0, at: now) } ?? []
        let open = Dictionary(grouping: state?.open ?? [], by: \.id.job)
        let last = try ledger?.lastRuns() ?? [:]
        let good = Dictionary(loaded.jobs.map { ($0.name, $0) }) { first, _ in first }
        let declared = loaded.places.keys.sorted()
        let removed = open.keys.filter { loaded.places[$0] == nil }.sorted()
        jobs = (declared + removed).map { name in
            JobStatus(
                job: good[name], name: name, isDeclared: loaded.places[name] != nil, open: open[name] ?? [],
                last: last[name])
        }
    }

    /// Whether a scheduler runs and has lately given a sign of life.
    var isHealthy: Bool {
        guard case .running(let holder) = scheduler else { return false }
        return !isSilent(holder)
    }

    private func isSilent(_ holder: LockHolder?) -> Bool {
        holder?.lastSign.map { $0.duration(to: now) > Self.longestSilence } ?? false
    }

    /// The scheduler gives a sign of life about twice a minute.
    private static let longestSilence = Duration.seconds(180)

    func text(_ palette: Palette) -> String {
        let hasLocal = jobs.contains { $0.job?.schedule.zone.rules != nil }
        var table = Table(
            ["JOB", "STATE", .left("LAST RUN", 2), "OUTCOME", "WHEN", .left("NEXT FIRE TIME", 3)]
                + (hasLocal ? [.left("LOCAL TIME", 1)] : []) + ["NEXT"])
        for job in jobs { job.add(to: &table, withLocal: hasLocal, now: now) }
        let notes = notes.map { palette.paint("Note", .yellow) + ": \($0)" }
        let head = ([schedulerLine(palette)] + notes).joined(separator: "\n")
        let parts = [head, jobs.isEmpty ? nil : table.text(palette), counts]
        return parts.compactMap(\.self).joined(separator: "\n\n")
    }

    private var notes: [String] {
        guard case .running(let holder?) = scheduler else { return ahead }
        return holder.notes.map { $0.printable() } + ahead
    }

    /// Sentences about marks and rows in the future: a wrong clock, or a forged run id, has moved them there.
    private static func ahead(_ state: LedgerState, at now: Instant) -> [String] {
        let late = now.advanced(by: Audit.moment)
        let marks = state.covered.filter { $0.value > late }.keys.sorted()
        var words: [String] = []
        if let first = marks.first {
            let others = marks.count > 1 ? " and \(marks.count - 1) more" : ""
            words.append(
                "the ledger takes the fire times of \(first)\(others) for decided until a time in the future; a scheduler "
                    + "decides them again when GitLab has told it the time")
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
            let sign =
                holder?.lastSign.map { ", and gave its last sign of life \($0.relative(to: now))" } ?? ""
            guard !isSilent(holder) else {
                return palette.paint("A scheduler runs and is silent", .red)
                    + ": \(who)\(sign); ledger \(path)"
            }
            return palette.paint("A scheduler is running", .green) + ": \(who); ledger \(path)"
        case .absent where hasLedger:
            return palette.paint("No scheduler is running", .yellow) + " on the ledger \(path)"
        case .absent:
            return palette.paint("No scheduler is running", .yellow)
                + "; there is no ledger \(path) yet, `orchestrate run` creates it"
        }
    }

    /// `3 jobs: 2 idle, 1 running; 1 open run`, then what the scheduler waits for.
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
                    ("last_sign_of_life", JSONValue(holder?.lastSign?.rfc3339)),
                    ("instance", JSONValue(holder.flatMap { $0.instance.isEmpty ? nil : $0.instance })),
                    ("notes", .array(notes.map { .string($0) })),
                ])
            ),
            ("ledger", hasLedger ? .string(path) : .null),
            ("jobs", .array(jobs.map { $0.json(now: now) })),
        ])
    }
}
