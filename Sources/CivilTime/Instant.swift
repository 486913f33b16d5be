/// A point on the UTC time line, in microseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// Fire times are whole seconds. The clock and measured times are finer. Arithmetic stops at the ends of the range
/// instead of trapping, because an instant may come from a file or a flag.
public struct Instant: Hashable, Sendable {
    public var microseconds: Int64

    public init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    public init(seconds: Int64) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflow ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds since 1970, rounded toward the past.
    public var seconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000_000 : ~(~microseconds / 1_000_000)
    }

    public static let distantPast = Instant(microseconds: .min)
    public static let distantFuture = Instant(microseconds: .max)
}

extension Instant: InstantProtocol {
    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// This instant moved by `duration`, which is cut to whole microseconds.
    public func advanced(by duration: Duration) -> Instant {
        let (sum, overflow) = microseconds.addingReportingOverflow(duration.inMicroseconds)
        return Instant(microseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    public func duration(to other: Instant) -> Duration {
        let (difference, overflow) = other.microseconds.subtractingReportingOverflow(microseconds)
        return .microseconds(overflow ? (other < self ? .min : .max) : difference)
    }
}

extension Duration {
    /// Whole microseconds, cut toward zero and to the range of `Int64`.
    public var inMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (sum, overflowed) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        return overflow || overflowed ? (seconds < 0 ? .min : .max) : sum
    }
}
