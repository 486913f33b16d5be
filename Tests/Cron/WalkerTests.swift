import Foundation
import Testing

@testable import Cron

/// Random expressions against the evaluator that looks at every minute.
@Suite struct WalkerTests {
    /// Compares all fire times in a window with the walker's, and the answer from random moments in it.
    private func compare(
        _ expression: RandomExpression, _ zone: Zone, _ window: Range<Int>, _ walker: Walker,
        _ random: inout Seeded
    ) throws {
        let schedule = Schedule(try CronExpression(expression.text), in: zone)
        let inner = window.lowerBound + 86_400..<window.upperBound - 86_400
        let expected = walker.fires(of: expression).filter { inner.contains($0) }
        let start = Instant(seconds: Int64(inner.lowerBound - 1))
        let end = Instant(seconds: Int64(inner.upperBound - 1))
        let note: Comment = "\(expression.text) in \(zone) after \(start.rfc3339), SEED=\(Suite.seed)"
        try #require(schedule.fires(after: start, through: end).map { Int($0.seconds) } == expected, note)

        for _ in 0..<4 {
            let moment = Int.random(in: inner, using: &random)
            guard let following = expected.first(where: { $0 > moment }) else { continue }
            let answer = schedule.next(after: Instant(microseconds: Int64(moment) * 1_000_000 + 999_999))
            #expect(answer.map { Int($0.seconds) } == following, "\(note), from \(moment)")
        }
    }

    /// The offsets come from Foundation here, so that nothing but the expression is ours.
    @Test func `quick: random expressions around shifts of a few zones`() throws {
        var random = Seeded(Suite.seed)
        for name in Suite.settledZones {
            let zone = try Suite.database.zone(named: name)
            let reference = try #require(TimeZone(identifier: name))
            let shifts = zone.rules?.transitions.filter { Suite.settledTime.contains($0) } ?? []
            for _ in 0..<3 {
                let center = shifts.randomElement(using: &random) ?? 1_500_000_000
                let window = center - 2 * 86_400..<center + 2 * 86_400
                let walker = Walker(window) {
                    reference.secondsFromGMT(for: Date(timeIntervalSince1970: Double($0)))
                }
                for _ in 0..<5 {
                    try compare(RandomExpression(using: &random), zone, window, walker, &random)
                }
            }
        }
    }

    @Test func `quick: random expressions over years in UTC`() throws {
        var random = Seeded(Suite.seed &+ 1)
        for _ in 0..<20 {
            let start = Int.random(in: -3_000_000_000..<5_000_000_000, using: &random) / 60 * 60
            let window = start..<start + 40 * 86_400
            let walker = Walker(spans: [
                Walker.Span(start: window.lowerBound, end: window.upperBound, offset: 0)
            ])
            try compare(RandomExpression(using: &random), .utc, window, walker, &random)
        }
    }

    /// One name for each set of rules.
    private static var differentZones: [String] {
        var seen: Set<ZoneRules> = []
        return Suite.database.names.filter { name in
            (try? Suite.database.zone(named: name).rules).map { seen.insert($0).inserted } ?? false
        }
    }

    @Test(.enabled(if: Suite.isFull), arguments: WalkerTests.differentZones)
    func `full: all shifts of all zones, and of the rule after them`(name: String) throws {
        var random = Seeded(name.utf8.reduce(Suite.seed) { $0 &* 31 &+ UInt64($1) })
        let zone = try Suite.database.zone(named: name)
        guard let rules = zone.rules else { return }
        let later = (0..<10).map { _ in Int.random(in: 2_200_000_000..<100_000_000_000, using: &random) }
        let tail = later.map { rules.stretch(containing: $0).end }.filter { $0 < ZoneRules.latest }
        for shift in rules.transitions + tail {
            let window = shift - 30 * 3_600..<shift + 30 * 3_600
            let walker = Walker(window) { zone.offset(at: Instant(seconds: Int64($0))) }
            try compare(RandomExpression(using: &random), zone, window, walker, &random)
        }
    }
}
