import FakeGitLab
import Foundation
import Testing

/// The built binary, and what stands between it and GitLab.
@Suite(.timeLimit(.minutes(5)))
struct OutsideTests {
    private let job = """
        scheduler: '@every 1s'
        pipeline_name: steady
        overlap: allow
        catch_up: all
        variables: {FAKE_DURATION: '0.1'}

        """

    /// Every second from the first to the last has its run, with one pipeline each.
    private func check(_ site: Site) async throws {
        let rows = try await site.history()
        #expect(rows.allSatisfy { ["succeeded", "triggered", "claimed"].contains($0.state) }, "\(rows)")
        let pipelines = site.pipelines().mapValues {
            $0.count { $0.status != .canceled && $0.status != .canceling }
        }
        #expect(rows.filter { $0.state == "succeeded" }.allSatisfy { pipelines[$0.runId] == 1 })
        #expect(pipelines.values.allSatisfy { $0 == 1 })
        let audit = try await site.run("audit")
        #expect(audit.code == 0, "\(audit.output)")
    }

    @Test("A proxy in the way is an outage: everything is caught up", arguments: [403, 404, 407])
    func proxy(_ status: Int) async throws {
        let site = try await Site()
        try site.write(job)
        let process = try site.start("run")
        try await process.logs("steady", "succeeded")
        site.gitlab.withModel {
            $0.add(FakeFault(effect: .none, reply: .canned(.proxy(status)), times: nil))
        }
        try await process.logs(status == 407 ? "wants a login" : "any proxy or firewall")
        try await Task.sleep(for: .seconds(2))
        site.gitlab.withModel { $0.removeFaults() }
        let count = process.log.count { $0.contains("succeeded") }
        try await process.logs("steady", "succeeded", times: count + 5, within: 60)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        try await check(site)
    }

    @Test("Fire times wait for a good token, which is read from its file again")
    func token() async throws {
        let site = try await Site()
        try site.write(job)
        try site.write("glpat-of-last-year\n", to: "token")
        let process = try site.start(
            "run", with: ["CI_PIPELINE_TOKEN": "", "CI_PIPELINE_TOKEN_FILE": "token"])
        try await process.logs("GitLab does not take the token")
        try await Task.sleep(for: .seconds(2))
        try site.write(Site.token + "\n", to: "token")
        process.signal(SIGHUP)
        try await process.logs("steady", "succeeded", times: 3, within: 60)
        #expect(process.log.count { $0.contains("does not take the token") } == 1)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        try await check(site)
        #expect(!process.log.joined().contains("glpat-"))
    }

    @Test("A run by hand says at once that the token is not good")
    func tokenByHand() async throws {
        let site = try await Site()
        try site.write(job)
        let trigger = try await site.run("trigger", "steady", with: ["CI_PIPELINE_TOKEN": "wrong"])
        #expect(trigger.code == 1 && trigger.log.contains("does not take the token"), "\(trigger.log)")
    }

    @Test("Two schedulers with two ledgers notice each other, and the younger twin is canceled")
    func twoSchedulers() async throws {
        let site = try await Site()
        try site.write(
            """
            scheduler: '@every 2s'
            pipeline_name: steady
            overlap: allow
            variables: {FAKE_DURATION: '4'}

            """)
        let one = try site.start("run")
        let other = try site.start("run", with: ["ORCHESTRATE_DB": "other.db"])
        for process in [one, other] {
            try await process.logs("another scheduler with the same jobs", within: 60)
        }
        let status = try await site.run("status", "--db", "other.db")
        #expect(status.output.contains("Note: another scheduler with the same jobs"), "\(status.output)")
        try await one.logs("steady", "succeeded", times: 3, within: 60)
        for process in [one, other] { process.signal(SIGTERM) }
        for process in [one, other] { #expect(try await process.exit(within: 8) == 0) }
        let over = site.pipelines().filter { $0.value.contains { $0.status == .success } }
        #expect(over.count >= 3 && over.values.allSatisfy { $0.count { $0.status == .success } == 1 })
        #expect(over.values.contains { $0.count == 2 }, "no twins were made: the test proves nothing")
        let audit = try await site.run("audit")
        #expect(audit.code == 0, "\(audit.output)")
    }

    @Test("A ref that is not there is told at the start")
    func missingRef() async throws {
        let site = try await Site()
        try site.write("scheduler: '@yearly'\npipeline_name: lost\nref: no-such-branch\n")
        let process = try site.start("run")
        try await process.logs("error", "no-such-branch", "lost")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }
}
