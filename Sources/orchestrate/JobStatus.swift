import CivilTime
import Ledger
import Scheduling
import Text

/// How one job is doing.
struct JobStatus {
    /// Of several open runs, the first of these states that one of them has stands for the job.
    enum State: String, CaseIterable {
        case uncertain, running, retrying, waiting, blocked, idle, paused

        init(_ run: Run) {
            switch run.state {
            case .uncertain: self = .uncertain
            case .triggered: self = .running
            case .retrying: self = .retrying
            case .claimed: self = .waiting
            case .blocked: self = .blocked
            case .succeeded, .failed, .canceled, .skipped, .refused, .lost: self = .idle
            }
        }

        var style: Style {
            switch self {
            case .uncertain, .blocked, .paused: .yellow
            case .running, .retrying, .waiting: .cyan
            case .idle: .plain
            }
        }
    }

    /// nil if no job file declares the job, or if its declaration has an error.
    let job: Job?
    let name: String
    /// Whether a job file declares it, perhaps with an error.
    let isDeclared: Bool
    let open: [Run]
    let last: LastRun?

    var state: State {
        let states = Set(open.map(State.init))
        let isPaused = job.map { !$0.isEnabled } ?? false
        return State.allCases.first(where: states.contains) ?? (isPaused ? .paused : .idle)
    }

    private func next(after now: Instant) -> Instant? {
        guard let job, job.isEnabled else { return nil }
        return job.schedule.next(after: now)
    }

    func add(to table: inout Table, withLocal: Bool, now: Instant) {
        let next = next(after: now)
        let run = last?.newest ?? open.last
        let several = open.count > 1 ? " (\(open.count))" : ""
        let local = next.flatMap { next in job.map { next.rfc3339(in: $0.schedule.zone) } }
        let missing = job != nil ? "-" : isDeclared ? "has a problem" : "not declared"
        table.add(
            [
                .init(name), .init(state.rawValue + several, state.style),
                .init(run?.id.fireTime.rfc3339 ?? "never"),
                run.map { .init($0.state.rawValue, $0.state.style) } ?? .init("-"),
                .init(run?.id.fireTime.relative(to: now) ?? "never"), .init(next?.rfc3339 ?? missing),
            ] + (withLocal ? [.init(local ?? "")] : []) + [.init(next?.relative(to: now) ?? missing)])
    }

    func json(now: Instant) -> JSONValue {
        let next = next(after: now)
        return .object([
            ("job", .string(name)),
            ("state", .string(state.rawValue)),
            ("enabled", JSONValue(job?.isEnabled)),
            ("next_fire_time", JSONValue(next?.rfc3339)),
            (
                "next_local_time",
                JSONValue(next.flatMap { next in job.map { next.rfc3339(in: $0.schedule.zone) } })
            ),
            ("last_run", last?.newest.json ?? .null),
            ("last_carried_out", last?.carriedOut?.json ?? .null),
            ("open_runs", .array(open.map(\.json))),
        ])
    }
}
