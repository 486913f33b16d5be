import CivilTime
import TestSupport
import Testing

@testable import Cron

func instant(_ text: String) throws -> Instant {
    try #require(Instant(rfc3339: text), "\(text) is not a timestamp")
}

func schedule(_ expression: String, _ zone: String = "UTC") throws -> Schedule {
    Schedule(try CronExpression(expression), in: try Suite.database.zone(named: zone))
}

extension Schedule {
    /// The fire times in `(after, through]`.
    func fires(after: Instant, through: Instant) -> [Instant] {
        var fires: [Instant] = []
        var last = after
        while let fire = next(after: last), fire <= through {
            guard fire > last else {
                Issue.record("\(expression) in \(zone) fires at \(fire.rfc3339) after \(last.rfc3339)")
                break
            }
            fires.append(fire)
            last = fire
        }
        return fires
    }
}
