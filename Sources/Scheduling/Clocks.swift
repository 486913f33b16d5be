public import CivilTime

/// The machine's clock and GitLab's, and how far the scheduler believes each.
///
/// With a clock that is ahead, the scheduler would decide fire times that are still to come. So it believes a step
/// forward of more than a minute only when the `Date` of GitLab's answers agrees. Until then, the believed time goes on
/// from where it was. The scheduler's `now` is the believed time.
public struct Clocks: Sendable {
    /// The clock that dated a claim may differ by this much from GitLab's, or from what it shows after it was set.
    static let largestError = Duration.seconds(3_600)
    /// Two clocks that differ by more contradict each other.
    static let tolerance = Duration.seconds(60)

    /// How far the machine's clock is ahead of the believed time: it was set forward, and GitLab has not confirmed
    /// that.
    private(set) var unproved = Duration.zero
    /// GitLab's clock minus the believed time.
    private(set) var ahead = Duration.zero
    /// Whether an answer of GitLab's told its time.
    private(set) var isKnown = false
    /// Whether GitLab has answered at all.
    private(set) var hasAnswer = false

    public init() {}

    /// The believed time when the machine's clock shows `wall`.
    public func believed(_ wall: Instant) -> Instant { wall.advanced(by: .zero - unproved) }

    /// What the machine's clock shows at the believed time `instant`.
    func wall(_ instant: Instant) -> Instant { instant.advanced(by: unproved) }

    /// How far the machine's clock is ahead of GitLab's, where the two contradict each other; nil: they agree, or GitLab's is
    /// not known.
    var contradiction: Duration? {
        let difference = unproved - ahead
        return isKnown && max(difference, .zero - difference) > Self.tolerance ? difference : nil
    }

    /// The latest instant that may be the present: the later of the own clock and GitLab's plus the tolerance. nil: GitLab has not
    /// answered yet.
    func latestPresent(at now: Instant) -> Instant? {
        hasAnswer ? now.advanced(by: max(.zero, ahead + Self.tolerance)) : nil
    }

    /// GitLab has answered at `now` with this `Date`, or without one. Returns by how much the believed time moves.
    mutating func heard(_ serverTime: Instant?, at now: Instant) -> Duration {
        hasAnswer = true
        guard let serverTime else { return .zero }
        ahead = now.duration(to: serverTime)
        isKnown = true
        return believe()
    }

    /// The machine's clock was set by `step`. Returns by how much the believed time moves.
    mutating func wasSet(by step: Duration) -> Duration {
        unproved += step
        return believe()
    }

    /// The clocks for a replacement scheduler of this process: the machine's clock was set by `step` meanwhile.
    public func set(by step: Duration) -> Clocks {
        var clocks = self
        _ = clocks.wasSet(by: step)
        return clocks
    }

    private mutating func believe() -> Duration {
        guard unproved <= Self.tolerance || (isKnown && contradiction == nil) else { return .zero }
        let step = unproved
        unproved = .zero
        ahead -= step
        return step
    }

    /// An instant of GitLab's clock on the own one.
    func here(_ instant: Instant) -> Instant { instant.advanced(by: .zero - ahead) }

    /// An instant of the own clock on GitLab's.
    func there(_ instant: Instant) -> Instant { instant.advanced(by: ahead) }

    /// Where a list on GitLab's clock must begin to show everything since `instant` on the own clock. A clock of
    /// GitLab's that is more than an hour ahead may be wrong, and nothing confirms the own clock either. Then the list
    /// begins an hour earlier.
    func listStart(_ instant: Instant) -> Instant {
        let isBelieved = isKnown && ahead <= Self.largestError
        return (isBelieved ? there(instant) : instant).advanced(
            by: .zero - (isBelieved ? Self.tolerance : Self.largestError))
    }
}
