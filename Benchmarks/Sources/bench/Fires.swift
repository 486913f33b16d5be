import CivilTime
import FoundationEssentials
import Glibc
import Ledger
import Workloads

/// Ten thousand jobs are due in one second: claims and outcomes on the disk, and a POST for each.
func fires(_ bench: Bench) throws -> [Row] {
    let count = 10_000
    let jobs = try bench.jobFolder(count, schedule: "@every 10s")
    let results = bench.takeTurns([
        Contestant("ours") { try bench.bursts(of: count, jobs: jobs, every: 10, times: 2) },
        Contestant("chain_limit") { try bench.chainLimit(count) },
        Contestant("async-http-client") {
            try bench.figures([
                bench.own, "posts", "--port", "\(bench.sink.port)", "--count", "\(count)", "--at-once", "64",
            ])
        },
        Contestant("APScheduler + SQLite") { try bench.apschedulerPosts("--store", "sqlite") },
        Contestant("APScheduler + PostgreSQL") {
            guard let url = bench.peers.postgres else {
                throw Missing(description: "BENCH_POSTGRES is not set")
            }
            return try bench.apschedulerPosts("--store", "postgres", "--url", url)
        },
    ])
    func rate(_ reference: String, must: Double, stretch: Double) -> Row {
        results.row(
            "fires/s, 10k at once, with POST", ("ours", "fires_per_s"), .perSecond, against: reference,
            theirs: results[reference, "fires_per_s"], .oursOverTheirs, must: .atLeast(must),
            stretch: .atLeast(stretch))
    }
    func lateness(_ which: String, _ key: String, must: Double) -> Row {
        results.row(
            "lateness of \(which) of 10k", ("ours", key), .milliseconds, against: "chain_limit",
            theirs: results["chain_limit", key], .oursOverTheirs, must: .atMost(must), stretch: .atMost(3))
    }
    return [
        rate("APScheduler + SQLite", must: 18, stretch: 40),
        rate("APScheduler + PostgreSQL", must: 10, stretch: 25),
        rate("async-http-client", must: 0.8, stretch: 3),
        results.row(
            "fires/s, 10k at once, with POST", ("ours", "fires_per_s"), .perSecond, against: "chain_limit",
            theirs: results["chain_limit", "fires_per_s"], .oursOverTheirs, must: .atLeast(0.3),
            stretch: .atLeast(0.5)),
        lateness("the first", "first_ms", must: 5), lateness("p99", "p99_ms", must: 8),
    ]
}

/// The same without requests: what a dry run records.
func dryRun(_ bench: Bench) throws -> [Row] {
    let count = 10_000
    let jobs = try bench.jobFolder(count, schedule: "@every 10s")
    let results = bench.takeTurns([
        Contestant("ours") { try bench.rehearsal(of: count, jobs: jobs, every: 10) },
        Contestant("sqlite_limit") {
            try bench.figures(
                bench.peers.compiled("sqlite_limit", bench.scratch.path, "two", "full", "1000", "1"))
        },
    ])
    return [
        results.row(
            "fires/s, 10k at once, dry run", ("ours", "fires_per_s"), .perSecond,
            against: "sqlite_limit two full 1000", theirs: results["sqlite_limit", "items_per_s"],
            .oursOverTheirs, must: .atLeast(0.5), stretch: .atLeast(0.7))
    ]
}

/// A hundred thousand jobs are due in one second. Does each fire time have exactly one POST?
func burst(_ bench: Bench) throws -> [Row] {
    let count = 100_000
    let jobs = try bench.jobFolder(count, schedule: "@every 60s")
    let results = bench.takeTurns(
        rounds: 1,
        [
            Contestant("ours") { try bench.bursts(of: count, jobs: jobs, every: 60, times: 1) }
        ])
    return [
        results.row(
            "100k at once: lost or doubled", ("ours", "wrong"), .count, against: "", theirs: nil, .alone,
            must: .atMost(0), stretch: .atMost(0))
    ]
}

extension Bench {
    /// Starts orchestrate, waits for this many bursts, and measures each.
    /// `more`: variables of its environment.
    func bursts(
        of count: Int, jobs: String, every period: Int64, times: Int, with more: [String: String] = [:]
    ) throws -> [Sample] {
        let instance = try startRun(jobs, with: more)
        defer { instance.stop() }
        try instance.wait(seconds: 60, for: "the start") { try text(of: instance.log).contains("scheduling") }
        var samples: [Sample] = []
        for _ in 0..<times {
            _ = sink.take()
            try instance.wait(seconds: Int(period) + 60, for: "\(count) POSTs") { sink.count >= count }
            try instance.waitUntilIdle(seconds: 10)
            let arrivals = sink.take()
            let due = (arrivals.first ?? 0) / (period * 1_000_000) * period * 1_000_000
            let recorded = try lastWriting(to: instance.log) - due
            let runs = try Ledger(path: instance.ledger, access: .reading)
                .runs(RunFilter(states: [.triggered], since: Instant(microseconds: due)))
            var sample = lateness(arrivals, due: due)
            sample["fires_per_s"] = Double(count) / (Double(recorded) / 1e6)
            sample["wrong"] = Double(abs(count - Set(runs.map(\.id)).count) + abs(count - arrivals.count))
            samples.append(sample)
        }
        return samples
    }

    /// What `run --dry-run` records in its scratch ledger.
    func rehearsal(of count: Int, jobs: String, every period: Int64) throws -> [Sample] {
        let instance = try startRun(jobs, "--dry-run")
        defer { instance.stop() }
        let output = scratch.file("run.out")
        try instance.wait(seconds: Int(period) + 60, for: "the dry run") { size(of: output) > count * 50 }
        try instance.waitUntilIdle(seconds: 10)
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
        guard let folder = names.first(where: { $0.hasPrefix("orchestrate-dry-run-") }) else {
            throw Missing(description: "no scratch ledger of the dry run")
        }
        let runs = try Ledger(path: scratch.file("\(folder)/ledger.db"), access: .reading).runs()
        guard let due = runs.map(\.id.fireTime).min() else {
            throw Missing(description: "no run in the dry run")
        }
        let batch = runs.filter { $0.id.fireTime == due }
        guard batch.count == count, let last = batch.compactMap(\.triggeredAt).max() else {
            throw Missing(description: "\(batch.count) runs in the dry run")
        }
        return [["fires_per_s": Double(count) * 1e6 / Double(due.duration(to: last).inMicroseconds)]]
    }

    /// The C program `chain_limit` against the same sink, which notes when the POSTs came.
    func chainLimit(_ count: Int) throws -> [Sample] {
        _ = sink.take()
        let said = try figures(
            peers.compiled("chain_limit", scratch.path, "\(sink.port)", "\(count)", "256", "64"))
        let arrivals = sink.take()
        let due = (arrivals.first ?? 0) / 1_000_000 * 1_000_000
        return said.map { $0.merging(lateness(arrivals, due: due)) { $1 } }
    }

    /// A tenth of the jobs, because it takes long. With fewer jobs its rate is the same or better.
    func apschedulerPosts(_ store: String...) throws -> [Sample] {
        let url = "http://127.0.0.1:\(sink.port)/api/v4/projects/1/pipeline"
        defer { _ = sink.take() }
        return try figures(
            peers.python("aps3.py", "fire", "--n", "1000", "--dir", scratch.path, "--post", url) + store)
    }

    /// How long after they were due the POSTs came.
    func lateness(_ arrivals: [Int64], due: Int64) -> Sample {
        let late = arrivals.map { Double($0 - due) / 1_000 }.sorted()
        guard let first = late.first else { return [:] }
        return ["first_ms": first, "p99_ms": late[late.count * 99 / 100]]
    }

    /// The log shows a run as soon as its outcome is on the disk.
    private func lastWriting(to path: String) throws -> Int64 {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Missing(description: "\(path) is not there") }
        return Int64(status.st_mtim.tv_sec) * 1_000_000 + Int64(status.st_mtim.tv_nsec) / 1_000
    }

    private func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }
}
