import Text

/// Why a transport cannot be set up: which setting is wrong, how, and what to try.
public struct TransportSetupError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The environment variable, or the file it names.
    public var place: String
    public var cause: String
    public var advice: String

    public init(place: String, cause: String, advice: String) {
        self.place = place
        self.cause = cause
        self.advice = advice
    }

    public var description: String { "\(place): \(cause); \(advice)" }
}

/// The beginning of every request's URL, in parts: `https://gitlab.example.com/api/v4`.
public struct BaseURL: Hashable, Sendable {
    var isSecure: Bool
    /// A name or an address; IPv6 without brackets.
    public internal(set) var host: String
    /// nil: the default port of the scheme.
    var port: Int?
    /// Empty, or with a leading and without a trailing slash.
    public internal(set) var path: String

    /// Whether no machine on the way can read the requests: they are encrypted, or they do not leave this machine.
    public var isConfidential: Bool {
        isSecure || host.equalsIgnoringCase("localhost") || host == "::1" || isLoopbackAddress
    }

    /// Within 127.0.0.0/8. A text such as `127.example.com` is a name, not an address.
    private var isLoopbackAddress: Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { $0.isDigits && UInt8($0) != nil }
    }

    var effectivePort: Int { port ?? (isSecure ? 443 : 80) }

    /// Host and port as in a URL and in the `Host` header.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(name):\($0)" } ?? name
    }

    public var text: String { "\(isSecure ? "https" : "http")://\(authority)\(path)" }
}

extension BaseURL {
    /// For the error, `place` says where the text comes from, and `example` what it should look like.
    public init(_ text: String, place: String, example: String) throws(TransportSetupError) {
        do {
            self = try Self.parsed(text)
        } catch {
            throw TransportSetupError(
                place: place, cause: error.cause, advice: "it should be like \(example)")
        }
    }

    private static func parsed(_ text: String) throws(Authority.Flaw) -> BaseURL {
        guard !text.isEmpty else { throw Authority.Flaw("is empty") }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Authority.Flaw("has a blank or a character that no address has")
        }
        guard let (scheme, rest) = text.cut(at: "://") else {
            throw Authority.Flaw("does not begin with https://")
        }
        guard scheme.equalsIgnoringCase("https") || scheme.equalsIgnoringCase("http") else {
            throw Authority.Flaw("begins with neither https:// nor http://")
        }
        guard !rest.contains("?"), !rest.contains("#") else {
            throw Authority.Flaw("has a query or a fragment")
        }
        let place = rest.prefix { $0 != "/" }
        guard !place.contains("@") else { throw Authority.Flaw("has a user or password in it") }
        let path = rest.dropFirst(place.count)
        guard path.utf8.allSatisfy({ !"\"<>\\^`{|}".utf8.contains($0) }) else {
            throw Authority.Flaw("has a character that no address has")
        }
        let trimmed = String(path.reversed().drop { $0 == "/" }.reversed())
        let authority = try Authority(place)
        return BaseURL(
            isSecure: scheme.equalsIgnoringCase("https"), host: authority.host, port: authority.port,
            path: trimmed)
    }
}

/// Host and port of a URL.
struct Authority: Hashable, Sendable {
    var host: String
    var port: Int?

    /// What is wrong with a text, as the end of a sentence.
    struct Flaw: Error {
        var cause: String

        init(_ cause: String) { self.cause = cause }
    }

    /// Reads `host`, `host:8080`, `[::1]` and `[::1]:8080`.
    init(_ text: some StringProtocol) throws(Flaw) {
        var rest = text[...]
        if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            host = String(rest[rest.index(after: rest.startIndex)..<end])
            rest = rest[rest.index(after: end)...]
        } else {
            host = String(rest.prefix { $0 != ":" })
            rest = rest.dropFirst(host.count)
        }
        let isName = host.utf8.allSatisfy { $0.isDigit || $0.isLetter || "-._~:%".utf8.contains($0) }
        guard !host.isEmpty, isName else { throw Flaw("has no valid host name") }
        guard !rest.isEmpty else { return }
        guard rest.first == ":", let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
            throw Flaw("has a port that is no number from 1 to 65535")
        }
        self.port = port
    }
}
