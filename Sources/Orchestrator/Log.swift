public import CivilTime
public import Scheduling
import SystemPackage
import Text

/// The log on standard error: one event a line, as text or as JSON.
public struct Log: Sendable {
    public enum Format: String, Sendable, CaseIterable {
        case text, json
    }

    let format: Format
    let level: Notice.Level
    let isColoured: Bool

    public init(format: Format, level: Notice.Level, isColoured: Bool) {
        self.format = format
        self.level = level
        self.isColoured = isColoured
    }

    public func write(_ notice: Notice, at now: Instant) {
        write([(notice, now)])
    }

    /// All of them with one call of the system, which is most of what a line costs.
    func write(_ notices: [(notice: Notice, at: Instant)]) {
        // Whole lines at once, so that those of several threads do not mix. Nobody could be told of a failure.
        _ = try? FileDescriptor.standardError.writeAll(lines(of: notices).utf8)
    }

    /// Those that the level admits, a line each.
    func lines(of notices: [(notice: Notice, at: Instant)]) -> String {
        var lines = ""
        for (notice, now) in notices where notice.level >= level { lines += line(notice, at: now) + "\n" }
        return lines
    }

    func line(_ notice: Notice, at now: Instant) -> String {
        switch format {
        case .text: text(notice, at: now)
        case .json: json(notice, at: now)
        }
    }

    /// `2026-11-23T20:15:00Z  info     nightly@2026-11-23T20:15:00Z  triggered: …  https://…`
    private func text(_ notice: Notice, at now: Instant) -> String {
        let level = notice.level.rawValue
        let padded = level + String(repeating: " ", count: max(0, 7 - level.count))
        var line = Instant(seconds: now.seconds).rfc3339 + "  " + colour(padded, notice.level)
        if let run = notice.run { line += "  \(run.description)" }
        line += "  " + notice.message.printable()
        if let url = notice.pipelineURL { line += "  " + url.printable() }
        return line
    }

    private func colour(_ text: String, _ level: Notice.Level) -> String {
        guard isColoured else { return text }
        switch level {
        case .debug: return "\u{1B}[2m\(text)\u{1B}[0m"
        case .info: return "\u{1B}[32m\(text)\u{1B}[0m"
        case .warning: return "\u{1B}[33m\(text)\u{1B}[0m"
        case .error: return "\u{1B}[31m\(text)\u{1B}[0m"
        }
    }

    private func json(_ notice: Notice, at now: Instant) -> String {
        var writer = JSONWriter(.compact)
        writer.object {
            $0.member("event", notice.event)
            $0.member("job", notice.run?.job)
            $0.member("level", notice.level.rawValue)
            $0.member("message", notice.message.printable())
            $0.member("pipeline_url", notice.pipelineURL?.printable())
            $0.member("run_id", notice.run?.description)
            $0.member("time", now.rfc3339)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
