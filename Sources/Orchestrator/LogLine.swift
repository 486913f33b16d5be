import CivilTime
import Scheduling
import Text

/// How a notice looks in the log: one line, as text or as JSON.
struct LogLine {
    let format: Log.Format
    let isColoured: Bool

    func text(of notice: Notice, at now: Instant) -> String {
        switch format {
        case .text: plain(notice, at: now)
        case .json: json(notice, at: now)
        }
    }

    /// `2026-11-23T20:15:00Z  info     nightly@2026-11-23T20:15:00Z  triggered: …  https://…`
    private func plain(_ notice: Notice, at now: Instant) -> String {
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
