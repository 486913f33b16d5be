import FakeGitLab
import Foundation
import Testing

/// Two instances of the binary, each in its own CI job of the simulated GitLab.
@Suite(.timeLimit(.minutes(15)))
struct HandoverTests {
    private func instance(_ site: Site, _ status: FakeStatus = .running) throws -> Int64 {
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        return try #require(site.gitlab.withModel { $0.startInstance(at: now, status: status) })
    }

    private func start(_ site: Site, _ id: Int64) throws -> LiveProcess {
        try site.start("run", with: ["CI_JOB_ID": "\(id)", "ORCHESTRATE_DB": "ledger-\(id).db"])
    }

    @Test func theNewerInstanceTakesOverAndTheOlderWaitsForItsPipelines() async throws {
        let site = try await Site()
        try site.write(
            "scheduler: '@every 1s'\npipeline_name: steady\noverlap: allow\ncatch_up: all\nvariables: {FAKE_DURATION: '1.5'}\n"
        )
        let older = try start(site, try instance(site))
        try await older.logs("steady", "pipeline created", times: 2)
        let id = try instance(site)
        let newer = try start(site, id)
        #expect(try await older.exit(within: 20) == 0)
        let end = Int64(Date().timeIntervalSince1970 * 1_000_000)
        site.gitlab.withModel { model in
            for job in model.instances where job.id != id {
                _ = model.setInstance(job.id, to: .success, at: end)
            }
        }
        try await newer.logs("steady", "pipeline created", times: 2)
        newer.signal(SIGTERM)
        #expect(try await newer.exit(within: 8) == 0)
        let pipelines = site.pipelines()
        #expect(
            pipelines.values.allSatisfy { $0.count == 1 }, "\(pipelines.filter { $0.value.count > 1 }.keys)")
        #expect(older.log.contains { $0.contains("newer instance, CI job \(id)") })
        #expect(!older.log.contains { $0.contains("error") })
        try await nothingIsMissing(site, newer: id)
    }

    /// Both ledgers together have each second once. A fire time that waited for the newer instance is less than 10 s
    /// late.
    private func nothingIsMissing(_ site: Site, newer id: Int64) async throws {
        let instances = site.gitlab.withModel { $0.instances.map(\.id) }
        var rows: [Site.Row] = []
        for instance in instances { rows += try await site.history("ledger-\(instance).db") }
        let pipelines = site.pipelines()
        let seconds = Set(
            rows.filter { pipelines[$0.runId] != nil }.compactMap {
                ISO8601DateFormatter().date(from: $0.fireTime)?.timeIntervalSince1970
            }
        ).sorted()
        let gaps = zip(seconds, seconds.dropFirst()).filter { $1 - $0 != 1 }
        #expect(gaps.isEmpty, "\(gaps)")
        let late = try await site.history("ledger-\(id).db").compactMap(\.latenessSeconds).max() ?? 0
        #expect(late < 10, "the handover made a fire time late by \(late) s")
    }

    @Test func aSuccessorThatWaitsForTheResourceLetsTheOlderEndAtOnce() async throws {
        let site = try await Site()
        try site.write(
            "scheduler: '@every 1s'\npipeline_name: slow\noverlap: allow\nvariables: {FAKE_DURATION: '600'}\n"
        )
        let older = try start(site, try instance(site))
        try await older.logs("slow", "pipeline created")
        _ = try instance(site, .waitingForResource)
        #expect(try await older.exit(within: 8) == 0)
    }

    @Test func aStrangerOfAnotherNameChangesNothing() async throws {
        let site = try await Site()
        try site.write("scheduler: '@every 1s'\npipeline_name: steady\noverlap: allow\n")
        let older = try start(site, try instance(site))
        try await older.logs("steady", "pipeline created")
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        _ = site.gitlab.withModel { $0.startInstance(name: "deploy", at: now) }
        try await older.logs("steady", "pipeline created", times: 4)
        older.signal(SIGTERM)
        #expect(try await older.exit(within: 8) == 0)
        #expect(!older.log.contains { $0.contains("newer instance") })
    }

    @Test func aTokenThatMayNotReadTheOwnJobIsAnError() async throws {
        let site = try await Site()
        try site.write("scheduler: '@every 1s'\npipeline_name: steady\n")
        let process = try site.start("run", with: ["CI_JOB_ID": "999999"])
        #expect(try await process.exit(within: 8) == 1)
        #expect(process.log.contains { $0.contains("the scheduler could not read its own CI job") })
    }
}
