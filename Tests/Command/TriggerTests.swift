import CivilTime
import Cron
import Testing

@testable import orchestrate

/// The milliseconds tell a run that was started by hand from a fire time.
@Suite struct TriggerTests {
    @Test(arguments: [
        ("12:00:00", "12:00:00.001"), ("12:00:00.000001", "12:00:00.001"),
        ("12:00:00.000999", "12:00:00.001"), ("12:00:00.001", "12:00:00.001"),
        ("12:00:00.0019", "12:00:00.001"), ("12:00:00.999999", "12:00:00.999"),
        ("23:59:59.5", "23:59:59.500"),
    ])
    func aRunByHandNeverTakesAWholeSecond(_ now: String, _ expected: String) throws {
        let clock = try #require(Instant(rfc3339: "2026-03-09T\(now)Z"))
        let fireTime = TriggerCommand.fireTime(clock)
        #expect(fireTime == Instant(rfc3339: "2026-03-09T\(expected)Z"))
        #expect(try Schedule(CronExpression("@every 1s"), in: .utc).next(after: clock) != fireTime)
    }
}
