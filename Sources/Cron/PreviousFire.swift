public import CivilTime

extension Schedule {
    /// The last fire time strictly earlier than `instant`, or nil when there is none since 1970.
    ///
    /// It asks `next(after:)` alone, so that both agree in every zone and at every shift of the clock: it steps back until
    /// some fire time lies before `instant`, and then halves the seconds between the two.
    public func previous(before instant: Instant) -> Instant? {
        let isWhole = instant.microseconds % 1_000_000 == 0
        // Fire times are whole seconds: none lies in `end..<instant`.
        var end = min(isWhole ? instant.seconds : instant.seconds + 1, Int64(Schedule.lastSecond) + 1)
        guard var found = fire(before: end) else { return nil }
        while end - found > 1 {
            let middle = found + (end - found) / 2
            if let later = first(from: middle), later < end {
                found = later
            } else {
                end = middle
            }
        }
        return Instant(seconds: found)
    }

    /// Some fire time before `end`.
    private func fire(before end: Int64) -> Int64? {
        var start = end
        var step: Int64 = 64
        while start > 0 {
            start = max(end - step, 0)
            if let fire = first(from: start), fire < end { return fire }
            step *= 2
        }
        return nil
    }

    /// The first fire time at `second` or later.
    private func first(from second: Int64) -> Int64? { next(after: Instant(seconds: second - 1))?.seconds }
}
