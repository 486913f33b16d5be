import CivilTime
import Scheduling

/// Keeps the log of a CI job below the size at which GitLab cuts it (4 MiB, the runner's `output_limit`). It is a token
/// bucket in bytes. A week of log is less than 3.5 MiB.
struct LogBudget {
    private static let capacity = 256 * 1_024
    private static let bytesPerSecond: Int64 = 5
    /// Only warnings and errors may use these bytes.
    private static let reserve = 64 * 1_024
    /// The budget must have refilled this far before lines are written again.
    private static let breath = 8 * 1_024
    /// What surrounds the message: the time, the level, the keys of JSON, and what a runner may put in front.
    private static let overhead = 180

    private var available = capacity
    private var filledAt: Instant
    private var leftOut = 0

    init(at now: Instant) {
        filledAt = now
    }

    /// The lines to write for this notice. While the budget is used up there are none. The first line after that comes
    /// with a line that tells how many were left out.
    mutating func lines(for notice: Notice, at now: Instant) -> [Notice] {
        fill(at: now)
        let floor = (notice.level < .warning ? Self.reserve : 0) + (leftOut > 0 ? Self.breath : 0)
        guard available - Self.cost(of: notice) >= floor else {
            leftOut += 1
            guard leftOut == 1 else { return [] }
            let words =
                "the log is full: lines are left out for a while; the ledger has everything, see `history`"
            return paid([Notice(.warning, "log", words)])
        }
        defer { leftOut = 0 }
        guard leftOut > 0 else { return paid([notice]) }
        return paid([Notice(.warning, "log", "\(leftOut) lines were left out"), notice])
    }

    private mutating func paid(_ notices: [Notice]) -> [Notice] {
        available -= notices.map(Self.cost).reduce(0, +)
        return notices
    }

    private mutating func fill(at now: Instant) {
        let seconds = filledAt.duration(to: now).components.seconds
        guard seconds > 0 else { return filledAt = min(filledAt, now) }
        available = Int(
            min(Int64(Self.capacity), Int64(available) + min(seconds, 1_000_000) * Self.bytesPerSecond))
        filledAt = filledAt.advanced(by: .seconds(seconds))
    }

    private static func cost(of notice: Notice) -> Int {
        let run = notice.run.map { $0.job.utf8.count + 20 } ?? 0
        return overhead + run + notice.message.utf8.count + (notice.pipelineURL?.utf8.count ?? 0)
    }
}
