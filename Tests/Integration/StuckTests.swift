import FakeGitLab
import Foundation
import Testing

/// Runs the built binary when nobody reads its output, and sends signals at any moment of its life.
@Suite(.timeLimit(.minutes(5)))
struct StuckTests {
    /// A full pipe without a reader: a process that writes to it waits forever.
    private final class FullPipe {
        private let pipe = Pipe()
        var writer: FileHandle { pipe.fileHandleForWriting }

        init() {
            let descriptor = writer.fileDescriptor
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
            let chunk = [UInt8](repeating: 0x78, count: 4_096)
            while write(descriptor, chunk, chunk.count) > 0 {}
            _ = fcntl(descriptor, F_SETFL, 0)
        }
    }

    private let job = """
        scheduler: '@every 1s'
        pipeline_name: steady
        overlap: allow
        variables: {FAKE_DURATION: '0.1'}

        """

    /// Waits until GitLab has this many pipelines. The log cannot tell.
    private func pipelines(_ count: Int, of site: Site) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while site.pipelines().count < count {
            try #require(ContinuousClock.now < deadline, "\(site.pipelines().count) of \(count) pipelines")
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test("A log that nobody reads holds up nothing")
    func log() async throws {
        let site = try await Site()
        try site.write(job)
        let full = FullPipe()
        let process = try LiveProcess(
            ["run", "--log-level", "debug"], in: site.directory, environment: site.environment(),
            log: full.writer)
        try await pipelines(4, of: site)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        #expect(try await site.history().count { $0.state == "succeeded" } >= 3)
        withExtendedLifetime(full) {}
    }

    @Test("A second signal ends it at once, also where nobody reads the log")
    func secondSignal() async throws {
        let site = try await Site()
        try site.write(job)
        site.gitlab.withModel { $0.add(.hang(on: .createPipeline, times: nil)) }
        let full = FullPipe()
        let process = try LiveProcess(
            ["run"], in: site.directory, environment: site.environment(), log: full.writer)
        try await Task.sleep(for: .seconds(2))
        process.signal(SIGTERM)
        try await Task.sleep(for: .milliseconds(200))
        process.signal(SIGINT)
        #expect(try await process.exit(within: 2) == 128 + SIGINT)
        withExtendedLifetime(full) {}
    }

    @Test("A dry run whose output nobody reads ends when it is told to")
    func output() async throws {
        let site = try await Site()
        try site.write(job)
        let full = FullPipe()
        let process = try LiveProcess(
            ["run", "--dry-run"], in: site.directory, environment: site.environment(), output: full.writer)
        try await Task.sleep(for: .seconds(1.5))
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        withExtendedLifetime(full) {}
    }

    @Test("A signal at any moment of the start ends it")
    func earlySignals() async throws {
        let site = try await Site()
        try site.write(job)
        for milliseconds in 0..<40 {
            let process = try site.start("run")
            try await Task.sleep(for: .milliseconds(milliseconds))
            process.signal(SIGTERM)
            let code = try await process.exit(within: 8)
            // Until the program listens, the system ends it.
            #expect(code == 0 || code == -SIGTERM, "after \(milliseconds) ms: \(code)")
        }
    }
}
