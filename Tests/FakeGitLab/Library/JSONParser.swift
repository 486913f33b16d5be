extension FakeJSON {
    /// Reads JSON text (RFC 8259, UTF-8); nil if it is not JSON.
    public init?(parsing bytes: [UInt8]) {
        var parser = JSONParser(bytes: bytes)
        guard let value = parser.document() else { return nil }
        self = value
    }
}

/// A parser of JSON text that reads each byte once. Every rule returns nil if the text does not match.
private struct JSONParser {
    private static let deepest = 256

    let bytes: [UInt8]
    var place = 0
    var depth = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    mutating func document() -> FakeJSON? {
        guard let value = value() else { return nil }
        skipBlanks()
        return place == bytes.count ? value : nil
    }

    private mutating func value() -> FakeJSON? {
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return nested { parser in parser.object() }
        case UInt8(ascii: "["): return nested { parser in parser.array() }
        case UInt8(ascii: "\""): return string().map(FakeJSON.string)
        case UInt8(ascii: "t"): return word("true", .bool(true))
        case UInt8(ascii: "f"): return word("false", .bool(false))
        case UInt8(ascii: "n"): return word("null", .null)
        default: return number()
        }
    }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { place += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func word(_ word: String, _ value: FakeJSON) -> FakeJSON? {
        guard bytes[place...].starts(with: word.utf8) else { return nil }
        place += word.utf8.count
        return value
    }

    /// A container, one level deeper. It refuses text that is nested too deep, before that can use up the stack.
    private mutating func nested(_ container: (inout JSONParser) -> FakeJSON?) -> FakeJSON? {
        guard depth < Self.deepest else { return nil }
        depth += 1
        defer { depth -= 1 }
        place += 1
        return container(&self)
    }

    private mutating func array() -> FakeJSON? {
        var elements: [FakeJSON] = []
        if take("]") { return .array(elements) }
        repeat {
            guard let element = value() else { return nil }
            elements.append(element)
        } while take(",")
        return take("]") ? .array(elements) : nil
    }

    private mutating func object() -> FakeJSON? {
        var members: [FakeJSON.Member] = []
        if take("}") { return .object(members) }
        repeat {
            skipBlanks()
            guard let name = string(), take(":"), let value = value() else { return nil }
            members.append(.init(name, value))
        } while take(",")
        return take("}") ? .object(members) : nil
    }

    private mutating func string() -> String? {
        guard next == UInt8(ascii: "\"") else { return nil }
        place += 1
        var text: [UInt8] = []
        while let byte = next, byte != UInt8(ascii: "\"") {
            place += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard let scalar = escape() else { return nil }
            text.append(contentsOf: String(Character(scalar)).utf8)
        }
        guard next != nil else { return nil }
        place += 1
        return String(validating: text, as: UTF8.self)
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return unicode()
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        default: return nil
        }
    }

    /// The four digits after `\u`, or two such escapes that form one character together.
    private mutating func unicode() -> Unicode.Scalar? {
        guard let first = hexadecimal() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard bytes[place...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else { return nil }
        place += 2
        guard let second = hexadecimal(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x1_0000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func hexadecimal() -> UInt32? {
        let digits = bytes[place...].prefix(4)
        guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else {
            return nil
        }
        place += 4
        return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    }

    private mutating func number() -> FakeJSON? {
        let digits = bytes[place...].prefix { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE".utf8.contains(byte)
        }
        let text = String(decoding: digits, as: UTF8.self)
        guard let first = text.first, first == "-" || first.isNumber else { return nil }
        place += digits.count
        if let whole = Int64(text) { return .int(whole) }
        return Double(text).map(FakeJSON.double)
    }
}
