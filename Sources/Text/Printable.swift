/// What a terminal or a log may show. Texts from outside (GitLab's words, file names, job files) may hold line breaks,
/// escapes that a terminal obeys, and characters that hide the text after them or reverse its direction.
extension Unicode.Scalar {
    /// Whether a terminal shows it as itself. It does not show control and format characters, line and paragraph
    /// separators, private-use and unassigned characters.
    public var isPrintable: Bool {
        guard value < 0x20 || value >= 0x7F else { return true }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned:
            return false
        default:
            return true
        }
    }
}

extension String {
    /// The text in one line, with each character that is not printable replaced. A blank reads well. A caller that
    /// points at a column of the text passes `U+FFFD`, which is visible.
    public func printable(replacement: Unicode.Scalar = " ") -> String {
        guard !isPlain, !unicodeScalars.allSatisfy(\.isPrintable) else { return self }
        return String(UnicodeScalarView(unicodeScalars.map { $0.isPrintable ? $0 : replacement }))
    }

    /// The same for a text of several lines.
    public var printableLines: String {
        split(separator: "\n", omittingEmptySubsequences: false).map { String($0).printable() }
            .joined(separator: "\n")
    }

    /// At most this many bytes of UTF-8, in whole characters. A longer text ends in an ellipsis.
    public func prefix(bytes count: Int) -> String {
        guard utf8.count > count else { return self }
        var rest = count - "…".utf8.count
        return prefix { character in
            rest -= character.utf8.count
            return rest >= 0
        } + "…"
    }

    /// Whether the whole text is printable ASCII, of which a terminal shows each character in one column.
    public var isPlain: Bool {
        var text = self
        return text.withUTF8 { $0.allSatisfy { (0x20..<0x7F).contains($0) } }
    }
}
