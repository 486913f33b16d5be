/// Microseconds since 1970 to and from the text forms of the API (proleptic Gregorian calendar, UTC).
enum Timestamp {
    static let second: Int64 = 1_000_000

    /// The form of the API: `2026-01-15T03:00:00.412Z`.
    static func text(_ microseconds: Int64) -> String {
        let parts = Civil(microseconds)
        return "\(parts.date)T\(parts.time).\(padded(parts.millisecond, 3))Z"
    }

    /// The form of the `Date` header: `Thu, 15 Jan 2026 03:00:00 GMT`.
    static func httpDate(_ microseconds: Int64) -> String {
        let parts = Civil(microseconds)
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let weekday = weekdays[Int(parts.weekday)]
        let month = months[Int(parts.month - 1)]
        return "\(weekday), \(padded(parts.day, 2)) \(month) \(padded(parts.year, 4)) \(parts.time) GMT"
    }

    /// Reads ISO 8601 as a client may send it in a filter: a date, or a date and a time with an optional
    /// fraction and an optional offset. Nil when it is neither.
    static func parse(_ text: String) -> Int64? {
        guard
            let match = text.wholeMatch(
                of: /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+\- ]\d\d:?\d\d)?)?/
            )
        else { return nil }
        let (_, year, month, day, hour, minute, second, fraction, offset) = match.output
        guard let year = Int64(year), let month = Int64(month), let day = Int64(day) else { return nil }
        let (hours, minutes) = (whole(hour), whole(minute))
        guard (1...12).contains(month), (1...31).contains(day), hours < 25, minutes < 60 else { return nil }
        let days = Civil.days(year: year, month: month, day: day)
        let seconds = days * 86_400 + hours * 3_600 + minutes * 60 + whole(second) - offsetSeconds(offset)
        return seconds * self.second + microseconds(fraction)
    }

    private static func whole(_ digits: Substring?) -> Int64 { digits.flatMap { Int64($0) } ?? 0 }

    private static func microseconds(_ fraction: Substring?) -> Int64 {
        let digits = String((fraction ?? "").prefix(6))
        return Int64(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
    }

    /// A `+` that was not escaped arrives as a blank, so a blank is read as a plus.
    private static func offsetSeconds(_ text: Substring?) -> Int64 {
        guard let text, text.count > 1 else { return 0 }
        let digits = text.dropFirst().filter { $0 != ":" }
        let size = whole(digits.prefix(2)) * 3_600 + whole(digits.suffix(2)) * 60
        return text.hasPrefix("-") ? -size : size
    }

    static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

/// The calendar fields of an instant in UTC.
private struct Civil {
    let year, month, day, weekday, secondOfDay, millisecond: Int64

    init(_ microseconds: Int64) {
        let (seconds, rest) = Civil.divide(microseconds, by: Timestamp.second)
        let (days, secondOfDay) = Civil.divide(seconds, by: 86_400)
        (year, month, day) = Civil.date(days)
        weekday = Civil.divide(days + 4, by: 7).rest
        self.secondOfDay = secondOfDay
        millisecond = rest / 1_000
    }

    var date: String {
        "\(Timestamp.padded(year, 4))-\(Timestamp.padded(month, 2))-\(Timestamp.padded(day, 2))"
    }

    var time: String {
        let (hour, minute, second) = (secondOfDay / 3_600, secondOfDay / 60 % 60, secondOfDay % 60)
        return "\(Timestamp.padded(hour, 2)):\(Timestamp.padded(minute, 2)):\(Timestamp.padded(second, 2))"
    }

    /// Division that rounds towards the past.
    private static func divide(_ number: Int64, by divisor: Int64) -> (quotient: Int64, rest: Int64) {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }

    /// Days since 1970-01-01, counted in 400-year eras that start on 1 March.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let (era, yearOfEra) = divide(month <= 2 ? year - 1 : year, by: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(_ days: Int64) -> (Int64, Int64, Int64) {
        let (era, dayOfEra) = divide(days + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
