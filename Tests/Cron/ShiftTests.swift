import TestSupport
import Testing

@testable import CivilTime
@testable import Cron

/// Daylight saving: a fixed-time job runs once, a wildcard job follows the wall clock.
@Suite struct ShiftTests {
    @Test("A note on a repeated time is right in every zone, by looking for the other one")
    func notesInAllZones() throws {
        let expression = try CronExpression("*/15 * * * *")
        let database = ZoneDatabase(directory: nil)
        let start = try #require(Instant(rfc3339: "2025-01-01T00:00:00Z"))
        for name in database.names {
            let zone = try database.zone(named: name)
            let schedule = Schedule(expression, in: zone, shifts: ShiftRule(overlap: .both))
            func wall(_ instant: Instant) -> Int64 { instant.seconds + Int64(zone.offset(at: instant)) }
            // Around each shift, and at some other hours.
            for hour in 0..<(2 * 366 * 24)
            where zone.isNearShift(start.advanced(by: .seconds(hour * 3_600))) || hour % 2_000 == 0 {
                let fireTime = start.advanced(by: .seconds(hour * 3_600))
                let others = (1...12).map { Duration.seconds($0 * 900) }
                let comesAgain = others.contains { wall(fireTime.advanced(by: $0)) == wall(fireTime) }
                let came = others.contains { wall(fireTime.advanced(by: .zero - $0)) == wall(fireTime) }
                let note = schedule.remark(on: fireTime)
                #expect(
                    note?.hasSuffix("for the first time") ?? false == comesAgain,
                    "\(name) \(fireTime.rfc3339)")
                #expect(
                    note?.hasSuffix("for the second time") ?? false == came, "\(name) \(fireTime.rfc3339)")
            }
        }
    }

    static let newYork = [
        // Gap 02:00 to 03:00 on 10 March 2024, which is 07:00Z.
        FireRow(
            "30 2 * * *", "America/New_York", after: "2024-03-09T12:00:00Z",
            "2024-03-10T07:00:00Z", "2024-03-11T06:30:00Z"),
        FireRow("*/20 2 * * *", "America/New_York", after: "2024-03-09T08:00:00Z", "2024-03-11T06:00:00Z"),
        FireRow(
            "0 2,3 * * *", "America/New_York", after: "2024-03-09T12:00:00Z",
            "2024-03-10T07:00:00Z", "2024-03-11T06:00:00Z", "2024-03-11T07:00:00Z"),
        FireRow(
            "5,25,45 2 * * *", "America/New_York", after: "2024-03-09T12:00:00Z",
            "2024-03-10T07:00:00Z", "2024-03-11T06:05:00Z"),
        FireRow(
            "30 1-3 * * *", "America/New_York", after: "2024-03-10T06:00:00Z",
            "2024-03-10T06:30:00Z", "2024-03-10T07:00:00Z", "2024-03-10T07:30:00Z", "2024-03-11T05:30:00Z"),
        FireRow(
            "0 * * * *", "America/New_York", after: "2024-03-10T05:30:00Z",
            "2024-03-10T06:00:00Z", "2024-03-10T07:00:00Z", "2024-03-10T08:00:00Z"),
        FireRow("0/20 2 * * *", "America/New_York", after: "2024-03-09T12:00:00Z", "2024-03-11T06:00:00Z"),
        FireRow(
            "30 2 10 3 *", "America/New_York", after: "2024-01-01T00:00:00Z",
            "2024-03-10T07:00:00Z", "2025-03-10T06:30:00Z"),
        // Fold 01:00 to 02:00 on 3 November 2024: first pass from 05:00Z, second from 06:00Z.
        FireRow(
            "30 1 * * *", "America/New_York", after: "2024-11-03T00:00:00Z",
            "2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"),
        FireRow(
            "*/20 1 * * *", "America/New_York", after: "2024-11-03T00:00:00Z",
            "2024-11-03T05:00:00Z", "2024-11-03T05:20:00Z", "2024-11-03T05:40:00Z",
            "2024-11-03T06:00:00Z", "2024-11-03T06:20:00Z", "2024-11-03T06:40:00Z", "2024-11-04T06:00:00Z"),
        FireRow(
            "0 * * * *", "America/New_York", after: "2024-11-03T04:30:00Z",
            "2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z", "2024-11-03T07:00:00Z"),
        FireRow(
            "30 * * * 0", "America/New_York", after: "2024-11-03T05:00:00Z",
            "2024-11-03T05:30:00Z", "2024-11-03T06:30:00Z", "2024-11-03T07:30:00Z"),
        FireRow(
            "0 0-23 * * *", "America/New_York", after: "2024-11-03T04:30:00Z",
            "2024-11-03T05:00:00Z", "2024-11-03T07:00:00Z"),
        // Asked from inside the second pass.
        FireRow("30 1 * * *", "America/New_York", after: "2024-11-03T06:10:00Z", "2024-11-04T06:30:00Z"),
        FireRow("30 1 * * *", "America/New_York", after: "2024-11-03T06:30:01Z", "2024-11-04T06:30:00Z"),
        // Far beyond the times that zone files list one by one.
        FireRow(
            "30 2 * * *", "America/New_York", after: "2350-03-12T12:00:00Z",
            "2350-03-13T06:30:00Z", "2350-03-14T06:30:00Z"),
        FireRow(
            "30 2 * * *", "America/New_York", after: "2351-03-10T12:00:00Z",
            "2351-03-11T07:00:00Z", "2351-03-12T06:30:00Z"),
    ]

    static let elsewhere = [
        // Lord Howe moves by half an hour: gap 02:00 to 02:30, fold 01:30 to 02:00.
        FireRow(
            "0 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T00:00:00Z",
            "2024-10-05T15:30:00Z", "2024-10-06T15:00:00Z"),
        FireRow(
            "0,15,30 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T00:00:00Z",
            "2024-10-05T15:30:00Z", "2024-10-06T15:00:00Z"),
        FireRow("30 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T00:00:00Z", "2024-10-05T15:30:00Z"),
        FireRow(
            "*/15 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T00:00:00Z",
            "2024-10-05T15:30:00Z", "2024-10-05T15:45:00Z", "2024-10-06T15:00:00Z"),
        FireRow(
            "45 1 * * *", "Australia/Lord_Howe", after: "2024-04-06T00:00:00Z",
            "2024-04-06T14:45:00Z", "2024-04-07T15:15:00Z"),
        FireRow(
            "*/15 * * * *", "Australia/Lord_Howe", after: "2024-04-06T14:40:00Z",
            "2024-04-06T14:45:00Z", "2024-04-06T15:00:00Z", "2024-04-06T15:15:00Z", "2024-04-06T15:30:00Z"),
        // Apia has no 30 December 2011. That is a new clock, not a shift.
        FireRow(
            "0 12 30 12 *", "Pacific/Apia", after: "2011-12-30T06:53:00Z",
            "2012-12-29T22:00:00Z", "2013-12-29T22:00:00Z"),
        FireRow(
            "0 12 * * *", "Pacific/Apia", after: "2011-12-29T20:00:00Z",
            "2011-12-29T22:00:00Z", "2011-12-30T22:00:00Z"),
        FireRow(
            "0 */12 * * *", "Pacific/Apia", after: "2011-12-29T20:00:00Z",
            "2011-12-29T22:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T22:00:00Z"),
        // St John's set its clocks back at 00:01, to 23:01 on the day before.
        FireRow(
            "30 */2 * * *", "America/St_Johns", after: "2008-11-02T01:30:00Z",
            "2008-11-02T04:00:00Z", "2008-11-02T06:00:00Z"),
        FireRow(
            "0 0 * * *", "America/St_Johns", after: "2008-11-01T12:00:00Z",
            "2008-11-02T02:30:00Z", "2008-11-03T03:30:00Z"),
        FireRow(
            "30 23 * * *", "America/St_Johns", after: "2008-11-01T12:00:00Z",
            "2008-11-02T02:00:00Z", "2008-11-03T03:00:00Z"),
        FireRow(
            "*/30 23 * * *", "America/St_Johns", after: "2008-11-02T01:00:00Z",
            "2008-11-02T01:30:00Z", "2008-11-02T02:00:00Z", "2008-11-02T03:00:00Z", "2008-11-03T02:30:00Z"),
        // Casablanca and Dublin have negative daylight saving. Only the offset counts.
        FireRow(
            "30 2 * * *", "Africa/Casablanca", after: "2024-03-09T12:00:00Z",
            "2024-03-10T01:30:00Z", "2024-03-11T02:30:00Z"),
        FireRow(
            "30 2 * * *", "Africa/Casablanca", after: "2024-04-13T12:00:00Z",
            "2024-04-14T02:00:00Z", "2024-04-15T01:30:00Z"),
        FireRow(
            "30 1 * * *", "Europe/Dublin", after: "2024-03-30T12:00:00Z",
            "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z"),
        FireRow(
            "30 1 * * *", "Europe/Dublin", after: "2024-10-26T12:00:00Z",
            "2024-10-27T00:30:00Z", "2024-10-28T01:30:00Z"),
        // Casey's clocks moved by exactly three hours, which is still daylight saving.
        FireRow(
            "30 3 * * *", "Antarctica/Casey", after: "2009-10-17T12:00:00Z",
            "2009-10-17T18:00:00Z", "2009-10-18T16:30:00Z"),
        // New York's clocks went from local mean time (-4:56:02) to -5:00 at noon on 18 November 1883.
        FireRow(
            "0 12 * * *", "America/New_York", after: "1883-11-18T00:00:00Z",
            "1883-11-18T16:56:02Z", "1883-11-19T17:00:00Z"),
        FireRow(
            "*/2 12 * * *", "America/New_York", after: "1883-11-18T16:55:00Z",
            "1883-11-18T16:56:02Z", "1883-11-18T16:58:02Z", "1883-11-18T17:00:00Z", "1883-11-18T17:02:00Z"),
        // Midnight does not exist: São Paulo, 4 November 2018.
        FireRow(
            "0 0 * * *", "America/Sao_Paulo", after: "2018-11-03T12:00:00Z",
            "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),
        FireRow("0 0 L * *", "America/Sao_Paulo", after: "2018-11-03T12:00:00Z", "2018-11-30T02:00:00Z"),
        FireRow("0 0 1 1 *", "Asia/Kolkata", after: "2026-01-01T00:00:00Z", "2026-12-31T18:30:00Z"),
    ]

    @Test(arguments: newYork + elsewhere)
    func `fires across shifts`(_ row: FireRow) throws { try row.check() }

    /// Three hours are daylight saving, and one second more is a new clock. Clocks go forward at 12:00Z, and back a day
    /// later.
    @Test(
        arguments: [
            (10_800, "30 13 * * *", ["12:00", "10:30"]), (10_801, "30 13 * * *", ["10:29", "13:30"]),
            (10_800, "*/30 13 * * *", ["10:00", "10:30", "13:00", "13:30"]),
        ] as [(Int, String, [String])])
    func `the largest shift`(size: Int, text: String, expected: [String]) throws {
        let noon = 1_767_268_800  // 2026-01-01T12:00:00Z
        let rules = ZoneRules(
            transitions: [noon, noon + 86_400], offsets: [0, Int32(size), 0], tail: nil)
        let schedule = Schedule(try CronExpression(text), in: Zone(name: "Test/Shift", rules: rules))
        let fires = schedule.fires(
            after: Instant(seconds: Int64(noon) - 3_600),
            through: Instant(seconds: Int64(noon) + 86_400 + 7_200))
        #expect(fires.map { String($0.rfc3339.dropFirst(11).prefix(5)) } == expected)
    }

    @Test(arguments: ["30 2 * * *", "*/20 2 * * *", "30 1 * * *", "*/20 1 * * *", "0 * * * *", "0 2,3 * * *"])
    func `every second around a shift agrees`(text: String) throws {
        for night in ["2024-03-10T05:30:00Z", "2024-11-03T04:30:00Z"] {
            let schedule = try schedule(text, "America/New_York")
            let start = try instant(night)
            var expected = schedule.next(after: start)
            for second in start.seconds..<start.seconds + 3 * 3_600 {
                let now = Instant(seconds: second)
                if expected == now { expected = schedule.next(after: now) }
                #expect(schedule.next(after: now) == expected, "after \(now.rfc3339)")
            }
        }
    }

    /// A nightly job is never lost and never runs twice, at any time and in any zone.
    @Test(arguments: Suite.zones)
    func `a fixed time fires once a day`(zone: String) throws {
        let zone = try Suite.database.zone(named: zone)
        let start = try instant("2014-01-01T12:00:00Z")
        let end = try instant("2018-01-01T12:00:00Z")
        for time in ["0 0", "30 1", "15 2", "30 2", "59 2", "0 3", "30 23"] {
            let schedule = Schedule(try CronExpression("\(time) * * *"), in: zone)
            let fires = schedule.fires(after: start, through: end)
            #expect(fires.count == 1_461, "\(time) in \(zone)")
            let days = Set(fires.map { $0.wallClock(in: zone).dropFirst(4).prefix(10) })
            #expect(days.count == 1_461, "\(time) in \(zone)")
        }
    }
}

extension Zone {
    /// Whether the offset changes within half a day.
    fileprivate func isNearShift(_ instant: Instant) -> Bool {
        offset(at: instant.advanced(by: .seconds(-43_200)))
            != offset(at: instant.advanced(by: .seconds(43_200)))
    }
}
