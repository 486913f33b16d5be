import Cron
import Foundation
import TestSupport
import Testing

@testable import CivilTime

/// Hostile input: any bytes give an answer or an error, never a trap.
@Suite struct FuzzTests {
    private static let rounds = Suite.isFull ? 30_000 : 1_000

    @Test func `zone files with a few changes`() throws {
        var random = SplitMix(seed: Suite.seed)
        let drafts = [
            ZoneFileDraft(footer: "\nEST5EDT,M3.2.0,M11.1.0\n"), ZoneFileDraft(version: nil),
            ZoneFileDraft(version: "4", leaps: [(100, 1), (200, 2)]),
            ZoneFileDraft(times: [], types: [], footer: "\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n"),
        ].map(\.bytes)
        let files = try ["America/New_York", "Africa/Casablanca"].map {
            try [UInt8](Data(contentsOf: URL(filePath: "/usr/share/zoneinfo").appending(path: $0)))
        }
        let expressions = try ["* * * * *", "30 2 * * *", "*/20 1,2 * * *", "0 0 29 2 *"].map {
            try CronExpression($0)
        }
        for round in 0..<FuzzTests.rounds {
            let bytes = random.mutated((drafts + files).randomElement(using: &random) ?? [])
            guard let rules = try? ZoneFile.rules(in: bytes) else { continue }
            let schedule = Schedule(expressions[round % 4], in: Zone(name: "Test", rules: rules))
            let after = Instant(
                microseconds: Int64.random(in: -70_000_000_000...260_000_000_000, using: &random) * 1_000_000)
            var last = after
            for _ in 0..<4 {
                guard let fire = schedule.next(after: last) else { break }
                #expect(fire > last, "SEED=\(Suite.seed), round \(round)")
                last = fire
            }
        }
    }

    @Test func `timestamps, durations and rules`() {
        var random = SplitMix(seed: Suite.seed)
        for _ in 0..<FuzzTests.rounds {
            let time = random.mutated(Array("2026-03-08T02:30:00.25+01:00".utf8))
            if let found = Instant(rfc3339: String(decoding: time, as: UTF8.self)) {
                #expect(Instant(rfc3339: found.rfc3339) == found, "SEED=\(Suite.seed)")
            }
            let length = random.mutated(Array("1d12h30m9s".utf8))
            if let found = try? Duration(text: String(decoding: length, as: UTF8.self)) {
                #expect((try? Duration(text: found.text)) == found, "SEED=\(Suite.seed)")
            }
            _ = TailRuleParser.parse(random.mutated(Array("<-02>2<-01>,M3.5.0/-1,J300/0".utf8)))
        }
    }
}
