import TestSupport
import Testing

@testable import Cron

@Suite struct AcceptedTests {
    /// An expression and its canonical text.
    static let canonical: [(String, String)] = [
        ("* * * * *", "* * * * *"),
        ("*/10 * * * * ", "*/10 * * * *"),
        (" \t0  0\t1 1 * \r\n", "0 0 1 1 *"),
        ("00 009 * * *", "0 9 * * *"),
        ("0 0 * * 7", "0 0 * * 0"),
        ("0 0 * * sun,Mon-WED", "0 0 * * 0-3"),
        ("0 0 1 jan,DEC *", "0 0 1 1,12 *"),
        ("0 0 * feb-apr *", "0 0 * 2-4 *"),
        // Open steps.
        ("5/15 * * * *", "5,20,35,50 * * * *"),
        ("5/15 3 * * *", "5/15 3 * * *"),
        ("0/20 3 * * *", "*/20 3 * * *"),
        ("0 4/6 * * *", "0 4/6 * * *"),
        ("0 0 10/7 * *", "0 0 10,17,24,31 * *"),
        ("0 0 1 9/1 *", "0 0 1 9-12 *"),
        ("0 0 * * 1/2", "0 0 * * 1,3,5"),
        ("59/1 0 * * *", "59/1 0 * * *"),
        // Wrapping ranges.
        ("0 22-2 * * *", "0 0-2,22,23 * * *"),
        ("0 22-4/2 * * *", "0 0,2,4,22 * * *"),
        ("0 0 * nov-feb *", "0 0 * 1,2,11,12 *"),
        ("0 0 28-3 * *", "0 0 1-3,28-31 * *"),
        ("0 0 * * FRI-MON", "0 0 * * 0,1,5,6"),
        ("0 0 * * FRI-SUN", "0 0 * * 0,5,6"),
        ("0 0 * * 5-7", "0 0 * * 0,5,6"),
        ("0 0 * * 7-2", "0 0 * * 0-2"),
        ("0 0 * * MON-SUN", "0 0 * * *"),
        ("0 0 * * 0-7", "0 0 * * *"),
        ("0 0 * * 1-7/3", "0 0 * * 0,1,4"),
        ("0 0 * * 7-7", "0 0 * * 0"),
        ("0 0 * * SUN-SUN", "0 0 * * 0"),
        ("5-5 * * * *", "5 * * * *"),
        ("10-10/1 0 * * *", "10 0 * * *"),
        // Day rules.
        ("0 0 ? * ?", "0 0 * * *"),
        ("0 0 L * *", "0 0 L * *"),
        ("0 0 l-3,lw,15w * *", "0 0 L-3,LW,15W * *"),
        ("0 0 * * 5L", "0 0 * * 5L"),
        ("0 0 * * fril,MON#L", "0 0 * * 1L,5L"),
        ("0 0 * * 7#2,TUE#1", "0 0 * * 2#1,0#2"),
        ("0 0 1,15 * 5", "0 0 1,15 * 5"),
        ("0 0 */2 * 5", "0 0 */2 * 5"),
        ("0 0 13 * */2", "0 0 13 * */2"),
        ("0 0 1-31 * 5", "0 0 1-31 * 5"),
        ("0 0 */10,L * 1-5", "0 0 */10,L * 1-5"),
        ("0 0 5,1/10 * */3", "0 0 */10,5 * 0,3,6"),
        // Minutes and hours that list every value are no wildcard.
        ("0-59 0-23 * * *", "0-59 0-23 * * *"),
        ("0,30 2 * * *", "0,30 2 * * *"),
        ("30-59 */6 * * *", "30-59 */6 * * *"),
        ("3,7/10 2 * * *", "3,7,17,27,37,47,57 2 * * *"),
        ("7/10,3 2 * * *", "7/10,3 2 * * *"),
        // Macros.
        ("@yearly", "0 0 1 1 *"), ("@ANNUALLY", "0 0 1 1 *"), ("@Monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
        (" @hourly\n", "0 * * * *"),
        ("@every 90s", "@every 1m30s"), ("@EVERY \t 1H30M", "@every 1h30m"), ("@every 24h", "@every 1d"),
        ("@every 36525d", "@every 36525d"),
    ]

    @Test(arguments: canonical)
    func `reads and prints`(written: String, canonical: String) throws {
        let expression = try CronExpression(written)
        #expect(expression.description == canonical)
        let again = try CronExpression(expression.description)
        #expect(again == expression)
        #expect(again.hashValue == expression.hashValue)
    }

    /// Pairs that look alike but differ in meaning.
    @Test(arguments: [
        ("*/20 3 * * *", "0,20,40 3 * * *"), ("0 0 */2 * 5", "0 0 1/2 * 5"), ("0 0 1 * *", "0 0 1 * 0-6"),
        ("@every 1h", "@hourly"), ("0 0 L * *", "0 0 31 * *"), ("0 0 L * *", "0 0 LW * *"),
        ("0 0 * * 5L", "0 0 * * 5#4"),
    ])
    func differs(left: String, right: String) throws {
        #expect(try CronExpression(left) != CronExpression(right))
    }

    @Test func `any random expression survives printing`() throws {
        var random = SplitMix(seed: Suite.seed)
        for _ in 0..<(Suite.isFull ? 10_000 : 1_000) {
            let written = KnownExpression.random(using: &random).text
            let expression = try CronExpression(written)
            let printed = expression.description
            let again = try CronExpression(printed)
            #expect(again == expression, "\(written) printed as \(printed), SEED=\(Suite.seed)")
            #expect(again.description == printed, "\(written), SEED=\(Suite.seed)")
        }
    }
}
