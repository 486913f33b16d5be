import Text

extension EnvironmentVariable {
    /// Whether this value may be a secret although the variable holds none: some operators put the token itself where
    /// the path of its file belongs. A token has no slash.
    func mayBeSecret(_ value: String) -> Bool { self == .tokenFile && !value.contains("/") }

    /// A value as a report may show it. URLs lose user, password and query, because each may be a secret. A malformed
    /// URL may have a secret anywhere, so a report shows at most its scheme.
    public func shown(_ value: String) -> String {
        guard !isSecret, !mayBeSecret(value), !GitLabToken.isIn(value) else { return "(hidden)" }
        let scheme = value.scheme
        let rest = value.dropFirst(scheme.count)
        let hasLogin = rest.contains("@") && rest.prefix { $0 != "@" }.contains(":")
        guard !scheme.isEmpty || isAddress || hasLogin else { return value }
        let address = rest.prefix { $0 != "?" && $0 != "#" }
        let query = rest.dropFirst(address.count)
        let known = scheme.isWeb || scheme.isEmpty ? scheme : ""
        // A password that was not escaped may hold these characters too. Then no part is certain to be the host.
        guard !query.contains("@") else { return known + "…" }
        let at = address.lastIndex(of: "@")
        let place = at.map { address[address.index(after: $0)...] } ?? address
        let host = place.prefix { $0 != "/" }
        let path = place.dropFirst(host.count)
        guard known == scheme, host.isHostAndPort else { return known + "…" }
        let isUsual = path.allSatisfy { $0 == "/" } || (self == .api && path.hasSuffix("/api/v4"))
        return known + (at == nil ? "" : "…@") + host + (isUsual ? path : "/…")
            + (query.first.map { "\($0)…" } ?? "")
    }

    /// Whether the value is an address even without a scheme.
    private var isAddress: Bool { [.api, .httpProxy, .httpsProxy].contains(self) }
}

extension String {
    /// The scheme that the text begins with, such as `http://`; else empty. A password may hold `://`, too.
    fileprivate var scheme: Substring {
        guard let mark = firstRange(of: "://"),
            self[..<mark.lowerBound].allSatisfy({ $0.isLetter || $0.isNumber || "+-.".contains($0) })
        else { return "" }
        return self[..<mark.upperBound]
    }
}

extension Substring {
    fileprivate var isWeb: Bool { ["http://", "https://"].contains(lowercased()) }

    /// `host`, `host:8080`, `[::1]` or `[::1]:8080`.
    fileprivate var isHostAndPort: Bool {
        let name = hasPrefix("[") ? prefix { $0 != "]" } + "]" : prefix { $0 != ":" }
        let port = dropFirst(name.count)
        let isName = name.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-._[]:".utf8.contains($0) }
        return !name.isEmpty && isName && (port.isEmpty || port.isPort)
    }

    private var isPort: Bool { first == ":" && (UInt16(dropFirst()) ?? 0) > 0 }
}
