import TestSupport

extension KnownExpression {
    /// A random valid expression. Draws again until the calendar has a matching date.
    static func random(using random: inout SplitMix) -> KnownExpression {
        while true {
            let expression = draw(using: &random)
            if expression.isPossible { return expression }
        }
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

    private static func draw(using random: inout SplitMix) -> KnownExpression {
        let minute = list(0...59, &random)
        let hour = list(0...23, &random)
        let month = list(1...12, &random)

        var date = list(1...31, &random)
        var dateItems = [DateItem.dates(date.values)]
        if Int.random(in: 0..<6, using: &random) == 0 {
            let (text, item) = specialDate(&random)
            let isAlone = Bool.random(using: &random)
            date.text = isAlone ? text : date.text + "," + text
            dateItems = isAlone ? [item] : dateItems + [item]
        }
        var weekday = list(0...6, &random)
        var weekdayItems = [DateItem.weekdays(weekday.values)]
        if Int.random(in: 0..<6, using: &random) == 0 {
            let (text, item) = specialWeekday(&random)
            let isAlone = Bool.random(using: &random)
            weekday.text = isAlone ? text : weekday.text + "," + text
            weekdayItems = isAlone ? [item] : weekdayItems + [item]
        }
        return KnownExpression(
            [minute.text, hour.text, date.text, month.text, weekday.text].joined(separator: " "),
            minutes: minute.values, hours: hour.values, dateItems: dateItems, months: month.values,
            weekdayItems: weekdayItems,
            needsBoth: date.text.hasPrefix("*") || weekday.text.hasPrefix("*"),
            isWildcard: minute.isWildcard || hour.isWildcard)
    }

    private struct List {
        var text = ""
        var values: Set<Int> = []
        var isWildcard = false
    }

    private static func list(_ range: ClosedRange<Int>, _ random: inout SplitMix) -> List {
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

    private static func item(_ range: ClosedRange<Int>, _ random: inout SplitMix) -> (String, [Int], Bool) {
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
        _ text: String, _ values: [Int], isOpen: Bool, _ random: inout SplitMix
    ) -> (String, [Int], Bool) {
        let step = Int.random(in: 1...max(values.count - 1, 1), using: &random)
        return ("\(text)/\(step)", stride(from: 0, to: values.count, by: step).map { values[$0] }, isOpen)
    }

    private static func specialDate(_ random: inout SplitMix) -> (String, DateItem) {
        let number = Int.random(in: 0...30, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return (number == 0 ? "L" : "L-\(number)", .beforeLast(number))
        case 1: return ("\(number + 1)W", .nearestWorkday(number + 1))
        default: return ("LW", .lastWorkday)
        }
    }

    private static func specialWeekday(_ random: inout SplitMix) -> (String, DateItem) {
        let weekday = Int.random(in: 0...6, using: &random)
        let week = Int.random(in: 1...5, using: &random)
        return Bool.random(using: &random)
            ? ("\(weekday)L", .lastWeekday(weekday)) : ("\(weekday)#\(week)", .nthWeekday(weekday, week))
    }
}
