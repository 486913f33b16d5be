import Foundation
import GitLab
import HTTP
import Testing

/// What the environment says about a real GitLab.
private enum LiveGitLab {
    static let environment = ProcessInfo.processInfo.environment

    static var isWanted: Bool {
        let names = ["CI_PIPELINE_TOKEN", "CI_PIPELINE_TOKEN_FILE"]
        return environment["ORCHESTRATE_LIVE_TESTS"] == "1"
            && names.contains { environment[$0]?.isEmpty == false }
    }
}

/// Runs against the real GitLab that the environment names, but only with `ORCHESTRATE_LIVE_TESTS=1` and a token,
/// because the tests create a real pipeline.
@Suite(
    .enabled(if: LiveGitLab.isWanted, "needs ORCHESTRATE_LIVE_TESTS=1 and a token"), .timeLimit(.minutes(60)))
struct LiveTests {
    private func site() throws -> String {
        let directory = NSTemporaryDirectory() + "orchestrate-live-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: directory + "/jobs", withIntermediateDirectories: true)
        let job =
            "scheduler: '@yearly'\npipeline_name: 'orchestrate_live_test'\nvariables: {TEST_PIPELINE: 'true'}\n"
        try job.write(toFile: directory + "/jobs/job.yml", atomically: true, encoding: .utf8)
        return directory
    }

    /// GitLab itself says whether it takes the file, with the defaults of its inputs.
    @Test(.enabled(if: LiveGitLab.environment["CI_PIPELINE_TOKEN"]?.isEmpty == false))
    func gitLabTakesTheCIFile() async throws {
        let environment = LiveGitLab.environment
        let settings = try HTTPTransport.Settings(
            baseURL: environment["CI_API_V4_URL"] ?? "https://gitlab.com/api/v4",
            token: Secret(environment["CI_PIPELINE_TOKEN"] ?? ""), version: "1", environment: environment)
        let transport = try HTTPTransport(settings)
        let client = GitLabClient.onlyReading(
            hiding: { transport.secrets },
            send: { (request) async throws(TransportFailure) in try await transport.send(request) })
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../scheduler-ci.yml").standardizedFileURL
        let answer = try await client.lint(
            project: environment["CI_PROJECT_ID"] ?? "", content: String(contentsOf: file, encoding: .utf8),
            ref: environment["CI_COMMIT_REF_NAME"] ?? "main", dryRun: false)
        #expect(answer.isValid, "\(answer.errors)")
        await transport.shutdown()
    }

    @Test func aTriggeredJobBecomesAPipelineThatIsWatchedToItsEnd() async throws {
        let directory = try site()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let environment = LiveGitLab.environment.merging([
            "MELT_JOBS_HOME": "jobs", "ORCHESTRATE_DB": "ledger.db",
        ]) { $1 }
        let process = try LiveProcess(
            ["trigger", "orchestrate_live_test", "--wait"], in: directory, environment: environment)
        try await process.logs("pipeline created", within: 120)
        // Whether the pipeline succeeds depends on the project. The scheduler only has to see its end.
        let code = try await process.exit(within: 3_000)
        #expect([0, 1].contains(code))
        #expect(
            process.log.contains { $0.contains("run ended") || $0.contains("runs ended") }, "\(process.log)")
    }
}
