import Cron
import Testing

@testable import JobFiles

@Suite struct ExpressionsTests {
    @Test func isTheSameTheSecondTime() throws {
        let expressions = Expressions()
        for text in ["30 2 * * *", "@hourly", "30 2 * * *"] {
            #expect(try expressions.expression(text) == CronExpression(text))
        }
    }

    @Test func isRefusedEachTime() {
        let expressions = Expressions()
        for _ in 0..<2 {
            #expect(throws: CronError.self) { try expressions.expression("61 * * * *") }
        }
    }
}
