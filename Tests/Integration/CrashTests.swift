import FakeGitLab
import Foundation
import Testing

/// Kills the built binary at any instant, and damages its ledger between two lives.
@Suite(.timeLimit(.minutes(15)))
struct CrashTests {
    private static let environment = ProcessInfo.processInfo.environment
    /// `CRASHES=300` kills the binary 300 times.
    private static let crashes =
        environment["CRASHES"].flatMap(Int.init) ?? (environment["ORCHESTRATE_FULL_TESTS"] == "1" ? 40 : 10)

    private func site() async throws -> Site {
        var settings = FakeSettings()
        // Pipelines without a name have to be found by their variables.
        settings.nameTemplate = nil
        let site = try await Site(settings)
        let jobs = ["allow", "queue", "skip"].map { overlap in
            """
            scheduler: '@every 1s'
            pipeline_name: \(overlap)
            overlap: \(overlap)
            catch_up: all
            num_retries: 1
            variables: {FAKE_DURATION: '0.3', FAKE_FAILURES: '\(overlap == "allow" ? 1 : 0)'}

            """
        }
        try site.write(jobs.joined(separator: "---\n"))
        return site
    }

    /// Every fire time has its row, no run has two pipelines, and the ledger has each pipeline.
    private func check(_ site: Site, _ what: String) async throws {
        let audit = try await site.run("audit")
        #expect(audit.code == 0 && audit.output.contains("unaccounted: 0"), "\(what): \(audit.output)")
        let rows = Dictionary(uniqueKeysWithValues: try await site.history().map { ($0.runId, $0) })
        for (run, twins) in site.pipelines() {
            let surviving = twins.filter { $0.status != .canceled && $0.status != .canceling }
            #expect(surviving.count <= 1, "\(what): \(run) has pipelines \(surviving.map(\.id))")
            #expect(rows[run] != nil, "\(what): no row for \(run)")
            #expect(twins.contains { $0.id == rows[run]?.pipelineId }, "\(what): \(run)")
        }
        #expect(!rows.values.contains { $0.state == "lost" }, "\(what)")
    }

    /// Runs the binary once more, so that everything settles, and ends it in order.
    private func settle(_ site: Site, _ what: String) async throws -> [String] {
        let process = try site.start("run")
        try await process.logs("allow", "succeeded", times: 3, within: 60)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0, "\(what)")
        return process.log
    }

    @Test func killedAtAnyInstantItLosesAndDoublesNothing() async throws {
        let site = try await site()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<Self.crashes {
            let process = try site.start("run")
            try await Task.sleep(for: .milliseconds(Int.random(in: 5...700, using: &random)))
            process.signal(SIGKILL)
            _ = try await process.exit()
        }
        _ = try await settle(site, "crashes")
        try await check(site, "crashes")
    }

    /// What may happen to a ledger in a cache.
    enum Damage: String, CaseIterable {
        case gone, empty, truncated, garbage, zeroed, flipped, ofAnotherProject, rolledBack

        func inflict(on path: String) throws {
            let file = URL(fileURLWithPath: path)
            var bytes = try Data(contentsOf: file)
            switch self {
            case .gone: return try FileManager.default.removeItem(at: file)
            case .empty: bytes = Data()
            case .truncated: bytes = bytes.prefix(bytes.count / 2)
            case .garbage: bytes = Data((0..<bytes.count).map { _ in UInt8.random(in: 0...255) })
            case .zeroed: bytes.replaceSubrange(4_096..<8_192, with: Data(count: 4_096))
            case .flipped:
                for _ in 0..<64 { bytes[Int.random(in: 100..<bytes.count)] ^= 1 << UInt8.random(in: 0..<8) }
            case .ofAnotherProject, .rolledBack: return
            }
            try bytes.write(to: file)
        }
    }

    @Test(arguments: Damage.allCases)
    func aLedgerThatIsOfNoUseIsRebuiltFromGitLab(_ damage: Damage) async throws {
        let site = try await site()
        let ledger = site.directory + "/ledger.db"
        let other =
            damage == .ofAnotherProject ? ["CI_PROJECT_ID": "4242", "ORCHESTRATE_DB": "other.db"] : [:]
        var process = try site.start("run", with: other)
        try await process.logs("allow", "succeeded", times: 2)
        if damage == .rolledBack {
            process.signal(SIGTERM)
            _ = try await process.exit(within: 8)
            try FileManager.default.copyItem(atPath: ledger, toPath: ledger + ".old")
            process = try site.start("run")
            try await process.logs("allow", "succeeded", times: 2)
        }
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        let before = site.pipelines().count
        switch damage {
        case .rolledBack:
            try FileManager.default.removeItem(atPath: ledger)
            try FileManager.default.moveItem(atPath: ledger + ".old", toPath: ledger)
        case .ofAnotherProject: try await makeLedgerOfAnotherProject(ledger, site)
        default: try damage.inflict(on: ledger)
        }
        // In CI the cache may always restore an old ledger. Outside CI only an operator does that.
        let inCI = damage == .rolledBack
        if inCI { return try await continueInCI(site, before) }
        let log = try await settle(site, damage.rawValue)
        #expect(
            log.contains { $0.contains("warning") && $0.contains("GitLab") }, "\(damage): \(log.prefix(5))")
        #expect(site.pipelines().count > before)
        try await check(site, damage.rawValue)
        guard ![.gone, .empty].contains(damage) else { return }
        let aside = try FileManager.default.contentsOfDirectory(atPath: site.directory).filter {
            $0.hasPrefix("ledger.db.corrupt-") || $0.hasPrefix("ledger.db.project-")
        }
        #expect(!aside.isEmpty, "\(damage): the old file is kept")
    }

    /// A scheduler of project 1, whose GitLab knows no such project. It gets as far as its ledger.
    private func makeLedgerOfAnotherProject(_ path: String, _ site: Site) async throws {
        let process = try site.start("run", "--db", path, with: ["CI_PROJECT_ID": "1"])
        try await process.logs("scheduling")
        process.signal(SIGTERM)
        _ = try await process.exit(within: 8)
    }

    private func continueInCI(_ site: Site, _ before: Int) async throws {
        let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
        let id = try #require(site.gitlab.withModel { $0.startInstance(at: now, status: .running) })
        let process = try site.start("run", with: ["CI_JOB_ID": "\(id)"])
        try await process.logs("allow", "succeeded", times: 3, within: 60)
        process.signal(SIGTERM)
        #expect(try await process.exit(within: 8) == 0)
        #expect(site.pipelines().count > before)
        try await check(site, "rolled back")
    }
}
