import CivilTime
import Testing

@testable import Cron

/// A megabyte instead of an expression. The parser refuses it because of its length, so it reads and shows only the
/// beginning of any text.
@Suite struct LongInputTests {
    private static let mebibyte = 1 << 20

    private static func filled(_ part: String) -> String {
        String(repeating: part, count: mebibyte / part.utf8.count)
    }

    @Test(arguments: [
        ("0 0 * * ", "9", ""), ("", "0", "1 * * * *"), ("", "0,", "0 * * * *"), ("", ",", " * * * *"),
        ("", "0-59,", "0 * * * *"), ("", "*/2,", "0 * * * *"), ("0 0 ", "L-3,", "L * *"),
        ("0 0 ", "15W,", "1 * *"), ("0 0 1 1 ", "MON#2,", "FRIL"), ("0 0 * * ", "A", ""), ("", "* ", "*"),
        ("", "*", ""), ("", "(", " * * * *"), ("", "((*)", ")"), ("0 ", "0,", "0 * * * *"),
        ("0 ", "0,", "0 * * * * 2030"), ("", "0,", "x * * * *"), ("@", "a", ""), ("@every ", "1", ""),
        ("@every ", "1d", ""), ("@every ", "9", "s"), ("TZ=", "a/", " * * * * *"), ("0 0 * * ", "🇩🇪", ""),
        ("0 0 * * e", "\u{301}", ""), ("", "\u{0}", "* * * * *"), ("*", "\n", "*"),
        ("\"", "0 0 * * * ", "\""),
    ])
    func `a megabyte is refused for its length`(start: String, part: String, end: String) throws {
        let text = start + LongInputTests.filled(part) + end
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.message == "the expression is longer than 4096 bytes")
        #expect(error.column == 1)
        #expect(error.hint == nil)
        #expect(CronExpression.advice(on: text).isEmpty)
    }

    @Test func `the limit is far beyond what anybody writes`() throws {
        let zeros = String(repeating: "0", count: 4_096 - 9)
        #expect(try CronExpression("\(zeros)5 * * * *") == CronExpression("5 * * * *"))
        #expect(throws: CronError.self) { try CronExpression("0\(zeros)5 * * * *") }
        let nines = String(repeating: "9", count: 4_000)
        let error = try #require(throws: CronError.self) { try CronExpression("\(nines) * * * *") }
        #expect(error.message == "999999999999999999999999... is out of range, allowed are 0-59")
        // Every value that an expression can list.
        let dates = (1...31).map { "\($0),L-\($0 - 1),\($0)W" }.joined(separator: ",").replacing(
            "L-0", with: "L")
        let weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"].flatMap { day in
            ["\(day)", "\(day)L"] + (1...5).map { "\(day)#\($0)" }
        }
        let numbers = { (range: ClosedRange<Int>) in range.map(String.init).joined(separator: ",") }
        _ = try CronExpression(
            "\(numbers(0...59)) \(numbers(0...23)) \(dates) \(numbers(1...12)) \(weekdays.joined(separator: ","))"
        )
    }

    @Test func `blanks around do not count`() throws {
        let blanks = LongInputTests.filled(" \t\n")
        #expect(try CronExpression("\(blanks)@daily\(blanks)") == CronExpression("@daily"))
        let error = try #require(throws: CronError.self) { try CronExpression(blanks) }
        #expect(error.message.hasPrefix("the expression is empty"))
    }

    /// A message is for people, so it is short for any input.
    @Test(arguments: ["1", "1d", "1h ", "x", "9d", "é"])
    func `a long duration is refused`(part: String) throws {
        let text = LongInputTests.filled(part)
        let error = try #require(throws: DurationError.self) { try Duration(text: text) }
        #expect(error.description.utf8.count < 200)
    }
}
