import CivilTime
import TestSupport
import Testing

@testable import Cron

/// What people expect without knowing any rule: every minute means every minute, and once a day means once a day.
@Suite struct CadenceTests {
    private static let zones = Suite.isFull ? Suite.differentZones : Suite.zones

    @Test(arguments: zones)
    func `every minute fires each 60 seconds, whatever the clocks do`(name: String) throws {
        let schedule = try schedule("* * * * *", name)
        let years = 1_735_689_600..<1_798_761_600  // 2025 and 2026
        // One fire time after the other in the week around each shift...
        let reach = (Suite.isFull ? 84 : 6) * 3_600
        for shift in try Zdump.spans(of: name).map(\.start) where years.contains(shift) {
            for minute in stride(from: shift - reach, to: shift + reach, by: 60) {
                let found = schedule.next(after: minute)
                if found != minute + 60 {
                    Issue.record("\(name), after \(minute): \(String(describing: found))")
                }
            }
        }
        // ...and the next fire time from many other seconds.
        for second in stride(from: years.lowerBound, to: years.upperBound, by: Suite.isFull ? 14_821 : 58_211)
        {
            let found = schedule.next(after: second)
            if found != (second / 60 + 1) * 60 {
                Issue.record("\(name), after \(second): \(String(describing: found))")
            }
        }
    }

    /// Two periods in which zones crossed the date line.
    private static let periods = [
        ("1993-06-01T18:00:00Z", "1995-02-01T18:00:00Z"), ("2011-06-01T18:00:00Z", "2013-01-01T18:00:00Z"),
    ]
    /// Local days on which a fixed time may be missing or come twice. The zone left the day out when it crossed the
    /// date line, or its clocks moved by more than the three hours of daylight saving.
    private static let oddDays: [String: Set<String>] = [
        "Pacific/Apia": ["2011-12-30"], "Pacific/Fakaofo": ["2011-12-30"],
        "Kwajalein": ["1993-08-21"], "Pacific/Kwajalein": ["1993-08-21"],
        "Pacific/Enderbury": ["1994-12-31"], "Pacific/Kanton": ["1994-12-31"],
        "Pacific/Kiritimati": ["1994-12-31"],
        "Antarctica/Vostok": ["1994-01-31", "1994-11-01"],
    ]

    @Test(arguments: zones)
    func `a fixed time fires once each local day`(name: String) throws {
        let spans = try Zdump.spans(of: name)
        var odd: Set<String> = []
        for time in ["0 0", "30 0", "30 1", "0 2", "30 2", "15 3", "30 12", "59 23"] {
            let schedule = try schedule("\(time) * * *", name)
            for (start, end) in CadenceTests.periods {
                let period = Int(try instant(start).seconds)..<Int(try instant(end).seconds)
                odd.formUnion(oddDays(of: schedule, spans, period))
            }
        }
        let known = CadenceTests.oddDays[name] ?? []
        #expect(odd.isSubset(of: known))
        if name == "Pacific/Apia" { #expect(odd == known) }
    }

    /// The local days in a period on which a schedule does not fire exactly once.
    private func oddDays(of schedule: Schedule, _ spans: [Span], _ period: Range<Int>) -> [String] {
        var days: [Int] = []
        var index = 0
        var last = period.lowerBound
        while let fire = schedule.next(after: last), fire < period.upperBound {
            guard fire > last else { return ["after \(last) comes \(fire)"] }
            while spans[index].end <= fire { index += 1 }
            days.append((fire + spans[index].offset) / 86_400)
            last = fire
        }
        var odd: [Int] = []
        for (day, following) in zip(days, days.dropFirst()) where following != day + 1 {
            odd += following > day ? Array(day + 1..<following) : [following]
        }
        return odd.map { String(Instant(seconds: Int64($0) * 86_400).rfc3339.prefix(10)) }
    }
}
