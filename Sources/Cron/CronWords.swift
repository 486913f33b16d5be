extension CronExpression {
    /// The meaning in English: `at 09:00 on Monday to Friday`.
    public var words: String {
        switch timing {
        case .every(let seconds): "every \(EnglishList.duration(seconds))"
        case .calendar(let fields):
            [fields.timeWords, fields.days.words, fields.monthWords].filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }
}

extension CalendarFields {
    /// Up to this many times of day are listed. For more, the words describe minutes and hours separately.
    private static let mostTimes = 8

    fileprivate var timeWords: String {
        let allHours = hours == FieldSet(0...23)
        if allHours, let step = evenStep(of: minutes, upTo: 60) {
            return step == 1 ? "every minute" : "every \(step) minutes"
        }
        if minutes.count * hours.count <= Self.mostTimes {
            let times = hours.values.flatMap { hour in minutes.values.map { clock(hour, $0) } }
            let daily = days.isEveryDay && monthWords.isEmpty ? " every day" : ""
            return "at \(EnglishList.and(times))\(daily)"
        }
        return "\(minuteWords) \(allHours ? "of every hour" : hourWords)"
    }

    private var minuteWords: String {
        if let step = evenStep(of: minutes, upTo: 60) {
            return step == 1 ? "every minute" : "every \(step) minutes"
        }
        return
            "at \(minutes.count == 1 ? "minute" : "minutes") \(EnglishList.ranges(minutes.values, { "\($0)" }))"
    }

    private var hourWords: String {
        let values = hours.values
        if let first = values.first, let last = values.last, last - first == values.count - 1 {
            return "from \(clock(first, 0)) to \(clock(last, 59))"
        }
        return "in the hours \(EnglishList.ranges(values, { "\($0)" }))"
    }

    fileprivate var monthWords: String {
        guard months != FieldSet(1...12) else { return "" }
        return "in \(EnglishList.ranges(months.values, { EnglishList.months[$0 - 1] }))"
    }

    /// The step of values that begin at 0 and continue evenly through the whole range and past its end.
    private func evenStep(of set: FieldSet, upTo end: Int) -> Int? {
        let values = set.values
        guard values.count > 1, values.first == 0, end % values.count == 0 else { return nil }
        let step = end / values.count
        return values.indices.allSatisfy { values[$0] == $0 * step } ? step : nil
    }

    private func clock(_ hour: Int, _ minute: Int) -> String {
        "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)"
    }
}

extension DayRule {
    fileprivate var isEveryDay: Bool { words.isEmpty }

    /// The days, with `on` in front; empty: every day.
    var words: String {
        let (date, weekday) = (dateItems, weekdayItems)
        if needsBoth {
            if date.isEmpty { return weekday.isEmpty ? "" : "on \(EnglishList.or(weekday))" }
            if weekday.isEmpty { return "on \(EnglishList.and(date)) of the month" }
            return "on \(EnglishList.and(date)) of the month, where that is \(EnglishList.or(weekday))"
        }
        // One match is enough. If one field admits every day, the other one changes nothing.
        if date.isEmpty || weekday.isEmpty { return "" }
        return "on \(EnglishList.and(date)) of the month, and on \(EnglishList.and(weekday))"
    }

    /// Empty if every date is admitted.
    private var dateItems: [String] {
        guard dates != Self.allDates else { return [] }
        var items: [String] = []
        if !dates.isEmpty {
            let days = EnglishList.ranges(dates.values, { "\($0)" })
            items.append("\(dates.count == 1 ? "day" : "days") \(days)")
        }
        items += beforeLast.values.map {
            $0 == 0 ? "the last day" : $0 == 1 ? "the last day but one" : "the day \($0) days before the last"
        }
        items += nearestWorkday.values.map {
            $0 == 0 ? "the last workday" : "the workday nearest to day \($0)"
        }
        return items
    }

    /// Empty if every weekday is admitted.
    private var weekdayItems: [String] {
        guard weekdays != Self.allWeekdays else { return [] }
        var items: [String] = []
        if !weekdays.isEmpty { items.append(EnglishList.weekdays(weekdays.values)) }
        items += nthWeekdays.values.map {
            "the \(EnglishList.ordinals[$0 / 7]) \(EnglishList.weekdayNames[$0 % 7])"
        }
        items += lastWeekdays.values.map { "the last \(EnglishList.weekdayNames[$0])" }
        return items
    }
}
