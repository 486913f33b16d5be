import Glibc
import Workloads

/// From an empty ledger to all jobs armed, and the same again without changes.
func start(_ bench: Bench) throws -> [Row] {
    let jobs = try bench.jobFolder(10_000)
    let results = bench.takeTurns([
        Contestant("cold") { try bench.once(jobs, isFirst: true) },
        Contestant("again") { try bench.once(jobs, isFirst: false) },
        Contestant("yaml_parse events") {
            try bench.figures(bench.peers.compiled("yaml_parse", jobs, "events"))
        },
        Contestant("10k rows") {
            try bench.figures(
                bench.peers.compiled("sqlite_limit", bench.scratch.path, "ins", "full", "10000", "1"))
        },
    ])
    let apscheduler = bench.takeTurns(
        rounds: 1,
        [
            Contestant("APScheduler + SQLite") {
                try bench.figures(
                    bench.peers.python(
                        "aps3.py", "cold", "--store", "sqlite", "--loader", "SafeLoader", "--dir",
                        bench.scratch.path, "--jobs", bench.peers.file("build/jobs10k")), seconds: 240)
            }
        ])
    let events = results["yaml_parse events", "total_ms"]
    let rows = results["10k rows", "p50_us"].map { $0 / 1_000 }
    var cold = results.row(
        "cold start, 10k files, empty ledger", ("cold", "ms"), .milliseconds, against: "APScheduler + SQLite",
        theirs: apscheduler["APScheduler + SQLite", "total_s"].map { $0 * 1_000 }, .theirsOverOurs,
        must: .atLeast(50), stretch: .atLeast(100))
    cold.note = cold.note ?? apscheduler.missing("APScheduler + SQLite")
    return [
        cold,
        results.row(
            "cold start, 10k files, empty ledger", ("cold", "ms"), .milliseconds,
            against: "yaml_parse events + 10k rows",
            theirs: events.flatMap { events in rows.map { events + $0 } },
            .oursOverTheirs, must: .atMost(4), stretch: .atMost(2)),
        results.row(
            "restart, 10k unchanged files", ("again", "ms"), .milliseconds, against: "yaml_parse events",
            theirs: events, .oursOverTheirs, must: .atMost(2), stretch: .atMost(1)),
    ]
}

/// Whole processes that do little.
func commands(_ bench: Bench) throws -> [Row] {
    let jobs = try bench.jobFolder(10)
    let commands = [
        "--version": ["--version"], "next": ["next", "--jobs", jobs], "check": ["check", jobs],
    ]
    let ours = commands.keys.sorted().map { name in
        Contestant(name) { try bench.spawn([bench.binary] + commands[name, default: []], times: 15) }
    }
    let results = bench.takeTurns(ours + [Contestant("hello") { try bench.spawn([bench.hello], times: 15) }])
    return commands.keys.sorted().map { name in
        results.row(
            "\(name), 10 files, whole process", (name, "ms"), .milliseconds, against: "a static Swift hello",
            theirs: results["hello", "ms"], .oursOverTheirs, must: .atMost(2), stretch: .atMost(1.5))
    }
}

/// The memory that the process holds at rest.
func memory(_ bench: Bench) throws -> [Row] {
    let few = try bench.jobFolder(10_000)
    let many = try bench.jobFolder(100_000)
    let results = bench.takeTurns(
        rounds: 1,
        [
            Contestant("ours") {
                let bytes = try (bench.residentAtRest(few), bench.residentAtRest(many))
                return [["bytes": bytes.0, "per_job": (bytes.1 - bytes.0) / 90_000]]
            },
            Contestant("APScheduler") {
                try bench.figures(
                    bench.peers.python("aps3.py", "startup", "--store", "memory", "--n", "10000"))
            },
        ])
    return [
        results.row(
            "memory at rest, 10k jobs", ("ours", "bytes"), .megabytes, times: 1 / 1_048_576,
            against: "APScheduler", theirs: results["APScheduler", "rss_mb"], .oursOverTheirs,
            must: .atMost(0.5), stretch: .atMost(0.25)),
        results.row(
            "memory for each job, 10k to 100k", ("ours", "per_job"), .bytes, against: "", theirs: nil,
            .alone, must: .atMost(1_024), stretch: .atMost(512)),
    ]
}

extension Bench {
    /// `run --once` when nothing is due: it reads the files, asks GitLab, plans every job, and closes the ledger.
    fileprivate func once(_ jobs: String, isFirst: Bool) throws -> [Sample] {
        let ledger =
            isFirst ? try Folder(scratch.file("start")).file("bench.db") : scratch.file("start/bench.db")
        let end = try Child.run(
            [binary, "run", "--once", "--jobs", jobs, "--db", ledger], environment: environment)
        guard end.code == 0 else { throw Missing(description: "run --once ended with \(end.code)") }
        return [["ms": end.milliseconds]]
    }

    func spawn(_ command: [String], times: Int) throws -> [Sample] {
        try (0..<times).map { _ in
            let end = try Child.run(command)
            guard end.code == 0 else { throw Missing(description: "\(command[0]) ended with \(end.code)") }
            return ["ms": end.milliseconds]
        }
    }

    fileprivate func residentAtRest(_ jobs: String) throws -> Double {
        let instance = try startRun(jobs)
        defer { instance.stop() }
        try instance.waitUntilIdle(seconds: 60)
        guard let bytes = instance.figures.residentBytes else { throw Missing(description: "it ended") }
        return bytes
    }
}

/// Sleeps this long, even if signals come.
func pause(seconds: UInt32) {
    var rest = seconds
    while rest > 0 { rest = sleep(rest) }
}
