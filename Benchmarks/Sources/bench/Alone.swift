import Glibc
import Ledger
import Workloads

/// How late is the POST of a single job, compared with a timer and a durable commit?
func alone(_ bench: Bench) throws -> [Row] {
    let jobs = try bench.jobFolder(1, schedule: "@every 1s")
    let results = bench.takeTurns([
        Contestant("ours") { try bench.latenessAlone(jobs, seconds: 10) },
        Contestant("dispatch_timer") {
            try bench.figures(bench.peers.compiled("dispatch_timer", "200", "strict", "wall"))
        },
        Contestant("sqlite_limit") {
            try bench.figures(
                bench.peers.compiled("sqlite_limit", bench.scratch.path, "fire", "full", "1", "1"))
        },
    ])
    let timer = results["dispatch_timer", "p50_us"]
    let commit = results["sqlite_limit", "p50_us"]
    let theirs = timer.flatMap { timer in commit.map { (timer + $0) / 1_000 } }
    return [
        results.row(
            "one job alone: due → POST, p50", ("ours", "p50_ms"), .milliseconds,
            against: "Dispatch timer + durable commit", theirs: theirs, .oursOverTheirs, must: .atMost(3),
            stretch: .atMost(1.5))
    ]
}

/// Ten thousand jobs are due in an hour. How often does the process wake up until then?
func idle(_ bench: Bench) throws -> [Row] {
    let soon = wallMicroseconds() / 60_000_000 + 60
    let jobs = try bench.jobFolder(10_000, schedule: "\(soon % 60) \(soon / 60 % 24) * * *")
    let results = bench.takeTurns(
        rounds: 1, [Contestant("ours") { try bench.switchesAtRest(jobs, seconds: 60) }])
    return [
        results.row(
            "idle, 10k jobs: context switches a minute", ("ours", "switches"), .count, against: "",
            theirs: nil, .alone, must: .atMost(2), stretch: .atMost(0))
    ]
}

extension Bench {
    fileprivate func latenessAlone(_ jobs: String, seconds: UInt32) throws -> [Sample] {
        let instance = try startRun(jobs)
        defer { instance.stop() }
        try instance.wait(seconds: 30, for: "the first POST") { sink.count > 0 }
        _ = sink.take()
        pause(seconds: seconds)
        let late = sink.take().map { Double($0 % 1_000_000) / 1_000 }
        return median(late).map { [["p50_ms": $0]] } ?? []
    }

    /// Reads the counts every tenth of a second, because a thread that ends takes its count with it.
    fileprivate func switchesAtRest(_ jobs: String, seconds: Int) throws -> [Sample] {
        let instance = try startRun(jobs)
        defer { instance.stop() }
        try instance.waitUntilIdle(seconds: 30)
        pause(seconds: 10)
        let before = instance.figures.switchesByThread
        var after = before
        for _ in 0..<seconds * 10 {
            usleep(100_000)
            after.merge(instance.figures.switchesByThread) { $1 }
        }
        return [["switches": after.values.reduce(0, +) - before.values.reduce(0, +)]]
    }
}
