import CivilTime

/// Which days of a month the day-of-month and day-of-week fields admit together.
struct DayRule: Hashable, Sendable {
    /// Days 1 to 31.
    var dates = FieldSet()
    /// `L-n` as bit n; `L` as bit 0.
    var beforeLast = FieldSet()
    /// `nW` as bit n; `LW` as bit 0.
    var nearestWorkday = FieldSet()
    /// Weekdays 0 (Sunday) to 6.
    var weekdays = FieldSet()
    /// `dL` as bit d.
    var lastWeekdays = FieldSet()
    /// `d#k` as bit 7(k-1)+d.
    var nthWeekdays = FieldSet()
    /// Whether both fields must admit a date. Otherwise one of the two is enough.
    var needsBoth = true

    static let allDates = FieldSet(1...31)
    static let allWeekdays = FieldSet(0...6)

    private var hasSpecialDates: Bool { beforeLast.bits | nearestWorkday.bits != 0 }
    private var hasSpecialWeekdays: Bool { lastWeekdays.bits | nthWeekdays.bits != 0 }

    /// The admitted days of a month. Bit 1 is its first day.
    func days(of month: CivilMonth) -> FieldSet {
        var byDate = dates.bits
        if hasSpecialDates { byDate |= specialDates(of: month) }
        var byWeekday = DayRule.spread(weekdays.bits, over: month)
        if hasSpecialWeekdays { byWeekday |= specialWeekdays(of: month) }
        let admitted = needsBoth ? byDate & byWeekday : byDate | byWeekday
        return FieldSet(bits: admitted & ((2 &<< UInt64(truncatingIfNeeded: month.length)) &- 2))
    }

    /// The seven weekday bits, repeated over the days of a month and a little beyond.
    private static func spread(_ weekdays: UInt64, over month: CivilMonth) -> UInt64 {
        let sixWeeks = weekdays &* 0x8_1020_4081
        return (sixWeeks &>> UInt64(truncatingIfNeeded: month.firstWeekday)) &<< 1
    }

    private func specialDates(of month: CivilMonth) -> UInt64 {
        var days = FieldSet()
        for distance in beforeLast.each where distance < month.length {
            days.insert(month.length - distance)
        }
        for date in nearestWorkday.each where date <= month.length {
            days.insert(DayRule.workday(nearest: date == 0 ? month.length : date, in: month))
        }
        return days.bits
    }

    private func specialWeekdays(of month: CivilMonth) -> UInt64 {
        let lastWeek: UInt64 = 0b1111_1110 << UInt64(month.length - 7)
        var days = DayRule.spread(lastWeekdays.bits, over: month) & lastWeek
        for week in 0..<5 {
            let wanted = nthWeekdays.bits >> UInt64(7 * week) & 0b111_1111
            let sevenDays: UInt64 = 0b1111_1110 << UInt64(7 * week)
            days |= DayRule.spread(wanted, over: month) & sevenDays
        }
        return days
    }

    /// The nearest day to `date` from Monday to Friday in the same month.
    private static func workday(nearest date: Int, in month: CivilMonth) -> Int {
        switch (month.firstWeekday + date - 1) % 7 {
        case 0: date == month.length ? date - 2 : date + 1
        case 6: date == 1 ? 3 : date - 1
        default: date
        }
    }
}
