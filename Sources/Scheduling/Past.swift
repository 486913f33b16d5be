public import CivilTime

/// Where a ledger comes from.
public struct Past: Hashable, Sendable {
    /// Who used it before this process; nil: nobody is known.
    public var last: Session?
    /// Whether no later copy of it is known to have been used.
    public var isLatest: Bool
    /// Until when POSTs may have been sent of which it has no claims; nil: none were.
    public var unknownPostsUntil: Instant?
    /// Until when other instances may have posted, as the process before this one knew; nil: that is not known.
    public var othersPostedUntil: Instant?
    /// When each process of this instance began that used the ledger, oldest first, with this one.
    public var begins: [Instant]
    /// The newest fire time that has a row; nil: none has.
    public var newestFireTime: Instant?
    /// Of each job whose mark lies after now: its newest fire time up to now that has a row.
    public var lastDecided: [String: Instant]
    /// When the process began that used it, or another copy in its place, last.
    public var usedHereAt: Instant?

    public init(
        last: Session? = nil, isLatest: Bool = true, unknownPostsUntil: Instant? = nil,
        usedHereAt: Instant? = nil, othersPostedUntil: Instant? = nil, begins: [Instant] = [],
        newestFireTime: Instant? = nil,
        lastDecided: [String: Instant] = [:]
    ) {
        self.last = last
        self.isLatest = isLatest
        self.unknownPostsUntil = unknownPostsUntil
        self.usedHereAt = usedHereAt
        self.othersPostedUntil = othersPostedUntil
        self.begins = begins
        self.newestFireTime = newestFireTime
        self.lastDecided = lastDecided
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
