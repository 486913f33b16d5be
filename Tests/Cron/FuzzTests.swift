import CivilTime
import TestSupport
import Testing

@testable import Cron

/// Hostile input: any bytes give an answer or an error, never a trap.
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
            check(String(decoding: random.mutated(Array(base.utf8)), as: UTF8.self))
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
}
