import CivilTime

/// A cron expression: five fields, a macro such as `@daily`, or `@every <duration>`.
///
/// Two expressions are equal if they mean the same: `0 9 * * MON-FRI` equals `00 9 * * 1-5`.
public struct CronExpression: Hashable, Sendable {
    let timing: Timing
}

extension CronExpression {
    /// `@every 1s`.
    public static let everySecond = CronExpression(timing: .every(seconds: 1))

    /// Reads an expression and ignores blanks around it.
    public init(_ text: String) throws(CronError) {
        timing = try CronParser(text).timing()
    }

    /// Whether it is `@every <duration>`, which follows no wall clock.
    public var isInterval: Bool {
        if case .every = timing { true } else { false }
    }
}

/// The two ways to give fire times.
enum Timing: Hashable, Sendable {
    /// Minutes of the wall clock.
    case calendar(CalendarFields)
    /// Every multiple of this number of seconds since 1970-01-01T00:00:00Z; at least 1.
    case every(seconds: Int)
}

/// The five fields of an expression as sets of values.
struct CalendarFields: Hashable, Sendable {
    var minutes: FieldSet
    var hours: FieldSet
    var months: FieldSet
    var days: DayRule
    /// Whether the minute or hour field starts with `*` or an open step. Such a wildcard job follows the wall clock
    /// through a daylight-saving shift, while a fixed-time job runs once for each of its times.
    var isWildcard: Bool
}

extension CalendarFields {
    /// The first admitted minute at or after `start`; `.end`: there is none before the year 10000.
    func firstMinute(atOrAfter start: CivilMinute) -> CivilMinute {
        guard start < .end else { return .end }
        let day = start.number / 1_440
        let date = CivilDate(dayNumber: day)
        if months.contains(date.month) {
            let month = CivilMonth(
                firstDay: day &- date.day &+ 1,
                length: CivilDate.length(ofMonth: date.month, in: date.year))
            let admitted = days.days(of: month)
            if admitted.contains(date.day), let minute = firstMinute(ofDayAt: start.number &- day &* 1_440) {
                return CivilMinute(number: day &* 1_440 &+ minute)
            }
            if let later = admitted.first(atOrAfter: date.day &+ 1) {
                return firstMinute(onDay: month.firstDay &+ later &- 1)
            }
        }
        return firstMinute(afterMonth: date.month, of: date.year)
    }

    /// The first admitted minute of a day at or after `minute`. Both count from midnight.
    private func firstMinute(ofDayAt minute: Int) -> Int? {
        let hour = minute / 60
        if hours.contains(hour), let found = minutes.first(atOrAfter: minute &- hour &* 60) {
            return hour &* 60 &+ found
        }
        return hours.first(atOrAfter: hour &+ 1).map { $0 &* 60 &+ minutes.bits.trailingZeroBitCount }
    }

    private func firstMinute(onDay day: Int) -> CivilMinute {
        let hour = hours.bits.trailingZeroBitCount
        return CivilMinute(number: day &* 1_440 &+ hour &* 60 &+ minutes.bits.trailingZeroBitCount)
    }

    private func firstMinute(afterMonth month: Int, of year: Int) -> CivilMinute {
        var year = year
        var month = month
        while true {
            if let next = months.first(atOrAfter: month &+ 1) {
                month = next
            } else {
                year &+= 1
                month = months.bits.trailingZeroBitCount
            }
            guard year <= 9_999 else { return .end }
            let candidate = CivilMonth(year: year, month: month)
            if let day = days.days(of: candidate).first(atOrAfter: 1) {
                return firstMinute(onDay: candidate.firstDay &+ day &- 1)
            }
        }
    }

    /// Whether the fields admit any date at all. A year's length and first weekday give fourteen possible calendars,
    /// and 28 years in a row without a missing leap day have all of them.
    var matchesSomeDate: Bool {
        (2_000..<2_028).contains { year in
            (1...12).contains { month in
                months.contains(month) && !days.days(of: CivilMonth(year: year, month: month)).isEmpty
            }
        }
    }
}
