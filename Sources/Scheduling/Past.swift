public import CivilTime

/// Where a ledger comes from.
public struct Past: Hashable, Sendable {
    /// The scheduling process that used it before this one; nil: none is known.
    public var last: Session?
    /// Whether this is the latest copy of the ledger, as far as is known.
    public var isLatest: Bool
    /// Another instance may have sent POSTs up to here that have no claims in this ledger; nil: none did.
    public var unknownPostsUntil: Instant?
    /// Until when other instances may have posted, as the process before this one knew; nil: that is not known.
    public var othersPostedUntil: Instant?
    /// The starts of this instance's processes that used the ledger, oldest first, with this one.
    public var begins: [Instant]
    /// The newest fire time that has a row; nil: none has.
    public var newestFireTime: Instant?
    /// For each job whose mark lies after now: its newest fire time up to now that has a row.
    public var lastDecided: [String: Instant]
    /// When the last process began that used this ledger, or another copy in its place.
    public var usedHereAt: Instant?
    /// How marks travel, by project.
    public var markings: [String: ProjectMark]
    /// Messages that no channel has taken yet, oldest first.
    public var outbox: [OutboxMessage] = []
    /// The bad runs of jobs, by job.
    public var incidents: [String: Incident] = [:]

    public init(
        last: Session? = nil, isLatest: Bool = true, unknownPostsUntil: Instant? = nil,
        usedHereAt: Instant? = nil, othersPostedUntil: Instant? = nil, begins: [Instant] = [],
        newestFireTime: Instant? = nil,
        lastDecided: [String: Instant] = [:], markings: [String: ProjectMark] = [:]
    ) {
        self.last = last
        self.isLatest = isLatest
        self.unknownPostsUntil = unknownPostsUntil
        self.usedHereAt = usedHereAt
        self.othersPostedUntil = othersPostedUntil
        self.begins = begins
        self.newestFireTime = newestFireTime
        self.lastDecided = lastDecided
        self.markings = markings
    }
}

/// The last scheduling process that used the ledger before this one.
public struct Session: Hashable, Sendable {
    /// Its CI job; nil outside CI.
    public var instance: Int64?
    /// When it ended in order; nil: it did not.
    public var endedAt: Instant?

    public init(instance: Int64?, endedAt: Instant?) {
        self.instance = instance
        self.endedAt = endedAt
    }
}
