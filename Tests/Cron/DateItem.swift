import TestSupport

extension NaiveDate {
    func matches(_ item: KnownExpression.DateItem) -> Bool {
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
