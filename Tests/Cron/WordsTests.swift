import CivilTime
import TestSupport
import Testing

@testable import Cron

@Suite struct WordsTests {
    @Test(arguments: [
        ("* * * * *", "every minute"),
        ("*/10 * * * *", "every 10 minutes"),
        ("*/7 * * * *", "at minutes 0, 7, 14 and so on to 56 of every hour"),
        ("17 * * * *", "at minute 17 of every hour"),
        ("@hourly", "at minute 0 of every hour"),
        ("@daily", "at 00:00 every day"),
        ("0 9 * * 1-5", "at 09:00 on Monday to Friday"),
        ("0 9 * * MON,WED", "at 09:00 on Monday and Wednesday"),
        ("0 9 * * FRI-MON", "at 09:00 on Friday to Monday"),
        ("0 9 * * SAT-SUN", "at 09:00 on Saturday and Sunday"),
        ("30 2 1 * *", "at 02:30 on day 1 of the month"),
        ("30 2,14 * * *", "at 02:30 and 14:30 every day"),
        ("0 */3 * * *", "at 00:00, 03:00, 06:00, 09:00, 12:00, 15:00, 18:00 and 21:00 every day"),
        ("0 */2 * * *", "at minute 0 in the hours 0, 2, 4 and so on to 22"),
        ("*/15 8-18 * * 1-5", "every 15 minutes from 08:00 to 18:59 on Monday to Friday"),
        ("0-30 9 * * *", "at minutes 0 to 30 from 09:00 to 09:59"),
        ("0 0 1-15 * *", "at 00:00 on days 1 to 15 of the month"),
        ("0,1 * * * *", "at minutes 0 and 1 of every hour"),
        ("0 0 * * SUN#2,SAT#5", "at 00:00 on the second Sunday or the fifth Saturday"),
        ("0 0 13 * FRI", "at 00:00 on day 13 of the month, and on Friday"),
        // One match is enough, and one field has all values.
        ("0 0 1-31 * FRI", "at 00:00 every day"),
        ("0 0 13 6 0-6", "at 00:00 in June"),
        (
            "0 0 */2 * FRI",
            "at 00:00 on days 1, 3, 5 and so on to 31 of the month, where that is Friday"
        ),
        ("0 0 L * *", "at 00:00 on the last day of the month"),
        ("0 0 L-3 * *", "at 00:00 on the day 3 days before the last of the month"),
        ("0 0 LW * *", "at 00:00 on the last workday of the month"),
        ("0 0 15W 1-3 *", "at 00:00 on the workday nearest to day 15 of the month in January to March"),
        ("0 0 * * 5L", "at 00:00 on the last Friday"),
        ("0 0 * * MON#2", "at 00:00 on the second Monday"),
        ("@yearly", "at 00:00 on day 1 of the month in January"),
        ("0 0 29 2 *", "at 00:00 on day 29 of the month in February"),
        ("@every 90s", "every 90 seconds"),
        ("@every 1h", "every hour"),
        ("@every 2d", "every 2 days"),
        ("0 12 * 6 *", "at 12:00 in June"),
    ])
    func anExpressionIsToldInWords(_ text: String, _ words: String) throws {
        #expect(try CronExpression(text).words == words)
    }
}

/// The words of any expression: well-formed, equal for the same meaning, and different for other days or times.
@Suite struct WordsPropertyTests {
    private static let rounds = Suite.isFull ? 1_500 : 200

    @Test func `any expression is told in clean words`() throws {
        var random = SplitMix(seed: Suite.seed)
        for _ in 0..<WordsPropertyTests.rounds {
            let text = KnownExpression.random(using: &random).text
            let expression = try CronExpression(text)
            let words = expression.words
            let pieces = words.split(separator: " ", omittingEmptySubsequences: false)
            let isClean =
                !pieces.contains { $0.isEmpty || $0 == "," } && !words.contains(",,")
                && !["on", "and", "or", "in", "at", "is", "to"].contains(pieces.last ?? "")
                && pieces.allSatisfy { $0.dropLast().allSatisfy { $0.isLetter || $0.isNumber || $0 == ":" } }
            #expect(isClean, "\(text): \(words.debugDescription), SEED=\(Suite.seed)")
            let again = try CronExpression(expression.description)
            #expect(again.words == words, "\(text) and \(again), SEED=\(Suite.seed)")
        }
    }

    /// Many sets of values of one field, with the other fields fixed. No two have the same words.
    @Test(arguments: ["minute", "hour", "day-of-month", "month", "day-of-week"])
    func `other values have other words`(field: String) throws {
        let kind = try #require(FieldKind.allCases.first { $0.name == field })
        let before = ["", "7 ", "7 9 ", "7 9 * ", "7 9 * * "][kind.rawValue]
        let after = [" * * * *", " * * *", " * *", " *", ""][kind.rawValue]
        var seen: [String: String] = [:]
        for item in WordsPropertyTests.sets(of: kind) + WordsPropertyTests.specials(of: kind) {
            let words = try CronExpression(before + item + after).words
            if let other = seen.updateValue(item, forKey: words) {
                Issue.record("\(field) \(item) and \(other) are both '\(words)'")
            }
        }
    }

    /// One value, two values, ranges, and values in even steps.
    private static func sets(of kind: FieldKind) -> Set<String> {
        let range = kind.range
        var sets: Set<[Int]> = []
        for low in range {
            for high in low...range.upperBound {
                sets.formUnion([low == high ? [low] : [low, high], Array(low...high)])
            }
            for step in 2...30 { sets.insert(Array(stride(from: low, through: range.upperBound, by: step))) }
            for step in 2...30 {
                sets.insert(Array(stride(from: low, to: range.upperBound - step, by: step)))
            }
        }
        return Set(sets.filter { !$0.isEmpty }.map { $0.map(String.init).joined(separator: ",") })
    }

    private static func specials(of kind: FieldKind) -> [String] {
        switch kind {
        case .dayOfMonth: ["L", "LW"] + (1...30).map { "L-\($0)" } + (1...31).map { "\($0)W" }
        case .dayOfWeek: (0...6).flatMap { day in ["\(day)L"] + (1...5).map { "\(day)#\($0)" } }
        default: []
        }
    }

    /// Two expressions that differ in only one field.
    @Test func `other days or times have other words`() throws {
        var random = SplitMix(seed: Suite.seed &+ 1)
        for _ in 0..<WordsPropertyTests.rounds {
            let fields = KnownExpression.random(using: &random).text.split(separator: " ")
            let others = KnownExpression.random(using: &random).text.split(separator: " ")
            for index in fields.indices where fields[index] != others[index] {
                var changed = fields
                changed[index] = others[index]
                // Some changes leave no possible date.
                guard let other = try? CronExpression(changed.joined(separator: " ")) else { continue }
                let one = try CronExpression(fields.joined(separator: " "))
                guard one.words == other.words else { continue }
                #expect(
                    one.admitted == other.admitted,
                    "\(one) and \(other) are both '\(one.words)', SEED=\(Suite.seed)")
            }
        }
    }
}

extension CronExpression {
    /// Everything that the words must tell: the times, and the days of 28 years, after which the weekdays repeat.
    fileprivate var admitted: [FieldSet] {
        guard case .calendar(let fields) = timing else { return [] }
        let months = (2_001...2_028).flatMap { year in
            fields.months.values.map { fields.days.days(of: CivilMonth(year: year, month: $0)) }
        }
        return [fields.minutes, fields.hours, fields.months] + months
    }
}
