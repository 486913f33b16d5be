/// What becomes of a schedule's times when clocks are set forward or back by three hours or less.
///
/// Nil is the rule of cron: a fixed-time job runs once (after the gap, and in the first pass of what comes twice), a
/// wildcard job such as `*/10 * * * *` follows the wall clock (nothing in the gap, both passes).
public struct ShiftRule: Hashable, Sendable {
    /// What becomes of times that the clock skips.
    public enum Gap: String, Sendable, CaseIterable {
        /// Together they fire once, at the instant at which the gap ends.
        case runAfter = "run-after"
        /// They do not fire.
        case skip
    }

    /// In which pass of the times that the clock shows twice a job fires.
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

    /// What holds for a job that is, or is not, a wildcard job.
    func resolved(isWildcard: Bool) -> (gap: Gap, overlap: Overlap) {
        (gap ?? (isWildcard ? .skip : .runAfter), overlap ?? (isWildcard ? .both : .first))
    }
}
