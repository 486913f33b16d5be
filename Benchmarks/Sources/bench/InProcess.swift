import Glibc
import Workloads

/// The next fire time of a thousand expressions, and of the worst one.
func next(_ bench: Bench) throws -> [Row] {
    let expressions = (try? bench.peers.lines("build/exprs.txt")) ?? CronWork.common
    let utc = try CronWork(expressions)
    let berlin = try CronWork(expressions, zone: "Europe/Berlin")
    let worst = try CronWork([CronWork.leapDay])
    let results = bench.takeTurns([
        Contestant("ours") {
            let sample = [
                "utc": median(utc.nextTimes(calls: 1_000)), "berlin": median(berlin.nextTimes(calls: 1_000)),
                "worst": median(worst.nextTimes(calls: 1_000)),
                "never": CronWork.timeToRefuse(CronWork.never, repeats: 100),
            ]
            return [sample.compactMapValues(\.self)]
        },
        Contestant("next_limit") { try bench.nextLimit() },
        Contestant("robfig/cron") { try bench.nextGo("UTC") },
        Contestant("robfig/cron Berlin") { try bench.nextGo("Europe/Berlin") },
        Contestant("APScheduler") { try bench.nextPython("UTC") },
        Contestant("APScheduler Berlin") { try bench.nextPython("Europe/Berlin") },
    ])
    func row(_ zone: String, _ key: String, _ name: String, must: Double, stretch: Double) -> Row {
        results.row(
            "next(after:), median, \(zone)", ("ours", key), .nanoseconds, against: name,
            theirs: results[name, "median_ns"], .theirsOverOurs, must: .atLeast(must),
            stretch: .atLeast(stretch))
    }
    func limit(_ measure: String, _ key: String, must: Double, stretch: Double) -> Row {
        results.row(
            measure, ("ours", key), .nanoseconds, against: "next_limit", theirs: results["next_limit", key],
            .oursOverTheirs, must: .atMost(must), stretch: .atMost(stretch))
    }
    var never = limit("to refuse '\(CronWork.never)'", "never", must: 10, stretch: 3)
    never.note =
        "theirs searches 50 years at each call; ours looks at 28 years once, when it reads the expression"
    return [
        row("UTC", "utc", "robfig/cron", must: 5, stretch: 15),
        row("UTC", "utc", "APScheduler", must: 100, stretch: 400),
        row("Berlin", "berlin", "robfig/cron Berlin", must: 5, stretch: 15),
        row("Berlin", "berlin", "APScheduler Berlin", must: 100, stretch: 400),
        limit("next(after:), '\(CronWork.leapDay)'", "worst", must: 10, stretch: 3), never,
    ]
}

/// Inserts timers into the wheel and lets them ring.
func wheel(_ bench: Bench) throws -> [Row] {
    let count = 100_000
    let work = WheelWork(timers: count)
    let results = bench.takeTurns([
        Contestant("ours") {
            var wheel = work.filled()
            let insert = nanoseconds { wheel = work.filled() }
            var rung = 0
            let drain = nanoseconds { rung = work.drain(&wheel) }
            guard rung == 2 * count else { throw Missing(description: "\(rung) timers rang") }
            return [["insert_ns": insert / Double(count), "expire_rearm_ns": drain / Double(rung)]]
        },
        Contestant("wheel_limit") {
            try bench.figures(bench.peers.compiled("wheel_limit", "wheel", "\(count)"))
        },
    ])
    return [("wheel insert", "insert_ns"), ("wheel expire and re-arm", "expire_rearm_ns")].map {
        measure, key in
        results.row(
            measure, ("ours", key), .nanoseconds, against: "wheel_limit", theirs: results["wheel_limit", key],
            .oursOverTheirs, must: .atMost(20), stretch: .atMost(5))
    }
}

/// A million jobs for an hour of virtual time.
func million(_ bench: Bench) throws -> [Row] {
    let before = ProcessFigures(pid: getpid()).residentBytes ?? 0
    let folder = try Folder(bench.scratch.file("million"))
    defer { folder.remove() }
    var day: DayWork?
    let loading = try nanoseconds {
        day = try DayWork(
            jobs: 1_000_000, projects: 1_000, ratePerMinute: 25, ledger: folder.file("bench.db"))
    }
    let running = try nanoseconds { try day?.run(for: .seconds(3_600)) }
    let held = (ProcessFigures(pid: getpid()).residentBytes ?? 0) - before
    func row(_ measure: String, _ value: Double, _ unit: Figure.Unit) -> Row {
        var row = Row(measure)
        row.ours = Figure(value: value, unit: unit)
        return row
    }
    return [
        row("a million jobs: declared, planned, armed", loading / 1e9, .seconds),
        row("a million jobs: an hour of virtual time", running / 1e9, .seconds),
        row("a million jobs: pipelines in that hour", Double(day?.pipelines ?? 0), .count),
        row("a million jobs: durable commits in that hour", Double(day?.commits ?? 0), .count),
        row("a million jobs: memory for each", held / 1e6, .bytes),
    ]
}

extension Bench {
    fileprivate func nextGo(_ zone: String) throws -> [Sample] {
        try figures(
            ["env", "TZ=\(zone)"] + peers.compiled("next_go", peers.file("build/exprs.txt"), "200", zone))
    }

    fileprivate func nextPython(_ zone: String) throws -> [Sample] {
        try figures(
            peers.python(
                "next_python.py", "aps", peers.file("build/exprs.txt"), "--iters", "10", "--tz", zone))
    }

    /// The bit masks in C: the median, and the two worst cases among the figures for each line.
    fileprivate func nextLimit() throws -> [Sample] {
        let all = try figures(peers.compiled("next_limit", peers.file("build/exprs.txt"), "1000"))
        let output = scratch.file("worst.txt")
        try Child(
            peers.compiled("next_limit", peers.file("build/worst.txt"), "1000", "each"), output: output
        ).wait()
        var sample = all.first ?? [:]
        for line in try text(of: output).split(separator: "\n") {
            let fields = line.split(separator: "\t")
            guard fields.count == 3, let value = Double(fields[2].split(separator: " ").first ?? "") else {
                continue
            }
            if fields[0] == CronWork.leapDay { sample["worst"] = value }
            if fields[0] == CronWork.never { sample["never"] = value }
        }
        return [sample]
    }
}
