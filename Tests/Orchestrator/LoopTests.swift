import Foundation
import Scheduling
import Testing

@testable import Ledger
@testable import Orchestrator

/// The order in which a loop does things, and what it does in idle moments.
@Suite struct LoopTests {
    private let site: LoopSite
    private let surveyed = Message.answer(LoopSite.surveyed, to: 0)

    init() throws { site = try LoopSite() }

    @Test("No POST leaves before its claim is durable")
    func claimsFirst() throws {
        var (loop, ledger) = try site.begin([LoopSite.job("a")])
        _ = loop.step([surveyed])
        ledger.refuseCommits(true)
        site.pass(.seconds(60))
        _ = loop.step([.event(.woke)])
        #expect(site.takePosts().isEmpty)
        #expect(try ledger.runs().isEmpty)
    }

    @Test("A POST whose claim is durable does not wait for the next commit; nothing else leaves before it")
    func postsBeforeTheCommit() throws {
        var (loop, ledger) = try site.begin([LoopSite.job("a"), LoopSite.job("b")]) { $0.maxInFlight = 1 }
        _ = loop.step([surveyed])
        site.pass(.seconds(60))
        _ = loop.step([.event(.woke)])
        let runs = ["a", "b"].map { LoopSite.run($0, minute: 1) }
        #expect(site.takePosts() == [runs[0]])
        let told = site.words.count
        ledger.refuseCommits(true)
        _ = loop.step([.answer(LoopSite.posted(runs[0], pipeline: 7), to: 0)])
        #expect(site.errands.count == 1 && site.takePosts() == [runs[1]])
        #expect(site.words.count == told + 1)
        #expect(site.words.last?.hasPrefix("the scheduler posts nothing") == true)
    }

    @Test("What has been handled is not handled again")
    func onceOnly() throws {
        let job = try LoopSite.job("a")
        var (loop, _) = try site.begin([job])
        site.jobFiles = [job]
        for messages in [[surveyed, .reload], [.event(.woke)], [.event(.woke)]] { _ = loop.step(messages) }
        #expect(site.reads == 1)
        site.jobFiles = nil
        _ = loop.step([.reload])
        #expect(site.reads == 2 && site.words.count { $0.hasPrefix("job files read again") } == 1)
    }

    @Test("What `trigger` posted beside this process is watched")
    func foundElsewhere() throws {
        var (loop, _) = try site.begin([LoopSite.job("a", "0 0 1 1 *")])
        _ = loop.step([surveyed])
        var run = Run(LoopSite.run("a", minute: 0), state: .triggered)
        run.pipeline = Pipeline(id: 70_001, url: "")
        try Ledger(path: site.ledgerPath, access: .writing(project: "7")).commit([.insert(run)])
        _ = loop.step([.event(.woke)])
        site.pass(.seconds(6))
        _ = loop.step([.event(.woke)])
        #expect(site.takeErrands().compactMap(\.looksAt) == [70_001])
    }

    @Test("Runs that ended long ago are forgotten, a thousand at a time, until none is left")
    func prunes() throws {
        let old = LoopSite.start.advanced(by: .seconds(-100 * 86_400))
        let runs = (0..<2_500).map { number in
            let fireTime = old.advanced(by: .seconds(60 * number))
            var run = Run(RunID(job: "old", fireTime: fireTime), state: .failed)
            run.finishedAt = old
            return run
        }
        var (loop, ledger) = try site.begin([LoopSite.job("a", "0 0 1 1 *")], rows: runs)
        _ = loop.step([surveyed])
        site.isIdle = false
        _ = loop.step([.event(.woke)])
        #expect(try ledger.runs().count == 2_500, "there is something else to do")
        site.isIdle = true
        for left in [1_500, 500, 0] {
            #expect(try #require(site.wake) <= site.reading.wall.advanced(by: .seconds(1)))
            site.pass(.seconds(1))
            _ = loop.step([.event(.woke)])
            #expect(try ledger.runs().count == left)
        }
        #expect(try #require(site.wake) > site.reading.wall.advanced(by: .seconds(1)))
    }

    /// Whether the first steps of a loop have moved the WAL into the ledger's file. Each new job is a row.
    private func checkpoints(jobs: Int, isIdle: Bool = true, _ first: String = "0 0 1 1 *") throws -> Bool {
        let site = try LoopSite()
        let jobs = try (0..<jobs).map { try LoopSite.job("job \($0)", $0 == 0 ? first : "0 0 1 1 *") }
        var (loop, _) = try site.begin(jobs)
        let before = try Data(contentsOf: URL(fileURLWithPath: site.ledgerPath))
        site.isIdle = isIdle
        // Fifty milliseconds before the minute.
        site.pass(.milliseconds(59_950))
        _ = loop.step([surveyed])
        for _ in 0..<20 { _ = loop.step([.event(.woke)]) }
        return try Data(contentsOf: URL(fileURLWithPath: site.ledgerPath)) != before
    }

    @Test("The write-ahead log is moved into the file after a thousand rows, in an idle moment")
    func checkpoint() throws {
        #expect(try !checkpoints(jobs: 999))
        #expect(try checkpoints(jobs: 1_000))
        #expect(try !checkpoints(jobs: 1_000, isIdle: false))
        #expect(try !checkpoints(jobs: 1_000, "* * * * *"), "the next fire time is near")
    }

    @Test("As soon as GitLab has been read, the ledger is marked as the latest one")
    func latest() throws {
        var (loop, ledger) = try site.begin([LoopSite.job("a")])
        #expect(try !ledger.load().isLatest)
        _ = loop.step([surveyed])
        #expect(try ledger.load().isLatest)
    }

    @Test("A ledger is whole at the end if nothing is left to be read from GitLab")
    func endings() throws {
        for (pause, surveys, isWhole) in [(0, 0, false), (74, 1, false), (75, 1, false), (75, 2, true)] {
            let site = try LoopSite()
            var (loop, _) = try site.begin([LoopSite.job("a", "0 0 1 1 *")])
            if surveys > 0 { _ = loop.step([surveyed]) }
            site.pass(.seconds(pause))
            _ = loop.step([.event(.woke)])
            #expect(site.takeErrands().count(where: \.surveys) == (pause == 75 ? 1 : 0))
            if surveys > 1 { _ = loop.step([surveyed]) }
            let ending = loop.step([.event(.terminated(signal: "SIGTERM"))])
            #expect(ending?.code == 0 && ending?.ledgerIsWhole == isWhole, "\(pause) s, \(surveys) surveys")
        }
    }
}
