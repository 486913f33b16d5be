import Foundation
import TestSupport
import Testing

@testable import CivilTime

/// Compares our reader of zone files with others.
@Suite struct ZoneTests {
    /// The seconds to compare: around each shift, and on a grid.
    private func moments(of zone: Zone, in range: Range<Int>, step: Int) -> [Int] {
        var moments = Array(stride(from: range.lowerBound, to: range.upperBound, by: step))
        guard let rules = zone.rules else { return moments }
        var stretch = rules.stretch(containing: range.lowerBound)
        while stretch.end < range.upperBound {
            guard let next = rules.stretch(after: stretch) else { break }
            if next.offset != stretch.offset { moments += [next.start - 1, next.start] }
            stretch = next
        }
        return moments
    }

    @Test(arguments: Suite.settledZones)
    func `agrees with Foundation`(name: String) throws {
        let zone = try Suite.database.zone(named: name)
        let reference = try #require(TimeZone(identifier: name), "\(name)")
        for second in moments(of: zone, in: Suite.settledTime, step: 5 * 86_400 + 3_600) {
            let expected = reference.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            let found = zone.offset(at: Instant(seconds: Int64(second)))
            #expect(found == expected, "\(name) at \(Instant(seconds: Int64(second)).rfc3339)")
        }
    }

    /// The same shifts at the same seconds with the same offsets, including those of the rule after the last one: none
    /// is missing, and none is extra.
    @Test(arguments: Zdump.names)
    func `agrees with the C library on every shift`(name: String) throws {
        let zone = try Suite.database.zone(named: name)
        let expected = try Zdump.spans(of: name)
        let period = try #require(expected.first).start..<(try #require(expected.last)).end
        #expect(zone.spans(in: period) == expected)
        for span in expected {
            for second in [span.start, span.end - 1] {
                let found = zone.offset(at: Instant(seconds: Int64(second)))
                guard found != span.offset else { continue }
                Issue.record(
                    "\(name) at \(Instant(seconds: Int64(second)).rfc3339): \(found), not \(span.offset)")
            }
        }
    }

    @Test func `the C library is asked for many shifts`() throws {
        let counts = try Zdump.names.map { try Zdump.spans(of: $0).count }
        #expect(counts.count >= (Suite.isFull ? 300 : 14))
        #expect(counts.reduce(0, +) > 60 * counts.count)
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/GMT-3",
    ])
    func `files with leap seconds say the same`(name: String) throws {
        let plain = try Suite.database.zone(named: name)
        guard let leaping = try? Suite.database.zone(named: "right/\(name)") else { return }
        // Debian lets these files end in 2026, because later leap seconds are not known yet.
        for second in moments(of: plain, in: -3_000_000_000..<1_760_000_000, step: 30 * 86_400) {
            let moment = Instant(seconds: Int64(second))
            #expect(leaping.offset(at: moment) == plain.offset(at: moment), "\(name) at \(moment.rfc3339)")
        }
    }

    @Test func `zones are equal by name and rules`() throws {
        let other = ZoneDatabase(directory: nil)
        #expect(try other.zone(named: "Asia/Tokyo") == Suite.database.zone(named: "Asia/Tokyo"))
        #expect(try other.zone(named: "Asia/Tokyo") != Suite.database.zone(named: "Asia/Seoul"))
        #expect(try other.zone(named: "UTC") == .utc)
        #expect(Zone.utc.offset(at: .distantFuture) == 0)
    }

    @Test func `an offset is known at every instant`() throws {
        let zone = try Suite.database.zone(named: "America/New_York")
        #expect(zone.offset(at: .distantPast) == -17_762)
        #expect([-18_000, -14_400].contains(zone.offset(at: .distantFuture)))
        #expect(zone.offset(at: try instant("2351-07-01T00:00:00Z")) == -14_400)
        #expect(zone.offset(at: try instant("2351-12-01T00:00:00Z")) == -18_000)
    }

    /// Visits the stretches of a zone from one end to the other: no gap, no overlap, always forward.
    @Test(arguments: Suite.zones + ["Etc/GMT+5", "EST5EDT"])
    func `stretches meet`(name: String) throws {
        let rules = try #require(Suite.database.zone(named: name).rules)
        var stretch = rules.stretch(containing: ZoneRules.earliest)
        while stretch.end < 20_000_000_000 {
            guard let next = rules.stretch(after: stretch) else { break }
            #expect(next.start == stretch.end)
            try #require(next.end > next.start && next.end > stretch.end)
            #expect(next.previousOffset == stretch.offset)
            for second in [next.start, next.end - 1] {
                let found = rules.stretch(containing: second)
                #expect(found.offset == next.offset && found.end == next.end && found.index == next.index)
            }
            stretch = next
        }
    }
}

extension Zone {
    /// The spans with one offset, from the stretches.
    fileprivate func spans(in period: Range<Int>) -> [Span] {
        guard let rules else { return [Span(start: period.lowerBound, end: period.upperBound, offset: 0)] }
        var stretch = rules.stretch(containing: period.lowerBound)
        var spans = [Span(start: period.lowerBound, end: period.upperBound, offset: stretch.offset)]
        while stretch.end < period.upperBound {
            guard let next = rules.stretch(after: stretch) else { break }
            stretch = next
            guard stretch.offset != spans[spans.count - 1].offset else { continue }
            spans[spans.count - 1].end = stretch.start
            spans.append(Span(start: stretch.start, end: period.upperBound, offset: stretch.offset))
        }
        return spans
    }
}
