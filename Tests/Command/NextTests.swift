import CivilTime
import Cron
import Foundation
import TestSupport
import Testing

/// `next` merges the fire times of many jobs. The test compares this with sorting all of them.
@Suite struct NextTests {
    private static let expressions = [
        "* * * * *", "*/7 * * * *", "0 */3 * * *", "@every 90s", "@every 7m", "30 2 * * *", "0 0 29 2 *",
        "15 9 * * MON",
        "@yearly", "0 12 13 * FRI",
    ]
    private static let zones = ["UTC", "America/New_York", "Australia/Lord_Howe", "Europe/Berlin"]

    /// `SEED=…` repeats one seed.
    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["SEED"].flatMap(UInt64.init).map { [$0] } ?? [1, 2, 3]

    @Test(arguments: seeds)
    func mergesAllJobsInOrderOfTime(_ seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let sandbox = try Sandbox()
        var expected: [(Instant, String)] = []
        let from = Instant(seconds: Int64.random(in: 1_700_000_000...1_900_000_000, using: &random))
        let count = Int.random(in: 1...200, using: &random)
        var files = ""
        for index in 0..<Int.random(in: 1...40, using: &random) {
            let expression = try #require(Self.expressions.randomElement(using: &random))
            let zone = try #require(Self.zones.randomElement(using: &random))
            files += "---\npipeline_name: job\(index)\nscheduler: '\(expression)'\ntimezone: \(zone)\n"
            let schedule = Schedule(
                try CronExpression(expression), in: try ZoneDatabase(directory: nil).zone(named: zone))
            let times = sequence(first: from) { schedule.next(after: $0) }.dropFirst().prefix(count)
            expected += times.map { ($0, "job\(index)") }
        }
        try sandbox.write(files, to: "many/jobs.yml")
        expected.sort { $0 < $1 }
        let outcome = try sandbox.run(
            ["next", "--jobs", "many", "--from", from.rfc3339, "--count", "\(count)", "--json"])
        let shown = try outcome.list().map { "\($0["fire_time"] ?? "") \($0["job"] ?? "")" }
        #expect(shown == expected.prefix(count).map { "\($0.rfc3339) \($1)" }, "SEED=\(seed)")
    }

    @Test func completesTheNamesOfJobs() throws {
        let sandbox = try Sandbox()
        let script = try sandbox.run(["--generate-completion-script", "bash"])
        #expect(script.code == 0)
        #expect(script.out.contains("orchestrate"))
        let words = ["---completion", "next", "--", "positional@0", "2", "0", "orchestrate", "next", ""]
        let names = try sandbox.run(words).out.split(separator: "\n")
        #expect(names == ["example_job", "nightly", "paused", "週報"])
    }
}
