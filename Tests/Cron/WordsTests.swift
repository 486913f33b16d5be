import Testing

@testable import Cron

@Suite struct WordsTests {
    @Test(arguments: [
        ("* * * * *", "every minute"),
        ("*/10 * * * *", "every 10 minutes"),
        ("*/7 * * * *", "at minutes 0, 7, 14 and so on to 56 of every hour"),
        ("17 * * * *", "at minute 17 of every hour"),
        ("@hourly", "at minute 0 of every hour"),
        ("@daily", "at 00:00 every day"),
        ("0 9 * * 1-5", "at 09:00 on Monday to Friday"),
        ("0 9 * * MON,WED", "at 09:00 on Monday and Wednesday"),
        ("0 9 * * FRI-MON", "at 09:00 on Friday to Monday"),
        ("0 9 * * SAT-SUN", "at 09:00 on Saturday and Sunday"),
        ("30 2 1 * *", "at 02:30 on day 1 of the month"),
        ("30 2,14 * * *", "at 02:30 and 14:30 every day"),
        ("0 */3 * * *", "at 00:00, 03:00, 06:00, 09:00, 12:00, 15:00, 18:00 and 21:00 every day"),
        ("0 */2 * * *", "at minute 0 in the hours 0, 2, 4 and so on to 22"),
        ("*/15 8-18 * * 1-5", "every 15 minutes from 08:00 to 18:59 on Monday to Friday"),
        ("0 0 13 * FRI", "at 00:00 on day 13 of the month, and on Friday"),
        (
            "0 0 */2 * FRI",
            "at 00:00 on days 1, 3, 5 and so on to 31 of the month, where that is Friday"
        ),
        ("0 0 L * *", "at 00:00 on the last day of the month"),
        ("0 0 L-3 * *", "at 00:00 on the day 3 days before the last of the month"),
        ("0 0 LW * *", "at 00:00 on the last workday of the month"),
        ("0 0 15W 1-3 *", "at 00:00 on the workday nearest to day 15 of the month in January to March"),
        ("0 0 * * 5L", "at 00:00 on the last Friday"),
        ("0 0 * * MON#2", "at 00:00 on the second Monday"),
        ("@yearly", "at 00:00 on day 1 of the month in January"),
        ("0 0 29 2 *", "at 00:00 on day 29 of the month in February"),
        ("@every 90s", "every 90 seconds"),
        ("@every 1h", "every hour"),
        ("@every 2d", "every 2 days"),
        ("0 12 * 6 *", "at 12:00 in June"),
    ])
    func anExpressionIsToldInWords(_ text: String, _ words: String) throws {
        #expect(try CronExpression(text).words == words)
    }
}
