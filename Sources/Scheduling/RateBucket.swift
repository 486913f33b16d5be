public import CivilTime

/// Lets at most `perMinute` pipelines be created in any minute: a sliding window, because GitLab's own
/// window may begin anywhere and a refilling bucket would let twice as many through around its edge.
public struct RateBucket: Hashable, Sendable {
    /// A minute as GitLab counts, and a second for requests that travel at different speeds.
    private static let window = Duration.seconds(61)

    private let perMinute: Int
    /// When the last `perMinute` pipelines were let through; the oldest stands at index `oldest`.
    private var taken: [Instant] = []
    private var oldest = 0

    /// `perMinute`: 0 for no limit.
    public init(perMinute: Int) {
        self.perMinute = perMinute
    }

    /// When the next one may be let through.
    public func nextFree(at now: Instant) -> Instant {
        guard perMinute > 0, taken.count == perMinute else { return now }
        let free = taken[oldest].advanced(by: Self.window)
        // A clock that was set back must not close the bucket for longer than a full window.
        return free > now.advanced(by: Self.window) ? now : max(now, free)
    }

    /// Lets one through at `now`, if there is room.
    public mutating func take(at now: Instant) -> Bool {
        guard perMinute > 0 else { return true }
        guard taken.count == perMinute else {
            taken.append(now)
            return true
        }
        guard nextFree(at: now) <= now else { return false }
        taken[oldest] = now
        oldest = (oldest + 1) % perMinute
        return true
    }
}
