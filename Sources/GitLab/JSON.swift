import HTTP
import Text

/// A JSON value as it was written. Numbers keep their spelling.
///
/// The client reads GitLab's answers through this rather than through `Decodable`. So a field that is missing, new or
/// of another type than expected (`coverage` comes as a number or as text) does no harm.
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

    var text: String? { if case .text(let text) = self { text } else { nil } }

    var boolean: Bool? { if case .boolean(let boolean) = self { boolean } else { nil } }

    /// A whole number, also one that was written as text.
    var integer: Int64? {
        switch self {
        case .number(let spelling), .text(let spelling): Int64(spelling)
        case .null, .boolean, .array, .object: nil
        }
    }

    var elements: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

    /// The value with every text fit to be shown and kept: without secrets, in one line, and short enough for a ledger
    /// or a log. Every successful answer of GitLab passes through here.
    func presentable(hiding secrets: [Secret]) -> JSON {
        switch self {
        case .text(let text): .text(text.redacted(secrets).printable().prefix(bytes: Self.longestText))
        case .array(let elements): .array(elements.map { $0.presentable(hiding: secrets) })
        case .object(let members):
            .object(
                members.map { Member(name: $0.name, value: $0.value.presentable(hiding: secrets)) })
        case .null, .boolean, .number: self
        }
    }

    private static let longestText = 2_048
}
