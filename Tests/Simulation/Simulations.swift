import Foundation
import Testing

/// The simulations of a test run: chooses the seeds and runs them on all processors.
enum Simulations {
    private static let environment = ProcessInfo.processInfo.environment

    /// `SEED=7` is that seed alone. `SEEDS=1000` is the number of seeds, and `FROM=5000` the first one.
    static var chosen: [UInt64] {
        if let seed = number("SEED") { return [seed] }
        let first = number("FROM") ?? 1
        let last = first + (number("SEEDS") ?? (isFull ? 1_000 : 16))
        return Array(first..<last)
    }

    /// The seeds in which the simulation kills a process at every point in turn, and the distance between these points.
    /// `SEED=7 CRASH=123` is one point alone.
    static var crashed: (seeds: [UInt64], stride: Int) {
        if let seed = number("SEED") { return ([seed], 1) }
        let count = number("CRASH_SEEDS") ?? (isFull ? 8 : 1)
        return (Array(1..<1 + count), isFull || count > 2 ? 1 : 9)
    }
    static var crash: Int? { number("CRASH").map(Int.init) }

    private static var isFull: Bool { environment["ORCHESTRATE_FULL_TESTS"] == "1" }

    private static func number(_ name: String) -> UInt64? { environment[name].flatMap(UInt64.init) }

    /// One simulation: a scenario, and when its processes die.
    struct Run: Sendable {
        let seed: UInt64
        var kind = Scenario.Kind.whole
        var crash: Int?

        var words: String { "SEED=\(seed)\(crash.map { " CRASH=\($0)" } ?? "")" }
    }

    /// Runs simulations. Records each broken invariant as an issue that tells how to replay it.
    static func live(_ runs: some Sequence<Run>) async throws -> Tally {
        try await withScratchDirectory { directory in
            await withTaskGroup(of: Record?.self) { group in
                var tally = Tally()
                var runs = runs.makeIterator()
                for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                    if let run = runs.next() { group.addTask { record(of: run, in: directory) } }
                }
                for await record in group {
                    if let record { tally.add(record) }
                    if let run = runs.next() { group.addTask { Simulations.record(of: run, in: directory) } }
                }
                return tally
            }
        }
    }

    private static func record(of run: Run, in directory: String) -> Record? {
        do {
            let scenario = try Scenario(seed: run.seed, kind: run.kind)
            let place = "\(directory)/\(run.seed)-\(run.crash ?? 0)"
            defer { try? FileManager.default.removeItem(atPath: place) }
            let simulation = try simulation(
                scenario, in: place, crashes: run.crash.map { .at($0) } ?? scenario.crashes)
            let problems = try Invariants.broken(in: simulation)
            if !problems.isEmpty { Issue.record("\(run.words): \(problems.joined(separator: "\n"))") }
            return simulation.record
        } catch {
            Issue.record("\(run.words): \(error)")
            return nil
        }
    }

    /// Runs a simulation to its end.
    private static func simulation(
        _ scenario: Scenario, in directory: String, crashes: Simulation.Crashes
    ) throws -> Simulation {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let trace: ((String) -> Void)? = environment["TRACE"] == nil ? nil : { print($0) }
        let simulation = Simulation(scenario, directory: directory, crashes: crashes, trace: trace)
        try simulation.run()
        return simulation
    }

    private static func withScratchDirectory<Value>(
        _ body: (String) async throws -> Value
    ) async throws -> Value {
        // In memory, if possible: each commit waits for the disk, and virtual months have many commits.
        let memory = "/dev/shm"
        let place = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        let directory = URL(fileURLWithPath: place).appending(
            path: "orchestrate-simulation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory.path)
    }
}
