import Scheduling
import Testing

@testable import Ledger

@Suite struct HistoryTests {
    let place: Place
    let ledger: Ledger
    /// Jobs a to c, ten fire times each, one per minute; newest first, then by job.
    let runs: [Run]

    init() throws {
        place = try Place()
        ledger = try place.scheduling()
        let states: [RunState] = [.succeeded, .failed, .skipped, .triggered]
        var runs: [Run] = []
        for minute in (0..<10).reversed() {
            for (number, job) in ["a", "b", "c"].enumerated() {
                runs.append(run(job, Int64(minute * 60), states[(minute + number) % 4]))
            }
        }
        self.runs = runs
        // Written in another order than the ledger reads them.
        try ledger.commit(runs.sorted { $0.id.job > $1.id.job }.map { .insert($0) })
    }

    @Test func allRunsNewestFirst() throws {
        #expect(try ledger.runs() == runs)
    }

    static let filters: [RunFilter] = [
        RunFilter(jobs: ["b"]), RunFilter(jobs: ["a", "c"]), RunFilter(jobs: ["nobody"]),
        RunFilter(jobs: ["nobody", "a"]), RunFilter(states: [.failed]),
        RunFilter(states: [.failed, .skipped]),
        RunFilter(states: [.lost]), RunFilter(since: at(120)), RunFilter(until: at(120)),
        RunFilter(since: at(60), until: at(180)), RunFilter(since: at(180), until: at(60)),
        RunFilter(jobs: ["a", "b"], states: [.succeeded, .triggered], since: at(60), until: at(540)),
    ]

    @Test(arguments: filters) func filtersAdmitWhatTheySay(_ filter: RunFilter) throws {
        let expected = runs.filter { run in
            (filter.jobs.isEmpty || filter.jobs.contains(run.id.job))
                && (filter.states.isEmpty || filter.states.contains(run.state))
                && run.id.fireTime >= filter.since ?? .distantPast
                && run.id.fireTime < filter.until ?? .distantFuture
        }
        for limit in [nil, 0, 1, 5, 1_000, -1] {
            var filter = filter
            filter.limit = limit
            #expect(try ledger.runs(filter) == (limit.map { Array(expected.prefix(max(0, $0))) } ?? expected))
        }
    }

    @Test func oneRunOrNone() throws {
        #expect(try ledger.run(runs[4].id)?.run == runs[4])
        #expect(try ledger.run(RunID(job: "a", fireTime: at(1))) == nil)
        #expect(try ledger.run(RunID(job: "nobody", fireTime: at(0))) == nil)
    }

    @Test func lastRunsAreTheNewestAndTheNewestThatWasCarriedOut() throws {
        let skips = (0..<5).map { run("d", Int64($0), .skipped) }
        try ledger.commit(
            skips.map { .insert($0) } + ["a", "b", "d", "e"].map { .cover(job: $0, through: at(0)) })
        let last = try ledger.lastRuns()
        #expect(Set(last.keys) == ["a", "b", "d"])
        for job in ["a", "b"] {
            let own = runs.filter { $0.id.job == job }
            #expect(last[job]?.newest == own.first)
            #expect(last[job]?.carriedOut == own.first { $0.state != .skipped })
        }
        #expect(last["d"] == LastRun(newest: skips[4], carriedOut: nil))
    }

    /// No usual query may read the whole table or sort it.
    @Test func questionsUseTheirIndexes() throws {
        let connection = try #require(ledger.openFile?.connection)
        let plans = [
            (SQL.all, ["SEARCH run USING PRIMARY KEY (fire_time", "RIGHT PART OF ORDER BY"]),
            (SQL.ofJob, ["SEARCH run USING INDEX run_of_job"]),
            (SQL.fireTimes, ["SEARCH run USING PRIMARY KEY (fire_time"]),
            (SQL.open, ["SCAN run USING INDEX run_open"]), (SQL.one, ["SEARCH run USING PRIMARY KEY"]),
        ]
        for (sql, expected) in plans {
            let steps = try Statement("EXPLAIN QUERY PLAN " + sql, on: connection)
                .rows { (row) throws(LedgerError) in try row.text(3) }
            let plan = steps.joined(separator: "; ")
            #expect(expected.allSatisfy { plan.contains($0) }, "\(plan)")
            #expect(!plan.contains("TEMP B-TREE FOR ORDER BY"), "\(plan)")
        }
    }

    @Test func theHistoryViewReadsWithoutThisProgram() throws {
        try ledger.commit([.insert(fullRun("nightly", 86_400, .succeeded))])
        let connection = try #require(ledger.openFile?.connection)
        let columns =
            "job, fire_time, state, reason, project, ref, pipeline, url, attempts, instance, triggered_at"
        let line = try connection.text(
            "SELECT concat(\(columns)) FROM history".replacing("concat(", with: "(")
                .replacing(", ", with: " || ' ' || "))
        #expect(
            line == "nightly 2026-01-02T00:00:00Z succeeded because group/project main 4711 "
                + "https://gitlab.example/group/project/-/pipelines/4711 2 99 2026-01-02T00:00:03.000Z")
    }

    @Test func pruningDeletesOldRunsThatAreOver() throws {
        try ledger.commit([.cover(job: "a", through: at(540))])
        let cutoff = at(300)
        let old = runs.filter { !$0.state.isOpen && $0.id.fireTime < cutoff }.count
        #expect(try ledger.prune(finishedBefore: cutoff, limit: 2) == 2)
        #expect(try ledger.runs().count == runs.count - 2)
        #expect(try ledger.prune(finishedBefore: cutoff, limit: 1_000) == old - 2)
        #expect(try ledger.prune(finishedBefore: cutoff, limit: 1_000) == 0)
        #expect(try ledger.runs() == runs.filter { $0.state.isOpen || $0.id.fireTime >= cutoff })
    }

    @Test func pruningKeepsOpenRunsAndTheNewestRunOfADeclaredJob() throws {
        try ledger.commit([.cover(job: "a", through: at(540))])
        _ = try ledger.prune(finishedBefore: at(100_000), limit: 1_000)
        let newest = runs.first { $0.id.job == "a" }
        #expect(newest?.state.isOpen == false)
        #expect(try ledger.runs() == runs.filter { $0.state.isOpen || $0 == newest })
        try ledger.commit([.forget(job: "a")])
        #expect(try ledger.prune(finishedBefore: at(100_000), limit: 1_000) == 1)
    }

    @Test func pruningGoesByTheEndAndTakesTheTransitions() throws {
        var late = run("z", 0, .succeeded)
        late.finishedAt = at(5_000)
        try ledger.commit([
            .insert(run("z", 0)), .update(late, at: at(5_000)), .insert(run("z", 10, .skipped)),
        ])
        _ = try ledger.prune(finishedBefore: at(5_000), limit: 1_000)
        #expect(try ledger.run(late.id)?.transitions.count == 2)
        _ = try ledger.prune(finishedBefore: at(5_001), limit: 1_000)
        #expect(try ledger.run(late.id) == nil)
        let left = try ledger.openFile?.connection.integer("SELECT count(*) FROM transition")
        #expect(left == 0)
    }
}
