import CivilTime
import Testing

@testable import Scheduling

@Suite("Lease: handovers")
struct HandoverLeaseTests {
    private let noon = Instant.at("12:00")

    @Test("The start of the own CI job counts, not that of the process, unless it cannot be right")
    func ownStart() {
        func begin(started: Instant?) -> Instant? {
            var lease = Lease.identified(at: noon)
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
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(51, created: 4)], at: noon + .seconds(10))
        #expect(lease.standing == .handingOver(to: 51, at: .at("12:00:37")))
        #expect(lease.postsUntil(inCI: true, at: .at("12:00:36")) == .at("12:00:37"))
        #expect(lease.postsUntil(inCI: true, at: .at("12:00:37")) == nil)
        lease.passed(to: .at("12:00:37"))
        #expect(lease.standing == .superseded(by: 51, waits: false))
    }

    @Test("Of several successors the first one's start counts; a start before the last proof is wrong")
    func handoverToSeveral() {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(10))
        lease.saw([.number(52, created: 8), .number(51, created: 4)], at: noon + .seconds(10))
        #expect(lease.standing == .handingOver(to: 52, at: .at("12:00:37")))
        lease.asked(at: noon + .seconds(20))
        lease.saw([.number(52, created: 8)], at: noon + .seconds(20))
        #expect(lease.standing == .handingOver(to: 52, at: .at("12:00:41")), "the first one died")
        var other = Instance.number(51, created: 4)
        other.startedAt = noon - .seconds(86_400)
        lease.saw([], at: noon + .seconds(20))
        lease.asked(at: noon + .seconds(21))
        lease.saw([], at: noon + .seconds(21))
        lease.asked(at: noon + .seconds(25))
        lease.saw([other], at: noon + .seconds(25))
        #expect(lease.standing == .handingOver(to: 51, at: .at("12:00:54")))
    }

    @Test(
        "An instance that has not proved anything for a lease gives way at once: others may have come and gone"
    )
    func lapsed() {
        var lease = Lease.identified(at: noon)
        lease.asked(at: noon)
        lease.saw([], at: noon)
        lease.asked(at: noon + .seconds(600))
        lease.saw([.number(52, created: 590)], at: noon + .seconds(600))
        #expect(lease.standing == .superseded(by: 52, waits: false))
    }

    @Test("A successor that goes before the handover, or after it, leaves this one the newest")
    func successorGoes() {
        var lease = Lease.identified(at: noon)
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
            lease.sawFormer([.number(49, created: -600, status: status)], isAll: true, trusted: trusted)
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
        lease.sawFormer(nil, isAll: false, trusted: false)
        lease.asked(at: noon)
        lease.saw([.number(50)], at: noon)
        #expect(lease.standing == .standby(older: nil))
        lease.passed(to: .at("12:00:35"))
        #expect(lease.standing == .newest)
    }
}
