import Benchmark
import CivilTime
import FoundationEssentials
import Glibc
import Scheduling
import Workloads

let benchmarks = { @Sendable in
    Benchmark.defaultConfiguration = .init(metrics: [.wallClock, .throughput], maxDuration: .seconds(2))

    Benchmark("next: common expressions, UTC", configuration: .init(scalingFactor: .kilo)) { benchmark in
        let work = try CronWork(CronWork.common)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(work.nextTimes(calls: 1)) }
    }
    Benchmark("next: common expressions, Berlin", configuration: .init(scalingFactor: .kilo)) { benchmark in
        let work = try CronWork(CronWork.common, zone: "Europe/Berlin")
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(work.nextTimes(calls: 1)) }
    }
    Benchmark("parse: common expressions", configuration: .init(scalingFactor: .kilo)) { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try CronWork(CronWork.common)) }
    }
    Benchmark("wheel: insert 100k") { benchmark in
        let work = WheelWork(timers: 100_000)
        benchmark.startMeasurement()
        blackHole(work.filled())
    }
    Benchmark("wheel: expire and re-arm 100k") { benchmark in
        let work = WheelWork(timers: 100_000)
        var wheel = work.filled()
        benchmark.startMeasurement()
        blackHole(work.drain(&wheel))
    }
    Benchmark("plan: a daily job, nothing due", configuration: .init(scalingFactor: .kilo)) { benchmark in
        let job = try JobWork.dailyJobs(1)[0]
        let now = CronWork.start
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(job.plan(coveredThrough: now, open: 0, now: now)) }
    }
    Benchmark("plan: a daily job, a year missed") { benchmark in
        let job = try JobWork.dailyJobs(1)[0]
        let now = CronWork.start.advanced(by: .seconds(365 * 86_400))
        benchmark.startMeasurement()
        blackHole(job.plan(coveredThrough: CronWork.start, open: 0, now: now))
    }
    Benchmark("claim and outcome: a tick of 100 jobs, durable") { benchmark in
        try withScratch { folder in
            let work = try LedgerWork(path: "\(folder)/bench.db", runs: 1_000)
            benchmark.startMeasurement()
            try work.tick(100)
            benchmark.stopMeasurement()
        }
    }
    Benchmark("YAML: 1,000 job files") { benchmark in
        try withScratch { folder in
            try JobWork.writeFiles(1_000, to: folder)
            benchmark.startMeasurement()
            blackHole(try JobWork.read(folder))
            benchmark.stopMeasurement()
        }
    }
}

/// Gives `body` a folder that is deleted afterwards.
private func withScratch(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/orchestrate-bench-XXXXXX".utf8CString)
    guard let name = mkdtemp(&template) else { throw WorkFailed("no folder in /tmp") }
    let folder = String(cString: name)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
}
