/// A YAML value and its position.
struct Node {
    enum Content {
        case scalar(Scalar)
        case list([Node])
        case map([Pair])
        /// A value with a problem that was already reported.
        case refused
    }

    var content: Content
    var start: Position
    /// The levels of lists and maps below this one.
    var height = 0
    /// The approximate size of the value in bytes when written out.
    var weight = 0

    /// The text of a single value; nil: a list or a map.
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

    /// `~`, `null` or nothing, without quotes.
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
