import FakeGitLab
import Foundation
import Testing

/// `orchestrate doctor` over loopback, and what `run` looks at beside its start.
@Suite(.timeLimit(.minutes(5)))
struct DoctorOverLoopbackTests {
    private let job = "scheduler: '@hourly'\npipeline_name: hourly\nvariables: {PASSWORD: hunter2-in-a-job}\n"

    private func verdicts(_ output: String) throws -> [String: String] {
        let answer = try #require(JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
        let checks = try #require(answer["checks"] as? [[String: Any]])
        let pairs = checks.compactMap { check in
            (check["id"] as? String).flatMap { id in (check["verdict"] as? String).map { (id, $0) } }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test func itTellsAFaultAndExitsWithOne() async throws {
        let site = try await Site()
        try site.write(job)
        let good = try await site.run("doctor", "--json", "--strict")
        #expect(good.code == 0, "\(good.output)")
        let found = try verdicts(good.output)
        #expect(found["token"] == "ok" && found["runners"] == "unknown" && found["ci.job"] == "ok")
        site.gitlab.withModel { model in
            model.settings.projects[0].facts.ciFile?.jobs = [.init("other", only: ["other"])]
            model.settings.projects[0].facts.ciFile?.script = "hunter2 in a script"
        }
        let bad = try await site.run("doctor")
        #expect(bad.code == 1 && bad.output.contains("failure  ci.job"), "\(bad.output)")
        #expect(bad.output.contains("try: give a CI job on main the rule"))
        #expect(!(bad.output + bad.log).contains("hunter2") && !bad.output.contains(Site.token))
        #expect(!FileManager.default.fileExists(atPath: site.directory + "/ledger.db"))
        #expect(site.gitlab.withModel { $0.pipelines.isEmpty })
        let missing = try await site.run("doctor", with: ["CI_PROJECT_ID": ""])
        #expect(missing.code == 78 && missing.output.contains("failure  env"), "\(missing.output)")
    }

    @Test func aSchedulerTellsATokenThatEndsSoon() async throws {
        let site = try await Site()
        try site.write(job)
        site.gitlab.withModel { $0.settings.tokens[0].until = "2020-01-01" }
        let process = try site.start("run")
        try await process.logs("doctor: token.expiry", "expired at 2020-01-01T00:00:00Z")
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
    }
}
