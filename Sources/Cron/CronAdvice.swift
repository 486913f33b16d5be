import CivilTime

/// Something in an expression that is allowed but perhaps a mistake.
public struct CronAdvice: Hashable, Sendable {
    /// 1-based, in characters of the given string.
    public let column: Int
    /// The field's name, such as "day-of-week".
    public let field: String
    public let message: String
    /// What the author perhaps meant.
    public let hint: String?
}

extension CronExpression {
    /// What the author of an expression should check; empty for macros and for an expression with an error.
    public static func advice(on text: String) -> [CronAdvice] {
        (try? CronParser(text).advice()) ?? []
    }
}

extension CronParser {
    fileprivate func advice() throws(CronError) -> [CronAdvice] {
        guard case .calendar(let fields) = try timing(), let parsed = try parsedFields() else { return [] }
        let advisor = Advisor(parser: self, parsed: parsed, fields: fields)
        return advisor.bothDays + advisor.unevenSteps + advisor.lateDates + advisor.numberedWeekdays
    }
}

/// Looks for probable mistakes in five fields without an error.
private struct Advisor {
    let parser: CronParser
    let parsed: [ParsedField]
    let fields: CalendarFields

    private var dates: ParsedField { parsed[FieldKind.dayOfMonth.rawValue] }
    private var weekdays: ParsedField { parsed[FieldKind.dayOfWeek.rawValue] }

    private func advice(
        at position: Int, in kind: FieldKind, _ message: String, hint: String? = nil
    ) -> CronAdvice {
        CronAdvice(column: parser.source.column(at: position), field: kind.name, message: message, hint: hint)
    }

    /// Cron's oldest trap: two day fields mean "either", unless one of them begins with a star.
    var bothDays: [CronAdvice] {
        guard !dates.isWhole, !weekdays.isWhole else { return [] }
        guard fields.days.needsBoth else {
            let days = fields.days.words.isEmpty ? "every day" : fields.days.words
            let message =
                "both day fields are given, and either is enough: it fires \(days); APScheduler wanted both"
            return [
                advice(
                    at: dates.start, in: .dayOfMonth, message,
                    hint: "'*' in one of the two, or 'FRI#2' for the second Friday of a month")
            ]
        }
        let (kind, field): (FieldKind, ParsedField) =
            dates.startsWithStar ? (.dayOfMonth, dates) : (.dayOfWeek, weekdays)
        let message =
            "both day fields must match, because this one begins with '*'; Kubernetes and GitLab take either"
        return [advice(at: field.start, in: kind, message)]
    }

    /// Steps begin anew with each hour, day, month, year or week. If they do not divide it, the last one is shorter.
    var unevenSteps: [CronAdvice] {
        zip(FieldKind.allCases, parsed).flatMap { kind, field in
            field.steps.compactMap { unevenStep($0, kind) }
        }
    }

    private func unevenStep(_ step: ParsedStep, _ kind: FieldKind) -> CronAdvice? {
        let span = kind.range.count
        let last = step.low + (step.count - 1) / step.step * step.step
        let rest = span - last + step.low
        guard step.isOpen, kind == .dayOfMonth || rest != step.step else { return nil }
        let begins = "step \(step.step) begins anew each \(kind.period)"
        guard kind != .dayOfMonth else {
            let message = "\(begins): after the last one comes day \(step.low), whatever the distance"
            return advice(
                at: step.position, in: kind, message, hint: "@every \(step.step)d for an even distance")
        }
        let (from, to) = (kind.valueName(last), kind.valueName(step.low))
        let hint = kind.everyUnit.map { "@every \(step.step)\($0) for an even distance" }
        return advice(
            at: step.position, in: kind, "\(begins): from \(from) to \(to) it is \(rest), not \(step.step)",
            hint: hint)
    }

    /// Days 29 to 31, if one of the given months does not have them.
    var lateDates: [CronAdvice] {
        dates.lateDates.compactMap { late in
            let lacking = fields.months.values.filter { CivilDate.length(ofMonth: $0, in: 2_001) < late.day }
            guard !lacking.isEmpty else { return nil }
            let names = EnglishList.ranges(lacking, { EnglishList.months[$0 - 1] })
            let isLeapDay = late.day == 29
            let message =
                "day \(late.day) does not exist in \(names)\(isLeapDay ? " but in leap years" : ""): nothing fires there"
            return advice(
                at: late.position, in: .dayOfMonth, message, hint: "L for the last day of the month")
        }
    }

    /// Weekdays given as numbers. APScheduler counts them from Monday.
    var numberedWeekdays: [CronAdvice] {
        let numbered = weekdays.numbered
        guard let start = weekdays.firstNumber, !weekdays.usesSeven, !numbered.isEmpty else { return [] }
        let there = FieldSet(bits: (numbered.bits << 1 | numbered.bits >> 6) & DayRule.allWeekdays.bits)
        guard there != numbered else { return [] }
        let (ours, theirs) = (EnglishList.weekdays(numbered.values), EnglishList.weekdays(there.values))
        let message =
            "these numbers count from Sunday: \(ours); APScheduler counts from Monday and took them for \(theirs)"
        return [advice(at: start, in: .dayOfWeek, message, hint: EnglishList.weekdayItems(numbered.values))]
    }
}

extension FieldKind {
    /// The period in which the field's values begin anew.
    fileprivate var period: String {
        switch self {
        case .minute: "hour"
        case .hour: "day"
        case .dayOfMonth: "month"
        case .month: "year"
        case .dayOfWeek: "week"
        }
    }

    /// The unit of `@every` that matches a step of this field.
    fileprivate var everyUnit: String? {
        switch self {
        case .minute: "m"
        case .hour: "h"
        case .dayOfMonth, .dayOfWeek: "d"
        case .month: nil
        }
    }

    fileprivate func valueName(_ value: Int) -> String {
        switch self {
        case .minute, .hour, .dayOfMonth: "\(value)"
        case .month: EnglishList.months[value - 1]
        case .dayOfWeek: EnglishList.weekdayNames[value]
        }
    }
}
