import FakeGitLab
import Foundation

/// What one test needs: a directory with job files and a ledger, and a simulated GitLab on loopback.
final class Site: Sendable {
    /// A row of `orchestrate history --json`.
    struct Row: Decodable {
        var job: String
        var fireTime: String
        var runId: String
        var state: String
        var reason: String?
        var pipelineId: Int64?
        var pipelineUrl: String?
        var attempts: Int
        var triggeredAt: String?
        var latenessSeconds: Double?
    }

    static let token = "glpat-integration-secret"

    let directory: String
    let gitlab: FakeGitLabServer
    let port: Int

    init(_ settings: FakeSettings = FakeSettings()) async throws {
        var settings = settings
        settings.tokens = [FakeToken(value: Self.token)]
        directory = NSTemporaryDirectory() + "orchestrate-site-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory + "/jobs", withIntermediateDirectories: true)
        gitlab = FakeGitLabServer(FakeGitLab(settings))
        port = try await gitlab.start()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String, to name: String = "jobs/job.yml") throws {
        try text.write(toFile: directory + "/" + name, atomically: true, encoding: .utf8)
    }

    /// Short intervals, so that a test takes seconds.
    func environment(_ more: [String: String] = [:]) -> [String: String] {
        [
            "MELT_JOBS_HOME": "jobs", "CI_PIPELINE_TOKEN": Self.token, "CI_COMMIT_REF_NAME": "main",
            "CI_PROJECT_ID": "4242", "CI_JOB_ID": "", "CI_API_V4_URL": "http://127.0.0.1:\(port)/api/v4",
            "ORCHESTRATE_DB": "ledger.db", "ORCHESTRATE_WATCH_SECONDS": "0.1",
            "ORCHESTRATE_POLL_SECONDS": "0.2", "ORCHESTRATE_SETTLE_SECONDS": "1.5",
            "ORCHESTRATE_RATE_PER_MINUTE": "0", "NO_COLOR": "1",
        ].merging(more) { $1 }
    }

    func start(_ arguments: String..., with more: [String: String] = [:]) throws -> LiveProcess {
        try LiveProcess(arguments, in: directory, environment: environment(more))
    }

    /// Runs a command to its end.
    func run(_ arguments: String..., with more: [String: String] = [:]) async throws -> (
        code: Int32, output: String, log: String
    ) {
        let process = try LiveProcess(arguments, in: directory, environment: environment(more))
        let code = try await process.exit(within: 60)
        return (code, process.output, process.log.joined(separator: "\n"))
    }

    /// The whole ledger, newest fire time first.
    func history(_ ledger: String = "ledger.db") async throws -> [Row] {
        let answer = try await run("history", "--json", "--limit", "100000", "--db", ledger)
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode([Row].self, from: Data(answer.output.utf8))
    }

    /// GitLab's pipelines, by the run to which they belong.
    func pipelines() -> [String: [FakePipeline]] {
        gitlab.withModel { Dictionary(grouping: $0.pipelines) { $0.runID ?? "" } }
    }
}
