/// A JSON value whose objects keep the order in which they were written, as GitLab's answers do.
public enum FakeJSON: Sendable, Equatable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([FakeJSON])
    case object([Member])

    /// One name and value of an object.
    public struct Member: Sendable, Equatable {
        public var name: String
        public var value: FakeJSON

        public init(_ name: String, _ value: FakeJSON) {
            self.name = name
            self.value = value
        }
    }

    /// The value of a member; null if there is none, so that a caller can chain look-ups.
    public subscript(name: String) -> FakeJSON {
        guard case .object(let members) = self else { return .null }
        return members.first { $0.name == name }?.value ?? .null
    }

    /// An element of an array; null if there is none.
    public subscript(index: Int) -> FakeJSON {
        elements.indices.contains(index) ? elements[index] : .null
    }

    public var elements: [FakeJSON] {
        if case .array(let elements) = self { elements } else { [] }
    }

    public var members: [Member] {
        if case .object(let members) = self { members } else { [] }
    }

    public var names: [String] { members.map(\.name) }

    public var isNull: Bool { self == .null }

    /// A scalar as text, as GitLab coerces a parameter that is declared as a string; nil for other values.
    public var text: String? {
        switch self {
        case .string(let text): text
        case .int(let number): String(number)
        case .double(let number): String(number)
        case .bool(let flag): String(flag)
        case .null, .array, .object: nil
        }
    }

    public var int: Int64? {
        switch self {
        case .int(let number): number
        case .string(let text): Int64(text)
        default: nil
        }
    }

    /// A number, whole or not, also if it was sent as text.
    public var number: Double? {
        switch self {
        case .int(let number): Double(number)
        case .double(let number): number
        case .string(let text): Double(text)
        default: nil
        }
    }

    /// A Boolean in the forms that GitLab coerces: clients send `true`, `True` or `1`.
    public var bool: Bool? {
        switch text?.lowercased() {
        case "true", "t", "1", "yes", "y", "on": true
        case "false", "f", "0", "no", "n", "off": false
        default: nil
        }
    }
}

extension FakeJSON: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: FakeJSON...) { self = .array(elements) }

    public init(dictionaryLiteral elements: (String, FakeJSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }

    init(_ text: String?) { self = text.map(FakeJSON.string) ?? .null }
}
