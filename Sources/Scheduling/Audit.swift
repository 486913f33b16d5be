public import CivilTime

/// Whether every fire time of a job in a range has its row. It computes the fire times anew and compares them with the
/// rows.
public struct Audit: Hashable, Sendable {
    public let job: String
    /// Fire times of the schedule in the range.
    public private(set) var fireTimes = 0
    public private(set) var runs = 0
    public private(set) var skips = 0
    /// Rows at other times than the schedule's fire times: runs of `trigger`, and rows of an earlier schedule.
    public private(set) var others = 0
    /// Fire times without a row, oldest first.
    public private(set) var unaccounted: [Instant] = []
    /// Fire times before the job's first row, when the job may not have been declared yet; nil: none.
    public private(set) var before: Before?

    public struct Before: Hashable, Sendable {
        public var count: Int
        public let first: Instant
        public var last: Instant
    }

    /// The scheduler may not have decided a fire time yet that is younger than this.
    public static let moment = Duration.seconds(60)

    /// - Parameters:
    ///   - rows: the job's rows, oldest first; `isSkip`: the row is a skip.
    ///   - start: fire times from here on count, this one included; nil: from the first row on.
    ///   - end: fire times up to here count, this one included.
    ///   - now: a fire time that is not due by now is not missing.
    ///   - hasEarlierRows: whether the job has rows from before the range. Without them, the job may not have been
    ///     declared before its first row.
    public init(
        _ job: Job, rows: some Sequence<(fireTime: Instant, isSkip: Bool)>, from start: Instant?,
        to end: Instant, now: Instant, hasEarlierRows: Bool = true
    ) {
        self.job = job.name
        var rows = rows.makeIterator()
        var row = rows.next()
        guard let first = start ?? row?.fireTime else { return }
        while let earlier = row, earlier.fireTime < first { row = rows.next() }
        let (schedule, latest) = (job.schedule, min(end, now.advanced(by: .zero - job.delay)))
        var time = first.advanced(by: .microseconds(-1))
        let known = hasEarlierRows ? first : row?.fireTime ?? .distantFuture
        while let next = schedule.next(after: time), next <= latest, next < known {
            before = Before(count: (before?.count ?? 0) + 1, first: before?.first ?? next, last: next)
            time = next
        }
        while let next = schedule.next(after: time), next <= latest {
            while let other = row, other.fireTime < next { (others, row) = (others + 1, rows.next()) }
            fireTimes += 1
            if let found = row, found.fireTime == next {
                if found.isSkip { skips += 1 } else { runs += 1 }
                row = rows.next()
            } else {
                unaccounted.append(next)
            }
            time = next
        }
        while let other = row, other.fireTime <= end { (others, row) = (others + 1, rows.next()) }
    }
}
