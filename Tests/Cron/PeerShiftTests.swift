import CivilTime
import Testing

@testable import Cron

/// Daylight saving as measured in other implementations, with each fault found there.
@Suite struct PeerShiftTests {
    /// The fire times of a few hours in UTC.
    private func fires(_ text: String, _ zone: String, _ start: String, _ end: String) throws -> [String] {
        try schedule(text, zone).fires(after: try instant(start), through: try instant(end)).map {
            String($0.rfc3339.dropFirst(11).prefix(5))
        }
    }

    /// New York skips 02:00 to 03:00, which begins at 07:00Z. Lost in robfig, Kubernetes, GitLab, Quartz and
    /// systemd; at 03:30 in APScheduler, croner and cron-parser; an hour early in supercronic.
    @Test(
        arguments: [
            ("30 2 * * *", ["07:00"]), ("*/20 2 * * *", []), ("0 2,3 * * *", ["07:00"]),
            ("0 * * * *", ["06:00", "07:00", "08:00"]), ("30 1 * * *", ["06:30"]), ("59 1 * * *", ["06:59"]),
            ("*/15 1-3 * * *", ["06:00", "06:15", "06:30", "06:45", "07:00", "07:15", "07:30", "07:45"]),
        ] as [(String, [String])])
    func `the gap`(text: String, expected: [String]) throws {
        #expect(
            try fires(text, "America/New_York", "2024-03-10T05:59:00Z", "2024-03-10T08:00:00Z") == expected)
    }

    /// New York repeats 01:00 to 02:00, from 05:00Z and from 06:00Z. Fixed times run twice in robfig, croniter and
    /// APScheduler. `*/15` pauses for an hour in croner, node-cron, parse-crontab and supercronic, and `0 *` in
    /// systemd. Quartz has only the second pass.
    @Test(
        arguments: [
            ("30 1 * * *", ["05:30"]),
            ("*/20 1 * * *", ["05:00", "05:20", "05:40", "06:00", "06:20", "06:40"]),
            ("0 * * * *", ["05:00", "06:00", "07:00"]), ("0 2 * * *", ["07:00"]),
            ("0 0-3 * * *", ["05:00", "07:00"]),
            (
                "*/15 * * * *",
                [
                    "04:45", "05:00", "05:15", "05:30", "05:45", "06:00", "06:15", "06:30", "06:45", "07:00",
                    "07:15", "07:30",
                ]
            ),
        ] as [(String, [String])])
    func `the fold`(text: String, expected: [String]) throws {
        #expect(
            try fires(text, "America/New_York", "2024-11-03T04:30:00Z", "2024-11-03T07:30:00Z") == expected)
    }

    static let faults = [
        // robfig never returned from a day that does not exist.
        FireRow("0 12 30 12 *", "Pacific/Apia", after: "2011-12-30T06:53:00Z", "2012-12-29T22:00:00Z"),
        // cronsim hung at the fold at 00:01.
        FireRow(
            "30 */2 * * *", "America/St_Johns", after: "2008-11-02T02:00:00Z",
            "2008-11-02T04:00:00Z", "2008-11-02T06:00:00Z"),
        // Kelektiv fired twice at a gap of half an hour. hashicorp and cron-utils lost 02:30 there, which exists.
        FireRow(
            "15 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T12:00:00Z",
            "2024-10-05T15:30:00Z", "2024-10-06T15:15:00Z"),
        FireRow(
            "30 2 * * *", "Australia/Lord_Howe", after: "2024-10-05T12:00:00Z",
            "2024-10-05T15:30:00Z", "2024-10-06T15:30:00Z"),
        // Asked inside the second pass, APScheduler gave an earlier instant.
        FireRow("30 1 * * *", "America/New_York", after: "2024-11-03T06:30:01Z", "2024-11-04T06:30:00Z"),
        FireRow("30 1 * * *", "America/New_York", after: "2024-11-03T05:30:00Z", "2024-11-04T06:30:00Z"),
        // supercronic ran at 01:30, and its next() of that instant gave it again.
        FireRow(
            "30 2 * * *", "America/New_York", after: "2024-03-10T06:30:00Z",
            "2024-03-10T07:00:00Z", "2024-03-11T06:30:00Z"),
        // Gaps of exactly three hours are still daylight saving (Casey). Debian's code treats them as a new clock.
        FireRow("0 3 * * *", "Antarctica/Casey", after: "2009-10-17T12:00:00Z", "2009-10-17T18:00:00Z"),
        FireRow(
            "30 0 * * *", "Antarctica/Casey", after: "2010-03-04T13:00:00Z",
            "2010-03-04T13:30:00Z", "2010-03-05T16:30:00Z"),
        FireRow("*/30 3 * * *", "Antarctica/Casey", after: "2009-10-17T12:00:00Z", "2009-10-18T16:00:00Z"),
    ]

    /// More than three hours: a new clock. Every job skips the skipped minutes and repeats the repeated ones.
    static let newClocks = [
        FireRow(
            "0 20 30 9 *", "Pacific/Kwajalein", after: "1969-09-30T00:00:00Z",
            "1969-09-30T09:00:00Z", "1969-10-01T08:00:00Z", "1970-10-01T08:00:00Z"),
        FireRow("30 3 21 8 *", "Pacific/Kwajalein", after: "1993-08-01T00:00:00Z", "1994-08-20T15:30:00Z"),
    ]

    /// Zones that change their offset for good, and negative daylight saving. Only the offset counts.
    static let otherShifts = [
        FireRow("45 23 * * *", "Asia/Pyongyang", after: "2018-05-04T12:00:00Z", "2018-05-04T15:00:00Z"),
        FireRow("*/15 23 * * *", "Asia/Pyongyang", after: "2018-05-04T14:45:00Z", "2018-05-05T14:00:00Z"),
        FireRow(
            "45 23 * * *", "Asia/Pyongyang", after: "2015-08-14T12:00:00Z",
            "2015-08-14T14:45:00Z", "2015-08-15T15:15:00Z"),
        FireRow(
            "30 1 * * *", "Europe/Moscow", after: "2014-10-25T12:00:00Z",
            "2014-10-25T21:30:00Z", "2014-10-26T22:30:00Z"),
        FireRow("15 0 * * *", "America/Caracas", after: "2016-04-30T12:00:00Z", "2016-05-01T04:45:00Z"),
        FireRow("45 2 * * *", "America/Caracas", after: "2016-04-30T12:00:00Z", "2016-05-01T07:00:00Z"),
        FireRow(
            "15 1 * * *", "Europe/Dublin", after: "2024-10-26T12:00:00Z",
            "2024-10-27T00:15:00Z", "2024-10-28T01:15:00Z"),
    ]

    @Test(arguments: faults + newClocks + otherShifts)
    func `fires where others failed`(_ row: FireRow) throws { try row.check() }

    /// A job follows the wall clock through a shift if its minute or hour field begins with `*` or an open step.
    @Test(arguments: [
        ("* 2 * * *", true), ("*/5 2 * * *", true), ("0/20 2 * * *", true), ("5/20 2 * * *", true),
        ("0 * * * *", true), ("0 */2 * * *", true), ("0 1/2 * * *", true), ("*,5 2 * * *", true),
        ("7/10,3 2 * * *", true), ("*/1 2 * * *", true), ("@hourly", true),
        ("30 2 * * *", false), ("0,20,40 2 * * *", false), ("0-59 2 * * *", false),
        ("0-59/20 0-23 * * *", false),
        ("3,7/10 2 * * *", false), ("0,*/20 2 * * *", false), ("30 2 */2 */2 */2", false),
        ("30 2 ? * ?", false),
        ("@daily", false), ("@weekly", false), ("@monthly", false), ("@yearly", false),
    ])
    func `wildcard jobs and fixed times`(text: String, isWildcard: Bool) throws {
        guard case .calendar(let fields) = try CronExpression(text).timing else {
            Issue.record("\(text) is no calendar")
            return
        }
        #expect(fields.isWildcard == isWildcard)
    }
}
