/// A cron expression in a zone.
public struct Schedule: Hashable, Sendable {
    public let expression: CronExpression
    public let zone: Zone

    public init(_ expression: CronExpression, in zone: Zone) {
        self.expression = expression
        self.zone = zone
    }

    /// The first fire time strictly later than `instant`, or nil when there is none before the year 10000.
    ///
    /// Fire times are whole seconds. They depend on nothing but the expression and the zone.
    public func next(after instant: Instant) -> Instant? {
        let after = max(Int(instant.seconds), Schedule.firstSecond - 1)
        guard after < Schedule.lastSecond else { return nil }
        let fire =
            switch expression.timing {
            case .every(let seconds): Schedule.multiple(of: seconds, after: after)
            case .calendar(let fields): Schedule.fire(of: fields, in: zone, after: after)
            }
        guard let fire, fire <= Schedule.lastSecond else { return nil }
        return Instant(seconds: Int64(fire))
    }
}

extension Schedule {
    /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: outside lies no fire time.
    private static let firstSecond = -CivilMinute.epochSecond
    private static let lastSecond = CivilMinute.end.wallSecond - 1
    /// A larger shift of the wall clock is a new clock, not daylight saving (cron(8) of Debian).
    private static let largestShift = 3 * 3_600

    private static func multiple(of seconds: Int, after: Int) -> Int {
        let quotient = after / seconds
        let floor = after < 0 && quotient * seconds != after ? quotient - 1 : quotient
        return (floor + 1) * seconds
    }

    private static func fire(of fields: CalendarFields, in zone: Zone, after: Int) -> Int? {
        if let rules = zone.rules { return fire(of: fields, by: rules, after: after) }
        let minute = fields.firstMinute(atOrAfter: CivilMinute(atOrAfter: after + 1))
        return minute < .end ? minute.wallSecond : nil
    }

    /// Walks over the stretches of time with one UTC offset. Within a stretch the wall clock runs evenly, so
    /// the calendar alone answers; what a shift skips or repeats is decided where two stretches meet.
    private static func fire(of fields: CalendarFields, by rules: ZoneRules, after: Int) -> Int? {
        var stretch = rules.stretch(containing: after)
        var from = CivilMinute(atOrAfter: max(after + 1 + stretch.offset, firstWall(of: stretch, fields)))
        var minute = fields.firstMinute(atOrAfter: from)
        while true {
            let fire = minute.wallSecond - stretch.offset
            if fire < stretch.end { return minute < .end ? fire : nil }
            guard stretch.end <= lastSecond else { return nil }

            let following = rules.stretch(after: stretch)
            let gap = following.offset - stretch.offset
            let isSkipped = minute.wallSecond < stretch.end + following.offset
            if isSkipped, gap <= largestShift, !fields.isWildcard { return stretch.end }

            stretch = following
            let resume = CivilMinute(atOrAfter: firstWall(of: stretch, fields))
            // Between `from` and `minute` nothing is admitted, so only a jump out of there needs a new search.
            if resume < from || resume > minute {
                from = resume
                minute = fields.firstMinute(atOrAfter: from)
            }
        }
    }

    /// The wall-clock second from which a stretch may fire: a fixed-time job sits out the second pass of
    /// minutes that came before the clock was set back.
    private static func firstWall(of stretch: Stretch, _ fields: CalendarFields) -> Int {
        let fold = stretch.previousOffset - stretch.offset
        let isRepeated = fold > 0 && fold <= largestShift && !fields.isWildcard
        return stretch.start + (isRepeated ? stretch.previousOffset : stretch.offset)
    }
}
