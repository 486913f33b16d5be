import Text

/// RFC 3339, section 5.6, and the dates of HTTP.
extension Instant {
    /// Reads `2026-03-08T02:30:00Z` or `2026-03-08T02:30:00.25+01:00`; nil for anything else.
    ///
    /// Years 0001 to 9999, in UTC too. A fraction is cut to microseconds. There is no leap second (`:60`).
    public init?(rfc3339 text: some StringProtocol) {
        var parser = TimestampParser(bytes: Array(text.utf8), isStrict: true)
        guard let instant = parser.instant() else { return nil }
        self = instant
    }

    /// Reads the same from a less strict server: a leap second counts as the second before it, and the offset may lack
    /// its colon (`-0330`).
    public init?(lenient text: some StringProtocol) {
        var parser = TimestampParser(bytes: Array(text.utf8), isStrict: false)
        guard let instant = parser.instant() else { return nil }
        self = instant
    }

    /// Reads the form that HTTP prescribes: `Thu, 15 Jan 2026 03:01:00 GMT`. The weekday is ignored.
    public init?(httpDate text: String) {
        var parser = TimestampParser(bytes: Array(text.utf8), isStrict: false)
        guard let instant = parser.httpDate() else { return nil }
        self = instant
    }

    /// In UTC, such as `2026-03-08T02:30:00Z`, with a fraction (3 or 6 digits) only if it is not zero.
    ///
    /// Outside the years 0001 to 9999 the year has a sign and as many digits as it needs.
    public var rfc3339: String {
        let clock = WallClock(self, offset: 0)
        return fraction.isEmpty ? clock.text("T", end: "Z") : clock.text("T") + fraction + "Z"
    }

    /// In UTC with three digits of fraction, such as `2026-03-08T02:30:00.000Z`. Rounded toward the past, and limited
    /// to the years 1 to 9999.
    public var rfc3339Milliseconds: String {
        let first = Instant(seconds: Int64(-CivilMinute.epochSecond))
        let last = Instant(microseconds: Int64(CivilMinute.end.wallSecond) * 1_000_000 - 1)
        let bounded = min(max(self, first), last)
        let milliseconds = Int(bounded.microseconds &- bounded.seconds &* 1_000_000) / 1_000
        return WallClock(bounded, offset: 0).text("T", end: ".\(milliseconds.padded(3))Z")
    }

    /// In local time with its UTC offset, such as `2026-03-08T03:00:00-04:00`.
    ///
    /// RFC 3339 has no seconds in offsets. So an instant before the time of standard offsets is given in UTC.
    public func rfc3339(in zone: Zone) -> String {
        let offset = zone.offset(at: self)
        guard offset % 60 == 0, zone.rules != nil else { return rfc3339 }
        let minutes = offset.magnitude / 60
        let sign = offset < 0 ? "-" : "+"
        let end = "\(sign)\(Int(minutes / 60).padded(2)):\(Int(minutes % 60).padded(2))"
        return WallClock(self, offset: offset).text("T", end: fraction + end)
    }

    /// For people, the time of a wall clock in the zone: `Sun 2026-03-08 03:00`, with seconds if they are not zero.
    public func wallClock(in zone: Zone) -> String {
        let clock = WallClock(self, offset: zone.offset(at: self))
        return WallClock.weekdays[clock.weekday] + clock.text(" ", withSeconds: clock.second != 0)
    }

    private var fraction: String {
        let rest = Int(microseconds &- seconds &* 1_000_000)
        if rest == 0 { return "" }
        return rest % 1_000 == 0 ? ".\((rest / 1_000).padded(3))" : ".\(rest.padded(6))"
    }
}

/// An instant on a wall clock, in any year that an `Instant` can reach.
private struct WallClock {
    static let weekdays = ["Sun ", "Mon ", "Tue ", "Wed ", "Thu ", "Fri ", "Sat "]

    private var date: CivilDate
    private let secondOfDay: Int
    let weekday: Int

    init(_ instant: Instant, offset: Int) {
        // Moved by whole 400-year cycles, so that the day number is positive.
        let cycles = 750
        let second =
            Int(instant.seconds) + offset + CivilMinute.epochSecond + cycles * CivilDate.cycle * 86_400
        let day = second / 86_400
        var date = CivilDate(dayNumber: day % CivilDate.cycle)
        date.year += 400 * (day / CivilDate.cycle - cycles)
        self.date = date
        secondOfDay = second % 86_400
        weekday = CivilDate.weekday(dayNumber: day % CivilDate.cycle)
    }

    var second: Int { secondOfDay % 60 }

    /// Date and time with a separator between them and `end` after them. Written digit by digit, because tables and
    /// `--json` print hundreds of thousands of them.
    func text(_ separator: Unicode.Scalar, withSeconds: Bool = true, end: String = "") -> String {
        guard (0...9_999).contains(date.year) else {
            var clock = self
            clock.date.year = 0
            let year = (date.year < 0 ? "-" : "+") + Int(date.year.magnitude).padded(4)
            return year + clock.text(separator, withSeconds: withSeconds, end: end).dropFirst(4)
        }
        let (hour, minute) = (secondOfDay / 3_600, secondOfDay / 60 % 60)
        let length = withSeconds ? 19 : 16
        return String(unsafeUninitializedCapacity: length + end.utf8.count) { buffer in
            buffer.put(date.year / 100, at: 0)
            buffer.put(date.year % 100, at: 2, then: "-")
            buffer.put(date.month, at: 5, then: "-")
            buffer.put(date.day, at: 8, then: separator)
            buffer.put(hour, at: 11, then: ":")
            buffer.put(minute, at: 14)
            if withSeconds {
                buffer[16] = UInt8(ascii: ":")
                buffer.put(second, at: 17)
            }
            for (index, byte) in end.utf8.enumerated() { buffer[length + index] = byte }
            return length + end.utf8.count
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Writes two digits and the character after them.
    fileprivate func put(_ number: Int, at index: Int, then mark: Unicode.Scalar? = nil) {
        self[index] = UInt8(truncatingIfNeeded: 48 + number / 10)
        self[index + 1] = UInt8(truncatingIfNeeded: 48 + number % 10)
        if let mark { self[index + 2] = UInt8(ascii: mark) }
    }
}

extension Int {
    /// With leading zeros.
    fileprivate func padded(_ width: Int) -> String {
        let digits = String(self)
        return String(repeating: "0", count: Swift.max(width - digits.utf8.count, 0)) + digits
    }
}

/// Reads a timestamp from left to right.
private struct TimestampParser {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    let bytes: [UInt8]
    let isStrict: Bool
    var position = 0

    mutating func instant() -> Instant? {
        guard let year = number(4, 1...9_999), take("-"),
            let month = number(2, 1...12), take("-"),
            let day = number(2, 1...CivilDate.length(ofMonth: month, in: year)),
            take("T") || take("t") || take(" "), let time = timeOfDay(),
            let fraction = fraction(), let offset = offset(), position == bytes.count
        else { return nil }
        let days = CivilDate.dayNumber(year: year, month: month, day: day)
        let inUTC = days * 86_400 + time - offset
        guard (0..<CivilMinute.end.number * 60).contains(inUTC) else { return nil }
        return Instant(microseconds: Int64((inUTC - CivilMinute.epochSecond) * 1_000_000 + fraction))
    }

    mutating func httpDate() -> Instant? {
        guard bytes.count == 29 else { return nil }
        position = 5
        guard let day = number(2, 1...31), take(" "), let month = monthName(), take(" "),
            let year = number(4, 1...9_999), take(" "), day <= CivilDate.length(ofMonth: month, in: year),
            let time = timeOfDay(), bytes[position...].elementsEqual(" GMT".utf8)
        else { return nil }
        let days = CivilDate.dayNumber(year: year, month: month, day: day) - CivilDate.epochDay
        return Instant(seconds: Int64(days * 86_400 + time))
    }

    private mutating func monthName() -> Int? {
        let name = bytes[position..<position + 3]
        guard let index = TimestampParser.months.firstIndex(where: { name.elementsEqual($0.utf8) }) else {
            return nil
        }
        position += 3
        return index + 1
    }

    /// In seconds.
    private mutating func timeOfDay() -> Int? {
        guard let hour = number(2, 0...23), take(":"), let minute = number(2, 0...59), take(":"),
            let second = number(2, 0...(isStrict ? 59 : 60))
        else { return nil }
        return hour * 3_600 + minute * 60 + min(second, 59)
    }

    /// Microseconds; 0: there is no fraction; nil: there are no digits.
    private mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        let start = position
        var microseconds = 0
        var weight = 100_000
        while position < bytes.count, bytes[position].isDigit {
            microseconds += Int(bytes[position] - UInt8(ascii: "0")) * weight
            weight /= 10
            position += 1
        }
        return position > start ? microseconds : nil
    }

    /// Seconds east of UTC.
    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = number(2, 0...23), take(":") || !isStrict,
            let minutes = number(2, 0...59)
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3_600 + minutes * 60)
    }

    private mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
        guard position + digits <= bytes.count else { return nil }
        var value = 0
        for byte in bytes[position..<position + digits] {
            guard byte.isDigit else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        position += digits
        return range.contains(value) ? value : nil
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}
