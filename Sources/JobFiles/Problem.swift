import Text

/// One thing wrong with one job file.
public struct Problem: Error, Hashable, Sendable {
    public enum Severity: String, Sendable, CaseIterable {
        /// The job files cannot be used like this.
        case error
        /// They can be used, and their author should look at this.
        case warning
    }

    /// Messages may quote a file, and a line of a file may be long.
    private static let longestText = 500

    public var place: Place
    public var severity: Severity
    /// What is wrong; one line without control characters.
    public var message: String
    /// What to try; one line without control characters.
    public var hint: String?
    /// The source line; nil when the problem is not about a line.
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

/// A source line ready to print: control characters replaced, long lines cut around the place.
public struct Excerpt: Hashable, Sendable {
    public let text: String
    /// What stands before the caret on the line below: blanks, with tabs where the line has tabs.
    public let indent: String

    /// How much of a long line is shown, and how much of that before the place.
    static let width = 100
    private static let lead = 60

    /// `column` is 1-based and may lie behind the end of the line.
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
    /// For a message, in one line. What is not printable is seen to have been there, and takes its column.
    var shown: String { printable(replacement: "\u{FFFD}") }

    /// The text in single quotes, shortened: for messages.
    var quoted: String {
        "'\(clipped(to: 60))'"
    }

    /// The first `limit` characters, with a sign that there are more.
    func clipped(to limit: Int) -> String {
        // A look at the bytes first: they are counted already, and there are never more characters.
        guard utf8.count > limit, unicodeScalars.count > limit else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.prefix(limit))) + "…"
    }
}
