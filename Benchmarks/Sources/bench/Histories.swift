import Workloads

/// Compares a ledger of a million runs with one of a thousand.
func history(_ bench: Bench) throws -> [Row] {
    let jobs = try bench.jobFolder(LedgerWork.jobs)
    let small = try LedgerWork(path: bench.scratch.file("small.db"), runs: 1_000)
    let large = try LedgerWork(path: bench.scratch.file("large.db"), runs: 1_000_000)
    func commands(_ ledger: LedgerWork) -> [String: [String]] {
        let place = ["--db", ledger.ledger.path]
        return [
            "history --limit 50": ["history", "--limit", "50"] + place,
            "status": ["status", "--jobs", jobs] + place,
            "why": ["why", JobWork.name(1), "last", "--jobs", jobs] + place,
        ]
    }
    let names = commands(small).keys.sorted()
    let results = bench.takeTurns(
        names.flatMap { name in
            [("1k", small), ("1M", large)].map { size, ledger in
                Contestant("\(name) \(size)") {
                    try bench.spawn([bench.binary] + commands(ledger)[name, default: []], times: 7)
                }
            }
        } + [Contestant("tick") { try ticks(small, large) }])
    func row(_ measure: String, _ ours: (String, String), theirs: Double?) -> Row {
        results.row(
            "1M runs: \(measure)", ours, .milliseconds, against: "1k runs", theirs: theirs, .oursOverTheirs,
            must: .atMost(2), stretch: .atMost(1.2))
    }
    return names.map { row($0, ("\($0) 1M", "ms"), theirs: results["\($0) 1k", "ms"]) } + [
        row("a tick of 100 jobs", ("tick", "large"), theirs: results["tick", "small"])
    ]
}

/// One tick on each ledger in turn.
private func ticks(_ small: LedgerWork, _ large: LedgerWork) throws -> [Sample] {
    try (0..<20).map { _ in
        [
            "small": try nanoseconds { try small.tick(100) } / 1e6,
            "large": try nanoseconds { try large.tick(100) } / 1e6,
        ]
    }
}
