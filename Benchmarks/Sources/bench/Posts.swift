import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Measures async-http-client alone with the same requests.
struct PostsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "posts", abstract: "Only POSTs, by async-http-client alone.", shouldDisplay: false)

    @Option var port: Int
    @Option var count = 10_000
    @Option var atOnce = 64

    func run() async throws {
        var settings = HTTPClient.Configuration()
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = atOnce
        settings.tracing.tracer = nil
        let client = HTTPClient(configuration: settings)
        // The client opens the connections before the clock starts, as the other contestants do.
        try await post(atOnce * 4, client)
        let clock = ContinuousClock()
        let start = clock.now
        try await post(count, client)
        let (seconds, attoseconds) = (clock.now - start).components
        let spent = Double(seconds) + Double(attoseconds) / 1e18
        print("{\"count\": \(count), \"fires_per_s\": \(Double(count) / spent)}")
        try await client.shutdown()
    }

    private func post(_ count: Int, _ client: HTTPClient) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                if index >= atOnce { try await group.next() }
                group.addTask { try await post(client, index) }
            }
            try await group.waitForAll()
        }
    }

    /// The request that orchestrate sends.
    private func post(_ client: HTTPClient, _ index: Int) async throws {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/api/v4/projects/4242/pipeline")
        request.method = .POST
        request.headers.add(name: "PRIVATE-TOKEN", value: "simulated-token")
        request.headers.add(name: "User-Agent", value: "orchestrate/bench")
        request.headers.add(name: "Accept", value: "application/json")
        request.headers.add(name: "Content-Type", value: "application/json")
        let variables = [
            ("DEPLOY_ENV", "staging"), ("JOB_INDEX", "\(index)"), ("ORCHESTRATE_JOB", "true"),
            ("ORCHESTRATE_JOB_NAME", "job-\(index)"),
            ("ORCHESTRATE_RUN_ID", "job-\(index)@2026-01-01T00:00:00Z"),
            ("ORCHESTRATE_SCHEDULED_AT", "2026-01-01T00:00:00Z"), ("ORCHESTRATE_INSTANCE", ""),
        ]
        let list = variables.map { "{\"key\":\"\($0)\",\"value\":\"\($1)\"}" }.joined(separator: ",")
        request.body = .bytes(ByteBuffer(string: "{\"ref\":\"main\",\"variables\":[\(list)]}"))
        let response = try await client.execute(request, timeout: .seconds(30))
        guard response.status == .created else { throw Missing(description: "answered \(response.status)") }
        _ = try await response.body.collect(upTo: 65_536)
    }
}
