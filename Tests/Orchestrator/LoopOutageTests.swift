import CSQLite
import Cron
import Foundation
import Scheduling
import Testing

@testable import Ledger
@testable import Orchestrator

/// A ledger that cannot be written for a while, and what the loop does meanwhile.
@Suite struct LoopOutageTests {
    /// What the loop sees and asks for.
    private final class Site {
        var reading = ClockReading(wall: Instant(seconds: 1_795_464_000), uptime: .seconds(1_000))
        var errands: [Errand] = []
        var wake: Instant?
        var words: [String] = []

        var world: Loop.World {
            Loop.World(
                clock: { self.reading }, start: { self.errands.append($0) },
                arm: { wake, _ in self.wake = wake },
                log: { notice, _ in self.words.append(notice.message) }, isIdle: { true }, readJobs: { nil })
        }

        func pass(_ duration: Duration) {
            reading.wall = reading.wall.advanced(by: duration)
            reading.uptime += duration
        }

        func takeErrands() -> [Errand] {
            defer { errands = [] }
            return errands
        }
    }

    private static let start = Instant(seconds: 1_795_464_000)
    private static let nothing = Search(found: [:], isComplete: true, serverTime: nil)
    private let surveyed = Event.surveyed(project: "7", .success(Self.nothing))

    /// A loop on a new ledger, which asks GitLab first what there is.
    private func begin(_ site: Site, in directory: Directory) throws -> (Loop, Ledger) {
        let ledger = try Ledger(
            path: directory.path + "/ledger.db",
            access: .scheduling(instance: "", since: Self.start, project: "7"))
        let job = Job(name: "a", schedule: Schedule(try CronExpression("* * * * *"), in: .utc))
        let settings = Settings(project: "7", ref: "main")
        var loop = try Loop(ledger: ledger, settings: settings, jobs: [job], world: site.world)
        #expect(loop.step([.event(.woke)]) == nil)
        #expect(site.takeErrands().map(\.scheduler) == [0])
        return (loop, ledger)
    }

    private func refuseCommits(of ledger: Ledger, _ refuses: Bool) {
        sqlite3_commit_hook(ledger.openFile?.connection.handle, refuses ? { _ in 1 } : nil, nil)
    }

    @Test func itIsTriedAgainEveryTwoSecondsWhateverArrives() throws {
        let (site, directory) = (Site(), try Directory())
        var (loop, ledger) = try begin(site, in: directory)
        refuseCommits(of: ledger, true)
        for _ in 0..<50 {
            #expect(loop.step([.answer(surveyed, to: 0)]) == nil)
            site.pass(.milliseconds(10))
        }
        #expect(site.errands.isEmpty && site.words.count == 1 && site.words[0].hasPrefix("nothing is posted"))
        #expect(site.wake == Self.start.advanced(by: .seconds(2)))
        site.pass(.milliseconds(1_500))
        _ = loop.step([.event(.woke)])
        #expect(
            site.errands.isEmpty && site.words.count == 1,
            "it cannot be written yet, and that is known already")
        refuseCommits(of: ledger, false)
        site.pass(.seconds(2))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last == "the ledger can be written again, after 4 s")
        #expect(site.takeErrands().map(\.scheduler) == [1])
    }

    @Test func anAnswerToASchedulerThatWasThrownAwayIsForNobody() throws {
        let (site, directory) = (Site(), try Directory())
        var (loop, ledger) = try begin(site, in: directory)
        refuseCommits(of: ledger, true)
        _ = loop.step([.answer(surveyed, to: 0)])
        refuseCommits(of: ledger, false)
        site.pass(.seconds(2))
        _ = loop.step([.answer(surveyed, to: 0)])
        #expect(!site.words.contains { $0.hasPrefix("scheduling") })
        _ = loop.step([.answer(surveyed, to: 1)])
        #expect(site.words.contains { $0.hasPrefix("scheduling") })
    }

    @Test func aStepOfTheWallClockIsToldAndASleepIsNone() throws {
        let (site, directory) = (Site(), try Directory())
        var (loop, _) = try begin(site, in: directory)
        _ = loop.step([.answer(surveyed, to: 0)])
        site.pass(.seconds(3_600))
        _ = loop.step([.event(.woke)])
        #expect(!site.words.contains { $0.contains("clock") })
        site.reading.wall = site.reading.wall.advanced(by: .seconds(-100))
        _ = loop.step([.event(.woke)])
        #expect(site.words.last == "the clock was set back by 100 s")
    }
}

/// A directory that goes when the test is over.
private final class Directory {
    let path: String

    init() throws {
        let made = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
        path = made.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
