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
    /// The text in UTF-8, indented by two blanks a level.
    var bytes: [UInt8] {
        var text: [UInt8] = []
        write(to: &text, after: "\n")
        return text
    }

    /// An array whose elements are made one by one: a long list need not stand in memory as values, too.
    static func bytes(array values: some Sequence<JSON>) -> [UInt8] {
        var text: [UInt8] = []
        list(values, "[", "]", to: &text, after: "\n") { value, text, line in
            value.write(to: &text, after: line)
        }
        return text
    }

    /// `line` is the line break and the indent of the line on which the value stands.
    private func write(to text: inout [UInt8], after line: String) {
        switch self {
        case .null: text += "null".utf8
        case .bool(let value): text += (value ? "true" : "false").utf8
        case .integer(let value): text += String(value).utf8
        case .number(let value): text += (value.isFinite ? "\(value)" : "null").utf8
        case .string(let value): Self.write(value, to: &text)
        case .array(let values):
            Self.list(values, "[", "]", to: &text, after: line) { value, text, line in
                value.write(to: &text, after: line)
            }
        case .object(let pairs):
            Self.list(pairs, "{", "}", to: &text, after: line) { pair, text, line in
                Self.write(pair.key, to: &text)
                text += ": ".utf8
                pair.value.write(to: &text, after: line)
            }
        }
    }

    private static func list<Elements: Sequence>(
        _ elements: Elements, _ start: Unicode.Scalar, _ end: Unicode.Scalar, to text: inout [UInt8],
        after line: String,
        write: (Elements.Element, inout [UInt8], String) -> Void
    ) {
        let inner = line + "  "
        text.append(UInt8(ascii: start))
        var isEmpty = true
        for element in elements {
            if !isEmpty { text.append(UInt8(ascii: ",")) }
            text += inner.utf8
            write(element, &text, inner)
            isEmpty = false
        }
        if !isEmpty { text += line.utf8 }
        text.append(UInt8(ascii: end))
    }

    private static func write(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        defer { text.append(UInt8(ascii: "\"")) }
        var string = string
        // Most need no escape.
        let isPlain = string.withUTF8 { bytes in
            let isPlain = bytes.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
            if isPlain { text += bytes }
            return isPlain
        }
        guard !isPlain else { return }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\"".utf8
            case "\\": text += "\\\\".utf8
            case "\n": text += "\\n".utf8
            case "\t": text += "\\t".utf8
            case "\u{00}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += ("\\u" + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            default: text += scalar.utf8
            }
        }
    }
}
