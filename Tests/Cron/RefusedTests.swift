import Testing

@testable import Cron

/// An expression that must be refused, and its error.
struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let column: Int
    let field: String?
    /// The beginning of the message.
    let message: String
    let hint: String?

    init(_ text: String, _ column: Int, _ field: String?, _ message: String, hint: String? = nil) {
        self.text = text
        self.column = column
        self.field = field
        self.message = message
        self.hint = hint
    }

    var testDescription: String { text }
}

@Suite struct RefusedTests {
    static let counts: [Refusal] = [
        Refusal("", 1, nil, "the expression is empty"),
        Refusal("  \n ", 1, nil, "the expression is empty"),
        Refusal(
            "*/10 * * *", 11, nil, "4 fields found, exactly 5 are needed: minute hour day-of-month month"),
        Refusal("  * 24 *  ", 9, nil, "3 fields found"),
        Refusal("nonsense", 9, nil, "1 field found"),
        Refusal("0 */5 * * * *", 13, nil, "6 fields found", hint: "*/5 * * * *"),
        Refusal("0 0 12 * * ?", 12, nil, "6 fields found", hint: "0 12 * * ?"),
        Refusal("30 0 12 * * ? 2030", 13, nil, "7 fields found", hint: "0 12 * * ?"),
        Refusal("5 4 * * * 2030", 11, nil, "6 fields found", hint: "5 4 * * *"),
        Refusal("90 25 * * * *", 13, nil, "6 fields found"),
        Refusal("0 5 * * * Europe/Berlin", 11, nil, "6 fields found", hint: "0 5 * * *"),
        Refusal(
            "CRON_TZ=UTC 0 0 * * *", 1, nil, "'CRON_TZ=' is not part of the expression, set the time zone"),
        Refusal(" tz=Asia/Tokyo 0 0 * * *", 2, nil, "'TZ=' is not part"),
        Refusal("0 0 * * *\n0 1 * * *", 10, nil, "a line break cannot stand"),
        Refusal("0 0 * * \u{0}", 9, nil, "the control character '\\u{0}' cannot stand"),
        Refusal("0\u{b}0 * * *", 2, nil, "the control character '\\u{b}'"),
    ]

    static let macros: [Refusal] = [
        Refusal("@dayly", 1, nil, "unknown macro '@dayly', known are @yearly", hint: "@daily"),
        Refusal(" @yerly", 2, nil, "unknown macro '@yerly'", hint: "@yearly"),
        Refusal("@", 1, nil, "unknown macro '@'"),
        Refusal("@reboot", 1, nil, "'@reboot' is not supported: a restart"),
        Refusal("@Reboot", 1, nil, "'@reboot' is not supported"),
        Refusal("@daily 0", 8, nil, "nothing can follow '@daily'", hint: "@daily"),
        Refusal("@every", 7, nil, "a duration is missing after '@every'", hint: "@every 15m"),
        Refusal("@every 0s", 8, nil, "the duration is out of range, allowed are 1s to 36525d"),
        Refusal("@every 36526d", 8, nil, "the duration is out of range"),
        Refusal("@every 1h 30m", 10, nil, "blanks cannot stand inside a duration", hint: "1h30m"),
        Refusal("@every  90", 11, nil, "the unit is missing", hint: "90s"),
        Refusal("@every -5m", 8, nil, "'-' is not a number"),
    ]

    static let values: [Refusal] = [
        Refusal("60 * * * *", 1, "minute", "60 is out of range, allowed are 0-59", hint: "0"),
        Refusal("* 24 * * *", 3, "hour", "24 is out of range, allowed are 0-23", hint: "0"),
        Refusal("* * 0 * *", 5, "day-of-month", "0 is out of range, allowed are 1-31"),
        Refusal("* * 32 * *", 5, "day-of-month", "32 is out of range"),
        Refusal("* * * 13 *", 7, "month", "13 is out of range, allowed are 1-12 or JAN-DEC"),
        Refusal("* * * * 8", 9, "day-of-week", "8 is out of range, allowed are 0-7 (0 and 7 are Sunday)"),
        Refusal("* * * * 1-8", 11, "day-of-week", "8 is out of range"),
        Refusal("0-4294967296 * * * *", 3, "minute", "4294967296 is out of range"),
        Refusal(
            "99999999999999999999999999999999 * * * *", 1, "minute", "999999999999999999999999... is out"),
        Refusal("0 0 * * monday", 9, "day-of-week", "'monday' is not a name of this field", hint: "MON"),
        Refusal("0 0 * * WEB", 9, "day-of-week", "'WEB' is not a name of this field", hint: "WED"),
        Refusal("0 0 * * TUN", 9, "day-of-week", "'TUN' is not a name"),
        Refusal("0 0 * * thurs", 9, "day-of-week", "'thurs' is not a name", hint: "THU"),
        Refusal("0 0 * * wensday", 9, "day-of-week", "'wensday' is not a name", hint: "WED"),
        Refusal("0 0 1 sept *", 7, "month", "'sept' is not a name of this field", hint: "SEP"),
        Refusal(
            "0 0 MON * *", 5, "day-of-month", "the name 'MON' belongs in the day-of-week field, allowed are 1"
        ),
        Refusal("0 0 * * jan", 9, "day-of-week", "the name 'jan' belongs in the month field"),
        Refusal("0 abc * * *", 3, "hour", "'abc' is not a value of this field"),
        Refusal("0 0 last * *", 5, "day-of-month", "'last' is not a value", hint: "L"),
        Refusal("H * * * *", 1, "minute", "'H' is not supported: use the job's jitter key"),
        Refusal("0~30 * * * *", 2, "minute", "'~' is not supported"),
        Refusal("+5 * * * *", 1, "minute", "'+' needs a value in front"),
        Refusal("-5 * * * *", 1, "minute", "'-' needs a value in front"),
        Refusal("\"0 0 * * *\"", 1, "minute", "quotes do not belong"),
        Refusal("0 0 * * é", 9, "day-of-week", "'é' cannot stand here"),
        Refusal("0 0 * * \u{a0}", 9, "day-of-week", "'\\u{a0}' cannot stand here"),
        Refusal("0 0 * * ٣", 9, "day-of-week", "'٣' cannot stand here"),
        // Columns count characters, also after a character of many bytes.
        Refusal("0 0 1 👨‍👩‍👧‍👦 60", 7, "month", "'👨\\u{200d}👩"),
        Refusal("? * * * *", 1, "minute", "'?' can stand only for a whole day field", hint: "*"),
        Refusal("0 0 ?/2 * *", 5, "day-of-month", "'?' takes nothing beside it"),
        Refusal("0 0 1,? * *", 7, "day-of-month", "'?' takes nothing beside it"),
    ]

    static let shapes: [Refusal] = [
        Refusal("1,,2 * * * *", 3, "minute", "empty list item: a value is missing before or after a ','"),
        Refusal("1, * * * *", 3, "minute", "empty list item"),
        Refusal(",1 * * * *", 1, "minute", "empty list item"),
        Refusal("1- * * * *", 3, "minute", "a value is missing at the end"),
        Refusal("1-,2 * * * *", 3, "minute", "a value is missing before ','"),
        Refusal("1-2-3 * * * *", 4, "minute", "'-' needs"),
        Refusal("*-5 * * * *", 2, "minute", "'-' needs"),
        Refusal("** * * * *", 2, "minute", "'*' cannot stand here"),
        Refusal("*5 * * * *", 2, "minute", "'5' cannot stand here"),
        Refusal("5x * * * *", 2, "minute", "'x' cannot stand here"),
        Refusal("*/ * * * *", 3, "minute", "a step is missing after '/'"),
        Refusal("*/-5 * * * *", 3, "minute", "a step is missing after '/'"),
        Refusal("*/2/3 * * * *", 4, "minute", "'/' cannot stand here"),
        Refusal("*/0 * * * *", 3, "minute", "step 0 would never move on"),
        Refusal("*/90 * * * *", 3, "minute", "step 90 never takes a second step in '*' (60 values)"),
        Refusal("*/60 * * * *", 3, "minute", "step 60 never"),
        Refusal("10-20/11 * * * *", 7, "minute", "step 11 never takes a second step in '10-20' (11 values)"),
        Refusal("59/2 * * * *", 4, "minute", "step 2 never takes a second step in '59' (1 value)"),
        Refusal("0 22-2/5 * * *", 8, "hour", "step 5 never takes a second step in '22-2' (5 values)"),
        Refusal("0 0 * * 5-5/2", 13, "day-of-week", "step 2 never takes a second step in '5-5' (1 value)"),
        Refusal("0 0 L-0 * *", 7, "day-of-month", "0 is out of range, allowed are 1-30"),
        Refusal("0 0 L-31 * *", 7, "day-of-month", "31 is out of range"),
        Refusal("0 0 L- * *", 7, "day-of-month", "a number is missing after 'L-'"),
        Refusal("0 0 L/2 * *", 6, "day-of-month", "L takes no range and no step"),
        Refusal("0 0 W * *", 5, "day-of-month", "'W' is not a value"),
        Refusal("0 0 1-15W * *", 9, "day-of-month", "'W' cannot stand here"),
        Refusal("0 0 15WW * *", 8, "day-of-month", "'W' cannot stand here"),
        Refusal("0 0 * * L", 9, "day-of-week", "'L': the L follows its weekday"),
        Refusal("0 0 * * L5", 9, "day-of-week", "'L5': the L follows its weekday", hint: "5L"),
        Refusal("0 0 * * 5#6", 11, "day-of-week", "after '#' one of 1 to 5 or L is needed"),
        Refusal("0 0 * * 5#", 11, "day-of-week", "after '#'"),
        Refusal("0 0 * * *#2", 10, "day-of-week", "'#' cannot stand here"),
        Refusal("0 0 * * 1-5L", 12, "day-of-week", "'L' cannot stand here"),
        Refusal("0 0 * * 5L-6", 11, "day-of-week", "L takes no range and no step"),
    ]

    static let never: [Refusal] = [
        Refusal(
            "0 0 30 2 *", 5, "day-of-month", "no calendar date matches: the months given never have such"),
        Refusal("0 0 31 4,6 *", 5, "day-of-month", "no calendar date matches"),
        Refusal("0 0 L-29 2 *", 5, "day-of-month", "no calendar date matches"),
        Refusal("0 0 31W 2,4 *", 5, "day-of-month", "no calendar date matches"),
        Refusal(
            "0 0 */30 * 1#2", 5, "day-of-month", "no calendar date matches: this day-of-month and day-of"),
        Refusal("0 0 15W * */6", 5, "day-of-month", "no calendar date matches: this day-of-month and day-of"),
    ]

    @Test(arguments: counts + macros + values + shapes + never)
    func `refuses with place and reason`(_ refusal: Refusal) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(refusal.text) }
        #expect(error.column == refusal.column)
        #expect(error.field == refusal.field)
        #expect(error.message.hasPrefix(refusal.message), "\(error.message)")
        #expect(error.hint == refusal.hint)
    }

    private static let fiveFields = "exactly 5 are needed: minute hour day-of-month month day-of-week"

    /// The exact text.
    @Test(arguments: [
        ("*/10 * * *", "column 11: 4 fields found, \(fiveFields)"),
        (
            "0 */5 * * * *",
            "column 13: 6 fields found, \(fiveFields); seconds and year fields are not supported "
                + "(did you mean */5 * * * *?)"
        ),
        ("* 24 * * *", "column 3, hour field: 24 is out of range, allowed are 0-23 (did you mean 0?)"),
        (
            "0 0 * * monday",
            "column 9, day-of-week field: 'monday' is not a name of this field, allowed are 0-7 (0 and 7 are "
                + "Sunday) or SUN-SAT (did you mean MON?)"
        ),
        (
            "0 0 MON * *",
            "column 5, day-of-month field: the name 'MON' belongs in the day-of-week field, allowed are 1-31"
        ),
        (
            "*/90 * * * *",
            "column 3, minute field: step 90 never takes a second step in '*' (60 values)"
        ),
        (
            "1,,2 * * * *",
            "column 3, minute field: empty list item: a value is missing before or after a ','"
        ),
        (
            "0 0 31 4,6 *",
            "column 5, day-of-month field: no calendar date matches: the months given never have such a day"
        ),
        (
            "0 0 * * L5",
            "column 9, day-of-week field: 'L5': the L follows its weekday (did you mean 5L?)"
        ),
        (
            "CRON_TZ=UTC 0 0 * * *",
            "column 1: 'CRON_TZ=' is not part of the expression, set the time zone with the job's key 'timezone'"
        ),
        (
            "@dayly",
            "column 1: unknown macro '@dayly', known are @yearly @annually @monthly @weekly @daily @midnight "
                + "@hourly and @every <duration> (did you mean @daily?)"
        ),
    ])
    func `an error describes itself on one line`(text: String, description: String) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.description == description)
    }

    /// With an impossible day and a weekday, one of the two can still match.
    @Test(arguments: ["0 0 30 2 1", "0 0 31 4 5L", "0 0 29 2 *", "0 0 L-28 2 *", "0 0 L-30 1 *"])
    func `accepts what can happen`(text: String) throws {
        _ = try CronExpression(text)
    }

    @Test(arguments: AcceptedTests.canonical.map(\.0))
    func `every beginning of a valid expression is read or refused cleanly`(text: String) {
        for length in 0...text.count {
            do {
                _ = try CronExpression(String(text.prefix(length)))
            } catch {
                #expect((1...length + 1).contains(error.column), "\(text.prefix(length)): \(error)")
                #expect(!error.message.isEmpty)
            }
        }
    }
}
