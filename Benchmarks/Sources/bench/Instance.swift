import Glibc
import Workloads

/// A running orchestrate.
struct Instance {
    let child: Child
    let log: String
    let ledger: String

    var figures: ProcessFigures { ProcessFigures(pid: child.pid) }

    /// Asks it to end, and waits for the end.
    func stop() {
        child.signal(SIGTERM)
        child.wait()
    }

    /// Waits until it has used no processor time for a moment. Throws after `seconds`.
    func waitUntilIdle(seconds: Int) throws {
        var last = -1.0
        for _ in 0..<seconds * 4 {
            usleep(250_000)
            guard child.isRunning, let used = figures.processorSeconds else {
                throw Missing(description: "orchestrate ended by itself")
            }
            if used == last { return }
            last = used
        }
        throw Missing(description: "orchestrate was still busy after \(seconds) s")
    }

    /// Waits until a condition holds. Throws after `seconds`.
    func wait(seconds: Int, for what: String, until isSo: () throws -> Bool) throws {
        for _ in 0..<seconds * 100 {
            if try isSo() { return }
            usleep(10_000)
        }
        throw Missing(description: "\(what) took more than \(seconds) s")
    }
}

extension Bench {
    /// The environment in which orchestrate takes the sink for its GitLab, outside CI and without a limit.
    var environment: [String: String] {
        [
            "CI_API_V4_URL": "http://127.0.0.1:\(sink.port)/api/v4", "CI_PROJECT_ID": "4242",
            "CI_COMMIT_REF_NAME": "main", "CI_PIPELINE_TOKEN": "simulated-token", "CI_JOB_ID": "",
            "ORCHESTRATE_RATE_PER_MINUTE": "0", "ORCHESTRATE_TIMEZONE": "UTC",
            // The sink's pipelines never end, and looks at them are not part of the measurement.
            "ORCHESTRATE_WATCH_SECONDS": "3600",
            "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "TMPDIR": scratch.path,
        ]
    }

    /// Starts `run` on a folder of jobs, with an empty ledger.
    func startRun(_ jobs: String, _ flags: String..., with more: [String: String] = [:]) throws -> Instance {
        let ledger = try Folder(scratch.file("ledger")).file("bench.db")
        let log = scratch.file("run.log")
        let child = try Child(
            [binary, "run", "--jobs", jobs, "--db", ledger] + flags,
            environment: environment.merging(more) { $1 },
            output: scratch.file("run.out"), errors: log)
        return Instance(child: child, log: log, ledger: ledger)
    }

    /// A folder of this many jobs. All have this `schedule`; nil: the jobs are spread over the minutes of a later hour.
    func jobFolder(_ count: Int, schedule: String? = nil, more: String = "") throws -> String {
        let kind = schedule == nil ? "later" : more.isEmpty ? "same" : "telling"
        let folder = scratch.file("jobs-\(count)-\(kind)")
        guard access(folder, F_OK) != 0 || schedule != nil else { return folder }
        let hour = (wallMicroseconds() / 3_600_000_000 + 6) % 24
        try JobWork.writeFiles(count, to: folder, more: more) { schedule ?? "\($0 % 60) \(hour) * * *" }
        return folder
    }
}
