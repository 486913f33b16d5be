public import CivilTime

/// Timers ordered by when they are due: a hierarchical wheel that is told the time and owns no clock.
///
/// Eight levels of 64 slots; a timer lies on the level of the highest bit group in which its due tick and
/// the wheel's own differ, so inserting costs a few instructions and a timer moves down at most seven times:
///
///     level 0   1 ms slots     64 ms        level 4   4.7 h slots    12 days
///     level 1   64 ms slots    4.1 s        level 5   12 day slots   2.1 years
///     level 2   4.1 s slots    4.4 min      level 6   2.1 years      139 years
///     level 3   4.4 min slots  4.7 h        level 7   139 years      8,900 years
///
/// One word per level says which slots hold something, so that no empty slot is ever visited.
public struct TimingWheel<Key: Sendable>: Sendable {
    public struct Entry: Sendable {
        public let key: Key
        public let due: Instant
    }

    private static var levels: Int { 8 }
    /// The wheel's horizon in ticks; what is due later waits at its rim and is placed anew there.
    private static var horizon: Int64 { (1 << 48) - 1 }

    /// The latest instant the wheel was moved to.
    public private(set) var now: Instant
    public private(set) var count = 0
    private var tick: Int64
    private var slots: [[Entry]]
    private var occupied: [UInt64]

    public init(now: Instant) {
        self.now = now
        tick = Self.tick(atOrBefore: now)
        slots = Array(repeating: [], count: Self.levels * 64)
        occupied = Array(repeating: 0, count: Self.levels)
    }

    /// Adds a timer. One that is due already falls out at the next `advance`.
    public mutating func insert(_ key: Key, due: Instant) {
        count += 1
        place(Entry(key: key, due: due))
    }

    /// The earliest instant at which a timer may be due; nil when there is none.
    ///
    /// Exact for timers of the lowest level; for those further away it is the start of their slot, at
    /// which `advance` moves them down.
    public var nextWake: Instant? {
        guard let (level, slot) = nextOccupied() else { return nil }
        guard level == 0 else { return Self.instant(of: start(level, slot)) }
        return slots[slot].min { $0.due < $1.due }?.due
    }

    /// Moves the wheel to `instant` and returns what is due by then, oldest first. Time never runs
    /// backwards here: for an earlier instant than `now`, only what is overdue already is returned.
    public mutating func advance(to instant: Instant) -> [Entry] {
        let target = Self.tick(atOrBefore: instant)
        var due: [Entry] = []
        var early: [Entry] = []
        while let (level, slot) = nextOccupied(), start(level, slot) <= max(target, tick) {
            tick = max(tick, start(level, slot))
            for entry in take(level, slot) {
                if entry.due <= instant {
                    due.append(entry)
                } else if level == 0 {
                    early.append(entry)
                } else {
                    place(entry)
                }
            }
        }
        tick = max(tick, target)
        now = max(now, instant)
        early.forEach { place($0) }
        count -= due.count
        // Most often a batch shares one due time and there is nothing to sort.
        let first = due.first?.due
        if due.contains(where: { $0.due != first }) { due.sort { $0.due < $1.due } }
        return due
    }

    /// The same timers on a wheel that stands at `instant`, each due when `due` says, those without a
    /// due time left out: for a clock that was set back, or another set of jobs.
    public func rebuilt(at instant: Instant, due: (Entry) -> Instant?) -> TimingWheel {
        var wheel = TimingWheel(now: instant)
        for entry in slots.joined() {
            due(entry).map { wheel.insert(entry.key, due: $0) }
        }
        return wheel
    }

    private mutating func place(_ entry: Entry) {
        let due = min(max(Self.tick(atOrBefore: entry.due), tick), tick | Self.horizon)
        let differing = UInt64(bitPattern: due ^ tick) | 1
        let level = (63 - differing.leadingZeroBitCount) / 6
        let slot = Int(truncatingIfNeeded: due >> Int64(level * 6)) & 63
        slots[level * 64 + slot].append(entry)
        occupied[level] |= 1 << UInt64(slot)
    }

    private mutating func take(_ level: Int, _ slot: Int) -> [Entry] {
        occupied[level] &= ~(1 << UInt64(slot))
        var taken: [Entry] = []
        swap(&taken, &slots[level * 64 + slot])
        return taken
    }

    /// The occupied slot that starts earliest: nothing on a higher level is due before it, because a
    /// timer on a higher level differs from `tick` in a higher bit.
    private func nextOccupied() -> (level: Int, slot: Int)? {
        guard let level = occupied.firstIndex(where: { $0 != 0 }) else { return nil }
        return (level, occupied[level].trailingZeroBitCount)
    }

    private func start(_ level: Int, _ slot: Int) -> Int64 {
        let below = (Int64(1) << Int64((level + 1) * 6)) - 1
        return tick & ~below | Int64(slot) << Int64(level * 6)
    }

    private static func tick(atOrBefore instant: Instant) -> Int64 {
        instant.microseconds >= 0 ? instant.microseconds / 1_000 : ~(~instant.microseconds / 1_000)
    }

    private static func instant(of tick: Int64) -> Instant {
        Instant(microseconds: tick.multipliedReportingOverflow(by: 1_000).partialValue)
    }
}
