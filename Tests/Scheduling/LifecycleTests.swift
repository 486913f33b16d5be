import Testing

@testable import Scheduling

@Suite("Lifecycle and Survey")
struct LifecycleTests {
    @Test("A process starts once, and takes up the ledger's open runs once")
    func start() {
        var lifecycle = Lifecycle()
        #expect(lifecycle.phase == .standby)
        expect(lifecycle.start() && !lifecycle.start())
        lifecycle.enter(.surveying)
        expect(!lifecycle.hasResumed && lifecycle.schedule() && lifecycle.hasResumed)
        lifecycle.enter(.draining)
        expect(!lifecycle.isEnding && !lifecycle.schedule() && lifecycle.phase == .scheduling)
    }

    @Test(arguments: [
        (Phase.standby, false), (.surveying, false), (.scheduling, false), (.draining, false),
        (.ending, true), (.over, true),
    ])
    func ending(_ phase: Phase, isEnding: Bool) {
        var lifecycle = Lifecycle()
        lifecycle.enter(phase)
        #expect(lifecycle.isEnding == isEnding)
    }

    @Test("What GitLab was asked to do is counted until it has answered")
    func acts() {
        var lifecycle = Lifecycle()
        lifecycle.sent(acts: 2)
        lifecycle.actAnswered()
        #expect(lifecycle.actsUnderWay == 1)
        lifecycle.actAnswered()
        lifecycle.actAnswered()
        #expect(lifecycle.actsUnderWay == 0, "an answer to an earlier scheduler of this process")
        expect(lifecycle.successionFailed() == 1 && lifecycle.successionFailed() == 2)
    }

    @Test("A run that ended badly makes the exit code", arguments: RunState.allCases.filter { !$0.isOpen })
    func result(_ state: RunState) {
        var lifecycle = Lifecycle()
        #expect(lifecycle.result(openRuns: 0) == (0, "nothing was due"))
        #expect(lifecycle.result(openRuns: 1) == (0, "no run has ended"))
        lifecycle.ended(Run(.run("a", "12:00"), state: .succeeded))
        lifecycle.ended(Run(.run("b", "12:00"), state: state))
        let isGood = state == .succeeded || state == .skipped
        #expect(
            lifecycle.result(openRuns: 0) == (
                isGood ? 0 : 1, isGood ? "2 runs ended well" : "2 runs ended, 1 of them badly"
            ))
    }

    @Test("A survey is over with its last project, and whole where nothing was left out")
    func projects() {
        var survey = Survey()
        #expect(survey.isWhole)
        survey.begin(["7", "8"])
        #expect(!survey.isWhole && survey.isPending("7") && !survey.isPending("9"))
        expect(survey.failed("7") == 1 && survey.failed("7") == 2)
        survey.begin(["7", "8"])
        expect(survey.failed("7") == 3, "an outage goes on when the survey begins anew")
        expect(!survey.read("7", isComplete: true) && survey.read("8", isComplete: true))
        #expect(survey.isWhole)
        survey.planSecondLook(at: ["8", "7"])
        #expect(!survey.isWhole && survey.projectsToLookAt == ["7", "8"])
        survey.lookedAgain("7")
        survey.lookedAgain("8", isComplete: true)
        #expect(survey.isWhole)
        var second = Survey()
        second.planSecondLook(at: ["7"])
        second.lookedAgain("7", isComplete: false)
        #expect(!second.isWhole)
        survey.begin(["7"])
        _ = survey.read("7", isComplete: false)
        #expect(!survey.isWhole, "pipelines that were not read stay unknown")
    }

    @Test("What a survey found is written before fire times are decided")
    func found() {
        var survey = Survey()
        let (open, over) = (
            Run(.run("a", "13:00"), state: .triggered), Run(.run("a", "12:00"), state: .failed)
        )
        for run in [open, over] {
            survey.sees(run.id)
            survey.finds(run)
        }
        #expect(survey.hasSeen(over.id) && survey.sightedFireTimes == ["a": [.at("12:00"), .at("13:00")]])
        #expect(survey.isAdopted(open.id) && !survey.isAdopted(over.id))
        expect(!survey.written(), "something else was")
        survey.isWriting()
        expect(survey.written() && !survey.written())
        expect(survey.withdraw(open.id) && !survey.withdraw(open.id))
        expect(survey.end() == 2 && survey.end() == 0)
        #expect(survey.hasSeen(over.id), "the fire times around it may have no rows yet")
        survey.forgetSighted()
        #expect(!survey.hasSeen(over.id) && survey.sightedFireTimes.isEmpty)
    }
}
