import CivilTime
import Testing

@testable import Scheduling

@Suite("Timers and GitLab's clock")
struct TimersTests {
    private let noon = Instant.at("12:00")

    private func ring(_ timers: inout Timers, at instant: Instant) -> [Timer] {
        timers.advance(to: instant).filter { timers.rings($0) }.map(\.key)
    }

    @Test("A timer rings once, at the earliest instant that was asked for")
    func earliest() {
        var timers = Timers(now: noon)
        timers.set(.lease, at: noon + .seconds(20))
        timers.set(.lease, at: noon + .seconds(10))
        timers.set(.lease, at: noon + .seconds(15))
        expect(ring(&timers, at: noon + .seconds(9)) == [])
        expect(ring(&timers, at: noon + .seconds(10)) == [.lease])
        expect(ring(&timers, at: noon + .seconds(60)) == [], "the other two are stale")
        timers.set(.lease, at: noon + .seconds(70))
        expect(ring(&timers, at: noon + .seconds(70)) == [.lease], "it can be set again")
    }

    @Test("A job's timer may be there several times, and goes with the jobs")
    func jobs() {
        var timers = Timers(now: noon)
        timers.arm(job: 1, at: noon + .seconds(1))
        timers.arm(job: 1, at: noon + .seconds(2))
        expect(ring(&timers, at: noon + .seconds(2)) == [.job(1), .job(1)])
        timers.arm(job: 1, at: noon + .seconds(3))
        timers.set(.end, at: noon + .seconds(3))
        timers.forgetJobs()
        expect(ring(&timers, at: noon + .seconds(3)) == [.end])
        #expect(timers.next == nil)
    }

    @Test("Fire times stay on the clock when it is set; what measures passing time moves with it")
    func clockWasSet() {
        var timers = Timers(now: noon)
        timers.arm(job: 1, at: noon + .seconds(60))
        timers.set(.lease, at: noon + .seconds(60))
        timers.clockWasSet(by: .seconds(-600), to: noon - .seconds(600))
        expect(ring(&timers, at: noon - .seconds(540)) == [.lease])
        expect(ring(&timers, at: noon + .seconds(60)) == [.job(1)])
    }

    @Test("GitLab's clock is known from its answers, and follows when the own one is set")
    func serverClock() {
        var clock = Clocks()
        #expect(!clock.isKnown && clock.there(noon) == noon)
        _ = clock.heard(nil, at: noon)
        #expect(!clock.isKnown, "an answer without a date tells nothing")
        _ = clock.heard(noon + .seconds(7), at: noon)
        #expect(clock.isKnown && clock.ahead == .seconds(7))
        #expect(clock.there(noon) == noon + .seconds(7) && clock.here(noon + .seconds(7)) == noon)
        _ = clock.wasSet(by: .seconds(10))
        #expect(clock.there(noon + .seconds(10)) == noon + .seconds(7))
    }
}
