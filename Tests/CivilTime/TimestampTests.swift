import Foundation
import TestSupport
import Testing

@testable import CivilTime

@Suite struct TimestampTests {
    /// A text, its microseconds, and the printed form.
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
        ("2026-03-08T02:30:00Z", 1_772_937_000_000_000, "2026-03-08T02:30:00Z"),
        ("2026-03-08t02:30:00z", 1_772_937_000_000_000, "2026-03-08T02:30:00Z"),
        ("2026-03-08 02:30:00+00:00", 1_772_937_000_000_000, "2026-03-08T02:30:00Z"),
        ("2026-03-08T02:30:00-00:00", 1_772_937_000_000_000, "2026-03-08T02:30:00Z"),
        ("2026-03-08T03:30:00.25+01:00", 1_772_937_000_250_000, "2026-03-08T02:30:00.250Z"),
        ("2026-03-07T21:30:00.000001-05:00", 1_772_937_000_000_001, "2026-03-08T02:30:00.000001Z"),
        ("2026-03-08T02:30:00.1234567890123456789Z", 1_772_937_000_123_456, "2026-03-08T02:30:00.123456Z"),
        ("1969-12-31T23:59:59.999Z", -1_000, "1969-12-31T23:59:59.999Z"),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000, "2024-02-29T00:00:00Z"),
    ])
    func `reads and prints`(text: String, microseconds: Int64, printed: String) throws {
        let found = try instant(text)
        #expect(found.microseconds == microseconds)
        #expect(found.rfc3339 == printed)
        #expect(Instant(rfc3339: printed) == found)
        #expect(Instant(rfc3339: "x\(printed)".dropFirst()) == found)
    }

    @Test(arguments: [
        "", "2026", "2026-03-08", "2026-03-08T02:30:00", "2026-03-08T02:30Z", "2026-3-8T02:30:00Z",
        "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
        "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "+2026-01-01T00:00:00Z", "-2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.5", "2026-01-01T00:00:00+1:00",
        "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Z ",
        " 2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00ZZ", "2026-01-01_00:00:00Z", "２０２６-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
    ])
    func `refuses the rest`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `seconds that no instant has end at the first or the last one`() {
        #expect(Instant(seconds: .min) == .distantPast)
        #expect(Instant(seconds: .max) == .distantFuture)
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant.distantPast.advanced(by: .seconds(-1)) == .distantPast)
        #expect(Instant.distantFuture.advanced(by: .seconds(1)) == .distantFuture)
    }

    @Test func `prints instants that no calendar has`() {
        #expect(Instant.distantPast.rfc3339.hasPrefix("-290308-12-21T19:59:05.224192"))
        #expect(Instant.distantFuture.rfc3339.hasPrefix("+294247-01-10T04:00:54.775807"))
        #expect(Instant(seconds: -62_135_596_801).rfc3339 == "0000-12-31T23:59:59Z")
        #expect(Instant(seconds: 253_402_300_800).rfc3339 == "+10000-01-01T00:00:00Z")
    }

    @Test(arguments: [
        ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00-04:00", "Sun 2026-03-08 03:00"),
        (
            "America/New_York", "2026-03-08T06:59:59.5Z", "2026-03-08T01:59:59.500-05:00",
            "Sun 2026-03-08 01:59:59"
        ),
        ("Asia/Kolkata", "2025-12-31T18:30:00Z", "2026-01-01T00:00:00+05:30", "Thu 2026-01-01 00:00"),
        ("Europe/London", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", "Thu 2026-01-01 00:00"),
        ("UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "Thu 2026-01-01 00:00"),
        // Local mean time has seconds in its offset, which RFC 3339 cannot express.
        ("America/New_York", "1880-01-01T00:00:00Z", "1880-01-01T00:00:00Z", "Wed 1879-12-31 19:03:58"),
    ])
    func `prints local time`(zone: String, utc: String, local: String, wallClock: String) throws {
        let zone = try Suite.database.zone(named: zone)
        let moment = try instant(utc)
        #expect(moment.rfc3339(in: zone) == local)
        #expect(moment.wallClock(in: zone) == wallClock)
        #expect(Instant(rfc3339: local) == moment)
    }

    @Test func `agrees with Foundation on random instants`() throws {
        var random = SplitMix(seed: Suite.seed)
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<500 {
            // Foundation uses the Julian calendar before 1582.
            let seconds = Int64.random(in: -12_000_000_000..<253_402_300_800, using: &random)
            let text = Date(timeIntervalSince1970: Double(seconds)).formatted(style)
            #expect(Instant(seconds: seconds).rfc3339 == text, "SEED=\(Suite.seed)")
            #expect(Instant(rfc3339: text) == Instant(seconds: seconds), "SEED=\(Suite.seed)")
        }
    }

    /// Every day of the calendar, in both directions, compared with a simple count.
    @Test func `dates and day numbers agree`() {
        var (year, month, day) = (1, 1, 1)
        for number in 0..<(Suite.isFull ? 3_652_059 : 400_000) {
            let date = CivilDate(dayNumber: number)
            guard date == CivilDate(year: year, month: month, day: day),
                CivilDate.dayNumber(year: year, month: month, day: day) == number,
                CivilDate.weekday(dayNumber: number) == (number + 1) % 7
            else {
                Issue.record("day \(number) is \(year)-\(month)-\(day), not \(date)")
                return
            }
            day += 1
            if day > NaiveDate.length(month, year) { (month, day) = (month + 1, 1) }
            if month > 12 { (year, month) = (year + 1, 1) }
        }
    }
}
