import CivilTime
import Testing

@testable import Scheduling

/// What the scheduler believes of the machine's clock and GitLab's.
@Suite struct ClocksTests {
    private let noon = Instant.at("12:00")

    @Test("Up to a minute forward, and any way back, is believed at once")
    func smallSteps() {
        var clocks = Clocks()
        #expect(clocks.wasSet(by: .seconds(60)) == .seconds(60))
        #expect(clocks.wasSet(by: .seconds(-86_400)) == .seconds(-86_400))
        #expect(clocks.unproved == .zero && clocks.believed(noon) == noon)
    }

    @Test("More than a minute forward is believed when GitLab's clock is there, too")
    func confirmed() {
        var clocks = Clocks()
        #expect(clocks.wasSet(by: .seconds(3_600)) == .zero)
        #expect(
            clocks.believed(noon + .seconds(3_600)) == noon && clocks.wall(noon) == noon + .seconds(3_600))
        #expect(clocks.heard(nil, at: noon) == .zero, "an answer without a date confirms nothing")
        #expect(clocks.heard(noon + .seconds(3_539), at: noon) == .zero, "61 s apart")
        #expect(clocks.contradiction == .seconds(61))
        #expect(clocks.heard(noon + .seconds(3_540), at: noon) == .seconds(3_600), "60 s apart")
        #expect(clocks.unproved == .zero && clocks.ahead == .seconds(-60) && clocks.contradiction == nil)
    }

    @Test("GitLab's clock as it is known already may confirm a step")
    func confirmedBefore() {
        var clocks = Clocks()
        _ = clocks.heard(noon + .seconds(3_600), at: noon)
        #expect(clocks.contradiction == .seconds(-3_600), "an hour behind")
        #expect(clocks.wasSet(by: .seconds(3_600)) == .seconds(3_600))
        #expect(clocks.contradiction == nil && clocks.ahead == .zero)
    }

    @Test("A clock that was ahead for a while and is right again has never been believed")
    func thereAndBack() {
        var clocks = Clocks()
        _ = clocks.heard(noon, at: noon)
        for step in [Duration.seconds(3_600), .seconds(30 * 86_400), .seconds(3_650 * 86_400)] {
            #expect(clocks.wasSet(by: step) == .zero)
            #expect(clocks.contradiction == step)
            #expect(clocks.wasSet(by: .zero - step) == .zero && clocks.contradiction == nil)
        }
        _ = clocks.wasSet(by: .seconds(3_600))
        #expect(clocks.wasSet(by: .seconds(-4_000)) == .seconds(-400), "what goes back further is")
        _ = clocks.wasSet(by: .seconds(3_600))
        #expect(clocks.wasSet(by: .seconds(-3_550)) == .seconds(50), "so is what is left, up to a minute")
    }

    @Test("The present is the later of the two clocks")
    func present() {
        var clocks = Clocks()
        #expect(clocks.latestPresent(at: noon) == nil, "GitLab has not answered")
        _ = clocks.heard(nil, at: noon)
        #expect(clocks.latestPresent(at: noon) == noon + .seconds(60))
        _ = clocks.heard(noon + .seconds(600), at: noon)
        #expect(clocks.latestPresent(at: noon) == noon + .seconds(660))
        _ = clocks.heard(noon - .seconds(600), at: noon)
        #expect(clocks.latestPresent(at: noon) == noon)
    }

    @Test(
        "A list begins by GitLab's clock, and where that is hours ahead, an hour before the own one: it may be ahead, too"
    )
    func lists() {
        var clocks = Clocks()
        #expect(clocks.listStart(noon) == noon - .seconds(3_600))
        _ = clocks.heard(noon + .seconds(50), at: noon)
        #expect(clocks.listStart(noon) == noon - .seconds(10))
        for wrong in [3_601, 86_400 - 1_476, 315_360_000] {
            _ = clocks.heard(noon + .seconds(wrong), at: noon)
            #expect(clocks.listStart(noon) == noon - .seconds(3_600), "such a date hides no pipeline")
        }
        _ = clocks.heard(noon - .seconds(3_600), at: noon)
        #expect(clocks.listStart(noon) == noon - .seconds(3_660))
    }
}
