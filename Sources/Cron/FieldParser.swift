import Text

/// The values that one field admits, and what its author should check.
struct ParsedField {
    var values = FieldSet()
    var beforeLast = FieldSet()
    var nearestWorkday = FieldSet()
    var last = FieldSet()
    var nth = FieldSet()
    var startsWithStar = false
    /// Whether the first item is `*` or `n/step`.
    var isWildcard = false

    /// Where the field begins. Positions count bytes.
    let start: Int
    /// Whether the field is only `*` or `?`.
    var isWhole = false
    var steps: [ParsedStep] = []
    /// Days of the month from 29 on that stand alone or begin a range.
    var lateDates: [(position: Int, day: Int)] = []
    /// Weekdays given as numbers, and the position of the first one.
    var numbered = FieldSet()
    var firstNumber: Int?
    var usesSeven = false
}

/// A step greater than 1.
struct ParsedStep {
    let position: Int
    /// The first value, and how many values there are from it to the end of the range.
    let low: Int
    let count: Int
    let step: Int
    /// Whether the step continues to the end of the field's range.
    let isOpen: Bool
}

/// Reads one field: items between commas.
struct FieldParser {
    let source: CronSource
    let kind: FieldKind
    let field: Range<Int>
    var position: Int
    var parsed: ParsedField

    init(_ source: CronSource, _ kind: FieldKind, at field: Range<Int>) {
        self.source = source
        self.kind = kind
        self.field = field
        position = field.lowerBound
        parsed = ParsedField(start: field.lowerBound)
    }

    mutating func parse() throws(CronError) -> ParsedField {
        parsed.startsWithStar = peek == UInt8(ascii: "*") || peek == UInt8(ascii: "?")
        parsed.isWildcard = parsed.startsWithStar
        parsed.isWhole = parsed.startsWithStar && field.count == 1
        repeat {
            try item()
            guard position == field.upperBound || peek == UInt8(ascii: ",") else { throw unexpected() }
        } while take(",")
        return parsed
    }

    // MARK: Items

    private mutating func item() throws(CronError) {
        let start = position
        switch peek {
        case nil, UInt8(ascii: ","):
            throw error(at: start, "empty list item: a value is missing before or after a ','")
        case UInt8(ascii: "?"):
            try wholeField()
        case UInt8(ascii: "*"):
            position += 1
            let isStep = kind == .dayOfWeek && peek == UInt8(ascii: "/")
            try range(from: start, kind.range.lowerBound, to: kind.range.upperBound, isNumber: isStep)
        default:
            if kind == .dayOfMonth, try lastDay() { return }
            try valueItem()
        }
    }

    /// `?`, another way to write `*` for a day.
    private mutating func wholeField() throws(CronError) {
        guard kind.isDay else {
            throw error(at: position, "'?' can stand only for a whole day field", hint: "*")
        }
        guard field.count == 1 else { throw error(at: position, "'?' takes nothing beside it") }
        position += 1
        parsed.values.formUnion(FieldSet(kind.range))
    }

    /// An item that begins with a value: `n`, `n-m`, `n/step`, `nW`, `dL`, `d#k`.
    private mutating func valueItem() throws(CronError) {
        let start = position
        let low = try value()
        if kind == .dayOfMonth, low.number > 28 { parsed.lateDates.append((start, low.number)) }
        if kind == .dayOfMonth, takeLetter("W") {
            return parsed.nearestWorkday.insert(low.number)
        }
        if kind == .dayOfWeek, try nthWeekday(low) { return }
        let isNumber = kind == .dayOfWeek && source.bytes[start].isDigit

        if take("-") {
            let high = try value()
            return try range(from: start, low.asLow, to: high.asHigh(after: low), isNumber: isNumber)
        }
        guard peek == UInt8(ascii: "/") else {
            return try range(from: start, low.asLow, to: low.asLow, isNumber: isNumber)
        }
        if start == field.lowerBound { parsed.isWildcard = true }
        try range(from: start, low.asLow, to: kind.range.upperBound, isNumber: isNumber)
    }

    /// `L`, `L-n` and `LW` in the day-of-month field; false: it is none of them.
    private mutating func lastDay() throws(CronError) -> Bool {
        let start = position
        let word = lettersAhead
        guard word.uppercased() == "L" || word.uppercased() == "LW" else { return false }
        position += word.utf8.count
        if word.utf8.count == 2 {
            parsed.nearestWorkday.insert(0)
        } else if take("-") {
            let begin = position
            guard let number = digits() else { throw error(at: position, "a number is missing after 'L-'") }
            guard (1...30).contains(number) else {
                throw error(at: begin, "\(shown(begin)) is out of range, allowed are 1-30")
            }
            parsed.beforeLast.insert(number)
        } else {
            parsed.beforeLast.insert(0)
        }
        try refuseRangeAndStep(after: start)
        return true
    }

    /// `dL`, `d#L` and `d#k` in the day-of-week field; false: it is none of them.
    private mutating func nthWeekday(_ weekday: FieldValue) throws(CronError) -> Bool {
        let start = position
        let isCounted = take("#")
        if takeLetter("L") {
            parsed.last.insert(weekday.asLow)
        } else if isCounted {
            let begin = position
            guard let week = digits(), (1...5).contains(week) else {
                throw error(
                    at: begin, "after '#' one of 1 to 5 or L is needed, for the first to fifth or the last")
            }
            parsed.nth.insert(7 * (week - 1) + weekday.asLow)
        } else {
            return false
        }
        try refuseRangeAndStep(after: start)
        return true
    }

    private func refuseRangeAndStep(after start: Int) throws(CronError) {
        guard peek == UInt8(ascii: "-") || peek == UInt8(ascii: "/") else { return }
        throw error(at: position, "\(shown(start)) takes no range and no step")
    }

    // MARK: Ranges and steps

    /// Adds a range and reads the step after it. The range wraps round if `low` is larger than `high`.
    private mutating func range(
        from start: Int, _ low: Int, to high: Int, isNumber: Bool
    ) throws(CronError) {
        let span = kind.range.count
        let count = high >= low ? high - low + 1 : high - low + 1 + span
        let step = try step(of: start, low: low, count: count)
        var values = FieldSet()
        for offset in stride(from: 0, to: count, by: step) {
            let value = low + offset
            values.insert(value > kind.range.upperBound ? value - span : value)
        }
        parsed.values.formUnion(values)
        guard isNumber else { return }
        parsed.numbered.formUnion(values)
        parsed.firstNumber = parsed.firstNumber ?? start
        parsed.usesSeven = parsed.usesSeven || source.bytes[start..<position].contains(UInt8(ascii: "7"))
    }

    private mutating func step(of start: Int, low: Int, count: Int) throws(CronError) -> Int {
        let range = start..<position
        guard take("/") else { return 1 }
        let begin = position
        guard let step = digits() else { throw error(at: begin, "a step is missing after '/'") }
        guard step >= 1 else { throw error(at: begin, "step 0 would never move on, a step is 1 or more") }
        guard step == 1 || step < count else {
            let values = "\(count) value\(count == 1 ? "" : "s")"
            throw error(
                at: begin,
                "step \(shown(begin)) never takes a second step in \(source.quoted(range)) (\(values))")
        }
        if step > 1 {
            let isOpen = low + count - 1 == kind.range.upperBound
            parsed.steps.append(
                ParsedStep(position: begin, low: low, count: count, step: step, isOpen: isOpen))
        }
        return step
    }
}
