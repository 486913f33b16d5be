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
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let days = reader.days() else { return nil }
        guard !reader.rest.isEmpty else { return days * 86_400 * second }
        guard let time = reader.time(), let offset = reader.offset(), reader.rest.isEmpty else { return nil }
        return (days * 86_400 - offset) * second + time
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

/// Takes the parts of a time off the front of its text. Not a regular expression, because lists are asked for
/// with times thousands of times in a simulation.
private struct Reader {
    var rest: ArraySlice<UInt8>

    /// `2026-01-15` as days since 1970.
    mutating func days() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        return Civil.days(year: year, month: month, day: day)
    }

    /// `T03:00`, `T03:00:00`, `T03:00:00.412` as microseconds of the day; a blank may stand for the `T`.
    mutating func time() -> Int64? {
        guard take("T") || take(" "), let hour = number(2), take(":"), let minute = number(2), hour < 25,
            minute < 60
        else { return nil }
        let minutes = (hour * 60 + minute) * 60 * Timestamp.second
        guard take(":") else { return minutes }
        guard let seconds = number(2) else { return nil }
        guard take(".") else { return minutes + seconds * Timestamp.second }
        return fraction().map { minutes + seconds * Timestamp.second + $0 }
    }

    /// `Z`, `+01:00`, `-0530` or nothing, as seconds. A `+` that was not escaped arrives as a blank.
    mutating func offset() -> Int64? {
        guard let sign = rest.first, !take("Z") else { return 0 }
        guard take("+") || take("-") || take(" "), let hours = number(2) else { return nil }
        _ = take(":")
        guard let minutes = number(2) else { return nil }
        let size = hours * 3_600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -size : size
    }

    /// Digits after the point, of which six count.
    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var scale: Int64 = 100_000
        let before = rest.count
        while let digit = number(1) {
            value += digit * scale
            scale /= 10
        }
        return rest.count < before ? value : nil
    }

    private mutating func number(_ digits: Int) -> Int64? {
        guard rest.count >= digits else { return nil }
        var value: Int64 = 0
        for byte in rest.prefix(digits) {
            guard (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - 0x30)
        }
        rest.removeFirst(digits)
        return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }
}
