import Doctor
import Text

/// The checks as a page for people and as JSON.
struct DoctorReport {
    private let checks: [Check]
    private let url: String?
    private let version: String?

    init(_ facts: Facts) {
        checks = facts.checks
        url = facts.site?.url
        version = try? facts.site?.version?.get()
    }

    func count(_ verdict: Check.Verdict) -> Int { checks.count { $0.verdict == verdict } }

    /// A line for each check where there is room; what to do stands in a line of its own.
    func text(_ palette: Palette, width: Int?) -> String {
        let rows = rows
        let indent = Self.verdictWidth + (rows.map(\.what.count).max() ?? 0) + 2
        let blanks = String(repeating: " ", count: indent)
        let lines = rows.map { row -> String in
            let start =
                padded(row.verdict.rawValue, Self.verdictWidth, palette, row.verdict.style)
                + padded(row.what, indent - Self.verdictWidth, palette)
            let fix = row.fix.map { wrapped("try: \($0)".printable(), width, indent: indent) }
            return start + wrapped(row.words.printable(), width, indent: indent)
                + (fix.map { "\n\(blanks)\(palette.paint($0, .cyan))" } ?? "")
        }
        return (lines + ["", summary]).joined(separator: "\n")
    }

    private static let verdictWidth = 9

    private struct Row {
        var verdict: Check.Verdict
        var what: String
        var words: String
        var fix: String?
    }

    /// One for each check; what was skipped for one reason stands in one.
    private var rows: [Row] {
        let skipped = Dictionary(
            grouping: checks.filter { $0.verdict == .skipped && $0.target == nil }, by: \.message)
        return checks.compactMap { check in
            let alike = check.verdict == .skipped && check.target == nil ? skipped[check.message] ?? [] : []
            guard alike.count > 1 else {
                let target = check.target.map { "\($0): " } ?? ""
                return Row(
                    verdict: check.verdict, what: check.id.rawValue, words: target + check.message,
                    fix: check.fix)
            }
            guard check == alike.first else { return nil }
            let others = alike.map(\.id.rawValue).joined(separator: ", ")
            return Row(
                verdict: .skipped, what: "\(alike.count) checks", words: "\(check.message) (\(others))")
        }
    }

    private func padded(_ text: String, _ width: Int, _ palette: Palette, _ style: Style = .plain) -> String {
        palette.paint(text, style) + String(repeating: " ", count: max(1, width - text.count))
    }

    /// Breaks between words, so that no line is longer than the terminal is wide; a pipe gets one line.
    private func wrapped(_ text: String, _ width: Int?, indent: Int) -> String {
        guard let width else { return text }
        let room = max(width - indent, 24)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            if !line.isEmpty, line.columns + 1 + String(word).columns > room {
                lines.append(line)
                line = ""
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        return (lines + [line]).joined(separator: "\n" + String(repeating: " ", count: indent))
    }

    private var summary: String {
        let (failures, warnings) = (count(.failure), count(.warning))
        let rest = [
            count(.unknown) > 0 ? "\(count(.unknown)) unknown" : nil,
            count(.skipped) > 0 ? "\(count(.skipped)) skipped" : nil, "\(count(.ok)) fine",
        ].compactMap(\.self).joined(separator: ", ")
        let need = failures + warnings
        guard need > 0 else { return "no check needs attention; \(rest)" }
        let kinds = [
            failures > 0 ? orchestrate.count(failures, "failure") : nil,
            warnings > 0 ? orchestrate.count(warnings, "warning") : nil,
        ].compactMap(\.self).joined(separator: ", ")
        return "\(orchestrate.count(need, "check")) need\(need == 1 ? "s" : "") attention (\(kinds)); \(rest)"
    }

    var json: JSONValue {
        .object([
            ("gitlab", .object([("url", JSONValue(url)), ("version", JSONValue(version))])),
            (
                "checks",
                .array(
                    checks.map { check in
                        .object([
                            ("id", .string(check.id.rawValue)), ("target", JSONValue(check.target)),
                            ("verdict", .string(check.verdict.rawValue)), ("message", .string(check.message)),
                            ("fix", JSONValue(check.fix)),
                        ])
                    })
            ),
        ])
    }
}

extension Check.Verdict {
    fileprivate var style: Style {
        switch self {
        case .ok: .green
        case .warning: .yellow
        case .failure: .red
        case .unknown: .cyan
        case .skipped: .faint
        }
    }
}
