import CivilTime
import Cron
import Foundation
import Testing

/// Asks the binary for fire times around clock shifts, and expects the answer of the module in this process.
/// `make test-release` runs these tests on the static binary that ships, and they find a fault of the optimizer or a
/// build without time zones.
@Suite struct FireTimesTests {
    private static let expressions = [
        "* * * * *", "*/20 * * * *", "30 2 * * *", "5,25,45 0-4 * * *", "0 0 L,15W * *", "15 3 29 2 MON#2,5L",
        "@every 7m",
    ]
    /// Just before a clock shift, where the zone has one; else any time.
    private static let moments = [
        ("America/New_York", "2026-03-08T06:30:00Z"), ("America/New_York", "2026-11-01T04:30:00Z"),
        ("Europe/Berlin", "2351-03-26T00:30:00Z"), ("Australia/Lord_Howe", "2026-10-03T15:00:00Z"),
        ("Pacific/Apia", "2011-12-30T09:30:00Z"), ("America/St_Johns", "2008-11-02T02:00:00Z"),
        ("Africa/Casablanca", "2026-02-15T01:30:00Z"), ("America/New_York", "1883-11-18T16:50:00Z"),
        ("UTC", "1969-12-31T23:50:00Z"), ("Pacific/Chatham", "9999-12-30T00:00:00Z"),
    ]

    private struct FireTime: Equatable {
        let utc: String
        let local: String
    }

    private func shown(_ outcome: Outcome) throws -> [FireTime] {
        try outcome.list().map {
            FireTime(utc: "\($0["fire_time"] ?? "")", local: "\($0["local_time"] ?? "")")
        }
    }

    private func expected(_ schedule: Schedule, after: Instant, _ count: Int) -> [Instant] {
        Array(sequence(first: after) { schedule.next(after: $0) }.dropFirst().prefix(count))
    }

    @Test(arguments: moments)
    func anExpressionFiresAsTheModuleSays(_ zoneName: String, _ from: String) throws {
        let sandbox = try Sandbox()
        let zone = try ZoneDatabase(directory: nil).zone(named: zoneName)
        let after = try #require(Instant(rfc3339: from))
        for text in Self.expressions {
            let schedule = Schedule(try CronExpression(text), in: zone)
            let wanted = expected(schedule, after: after, 40)
            let outcome = try sandbox.run(
                ["next", "--expression", text, "--timezone", zoneName, "--from", from, "--json"]
                    + ["--until", wanted.last?.rfc3339 ?? "9999-12-31T23:59:59Z"])
            #expect(outcome.code == 0, "\(outcome.error)")
            let times = wanted.map { FireTime(utc: $0.rfc3339, local: $0.rfc3339(in: zone)) }
            #expect(try shown(outcome) == times, "\(text) in \(zoneName) from \(from)")
        }
    }

    /// The same for jobs that choose how they meet a shift. One file has all choices.
    @Test(arguments: moments.prefix(8))
    func aJobFiresByItsOwnRule(_ zoneName: String, _ from: String) throws {
        let sandbox = try Sandbox()
        let zone = try ZoneDatabase(directory: nil).zone(named: zoneName)
        let after = try #require(Instant(rfc3339: from))
        var files = ""
        var wanted: [(Instant, String)] = []
        for text in Self.expressions where !text.hasPrefix("@") {
            for gap in ShiftRule.Gap.allCases {
                for overlap in ShiftRule.Overlap.allCases {
                    let name = "job\(files.utf8.count)"
                    files += "---\npipeline_name: \(name)\nscheduler: '\(text)'\ntimezone: \(zoneName)\n"
                    files += "dst: {gap: \(gap.rawValue), overlap: \(overlap.rawValue)}\n"
                    let rule = ShiftRule(gap: gap, overlap: overlap)
                    let schedule = Schedule(try CronExpression(text), in: zone, shifts: rule)
                    let until = after.advanced(by: .seconds(6 * 3_600))
                    wanted += expected(schedule, after: after, 400).prefix { $0 <= until }.map { ($0, name) }
                }
            }
        }
        try sandbox.write(files, to: "rules/jobs.yml")
        let until = after.advanced(by: .seconds(6 * 3_600)).rfc3339
        let outcome = try sandbox.run(
            ["next", "--jobs", "rules", "--from", from, "--until", until, "--json"])
        let found = try outcome.list().map { "\($0["fire_time"] ?? "") \($0["job"] ?? "")" }
        #expect(found.sorted() == wanted.map { "\($0.rfc3339) \($1)" }.sorted())
    }

    @Test func theAnswersAreKnownOnes() throws {
        let outcome = try Sandbox().run(
            ["next", "--expression", "30 2 * * *", "--timezone", "America/New_York", "--json"]
                + ["--from", "2026-03-07T12:00:00Z", "--count", "2"])
        #expect(
            try shown(outcome) == [
                FireTime(utc: "2026-03-08T07:00:00Z", local: "2026-03-08T03:00:00-04:00"),
                FireTime(utc: "2026-03-09T06:30:00Z", local: "2026-03-09T02:30:00-04:00"),
            ])
    }
}
