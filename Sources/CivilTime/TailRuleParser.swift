import Text

/// The parsed footer of a zone file: one offset for ever, or daylight saving without an end.
enum ZoneFooter: Hashable, Sendable {
    case fixed(offset: Int)
    case changing(TailRule)
}

/// Reads a POSIX TZ string of a zone file: `<+03>-3`, `EST5EDT,M3.2.0,M11.1.0`, `IST-1GMT0,M10.5.0,M3.5.0/1`.
///
/// Times of day may reach from -167 to 167 hours (RFC 9636, section 3.3.1).
struct TailRuleParser {
    private let bytes: [UInt8]
    private var position = 0

    /// Nil if the text is no such rule.
    static func parse(_ bytes: [UInt8]) -> ZoneFooter? {
        var parser = TailRuleParser(bytes: bytes)
        guard let footer = parser.footer(), parser.position == bytes.count else { return nil }
        return footer
    }

    private mutating func footer() -> ZoneFooter? {
        guard skipName(), let standard = time(maxHours: 24) else { return nil }
        if position == bytes.count { return .fixed(offset: -standard) }

        guard skipName() else { return nil }
        var daylight = standard - 3_600
        if peek != UInt8(ascii: ",") {
            guard let written = time(maxHours: 24) else { return nil }
            daylight = written
        }
        guard let start = change(from: -standard, to: -daylight),
            let end = change(from: -daylight, to: -standard)
        else { return nil }
        if end.moment(in: 2_000) == start.moment(in: 2_001) {
            return permanent(start, end, offset: -daylight)
        }
        return TailRule(start, end).map(ZoneFooter.changing)
    }

    /// Daylight saving that ends at its next beginning is one offset for ever (RFC 9636, section 3.3.1).
    private func permanent(_ start: YearlyChange, _ end: YearlyChange, offset: Int) -> ZoneFooter? {
        let isPermanent = (2_000..<2_400).allSatisfy { end.moment(in: $0) == start.moment(in: $0 + 1) }
        return isPermanent ? .fixed(offset: offset) : nil
    }

    private mutating func change(from before: Int, to after: Int) -> YearlyChange? {
        guard take(UInt8(ascii: ",")), let day = day() else { return nil }
        var seconds = 2 * 3_600
        if take(UInt8(ascii: "/")) {
            guard let written = time(maxHours: 167) else { return nil }
            seconds = written
        }
        return YearlyChange(day: day, time: seconds, offsetBefore: before, offsetAfter: after)
    }

    private mutating func day() -> YearlyDay? {
        if take(UInt8(ascii: "J")) { return number(in: 1...365).map(YearlyDay.julian) }
        guard take(UInt8(ascii: "M")) else { return number(in: 0...365).map(YearlyDay.ordinal) }
        guard let month = number(in: 1...12), take(UInt8(ascii: ".")),
            let week = number(in: 1...5), take(UInt8(ascii: ".")),
            let weekday = number(in: 0...6)
        else { return nil }
        return .weekday(weekday, week: week, month: month)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    private mutating func time(maxHours: Int) -> Int? {
        let isNegative = peek == UInt8(ascii: "-")
        if isNegative || peek == UInt8(ascii: "+") { position += 1 }
        guard let hours = number(in: 0...maxHours) else { return nil }
        var seconds = hours * 3_600
        for unit in [60, 1] where take(UInt8(ascii: ":")) {
            guard let value = number(in: 0...59) else { return nil }
            seconds += value * unit
        }
        return isNegative ? -seconds : seconds
    }

    private mutating func number(in range: ClosedRange<Int>) -> Int? {
        let start = position
        var value = 0
        while let byte = peek, byte.isDigit, position - start < 3 {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
        }
        return position > start && range.contains(value) ? value : nil
    }

    /// Abbreviations have three characters or more: letters, or also digits and signs between `<` and `>`.
    private mutating func skipName() -> Bool {
        let isQuoted = take(UInt8(ascii: "<"))
        let start = position
        while let byte = peek, byte.isLetter || (isQuoted && isDigitOrSign(byte)) { position += 1 }
        let length = position - start
        return length >= 3 && (!isQuoted || take(UInt8(ascii: ">")))
    }

    private func isDigitOrSign(_ byte: UInt8) -> Bool {
        byte.isDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }
}
