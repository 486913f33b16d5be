import ArgumentParser
import CivilTime
import Orchestrator

/// A point in time as somebody wrote it: with an offset, or as a wall clock shows it.
enum TimeArgument {
    case instant(Instant)
    /// What the clock shows, as if it were UTC.
    case wallClock(Instant)

    static let forms = "2026-03-08T02:30:00Z, 2026-03-08T02:30 or 2026-03-08"

    init(_ text: String) throws {
        if let instant = Instant(rfc3339: text) {
            self = .instant(instant)
            return
        }
        let clock = ["Z", ":00Z", "T00:00:00Z"].lazy.compactMap { Instant(rfc3339: text + $0) }.first
        guard let clock else { throw ValidationError("a time looks like \(Self.forms)") }
        self = .wallClock(clock)
    }

    /// The first instant that is meant.
    func instant(in zone: Zone) -> Instant {
        instants(in: zone).first ?? .distantPast
    }

    /// The instants at which the clock of the zone shows this: two in the hour that comes twice. Where
    /// the clock skips it, the instant of the jump, which is when a job of that time runs.
    func instants(in zone: Zone) -> [Instant] {
        switch self {
        case .instant(let instant): [instant]
        case .wallClock(let clock): Self.instants(showing: clock, in: zone)
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

    /// The second from which on the zone has the offset it has at `last`.
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
    /// As people in the zone say it: `Sun 2026-03-08 03:00 -04:00 America/New_York`.
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
    /// The zone with this name, or, without one, the environment's for jobs that name none.
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
