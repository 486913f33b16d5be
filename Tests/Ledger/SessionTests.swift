import CivilTime
import Foundation
import Scheduling
import Testing

@testable import Ledger

/// What the ledger says about itself: its project and its sessions.
@Suite struct SessionTests {
    let place: Place

    init() throws { place = try Place() }

    @Test func theSessionBeforeIsTold() throws {
        let first = try place.scheduling(instance: "1", since: at(10))
        #expect(try first.load().lastSession == nil)
        try first.close(at: at(20))
        let second = try place.scheduling(instance: "", since: at(30))
        #expect(
            try second.load().lastSession
                == SessionRecord(instance: "1", begunAt: at(10), endedAt: at(20)))
        try second.close(at: at(40))
        let third = try place.scheduling(instance: "3", since: at(50))
        #expect(
            try third.load().lastSession == SessionRecord(instance: "", begunAt: at(30), endedAt: at(40)))
    }

    /// The lock file stays beside the ledger, and names the session that last brought it up to date.
    @Test(arguments: [Ledger.Access.reading, .scheduling(instance: "", since: at(190))])
    func anEarlierCopyIsKnownForOne(_ access: Ledger.Access) throws {
        try upToDate(since: at(10))
        let copy = try place.bytes(place.file)
        #expect(try Ledger(path: place.file, access: .reading).load().isLatest)
        try upToDate(since: at(100))
        #expect(try Ledger(path: place.file, access: access).load().isLatest)
        try place.write(copy)
        #expect(try !Ledger(path: place.file, access: access).load().isLatest)
    }

    @Test func anEarlierCopyIsOneUntilItIsUpToDate() throws {
        try upToDate(since: at(10))
        let copy = try place.bytes(place.file)
        try upToDate(since: at(100))
        try place.write(copy)
        try place.scheduling(since: at(200)).close()
        let next = try place.scheduling(since: at(210))
        #expect(try !next.load().isLatest && next.load().unknownPostsUntil == at(210))
        next.markAsLatest()
        try next.close()
        let last = try place.scheduling(since: at(220)).load()
        #expect(last.isLatest && last.unknownPostsUntil == at(210))
    }

    @Test func withoutItsLockFileItIsNotKnownWhetherItIsTheLatest() throws {
        try upToDate(since: at(10))
        try FileManager.default.removeItem(atPath: place.file + ".lock")
        #expect(try !Ledger(path: place.file, access: .reading).load().isLatest)
    }

    private func upToDate(since begun: Instant) throws {
        let ledger = try place.scheduling(since: begun)
        ledger.markAsLatest()
        try ledger.close()
    }

    @Test(arguments: ["closed without a time", "dropped", "killed"])
    func anEndThatWasNotToldIsNotKnown(_ end: String) throws {
        var ledger: Ledger? = try place.scheduling(instance: "1", since: at(10))
        let killed = try place.afterKill()
        if end == "closed without a time" { try ledger?.close() }
        ledger = nil
        let next = try (end == "killed" ? killed : place).scheduling(instance: "2", since: at(30))
        #expect(
            try next.load().lastSession == SessionRecord(instance: "1", begunAt: at(10), endedAt: nil))
    }

    @Test func whoOnlyReadsOrTriggersIsNoSession() throws {
        let scheduler = try place.scheduling(instance: "1", since: at(10))
        let running = SessionRecord(instance: "1", begunAt: at(10), endedAt: nil)
        for access in [Ledger.Access.reading, .writing()] {
            let other = try Ledger(path: place.file, access: access)
            #expect(try other.load().lastSession == running)
            try other.close(at: at(15))
        }
        try scheduler.close(at: at(20))
        #expect(try place.scheduling().load().lastSession?.endedAt == at(20))
    }

    @Test func fewSessionsAreKept() throws {
        for second in 0..<Int64(30) { try place.scheduling(since: at(second)).close(at: at(second)) }
        let ledger = try place.scheduling(since: at(99))
        #expect(try ledger.load().lastSession?.begunAt == at(29))
        let connection = try #require(ledger.openFile?.connection)
        #expect(try Sessions.read(from: connection).count == 20)
    }

    /// As after a crash loop: the file without its log has a session that the ledger has already dropped.
    @Test func manyKillsInARowAreNoDamage() throws {
        var place = place
        for second in 0..<Int64(30) {
            let ledger = try place.scheduling(since: at(second))
            try ledger.commit([.insert(run("a", second))])
            place = try place.afterKill()
        }
        let (ledger, replaced) = try place.replacing()
        #expect(replaced == nil)
        #expect(try ledger.runs().count == 30)
    }

    @Test func aLedgerKeepsToItsProject() throws {
        try place.scheduling(project: "4242").close()
        try place.scheduling(project: "4242").close()
        try Ledger(path: place.file, access: .writing(project: "4242")).close()
        let contents = try place.contents
        for access in [
            Ledger.Access.scheduling(instance: "", since: at(0), project: "17"), .writing(project: "17"),
        ] {
            let error = failure { _ = try Ledger(path: place.file, access: access) }
            #expect(error?.kind == .otherProject(recorded: "4242"))
            #expect(error?.isDamage == false)
            #expect(error?.description.contains("another project, 4242") == true)
            #expect(try place.contents == contents)
        }
        #expect(failure { _ = try place.scheduling(project: nil) } == nil)
    }

    @Test func aLedgerWithoutAProjectTakesOneOn() throws {
        try place.scheduling().close()
        let trigger = try Ledger(path: place.file, access: .writing(project: "17"))
        #expect(failure { _ = try place.scheduling(project: "4242") }?.kind == .otherProject(recorded: "17"))
        try trigger.close()
        #expect(failure { _ = try place.scheduling(project: "17") } == nil)
    }

    @Test func aProjectIsWhateverTextItIs() throws {
        for project in ["", "group/sub group/ü", "'; DROP TABLE run; --"] {
            let place = try Place()
            try place.scheduling(project: project).close()
            #expect(failure { _ = try place.scheduling(project: project) } == nil)
            #expect(
                failure { _ = try place.scheduling(project: "1") }?.kind == .otherProject(recorded: project))
        }
    }
}
