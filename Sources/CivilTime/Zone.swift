/// A time zone of the tz database: a name, and the UTC offsets over time.
///
/// A copy shares its rules with the original, so a zone costs a schedule three words.
public struct Zone: Hashable, Sendable, CustomStringConvertible {
    /// The requested name, such as `Europe/Berlin`.
    public let name: String
    /// Nil is UTC, which needs neither a file nor a look-up.
    public let rules: ZoneRules?

    public static let utc = Zone(name: "UTC", rules: nil)

    public var description: String { name }

    /// The seconds by which local time is ahead of UTC at an instant; negative west of Greenwich.
    public func offset(at instant: Instant) -> Int {
        guard let rules else { return 0 }
        let second = min(max(Int(instant.seconds), ZoneRules.earliest), ZoneRules.latest - 1)
        return rules.stretch(containing: second).offset
    }
}

/// A stretch of time in which a zone keeps one UTC offset. Instants are seconds since 1970.
public struct Stretch {
    public let start: Int
    /// The first second after the stretch.
    public let end: Int
    public let offset: Int
    /// The offset before `start`.
    public let previousOffset: Int
    /// The index among the stretches of the zone.
    let index: Int
}

/// The UTC offsets of a zone over time. Shared by all copies of a `Zone`.
public final class ZoneRules: Hashable, Sendable {
    /// Instants (seconds since 1970) at which the offset changes, earliest first.
    let transitions: [Int]
    /// The offset before the first transition, then the offset after each one: one more than `transitions`.
    public let offsets: [Int32]
    /// The rule after the last transition, if daylight saving has no end; nil: the last offset stays.
    let tail: TailRule?

    /// No stretch reaches beyond these limits (the years -1199 and 11476), so arithmetic cannot overflow.
    public static let earliest = -100_000_000_000
    public static let latest = 300_000_000_000

    /// `transitions` ascend and lie between `earliest` and `latest`. There is one more offset.
    init(transitions: [Int], offsets: [Int32], tail: TailRule?) {
        self.transitions = transitions
        self.offsets = offsets
        self.tail = tail
    }

    public static func == (left: ZoneRules, right: ZoneRules) -> Bool {
        left === right
            || (left.transitions == right.transitions && left.offsets == right.offsets
                && left.tail == right.tail)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(offsets.count)
        hasher.combine(offsets.last)
        hasher.combine(transitions.last)
    }

    /// The stretch that contains a second between `earliest` and `latest`.
    public func stretch(containing second: Int) -> Stretch {
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low &+ high) &>> 1
            if transitions[middle] <= second { low = middle &+ 1 } else { high = middle }
        }
        if low == transitions.count, let tail {
            return tailStretch(tail, change: tail.lastChange(atOrBefore: second))
        }
        return listedStretch(low)
    }

    /// The stretch that begins at the end of `stretch`; nil: it was the last one.
    public func stretch(after stretch: Stretch) -> Stretch? {
        let next = stretch.index + 1
        if next < transitions.count { return listedStretch(next) }
        guard let tail else { return next == transitions.count ? listedStretch(next) : nil }
        let isInTail = stretch.index >= transitions.count
        return tailStretch(
            tail, change: isInTail ? next - transitions.count : tail.lastChange(atOrBefore: stretch.end))
    }

    private func listedStretch(_ index: Int) -> Stretch {
        Stretch(
            start: index == 0 ? ZoneRules.earliest : transitions[index - 1],
            end: index == transitions.count ? ZoneRules.latest : transitions[index],
            offset: Int(offsets[index]), previousOffset: Int(offsets[max(index - 1, 0)]), index: index)
    }

    private func tailStretch(_ tail: TailRule, change: Int) -> Stretch {
        let start = tail.moment(ofChange: change)
        let (before, after) = tail.offsets(ofChange: change)
        let index = transitions.count + change
        let end = tail.moment(ofChange: change + 1)
        guard let last = transitions.last, last >= start else {
            return Stretch(start: start, end: end, offset: after, previousOffset: before, index: index)
        }
        // The rule takes over within one of its stretches.
        return Stretch(
            start: last, end: end, offset: after, previousOffset: Int(offsets[transitions.count - 1]),
            index: index)
    }
}
