@testable import Cron

/// A random valid expression and, independently of the parser, what it means.
struct RandomExpression {
    /// A way in which a date may be admitted.
    enum DateItem {
        case dates(Set<Int>)
        case beforeLast(Int)
        case nearestWorkday(Int)
        case lastWorkday
        case weekdays(Set<Int>)
        case lastWeekday(Int)
        case nthWeekday(Int, Int)
    }

    private(set) var text = ""
    private(set) var minutes: Set<Int> = []
    private(set) var hours: Set<Int> = []
    private(set) var months: Set<Int> = []
    private(set) var dateItems: [DateItem] = []
    private(set) var weekdayItems: [DateItem] = []
    private(set) var needsBoth = false
    private(set) var isWildcard = false

    /// Draws until the calendar has such a date.
    init(using random: inout Seeded) {
        repeat { draw(using: &random) } while !isPossible
    }

    /// Whether 28 years (one turn of the weekdays) have a matching date.
    private var isPossible: Bool {
        (2_001...2_028).contains { year in
            months.contains { month in
                (1...NaiveDate.length(month, year)).contains {
                    admits(NaiveDate(year: year, month: month, day: $0))
                }
            }
        }
    }

    private mutating func draw(using random: inout Seeded) {
        let minute = RandomExpression.list(0...59, &random)
        let hour = RandomExpression.list(0...23, &random)
        let month = RandomExpression.list(1...12, &random)
        (minutes, hours, months) = (minute.values, hour.values, month.values)
        isWildcard = minute.isWildcard || hour.isWildcard

        var date = RandomExpression.list(1...31, &random)
        dateItems = [.dates(date.values)]
        if Int.random(in: 0..<6, using: &random) == 0 {
            let (text, item) = RandomExpression.specialDate(&random)
            let isAlone = Bool.random(using: &random)
            date.text = isAlone ? text : date.text + "," + text
            dateItems = isAlone ? [item] : dateItems + [item]
        }
        var weekday = RandomExpression.list(0...6, &random)
        weekdayItems = [.weekdays(weekday.values)]
        if Int.random(in: 0..<6, using: &random) == 0 {
            let (text, item) = RandomExpression.specialWeekday(&random)
            let isAlone = Bool.random(using: &random)
            weekday.text = isAlone ? text : weekday.text + "," + text
            weekdayItems = isAlone ? [item] : weekdayItems + [item]
        }
        needsBoth = date.text.hasPrefix("*") || weekday.text.hasPrefix("*")
        text = [minute.text, hour.text, date.text, month.text, weekday.text].joined(separator: " ")
    }

    private struct List {
        var text = ""
        var values: Set<Int> = []
        var isWildcard = false
    }

    private static func list(_ range: ClosedRange<Int>, _ random: inout Seeded) -> List {
        if Int.random(in: 0..<3, using: &random) == 0 {
            return List(text: "*", values: Set(range), isWildcard: true)
        }
        var list = List()
        for index in 0..<Int.random(in: 1...3, using: &random) {
            let (text, values, isOpen) = item(range, &random)
            list.text += (index == 0 ? "" : ",") + text
            list.values.formUnion(values)
            if index == 0 { list.isWildcard = isOpen }
        }
        return list
    }

    private static func item(_ range: ClosedRange<Int>, _ random: inout Seeded) -> (String, [Int], Bool) {
        let low = Int.random(in: range, using: &random)
        let high = Int.random(in: range, using: &random)
        let inOrder =
            low <= high ? Array(low...high) : Array(low...range.upperBound) + Array(range.lowerBound...high)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return steps("*", Array(range), isOpen: true, &random)
        case 1: return steps("\(low)", Array(low...range.upperBound), isOpen: true, &random)
        case 2: return steps("\(low)-\(high)", inOrder, isOpen: false, &random)
        case 3: return ("\(low)-\(high)", inOrder, false)
        default: return ("\(low)", [low], false)
        }
    }

    private static func steps(
        _ text: String, _ values: [Int], isOpen: Bool, _ random: inout Seeded
    ) -> (String, [Int], Bool) {
        let step = Int.random(in: 1...max(values.count - 1, 1), using: &random)
        return ("\(text)/\(step)", stride(from: 0, to: values.count, by: step).map { values[$0] }, isOpen)
    }

    private static func specialDate(_ random: inout Seeded) -> (String, DateItem) {
        let number = Int.random(in: 0...30, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return (number == 0 ? "L" : "L-\(number)", .beforeLast(number))
        case 1: return ("\(number + 1)W", .nearestWorkday(number + 1))
        default: return ("LW", .lastWorkday)
        }
    }

    private static func specialWeekday(_ random: inout Seeded) -> (String, DateItem) {
        let weekday = Int.random(in: 0...6, using: &random)
        let week = Int.random(in: 1...5, using: &random)
        return Bool.random(using: &random)
            ? ("\(weekday)L", .lastWeekday(weekday)) : ("\(weekday)#\(week)", .nthWeekday(weekday, week))
    }
}

extension RandomExpression {
    /// Whether the five fields admit a date.
    func admits(_ date: NaiveDate) -> Bool {
        let byDate = dateItems.contains { date.matches($0) }
        let byWeekday = weekdayItems.contains { date.matches($0) }
        return months.contains(date.month) && (needsBoth ? byDate && byWeekday : byDate || byWeekday)
    }
}

/// A date reckoned the slow way, without the arithmetic under test.
struct NaiveDate {
    let year: Int
    let month: Int
    let day: Int

    static func length(_ month: Int, _ year: Int) -> Int {
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Sakamoto's method; 0 is Sunday.
    func weekday(ofDay day: Int) -> Int {
        let year = month < 3 ? year - 1 : year
        let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
        return (year + year / 4 - year / 100 + year / 400 + shift + day) % 7
    }

    /// The date that lies a number of days after 1970-01-01, or before.
    init(daysSince1970 days: Int) {
        var year = 1_970
        var rest = days
        while rest < 0 {
            year -= 1
            rest += NaiveDate.length(2, year) + 337
        }
        while rest >= NaiveDate.length(2, year) + 337 {
            rest -= NaiveDate.length(2, year) + 337
            year += 1
        }
        var month = 1
        while rest >= NaiveDate.length(month, year) {
            rest -= NaiveDate.length(month, year)
            month += 1
        }
        self.init(year: year, month: month, day: rest + 1)
    }

    init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    func matches(_ item: RandomExpression.DateItem) -> Bool {
        let length = NaiveDate.length(month, year)
        switch item {
        case .dates(let dates): return dates.contains(day)
        case .beforeLast(let distance): return day == length - distance
        case .nearestWorkday(let date): return date <= length && day == workday(nearest: date)
        case .lastWorkday: return day == workday(nearest: length)
        case .weekdays(let weekdays): return weekdays.contains(weekday(ofDay: day))
        case .lastWeekday(let weekday): return weekday == self.weekday(ofDay: day) && day + 7 > length
        case .nthWeekday(let weekday, let week):
            let earlier = (1...day).filter { self.weekday(ofDay: $0) == weekday }
            return earlier.last == day && earlier.count == week
        }
    }

    private func workday(nearest date: Int) -> Int? {
        (1...NaiveDate.length(month, year)).filter { (1...5).contains(weekday(ofDay: $0)) }
            .min { abs($0 - date) < abs($1 - date) }
    }
}
