import Foundation
import TestSupport
import Testing

@testable import Cron

/// Hostile input: whatever the bytes, an answer or an error, and no trap.
@Suite struct FuzzTests {
    private static let rounds = Suite.isFull ? 30_000 : 1_000

    @Test func `random texts`() throws {
        var random = SplitMix(seed: Suite.seed)
        let alphabet = Array("0123456789*/-,?LW# @~+HSUNMON\t\n'\"é\u{0}eEvVrRyYdDhHmMsS.")
        for _ in 0..<FuzzTests.rounds {
            let length = Int.random(in: 0...30, using: &random)
            check(String((0..<length).map { _ in alphabet.randomElement(using: &random) ?? "*" }))
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func `valid expressions with a few changes`() throws {
        var random = SplitMix(seed: Suite.seed)
        let seeds = AcceptedTests.canonical.map(\.0)
        for round in 0..<FuzzTests.rounds {
            let base =
                round % 2 == 0 ? KnownExpression.random(using: &random).text : seeds[round % seeds.count]
            check(String(decoding: FuzzTests.mutated(Array(base.utf8), &random), as: UTF8.self))
        }
    }

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
            let bytes = FuzzTests.mutated((drafts + files).randomElement(using: &random) ?? [], &random)
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
            let time = FuzzTests.mutated(Array("2026-03-08T02:30:00.25+01:00".utf8), &random)
            if let found = Instant(rfc3339: String(decoding: time, as: UTF8.self)) {
                #expect(Instant(rfc3339: found.rfc3339) == found, "SEED=\(Suite.seed)")
            }
            let length = FuzzTests.mutated(Array("1d12h30m9s".utf8), &random)
            if let found = try? Duration(text: String(decoding: length, as: UTF8.self)) {
                #expect((try? Duration(text: found.text)) == found, "SEED=\(Suite.seed)")
            }
            _ = TailRuleParser.parse(FuzzTests.mutated(Array("<-02>2<-01>,M3.5.0/-1,J300/0".utf8), &random))
        }
    }

    private func check(_ text: String) {
        do {
            let expression = try CronExpression(text)
            let again = try CronExpression(expression.description)
            #expect(again == expression, "\(text.debugDescription), SEED=\(Suite.seed)")
            let start = Instant(seconds: 1_700_000_000)
            let fire = Schedule(expression, in: .utc).next(after: start)
            #expect(fire.map { $0 > start } ?? true, "\(text.debugDescription), SEED=\(Suite.seed)")
        } catch {
            #expect((1...text.count + 1).contains(error.column), "\(text.debugDescription): \(error)")
        }
    }

    /// One to four bytes changed, left out, doubled or put in.
    static func mutated(_ original: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let index = Int.random(in: 0...max(bytes.count - 1, 0), using: &random)
            let other = original.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<5, using: &random) {
            case 0 where !bytes.isEmpty: bytes.remove(at: index)
            case 1: bytes.insert(other, at: min(index, bytes.count))
            case 2 where !bytes.isEmpty: bytes[index] = other
            case 3 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: min(index, bytes.count))
            }
        }
        return bytes
    }
}
