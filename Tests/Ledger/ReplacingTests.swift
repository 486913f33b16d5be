import Foundation
import Scheduling
import Testing

@testable import Ledger

/// A new ledger replaces an unusable file, and the old file stays beside it.
@Suite struct ReplacingTests {
    let place: Place

    init() throws { place = try Place() }

    /// A closed ledger with some runs in it.
    private func makeLedger(project: String? = nil) throws {
        let ledger = try place.scheduling(project: project)
        try ledger.commit((0..<200).map { .insert(run("job \($0)", $0)) })
        try ledger.close(at: at(300))
    }

    private func spoil() throws {
        var bytes = try place.bytes(place.file)
        bytes[bytes.count - 100] ^= 1
        try place.write(bytes)
    }

    @Test func aWholeLedgerIsLeftAlone() throws {
        try makeLedger(project: "4242")
        let (ledger, replaced) = try place.replacing(project: "4242")
        #expect(replaced == nil)
        #expect(!ledger.isNew)
        #expect(try ledger.runs().count == 200)
    }

    @Test func aDamagedOneIsKeptUnderAnotherName() throws {
        try makeLedger()
        try spoil()
        let contents = try place.contents
        let (ledger, found) = try place.replacing(since: at(86_399), project: "4242")
        let replaced = try #require(found)
        #expect(replaced.movedTo == place.file + ".corrupt-20260101T235959Z")
        #expect(replaced.cause.kind == .damaged)
        #expect(replaced.description.contains(replaced.movedTo))
        #expect(try place.bytes(replaced.movedTo) == contents[0])
        #expect(ledger.isNew)
        #expect(try ledger.runs().isEmpty)
        #expect(try ledger.load().lastSession == nil)
        #expect(
            failure { _ = try place.replacing() }?.kind
                == .held(
                    by: LockHolder(
                        pid: getpid(), since: at(86_399), instance: "")))
        try ledger.commit([.insert(run("a", 0))])
        try ledger.close(at: at(86_400))
        #expect(try place.scheduling(project: "4242").runs().count == 1)
    }

    @Test func anEarlierOneIsNeverWrittenOver() throws {
        var kept: [String: Data] = [:]
        for number in 1...4 {
            try place.write(Data("not a database, number \(number)".utf8))
            // Also if only a companion has the name.
            if number == 3 { try Data("log".utf8).write(to: URL(fileURLWithPath: "\(name(3))-wal")) }
            let (ledger, replaced) = try place.replacing()
            #expect(replaced?.movedTo == name(number < 3 ? number : number + 1))
            #expect(replaced?.cause.kind == .notADatabase)
            try ledger.close()
            kept[replaced?.movedTo ?? ""] = Data("not a database, number \(number)".utf8)
        }
        #expect(kept.count == 4)
        for (file, bytes) in kept { #expect(try place.bytes(file) == bytes) }
    }

    private func name(_ number: Int) -> String {
        place.file + ".corrupt-20260101T000000Z" + (number == 1 ? "" : "-\(number)")
    }

    @Test(arguments: [("4242", "4242"), ("group/sub ü", "group_sub___"), ("", ""), ("../x", ".._x")])
    func anotherProjectsLedgerIsKeptUnderItsName(_ project: String, _ label: String) throws {
        try makeLedger(project: project)
        let contents = try place.contents
        let (ledger, replaced) = try place.replacing(project: "17")
        #expect(replaced?.movedTo == place.file + ".project-\(label)-20260101T000000Z")
        #expect(replaced?.cause.kind == .otherProject(recorded: project))
        #expect(try place.bytes(replaced?.movedTo ?? "") == contents[0])
        #expect(try ledger.runs().isEmpty)
        try ledger.close()
        #expect(failure { _ = try place.scheduling(project: "17") } == nil)
    }

    @Test func theLogGoesWithItsFile() throws {
        let ledger = try place.scheduling()
        try ledger.commit((0..<200).map { .insert(run("job \($0)", $0)) })
        try ledger.checkpoint()
        try ledger.commit([.insert(run("a", 0))])
        let killed = try place.afterKill()
        var bytes = try killed.bytes(killed.file)
        bytes.removeLast(8_192)
        try killed.write(bytes)
        let contents = try killed.contents
        let replaced = try #require(try killed.replacing().replaced)
        #expect(try [replaced.movedTo, replaced.movedTo + "-wal"].map(killed.bytes) == contents)
    }

    @Test(arguments: [nil, Data()]) func aLogWithoutItsFileIsKept(_ file: Data?) throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        let killed = try place.afterKill()
        let log = try killed.bytes(killed.file + "-wal")
        try FileManager.default.removeItem(atPath: killed.file)
        if let file { try killed.write(file) }
        let found = try killed.replacing()
        #expect(try killed.bytes((found.replaced?.movedTo ?? "") + "-wal") == log)
        #expect(found.ledger.isNew)
        #expect(try found.ledger.runs().isEmpty)
    }

    @Test func whatIsNotOursIsRefusedUntouched() throws {
        try makeLedger()
        try place.poke("PRAGMA user_version = 99; UPDATE ledger SET version = 99")
        let later = try place.contents
        #expect(
            failure { _ = try place.replacing() }?.kind == .newer(version: 99, known: Schema.migrations.count)
        )
        #expect(try place.contents == later)
        try FileManager.default.removeItem(atPath: place.file)
        try place.poke("CREATE TABLE note (text); INSERT INTO note VALUES (zeroblob(9000))")
        let foreign = try place.bytes(place.file)
        // Even if it is damaged: it was never ours.
        for bytes in [foreign, foreign.prefix(5_000)] {
            try place.write(bytes)
            #expect(failure { _ = try place.replacing() }?.kind == .foreign(applicationID: 0))
            #expect(try place.contents == [bytes])
        }
        #expect(try place.files == ["orchestrate.db", "orchestrate.db.lock"])
    }

    /// If there was a ledger here before, a header that names another program is damage.
    @Test(arguments: [(true, ""), (false, "77")])
    func aLedgerThatLooksForeignIsDamaged(wasMarked: Bool, instance: String) throws {
        if wasMarked {
            let ledger = try place.scheduling()
            ledger.markAsLatest()
            try ledger.close()
            try FileManager.default.removeItem(atPath: place.file)
        }
        try place.poke("PRAGMA application_id = 7; CREATE TABLE note (text)")
        #expect(try place.replacing(instance: instance).replaced != nil)
    }

    @Test func aDirectoryIsNotMoved() throws {
        try FileManager.default.createDirectory(atPath: place.file, withIntermediateDirectories: false)
        let error = failure { _ = try place.replacing() }
        #expect(error?.kind == .unreachable)
        #expect(error?.detail == "Is a directory")
        #expect(try place.files == ["orchestrate.db"])
    }

    @Test func onlyTheSchedulerReplaces() throws {
        try place.write(Data("not a database".utf8))
        for access in [Ledger.Access.reading, .writing()] {
            let error = failure { _ = try Ledger.replacingDamaged(path: place.file, access: access) }
            #expect(error?.kind == .notADatabase)
        }
        #expect(try place.contents == [Data("not a database".utf8)])
    }

    /// Other processes would delete the new ledger's log when they close the old file.
    @Test func aFileThatOthersHaveOpenStays() throws {
        try makeLedger()
        let descriptor = Glibc.open(place.file, O_RDWR)
        defer { close(descriptor) }
        // A lock of another kind, because a process's own locks do not block it.
        var lock = flock()
        lock.l_type = Int16(F_RDLCK)
        let setOpenFileDescriptionLock: Int32 = 37
        #expect(fcntl(descriptor, setOpenFileDescriptionLock, &lock) == 0)
        let refusal = failure {
            _ = try Aside.move(place.file, label: "corrupt", at: at(0), path: "x", patience: 0)
        }
        #expect(refusal?.kind == .busy)
        lock.l_type = Int16(F_UNLCK)
        #expect(fcntl(descriptor, setOpenFileDescriptionLock, &lock) == 0)
        #expect(throws: Never.self) {
            try Aside.move(place.file, label: "corrupt", at: at(0), path: "x", patience: 0)
        }
    }
}
