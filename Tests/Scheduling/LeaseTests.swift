import Cron
import Testing

@testable import Scheduling

extension Instance {
    /// Job `id` of the same name and ref, created that many seconds after noon.
    static func number(
        _ id: Int64, created seconds: Int64 = 0, running: Bool = true, status: Status? = nil,
        name: String = "orchestrate", ref: String = "main"
    ) -> Instance {
        let created = Instant.at("12:00") + .seconds(seconds)
        // Instance 50 is the own one: its job starts with its process.
        return Instance(
            id: id, name: name, ref: ref, createdAt: created, startedAt: running && id != 50 ? created : nil,
            status: status ?? (running ? .running : .waiting))
    }
}

@Suite("Lease")
struct LeaseTests {
    private let noon = Instant.at("12:00")

    /// Instance 50, created at noon, with a lease of 30 s, that has just learned who it is.
    private func lease() -> Lease {
        var lease = Lease(instance: 50, length: .seconds(30), started: noon)
        lease.asked(at: noon)
        lease.identified(.number(50))
        lease.asked(at: noon)
        lease.sawFormer([], trusted: false, at: noon)
        return lease
    }

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
        var lease = lease()
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
        lease.clockWentBack(by: .seconds(-3_600))
        #expect(lease.postsUntil(inCI: false, at: noon) != nil)
    }

    @Test("Proof is as old as its question, and holds for one lease")
    func expiry() {
        var lease = lease()
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
        var lease = lease()
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
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([.number(49, created: -60)], at: noon)
        let later = noon + .seconds(seconds)
        lease.asked(at: later)
        lease.saw(olderIsThere ? [.number(49, created: -60)] : [], at: later)
        #expect(lease.standing == (ends ? .newest : .standby(older: 49)))
    }

    @Test("The start of the own CI job counts, not that of the process, unless it cannot be right")
    func ownStart() {
        func begin(started: Instant?) -> Instant? {
            var lease = lease()
            lease.asked(at: noon)
            var own = Instance.number(50)
            own.startedAt = started
            lease.saw([.number(49, created: -60), own], at: noon)
            return lease.nextChange
        }
        #expect(begin(started: noon - .seconds(20)) == .at("12:00:15"))
        #expect(begin(started: nil) == .at("12:00:35"))
        #expect(begin(started: noon - .seconds(7_200)) == .at("12:00:35"))
        #expect(begin(started: noon + .seconds(9)) == .at("12:00:35"))
        #expect(begin(started: noon - .seconds(36)) == nil, "the handover has been")
    }

    @Test("Until the handover the older one needs no proof, and afterwards it has no right")
    func handover() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(51, created: 4)], at: noon + .seconds(10))
        #expect(lease.standing == .handingOver(to: 51, at: .at("12:00:34")))
        #expect(lease.postsUntil(inCI: true, at: .at("12:00:33")) == .at("12:00:34"))
        #expect(lease.postsUntil(inCI: true, at: .at("12:00:34")) == nil)
        lease.passed(to: .at("12:00:34"))
        #expect(lease.standing == .superseded(by: 51, waits: false))
    }

    @Test("Of several successors the first one's start counts; a start before the last proof is wrong")
    func handoverToSeveral() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(52, created: 8), .number(51, created: 4)], at: noon + .seconds(10))
        #expect(lease.standing == .handingOver(to: 52, at: .at("12:00:34")))
        lease.asked(at: noon + .seconds(20))
        lease.saw([.number(52, created: 8)], at: noon + .seconds(20))
        #expect(lease.standing == .handingOver(to: 52, at: .at("12:00:38")), "the first one died")
        var other = Instance.number(51, created: 4)
        other.startedAt = noon - .seconds(86_400)
        lease.saw([], at: noon + .seconds(20))
        lease.asked(at: noon + .seconds(21))
        lease.saw([], at: noon + .seconds(21))
        lease.asked(at: noon + .seconds(25))
        lease.saw([other], at: noon + .seconds(25))
        #expect(lease.standing == .handingOver(to: 51, at: .at("12:00:51")))
    }

    @Test("A successor that goes before the handover, or after it, leaves this one the newest")
    func successorGoes() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        for (seen, gone) in [(10, 20), (30, 90)] as [(Int64, Int64)] {
            lease.asked(at: noon + .seconds(seen))
            lease.saw([.number(51, created: seen)], at: noon + .seconds(seen))
            lease.asked(at: noon + .seconds(gone))
            lease.passed(to: noon + .seconds(gone))
            lease.saw([], at: noon + .seconds(gone))
            #expect(lease.standing == .newest)
            #expect(lease.postsUntil(inCI: true, at: noon + .seconds(gone)) == noon + .seconds(gone + 30))
        }
    }

    @Test("A former instance may have a process after its job was ended for it")
    func lingering() {
        func standing(_ status: Instance.Status, trusted: Bool = false) -> Lease.Standing {
            var lease = Lease(instance: 50, length: .seconds(30), started: noon)
            lease.asked(at: noon)
            lease.identified(.number(50))
            lease.asked(at: noon)
            lease.sawFormer([.number(49, created: -600, status: status)], trusted: trusted, at: noon)
            lease.asked(at: noon)
            lease.saw([.number(50)], at: noon)
            return lease.standing
        }
        #expect(standing(.over(isSuccess: true, at: noon - .seconds(2))) == .newest)
        #expect(standing(.over(isSuccess: false, at: noon - .seconds(2))) == .standby(older: 49))
        #expect(standing(.over(isSuccess: false, at: noon - .seconds(200))) == .newest)
        #expect(standing(.over(isSuccess: false, at: noon - .seconds(2)), trusted: true) == .newest)
        #expect(standing(.ending) == .standby(older: 49))
        #expect(standing(.idle) == .newest)
    }

    @Test("Who came before cannot be known: better to wait")
    func formerUnknown() {
        var lease = Lease(instance: 50, length: .seconds(30), started: noon)
        lease.asked(at: noon)
        lease.identified(.number(50))
        lease.asked(at: noon)
        lease.sawFormer(nil, trusted: false, at: noon)
        lease.asked(at: noon)
        lease.saw([.number(50)], at: noon)
        #expect(lease.standing == .standby(older: nil))
        lease.passed(to: .at("12:00:35"))
        #expect(lease.standing == .newest)
    }

    @Test("The newest does not stand by again when an older one shows up late")
    func noWayBack() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(49, created: -60)], at: noon + .seconds(10))
        #expect(lease.standing == .newest)
    }

    @Test("After the clock was set back nothing is posted until the next proof")
    func clockSetBack() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.clockWentBack(by: .seconds(-3_600))
        let earlier = noon - .seconds(3_600)
        #expect(lease.postsUntil(inCI: true, at: earlier) == nil)
        lease.asked(at: earlier)
        lease.saw([], at: earlier)
        #expect(lease.postsUntil(inCI: true, at: earlier) != nil)
    }

    @Test("A proof from the future is none")
    func proofFromTheFuture() {
        var lease = lease()
        lease.asked(at: noon)
        lease.saw([], at: noon)
        #expect(lease.postsUntil(inCI: true, at: noon - .seconds(1)) == nil)
    }
}
