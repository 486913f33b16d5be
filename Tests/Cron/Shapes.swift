@testable import Cron

/// The fixed expressions that the tests compare at every shift of every zone, with their meaning written by hand.
enum Shapes {
    struct Shape: Sendable {
        let known: KnownExpression
        let expression: CronExpression
        /// How far around a shift the test compares fire times, in seconds: further if they are rarer.
        let reach: Int

        var isRare: Bool { reach > 2 * 86_400 }
    }

    /// A failure if the parser refuses one.
    static let all = Result {
        try known.map { Shape(known: $0, expression: try CronExpression($0.text), reach: $1) }
    }

    private static let minute = 60
    private static let hour = 3_600
    private static let day = 86_400

    private static let known: [(KnownExpression, Int)] = [
        (KnownExpression("* * * * *", isWildcard: true), 10 * minute),
        (KnownExpression("*/20 * * * *", minutes: [0, 20, 40], isWildcard: true), 2 * hour),
        // Every hour is listed, but these are still fixed times.
        (KnownExpression("1-59/13 0-23 * * *", minutes: [1, 14, 27, 40, 53]), 2 * hour),
        (KnownExpression("30 2 * * *", minutes: [30], hours: [2]), 26 * hour),
        (KnownExpression("0 0 * * *", minutes: [0], hours: [0]), 26 * hour),
        (KnownExpression("59 23 * * *", minutes: [59], hours: [23]), 26 * hour),
        (
            KnownExpression(
                "*/15 1,2 * * *", minutes: [0, 15, 30, 45], hours: [1, 2], isWildcard: true), 14 * hour
        ),
        (KnownExpression("0 2,3 * * *", minutes: [0], hours: [2, 3]), 26 * hour),
        (KnownExpression("5,25,45 0-4 * * *", minutes: [5, 25, 45], hours: [0, 1, 2, 3, 4]), 14 * hour),
        (
            KnownExpression("0/20 2 * * *", minutes: [0, 20, 40], hours: [2], isWildcard: true),
            26 * hour
        ),
        (
            KnownExpression(
                "30 */2 * * *", minutes: [30], hours: Set(stride(from: 0, to: 24, by: 2)), isWildcard: true),
            12 * hour
        ),
        (
            KnownExpression("0 0 L * *", minutes: [0], hours: [0], dateItems: [.beforeLast(0)]), 32 * day
        ),
        (
            KnownExpression("15 3 * * SUN", minutes: [15], hours: [3], weekdayItems: [.weekdays([0])]),
            8 * day
        ),
        (KnownExpression("0 12 1 * *", minutes: [0], hours: [12], dateItems: [.dates([1])]), 32 * day),
    ]
}
