import Foundation
import Scheduling
import Testing

@testable import Ledger

/// Known kinds of damage. Opening the file for scheduling finds each one before the ledger uses the file.
@Suite struct DamageTests {
    let place: Place

    init() throws {
        place = try Place()
        let ledger = try place.scheduling(project: "4242")
        try ledger.commit((0..<200).map { .insert(fullRun("job \($0 % 9)", $0)) })
        try ledger.commit((0..<9).map { .cover(job: "job \($0)", through: at(200)) })
        try ledger.commit([.insert(run("undeclared", 0))])
        try ledger.close(at: at(300))
    }

    private func damage() -> String? {
        let error = failure { _ = try place.scheduling(project: "4242") }
        return error?.isDamage == true ? error?.detail : nil
    }

    @Test(arguments: [
        (0, "not a database"), (18, "file format"), (60, "schema version"), (63, "schema version"),
        (68, "application id"), (71, "application id"),
    ])
    func ofTheHeader(_ place: Int, _ words: String) throws {
        let whole = try self.place.bytes(self.place.file)
        for bit in 0..<8 where !(place == 18 && bit < 2) {
            var bytes = whole
            bytes[place] ^= 1 << UInt8(bit)
            try self.place.write(bytes)
            let found = damage()
            #expect(found?.contains(words) == true, "bit \(bit): \(found ?? "not found")")
        }
    }

    /// Changes that no orchestrate would make.
    @Test(arguments: [
        "UPDATE run SET state = 1 WHERE state = 2", "UPDATE run SET attempts = attempts + 1",
        "UPDATE run SET sent_at = sent_at - 1", "UPDATE run SET claimed_at = claimed_at - 1",
        "UPDATE run SET claimed_at = NULL", "UPDATE run SET generation = 1 WHERE job = 3",
        "UPDATE run SET pipeline = pipeline + 1",
        "UPDATE run SET not_before = NULL", "UPDATE run SET reason = 'Because' WHERE reason = 'because'",
        "UPDATE run SET ref = project", "UPDATE run SET url_tail = 'x'", "UPDATE run SET sum = NULL",
        "UPDATE job SET covered_through = covered_through + 1099511627776",
        "UPDATE job SET covered_sum = NULL",
        "UPDATE job SET covered_through = NULL, covered_sum = NULL",
        "UPDATE job SET covered_through = NULL WHERE id = 1",
        "UPDATE job SET covered_through = 0 WHERE covered_through IS NULL",
        "UPDATE session SET ended_at = ended_at - 1", "UPDATE session SET ended_at = NULL",
        "UPDATE session SET instance = '78'", "UPDATE ledger SET version = 4",
        "UPDATE ledger SET version = 21", "UPDATE ledger SET tables = 0",
        "DELETE FROM ledger", "DROP VIEW history", "DROP TABLE transition", "DROP TABLE session",
        "DROP INDEX run_open",
        "DROP TABLE state; CREATE TABLE state (code, name)",
        "DROP VIEW history; CREATE VIEW history AS SELECT 1",
        "UPDATE transition SET state = 9",
    ])
    func ofWhatTheTablesHold(_ statement: String) throws {
        let ledger = try place.scheduling(project: "4242")
        var run = fullRun("job 0", 0)
        run.state = .retrying
        try ledger.commit([.update(run, at: at(60))])
        try ledger.close(at: at(400))
        #expect(damage() == nil)
        try place.poke(statement)
        #expect(damage() != nil)
    }

    @Test func ofARowThatIsReadWhileRunning() throws {
        try place.poke("UPDATE run SET sent_at = sent_at - 1 WHERE fire_time = 1767225660000000")
        let reading = try Ledger(path: place.file, access: .reading)
        #expect(failure { _ = try reading.load() }?.isDamage == true)
        #expect(failure { _ = try reading.runs() }?.detail == "sum does not fit its row")
        #expect(try reading.runs(RunFilter(until: at(60))).count == 61)
        #expect(try reading.integrityProblem() == "sum does not fit its row")
    }

    private func rewriteSchema(_ from: String, _ to: String) throws {
        let version = try Connection(place.file, .readWrite).integer("PRAGMA schema_version")
        try place.poke(
            """
            PRAGMA writable_schema = ON;
            UPDATE sqlite_schema SET sql = replace(sql, '\(from)', '\(to)');
            PRAGMA schema_version = \(version + 1);
            """)
    }

    /// The scheduler would never hear again of an open run that is missing from its index.
    @Test func ofAnIndexThatLacksARow() throws {
        try rewriteSchema("WHERE is_open = 1", "WHERE is_open = 2")
        #expect(damage() == "wrong # of entries in index run_open")
        try place.poke(
            "UPDATE run SET is_open = 1 WHERE fire_time = 1767225660000000; DELETE FROM run WHERE job = 3")
        try rewriteSchema("WHERE is_open = 2", "WHERE is_open = 1")
        #expect(try Connection(place.file, .readWrite).text("PRAGMA quick_check") == "ok")
        #expect(damage()?.contains("run_open") == true)
    }

    @Test func ofAValueOfAnotherType() throws {
        try rewriteSchema(") STRICT, WITHOUT", ") WITHOUT")
        #expect(damage() != nil)
        try place.poke("UPDATE run SET attempts = 'many' WHERE fire_time = 1767225660000000")
        try rewriteSchema(") WITHOUT", ") STRICT, WITHOUT")
        #expect(damage()?.contains("run.attempts") == true)
    }

    @Test func ofASchemaThatStillWorks() throws {
        try rewriteSchema("CHECK (attempts >= 0)", "CHECK (attempts > -1)")
        #expect(damage() == "its tables are not what they were")
    }
}
