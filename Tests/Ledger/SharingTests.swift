import Foundation
import Scheduling
import Testing

@testable import Ledger

/// Several connections, and the state after a crash.
@Suite struct SharingTests {
    let place: Place

    init() throws { place = try Place() }

    @Test func aSecondSchedulerIsRefusedAndToldWhoHolds() throws {
        let first = try place.scheduling(instance: "4711")
        let holder = LockHolder(pid: getpid(), since: at(0), instance: "4711")
        let error = failure { _ = try place.scheduling() }
        #expect(error?.kind == .held(by: holder))
        #expect(error?.description.contains("process \(getpid()) (CI job 4711)") == true)
        #expect(error?.hint.contains("--db") == true)
        try first.commit([.insert(run("a", 0))])
        try first.close()
        #expect(try place.scheduling().runs().count == 1)
    }

    @Test func theLockGoesWithItsOwner() throws {
        var first: Ledger? = try place.scheduling()
        try first?.commit([.insert(run("a", 0))])
        #expect(failure { _ = try place.scheduling() } != nil)
        first = nil
        #expect(try place.scheduling().runs().count == 1)
    }

    @Test func theLockFollowsSymbolicLinks() throws {
        let ledger = try place.scheduling()
        let link = place.directory + "/link.db"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: place.file)
        let error = failure { _ = try Ledger(path: link, access: .scheduling(instance: "", since: at(0))) }
        guard case .held = error?.kind else { return #expect(Bool(false), "\(String(describing: error))") }
        try ledger.close()
    }

    /// A child process that lives on must not keep the lock: `exec` closes the descriptor.
    @Test func theLockIsNotInherited() throws {
        let ledger = try place.scheduling()
        let files = FileManager.default
        let descriptors = try files.contentsOfDirectory(atPath: "/proc/self/fd").filter {
            (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == place.file + ".lock"
        }
        let descriptor = try #require(descriptors.first.flatMap { Int32($0) })
        #expect(descriptors.count == 1)
        #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
        try ledger.close()
    }

    @Test(arguments: ["", "garbage", "pid=x\nsince=1\n", "pid=99999999999\nsince=5\n"])
    func aLockFileThatSaysNothingIsNoMatter(_ contents: String) throws {
        let ledger = try place.scheduling()
        try Data(contents.utf8).write(to: URL(fileURLWithPath: place.file + ".lock"), options: [])
        #expect(failure { _ = try place.scheduling() }?.kind == .held(by: nil))
        try ledger.close()
        #expect(failure { _ = try place.scheduling() } == nil)
    }

    @Test func othersReadAndWriteBesideTheScheduler() throws {
        let scheduler = try place.scheduling()
        let reader = try Ledger(path: place.file, access: .reading)
        let trigger = try Ledger(path: place.file, access: .writing())
        #expect(try !scheduler.changedElsewhere())
        try scheduler.commit([.insert(run("a", 0))])
        #expect(try !scheduler.changedElsewhere())
        #expect(try reader.changedElsewhere())
        #expect(try !reader.changedElsewhere())
        #expect(try trigger.commit([.insert(run("a", 0)), .insert(run("b", 0))]) == [run("a", 0).id])
        #expect(try scheduler.changedElsewhere())
        #expect(try !scheduler.changedElsewhere())
        #expect(try reader.runs() == scheduler.runs())
        #expect(try scheduler.load().open.count == 2)
    }

    @Test(arguments: [0, 1]) func whoeverClosesLastLeavesOneFile(_ first: Int) throws {
        let scheduler = try place.scheduling()
        let other = try Ledger(path: place.file, access: first == 0 ? .reading : .writing())
        try scheduler.commit([.insert(run("a", 0))])
        #expect(try other.runs().count == 1)
        try scheduler.close()
        #expect(try other.runs().count == 1)
        try other.close()
        #expect(try isAlone())
        #expect(try Ledger(path: place.file, access: .reading).runs().count == 1)
    }

    /// Whether no log lies beside the file, and the header says that the file needs none.
    private func isAlone() throws -> Bool {
        let header = try [UInt8](place.bytes(place.file).prefix(20))
        return try place.files == ["orchestrate.db", "orchestrate.db.lock"] && header.suffix(2) == [1, 1]
    }

    @Test func afterClosingTheFileIsAlone() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        #expect(try place.files.contains("orchestrate.db-wal"))
        try ledger.close()
        #expect(try isAlone())
        #expect(try Ledger(path: place.file, access: .reading).runs().count == 1)
        #expect(try isAlone())
    }

    @Test func eachFireTimeIsClaimedOnce() async throws {
        let times = 0..<Int64(60)
        try place.scheduling().close()
        let file = place.file
        let won = try await withThrowingTaskGroup(of: (Int, Set<RunID>).self) { group in
            for claimer in 0..<2 {
                group.addTask {
                    let ledger = try Ledger(path: file, access: .writing())
                    var won: Set<RunID> = []
                    for second in claimer == 0 ? Array(times) : times.reversed() {
                        var run = run("a", second)
                        run.instance = "\(claimer)"
                        if try ledger.commit([.insert(run)]).isEmpty { won.insert(run.id) }
                    }
                    try ledger.close()
                    return (claimer, won)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let (first, second) = (won[0] ?? [], won[1] ?? [])
        #expect(first.isDisjoint(with: second))
        #expect(first.union(second) == Set(times.map { run("a", $0).id }))
        let runs = try Ledger(path: file, access: .reading).runs()
        #expect(runs.count == times.count)
        #expect(runs.allSatisfy { ($0.instance == "0") == first.contains($0.id) })
    }

    @Test func severalMayOpenANewLedgerAtOnce() async throws {
        let file = place.file
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let ledger = try Ledger(path: file, access: .writing())
                    try ledger.commit([.insert(run("job \(number)", 0))])
                }
            }
            try await group.waitForAll()
        }
        #expect(try Ledger(path: file, access: .reading).runs().count == 4)
    }

    @Test func aKilledSchedulerLosesNothingItCommitted() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0)), .cover(job: "a", through: at(0))])
        try ledger.checkpoint()
        var triggered = fullRun("a", 0)
        triggered.claimedAt = at(0)
        try ledger.commit([.update(triggered, at: at(1)), .insert(run("a", 60))])
        let crashed = try place.afterKill()
        #expect(try crashed.files.contains("orchestrate.db-wal"))
        let again = try crashed.scheduling()
        #expect(try again.runs() == [run("a", 60), triggered])
        #expect(try again.load().covered == ledger.load().covered)
        #expect(try again.load().open == ledger.load().open)
        #expect(try again.integrityProblem() == nil)
        try again.close()
        #expect(try crashed.files == ["orchestrate.db", "orchestrate.db.lock"])
    }

    @Test func aTransactionCutInTheMiddleLeavesNothing() throws {
        let ledger = try place.scheduling()
        try ledger.commit([.insert(run("a", 0))])
        let connection = try #require(ledger.openFile?.connection)
        var crashed: Place?
        // Large enough that its pages reach the log before the commit.
        _ = failure {
            try connection.execute("PRAGMA cache_size = 10")
            try connection.transaction(.writing) { () throws(LedgerError) in
                try connection.execute(
                    """
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
                    INSERT INTO label (text) SELECT 'label ' || i FROM n
                    """)
                crashed = try? place.afterKill()
            }
        }
        let copy = try #require(crashed)
        #expect(try copy.bytes(copy.file + "-wal").count > 50_000)
        let again = try copy.scheduling()
        #expect(try again.runs() == [run("a", 0)])
        #expect(try again.openFile?.connection.integer("SELECT count(*) FROM label") == 1)
        #expect(try again.integrityProblem() == nil)
    }
}
