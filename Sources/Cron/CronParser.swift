import CivilTime
import Text

/// Reads an expression: a macro, or five fields through `FieldParser`.
struct CronParser {
    let source: CronSource
    /// The range of the text without the blanks around it.
    private let content: Range<Int>

    init(_ text: String) {
        source = CronSource(text)
        let bytes = source.bytes
        let start = bytes.firstIndex { !$0.isBlankOrLineEnd } ?? 0
        let end = bytes.lastIndex { !$0.isBlankOrLineEnd }.map { $0 + 1 } ?? start
        content = start..<end
    }

    /// In bytes. An expression that lists every value of every field takes a quarter of it.
    private static let longest = 4_096

    func timing() throws(CronError) -> Timing {
        let start = content.lowerBound
        guard !content.isEmpty else {
            throw source.error(at: 0, "the expression is empty: 0 fields found, \(CronParser.fiveFields)")
        }
        guard content.count <= CronParser.longest else {
            throw source.error(at: start, "the expression is longer than \(CronParser.longest) bytes")
        }
        if let position = source.bytes[content].firstIndex(where: { $0 < 0x20 && !$0.isBlank }) {
            let isLineEnd = source.bytes[position].isBlankOrLineEnd
            let what =
                isLineEnd ? "a line break" : "the control character \(source.quotedCharacter(at: position))"
            throw source.error(at: position, "\(what) cannot stand inside an expression")
        }
        for prefix in ["TZ=", "CRON_TZ="]
        where source.bytes[content].starts(with: prefix.utf8, by: { $0.lowercased == $1.lowercased }) {
            throw source.error(
                at: start,
                "'\(prefix)' is not part of the expression, set the time zone with the job's key 'timezone'"
            )
        }
        guard let parsed = try parsedFields() else { return try macroTiming() }
        return .calendar(try fields(parsed))
    }

    // MARK: Five fields

    private static let fiveFields = "exactly 5 are needed: minute hour day-of-month month day-of-week"

    /// The five fields; nil: the expression is a macro.
    func parsedFields() throws(CronError) -> [ParsedField]? {
        guard source.bytes[content].first != UInt8(ascii: "@") else { return nil }
        let words = self.words
        guard words.count == FieldKind.allCases.count else { throw countError(words) }
        var parsed: [ParsedField] = []
        for (kind, word) in zip(FieldKind.allCases, words) {
            var parser = FieldParser(source, kind, at: word)
            parsed.append(try parser.parse())
        }
        return parsed
    }

    private func fields(_ parsed: [ParsedField]) throws(CronError) -> CalendarFields {
        let (minute, hour, date, month, weekday) = (parsed[0], parsed[1], parsed[2], parsed[3], parsed[4])
        let fields = CalendarFields(
            minutes: minute.values, hours: hour.values, months: month.values,
            days: DayRule(
                dates: date.values, beforeLast: date.beforeLast, nearestWorkday: date.nearestWorkday,
                weekdays: weekday.values, lastWeekdays: weekday.last, nthWeekdays: weekday.nth,
                needsBoth: date.startsWithStar || weekday.startsWithStar),
            isWildcard: minute.isWildcard || hour.isWildcard)
        guard fields.matchesSomeDate else { throw neverError(fields, at: date.start) }
        return fields
    }

    /// The ranges of the words between the blanks.
    private var words: [Range<Int>] {
        source.bytes[content].split(whereSeparator: \.isBlank).map(\.indices)
    }

    private func countError(_ words: [Range<Int>]) -> CronError {
        let isTooLong = words.count > 5
        var message = "\(words.count) field\(words.count == 1 ? "" : "s") found, \(CronParser.fiveFields)"
        if isTooLong, let last = words.last, CronParser.looksLikeZone(source.bytes[last]) {
            message +=
                "; \(source.quoted(last)) looks like a time zone, which belongs into the job's key 'timezone'"
        } else if isTooLong {
            message += "; seconds and year fields are not supported"
        }
        return source.error(
            at: isTooLong ? words[5].lowerBound : content.upperBound, message, hint: repair(words))
    }

    private static func looksLikeZone(_ word: ArraySlice<UInt8>) -> Bool {
        let letters = word.filter(\.isLetter).count
        return letters >= 3 && (word.contains(UInt8(ascii: "/")) || word.elementsEqual("UTC".utf8))
    }

    /// The expression without its seconds field, year field or zone; nil: it is not clear which one to leave out.
    private func repair(_ words: [Range<Int>]) -> String? {
        guard (6...7).contains(words.count), let last = words.last else { return nil }
        let ending = source.bytes[last]
        let endsInYearOrZone =
            CronParser.looksLikeZone(ending) || (ending.count == 4 && ending.allSatisfy(\.isDigit))
        let startsInSeconds = source.bytes[words[0]].elementsEqual("0".utf8)
        guard words.count == 7 || endsInYearOrZone || startsInSeconds else { return nil }

        let start = words.count == 7 || !endsInYearOrZone ? 1 : 0
        let text = words[start..<start + 5].map { source.text($0) }.joined(separator: " ")
        return (try? CronExpression(text)) == nil ? nil : text
    }

    private func neverError(_ fields: CalendarFields, at position: Int) -> CronError {
        var dates = fields
        dates.days.weekdays = DayRule.allWeekdays
        let message =
            dates.matchesSomeDate
            ? "no calendar date matches: this day-of-month and day-of-week never fall together"
            : "no calendar date matches: the months given never have such a day"
        return source.error(at: position, in: .dayOfMonth, message)
    }

    // MARK: Macros

    private static let macros: [(name: String, meaning: String)] = [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ]

    private func macroTiming() throws(CronError) -> Timing {
        let start = content.lowerBound
        let words = self.words
        let name = source.text(words[0]).lowercased()
        if name == "@every" { return .every(seconds: try interval()) }
        if name == "@reboot" {
            throw source.error(
                at: start, "'@reboot' is not supported: a restart of the scheduler is not a fire time")
        }
        guard let macro = CronParser.macros.first(where: { $0.name == name }) else {
            let known = CronParser.macros.map(\.name) + ["@every"]
            throw source.error(
                at: start,
                "unknown macro \(source.quoted(words[0])), known are \(known.dropLast().joined(separator: " ")) "
                    + "and @every <duration>",
                hint: Spelling.suggestion(for: name, among: known, limit: 2))
        }
        guard words.count == 1 else {
            throw source.error(at: words[1].lowerBound, "nothing can follow '\(name)'", hint: name)
        }
        return try CronParser(macro.meaning).timing()
    }

    /// A longer interval would have only a handful of fire times, or none.
    private static let longestInterval = 36_525 * 86_400

    private func interval() throws(CronError) -> Int {
        let words = self.words
        guard words.count > 1 else {
            throw source.error(
                at: content.upperBound, "a duration is missing after '@every'", hint: "@every 15m")
        }
        let start = words[1].lowerBound
        let duration: Duration
        do {
            duration = try Duration(text: source.text(start..<content.upperBound))
        } catch {
            throw source.error(at: start + error.column - 1, error.message, hint: error.hint)
        }
        let seconds = Int(duration.components.seconds)
        guard (1...CronParser.longestInterval).contains(seconds) else {
            throw source.error(at: start, "the duration is out of range, allowed are 1s to 36525d")
        }
        return seconds
    }
}
