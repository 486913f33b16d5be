/// Lists in English.
enum EnglishList {
    static let weekdayNames = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    static let ordinals = ["first", "second", "third", "fourth", "fifth"]

    static func and(_ items: [String]) -> String { list(items, "and") }
    static func or(_ items: [String]) -> String { list(items, "or") }

    private static func list(_ items: [String], _ word: String) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return "\(items.dropLast().joined(separator: ", ")) \(word) \(last)"
    }

    /// `1, 3 to 5 and 8`: three or more consecutive values become a range. Many values in even steps become the first
    /// three and the last.
    static func ranges(_ values: [Int], _ name: (Int) -> String) -> String {
        if values.count > 6, let last = values.last, values[1] - values[0] > 1,
            zip(values, values.dropFirst()).allSatisfy({ $1 - $0 == values[1] - values[0] })
        {
            return values.prefix(3).map(name).joined(separator: ", ") + " and so on to \(name(last))"
        }
        var items: [String] = []
        var rest = values[...]
        while let low = rest.first {
            let run = zip(rest, low...).prefix { $0 == $1 }.count
            let isRange = run > 2
            items.append(isRange ? "\(name(low)) to \(name(low + run - 1))" : name(low))
            rest = rest.dropFirst(isRange ? run : 1)
        }
        return and(items)
    }

    /// Weekdays from Monday on. A range may continue past the end of the week (`Friday to Monday`).
    static func weekdays(_ values: [Int]) -> String {
        let fromMonday = values.map { ($0 + 6) % 7 }.sorted()
        let start = (0..<7).first { !fromMonday.contains(($0 + 6) % 7) && fromMonday.contains($0) } ?? 0
        let isOneRun = fromMonday.allSatisfy { day in (0..<values.count).contains((day - start + 7) % 7) }
        guard isOneRun else { return ranges(fromMonday, { weekdayNames[($0 + 1) % 7] }) }
        return ranges(Array(0..<values.count), { weekdayNames[(start + $0 + 1) % 7] })
    }

    /// Weekdays as in an expression: `MON-FRI`, `SUN,TUE`.
    static func weekdayItems(_ values: [Int]) -> String {
        weekdays(values).split(separator: ", ").flatMap { $0.split(separator: " and ") }.map { item in
            item.split(separator: " to ").map { $0.prefix(3).uppercased() }.joined(separator: "-")
        }.joined(separator: ",")
    }

    /// `90 seconds`, `20 minutes`, `1 day`: in the largest unit that gives a whole number.
    static func duration(_ seconds: Int) -> String {
        let units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)]
        let (name, length) = units.first { seconds % $0.1 == 0 } ?? ("second", 1)
        let count = seconds / length
        return count == 1 ? name : "\(count) \(name)s"
    }
}
