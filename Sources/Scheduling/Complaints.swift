import CivilTime

/// What people were told about troubles that last: each is told when it begins, and then once an hour.
struct Complaints: Sendable {
    enum Cause: Hashable, Sendable {
        /// GitLab does not take the token.
        case token
        /// Pipelines of a lane are not created.
        case posts(Lane.Key)
    }

    private static let pause = Duration.seconds(3_600)

    /// When it may be told again, by cause.
    private var silentUntil: [Cause: Instant] = [:]

    /// Whether it is time to tell about it. Who asks tells it.
    mutating func mayTell(_ cause: Cause, at now: Instant) -> Bool {
        if let until = silentUntil[cause], now < until { return false }
        silentUntil[cause] = now.advanced(by: Self.pause)
        return true
    }

    /// The trouble is over: the next one of the kind is told at once.
    mutating func isOver(_ cause: Cause) {
        if !silentUntil.isEmpty { silentUntil[cause] = nil }
    }

    /// After the clock was set by `step`.
    mutating func clockWasSet(by step: Duration) {
        silentUntil = silentUntil.mapValues { $0.advanced(by: step) }
    }
}
