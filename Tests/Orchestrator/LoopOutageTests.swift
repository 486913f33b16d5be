import Scheduling
import Testing

@testable import Ledger
@testable import Orchestrator

/// The ledger cannot be written for a while. What does the loop do meanwhile?
@Suite struct LoopOutageTests {
    private let site: LoopSite
    private let surveyed = LoopSite.surveyed

    init() throws { site = try LoopSite() }

    private func begin() throws -> (Loop, Ledger) { try site.begin([LoopSite.job("a")]) }

    @Test func itIsTriedAgainEveryTwoSecondsWhateverArrives() throws {
        var (loop, ledger) = try begin()
        ledger.refuseCommits(true)
        for _ in 0..<50 {
            #expect(loop.step([.answer(surveyed, to: 0)]) == nil)
            site.pass(.milliseconds(10))
        }
        #expect(site.errands.isEmpty && site.words.count == 1)
        #expect(site.words[0].hasPrefix("the scheduler posts nothing"))
        #expect(site.wake == LoopSite.start.advanced(by: .seconds(2)))
        site.pass(.milliseconds(1_500))
        _ = loop.step([.event(.woke)])
        #expect(
            site.errands.isEmpty && site.words.count == 1,
            "it cannot be written yet, and that is known already")
        ledger.refuseCommits(false)
        site.pass(.seconds(2))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last == "the ledger can be written again, after 4 s")
        #expect(site.takeErrands().map(\.scheduler) == [1])
    }

    @Test func anAnswerToASchedulerThatWasThrownAwayIsForNobody() throws {
        var (loop, ledger) = try begin()
        ledger.refuseCommits(true)
        _ = loop.step([.answer(surveyed, to: 0)])
        ledger.refuseCommits(false)
        site.pass(.seconds(2))
        _ = loop.step([.answer(surveyed, to: 0)])
        #expect(!site.words.contains { $0.hasPrefix("scheduling") })
        _ = loop.step([.answer(surveyed, to: 1)])
        #expect(site.words.contains { $0.hasPrefix("scheduling") })
    }

    @Test("What was posted was posted, whichever scheduler asked for it", arguments: [true, false])
    func deeds(isLate: Bool) throws {
        var (loop, ledger) = try begin()
        let first = LoopSite.run("a", minute: 1)
        _ = loop.step([.answer(surveyed, to: 0)])
        site.pass(.seconds(60))
        _ = loop.step([.event(.woke)])
        #expect(site.takePosts() == [first])
        ledger.refuseCommits(true)
        site.pass(.seconds(60))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last?.hasPrefix("the scheduler posts nothing") == true)
        let answer = Message.answer(LoopSite.posted(first, pipeline: 7), to: 0)
        if !isLate { _ = loop.step([answer]) }
        #expect(try ledger.state(of: first) == .claimed)
        ledger.refuseCommits(false)
        site.pass(.seconds(2))
        _ = loop.step(isLate ? [.event(.woke), answer] : [.event(.woke)])
        #expect(try ledger.state(of: first) == .triggered)
        #expect(try ledger.run(first)?.run.pipeline?.id == 7)
        #expect(!site.takePosts().contains(first))
    }

    @Test("Damage that shows during an outage makes way for a new ledger, and posting goes on")
    func damage() throws {
        var (loop, ledger) = try begin()
        _ = loop.step([.answer(surveyed, to: 0)])
        ledger.refuseCommits(true)
        site.pass(.seconds(60))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last?.hasPrefix("the scheduler posts nothing") == true && site.takePosts().isEmpty)
        try ledger.spoil()
        site.pass(.seconds(2))
        #expect(loop.step([.event(.woke)]) == nil)
        #expect(!site.words.contains { $0.contains("orchestrate keeps it as") })
        site.pass(.seconds(2))
        #expect(loop.step([.event(.woke)]) == nil)
        #expect(site.words.contains { $0.contains("orchestrate keeps it as") })
        #expect(site.words.last == "the ledger can be written again, after 4 s")
        #expect(ledger.isNew)
        #expect(site.takeErrands().map { $0.surveys && $0.scheduler == 1 } == [true])
        _ = loop.step([.answer(surveyed, to: 1)])
        site.pass(.seconds(56))
        _ = loop.step([.event(.woke)])
        #expect(site.takePosts() == [LoopSite.run("a", minute: 2)])
    }

    @Test("Who is asked to end in an outage tries once more to write, and ends", arguments: [true, false])
    func end(isMended: Bool) throws {
        var (loop, ledger) = try begin()
        ledger.refuseCommits(true)
        _ = loop.step([.answer(surveyed, to: 0)])
        ledger.refuseCommits(!isMended)
        site.pass(.milliseconds(10))
        let ending = loop.step([.event(.terminated(signal: "SIGTERM"))])
        #expect(ending?.code == (isMended ? 0 : 1))
        #expect(site.words.contains { $0.hasPrefix("ended without the ledger") } == !isMended)
    }

    @Test("Who was asked to end and then finds the ledger unwritable ends, too")
    func endOnFullDisk() throws {
        var (loop, ledger) = try begin()
        _ = loop.step([.answer(surveyed, to: 0)])
        site.pass(.seconds(60))
        ledger.refuseCommits(true)
        let ending = loop.step([.event(.woke), .event(.terminated(signal: "SIGTERM"))])
        #expect(ending?.code == 1)
    }

    @Test("`trigger` puts no ledger aside: it ends")
    func damageBesideAScheduler() throws {
        let id = LoopSite.run("a", minute: 0)
        let ledger = try Ledger(path: site.ledgerPath, access: .writing(project: "7"))
        try ledger.spoil()
        var settings = Settings(project: "7", ref: "main")
        settings.mode = .trigger(id, wait: false)
        var loop = try Loop(
            ledger: ledger, settings: settings, jobs: [LoopSite.job("a")], surroundings: site.surroundings)
        let ending = loop.step([.event(.woke)])
        #expect(ending?.code == 1 && ending?.words.contains("damaged") == true)
        #expect(site.takePosts().isEmpty && ending?.ledgerIsWhole == false)
    }

    @Test("A reload keeps since when the jobs were declared: the next scheduler begins there")
    func declarations() throws {
        let job = try LoopSite.job("a", "10 20 * * *")
        var (loop, ledger) = try site.begin([job])
        site.pass(.seconds(20 * 60))
        site.jobFiles = [job, try LoopSite.job("b", "10 20 * * *")]
        #expect(loop.step([.reload]) == nil)
        ledger.refuseCommits(true)
        _ = loop.step([.answer(surveyed, to: 0)])
        ledger.refuseCommits(false)
        site.pass(.seconds(2))
        _ = loop.step([.event(.woke)])
        _ = loop.step([.answer(surveyed, to: 1)])
        _ = loop.step([.event(.woke)])
        #expect(try ledger.state(of: LoopSite.run("a", minute: 10)) == .claimed)
        #expect(try ledger.state(of: LoopSite.run("b", minute: 10)) == nil)
        #expect(try ledger.coveredThrough("b") == LoopSite.start.advanced(by: .seconds(20 * 60)))
        #expect(site.reads == 1)
    }

    @Test func aStepOfTheWallClockIsToldAndASleepIsNone() throws {
        var (loop, _) = try begin()
        _ = loop.step([.answer(surveyed, to: 0)])
        site.pass(.seconds(3_600))
        _ = loop.step([.event(.woke)])
        #expect(!site.words.contains { $0.contains("clock") })
        site.reading.wall = site.reading.wall.advanced(by: .seconds(-100))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last == "the clock was set back by 100 s")
    }
}
