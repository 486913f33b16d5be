import Cron
import Foundation
import Ledger
import Scheduling
import Testing

/// Whole scenarios in virtual time: the real scheduler, the real loop, the real ledger and a simulated GitLab.
///
/// One seed decides everything. `SEED=7 swift test --filter SimulationTests` replays one alone; `SEEDS=1000` runs so many.
@Suite(.serialized, .timeLimit(.minutes(60)))
struct SimulationTests {
    private static let environment = ProcessInfo.processInfo.environment

    private static let seeds: [UInt64] = {
        if let seed = environment["SEED"].flatMap(UInt64.init) { return [seed] }
        let isFull = environment["ORCHESTRATE_FULL_TESTS"] == "1"
        let count = environment["SEEDS"].flatMap(UInt64.init) ?? (isFull ? 200 : 10)
        return Array(1...max(count, 1))
    }()

    @Test(arguments: seeds)
    func everyFireTimeIsAccountedForThroughFaultsAndRestarts(_ seed: UInt64) async throws {
        try await withScratchDirectory { directory in
            let scenario = try await simulate(seed, days: 2, directory: directory)
            try Invariants(scenario).check()
        }
    }

    @Test func aMonthWithRestartsIsAccountedFor() async throws {
        try await withScratchDirectory { directory in
            let scenario = try await simulate(2_026, days: 31, directory: directory)
            try Invariants(scenario).check()
        }
    }

    /// Lives, crashes and restarts until the days are over; then a quiet while, in which everything must settle.
    private func simulate(_ seed: UInt64, days: Int, directory: String) async throws -> Scenario {
        let scenario = try Scenario(seed: seed, days: days, directory: directory)
        var random = scenario.random
        scenario.addFaults()
        let end = scenario.start.advanced(by: .seconds(days * 86_400))
        while scenario.gitlab.now < end {
            _ = try await live(scenario, until: end, &random) { $0.chance(1, in: 2_000) }
            let down = Int.random(in: 0...(random.chance(1, in: 4) ? 20_000 : 30), using: &random)
            scenario.gitlab.now = scenario.gitlab.now.advanced(by: .seconds(down))
        }
        scenario.gitlab.withModel { $0.removeFaults() }
        let quiet = scenario.gitlab.now.advanced(by: .seconds(6 * 3_600))
        _ = try await live(scenario, until: quiet, &random) { _ in false }
        return scenario
    }

    private func live(
        _ scenario: Scenario, until end: Instant, _ random: inout SplitMix,
        crashes: (inout SplitMix) -> Bool
    ) async throws -> Ending? {
        var life = try Life(
            jobs: scenario.jobs, settings: scenario.settings, ledgerPath: scenario.ledgerPath,
            gitlab: scenario.gitlab)
        return try await life.live(until: end, random: &random, crashes: crashes)
    }

    private func withScratchDirectory(_ body: (String) async throws -> Void) async throws {
        // In memory where there is such a place: each commit waits for the disk, and virtual months have many.
        let memory = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        let directory = URL(fileURLWithPath: place).appending(
            path: "orchestrate-simulation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(directory.path)
    }
}
