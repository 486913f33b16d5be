import Text

/// One problem in one job file.
public struct Problem: Error, Hashable, Sendable {
    public enum Severity: String, Sendable, CaseIterable {
        /// The job files cannot be used.
        case error
        /// The job files can be used, but their author should check this.
        case warning
    }

    /// Messages may quote a file, and a line of a file may be long.
    private static let longestText = 500

    public var place: Place
    public var severity: Severity
    /// What is wrong: one line without control characters.
    public var message: String
    /// What to try: one line without control characters.
    public var hint: String?
    /// The source line; nil: the problem does not concern a line.
    public var excerpt: Excerpt?

    public init(
        _ place: Place, _ message: String, hint: String? = nil, severity: Severity = .error,
        excerpt: Excerpt? = nil
    ) {
        self.place = place
        self.severity = severity
        self.message = message.shown.clipped(to: Self.longestText)
        self.hint = hint?.shown.clipped(to: Self.longestText)
        self.excerpt = excerpt
    }
}

extension Problem: CustomStringConvertible {
    /// The place and the message, the source line with a caret under the place, and what to try:
    ///
    ///     jobs/report.yml:1:21: day-of-week field: 'WEB' is not a name of this field
    ///         scheduler: '0 0 * * WEB'
    ///                             ^
    ///       try: WED
    public var description: String {
        let mark = severity == .warning ? "warning: " : ""
        var lines = ["\(place): \(mark)\(message)"]
        if let excerpt {
            lines += ["    \(excerpt.text)", "    \(excerpt.indent)^"]
        }
        if let hint { lines.append("  try: \(hint)") }
        return lines.joined(separator: "\n")
    }
}

/// A source line to print: without control characters, and a long line is cut around the place.
public struct Excerpt: Hashable, Sendable {
    public let text: String
    /// The text before the caret on the next line: blanks, with tabs where the source line has tabs.
    public let indent: String

    /// The width of the visible part of a long line, and how much of it lies before the place.
    static let width = 100
    private static let lead = 60

    /// `column` is 1-based and may lie after the end of the line.
    init(line: String, column: Int) {
        let scalars = Array(line.unicodeScalars)
        let caret = min(max(column - 1, 0), scalars.count)
        let from = scalars.count > Self.width ? max(0, caret - Self.lead) : 0
        let to = min(scalars.count, from + Self.width)
        let shown = scalars[from..<to].map { $0 == "\t" || $0.isPrintable ? $0 : "\u{FFFD}" }
        let before = shown.prefix(caret - from)
        let cutLeft = from > 0 ? "…" : ""
        let cutRight = to < scalars.count ? "…" : ""
        text = cutLeft + String(String.UnicodeScalarView(shown)) + cutRight
        indent = (cutLeft.isEmpty ? "" : " ") + before.map { $0 == "\t" ? "\t" : " " }.joined()
    }
}

extension String {
    /// On one line, for a message. A replacement takes the column of each character that is not printable.
    var shown: String { printable(replacement: "\u{FFFD}") }

    /// The text in single quotes, shortened, for messages.
    var quoted: String {
        "'\(clipped(to: 60))'"
    }

    /// The first `limit` characters, and `…` if there are more.
    func clipped(to limit: Int) -> String {
        // First compare the bytes: Swift knows their number, and there are never more characters than bytes.
        guard utf8.count > limit, unicodeScalars.count > limit else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(limit))) + "…"
    }
}
