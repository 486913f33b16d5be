import Foundation
import Scheduling
import Testing

@testable import Ledger

/// A ledger that a user changed with the `sqlite3` shell. Anything that orchestrate does not put there is damage.
@Suite struct StrangerTests {
    let place: Place

    init() throws {
        place = try Place()
        let ledger = try place.scheduling()
        try ledger.commit([.insert(fullRun("a", 0)), .insert(run("b", 1)), .cover(job: "a", through: at(2))])
        try ledger.commit([.update(run("b", 1, .failed), at: at(2)), .update(run("b", 1, .lost), at: at(3))])
        try ledger.close(at: at(4))
    }

    @Test(arguments: [
        ("CREATE TRIGGER t BEFORE UPDATE ON run BEGIN SELECT raise(ABORT, 'no'); END", "trigger 't'"),
        ("CREATE TRIGGER session AFTER INSERT ON session BEGIN DELETE FROM run; END", "trigger 'session'"),
        ("CREATE VIEW mine AS SELECT * FROM run", "view 'mine'"),
        ("CREATE INDEX mine ON run (state)", "index 'mine'"),
        ("CREATE UNIQUE INDEX mine ON run (job)", "index 'mine'"),
        ("CREATE TABLE mine (id)", "table 'mine'"),
        ("CREATE VIRTUAL TABLE mine USING fts5(text)", "does not belong to a ledger"),
        ("ALTER TABLE run ADD COLUMN mine INTEGER", "its tables are not what they were"),
        ("ALTER TABLE label RENAME COLUMN text TO words", "its tables are not what they were"),
        ("ALTER TABLE session RENAME TO mine", "table 'mine'"),
    ])
    func whatTheFileDeclares(_ statement: String, _ words: String) throws {
        // Also if the ledger's sum of its declarations fits the changed ones.
        try place.poke(statement)
        let sum = try Schema.tables(of: Connection(place.file, .readOnly))
        try place.poke("UPDATE ledger SET tables = \(sum)")
        for access in [Ledger.Access.writing(), .reading] {
            let refusal = failure { _ = try Ledger(path: place.file, access: access) }
            #expect(refusal?.kind == .damaged)
        }
        let (ledger, found) = try place.replacing()
        let replaced = try #require(found)
        #expect(replaced.cause.detail.contains(words), "\(replaced.cause)")
        #expect(FileManager.default.fileExists(atPath: replaced.movedTo))
        try ledger.commit([.insert(run("c", 0))])
        #expect(try ledger.runs().count == 1)
    }

    @Test(arguments: [
        "DELETE FROM job WHERE name = 'b'", "DELETE FROM label", "DELETE FROM label WHERE text = 'main'",
        "DELETE FROM run WHERE attempts = 0",
        "INSERT INTO transition VALUES (1767225699000000, 1, 0, 0, 1767225699000000, 0, NULL)",
        "UPDATE transition SET generation = 1", "UPDATE run SET changes = 0",
        "UPDATE transition SET number = number + 7",
        // With a fitting sum: the numbers are those of a row with these values.
        "UPDATE job SET id = 9223372036854775807 WHERE name = 'a'",
    ])
    func whatItsRowsReferTo(_ statement: String) throws {
        try place.poke(statement)
        let (ledger, replaced) = try place.replacing()
        #expect(replaced != nil)
        #expect(try ledger.load().open.isEmpty)
    }

    /// A trigger could change the statements that migrate an older file.
    @Test func anOlderFileHasNothingElseEither() throws {
        for version in 1..<Schema.migrations.count {
            let place = try Place()
            try Schema.migrate(Connection(place.file, .readWriteCreate), to: version)
            try place.poke("CREATE TRIGGER t AFTER INSERT ON label BEGIN DELETE FROM label; END")
            #expect(try place.replacing().replaced?.cause.detail.contains("trigger 't'") == true)
        }
    }

    @Test func statisticsOfSQLiteAreNoDamage() throws {
        try place.poke("ANALYZE")
        #expect(try place.replacing().replaced == nil)
    }

    /// Also in a file that changes while it is in use.
    @Test func noTriggerRuns() throws {
        let ledger = try place.scheduling()
        try place.poke("CREATE TRIGGER t AFTER INSERT ON run BEGIN DELETE FROM run; END")
        try ledger.commit([.insert(run("c", 0))])
        #expect(try ledger.runs().count == 3)
        let connection = try #require(ledger.openFile?.connection)
        #expect(try connection.integer("PRAGMA trusted_schema") == 0)
        #expect(
            failure { try connection.execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema") }
                != nil)
    }
}
