import CivilTime
import TestSupport
import Testing

@testable import Cron

/// The differences between cron implementations, and their faults, with our behavior. The comparison covers some twenty
/// of them, by running them or by reading their source.
@Suite struct PeerTests {
    /// An expression, and another one with the same meaning; nil: refused.
    static let items: [(String, String?)] = [
        // n/step is an open range. Debian and croner refuse it.
        ("5/15 * * * *", "5,20,35,50 * * * *"), ("20/15 * * * *", "20,35,50 * * * *"),
        // On weekdays too: only Monday in fugit, also Sunday in cronsim.
        ("0 0 * * 1/2", "0 0 * * MON,WED,FRI"),
        // Reversed ranges wrap round. Debian never fires them, and node-cron swaps their ends.
        ("0 22-2 * * *", "0 22,23,0,1,2 * * *"), ("0 0 * * FRI-MON", "0 0 * * FRI,SAT,SUN,MON"),
        ("0 0 * * FRI-SUN", "0 0 * * FRI,SAT,SUN"), ("0 0 * NOV-FEB *", "0 0 * NOV,DEC,JAN,FEB *"),
        // A range of one value: croniter reads it as every minute.
        ("5-5 * * * *", "5 * * * *"),
        // A step larger than its range. Other implementations read it as minute 0.
        ("*/60 * * * *", nil), ("*/61 * * * *", nil), ("10-20/15 * * * *", nil),
        // Empty items. robfig, supercronic, fugit and Quartz accept them.
        ("1,,2 * * * *", nil), ("1, * * * *", nil), ("+5 * * * *", nil),
        // `?` is another way to write `*`, but only for a day.
        ("0 0 ? * ?", "0 0 * * *"), ("? * * * *", nil), ("* ? * * *", nil), ("* * * ? *", nil),
        // Weekdays 0 and 7. robfig and Kubernetes refuse 7, and supercronic reads 0-7 as only Sunday.
        ("0 0 * * 7", "0 0 * * SUN"), ("0 0 * * 0-7", "0 0 * * *"), ("0 0 * * 5-7", "0 0 * * FRI,SAT,SUN"),
        // Names in lists and ranges, in any case.
        ("0 0 * jan-Mar,DEC mon-WED,sat", "0 0 * 1-3,12 1-3,6"),
        // Debian reads 5#2 as 5, and APScheduler FRI#2 as FRI. fugit writes weekday#L and counts from the end.
        ("0 0 * * FRI#2", "0 0 * * 5#2"), ("0 0 * * mon#L", "0 0 * * 1L"), ("0 0 * * mon#-1", nil),
        ("0 0 l * *", "0 0 L * *"), ("0 0 L-3W * *", nil), ("0 0 -3 * *", nil), ("0 0 W * *", nil),
        // Hashes and random values: here the job's jitter does that.
        ("H * * * *", nil), ("H/15 * * * *", nil), ("H(0-29) * * * *", nil), ("0~30 * * * *", nil),
        ("R * * * *", nil),
        // Exclusion, modulo and conjunction, which a few have.
        ("*~3 * * * *", nil), ("0 0 * * mon%2", nil), ("0 0 13&FRI * *", nil), ("0 0 1-7 * +MON", nil),
        // Six and seven fields have three different readings, so all are refused.
        ("0 0 12 * * ?", nil), ("0 12 * * * 0", nil), ("0 12 * * * 2030", nil), ("0 0 12 * * ? 2030", nil),
        ("CRON_TZ=UTC 0 0 * * *", nil), ("0 0 * * * Europe/Berlin", nil), ("@reboot", nil), ("@noon", nil),
        // Expressions that aborted node-cron's process and filled dragonmantank's memory.
        ("0-4294967296 * * * *", nil), ("*/-5 * * * *", nil), ("0 0 * * 1-99999999999999999999", nil),
    ]

    @Test(arguments: items)
    func `an item has one reading`(written: String, meaning: String?) throws {
        guard let meaning else {
            #expect(throws: CronError.self) { try CronExpression(written) }
            return
        }
        #expect(try CronExpression(written) == CronExpression(meaning))
    }

    /// The days of a month of 2026 on which an expression fires at midnight.
    @Test(
        arguments: [
            // Either of the two...
            ("0 0 13 * FRI", 2, [6, 13, 20, 27]), ("0 0 13 * FRI", 1, [2, 9, 13, 16, 23, 30]),
            ("0 0 1-7 * MON", 6, [1, 2, 3, 4, 5, 6, 7, 8, 15, 22, 29]),
            // ...also if a field lists every value (fugit and kelektiv take that as a star)...
            ("0 0 1-31 * FRI", 2, Array(1...28)), ("0 0 13 * 0-6", 2, Array(1...28)),
            // ...but both, if one begins with a star (Kubernetes, GitLab and croniter say either).
            ("0 0 */2 * FRI", 2, [13, 27]), ("0 0 13 * */5", 2, [13]), ("0 0 * * FRI", 2, [6, 13, 20, 27]),
            ("0 0 13 * *", 2, [13]), ("0 0 ? * FRI", 2, [6, 13, 20, 27]),
            ("0 0 *,13 * FRI", 2, [6, 13, 20, 27]),
            // Only the beginning of a field counts.
            ("0 0 13,*/30 * FRI", 2, [1, 6, 13, 20, 27]),
            // The nearest workday stays within the month, and the month must have its day. croniter fires 31W on the
            // 30th, gronx in the next month.
            ("0 0 31W * *", 4, []), ("0 0 31W * *", 5, [29]), ("0 0 1W * *", 8, [3]), ("0 0 1W * *", 2, [2]),
            ("0 0 15W * *", 8, [14]), ("0 0 15W * *", 11, [16]), ("0 0 15W * *", 7, [15]),
            ("0 0 30W * *", 2, []), ("0 0 28W * *", 2, [27]), ("0 0 30W * *", 5, [29]),
            ("0 0 31W * *", 10, [30]),
            ("0 0 LW * *", 2, [27]), ("0 0 LW * *", 5, [29]), ("0 0 LW * *", 6, [30]),
            ("0 0 L * *", 2, [28]), ("0 0 L-3 * *", 2, [25]), ("0 0 L-30 * *", 3, [1]),
            ("0 0 L-30 * *", 4, []),
            ("0 0 * * 5L", 2, [27]), ("0 0 * * SUNL", 5, [31]), ("0 0 * * 5#L", 7, [31]),
            ("0 0 * * 5L", 12, [25]), ("0 0 * * THUL", 12, [31]), ("0 0 * * SATL", 2, [28]),
            ("0 0 * * SUNL", 2, [22]),
            ("0 0 * * 5#1", 5, [1]), ("0 0 * * 5#5", 5, [29]), ("0 0 * * 5#5", 6, []),
            ("0 0 * * SUN#1", 2, [1]),
        ] as [(String, Int, [Int])])
    func `a day field has one reading`(text: String, month: Int, days: [Int]) throws {
        let schedule = try schedule(text)
        let start = try instant("2026-\(month < 10 ? "0" : "")\(month)-01T00:00:00Z")
        let length = NaiveDate.length(month, 2_026)
        let fires = schedule.fires(
            after: start.advanced(by: .seconds(-1)),
            through: start.advanced(by: .seconds(length * 86_400 - 1)))
        #expect(fires.map { Int($0.duration(to: start).components.seconds / -86_400) + 1 } == days)
    }

    /// For users of APScheduler: what its expressions mean here.
    @Test(arguments: [
        ("0 9 * * 1", "0 9 * * MON"), ("0 9 * * 1-5", "0 9 * * MON-FRI"), ("0 9 * * 0", "0 9 * * SUN"),
        ("0 9 * * */2", "0 9 * * */2"), ("0 9 * * MON-FRI/2", "0 9 * * MON,WED,FRI"),
        ("0 9 1 JAN/3 *", "0 9 1 JAN,APR,JUL,OCT *"), ("0 9 * * FRI#2", "0 9 * * 5#2"),
        ("0 9 * * 7", "0 9 * * SUN"), ("0 9 * * sun-thu", "0 9 * * 0-4"), ("0 9 * * MON-SUN", "0 9 * * *"),
        ("@daily", "0 0 * * *"), ("0 9 * * * ", "0 9 * * *"), ("5/15 9 * * *", "5/15 9 * * *"),
    ])
    func `APScheduler's expressions`(written: String, meaning: String) throws {
        #expect(try CronExpression(written) == CronExpression(meaning))
    }

    @Test func `weekdays of a step count from Sunday`() throws {
        let week = try schedule("0 0 * * */2").fires(
            after: try instant("2026-03-01T12:00:00Z"), through: try instant("2026-03-08T12:00:00Z"))
        #expect(week.map { $0.wallClock(in: .utc).prefix(3) } == ["Tue", "Thu", "Sat", "Sun"])
    }

    /// An expression that can never fire is refused, and a rare one fires. robfig gives up after 5 years, supercronic
    /// in 2099, Jenkins after 2 years, and gronx fires the 30th of February in March.
    @Test(arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 L-30 2,4 *", "0 0 31W 2 *", "0 0 */30 2 1#2"])
    func `what never fires is refused`(text: String) throws {
        let error = try #require(throws: CronError.self) { try CronExpression(text) }
        #expect(error.message.hasPrefix("no calendar date matches"))
    }

    @Test(arguments: [
        FireRow(
            "0 0 29 2 *", after: "2023-03-01T00:00:00Z",
            "2024-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "2196-02-29T00:00:00Z", "2204-02-29T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "2396-02-29T00:00:00Z", "2400-02-29T00:00:00Z"),
        FireRow("0 0 * 2 MON#5", after: "2072-02-29T00:00:00Z", "2112-02-29T00:00:00Z"),
        FireRow("0 0 */30 2 *", after: "2026-02-01T00:00:00Z", "2027-02-01T00:00:00Z"),
        FireRow("0 0 29 2 *", after: "9992-02-29T00:00:00Z", "9996-02-29T00:00:00Z"),
    ])
    func `what is rare fires`(_ row: FireRow) throws { try row.check() }
}
