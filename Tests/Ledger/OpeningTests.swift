import Foundation
import Scheduling
import Testing

@testable import Ledger

@Suite struct OpeningTests {
    let place: Place
    static let accesses: [Ledger.Access] = [.scheduling(instance: "", since: at(0)), .writing(), .reading]

    init() throws { place = try Place() }

    private func open(_ access: Ledger.Access) -> LedgerError? {
        failure { _ = try Ledger(path: place.file, access: access) }
    }

    /// A closed ledger with some runs in it.
    private func makeLedger() throws {
        let ledger = try place.scheduling()
        try ledger.commit((0..<200).map { .insert(run("job \($0)", $0)) })
        try ledger.close()
    }

    /// Nobody may edit a migration that is in use. This checksum shows an edit.
    @Test func migrationsStayAsTheyAre() throws {
        let text = Schema.migrations.map(\.sql).joined(separator: "\n")
        let sum = text.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        #expect(Schema.migrations.count == 9)
        #expect(sum == 8_898_752_873_141_883_576, "was a migration edited, and not added? sum \(sum)")
    }

    @Test func everyTableHasItsChecksum() throws {
        try makeLedger()
        let others = "name NOT IN (\(Schema.names)) AND name NOT LIKE 'sqlite_%'"
        let connection = try Connection(place.file, .readOnly)
        #expect(try connection.integer("SELECT count(*) FROM sqlite_schema WHERE \(others)") == 0)
    }

    @Test(arguments: accesses) func aLaterLedgerIsRefusedUntouched(_ access: Ledger.Access) throws {
        try makeLedger()
        try place.poke("PRAGMA user_version = 99; UPDATE ledger SET version = 99")
        let bytes = try place.bytes(place.file)
        let files = try place.files
        #expect(open(access)?.kind == .newer(version: 99, known: Schema.migrations.count))
        #expect(try place.bytes(place.file) == bytes)
        #expect(
            try Set(place.files).subtracting(["orchestrate.db.lock"])
                == Set(files).subtracting(["orchestrate.db.lock"]))
    }

    @Test func aLaterLedgerLeftByACrashIsRefusedUntouchedToo() throws {
        let ledger = try place.scheduling()
        try ledger.openFile?.connection.execute("PRAGMA user_version = 99; UPDATE ledger SET version = 99")
        let crashed = try place.afterKill()
        let bytes = try (crashed.bytes(crashed.file), crashed.bytes(crashed.file + "-wal"))
        for access in Self.accesses {
            let refusal = failure { _ = try Ledger(path: crashed.file, access: access) }
            #expect(refusal?.kind == .newer(version: 99, known: Schema.migrations.count))
            #expect(try (crashed.bytes(crashed.file), crashed.bytes(crashed.file + "-wal")) == bytes)
        }
    }

    @Test(arguments: accesses) func aDatabaseOfAnotherProgramIsRefusedUntouched(_ access: Ledger.Access)
        throws
    {
        try place.poke("CREATE TABLE note (text); PRAGMA application_id = 7")
        let bytes = try place.bytes(place.file)
        #expect(open(access)?.kind == .foreign(applicationID: 7))
        try place.poke("PRAGMA application_id = 0")
        #expect(open(access)?.kind == .foreign(applicationID: 0))
        try place.poke("PRAGMA application_id = 7")
        #expect(try place.bytes(place.file).count == bytes.count)
    }

    @Test(arguments: accesses) func whatIsNoDatabaseIsRefusedUntouched(_ access: Ledger.Access) throws {
        let text = Data(String(repeating: "jobs: none\n", count: 500).utf8)
        try text.write(to: URL(fileURLWithPath: place.file))
        let error = open(access)
        #expect(error?.kind == .notADatabase)
        #expect(error?.isDamage == true)
        #expect(error?.description.hasPrefix(place.file + ": ") == true)
        #expect(try place.bytes(place.file) == text)
    }

    @Test(arguments: accesses) func aTruncatedLedgerIsDamaged(_ access: Ledger.Access) throws {
        try makeLedger()
        let whole = try place.bytes(place.file)
        for count in [whole.count - 4_096, whole.count / 2, 4_096, 700] {
            try whole.prefix(count).write(to: URL(fileURLWithPath: place.file))
            #expect(open(access)?.isDamage == true, "\(count) of \(whole.count) bytes")
        }
    }

    @Test func brokenPagesAreFoundByTheIntegrityCheck() throws {
        try makeLedger()
        var bytes = try place.bytes(place.file)
        bytes.replaceSubrange((bytes.count - 4_096)..., with: Data(repeating: 0xA5, count: 4_096))
        try bytes.write(to: URL(fileURLWithPath: place.file))
        let ledger = try Ledger(path: place.file, access: .reading)
        #expect(try ledger.integrityProblem() != nil)
    }

    @Test func aLedgerWithoutItsTablesIsDamaged() throws {
        try makeLedger()
        try place.poke("DROP VIEW history; DROP TABLE transition")
        #expect(Self.accesses.allSatisfy { open($0)?.kind == .damaged })
        try place.poke("PRAGMA user_version = 0")
        #expect(Self.accesses.allSatisfy { open($0)?.kind == .damaged })
    }

    @Test func anEmptyFileIsANewLedgerButNotForReading() throws {
        try Data().write(to: URL(fileURLWithPath: place.file))
        #expect(open(.reading)?.kind == .absent)
        #expect(try place.scheduling().isNew)
    }

    @Test func readingNeverCreatesAnything() throws {
        let error = open(.reading)
        #expect(error?.kind == .absent)
        #expect(error?.hint.contains("orchestrate run") == true)
        #expect(try place.files.isEmpty)
    }

    @Test(arguments: [Ledger.Access.scheduling(instance: "", since: at(0)), .writing()])
    func directoriesAreCreated(_ access: Ledger.Access) throws {
        let deep = place.directory + "/a//b/./c/ledger.db"
        try Ledger(path: deep, access: access).commit([.insert(run("a", 0))])
        #expect(try Ledger(path: deep, access: .reading).runs().count == 1)
    }

    @Test func aPathThatCannotBeNamesTheReason() throws {
        let file = place.directory + "/file"
        try Data("x".utf8).write(to: URL(fileURLWithPath: file))
        for path in [file + "/x.db", file + "/a/b/x.db"] {
            for access in Self.accesses {
                let error = failure { _ = try Ledger(path: path, access: access) }
                #expect(error?.kind == .unreachable)
                #expect(error?.description.contains("Not a directory") == true)
            }
        }
        let directory = failure { _ = try Ledger(path: place.directory, access: .writing()) }
        #expect(directory?.kind == .unreachable)
    }

    @Test(arguments: [":memory:", "file:x.db?mode=memory", "a?b=c#d.db"])
    func aNameIsOnlyAName(_ name: String) throws {
        let path = place.directory + "/" + name
        try Ledger(path: path, access: .writing()).commit([.insert(run("a", 0))])
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func aLedgerOpenedForReadingTakesNoChanges() throws {
        try makeLedger()
        let ledger = try Ledger(path: place.file, access: .reading)
        #expect(failure { try ledger.commit([.insert(run("x", 0))]) }?.kind == .readOnly)
        #expect(failure { _ = try ledger.prune(finishedBefore: at(0), limit: 1) }?.kind == .readOnly)
        #expect(failure { try ledger.openFile?.connection.execute("DELETE FROM run") }?.kind == .readOnly)
    }

    /// Values that our ledger never writes.
    @Test(arguments: [
        ("UPDATE run SET state = 99", "state 99 is not known"),
        ("UPDATE run SET state = -1", "state -1 is not known"),
        ("UPDATE run SET fire_time = -1", "fire_time is a time before 1970"),
        ("UPDATE run SET finished_at = -1", "finished_at is a time before 1970"),
        ("UPDATE run SET attempts = -1", "attempts is below zero"),
        ("UPDATE run SET instance = 12345", "label 12345, which does not exist"),
        ("UPDATE run SET project = 12345", "label 12345, which does not exist"),
        ("DELETE FROM job", "job 1, which does not exist"),
        ("UPDATE run SET reason = CAST(x'ff' AS TEXT)", "reason is not UTF-8"),
        ("UPDATE job SET covered_through = -1", "covered_through is a time before 1970"),
    ])
    func impossibleValuesAreDamage(_ statement: String, _ complaint: String) throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0)), .cover(job: "a", through: at(0))])
        try ledger.close()
        try place.poke("PRAGMA ignore_check_constraints = ON; " + statement)
        let reading = try Ledger(path: place.file, access: .reading)
        let error = failure { _ = try (reading.runs(), reading.load()) }
        #expect(error?.kind == .damaged)
        #expect(error?.detail.contains(complaint) == true, "\(error?.detail ?? "no error")")
    }
}
