import FakeGitLab
import Foundation
import Testing

/// The built binary tells channels on loopback.
@Suite(.timeLimit(.minutes(5)))
struct NoticesTests {
    private let failing = """
        pipeline_name: steady
        scheduler: '@every 1s'
        overlap: allow
        notify: ops
        ping: hc
        variables: {FAKE_DURATION: '0.1', FAKE_FAILURES: '9'}

        """

    private func channels(_ server: TransportServer, of directory: String) -> [String: String] {
        let address = "http://127.0.0.1:\(server.port)/path-that-nobody-may-see"
        return [
            "ORCHESTRATE_NOTIFY_OPS": "json+\(address)", "ORCHESTRATE_NOTIFY_HC": "healthchecks+\(address)",
            "ORCHESTRATE_HEARTBEAT": address, "ORCHESTRATE_METRICS_FILE": "\(directory)/metrics.prom",
            "NO_PROXY": "127.0.0.1",
        ]
    }

    @Test func aFailureIsToldOnceAndPingedEachTimeAndNoAddressIsSeen() async throws {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let server = try await TransportServer([.answer(ok)])
        let site = try await Site()
        try site.write(failing)
        let process = try site.start("run", with: channels(server, of: site.directory))
        try await process.logs("steady", "failed after", times: 3)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        let requests = server.requests
        #expect(requests.count { $0.contains("orchestrate.run.failed") } == 1, "\(requests)")
        #expect(requests.count { $0.contains("/steady/start?rid=") } >= 3)
        #expect(requests.count { $0.contains("/steady/fail?rid=") } >= 2)
        #expect(requests.contains { $0.hasPrefix("GET /path-that-nobody-may-see ") }, "the heartbeat")
        let metrics = try String(contentsOfFile: "\(site.directory)/metrics.prom", encoding: .utf8)
        #expect(metrics.contains(#"orchestrate_runs_total{job="steady",state="failed"} "#))
        try expectNoAddress(in: site, process)
        await server.stop()
    }

    @Test func aChannelThatNeverAnswersDelaysNeitherPipelinesNorTheEnd() async throws {
        let server = try await TransportServer([.silence])
        let site = try await Site()
        try site.write(failing)
        let process = try site.start("run", with: channels(server, of: site.directory))
        try await process.logs("steady", "failed after", times: 4)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        try expectNoAddress(in: site, process)
        // What was not taken waits in the ledger, and the next process sends it.
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        let listening = try await TransportServer([.answer(ok)])
        let next = try site.start("run", with: channels(listening, of: site.directory))
        try await next.logs("scheduling")
        while !listening.requests.contains(where: { $0.contains("orchestrate.run.failed") }) {
            await Task.yield()
        }
        next.signal(SIGTERM)
        #expect(try await next.exit(within: 8) == 0)
        await server.stop()
        await listening.stop()
    }

    private func expectNoAddress(in site: Site, _ process: LiveProcess) throws {
        #expect(!process.log.joined().contains("nobody-may-see"))
        for file in try FileManager.default.subpathsOfDirectory(atPath: site.directory) {
            let path = "\(site.directory)/\(file)"
            guard let data = FileManager.default.contents(atPath: path) else { continue }
            #expect(data.range(of: Data("nobody-may-see".utf8)) == nil, "\(file)")
        }
    }

    @Test func aTestMessageSaysWhetherItArrived() async throws {
        let ok = "HTTP/1.1 204 No Content\r\n\r\n"
        let server = try await TransportServer([
            .answer(ok), .answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
        ])
        let site = try await Site()
        let channels = channels(server, of: site.directory)
        let taken = try await site.run("notify", "OPS", with: channels)
        #expect(taken.code == 0, "\(taken.log)")
        #expect(server.requests.contains { $0.contains("orchestrate.test") })
        let refused = try await site.run("notify", "ops", with: channels)
        #expect(refused.code == 1 && refused.log.contains("ops: HTTP 403"), "\(refused.log)")
        let unknown = try await site.run("notify", "nobody", with: channels)
        #expect(unknown.code == 78 && unknown.log.contains("ORCHESTRATE_NOTIFY_NOBODY is not set"))
        await server.stop()
    }
}
