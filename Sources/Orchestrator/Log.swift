public import CivilTime
public import Scheduling
import SystemPackage

/// The log on standard error: one event a line, as text or as JSON. The process never waits for the reader of the log.
public struct Log: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    /// The end of the process waits this long for lines that nobody reads.
    private static let patience = Duration.seconds(1)

    private let level: Notice.Level
    private let look: LogLine
    private let outlet: Outlet

    public init(format: Format, level: Notice.Level, isColoured: Bool) {
        self.level = level
        let look = LogLine(format: format, isColoured: isColoured)
        self.look = look
        // If the process cannot write the log, it has no other place to report that.
        outlet = Outlet(.standardError) { dropped in
            let words =
                "… \(dropped) lines were dropped: nobody read the log; the ledger has everything, see `history`"
            return look.text(of: Notice(.warning, "log", words), at: .clock()) + "\n"
        }
    }

    public func write(_ notice: Notice, at now: Instant) {
        write([(notice, now)])
    }

    func write(_ notices: [(notice: Notice, at: Instant)]) {
        let lines = lines(of: notices)
        if !lines.isEmpty { outlet.write(lines, count: notices.count { $0.notice.level >= level }) }
    }

    /// Writes the lines that still wait. If no process reads them, it gives up after 1 s.
    public func finish() { outlet.finish(within: Self.patience) }

    /// The notices that the level admits, a line each.
    func lines(of notices: [(notice: Notice, at: Instant)]) -> String {
        var lines = ""
        for (notice, now) in notices where notice.level >= level {
            lines += look.text(of: notice, at: now) + "\n"
        }
        return lines
    }
}
