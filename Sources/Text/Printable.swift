/// What may be shown to people, on a terminal or in a log. Texts from outside (GitLab's words, file names, job files)
/// may hold line breaks, escapes that a terminal obeys, and signs that hide or turn what follows.
extension Unicode.Scalar {
    /// Whether it is shown as itself. Control and format characters, line and paragraph separators and what Unicode
    /// does not assign are not.
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
    /// The text in one line: each character that is not printable is replaced. A blank reads well; who points at a
    /// column of the text takes `U+FFFD`, which is seen.
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

    /// Whether all of it is ASCII that a terminal shows in one column each.
    public var isPlain: Bool {
        var text = self
        return text.withUTF8 { $0.allSatisfy { (0x20..<0x7F).contains($0) } }
    }
}
