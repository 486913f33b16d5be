import CivilTime

/// The lasting troubles that the log has told. It tells each when it begins, and then once an hour.
struct Complaints: Sendable {
    enum Cause: Hashable, Sendable {
        /// GitLab does not take the token.
        case token
        /// The machine's clock contradicts GitLab's, or was set forward and GitLab has not confirmed it.
        case clock
        /// Pipelines of a project cannot be read.
        case closedPipelines(project: String)
        /// Another scheduler has the same jobs.
        case anotherScheduler
        /// Another scheduler may have posted. A fire time without a pipeline waits until that is certain.
        case settling
        /// GitLab does not create the pipelines of a lane.
        case posts(Lane.Key)
        /// A project does not take marks of the other kind.
        case marks(project: String, MarkKind)
        /// Pipelines made with inputs do not show their run ids as names.
        case unnamed(project: String)
        /// A channel, or the heartbeat's address, takes nothing.
        case channel(String)
        /// A channel refuses messages.
        case refusal(String)
        case heartbeat
        /// GitLab refuses names for them.
        case unnamable(project: String)
    }

    static let pause = Duration.seconds(3_600)

    /// When the log may tell a trouble again, by cause.
    private var silentUntil: [Cause: Instant] = [:]

    /// Whether the log may tell this trouble now. The caller tells it then.
    mutating func mayTell(_ cause: Cause, at now: Instant) -> Bool {
        if let until = silentUntil[cause], now < until { return false }
        silentUntil[cause] = now.advanced(by: Self.pause)
        return true
    }

    /// Whether the log has told this trouble within the last hour.
    func isTold(_ cause: Cause, at now: Instant) -> Bool { silentUntil[cause].map { now < $0 } ?? false }

    /// Ends a trouble, so that the log tells the next one of its kind at once. Returns whether the log has told this one.
    @discardableResult
    mutating func isOver(_ cause: Cause) -> Bool {
        !silentUntil.isEmpty && silentUntil.removeValue(forKey: cause) != nil
    }

    /// After the clock was set by `step`.
    mutating func clockWasSet(by step: Duration) {
        silentUntil = silentUntil.mapValues { $0.advanced(by: step) }
    }
}
