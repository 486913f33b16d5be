import Foundation
import Scheduling
import Testing

@testable import Ledger

/// Damage that shows while a scheduler is running. The process replaces the ledger under the same lock and continues.
@Suite struct MendingTests {
    let place: Place
    let ledger: Ledger

    init() throws {
        place = try Place()
        ledger = try place.scheduling(project: "4242")
        try ledger.commit((0..<2_000).map { .insert(run("job \($0 % 9)", $0)) })
        try ledger.checkpoint()
    }

    /// Zeroes all pages except the first, and makes SQLite read them again.
    private func spoil() throws {
        let descriptor = try #require(FileHandle(forWritingAtPath: place.file))
        try descriptor.seek(toOffset: 4_096)
        try descriptor.write(contentsOf: Data(count: try place.bytes(place.file).count - 4_096))
        try descriptor.close()
        try ledger.openFile?.connection.execute("PRAGMA shrink_memory")
    }

    @Test func theLedgerGoesOnWithANewFile() throws {
        try spoil()
        let spoilt = try place.contents
        let error = try #require(failure { try ledger.commit([.insert(run("a", 0))]) })
        #expect(error.isDamage)
        #expect(failure { _ = try ledger.load() }?.isDamage == true)
        let replaced = try ledger.replace(because: error, at: at(60))
        #expect(replaced.movedTo == place.file + ".corrupt-20260101T000100Z")
        #expect(try [replaced.movedTo, replaced.movedTo + "-wal"].map(place.bytes) == spoilt)
        #expect(ledger.isNew)
        let state = try ledger.load()
        #expect(state.covered.isEmpty && state.open.isEmpty && state.lastSession == nil)
        try ledger.commit([.insert(run("a", 0))])
        guard case .held = failure({ _ = try place.scheduling() })?.kind else {
            return #expect(Bool(false), "the lock was let go of")
        }
        try ledger.close(at: at(120))
        let next = try place.scheduling(project: "4242")
        #expect(try next.runs() == [run("a", 0)])
        #expect(
            try next.load().lastSession == SessionRecord(instance: "77", begunAt: at(0), endedAt: at(120)))
    }

    @Test func aDamagedLedgerClosesWithoutTrouble() throws {
        try spoil()
        #expect(failure { _ = try ledger.load() }?.isDamage == true)
        _ = failure { try ledger.close(at: at(1)) }
        let (next, replaced) = try place.replacing()
        #expect(replaced != nil)
        #expect(next.isNew)
    }

    @Test func onlyDamageIsAReason() throws {
        let full = LedgerError(.full, place.file)
        #expect(failure { _ = try ledger.replace(because: full, at: at(0)) } == full)
        #expect(try ledger.runs().count == 2_000)
        let damage = LedgerError(.damaged, place.file)
        let reading = try Ledger(path: place.file, access: .reading)
        #expect(failure { _ = try reading.replace(because: damage, at: at(0)) } == damage)
        try ledger.close()
        #expect(failure { _ = try ledger.replace(because: damage, at: at(0)) } == damage)
        #expect(try Ledger(path: place.file, access: .reading).runs().count == 2_000)
    }

    /// Whatever fails, the ledger moves the old file once, and the new one stays.
    @Test func replacingCanBeTriedAgain() throws {
        try spoil()
        let error = try #require(failure { _ = try ledger.load() })
        chmod(place.directory, 0o555)
        let refusal = try unprivileged { failure { _ = try ledger.replace(because: error, at: at(0)) } }
        chmod(place.directory, 0o755)
        #expect(refusal?.kind == .readOnly)
        #expect(refusal?.detail.contains("cannot be moved aside") == true)
        #expect(failure { try ledger.commit([]) } == error)
        let other = LedgerError(.damaged, place.file, "another")
        let replaced = try ledger.replace(because: other, at: at(1))
        #expect(replaced.cause == error)
        #expect(try ledger.runs().isEmpty)
        #expect(
            try place.files.count { $0.contains("corrupt") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
                == 1)
    }
}

/// Runs the body without the rights of root in this thread, if the tests have them.
func unprivileged<Value>(_ body: () throws -> Value) throws -> Value {
    guard geteuid() == 0 else { return try body() }
    typealias SetFileUser = @convention(c) (UInt32) -> Int32
    let symbol = try #require(dlsym(nil, "setfsuid"))
    let setFileUser = unsafeBitCast(symbol, to: SetFileUser.self)
    _ = setFileUser(65_534)
    defer { _ = setFileUser(0) }
    return try body()
}
