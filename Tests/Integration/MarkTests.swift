import FakeGitLab
import Foundation
import Testing

/// The built binary and a GitLab that forbids pipeline variables, over loopback.
@Suite(.timeLimit(.minutes(5)))
struct MarkTests {
    private static let inputs: Set<String> = [
        "orchestrate_run_id", "orchestrate_job_name", "orchestrate_successor_of", "FAKE_DURATION", "end",
    ]

    private func site(named: Bool = true) async throws -> Site {
        var settings = FakeSettings()
        settings.projects[0].variablesRole = "no_one_allowed"
        settings.projects[0].facts.ciFile?.inputs = Self.inputs
        settings.nameTemplate = named ? "orchestrate $[[ inputs.orchestrate_run_id ]]" : nil
        let site = try await Site(settings)
        try site.write(
            """
            scheduler: '@every 1s'
            pipeline_name: tick
            overlap: allow
            catch_up: all
            variables: {FAKE_DURATION: '0.2'}
            inputs: {end: $ORCHESTRATE_INTERVAL_END}

            """)
        return site
    }

    private func refusals(_ site: Site) -> Int {
        site.gitlab.withModel { ($0.requestCounts[.createPipeline] ?? 0) - $0.pipelines.count }
    }

    @Test("Marks travel as inputs after one refusal; after a kill nothing is lost, doubled or refused again")
    func survivesAKill() async throws {
        let site = try await site()
        let first = try site.start("run")
        try await first.logs("tick", "succeeded", times: 2)
        #expect(first.log.contains { $0.contains("sends run ids as inputs from now on") })
        #expect(refusals(site) == 1)
        first.signal(SIGKILL)
        _ = try await first.exit(within: 8)
        let second = try site.start("run")
        try await second.logs("tick", "succeeded", times: 3, within: 60)
        second.signal(SIGTERM)
        #expect(try await second.exit(within: 8) == 0)
        #expect(refusals(site) == 1)
        let rows = try await site.history()
        for (run, twins) in site.pipelines() {
            #expect(twins.count == 1, "\(run)")
            #expect(twins.allSatisfy { $0.variables.isEmpty && $0.name == "orchestrate \(run)" })
            #expect(twins.first?.variable("end") == rows.first { $0.runId == run }?.fireTime)
        }
        #expect(try await site.run("audit").output.contains("unaccounted: 0"))
        #expect(rows.allSatisfy { $0.state == "succeeded" || $0.state == "triggered" }, "\(rows)")
    }

    @Test("Pipelines that the CI file does not name get their run ids as names, and an error says so once")
    func names() async throws {
        let site = try await site(named: false)
        let process = try site.start("run")
        try await process.logs("tick", "succeeded", times: 3)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        #expect(process.log.count { $0.contains("its name does not show its run id") } == 1)
        let named = site.gitlab.withModel {
            $0.pipelines.filter { $0.name == "orchestrate \($0.runID ?? "")" }
        }
        #expect(named.count >= 3)
    }

    @Test("A kind that is set is the only one that is tried")
    func fixed() async throws {
        let site = try await site()
        let trigger = try await site.run("trigger", "tick", with: ["ORCHESTRATE_MARK": "variables"])
        #expect(trigger.code == 1)
        #expect(trigger.log.contains("ci_pipeline_variables_minimum_override_role"))
        #expect(try await site.run("trigger", "tick", "--wait").code == 0)
    }
}
