public import CivilTime

/// A cron expression in a zone.
public struct Schedule: Hashable, Sendable {
    public var expression: CronExpression
    public var zone: Zone
    /// What happens to its times in a daylight-saving shift. It has no effect on `@every`.
    public var shifts: ShiftRule

    public init(_ expression: CronExpression, in zone: Zone, shifts: ShiftRule = ShiftRule()) {
        self.expression = expression
        self.zone = zone
        self.shifts = shifts
    }

    /// The first fire time strictly later than `instant`; nil: there is none before the year 10000.
    ///
    /// Fire times are whole seconds. They depend only on the expression, the zone and the shift rule.
    public func next(after instant: Instant) -> Instant? {
        let after = max(Int(instant.seconds), Schedule.firstSecond - 1)
        guard after < Schedule.lastSecond else { return nil }
        let fire =
            switch expression.timing {
            case .every(let seconds): Schedule.multiple(of: seconds, after: after)
            case .calendar(let fields): self.fire(of: fields, after: after)
            }
        guard let fire, fire <= Schedule.lastSecond else { return nil }
        return Instant(seconds: Int64(fire))
    }

    /// Whether `instant` is a fire time.
    public func fires(at instant: Instant) -> Bool {
        next(after: instant.advanced(by: .microseconds(-1))) == instant
    }
}

extension Schedule {
    /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. All fire times lie between them.
    private static let firstSecond = -CivilMinute.epochSecond
    static let lastSecond = CivilMinute.end.wallSecond - 1
    /// A larger shift of the wall clock is a new clock, not daylight saving (cron(8) of Debian).
    static let largestShift = 3 * 3_600

    private static func multiple(of seconds: Int, after: Int) -> Int {
        let quotient = after / seconds
        let floor = after < 0 && quotient * seconds != after ? quotient - 1 : quotient
        return (floor + 1) * seconds
    }

    private func fire(of fields: CalendarFields, after: Int) -> Int? {
        if let rules = zone.rules { return fire(of: fields, by: rules, after: after) }
        let minute = fields.firstMinute(atOrAfter: CivilMinute(atOrAfter: after + 1))
        return minute < .end ? minute.wallSecond : nil
    }

    /// Visits the stretches of time with one UTC offset. Within a stretch the wall clock runs evenly, so the calendar
    /// alone gives the answer. Between two stretches, a shift skips or repeats times.
    private func fire(of fields: CalendarFields, by rules: ZoneRules, after: Int) -> Int? {
        let (gap, overlap) = shifts.resolved(isWildcard: fields.isWildcard)
        var stretch = rules.stretch(containing: after)
        var from = CivilMinute(
            atOrAfter: max(
                after + 1 + stretch.offset, stretch.firstWall(sittingOutSecondPass: overlap == .first)))
        var minute = fields.firstMinute(atOrAfter: from)
        while true {
            let fire = minute.wallSecond - stretch.offset
            let isWithin = fire < stretch.end
            if isWithin, overlap != .second { return minute < .end ? fire : nil }
            guard stretch.end <= Schedule.lastSecond, let following = rules.stretch(after: stretch) else {
                return isWithin && minute < .end ? fire : nil
            }
            let forward = following.offset - stretch.offset
            if isWithin, !following.repeats(fire) { return minute < .end ? fire : nil }
            let isSkipped = minute.wallSecond < stretch.end + following.offset
            if isSkipped, !isWithin, forward <= Schedule.largestShift, gap == .runAfter { return stretch.end }

            stretch = following
            let resume = CivilMinute(atOrAfter: stretch.firstWall(sittingOutSecondPass: overlap == .first))
            // The fields admit nothing between `from` and `minute`, so only a jump out of that range needs a new
            // search.
            if resume < from || resume > minute {
                from = resume
                minute = fields.firstMinute(atOrAfter: from)
            }
        }
    }
}

extension Stretch {
    /// By how much clocks were set back at its start, if that is daylight saving; otherwise 0.
    var fold: Int {
        let fold = previousOffset - offset
        return fold > 0 && fold <= Schedule.largestShift ? fold : 0
    }

    /// The wall-clock second from which the stretch may fire. A job that runs only in the first pass ignores the
    /// minutes that the clock has already shown.
    fileprivate func firstWall(sittingOutSecondPass: Bool) -> Int {
        start + offset + (sittingOutSecondPass ? fold : 0)
    }

    /// Whether the wall clock shows the time of an earlier instant again in this stretch.
    func repeats(_ instant: Int) -> Bool { instant >= start - fold }
}
