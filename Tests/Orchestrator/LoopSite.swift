import CSQLite
import CivilTime
import Cron
import Foundation
import Scheduling
import Testing

@testable import Ledger
@testable import Orchestrator

/// What a loop sees and asks for: clocks, errands, the log, and a ledger in a directory of its own.
final class LoopSite {
    /// 2026-11-23T20:00:00Z.
    static let start = Instant(seconds: 1_795_464_000)

    var reading = ClockReading(wall: LoopSite.start, uptime: .seconds(1_000))
    var errands: [Errand] = []
    var wake: Instant?
    var words: [String] = []
    var isIdle = true
    /// The jobs that the next reading of the job files gives; nil: they have an error.
    var jobFiles: [Job]?
    private(set) var reads = 0
    private let directory: Directory

    init() throws { directory = try Directory() }

    var ledgerPath: String { directory.path + "/ledger.db" }

    var surroundings: Surroundings {
        Surroundings(
            clock: { self.reading }, start: { self.errands.append($0) },
            arm: { wake, _ in self.wake = wake },
            log: { notice, _ in self.words.append(notice.message) }, isIdle: { self.isIdle },
            readJobs: {
                self.reads += 1
                return self.jobFiles
            })
    }

    func pass(_ duration: Duration) {
        reading.wall = reading.wall.advanced(by: duration)
        reading.uptime += duration
    }

    func takeErrands() -> [Errand] {
        defer { errands = [] }
        return errands
    }

    /// The runs to post since the last call.
    func takePosts() -> [RunID] { takeErrands().compactMap(\.posts) }

    /// A loop on a new ledger with these rows. It first asks GitLab which pipelines exist.
    func begin(
        _ jobs: [Job], rows: [Run] = [], _ change: (inout Settings) -> Void = { _ in }
    ) throws -> (Loop, Ledger) {
        let ledger = try Ledger(
            path: ledgerPath, access: .scheduling(instance: "", since: Self.start, project: "7"))
        try ledger.commit(rows.map { .insert($0) })
        var settings = Settings(project: "7", ref: "main")
        settings.mark = .variables
        change(&settings)
        var loop = try Loop(ledger: ledger, settings: settings, jobs: jobs, surroundings: surroundings)
        #expect(loop.step([.event(.woke)]) == nil)
        #expect(takeErrands().map { $0.surveys && $0.scheduler == 0 } == [true])
        return (loop, ledger)
    }

    /// GitLab has no pipelines.
    static let surveyed = Event.surveyed(
        project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil)))

    static func job(_ name: String, _ expression: String = "* * * * *") throws -> Job {
        Job(name: name, schedule: Schedule(try CronExpression(expression), in: .utc))
    }

    /// The fire time this many minutes after the start.
    static func run(_ job: String, minute: Int64) -> RunID {
        RunID(job: job, fireTime: start.advanced(by: .seconds(60 * minute)))
    }

    static func posted(_ run: RunID, pipeline: Int64) -> Event {
        .posted(run, .success(Pipeline(id: pipeline, url: "https://gitlab.test/p/\(pipeline)")))
    }

    /// A directory that is deleted when the test is over.
    private final class Directory {
        let path: String

        init() throws {
            // In memory if possible: every commit waits for the disk, and these tests do not test the disk.
            let memory = "/dev/shm"
            let isUsable = FileManager.default.isWritableFile(atPath: memory)
            let parent = isUsable ? memory : FileManager.default.temporaryDirectory.path
            path = "\(parent)/loop-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }
}

extension Ledger {
    func refuseCommits(_ refuses: Bool) {
        sqlite3_commit_hook(openFile?.connection.handle, refuses ? { _ in 1 } : nil, nil)
    }

    /// Zeroes all pages but the first, and makes SQLite read them again.
    func spoil() throws {
        try checkpoint()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path)).count
        let file = try #require(FileHandle(forWritingAtPath: path))
        try file.seek(toOffset: 4_096)
        try file.write(contentsOf: Data(count: bytes - 4_096))
        try file.close()
        try openFile?.connection.execute("PRAGMA shrink_memory")
    }

    func state(of run: RunID) throws -> RunState? { try self.run(run)?.run.state }
}
