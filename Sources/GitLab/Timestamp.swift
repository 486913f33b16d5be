import Text

/// Points in time as GitLab writes them, in microseconds since 1970-01-01T00:00:00Z.
enum Timestamp {
    /// Reads `2026-01-15T03:00:00.412Z` and `2026-01-14T16:20:11.000+00:00`; nil for anything else.
    /// Digits beyond the microsecond are cut.
    static func read(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard let year = number(&rest, 4), skip(&rest, "-"), let month = number(&rest, 2), skip(&rest, "-"),
            let day = number(&rest, 2), skip(&rest, "T") || skip(&rest, " "),
            let time = timeOfDay(&rest)
        else { return nil }
        let fraction = fraction(&rest)
        guard let offset = offset(&rest), rest.isEmpty, isDate(year, month, day) else { return nil }
        return (days(year, month, day) * 86_400 + time - offset) * 1_000_000 + fraction
    }

    /// Reads the form HTTP prescribes for `Date`: `Thu, 15 Jan 2026 03:01:00 GMT`.
    static func readHTTP(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard rest.count == 29 else { return nil }
        rest = rest.dropFirst(5)
        guard let day = number(&rest, 2), skip(&rest, " ") else { return nil }
        let name = String(decoding: rest.prefix(3), as: UTF8.self)
        rest = rest.dropFirst(3)
        guard let month = months.firstIndex(of: name).map({ Int64($0) + 1 }), skip(&rest, " "),
            let year = number(&rest, 4), skip(&rest, " "), let time = timeOfDay(&rest),
            rest.elementsEqual(" GMT".utf8), isDate(year, month, day)
        else { return nil }
        return (days(year, month, day) * 86_400 + time) * 1_000_000
    }

    /// `2026-01-15T02:59:30.500Z`: rounded down to milliseconds, and kept within the years 1 to 9999.
    static func write(_ microseconds: Int64) -> String {
        let bounded = min(max(microseconds, -62_135_596_800_000_000), 253_402_300_799_999_999)
        let (days, time) = bounded.floored(by: 86_400_000_000)
        let (year, month, day) = date(days)
        let seconds = time / 1_000_000
        let clock = "\(pad(seconds / 3_600)):\(pad(seconds / 60 % 60)):\(pad(seconds % 60))"
        return "\(pad(year, 4))-\(pad(month))-\(pad(day))T\(clock).\(pad(time / 1_000 % 1_000, 3))Z"
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension Timestamp {
    private static func number(_ rest: inout ArraySlice<UInt8>, _ digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let byte = rest.first, byte.isDigit else { return nil }
            rest.removeFirst()
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    private static func skip(_ rest: inout ArraySlice<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    /// `03:00:00` in seconds; a leap second counts as the second before it.
    private static func timeOfDay(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let hour = number(&rest, 2), skip(&rest, ":"), let minute = number(&rest, 2),
            skip(&rest, ":"), let second = number(&rest, 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + min(second, 59)
    }

    /// `.412` in microseconds; 0 if there is none.
    private static func fraction(_ rest: inout ArraySlice<UInt8>) -> Int64 {
        guard skip(&rest, ".") else { return 0 }
        var (value, unit): (Int64, Int64) = (0, 100_000)
        while let byte = rest.first, byte.isDigit {
            rest.removeFirst()
            value += Int64(byte - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return value
    }

    /// `Z`, `+02:00` or `-0330` in seconds.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        if skip(&rest, "Z") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard skip(&rest, "+") || skip(&rest, "-"), let hour = number(&rest, 2) else { return nil }
        _ = skip(&rest, ":")
        guard let minute = number(&rest, 2), hour < 24, minute < 60 else { return nil }
        return (hour * 3_600 + minute * 60) * (isWest ? -1 : 1)
    }

    private static func isDate(_ year: Int64, _ month: Int64, _ day: Int64) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        return date(days(year, month, day)) == (year, month, day)
    }

    /// Days since 1970-01-01 in the Gregorian calendar: years begin in March, so that the leap day is last.
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let (era, yearOfEra) = (month > 2 ? year : year - 1).floored(by: 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `days`.
    private static func date(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).floored(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }

    private static func pad(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}

extension Int64 {
    /// Quotient rounded down and a remainder that is never negative, for a positive divisor.
    fileprivate func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
