/// A JSON value to print. Keys stand in the order of docs/json.md.
public enum JSONValue: Sendable {
    case object([(key: String, value: JSONValue)])
    case array([JSONValue])
    case string(String)
    case integer(Int64)
    case number(Double)
    case bool(Bool)
    case null

    /// null if there is no text.
    public init(_ text: String?) {
        self = text.map(JSONValue.string) ?? .null
    }

    public init(_ integer: Int64?) {
        self = integer.map(JSONValue.integer) ?? .null
    }

    public init(_ bool: Bool?) {
        self = bool.map(JSONValue.bool) ?? .null
    }
}

extension JSONValue {
    /// The text in UTF-8.
    public func bytes(_ layout: JSONWriter.Layout) -> [UInt8] {
        var writer = JSONWriter(layout)
        write(to: &writer)
        return writer.bytes
    }

    /// The text in UTF-8, indented.
    public var bytes: [UInt8] { bytes(.indented) }

    /// Writes an array whose elements are made one by one, so that a long list does not stand in memory as values, too.
    public static func bytes(array values: some Sequence<JSONValue>) -> [UInt8] {
        var writer = JSONWriter(.indented)
        writer.array(values) { $1.write(to: &$0) }
        return writer.bytes
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.raw("null")
        case .bool(let value): writer.raw(value ? "true" : "false")
        case .integer(let value): writer.raw(String(value))
        case .number(let value): writer.raw(value.isFinite ? "\(value)" : "null")
        case .string(let value): writer.string(value)
        case .array(let values): writer.array(values) { $1.write(to: &$0) }
        case .object(let pairs):
            writer.object {
                for pair in pairs {
                    $0.name(pair.key)
                    pair.value.write(to: &$0)
                }
            }
        }
    }
}
