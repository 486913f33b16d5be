import Text

/// A JSON value as it was written: numbers keep their spelling.
///
/// The answers of GitLab are read through this rather than through `Decodable`, so that a field that is
/// missing, new or of another type than expected (`coverage` comes as a number or as text) costs nothing.
enum JSON: Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(String)
    case text(String)
    case array([JSON])
    case object([Member])

    struct Member: Hashable, Sendable {
        var name: String
        var value: JSON
    }

    /// The value of an object's first member of that name; nil for anything else.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var text: String? {
        guard case .text(let text) = self else { return nil }
        return text
    }

    var boolean: Bool? {
        guard case .boolean(let boolean) = self else { return nil }
        return boolean
    }

    /// A whole number, also one that was written as text.
    var integer: Int64? {
        switch self {
        case .number(let spelling), .text(let spelling): Int64(spelling)
        case .null, .boolean, .array, .object: nil
        }
    }

    var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Whether bytes spell a number of JSON: `1.10` does, `08`, `.5` and `0x1F` do not.
    static func isNumber(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let whole = rest.prefix(while: \.isDigit)
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return false }
        rest = rest.dropFirst(whole.count)
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: \.isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let letter = rest.first else { return true }
        guard letter.lowercased == UInt8(ascii: "e") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(\.isDigit)
    }
}
