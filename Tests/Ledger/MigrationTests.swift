import Scheduling
import Testing

@testable import Ledger

/// Ledgers of earlier versions.
@Suite struct MigrationTests {
    let place: Place

    init() throws { place = try Place() }

    /// Two runs of a job, as a ledger of this version has them. The second one has left a state, if the version has
    /// transitions.
    private func makeLedger(version: Int) throws {
        let connection = try Connection(place.file, .readWriteCreate)
        try Schema.migrate(connection, to: version)
        try connection.execute(
            """
            INSERT INTO job (id, name, covered_through) VALUES (1, 'a', 1767225660000000);
            INSERT INTO label (id, text) VALUES (1, 'i');
            INSERT INTO run (fire_time, job, state, is_open, attempts, instance, changes, changed_at)
            VALUES (1767225600000000, 1, 0, 1, 0, 1, 0, 1767225600000000);
            INSERT INTO run (fire_time, job, state, is_open, attempts, instance, changes, changed_at)
            VALUES (1767225660000000, 1, 2, 1, 0, 1, \(version > 1 ? 1 : 0), 1767225662000000);
            """)
        if version > 1 {
            try connection.execute(
                """
                INSERT INTO transition (fire_time, job, number, at, state, reason)
                VALUES (1767225660000000, 1, 0, 1767225661000000, 1, 'lost')
                """)
        }
        if version >= Schema.summed { try Schema.addSums(connection) }
    }

    @Test(arguments: 1..<Schema.migrations.count)
    func anOlderLedgerIsBroughtUpToDate(_ version: Int) throws {
        try makeLedger(version: version)
        let known = Schema.migrations.count
        let refusal = failure { _ = try Ledger(path: place.file, access: .reading) }
        #expect(refusal?.kind == .older(version: version, known: known))

        let ledger = try place.scheduling()
        #expect(!ledger.isNew)
        #expect(try ledger.load().covered == ["a": at(60)])
        #expect(try ledger.load().open.map(\.id) == [0, 60].map { RunID(job: "a", fireTime: at($0)) })
        try ledger.commit([.update(run("a", 0, .lost), at: at(1)), .update(run("a", 60, .lost), at: at(63))])
        #expect(try ledger.run(RunID(job: "a", fireTime: at(0)))?.transitions.count == 2)
        let second = try #require(try ledger.run(RunID(job: "a", fireTime: at(60))))
        let left = version > 1 ? [Transition(at: at(61), state: .uncertain, reason: "lost")] : []
        let states: [RunState] = [.triggered, .lost]
        #expect(
            second.transitions == left
                + zip([62, 63], states).map { Transition(at: at($0), state: $1, reason: nil) })
        #expect(try ledger.integrityProblem() == nil)
    }

    /// The values are not readable before the migration. A migration must not make damaged ones look right.
    @Test(arguments: Schema.summed..<Schema.migrations.count)
    func whatWasDamagedBeforeIsFoundAfterwards(_ version: Int) throws {
        try makeLedger(version: version)
        try place.poke("UPDATE run SET state = 1 WHERE state = 2")
        #expect(failure { _ = try place.scheduling() }?.detail == "sum does not fit its row")
        #expect(try place.replacing().replaced != nil)
    }
}
