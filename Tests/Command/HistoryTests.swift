import CivilTime
import Ledger
import Scheduling
import Testing

/// How many runs `history` shows.
@Suite struct HistoryTests {
    @Test(arguments: [([], 20), (["--limit", "0"], 30), (["--limit", "3"], 3), (["--limit", "40"], 30)])
    func theNewestFirst(_ arguments: [String], _ count: Int) throws {
        let sandbox = try Sandbox()
        let first = try #require(Instant(rfc3339: "2026-03-01T00:00:00Z"))
        let runs = (0..<30).map { number in
            var run = Run(
                RunID(job: "many", fireTime: first.advanced(by: .seconds(3_600 * number))), state: .skipped,
                reason: "paused")
            run.finishedAt = run.id.fireTime
            return run
        }
        let ledger = try Ledger(path: sandbox.ledgerPath, access: .writing())
        try ledger.commit(runs.map { .insert($0) })
        try ledger.close()
        let shown = try sandbox.run(["history", "many", "--json"] + arguments).list()
        let expected = runs.reversed().prefix(count).map(\.id.description)
        #expect(shown.map { "\($0["run_id"] ?? "")" } == expected)
    }
}
