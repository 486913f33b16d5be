import CivilTime

/// Converts microseconds since 1970 to and from the text forms of the API (proleptic Gregorian calendar, UTC).
enum Timestamp {
    static let second: Int64 = 1_000_000

    /// The form of the API: `2026-01-15T03:00:00.412Z`.
    static func text(_ microseconds: Int64) -> String {
        Instant(microseconds: microseconds).rfc3339Milliseconds
    }

    /// The form of the `Date` header: `Thu, 15 Jan 2026 03:00:00 GMT`.
    static func httpDate(_ microseconds: Int64) -> String {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        let instant = Instant(microseconds: microseconds)
        let clock = instant.rfc3339Milliseconds.utf8.dropFirst(11).prefix(8)
        let date = CivilDate(dayNumber: CivilDate.epochDay + Int(instant.seconds / 86_400))
        let weekday = instant.wallClock(in: .utc).prefix(3)
        let year = String(String(10_000 + date.year).dropFirst())
        return
            "\(weekday), \(date.day < 10 ? "0" : "")\(date.day) \(months[date.month - 1]) \(year) \(Substring(clock)) GMT"
    }

    /// Reads ISO 8601 as a client may send it in a filter: a date, or a date and a time with an optional fraction and
    /// an optional offset. Nil if it is neither.
    static func parse(_ text: String) -> Int64? {
        var reader = Reader(rest: Array(text.utf8)[...])
        guard let days = reader.days() else { return nil }
        guard !reader.rest.isEmpty else { return days * 86_400 * second }
        guard let time = reader.time(), let offset = reader.offset(), reader.rest.isEmpty else { return nil }
        return (days * 86_400 - offset) * second + time
    }
}

/// Takes the parts of a time off the front of its text. It reads more forms than the client writes, as Rails does. It
/// is not a regular expression, because a simulation lists with times thousands of times.
private struct Reader {
    var rest: ArraySlice<UInt8>

    /// `2026-01-15` as days since 1970.
    mutating func days() -> Int64? {
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
            year > 0, (1...12).contains(month), (1...31).contains(day)
        else { return nil }
        let days = CivilDate.dayNumber(year: Int(year), month: Int(month), day: Int(day))
        return Int64(days - CivilDate.epochDay)
    }

    /// `T03:00`, `T03:00:00`, `T03:00:00.412` as microseconds of the day. A blank may replace the `T`.
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
