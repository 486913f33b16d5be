import CivilTime
import Cron
import Testing

@testable import Scheduling

extension Instant {
    /// `12:00`, `12:00:05` or `12:00:05.25` on the day of these tests, or a whole RFC 3339 time.
    static func at(_ text: String, _ location: SourceLocation = #_sourceLocation) -> Instant {
        let time = text.count == 5 ? text + ":00" : text
        let full = text.contains("T") ? text : "2026-03-02T\(time)Z"
        guard let instant = Instant(rfc3339: full) else {
            Issue.record("“\(text)” is not a time", sourceLocation: location)
            return .distantPast
        }
        return instant
    }

    /// The time of day, for expectations that people read.
    var clock: String {
        let text = rfc3339
        guard text.hasPrefix("2026-03-02T") else { return text }
        return String(text.dropFirst(11).dropLast().replacing(/:00$/, with: ""))
    }

    static func + (left: Instant, right: Duration) -> Instant { left.advanced(by: right) }
    static func - (left: Instant, right: Duration) -> Instant { left.advanced(by: .zero - right) }
}

extension RunID {
    static func run(_ job: String, _ time: String) -> RunID { RunID(job: job, fireTime: .at(time)) }

    var short: String { "\(job)@\(fireTime.clock)" }
}

extension Job {
    /// A job named `name` that fires by `expression`, in UTC by default.
    static func named(
        _ name: String, _ expression: String, in zone: Zone = .utc, _ change: (inout Job) -> Void = { _ in }
    ) throws -> Job {
        var job = Job(name: name, schedule: Schedule(try CronExpression(expression), in: zone))
        change(&job)
        return job
    }
}

extension Pipeline {
    static func number(_ id: Int64) -> Pipeline { Pipeline(id: id, url: "https://gitlab.test/p/\(id)") }
}

extension Sighting {
    /// `run`: the run id that its name shows.
    static func of(_ pipeline: Int64, _ progress: Progress, run: RunID? = nil) -> Sighting {
        Sighting(run: run, pipeline: .number(pipeline), progress: progress)
    }
}

/// An expectation about the result of a mutating call, which `#expect` does not allow.
func expect(
    _ condition: Bool, _ comment: Comment? = nil, _ location: SourceLocation = #_sourceLocation
) {
    #expect(condition, comment, sourceLocation: location)
}
