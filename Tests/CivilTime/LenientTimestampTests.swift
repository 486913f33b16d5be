import CivilTime
import TestSupport
import Testing

/// GitLab's timestamps, and the dates of HTTP.
@Suite struct LenientTimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-15T03:00:00.412Z", 1_768_446_000_412_000),
            ("2026-01-15T03:00:00.4125678Z", 1_768_446_000_412_567),
            ("2026-01-15T05:00:00.000+02:00", 1_768_446_000_000_000),
            ("2026-01-14T23:30:00-0330", 1_768_446_000_000_000),
            ("2026-01-15 03:00:00Z", 1_768_446_000_000_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000), ("2016-12-31T23:59:60Z", 1_483_228_799_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func read(text: String, microseconds: Int64) {
        #expect(Instant(lenient: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-01-15", "2026-01-15T03:00:00", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-15T24:00:00Z", "2026-01-15T03:60:00Z", "2026-01-15T03:00:61Z", "2026-01-15T03:00:00Zx",
        "2026-01-15T03:00:00+24:00", "2026-01-15T03:00:00+2", "-026-01-15T03:00:00Z", "２026-01-15T03:00:00Z",
        "2026-01-15X03:00:00Z", "2026-01-15T03:00:00 UTC",
    ])
    func refused(text: String) {
        #expect(Instant(lenient: text) == nil)
    }

    @Test(
        arguments: [
            ("Thu, 15 Jan 2026 03:01:00 GMT", 1_768_446_060_000_000), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799_000_000), ("Thu, 15 Jan 2026 03:01:00 CET", nil),
            ("Thu, 15 Foo 2026 03:01:00 GMT", nil), ("Thu, 31 Feb 2026 03:01:00 GMT", nil), ("", nil),
            ("Thursday, 15-Jan-26 03:01:00 GMT", nil),
        ] as [(String, Int64?)])
    func http(text: String, microseconds: Int64?) {
        #expect(Instant(httpDate: text)?.microseconds == microseconds)
    }

    @Test(arguments: Seeds.first(3))
    func roundTrip(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<2_000 {
            let milliseconds = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            let text = Instant(microseconds: milliseconds * 1_000).rfc3339Milliseconds
            #expect(
                Instant(lenient: text)?.microseconds == milliseconds * 1_000,
                "\(text) of \(milliseconds)")
        }
        #expect(Instant.distantPast.rfc3339Milliseconds == "0001-01-01T00:00:00.000Z")
        #expect(Instant.distantFuture.rfc3339Milliseconds == "9999-12-31T23:59:59.999Z")
        #expect(Instant(microseconds: -1).rfc3339Milliseconds == "1969-12-31T23:59:59.999Z")
    }
}
