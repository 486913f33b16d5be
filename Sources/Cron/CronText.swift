import CivilTime

extension CronExpression: CustomStringConvertible {
    /// The canonical text: equal expressions have the same one, and parsing it returns an equal expression.
    public var description: String {
        switch timing {
        case .every(let seconds): "@every \(Duration.seconds(seconds).text)"
        case .calendar(let fields): fields.text
        }
    }
}

extension CalendarFields {
    /// The five fields. A leading `*` decides how a job meets a daylight-saving shift, and whether both day fields must
    /// match. So the text has a leading `*` only where the fields need one.
    fileprivate var text: String {
        let minute = FieldText(kind: .minute, values: minutes)
        let hour = FieldText(kind: .hour, values: hours)
        let (minuteText, hourText) =
            isWildcard ? FieldText.wildcard(minute, hour) : (minute.plain, hour.plain)

        let date = FieldText(kind: .dayOfMonth, values: days.dates, specials: days.dateSpecials)
        let weekday = FieldText(kind: .dayOfWeek, values: days.weekdays, specials: days.weekdaySpecials)
        let (dateText, weekdayText) =
            days.needsBoth ? FieldText.starred(date, weekday) : (date.plain, weekday.plain)

        let month = FieldText(kind: .month, values: months)
        return [minuteText, hourText, dateText, month.star ?? month.plain, weekdayText].joined(separator: " ")
    }
}

extension DayRule {
    fileprivate var dateSpecials: [String] {
        beforeLast.values.map { $0 == 0 ? "L" : "L-\($0)" }
            + nearestWorkday.values.map { $0 == 0 ? "LW" : "\($0)W" }
    }

    fileprivate var weekdaySpecials: [String] {
        nthWeekdays.values.map { "\($0 % 7)#\($0 / 7 + 1)" } + lastWeekdays.values.map { "\($0)L" }
    }
}

/// One field on its way to text.
private struct FieldText {
    let kind: FieldKind
    let values: FieldSet
    var specials: [String] = []

    /// Values in equal steps up to the end of the range.
    private typealias Progression = (text: String, values: FieldSet)

    /// Without a leading `*` or open step: `1-5,8`.
    var plain: String { list(values).joined(separator: ",") }

    /// `*`, if the field admits every value.
    var star: String? { values == FieldSet(kind.range) && specials.isEmpty ? "*" : nil }

    /// With a leading `*` or `*/n`; nil: that is not possible.
    private var starred: String? {
        if values == FieldSet(kind.range) { return (["*"] + specials).joined(separator: ",") }
        let low = kind.range.lowerBound
        return (2..<kind.range.count).lazy.compactMap { progression(from: low, step: $0) }.first.map(text)
    }

    /// With a leading open step such as `5/15`, the one with the most values.
    private var openStep: String? {
        let candidates = values.values.flatMap { low in
            (1...max(kind.range.upperBound - low, 1)).compactMap { progression(from: low, step: $0) }
        }
        return candidates.max { $0.values.count < $1.values.count }.map(text)
    }

    /// Minute and hour of a wildcard job. One of them begins with `*` or an open step.
    static func wildcard(_ minute: FieldText, _ hour: FieldText) -> (String, String) {
        if let star = minute.star { return (star, hour.star ?? hour.plain) }
        if let star = hour.star { return (minute.starred ?? minute.plain, star) }
        if let starred = minute.starred { return (starred, hour.plain) }
        if let starred = hour.starred { return (minute.plain, starred) }
        if let open = minute.openStep { return (open, hour.plain) }
        return (minute.plain, hour.openStep ?? hour.plain)
    }

    /// Both day fields of a job that needs both to match. One of them begins with `*`.
    static func starred(_ date: FieldText, _ weekday: FieldText) -> (String, String) {
        if date.star != nil || weekday.star != nil {
            return (date.star ?? date.plain, weekday.star ?? weekday.plain)
        }
        if let starred = date.starred { return (starred, weekday.plain) }
        return (date.plain, weekday.starred ?? weekday.plain)
    }

    private func progression(from low: Int, step: Int) -> Progression? {
        let values = stride(from: low, through: kind.range.upperBound, by: step)
        guard step == 1 || low + step <= kind.range.upperBound, values.allSatisfy(self.values.contains) else {
            return nil
        }
        let start = low == kind.range.lowerBound ? "*" : "\(low)"
        return ("\(start)/\(step)", FieldSet(bits: values.reduce(0) { $0 | 1 << $1 }))
    }

    private func text(_ progression: Progression) -> String {
        let rest = FieldSet(bits: values.bits & ~progression.values.bits)
        return ([progression.text] + list(rest)).joined(separator: ",")
    }

    /// Single values, and ranges of three values or more.
    private func list(_ values: FieldSet) -> [String] {
        var items: [String] = []
        var rest = values
        while let low = rest.first(atOrAfter: 0) {
            var high = low
            while rest.contains(high + 1) { high += 1 }
            if high == low + 1 { high = low }
            items.append(high == low ? "\(low)" : "\(low)-\(high)")
            rest.bits &= ~0 << UInt64(high + 1)
        }
        return items + specials
    }
}
