/// A date of the proleptic Gregorian calendar, years 1 to 9999.
public struct CivilDate: Hashable, Sendable {
    public var year: Int
    public var month: Int
    public var day: Int

    public init(year: Int, month: Int, day: Int) { (self.year, self.month, self.day) = (year, month, day) }
}

/// Calendar arithmetic counts days from 0001-01-01, which is day 0 and a Monday.
extension CivilDate {
    /// Days from 0001-01-01 to 1970-01-01.
    public static let epochDay = 719_162
    /// Days in the 400 years after which the calendar repeats, weekdays included.
    public static let cycle = 146_097

    /// The date of a non-negative day number (Neri and Schneider, "Euclidean affine functions and their application to
    /// calendar algorithms", 2023).
    @inlinable public init(dayNumber: Int) {
        let quarters = 4 &* UInt32(truncatingIfNeeded: dayNumber &+ 306) &+ 3
        let century = quarters / 146_097
        let ofCentury = (quarters % 146_097) | 3
        let product = 2_939_745 &* UInt64(ofCentury)
        let yearOfCentury = UInt32(truncatingIfNeeded: product &>> 32)
        let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let scaled = 2_141 &* dayOfYear &+ 197_913
        let startsInMarch = Int(scaled &>> 16)
        // The algorithm counts a year from March, so January and February belong to the year before.
        let isNextYear = dayOfYear >= 306
        year = Int(100 &* century &+ yearOfCentury) &+ (isNextYear ? 1 : 0)
        month = isNextYear ? startsInMarch &- 12 : startsInMarch
        day = Int((scaled & 0xFFFF) / 2_141) &+ 1
    }

    /// The number of a day in year 1 or later. `day` may lie outside the month.
    @inlinable public static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let isEarly = month <= 2
        let marchYear = UInt(bitPattern: isEarly ? year &- 1 : year)
        let marchMonth = isEarly ? month &+ 12 : month
        let century = marchYear / 100
        let years = 365 &* marchYear &+ marchYear / 4 &- century &+ century / 4
        return Int(bitPattern: years) &+ (979 &* marchMonth &- 2_919) / 32 &+ day &- 307
    }

    /// The weekday of a non-negative day number; 0 is Sunday.
    @inlinable public static func weekday(dayNumber: Int) -> Int {
        Int(UInt32(truncatingIfNeeded: dayNumber &+ 1) % 7)
    }

    @inlinable public static func isLeap(_ year: Int) -> Bool {
        year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    @inlinable public static func length(ofMonth month: Int, in year: Int) -> Int {
        month == 2 ? (isLeap(year) ? 29 : 28) : 30 | (month ^ (month &>> 3))
    }
}

/// A minute of a wall clock, counted from 0001-01-01T00:00.
public struct CivilMinute: Hashable, Sendable, Comparable {
    public let number: Int

    /// The first minute of the year 10000. Every search ends here.
    public static let end = CivilMinute(number: 3_652_059 * 1_440)

    /// Seconds from 0001-01-01T00:00 to 1970-01-01T00:00.
    public static let epochSecond = CivilDate.epochDay * 86_400

    @inlinable public init(number: Int) { self.number = number }

    /// The first minute that begins at or after a wall-clock second, but not before year 1. The second counts from
    /// 1970.
    @inlinable public init(atOrAfter wallSecond: Int) {
        let second = max(wallSecond &+ CivilMinute.epochSecond, 0)
        number = Int(bitPattern: (UInt(bitPattern: second) &+ 59) / 60)
    }

    /// The start of the minute, in wall-clock seconds counted from 1970.
    @inlinable public var wallSecond: Int { number &* 60 &- CivilMinute.epochSecond }

    @inlinable public static func < (left: CivilMinute, right: CivilMinute) -> Bool {
        left.number < right.number
    }
}

/// A month of one year, for `DayRule`.
public struct CivilMonth {
    /// The day number of its first day.
    public let firstDay: Int
    /// 0 is Sunday.
    public let firstWeekday: Int
    public let length: Int

    @inlinable public init(year: Int, month: Int) {
        self.init(
            firstDay: CivilDate.dayNumber(year: year, month: month, day: 1),
            length: CivilDate.length(ofMonth: month, in: year))
    }

    @inlinable public init(firstDay: Int, length: Int) {
        self.firstDay = firstDay
        self.length = length
        firstWeekday = CivilDate.weekday(dayNumber: firstDay)
    }
}
