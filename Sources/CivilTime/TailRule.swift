/// Daylight saving without an end: the POSIX TZ rule in the footer of a zone file, such as `EST5EDT,M3.2.0,M11.1.0`
/// (RFC 9636, section 3.3).
///
/// Its changes are numbered by time, two a year. Numbers and years count from `originDay`, so all of them, and all day
/// numbers, are positive for every instant that `ZoneRules` knows.
struct TailRule: Hashable, Sendable {
    private let early: YearlyChange
    private let late: YearlyChange

    /// The year 1600 before our era: four whole cycles of the calendar before year 0.
    fileprivate static let originDay = 4 * CivilDate.cycle

    /// Nil if the changes do not strictly alternate in every year of the calendar's cycle.
    init?(_ one: YearlyChange, _ other: YearlyChange) {
        let isInOrder = one.moment(in: 2_000) <= other.moment(in: 2_000)
        early = isInOrder ? one : other
        late = isInOrder ? other : one
        for year in 2_000..<2_400 {
            let changes = [early.moment(in: year), late.moment(in: year), early.moment(in: year + 1)]
            guard changes[0] < changes[1], changes[1] < changes[2] else { return nil }
        }
    }

    /// The time of a change, in seconds since 1970.
    func moment(ofChange number: Int) -> Int {
        (number & 1 == 0 ? early : late).moment(in: number &>> 1)
    }

    /// The UTC offsets before and after a change.
    func offsets(ofChange number: Int) -> (before: Int, after: Int) {
        let change = number & 1 == 0 ? early : late
        return (change.offsetBefore, change.offsetAfter)
    }

    /// The last change at or before a second. The second lies in the years -1199 to 11476.
    func lastChange(atOrBefore second: Int) -> Int {
        let secondOfOrigin = second + CivilMinute.epochSecond + TailRule.originDay * 86_400
        let year = CivilDate(dayNumber: secondOfOrigin / 86_400).year
        // A change may lie a week outside its year, because times of day reach from -167 to 167 hours.
        var number = 2 * year + 1
        while moment(ofChange: number) > second { number -= 1 }
        while moment(ofChange: number + 1) <= second { number += 1 }
        return number
    }
}

/// A yearly change from one UTC offset to another.
struct YearlyChange: Hashable, Sendable {
    let day: YearlyDay
    /// Seconds from midnight of that day, by the offset before the change.
    let time: Int
    let offsetBefore: Int
    let offsetAfter: Int

    /// The time of the change in a year, in seconds since 1970. Years count from `TailRule.originDay`.
    func moment(in year: Int) -> Int {
        (day.number(in: year) - TailRule.originDay - CivilDate.epochDay) * 86_400 + time - offsetBefore
    }
}

/// The day of a yearly change, in the three forms of POSIX.
enum YearlyDay: Hashable, Sendable {
    /// `Jn`: 1 to 365. 29 February does not count.
    case julian(Int)
    /// `n`: 0 to 365. 29 February counts.
    case ordinal(Int)
    /// `Mm.w.d`: the w-th weekday d (0 is Sunday) of month m. Week 5 is the last one.
    case weekday(Int, week: Int, month: Int)

    func number(in year: Int) -> Int {
        switch self {
        case .julian(let day):
            let isAfterLeapDay = day >= 60 && CivilDate.isLeap(year)
            return CivilDate.dayNumber(year: year, month: 1, day: day) + (isAfterLeapDay ? 1 : 0)
        case .ordinal(let day):
            return CivilDate.dayNumber(year: year, month: 1, day: day + 1)
        case .weekday(let weekday, let week, let month):
            let first = CivilMonth(year: year, month: month)
            let day = (weekday - first.firstWeekday + 7) % 7 + 7 * (week - 1)
            return first.firstDay + (day < first.length ? day : day - 7)
        }
    }
}
