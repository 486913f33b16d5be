import CivilTime

/// GitLab's clock, as the `Date` of its answers tells it, beside the own one.
struct ServerClock: Sendable {
    /// By how much the clock that a claim was dated with may differ from GitLab's, or from what it is set to now.
    static let largestError = Duration.seconds(3_600)

    /// GitLab's clock minus the own one.
    private(set) var ahead = Duration.zero
    private var isKnown = false

    /// By how much `there` may be wrong.
    var slack: Duration { isKnown ? .seconds(60) : Self.largestError }

    /// Learns from an answer that was dated `serverTime` and is read at `now`.
    mutating func note(_ serverTime: Instant?, at now: Instant) {
        guard let serverTime else { return }
        ahead = now.duration(to: serverTime)
        isKnown = true
    }

    /// An instant of GitLab's clock on the own one.
    func here(_ instant: Instant) -> Instant { instant.advanced(by: .zero - ahead) }

    /// An instant of the own clock on GitLab's.
    func there(_ instant: Instant) -> Instant { instant.advanced(by: ahead) }

    mutating func clockWasSet(by step: Duration) { ahead -= step }
}
