import TestSupport
import Testing

@testable import CivilTime
@testable import Cron

/// Compares random expressions with the walker.
@Suite struct WalkerTests {
    /// A pool of expressions, because creating one takes longer than comparing it.
    private static let pool = Result {
        var random = SplitMix(seed: Suite.seed)
        return try (0..<(Suite.isFull ? 5_000 : 500)).map { _ in
            let expression = KnownExpression.random(using: &random)
            return (expression, try CronExpression(expression.text))
        }
    }

    /// Around one shift of a zone: one day on both sides, or some hours for an expression with many times.
    private func compare(_ zone: Zone, _ spans: [Span], _ shift: Int, _ random: inout SplitMix) throws {
        let pool = try WalkerTests.pool.get()
        let (expression, parsed) = pool[Int.random(in: pool.indices, using: &random)]
        let rule = Bool.random(using: &random) ? ShiftRule() : .random(using: &random)
        let reach = expression.times.count < 200 ? 30 * 3_600 : 5 * 1_800
        let window = shift - reach..<shift + reach
        let moments = (0..<4).map { _ in Int.random(in: window, using: &random) }
        let schedule = Schedule(parsed, in: zone, shifts: rule)
        let walker = Walker(spans, around: window)
        if let difference = walker.difference(schedule, expression, in: window, from: moments) {
            Issue.record("\(difference)")
        }
    }

    @Test(arguments: Suite.isFull ? Suite.differentZones : Suite.zones)
    func `all shifts of a zone, with random expressions and rules`(name: String) throws {
        var random = SplitMix(seed: name.utf8.reduce(Suite.seed) { $0 &* 31 &+ UInt64($1) })
        let zone = try Suite.database.zone(named: name)
        let spans = try Zdump.spans(of: name)
        for span in spans.dropFirst() { try compare(zone, spans, span.start, &random) }
    }

    /// Invented zones: shifts of all sizes, at any second, hours or days apart.
    @Test func `zones made up at random`() throws {
        var random = SplitMix(seed: Suite.seed &+ 2)
        let sizes = [1, 60, 1_800, 3_600, 7_199, 10_799, 10_800, 10_801, 10_860, 14_400, 86_400]
        for _ in 0..<(Suite.isFull ? 250 : 40) {
            var spans = [Span(start: 1_699_000_000, end: 1_700_400_000, offset: 0)]
            for _ in 0..<8 {
                let last = spans[spans.count - 1]
                let size = sizes.randomElement(using: &random) ?? 1
                let isForward = last.offset == 0 ? Bool.random(using: &random) : last.offset < 0
                let shift = max(last.start, 1_700_000_000) + Int.random(in: 28_800...200_000, using: &random)
                spans[spans.count - 1].end = shift
                let offset = last.offset + (isForward ? size : -size)
                spans.append(Span(start: shift, end: shift + 400_000, offset: offset))
            }
            let rules = ZoneRules(
                transitions: spans.dropFirst().map(\.start), offsets: spans.map { Int32($0.offset) },
                tail: nil)
            let zone = Zone(name: "Test/Random", rules: rules)
            for span in spans.dropFirst() { try compare(zone, spans, span.start, &random) }
        }
    }

    @Test func `years in UTC, with random expressions`() throws {
        var random = SplitMix(seed: Suite.seed &+ 1)
        for _ in 0..<(Suite.isFull ? 40 : 20) {
            let expression = KnownExpression.random(using: &random)
            let start = Int.random(in: -3_000_000_000..<5_000_000_000, using: &random) / 60 * 60
            let window = start..<start + 40 * 86_400
            let walker = Walker(spans: [Span(start: start - 1, end: window.upperBound + 1, offset: 0)])
            let schedule = Schedule(try CronExpression(expression.text), in: .utc)
            let moments = (0..<4).map { _ in Int.random(in: window, using: &random) }
            if let difference = walker.difference(schedule, expression, in: window, from: moments) {
                Issue.record("\(difference)")
            }
        }
    }
}

extension ShiftRule {
    /// All possible rules.
    static let all = ([nil] + Gap.allCases).flatMap { gap in
        ([nil] + Overlap.allCases).map { ShiftRule(gap: gap, overlap: $0) }
    }

    static func random(using random: inout SplitMix) -> ShiftRule {
        all.randomElement(using: &random) ?? ShiftRule()
    }
}
