import Foundation
import Testing

@testable import Cron

/// Our reader of zone files against Foundation's time zones.
@Suite struct ZoneTests {
    /// Seconds at which both are compared: around each shift, and on a grid.
    private func moments(of zone: Zone, from: Int, to: Int, step: Int) -> [Int] {
        var moments = Array(stride(from: from, to: to, by: step))
        guard let rules = zone.rules else { return moments }
        var stretch = rules.stretch(containing: from)
        while stretch.end < to {
            moments += [stretch.end - 1, stretch.end, stretch.end + 1]
            stretch = rules.stretch(after: stretch)
        }
        return moments
    }

    private func compare(_ name: String, from: Int, to: Int, step: Int) throws {
        let zone = try Suite.database.zone(named: name)
        let reference = try #require(TimeZone(identifier: name), "\(name)")
        for second in moments(of: zone, from: from, to: to, step: step) {
            let expected = reference.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            let found = zone.offset(at: Instant(seconds: Int64(second)))
            if found != expected {
                Issue.record(
                    "\(name) at \(Instant(seconds: Int64(second)).rfc3339): \(found), not \(expected)")
                return
            }
        }
    }

    @Test(arguments: Suite.zones)
    func `quick: agrees with Foundation`(name: String) throws {
        try compare(name, from: 0, to: 4_000_000_000, step: 12 * 86_400 + 3_600)
    }

    /// Foundation takes EET for Athens and WET for Lisbon, Debian's files have the rules of the old names.
    @Test(.enabled(if: Suite.isFull), arguments: Suite.database.names.filter { $0 != "EET" && $0 != "WET" })
    func `full: agrees with Foundation`(name: String) throws {
        try compare(name, from: 0, to: 4_102_444_800, step: 32 * 3_600)
    }

    @Test(arguments: [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Etc/GMT-3",
    ])
    func `files with leap seconds say the same`(name: String) throws {
        let plain = try Suite.database.zone(named: name)
        guard let leaping = try? Suite.database.zone(named: "right/\(name)") else { return }
        // Debian lets these files end where the leap seconds are not known yet, in 2026.
        for second in moments(of: plain, from: -3_000_000_000, to: 1_760_000_000, step: 30 * 86_400) {
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
            #expect(next.end > next.start)
            #expect(next.previousOffset == stretch.offset)
            for second in [next.start, next.end - 1] {
                let found = rules.stretch(containing: second)
                #expect(found.offset == next.offset && found.end == next.end && found.index == next.index)
            }
            stretch = next
        }
    }
}
