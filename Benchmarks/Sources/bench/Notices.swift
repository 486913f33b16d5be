import Workloads

/// Ten thousand jobs are due in one second, and a channel hears of each pipeline. Do the fire times notice?
func notices(_ bench: Bench) throws -> [Row] {
    let count = 10_000
    let silent = try bench.jobFolder(count, schedule: "@every 20s")
    let telling = try bench.jobFolder(count, schedule: "@every 20s", more: "ping: hc")
    let channel = try Sink()
    let address = "healthchecks+http://127.0.0.1:\(channel.port)/key"
    let results = bench.takeTurns([
        Contestant("silent") { try bench.bursts(of: count, jobs: silent, every: 20, times: 2) },
        Contestant("telling") {
            try bench.bursts(
                of: count, jobs: telling, every: 20, times: 2, with: ["ORCHESTRATE_NOTIFY_HC": address])
        },
    ])
    return [
        results.row(
            "fires/s, 10k at once, each with a ping", ("telling", "fires_per_s"), .perSecond,
            against: "the same without a channel", theirs: results["silent", "fires_per_s"], .oursOverTheirs,
            must: .atLeast(0.9), stretch: .atLeast(1)),
        results.row(
            "lateness p99 of 10k, each with a ping", ("telling", "p99_ms"), .milliseconds,
            against: "the same without a channel", theirs: results["silent", "p99_ms"], .oursOverTheirs,
            must: .atMost(1.1), stretch: .atMost(1)),
    ]
}
