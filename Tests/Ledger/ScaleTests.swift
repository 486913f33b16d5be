import CSQLite
import Scheduling
import Testing

@testable import Ledger

/// The cost of a ledger must not grow with its age. The tests count the steps of SQLite's virtual machine, which are
/// the same on a busy computer.
@Suite struct ScaleTests {
    private static let jobs = (0..<20).map { "job-\($0)" }

    /// It runs once, before all others: without an index, a search for its last run reads all their runs.
    private static let rare = "rare"

    /// A ledger with this number of ended runs, one each second, and the marks of its jobs.
    private static func ledger(runs count: Int64, _ place: Place) throws -> Ledger {
        let ledger = try place.scheduling()
        let history = (0..<count).map { Change.insert(run(jobs[Int($0) % jobs.count], $0, .succeeded)) }
        try ledger.commit([.insert(run(rare, 0, .succeeded))] + history)
        try ledger.commit((jobs + [rare]).map { .cover(job: $0, through: at(count)) })
        return ledger
    }

    /// The uses of a ledger whose last run was `count` seconds after its start.
    private static let uses: [(name: String, use: @Sendable (Ledger, _ count: Int64) throws -> Void)] = [
        (
            "a tick",
            { ledger, count in
                try ledger.commit(jobs.map { .insert(run($0, count)) })
                try ledger.commit(jobs.map { .update(run($0, count, .triggered), at: at(count + 1)) })
                try ledger.commit(jobs.map { .update(run($0, count, .succeeded), at: at(count + 2)) })
                try ledger.commit(jobs.map { .cover(job: $0, through: at(count + 1)) })
            }
        ),
        ("history --limit", { ledger, _ in _ = try ledger.runs(RunFilter(limit: 50)) }),
        (
            "history of jobs",
            { ledger, _ in _ = try ledger.runs(RunFilter(jobs: ["job-1", rare], limit: 10)) }
        ),
        ("status", { ledger, _ in _ = try ledger.lastRuns() }),
        ("why", { ledger, _ in _ = try ledger.run(RunID(job: "job-7", fireTime: at(507))) }),
        (
            "why, before a fire time",
            { ledger, _ in _ = try ledger.runs(RunFilter(jobs: ["job-7"], until: at(507), limit: 1)) }
        ),
        ("audit of an hour", { ledger, _ in _ = try ledger.fireTimes(from: at(0), until: at(900)) }),
        ("the start", { ledger, _ in _ = try ledger.load() }),
        ("forgetting", { ledger, _ in _ = try ledger.prune(finishedBefore: at(500), limit: 50) }),
    ]

    @Test func noUseTakesMoreStepsInAnOlderLedger() throws {
        let (newPlace, oldPlace) = (try Place(), try Place())
        let young = try Self.ledger(runs: 1_000, newPlace)
        let old = try Self.ledger(runs: 20_000, oldPlace)
        for (name, use) in Self.uses {
            let few = try steps(of: young) { try use(young, 1_000) }
            let many = try steps(of: old) { try use(old, 20_000) }
            #expect(few > 0, "\(name)")
            #expect(many <= few + few / 10, "\(name): \(few) steps with 1,000 runs, \(many) with 20,000")
        }
    }

    /// Checks every prepared statement, also a new one. None may scan the tables `run` and `transition`. The tables of
    /// jobs, labels and sessions are small.
    @Test func noStatementReadsAllRuns() throws {
        let place = try Place()
        let ledger = try Self.ledger(runs: 1_000, place)
        let connection = try #require(ledger.openFile?.connection)
        let statements = prepared(on: connection).compactMap { sqlite3_sql($0).map { String(cString: $0) } }
        #expect(statements.count > 15)
        for sql in statements where !sql.hasPrefix("PRAGMA") {
            let steps = try Statement("EXPLAIN QUERY PLAN " + sql, on: connection)
                .rows { (row) throws(LedgerError) in try row.text(3) }
            let scans = steps.filter { step in
                ["SCAN run", "SCAN transition"].contains { step.hasPrefix($0) }
                    && !step.contains("USING INDEX run_open")
            }
            #expect(scans.isEmpty, "\(sql)")
        }
    }

    private func steps(of ledger: Ledger, _ use: () throws -> Void) throws -> Int {
        let connection = try #require(ledger.openFile?.connection)
        func count() -> Int {
            prepared(on: connection).reduce(0) {
                $0 + Int(sqlite3_stmt_status($1, SQLITE_STMTSTATUS_VM_STEP, 0))
            }
        }
        let before = count()
        try use()
        return count() - before
    }

    private func prepared(on connection: Connection) -> [OpaquePointer] {
        var statements: [OpaquePointer] = []
        while let next = sqlite3_next_stmt(connection.handle, statements.last) { statements.append(next) }
        return statements
    }
}
