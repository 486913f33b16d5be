public import CivilTime
import FoundationEssentials
import Glibc
public import Scheduling

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
        Self.print(lines(of: notices), to: STDERR_FILENO)
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
        line += "  " + Self.oneLine(notice.message)
        if let url = notice.pipelineURL { line += "  " + url }
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

    private struct Entry: Encodable {
        var time: String
        var level: String
        var event: String
        var job: String?
        var runID: String?
        var message: String
        var pipelineURL: String?

        enum CodingKeys: String, CodingKey {
            case time, level, event, job, message
            case runID = "run_id"
            case pipelineURL = "pipeline_url"
        }
    }

    private func json(_ notice: Notice, at now: Instant) -> String {
        let entry = Entry(
            time: now.rfc3339, level: notice.level.rawValue, event: notice.event, job: notice.run?.job,
            runID: notice.run?.description, message: Self.oneLine(notice.message),
            pipelineURL: notice.pipelineURL)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings always encode; if that ever failed, the text line still tells.
        guard let bytes = try? encoder.encode(entry) else { return text(notice, at: now) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// GitLab's words and job names may hold line breaks and escapes; a log line must not.
    static func oneLine(_ text: String) -> String {
        guard text.utf8.contains(where: { !(0x20..<0x7F).contains($0) }) else { return text }
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return text
        }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Writes whole lines at once, so that those of several threads do not mix.
    private static func print(_ lines: String, to descriptor: Int32) {
        var bytes = Array(lines.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard written > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, written))
        }
    }
}
