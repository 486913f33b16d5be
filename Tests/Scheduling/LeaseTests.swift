import CivilTime
import Testing

@testable import Scheduling

extension Instance {
    /// Job `id` with the same name and ref, created this number of seconds after noon.
    static func number(
        _ id: Int64, created seconds: Int64 = 0, running: Bool = true, status: Status? = nil,
        name: String = "orchestrate", ref: String = "main"
    ) -> Instance {
        let created = Instant.at("12:00") + .seconds(seconds)
        // Instance 50 is the own one. Its job starts with its process.
        return Instance(
            id: id, name: name, ref: ref, createdAt: created, startedAt: running && id != 50 ? created : nil,
            status: status ?? (running ? .running : .waiting))
    }
}

extension Lease {
    /// Instance 50, created at noon, with a lease of 30 s. It has just learned who it is, and that there is no newer
    /// instance.
    static func identified(at now: Instant) -> Lease {
        var lease = Lease(instance: 50, length: .seconds(30), started: now)
        lease.asked(at: now)
        lease.identified(.number(50))
        lease.asked(at: now)
        lease.sawFormer([], isAll: true, trusted: false)
        return lease
    }
}

@Suite("Lease")
struct LeaseTests {
    private let noon = Instant.at("12:00")

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var others: [Instance]
        var expected: Lease.Standing
    }

    @Test(
        "Who wins, as seen at the start",
        arguments: [
            Case(testDescription: "nobody else", others: [], expected: .newest),
            Case(
                testDescription: "newer by creation", others: [.number(40, created: 1)],
                expected: .superseded(by: 40, waits: false)),
            Case(
                testDescription: "newer by id, created together", others: [.number(51)],
                expected: .superseded(by: 51, waits: false)),
            Case(
                testDescription: "a larger id, but created earlier", others: [.number(60, created: -1)],
                expected: .standby(older: 60)),
            Case(
                testDescription: "newer, and waits for a resource",
                others: [.number(51, created: 9, running: false)],
                expected: .superseded(by: 51, waits: true)),
            Case(
                testDescription: "one newer runs, a newer still waits",
                others: [.number(51, created: 1), .number(52, created: 2, running: false)],
                expected: .superseded(by: 52, waits: false)),
            Case(
                testDescription: "several newer: the newest",
                others: [
                    .number(51, created: 1), .number(53, created: 3),
                    .number(52, created: 2),
                ], expected: .superseded(by: 53, waits: false)),
            Case(
                testDescription: "older runs", others: [.number(49, created: -60)],
                expected: .standby(older: 49)),
            Case(
                testDescription: "two older run: the newer of them",
                others: [.number(48, created: -90), .number(49, created: -60)], expected: .standby(older: 49)),
            Case(
                testDescription: "older waits for a resource",
                others: [.number(49, created: -60, running: false)],
                expected: .newest),
            Case(
                testDescription: "older and newer",
                others: [.number(49, created: -60), .number(51, created: 60)],
                expected: .superseded(by: 51, waits: false)),
            Case(
                testDescription: "a stranger by name", others: [.number(51, created: 9, name: "build")],
                expected: .newest),
            Case(
                testDescription: "a stranger by ref", others: [.number(51, created: 9, ref: "develop")],
                expected: .newest),
            Case(testDescription: "itself", others: [.number(50)], expected: .newest),
        ])
    func standing(_ row: Case) {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw(row.others + [.number(50)], at: noon)
        #expect(lease.standing == row.expected)
        #expect((lease.postsUntil(inCI: true, at: noon) != nil) == (row.expected == .newest))
    }

    @Test func nothingIsKnownBeforeTheIdentityIs() {
        var lease = Lease(instance: 50, length: .seconds(30), started: noon)
        #expect(lease.standing == .unidentified && lease.postsUntil(inCI: true, at: noon) == nil)
        lease.asked(at: noon)
        #expect(lease.isAsking)
        lease.saw([], at: noon)
        #expect(lease.standing == .unidentified && !lease.isAsking)
    }

    @Test func outsideCINobodyElseIsThere() {
        var lease = Lease(instance: nil, length: .seconds(30), started: noon)
        #expect(lease.standing == .newest)
        #expect(lease.postsUntil(inCI: false, at: noon + .seconds(1_000_000)) != nil)
        lease.clockWasSet(by: .seconds(-3_600))
        #expect(lease.postsUntil(inCI: false, at: noon) != nil)
    }

    @Test("Proof is as old as its question, and holds for one lease")
    func expiry() {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon + .seconds(8))
        #expect(lease.postsUntil(inCI: true, at: noon + .milliseconds(29_999)) != nil)
        #expect(lease.postsUntil(inCI: true, at: noon + .seconds(30)) == nil)
        lease.asked(at: noon + .seconds(28))
        lease.failed()
        #expect(lease.postsUntil(inCI: true, at: noon + .seconds(30)) == nil, "a failed look proves nothing")
        lease.asked(at: noon + .seconds(40))
        lease.saw([], at: noon + .seconds(41))
        #expect(lease.postsUntil(inCI: true, at: noon + .seconds(69)) != nil)
    }

    @Test func failuresAreCountedUntilAnAnswer() {
        var lease = Lease.identified(at: noon)
        for _ in 0..<3 {
            lease.asked(at: noon)
            lease.failed()
        }
        #expect(lease.failures == 3 && !lease.isAsking)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        #expect(lease.failures == 0)
    }

    @Test(
        "Standing by ends when the older one has gone, or cannot have a lease any more",
        arguments: [
            (10, true, false), (34, true, false), (35, true, true), (10, false, true),
        ])
    func standby(seconds: Int64, olderIsThere: Bool, ends: Bool) {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([.number(49, created: -60)], at: noon)
        let later = noon + .seconds(seconds)
        lease.asked(at: later)
        lease.saw(olderIsThere ? [.number(49, created: -60)] : [], at: later)
        #expect(lease.standing == (ends ? .newest : .standby(older: 49)))
    }

    @Test("The newest does not stand by again when an older one shows up late")
    func noWayBack() {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(49, created: -60)], at: noon + .seconds(10))
        #expect(lease.standing == .newest)
    }

    @Test(
        "A lease is measured in time that passes, whatever the clock is set to",
        arguments: [-3_600, -8, 8, 3_600])
    func clockSet(seconds: Int) {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.clockWasSet(by: .seconds(seconds))
        let now = noon + .seconds(seconds + 10)
        #expect(lease.postsUntil(inCI: true, at: now) == now + .seconds(20))
        #expect(lease.postsUntil(inCI: true, at: now + .seconds(20)) == nil)
    }

    @Test("A proof from the future is none")
    func proofFromTheFuture() {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        #expect(lease.postsUntil(inCI: true, at: noon - .seconds(1)) == nil)
    }
}
