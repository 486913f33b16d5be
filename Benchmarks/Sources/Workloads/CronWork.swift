import CivilTime
import Cron

/// Cron expressions whose next fire times a benchmark searches.
public struct CronWork {
    /// Expressions that people write, for machines without the peers' list.
    public static let common = [
        "* * * * *", "*/5 * * * *", "0 * * * *", "0 0 * * *", "30 2 * * *", "0 9 * * 1-5", "15 3 1 * *",
        "0 0 1 1 *", "0 4 * * 0", "*/15 8-18 * * 1-5", "0 12 13 * 5", "30 6 1,15 * *", "0 3 28 2 *",
    ]
    /// Four to eight years lie between its fire times.
    public static let leapDay = "0 0 29 2 *"
    /// No date satisfies it.
    public static let never = "0 0 31 2 *"

    public let schedules: [Schedule]

    public init(_ expressions: [String], zone: String = "UTC") throws {
        let zone = try ZoneDatabase(directory: nil).zone(named: zone)
        schedules = try expressions.map { Schedule(try CronExpression($0), in: zone) }
    }

    /// 2026-01-01, where every measurement begins.
    public static let start = Instant(seconds: 1_767_225_600)

    /// Nanoseconds of one `next(after:)` for each schedule, over chains of this many calls.
    public func nextTimes(calls: Int) -> [Double] {
        schedules.map { schedule in
            var instant = Self.start
            var done = 0
            let spent = nanoseconds {
                while done < calls, let next = schedule.next(after: instant) {
                    instant = next
                    done += 1
                }
            }
            return spent / Double(max(1, done))
        }
    }

    /// Nanoseconds to refuse an expression that never fires. The parser pays this price once.
    public static func timeToRefuse(_ expression: String, repeats: Int) -> Double {
        var refused = 0
        let spent = nanoseconds {
            for _ in 0..<repeats where (try? CronExpression(expression)) == nil { refused += 1 }
        }
        return spent / Double(max(1, refused))
    }
}

/// How long some work takes, in nanoseconds.
public func nanoseconds(_ work: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    try work()
    let (seconds, attoseconds) = (clock.now - start).components
    return Double(seconds) * 1e9 + Double(attoseconds) / 1e9
}
