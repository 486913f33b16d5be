import Testing

@testable import CivilTime

@Suite struct DurationTests {
    /// A text, its seconds, and the printed form.
    @Test(arguments: [
        ("90s", 90, "1m30s"), ("15m", 900, "15m"), ("1h30m", 5_400, "1h30m"), ("24h", 86_400, "1d"),
        ("2d", 172_800, "2d"), ("1d1h1m1s", 90_061, "1d1h1m1s"), ("0", 0, "0s"), ("0s", 0, "0s"),
        ("000h", 0, "0s"),
        ("1H30M", 5_400, "1h30m"), ("007s", 7, "7s"), ("1h0m0s", 3_600, "1h"),
        ("365250d", 31_557_600_000, "365250d"),
    ])
    func `reads and prints`(text: String, seconds: Int, printed: String) throws {
        let duration = try Duration(text: text)
        #expect(duration == .seconds(seconds))
        #expect(duration.text == printed)
        #expect(try Duration(text: printed) == duration)
    }

    @Test(
        arguments: [
            ("", 1, "the duration is empty", nil), ("90", 3, "the unit is missing", "90s"),
            ("h", 1, "'h' is not", nil),
            ("1x", 2, "'x' is not a unit", nil), ("1.5h", 2, "numbers are whole", nil),
            ("-5m", 1, "'-' is not", nil),
            ("1h 30m", 3, "blanks cannot stand inside", "1h30m"), ("1 h", 2, "blanks cannot stand", "1h"),
            ("30m1h", 5, "units come once each", nil), ("1h1h", 4, "units come once each", nil),
            ("365251d", 1, "the duration is longer", nil), ("365250d1s", 8, "the duration is longer", nil),
            ("99999999999999999999s", 1, "the duration is longer", nil),
            ("１s", 1, "'１' is not a number", nil),
            ("5ß", 2, "'ß' is not a unit", nil), ("1h30", 5, "the unit is missing", "1h30s"),
        ] as [(String, Int, String, String?)])
    func `refuses the rest`(text: String, column: Int, message: String, hint: String?) throws {
        let error = try #require(throws: DurationError.self) { try Duration(text: text) }
        #expect(error.column == column)
        #expect(error.message.hasPrefix(message), "\(error.message)")
        #expect(error.hint == hint)
        #expect(error.description.hasPrefix("column \(column): "))
    }

    @Test(arguments: [
        (Duration.milliseconds(1_250), "1.25s"), (.milliseconds(-1_250), "-1.25s"), (.microseconds(3), "0s"),
        (.seconds(-3_600), "-1h"), (.milliseconds(60_001), "1m0.001s"), (.microseconds(-3), "0s"),
        (.seconds(Int64.max), "106751991d4h54.775s"), (.seconds(Int64.min), "-106751991d4h54.775s"),
    ])
    func `prints any duration`(duration: Duration, text: String) {
        #expect(duration.text == text)
    }
}
