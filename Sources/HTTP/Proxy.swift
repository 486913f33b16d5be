import Text

/// The HTTP proxy that the environment names, by the rules of curl: `https_proxy` or `HTTPS_PROXY` for https,
/// `http_proxy` or `HTTP_PROXY` for http, and `no_proxy` or `NO_PROXY` for the exceptions. The lower-case name wins,
/// and an empty value means no proxy. There are no built-in exceptions, not even for this machine.
struct Proxy: Sendable {
    var host: String
    var port: Int
    var user: Secret?
    var password: Secret?

    /// The proxy for a base URL; nil: connect directly.
    init?(for base: BaseURL, environment: [String: String]) throws(TransportSetupError) {
        let name = base.isSecure ? "HTTPS_PROXY" : "HTTP_PROXY"
        let names = [name.lowercased(), name].filter { environment[$0] != nil }
        guard let name = names.first, let text = environment[name], !text.isEmpty else { return nil }
        let exceptions = environment["no_proxy"] ?? environment["NO_PROXY"] ?? ""
        guard !NoProxy(exceptions).contains(host: base.host, port: base.effectivePort) else { return nil }
        do {
            try self.init(text)
        } catch {
            throw TransportSetupError(
                place: name, cause: error.cause, advice: "it should be like http://proxy.example.com:3128")
        }
    }

    /// No error shows the text, because it may hold a password.
    private init(_ text: String) throws(Authority.Flaw) {
        let (scheme, rest) = text.cut(at: "://") ?? ("http", text[...])
        guard scheme.equalsIgnoringCase("http") else {
            throw Authority.Flaw("is no http:// proxy, and other kinds are not supported")
        }
        let authority = rest.prefix { !"/?#".contains($0) }
        let at = authority.lastIndex(of: "@")
        let place = try Authority(at.map { authority[authority.index(after: $0)...] } ?? authority)
        host = place.host
        // curl's port for a proxy URL without one.
        port = place.port ?? 1080
        guard let at else { return }
        let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        user = login.first.map { Secret(PercentEncoding.decode($0)) }
        password = Secret(login.dropFirst().first.map(PercentEncoding.decode) ?? "")
    }
}

/// The hosts to reach directly: a list of names, addresses and networks, or `*` for all.
struct NoProxy: Sendable {
    private let entries: [Substring]

    init(_ list: String) {
        entries = list.split { $0 == "," || $0.isWhitespace }
    }

    /// `example.com` and `.example.com` match the host and everything below it, `10.0.0.0/8` matches a network, and
    /// `example.com:8443` matches one port only.
    func contains(host: String, port: Int) -> Bool {
        let host = host.hasSuffix(".") ? host.dropLast() : host[...]
        return entries.contains { entry in
            entry == "*" || Self.matchesNetwork(entry, host) || Self.matchesName(entry, host, port)
        }
    }

    private static func matchesName(_ entry: Substring, _ host: Substring, _ port: Int) -> Bool {
        let isPlainIPv6 = !entry.hasPrefix("[") && entry.count(where: { $0 == ":" }) > 1
        let place = isPlainIPv6 ? nil : try? Authority(entry)
        guard place?.port == nil || place?.port == port else { return false }
        var name = (place?.host ?? String(entry))[...]
        if name.hasSuffix(".") { name = name.dropLast() }
        if name.hasPrefix(".") { name = name.dropFirst() }
        guard !name.isEmpty, host.utf8.count >= name.utf8.count else { return false }
        let end = host.utf8.suffix(name.utf8.count)
        guard String(Substring(end)).equalsIgnoringCase(name) else { return false }
        let rest = host.utf8.dropLast(name.utf8.count)
        return rest.isEmpty || (rest.last == UInt8(ascii: ".") && IPv4(host) == nil)
    }

    private static func matchesNetwork(_ entry: Substring, _ host: Substring) -> Bool {
        guard let (address, length) = entry.cut(at: "/"), let network = IPv4(address), let host = IPv4(host),
            let bits = UInt32(length), bits <= 32
        else { return false }
        let mask: UInt32 = bits == 0 ? 0 : ~0 << (32 - bits)
        return network.bits & mask == host.bits & mask
    }
}

/// An IPv4 address as a number.
private struct IPv4: Equatable {
    var bits: UInt32

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        guard parts.count == 4, bytes.count == 4 else { return nil }
        bits = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }
}
