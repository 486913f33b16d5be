/// What happens to a schedule's times when clocks are set forward or back by three hours or less.
///
/// Nil is the rule of cron. A fixed-time job runs once: after the gap, and in the first pass of repeated times. A
/// wildcard job such as `*/10 * * * *` follows the wall clock: it does not run in the gap, and runs in both passes.
public struct ShiftRule: Hashable, Sendable {
    /// What happens to times that the clock skips.
    public enum Gap: String, Sendable, CaseIterable {
        /// Together they fire once, at the end of the gap.
        case runAfter = "run-after"
        /// They do not fire.
        case skip
    }

    /// In which pass a job fires at times that the clock shows twice.
    public enum Overlap: String, Sendable, CaseIterable {
        case first
        case second
        case both
    }

    public var gap: Gap?
    public var overlap: Overlap?

    public init(gap: Gap? = nil, overlap: Overlap? = nil) {
        self.gap = gap
        self.overlap = overlap
    }

    /// The rule for a job that is a wildcard job, or is not.
    func resolved(isWildcard: Bool) -> (gap: Gap, overlap: Overlap) {
        (gap ?? (isWildcard ? .skip : .runAfter), overlap ?? (isWildcard ? .both : .first))
    }
}
