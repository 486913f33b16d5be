public import CivilTime

/// The bad runs of a job since it last succeeded, and what was told of them. The ledger keeps it, so that a new instance
/// repeats nothing and still tells of the recovery.
public struct Incident: Hashable, Sendable {
    /// Runs in a row that failed, were refused, or got lost.
    public var badRuns: Int
    /// What the scheduler told last; nil: nothing.
    public var told: OutboxMessage.Kind?
    public var toldAt: Instant?

    public init(badRuns: Int = 0, told: OutboxMessage.Kind? = nil, toldAt: Instant? = nil) {
        self.badRuns = badRuns
        self.told = told
        self.toldAt = toldAt
    }

    /// Whether a bad run more is told: the first one that the policy wants to hear of, one of another kind than before, and one
    /// after a long silence.
    func tells(_ kind: OutboxMessage.Kind, by policy: NotifyPolicy, at now: Instant) -> Bool {
        guard badRuns >= policy.afterFailures else { return false }
        guard told == kind, let toldAt else { return true }
        // A job of every day fails a little earlier or later than the day before.
        let slack = policy.repeatAfter / 20
        return toldAt.duration(to: now) >= policy.repeatAfter - slack
    }
}
