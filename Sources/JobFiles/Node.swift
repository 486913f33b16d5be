/// A YAML value and where it begins.
struct Node {
    enum Content {
        case scalar(Scalar)
        case list([Node])
        case map([Pair])
        /// A value whose problem has been reported already.
        case refused
    }

    var content: Content
    var start: Position
    /// Levels of lists and maps below this one.
    var height = 0
    /// About how many bytes the value takes when it is written out.
    var weight = 0

    /// The text of a single value; nil for others.
    var text: String? {
        if case .scalar(let scalar) = content { scalar.text } else { nil }
    }
}

/// A single value, as text.
struct Scalar {
    enum Style {
        case plain
        case singleQuoted
        case doubleQuoted
        /// `|` or `>`.
        case block
    }

    var text: String
    var style: Style
    var isOnOneLine: Bool

    /// `~`, `null` or nothing at all, and not in quotes.
    var isNull: Bool {
        guard style == .plain else { return false }
        switch text {
        case "", "~", "null", "Null", "NULL": return true
        default: return false
        }
    }
}

/// A key of a map with its value.
struct Pair {
    var key: String
    var place: Position
    var value: Node
}
