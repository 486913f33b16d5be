import ArgumentParser
import CivilTime
import Orchestrator

/// A point in time as the user wrote it. A time without an offset is the time of a wall clock.
enum TimeArgument {
    case instant(Instant)
    /// What the clock shows, as if it were UTC.
    case wallClock(Instant)
    /// The first moment of a date, as the clock shows it, as if it were UTC.
    case date(Instant)
    /// The time of day, today.
    case timeOfDay(Duration)
    /// This many days after today.
    case day(Int)
    /// This long before now. A command that looks ahead takes it as after now.
    case length(Duration)

    static let forms =
        "2026-03-08T02:30:00Z, 2026-03-08T02:30, 2026-03-08, 02:30, yesterday, or 7d for 7 days ago"

    init(_ text: String) throws {
        guard let time = Self.day(text) ?? Self.point(text) ?? Self.timeOfDay(text) ?? Self.length(text)
        else {
            throw ValidationError("a time looks like \(Self.forms)")
        }
        self = time
    }

    private static func day(_ text: String) -> TimeArgument? {
        switch text.lowercased() {
        case "today": .day(0)
        case "yesterday": .day(-1)
        case "tomorrow": .day(1)
        case "now": .length(.zero)
        default: nil
        }
    }

    private static func point(_ text: String) -> TimeArgument? {
        if let instant = Instant(rfc3339: text) ?? withColon(text) { return .instant(instant) }
        if let date = Instant(rfc3339: text + "T00:00:00Z") { return .date(date) }
        return ["Z", ":00Z"].lazy.compactMap { Instant(rfc3339: text + $0) }.first.map { .wallClock($0) }
    }

    /// Reads `+0100` and `+01` as `+01:00`.
    private static func withColon(_ text: String) -> Instant? {
        guard let sign = text.lastIndex(where: { "+-".contains($0) }), text[..<sign].contains(":") else {
            return nil
        }
        let digits = text[sign...].dropFirst()
        guard digits.count == 2 || digits.count == 4 else { return nil }
        return Instant(
            rfc3339: "\(text[...sign])\(digits.prefix(2)):\(digits.count == 2 ? "00" : digits.suffix(2))")
    }

    private static func timeOfDay(_ text: String) -> TimeArgument? {
        guard text.contains(":") else { return nil }
        let midnight = "1970-01-01T"
        let time = ["Z", ":00Z"].lazy.compactMap { Instant(rfc3339: midnight + text + $0) }.first
        return time.map { .timeOfDay(.seconds($0.seconds)) }
    }

    private static func length(_ text: String) -> TimeArgument? {
        (try? Duration(text: text)).map { .length($0) }
    }

    /// The earliest instant that the text can mean. `isAhead`: a length of time counts from now on.
    func instant(in zone: Zone, now: Instant, isAhead: Bool = false) -> Instant {
        if isAhead, case .length(let duration) = self { return now.advanced(by: duration) }
        return instants(in: zone, now: now).first ?? .distantPast
    }

    /// The instants at which the clock of the zone shows this time: two in the hour that comes twice. If the clock
    /// skips the time, this is the instant of the jump, at which a job of that time runs.
    func instants(in zone: Zone, now: Instant) -> [Instant] {
        if case .instant(let instant) = self { return [instant] }
        if case .length(let duration) = self { return [now.advanced(by: .zero - duration)] }
        return clock(in: zone, now: now).map { Self.instants(showing: $0, in: zone) } ?? []
    }

    /// The first moments of the day and of the next one; nil if the argument is not a day.
    func day(in zone: Zone, now: Instant) -> Range<Instant>? {
        switch self {
        case .date, .day: break
        case .instant, .wallClock, .timeOfDay, .length: return nil
        }
        guard let clock = clock(in: zone, now: now),
            let start = Self.instants(showing: clock, in: zone).first,
            let end = Self.instants(showing: clock.advanced(by: .seconds(86_400)), in: zone).first
        else { return nil }
        return start..<max(start, end)
    }

    /// What the clock shows, as if it were UTC; nil for a time with an offset and for one that counts from now.
    func clock(in zone: Zone, now: Instant) -> Instant? {
        let seconds = now.seconds + Int64(zone.offset(at: now))
        let today = Instant(seconds: seconds - (seconds % 86_400 + 86_400) % 86_400)
        return switch self {
        case .wallClock(let clock), .date(let clock): clock
        case .timeOfDay(let time): today.advanced(by: time)
        case .day(let days): today.advanced(by: .seconds(days * 86_400))
        case .instant, .length: nil
        }
    }

    private static func instants(showing clock: Instant, in zone: Zone) -> [Instant] {
        let day = Duration.seconds(86_400)
        let before = zone.offset(at: clock.advanced(by: .zero - day))
        let after = zone.offset(at: clock.advanced(by: day))
        let candidates = Set([before, after]).map { (offset: $0, at: clock.advanced(by: .seconds(-$0))) }
        let shown = candidates.filter { zone.offset(at: $0.at) == $0.offset }.map(\.at).sorted()
        guard shown.isEmpty, let first = candidates.map(\.at).min(), let last = candidates.map(\.at).max()
        else { return shown }
        return [jump(between: first, and: last, in: zone)]
    }

    /// The second from which the zone has the offset that it has at `last`.
    private static func jump(between first: Instant, and last: Instant, in zone: Zone) -> Instant {
        let offset = zone.offset(at: last)
        var low = first.seconds
        var high = last.seconds
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if zone.offset(at: Instant(seconds: middle)) == offset { high = middle } else { low = middle }
        }
        return Instant(seconds: high)
    }
}

extension Instant {
    /// The local time as people write it: `Sun 2026-03-08 03:00 -04:00 America/New_York`.
    func local(in zone: Zone) -> String {
        guard zone != .utc else { return "\(wallClock(in: zone)) UTC" }
        let offset = zone.offset(at: self)
        let magnitude = offset.magnitude
        var text = wallClock(in: zone)
        text += offset < 0 ? " -" : " +"
        text += Self.twoDigits(magnitude / 3_600) + ":" + Self.twoDigits(magnitude / 60 % 60)
        if magnitude % 60 != 0 { text += ":" + Self.twoDigits(magnitude % 60) }
        text += " "
        text += zone.name
        return text
    }

    private static func twoDigits(_ number: UInt) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// How far it lies ahead or behind: `in 5 min`, `5 min ago`.
    func relative(to now: Instant) -> String {
        self > now ? "in \(now.duration(to: self).rough)" : "\(duration(to: now).rough) ago"
    }
}

extension Zone {
    /// The zone with this name. Without a name, it is the environment's zone for jobs that name none.
    static func named(_ name: String?) throws -> Zone {
        let environment = Environment.current
        guard let name = name ?? environment[.timezone] else { return .utc }
        do throws(ZoneError) {
            return try ZoneDatabase(directory: environment[.zoneDirectory]).zone(named: name)
        } catch {
            throw Refusal(message: error.message, hint: error.hint, code: Failure.badConfiguration)
        }
    }
}
