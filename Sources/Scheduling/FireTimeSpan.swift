public import CivilTime

/// Fire times that are equally far apart, oldest first. A year of fire times, one each second, takes as little room as
/// two.
public struct FireTimeSpan: Hashable, Sendable, RandomAccessCollection {
    public let first: Instant
    public private(set) var last: Instant
    /// In microseconds, and more than 0. A single fire time does not use it.
    private var distance: Int64
    public private(set) var count: Int

    public init(_ fireTime: Instant) {
        (first, last, distance, count) = (fireTime, fireTime, 1_000_000, 1)
    }

    /// nil where the values make no span: they may come from a file.
    public init?(first: Instant, step: Duration, count: Int) {
        let distance = step.inMicroseconds
        guard distance > 0, count > 0 else { return nil }
        let (length, isTooLong) = distance.multipliedReportingOverflow(by: Int64(count - 1))
        let (last, isTooLate) = first.microseconds.addingReportingOverflow(length)
        guard !isTooLong, !isTooLate else { return nil }
        self.first = first
        self.last = Instant(microseconds: last)
        self.distance = count == 1 ? 1_000_000 : distance
        self.count = count
    }

    public var step: Duration { .microseconds(distance) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(position: Int) -> Instant {
        Instant(microseconds: first.microseconds + distance * Int64(position))
    }

    /// Adds a fire time at the end. False where it is not later than the last one, or not as far from it as the others
    /// are from one another.
    mutating func extend(to fireTime: Instant) -> Bool {
        let gap = last.duration(to: fireTime).inMicroseconds
        guard gap > 0, count == 1 || gap == distance else { return false }
        (distance, last) = (gap, fireTime)
        count += 1
        return true
    }

    public func count(before instant: Instant) -> Int {
        guard instant > first else { return 0 }
        guard instant <= last else { return count }
        let length = first.duration(to: instant).inMicroseconds
        return Int((length - 1) / distance) + 1
    }

    /// nil where the span does not contain the fire time.
    public func position(of fireTime: Instant) -> Int? {
        let position = count(before: fireTime)
        return position < count && self[position] == fireTime ? position : nil
    }

    /// The fire times from position `start` to before `end`; nil for none.
    public func part(from start: Int, to end: Int) -> FireTimeSpan? {
        let (start, end) = (Swift.max(start, 0), Swift.min(end, count))
        guard start < end else { return nil }
        return FireTimeSpan(first: self[start], step: step, count: end - start)
    }
}
