/// A JSON value to print. Keys stand in the order in which docs/json.md documents them.
enum JSON {
    case object([(key: String, value: JSON)])
    case array([JSON])
    case string(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null

    /// null where there is no text.
    init(_ text: String?) {
        self = text.map(JSON.string) ?? .null
    }

    init(_ integer: Int64?) {
        self = integer.map(JSON.integer) ?? .null
    }

    init(_ bool: Bool?) {
        self = bool.map(JSON.bool) ?? .null
    }
}

extension JSON {
    /// Indented by two blanks a level.
    var text: String {
        var text = ""
        write(to: &text, indent: "")
        return text
    }

    /// An array whose elements are made one by one: a long list need not stand in memory as values, too.
    static func text(array values: some Sequence<JSON>) -> String {
        var text = ""
        list(values, "[", "]", to: &text, indent: "") { value, text, indent in
            value.write(to: &text, indent: indent)
        }
        return text
    }

    private func write(to text: inout String, indent: String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += value.isFinite ? "\(value)" : "null"
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.list(values, "[", "]", to: &text, indent: indent) { value, text, indent in
                value.write(to: &text, indent: indent)
            }
        case .object(let pairs):
            Self.list(pairs, "{", "}", to: &text, indent: indent) { pair, text, indent in
                Self.write(pair.key, to: &text)
                text += ": "
                pair.value.write(to: &text, indent: indent)
            }
        }
    }

    private static func list<Elements: Sequence>(
        _ elements: Elements, _ start: String, _ end: String, to text: inout String, indent: String,
        write: (Elements.Element, inout String, String) -> Void
    ) {
        let inner = indent + "  "
        text += start
        var separator = "\n"
        for element in elements {
            text += separator
            text += inner
            write(element, &text, inner)
            separator = ",\n"
        }
        if separator != "\n" {
            text += "\n"
            text += indent
        }
        text += end
    }

    private static func write(_ string: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Most need no escape.
        guard string.utf8.contains(where: { $0 < 0x20 || $0 > 0x7E || $0 == 0x22 || $0 == 0x5C }) else {
            return text += string
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
