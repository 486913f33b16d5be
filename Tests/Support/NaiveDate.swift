/// A date calculated the slow way, without the arithmetic under test.
public struct NaiveDate: Hashable, Sendable {
    public let year: Int
    public let month: Int
    public let day: Int

    public static func length(_ month: Int, _ year: Int) -> Int {
        let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
    }

    /// Sakamoto's method; 0 is Sunday.
    public func weekday(ofDay day: Int) -> Int {
        let year = month < 3 ? year - 1 : year
        let shift = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4][month - 1]
        return (year + year / 4 - year / 100 + year / 400 + shift + day) % 7
    }

    /// The date this many days after 1970-01-01; negative: before.
    public init(daysSince1970 days: Int) {
        if NaiveDate.known.indices.contains(days) {
            self = NaiveDate.known[days]
            return
        }
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

    public init(year: Int, month: Int, day: Int) {
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// The dates of 1970 to November 2106, calculated once.
    private static let known: [NaiveDate] = {
        var date = NaiveDate(year: 1_970, month: 1, day: 1)
        return (0..<50_000).map { _ in
            defer { date = date.following }
            return date
        }
    }()

    private var following: NaiveDate {
        if day < NaiveDate.length(month, year) { return NaiveDate(year: year, month: month, day: day + 1) }
        return NaiveDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
    }

    /// Counts the days, from one year's first day to the other's.
    public var daysSince1970: Int {
        let years = year < 1_970 ? year..<1_970 : 1_970..<year
        let days = years.reduce(0) { $0 + NaiveDate.length(2, $1) + 337 }
        let ofYear = (1..<month).reduce(day - 1) { $0 + NaiveDate.length($1, year) }
        return (year < 1_970 ? -days : days) + ofYear
    }
}
