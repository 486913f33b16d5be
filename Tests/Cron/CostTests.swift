import CivilTime
import TestSupport
import Testing

@testable import Cron

/// A guard against a search through days or minutes: no expression may cost much more than the simplest one.
@Suite struct CostTests {
    @Test(arguments: ["0 0 29 2 *", "0 0 1 1 *", "0 0 L * *", "0 0 * * 5#5", "59 23 31 12 *"])
    func next(_ text: String) throws {
        let rare = try CronExpression(text)
        let frequent = try CronExpression("* * * * *")
        func walk(_ expression: CronExpression) {
            let schedule = Schedule(expression, in: .utc)
            var instant = Instant(seconds: 1_767_225_600)
            for _ in 0..<2_000 {
                guard let next = schedule.next(after: instant) else { return }
                instant = next
            }
        }
        let ratio = cost(of: { walk(rare) }, over: { walk(frequent) })
        #expect(ratio < 40, "\(ratio) times")
    }
}
