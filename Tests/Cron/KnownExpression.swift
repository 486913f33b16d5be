import TestSupport

/// An expression and its meaning, independent of the parser.
struct KnownExpression: Sendable {
    /// A way to admit dates.
    enum DateItem: Sendable {
        case dates(Set<Int>)
        case beforeLast(Int)
        case nearestWorkday(Int)
        case lastWorkday
        case weekdays(Set<Int>)
        case lastWeekday(Int)
        case nthWeekday(Int, Int)
    }

    let text: String
    let minutes: Set<Int>
    let hours: Set<Int>
    let months: Set<Int>
    let dateItems: [DateItem]
    let weekdayItems: [DateItem]
    let needsBoth: Bool
    let isWildcard: Bool
    /// The admitted times of day, in seconds from midnight.
    let times: [Int]
    private let isEveryDay: Bool

    /// A missing argument admits everything, like `*`.
    init(
        _ text: String, minutes: Set<Int> = Set(0...59), hours: Set<Int> = Set(0...23),
        dateItems: [DateItem] = [.dates(Set(1...31))], months: Set<Int> = Set(1...12),
        weekdayItems: [DateItem] = [.weekdays(Set(0...6))], needsBoth: Bool = true, isWildcard: Bool = false
    ) {
        self.text = text
        self.minutes = minutes
        self.hours = hours
        self.months = months
        self.dateItems = dateItems
        self.weekdayItems = weekdayItems
        self.needsBoth = needsBoth
        self.isWildcard = isWildcard
        let seconds = minutes.sorted().map { $0 * 60 }
        times = hours.sorted().flatMap { hour in seconds.map { hour * 3_600 + $0 } }
        isEveryDay = text.hasSuffix(" * * *")
    }

    /// Whether the five fields admit a date.
    func admits(_ date: NaiveDate) -> Bool {
        guard months.contains(date.month) else { return false }
        let byDate = dateItems.contains { date.matches($0) }
        // Then the weekday does not matter.
        if byDate != needsBoth { return byDate }
        return weekdayItems.contains { date.matches($0) }
    }

    /// The same for a date counted in days from 1970-01-01.
    func admits(day: Int) -> Bool { isEveryDay || admits(NaiveDate(daysSince1970: day)) }
}
