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
        _ job: Job, rows: [(fireTime: Instant, isSkip: Bool)], from start: Instant?, to end: Instant,
        now: Instant
    ) {
        self.job = job.name
        guard let first = start ?? rows.first?.fireTime else { return }
        var rest = rows[...].drop { $0.fireTime < first }
        var time = first.advanced(by: .microseconds(-1))
        while let next = job.schedule.next(after: time), next <= end, next.advanced(by: job.delay) <= now {
            let earlier = rest.prefix { $0.fireTime < next }
            others += earlier.count
            rest = rest.dropFirst(earlier.count)
            fireTimes += 1
            if let row = rest.first, row.fireTime == next {
                if row.isSkip { skips += 1 } else { runs += 1 }
                rest = rest.dropFirst()
            } else {
                unaccounted.append(next)
            }
            time = next
        }
        others += rest.prefix { $0.fireTime <= end }.count
    }
}
