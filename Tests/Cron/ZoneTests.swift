import Foundation
import Testing

@testable import Cron

/// Our reader of zone files against others.
@Suite struct ZoneTests {
    /// Seconds worth a look: around each shift, and on a grid.
    private func moments(of zone: Zone, in range: Range<Int>, step: Int) -> [Int] {
        var moments = Array(stride(from: range.lowerBound, to: range.upperBound, by: step))
        guard let rules = zone.rules else { return moments }
        var stretch = rules.stretch(containing: range.lowerBound)
        while stretch.end < range.upperBound {
            let next = rules.stretch(after: stretch)
            guard next.end > stretch.end else { break }
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

    /// glibc reads the same files: `zdump` prints the second before and the second of every shift, the ones of
    /// the footer's rule included.
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/zdump")))
    func `agrees with glibc on every shift`() throws {
        let names = Suite.isFull ? Suite.database.names : Suite.zones
        let lines = try Zdump.lines(for: names, years: Suite.isFull ? "1850,2150" : "1960,2060")
        #expect(lines.count > 20 * names.count)
        for line in lines {
            let zone = try Suite.database.zone(named: line.zone)
            let found = zone.offset(at: line.moment)
            guard found == line.offset else {
                Issue.record("\(line.zone) at \(line.moment.rfc3339): \(found), not \(line.offset)")
                continue
            }
        }
        // And none that glibc does not have.
        let shown = Dictionary(grouping: lines, by: \.zone).mapValues {
            Set($0.map { Int($0.moment.seconds) })
        }
        for name in names {
            let zone = try Suite.database.zone(named: name)
            let shifts = moments(of: zone, in: -300_000_000..<2_800_000_000, step: 10_000_000_000).dropFirst()
            let extra = shifts.first { shown[name]?.contains($0) != true }
            #expect(extra == nil, "\(name)")
        }
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/GMT-3",
    ])
    func `files with leap seconds say the same`(name: String) throws {
        let plain = try Suite.database.zone(named: name)
        guard let leaping = try? Suite.database.zone(named: "right/\(name)") else { return }
        // Debian lets these files end where the leap seconds are not known yet, in 2026.
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

    /// Walks the stretches of a zone from one end to the other: no hole, no overlap, always forward.
    @Test(arguments: Suite.zones + ["Etc/GMT+5", "EST5EDT"])
    func `stretches meet`(name: String) throws {
        let rules = try #require(Suite.database.zone(named: name).rules)
        var stretch = rules.stretch(containing: ZoneRules.earliest)
        while stretch.end < 20_000_000_000 {
            let next = rules.stretch(after: stretch)
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
