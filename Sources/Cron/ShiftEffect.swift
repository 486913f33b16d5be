public import CivilTime

/// What a shift of the clock does to the times of a schedule. `next` marks it, and `check` warns of it.
public struct ShiftEffect: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// The clock skips the time.
        case gap
        /// The clock shows the time twice.
        case fold
    }

    public let kind: Kind
    /// When the clock is set.
    public let shift: Instant
    /// The skipped or repeated wall-clock seconds, counted from 1970. The upper bound is the first normal one again.
    let span: Range<Int>
    /// The times of the schedule in `span`, in wall-clock seconds; never empty.
    let times: [Int]
    let rule: ShiftRule
    let isWildcard: Bool
}

extension ShiftEffect {
    /// Whether the rule skips the run at this time of the clock. `clock` is the wall-clock time as if it were UTC.
    public func leavesOut(_ clock: Instant) -> Bool {
        guard kind == .gap, rule.resolved(isWildcard: isWildcard).gap == .skip else { return false }
        return times.contains(Int(clock.seconds))
    }

    /// The day of the shift and its effect: `on 2026-03-29 clocks skip 02:00 to 03:00: 02:30 runs at 03:00`.
    public var words: String {
        let day = span.lowerBound.wallDate
        let (from, to) = (span.lowerBound.wallTime, span.upperBound.wallTime)
        switch kind {
        case .gap: return "on \(day) clocks skip \(from) to \(to): \(timesText) \(fate)"
        case .fold: return "on \(day) clocks show \(from) to \(to) twice: \(timesText) \(fate)"
        }
    }

    private var fate: String {
        let (gap, overlap) = rule.resolved(isWildcard: isWildcard)
        let verb = times.count == 1 ? "runs" : "run"
        switch kind {
        case .gap where gap == .runAfter:
            let once = times.count == 1 ? "" : " once,"
            return "\(verb)\(once) at \(span.upperBound.wallTime)"
        case .gap: return times.count == 1 ? "does not run" : "do not run"
        case .fold: return verb + (overlap == .both ? " both times" : " the \(overlap.rawValue) time only")
        }
    }

    fileprivate var timesText: String {
        let shown = times.prefix(3).map(\.wallTime)
        guard times.count > 3 else { return EnglishList.and(shown) }
        return shown.joined(separator: ", ") + " and \(times.count - 3) more"
    }
}

extension Schedule {
    /// The effects of the next gap and the next fold between two instants that touch the schedule, the earlier one
    /// first. Empty for `@every`, and for jobs that run in every hour, because those only follow the clock.
    public func shiftEffects(after start: Instant, until end: Instant) -> [ShiftEffect] {
        guard case .calendar(let fields) = expression.timing, let rules = zone.rules else { return [] }
        guard !(fields.isWildcard && fields.hours == FieldSet(0...23)) else { return [] }
        var effects: [ShiftEffect] = []
        var stretch = rules.stretch(containing: bounded(start))
        while stretch.end <= bounded(end), effects.count < 2, let following = rules.stretch(after: stretch) {
            if let effect = effect(of: following, on: fields), effect.kind != effects.first?.kind {
                effects.append(effect)
            }
            stretch = following
        }
        return effects
    }

    /// What is special about a fire time: `clocks go forward: 02:30 does not exist, fires at 03:00`; nil: nothing.
    public func remark(on fireTime: Instant) -> String? {
        guard case .calendar(let fields) = expression.timing, let rules = zone.rules else { return nil }
        let second = bounded(fireTime)
        let stretch = rules.stretch(containing: second)
        var time: String { (second + stretch.offset).wallTime }
        if stretch.start == second, let effect = effect(of: stretch, on: fields), effect.kind == .gap,
            shifts.resolved(isWildcard: fields.isWildcard).gap == .runAfter
        {
            let verb = effect.times.count == 1 ? "does" : "do"
            return "clocks go forward: \(effect.timesText) \(verb) not exist, fires at \(time)"
        }
        if second < stretch.start + stretch.fold { return "clocks went back: \(time) for the second time" }
        if let following = rules.stretch(after: stretch), following.repeats(second) {
            return "clocks go back: \(time) for the first time"
        }
        return nil
    }

    /// The effect of the shift at the start of a stretch; nil: the shift touches no time of the schedule, or it is a
    /// new clock instead of daylight saving.
    private func effect(of stretch: Stretch, on fields: CalendarFields) -> ShiftEffect? {
        let (before, after) = (stretch.start + stretch.previousOffset, stretch.start + stretch.offset)
        let span = min(before, after)..<max(before, after)
        guard !span.isEmpty, span.count <= Schedule.largestShift else { return nil }
        var times: [Int] = []
        var minute = fields.firstMinute(atOrAfter: CivilMinute(atOrAfter: span.lowerBound))
        while minute < .end, minute.wallSecond < span.upperBound {
            times.append(minute.wallSecond)
            minute = fields.firstMinute(atOrAfter: CivilMinute(number: minute.number + 1))
        }
        guard !times.isEmpty else { return nil }
        return ShiftEffect(
            kind: after > before ? .gap : .fold, shift: Instant(seconds: Int64(stretch.start)), span: span,
            times: times, rule: shifts, isWildcard: fields.isWildcard)
    }

    private func bounded(_ instant: Instant) -> Int {
        min(max(Int(instant.seconds), ZoneRules.earliest), ZoneRules.latest - 1)
    }
}

/// A second of a wall clock, counted from 1970.
extension Int {
    /// `2026-03-29`.
    fileprivate var wallDate: String { String(shown.dropFirst(4).prefix(10)) }
    /// `02:30`, with seconds if they are not zero.
    fileprivate var wallTime: String { String(shown.dropFirst(15)) }

    private var shown: String { Instant(seconds: Int64(self)).wallClock(in: .utc) }
}
