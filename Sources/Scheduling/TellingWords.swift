import CivilTime

/// The sentences of messages. Each names the job first.
enum TellingWords {
    static func bad(_ run: Run, inARow count: Int) -> String {
        let reason = run.reason.map { ": \($0)" } ?? ""
        let row = count > 1 ? ", bad run number \(count) in a row" : ""
        let job = run.id.job
        switch run.state {
        case .refused: return "\(job): GitLab refused the run of \(at(run))\(row)\(reason)"
        case .lost: return "\(job): nobody knows what became of the run of \(at(run))\(row)\(reason)"
        case .canceled: return "\(job) was canceled, fire time \(at(run))\(row)\(reason)"
        default:
            let attempts = run.attempts > 1 ? " after \(run.attempts) attempts" : ""
            return "\(job) failed\(attempts), fire time \(at(run))\(row)\(reason)"
        }
    }

    static func recovered(_ run: Run, after count: Int) -> String {
        "\(run.id.job) works again, fire time \(at(run)), after \(count) bad \(count == 1 ? "run" : "runs")"
    }

    static func missed(_ run: Run, _ count: Int) -> String {
        let times = count == 1 ? "the fire time \(at(run))" : "\(count) fire times, the last \(at(run))"
        return "\(run.id.job) did not run at \(times): \(run.reason ?? "")"
    }

    static func blocked(_ run: Run) -> String {
        "\(run.id.job), fire time \(at(run)): \(run.reason ?? "the pipeline waits for a person")"
    }

    static func late(_ run: Run, by late: Duration) -> String {
        let reason = run.reason.map { ": \($0)" } ?? ""
        return
            "\(run.id.job) is late: no pipeline \(late.rough) after it was due, fire time \(at(run))\(reason)"
    }

    static func ping(_ run: Run) -> String {
        "\(run.id) \(run.state.rawValue)\(run.reason.map { ": \($0)" } ?? "")\(run.pipeline.map { " \($0.url)" } ?? "")"
    }

    private static func at(_ run: Run) -> String { run.id.fireTime.rfc3339 }
}
