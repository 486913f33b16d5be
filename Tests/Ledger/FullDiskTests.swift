import Foundation
import Scheduling
import Testing

@testable import Ledger

/// A disk without room, and files without permission.
@Suite struct FullDiskTests {
    let place: Place

    init() throws { place = try Place() }

    private static func some(_ job: String, _ count: Int64) -> [Change] {
        (0..<count).map { .insert(run(job, $0)) }
    }

    /// For SQLite, a limit on the number of pages is like a full disk.
    @Test func aFullDiskLeavesNothingAndTheLedgerGoesOn() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0)), .cover(job: "a", through: at(0))])
        let before = try (ledger.runs(), ledger.load())
        let connection = try #require(ledger.openFile?.connection)
        try connection.execute("PRAGMA max_page_count = 1")
        for _ in 0..<3 {
            let changes = Self.some("b", 2_000) + [.cover(job: "a", through: at(60))]
            let error = failure { try ledger.commit(changes) }
            #expect(error?.kind == .full)
            #expect(error?.isDamage == false)
            #expect(error?.description.contains(place.file) == true)
            #expect(try ledger.runs() == before.0)
            #expect(try ledger.load() == before.1)
        }
        try connection.execute("PRAGMA max_page_count = 1073741823")
        try ledger.commit(Self.some("b", 2_000))
        #expect(try ledger.runs().count == 2_001)
        try ledger.close(at: at(1))
        #expect(try place.scheduling().runs().count == 2_001)
    }

    /// A really full disk, if the tests may create a small one.
    @Test func aDiskThatIsReallyFull() throws {
        guard let disk = SmallDisk(at: place.directory + "/disk", kibibytes: 400) else { return }
        let file = disk.path + "/orchestrate.db"
        let ledger = try Ledger(path: file, access: .scheduling(instance: "77", since: at(0)))
        try ledger.commit([.insert(run("a", 0))])
        let stuffing = try disk.fill()
        let error = failure { try ledger.commit(Self.some("b", 500)) }
        #expect(error?.kind == .full)
        #expect(try ledger.runs() == [run("a", 0)])
        #expect(failure { try ledger.commit(Self.some("b", 500)) }?.kind == .full)
        // Remove the other file on the disk.
        unlink(stuffing)
        try ledger.commit(Self.some("b", 500))
        #expect(try ledger.runs().count == 501)
        try ledger.close(at: at(1))
    }

    @Test func noRoomForANewLedger() throws {
        guard let disk = SmallDisk(at: place.directory + "/disk", kibibytes: 400) else { return }
        let file = disk.path + "/orchestrate.db"
        try Data("not a database".utf8).write(to: URL(fileURLWithPath: file))
        let stuffing = try disk.fill()
        let access = Ledger.Access.scheduling(instance: "77", since: at(0))
        let error = failure { _ = try Ledger.replacingDamaged(path: file, access: access) }
        #expect(error?.kind == .full)
        #expect(error?.detail.contains(file + ".corrupt-20260101T000000Z") == true)
        unlink(stuffing)
        let ledger = try Ledger(path: file, access: access)
        #expect(ledger.isNew)
        try ledger.commit([.insert(run("a", 0))])
        try ledger.close(at: at(1))
    }

    /// The ledger moves the old file aside once, however long there is no room for the new one.
    @Test func noRoomWhileGoingOn() throws {
        guard let disk = SmallDisk(at: place.directory + "/disk", kibibytes: 500) else { return }
        let file = disk.path + "/orchestrate.db"
        let ledger = try Ledger(path: file, access: .scheduling(instance: "77", since: at(0)))
        try ledger.commit([.insert(run("a", 0))])
        let stuffing = try disk.fill()
        let damage = LedgerError(.damaged, file, "so to speak")
        for second in 0..<Int64(3) {
            let error = failure { _ = try ledger.replace(because: damage, at: at(second)) }
            #expect(error?.kind == .full)
            #expect(failure { try ledger.commit([.insert(run("b", 0))]) } == damage)
        }
        unlink(stuffing)
        let replaced = try ledger.replace(because: damage, at: at(9))
        #expect(replaced.movedTo == file + ".corrupt-20260101T000000Z")
        try ledger.commit([.insert(run("b", 0))])
        try ledger.close(at: at(10))
        #expect(try Ledger(path: file, access: .reading).runs() == [run("b", 0)])
        #expect(try Ledger(path: replaced.movedTo, access: .reading).runs() == [run("a", 0)])
        let kept = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(kept.count { $0.hasSuffix("00Z") } == 1)
    }

    @Test func aFileThatMayNotBeWritten() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        try ledger.close(at: at(1))
        chmod(place.file, 0o444)
        chmod(place.file + ".lock", 0o666)
        let (error, other) = try unprivileged {
            (
                failure { _ = try place.replacing() },
                failure { _ = try Ledger(path: place.file, access: .writing()) }
            )
        }
        #expect(error?.kind == .readOnly)
        #expect(error?.hint.contains("permissions") == true)
        #expect(other?.kind == .readOnly)
        let runs = try unprivileged { try Ledger(path: place.file, access: .reading).runs() }
        #expect(runs.count == 1)
        #expect(try place.files == ["orchestrate.db", "orchestrate.db.lock"])
        chmod(place.file, 0o644)
        #expect(try place.scheduling().runs().count == 1)
    }

    @Test func aDirectoryThatMayNotBeWritten() throws {
        try place.scheduling().close(at: at(1))
        chmod(place.directory, 0o555)
        let fresh = Ledger.Access.scheduling(instance: "", since: at(0))
        let (error, other) = try unprivileged {
            (
                failure { _ = try place.replacing() },
                failure { _ = try Ledger(path: place.directory + "/new.db", access: fresh) }
            )
        }
        #expect(error?.kind == .readOnly)
        #expect(other?.kind == .readOnly)
        #expect(other?.detail == "its directory cannot be written")
        let runs = try unprivileged { try Ledger(path: place.file, access: .reading).runs() }
        #expect(runs.isEmpty)
        chmod(place.directory, 0o755)
    }

    /// The file is damaged, and the ledger cannot move it.
    @Test func aDamagedFileThatMayNotBeMoved() throws {
        try place.scheduling().close(at: at(1))
        let spoilt = try place.bytes(place.file).dropLast(4_096)
        try place.write(spoilt)
        chmod(place.file, 0o666)
        chmod(place.file + ".lock", 0o666)
        chmod(place.directory, 0o555)
        let error = try unprivileged { failure { _ = try place.replacing() } }
        #expect(error?.kind == .readOnly)
        #expect(error?.detail == "\(place.file) cannot be moved aside: Permission denied")
        chmod(place.directory, 0o755)
        #expect(try place.contents == [spoilt])
    }
}

/// A disk in memory that lives as long as this object; nil: this process may not create one.
private final class SmallDisk {
    let path: String

    init?(at path: String, kibibytes: Int) {
        guard mkdir(path, 0o755) == 0, mount("none", path, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
            return nil
        }
        self.path = path
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Writes a file that fills the disk, and returns its name.
    func fill() throws -> String {
        let name = path + "/stuffing"
        let descriptor = open(name, O_WRONLY | O_CREAT, 0o644)
        defer { close(descriptor) }
        let bytes = [UInt8](repeating: 1, count: 4_096)
        while write(descriptor, bytes, bytes.count) > 0 {}
        try #require(errno == ENOSPC)
        return name
    }
}
