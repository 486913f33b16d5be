public import CivilTime

/// Whether every fire time of a job in a range has its row: the fire times are computed anew and compared.
public struct Audit: Hashable, Sendable {
    public let job: String
    /// Fire times of the schedule in the range.
    public private(set) var fireTimes = 0
    public private(set) var runs = 0
    public private(set) var skips = 0
    /// Rows that are no fire times of the schedule: runs by hand, or of an earlier schedule.
    public private(set) var others = 0
    /// Fire times without a row, oldest first.
    public private(set) var unaccounted: [Instant] = []

    /// A fire time that came so recently may be about to be decided.
    public static let moment = Duration.seconds(60)

    /// - Parameters:
    ///   - rows: those of the job, oldest first, with `true` for a skip.
    ///   - start: fire times from here on, this one included; nil: from the first row on.
    ///   - end: fire times up to and including this.
    ///   - now: what is not due by then is not missing.
    public init(
        _ job: Job, rows: some Sequence<(fireTime: Instant, isSkip: Bool)>, from start: Instant?,
        to end: Instant, now: Instant
    ) {
        self.job = job.name
        var rows = rows.makeIterator()
        var row = rows.next()
        guard let first = start ?? row?.fireTime else { return }
        while let earlier = row, earlier.fireTime < first { row = rows.next() }
        let (schedule, latest) = (job.schedule, min(end, now.advanced(by: .zero - job.delay)))
        var time = first.advanced(by: .microseconds(-1))
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
