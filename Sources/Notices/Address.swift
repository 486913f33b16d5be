import HTTP
import Text

/// Where a channel leads. The URL of a webhook is a credential, so nothing prints any part of it.
struct Address: Sendable {
    /// Scheme, host and port.
    let base: BaseURL
    /// Percent-encoded, as the operator wrote it.
    let path: String
    /// The same, without the question mark; empty: none.
    let query: String

    /// The error names `place`, the variable, and shows nothing of the URL.
    init(_ url: String, place: String, example: String) throws(TransportSetupError) {
        let advice = "it should be like \(example)"
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw TransportSetupError(
                place: place, cause: "has a blank or a character that no address has", advice: advice)
        }
        guard !url.contains("#") else {
            throw TransportSetupError(place: place, cause: "has a fragment (#…)", advice: advice)
        }
        let (address, query) = url.cut(at: "?") ?? (url[...], "")
        let start = address.cut(at: "://")?.after.firstIndex(of: "/") ?? address.endIndex
        base = try BaseURL(String(address[..<start]), place: place, example: example)
        path = String(address[start...])
        self.query = String(query)
    }

    /// Path and query of a request. `suffix` is below the path; each name and value is a word that needs no
    /// encoding.
    func target(suffix: String, query more: [(name: String, value: String)]) -> String {
        let stem = suffix.isEmpty ? path : String(path.reversed().drop { $0 == "/" }.reversed())
        let whole = stem + suffix
        let queries = (query.isEmpty ? [] : [query]) + more.map { "\($0.name)=\($0.value)" }
        return (whole.isEmpty ? "/" : whole) + (queries.isEmpty ? "" : "?" + queries.joined(separator: "&"))
    }

    /// What no text may show, even where it comes from the receiver or from a library.
    var secrets: [Secret] { [Secret(path), Secret(query), Secret(base.host)] }
}

extension Address: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "[hidden]" }
    var debugDescription: String { "[hidden]" }
    var customMirror: Mirror { Mirror(self, children: []) }
}

/// A service at an address, under a name.
struct Channel: Sendable {
    let name: String
    let service: Service
    let address: Address
    /// The key of signatures, or the authorization key.
    let secret: String?
}

extension Channel: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    var description: String { "Channel(\(name))" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
