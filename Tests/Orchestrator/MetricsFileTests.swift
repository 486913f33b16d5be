import CivilTime
import Foundation
import Scheduling
import Synchronization
import Testing

@testable import Orchestrator

/// The file that node_exporter reads, on a real disk and in virtual time.
@Suite struct MetricsFileTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "metrics-" + UUID().uuidString

        init() throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
    }

    /// What the file logs.
    private final class Told: Sendable {
        let messages = Mutex<[String]>([])
        var all: [String] { messages.withLock(\.self) }
    }

    private func reading(_ uptime: Double) -> ClockReading {
        ClockReading(wall: MetricsStory.start, uptime: .milliseconds(Int64(uptime * 1_000)))
    }

    private func metrics(open: Int) -> Metrics {
        var metrics = Metrics()
        metrics.openRuns = open
        return metrics
    }

    private func openRuns(_ path: String) throws -> String? {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("orchestrate_open_runs ") }.map { String($0.dropFirst(22)) }
    }

    @Test func `it is written whole, for every user, and nothing else lies beside it`() throws {
        let folder = try Folder()
        let file = MetricsFile(path: folder.path + "/o.prom") { Issue.record("\($0)") }
        file.offer(try MetricsStory.metrics(), at: reading(0))
        file.queue.sync {}
        let written = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/o.prom"))
        #expect(try Array(written) == MetricsStory.metrics().text(at: MetricsStory.start))
        let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/o.prom")[
            .posixPermissions]
        #expect(mode as? Int == 0o644)
        #expect(folder.names == ["o.prom"])
    }

    @Test func `it is written at most every 15 s, and at the end`() throws {
        let folder = try Folder()
        let path = folder.path + "/o.prom"
        let file = MetricsFile(path: path) { Issue.record("\($0)") }
        for (uptime, shown) in [(100.0, "1"), (114.9, "1"), (115, "3"), (129, "3"), (1_000, "5")] {
            let isDue = ["1": 100, "3": 115, "5": 1_000][shown] == uptime
            #expect(file.isDue(at: reading(uptime)) == isDue)
            file.offer(metrics(open: isDue ? Int(shown) ?? 0 : 99), at: reading(uptime))
            file.queue.sync {}
            #expect(try openRuns(path) == shown)
        }
        file.finish(metrics(open: 7), at: reading(1_001), within: .seconds(60))
        #expect(try openRuns(path) == "7")
    }

    @Test func `an error is one line an hour, and ends by itself`() throws {
        let folder = try Folder()
        let path = folder.path + "/later/o.prom"
        let told = Told()
        let file = MetricsFile(path: path) { notice in told.messages.withLock { $0.append(notice.message) } }
        for (uptime, lines) in [(0.0, 1), (20, 1), (3_590, 1), (3_610, 2), (3_630, 2)] {
            file.offer(metrics(open: 1), at: reading(uptime))
            file.queue.sync {}
            #expect(told.all.count == lines)
        }
        #expect(told.all.first == "the metrics file \(path) cannot be written: No such file or directory")
        try FileManager.default.createDirectory(
            atPath: folder.path + "/later", withIntermediateDirectories: true)
        file.offer(metrics(open: 2), at: reading(3_650))
        file.queue.sync {}
        #expect(try openRuns(path) == "2")
        #expect(told.all.count == 2)
    }

    @Test func `what is no regular file stays as it is`() throws {
        let folder = try Folder()
        let told = Told()
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/link", withDestinationPath: folder.path + "/elsewhere")
        #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
        for name in ["link", "pipe", ""] {
            let file = MetricsFile(path: folder.path + "/" + name) { notice in
                told.messages.withLock { $0.append(notice.message) }
            }
            file.offer(Metrics(), at: reading(0))
            file.queue.sync {}
        }
        #expect(told.all.count == 3)
        #expect(told.all.allSatisfy { $0.hasSuffix("cannot be written: it is not a regular file") })
        #expect(folder.names == ["link", "pipe"])
    }

    @Test func `a full disk leaves the last file, and no part of the new one`() throws {
        let folder = try Folder()
        let told = Told()
        let path = folder.path + "/o.prom"
        let file = MetricsFile(path: path) { notice in told.messages.withLock { $0.append(notice.message) } }
        file.offer(metrics(open: 1), at: reading(0))
        file.queue.sync {}
        // A folder of this name cannot be replaced, as a full disk cannot be written.
        let other = "\(path).\(getpid())"
        try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
        file.finish(metrics(open: 2), at: reading(1), within: .seconds(60))
        #expect(told.all.count == 1)
        #expect(try openRuns(path) == "1")
    }
}
