import Text

/// Reads JSON text (RFC 8259) within bounds, because the network may deliver anything.
///
/// Lenient where it does no harm: it accepts control characters in strings, and reads bytes that are not UTF-8 as
/// U+FFFD.
struct JSONReader {
    /// Deeper than any answer of GitLab, and far from the end of the stack.
    private static let maximumDepth = 64
    /// A page of a hundred jobs has about ten thousand values.
    private static let maximumValues = 100_000

    private let bytes: [UInt8]
    /// The members to keep; nil: all. The reader checks the others, but does not build them, because nobody looks at
    /// most of an answer.
    private let wanted: Set<String>?
    private var position = 0
    private var values = 0
    /// Above zero inside a member that is not kept.
    private var skipping = 0

    /// Why a text is not JSON, and at which byte.
    struct Failure: Error, Hashable, CustomStringConvertible {
        var cause: String
        var offset: Int

        var description: String { "\(cause) at byte \(offset)" }
    }

    static func read(_ bytes: [UInt8], keeping wanted: Set<String>? = nil) throws(Failure) -> JSON {
        var reader = JSONReader(bytes: bytes, wanted: wanted)
        let value = try reader.value(depth: 0)
        reader.skipBlanks()
        guard reader.next == nil else { throw reader.failure("text after the end of the JSON value") }
        return value
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func failure(_ cause: String) -> Failure { Failure(cause: cause, offset: position) }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Skips blanks, then steps over `byte` if it comes next.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func value(depth: Int) throws(Failure) -> JSON {
        values += 1
        guard depth <= Self.maximumDepth else { throw failure("nested too deeply") }
        guard values <= Self.maximumValues else { throw failure("too many values") }
        skipBlanks()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some: return try number()
        case nil: throw failure("the text ends too early")
        }
    }

    private mutating func object(depth: Int) throws(Failure) -> JSON {
        position += 1
        var members: [JSON.Member] = []
        guard !take(UInt8(ascii: "}")) else { return .object(members) }
        repeat {
            skipBlanks()
            guard next == UInt8(ascii: "\"") else { throw failure("no member name") }
            let name = try string()
            guard take(UInt8(ascii: ":")) else { throw failure("no colon after a member name") }
            let isWanted = skipping == 0 && wanted?.contains(name) ?? true
            skipping += isWanted ? 0 : 1
            let value = try value(depth: depth + 1)
            skipping -= isWanted ? 0 : 1
            if isWanted { members.append(JSON.Member(name: name, value: value)) }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("an object that does not end") }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(Failure) -> JSON {
        position += 1
        var elements: [JSON] = []
        guard !take(UInt8(ascii: "]")) else { return .array(elements) }
        repeat {
            let value = try value(depth: depth + 1)
            if skipping == 0 { elements.append(value) }
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("an array that does not end") }
        return .array(elements)
    }

    private mutating func word(_ word: String, _ value: JSON) throws(Failure) -> JSON {
        guard bytes[position...].starts(with: word.utf8) else { throw failure("no JSON value") }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(Failure) -> JSON {
        let spelling = bytes[position...].prefix { byte in
            byte.isDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: ".") || byte.lowercased == UInt8(ascii: "e")
        }
        guard spelling.isJSONNumber else { throw failure("no JSON value") }
        position = spelling.endIndex
        return skipping > 0 ? .null : .number(String(decoding: spelling, as: UTF8.self))
    }
}

extension JSONReader {
    private mutating func string() throws(Failure) -> String {
        position += 1
        let plain = plainRun()
        guard next != UInt8(ascii: "\"") else {
            position += 1
            return skipping > 0 ? "" : String(decoding: plain, as: UTF8.self)
        }
        var text = Array(plain)
        while next == UInt8(ascii: "\\") {
            text += try escape()
            text += plainRun()
        }
        guard next == UInt8(ascii: "\"") else { throw failure("a string that does not end") }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes up to the next quote or backslash.
    private mutating func plainRun() -> ArraySlice<UInt8> {
        let start = position
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        return bytes[start..<position]
    }

    private mutating func escape() throws(Failure) -> [UInt8] {
        position += 1
        guard let letter = next else { throw failure("a string that does not end") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return Array(String(try scalar()).utf8)
        default: throw failure("an unknown escape")
        }
    }

    /// The character of `\uXXXX` or of a surrogate pair. Half a pair gives U+FFFD.
    private mutating func scalar() throws(Failure) -> Character {
        let first = try codeUnit()
        guard UTF16.isLeadSurrogate(first) else {
            return Unicode.Scalar(first).map(Character.init) ?? "\u{FFFD}"
        }
        let afterFirst = position
        guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            return "\u{FFFD}"
        }
        position += 2
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else {
            position = afterFirst
            return "\u{FFFD}"
        }
        let value = 0x10000 + (UInt32(first) & 0x3FF) << 10 + UInt32(second) & 0x3FF
        return Unicode.Scalar(value).map(Character.init) ?? "\u{FFFD}"
    }

    private mutating func codeUnit() throws(Failure) -> UInt16 {
        let digits = bytes[position...].prefix(4).compactMap(\.hexadecimalValue)
        guard digits.count == 4 else { throw failure("an escape without four hexadecimal digits") }
        position += 4
        return digits.reduce(0) { $0 << 4 | UInt16($1) }
    }
}
