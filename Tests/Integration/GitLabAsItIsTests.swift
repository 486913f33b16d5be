import FakeGitLab
import Foundation
import Testing

/// Runs the built binary against the surprises in GitLab's source.
@Suite(.timeLimit(.minutes(5)))
struct GitLabAsItIsTests {
    private func job(_ name: String, _ more: String) -> String {
        "scheduler: '@every 1s'\npipeline_name: '\(name)'\noverlap: allow\n\(more)\n"
    }

    private func stop(_ process: LiveProcess) async throws {
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }

    @Test("A5: a job with the former path of a project goes on, also when that is moved while it runs")
    func movedProject() async throws {
        let site = try await Site()
        site.gitlab.withModel { $0.moveProject(4242, to: "acme/renamed") }
        try site.write(job("moved", "project: acme/cron-demo\nvariables: {FAKE_DURATION: '0.1'}"))
        let process = try site.start("run")
        try await process.logs("moved", "succeeded")
        site.gitlab.withModel { $0.moveProject(4242, to: "group/again") }
        try await process.logs("moved", "succeeded", times: 4)
        try await stop(process)
        let rows = try await site.history()
        #expect(rows.allSatisfy { $0.state == "succeeded" || $0.state == "triggered" }, "\(rows)")
    }

    @Test("A6: what waits for a person is canceled after its timeout, and nothing stays open")
    func blocked() async throws {
        let site = try await Site()
        try site.write(job("gate", "timeout: 1s\nvariables: {FAKE_STATUS: manual}"))
        let process = try site.start("run")
        try await process.logs("gate", "only manual jobs are left")
        try await stop(process)
        let row = try #require(try await site.history().last)
        #expect(row.state == "canceled")
        #expect(row.reason == "timeout: it ran longer than 1 s; only manual jobs are left of it")
    }

    @Test("A7: a fault of GitLab's that passes costs no fire time")
    func passingFault() async throws {
        let site = try await Site()
        site.gitlab.withModel { $0.add(.says(.configurationTimeout)) }
        try site.write("scheduler: '@every 1h'\npipeline_name: once\n")
        let (code, output, log) = try await site.run("trigger", "once")
        #expect(code == 0, "\(output)\n\(log)")
        #expect(log.contains("Request timed out when fetching configuration files."))
        #expect(try await site.history().map(\.state) == ["triggered"])
    }

    @Test("A10: a GitLab that would drop inputs is asked for no pipeline", arguments: ["17.9.8", "17.10.0"])
    func inputs(version: String) async throws {
        var settings = FakeSettings()
        settings.version = version
        let site = try await Site(settings)
        try site.write(job("typed", "inputs: {level: full}"))
        let process = try site.start("run")
        let isTooOld = version == "17.9.8"
        try await process.logs("typed", isTooOld ? "this GitLab is 17.9.8, and knows no inputs" : "created")
        try await stop(process)
        #expect(site.gitlab.withModel { $0.pipelines.isEmpty } == isTooOld)
    }

    @Test("A11: a trigger job whose pipeline failed is retried and named")
    func triggerJob() async throws {
        let site = try await Site()
        try site.write(job("parent", "num_retries: 1\nvariables: {FAKE_DURATION: '0.1', FAKE_CHILD: failed}"))
        let process = try site.start("run")
        try await process.logs("parent", "failed after")
        try await stop(process)
        let row = try #require(try await site.history().last { $0.state == "failed" })
        #expect(row.attempts == 2 && row.reason?.hasPrefix("failed 2 times: work (stage ") == true)
    }
}
