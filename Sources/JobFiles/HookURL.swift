import Text

/// URLs that let whoever has them send messages: chat hooks, pings, alerts.
enum HookURL {
    private static let marks = [
        "hooks.slack.com/", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/",
        "webhook.office.com/", ".logic.azure.com", ".powerplatform.com", "hc-ping.com/",
        "healthchecks.io/ping/", "/alerts/notify", "cronitor.link/p/", ".ingest.sentry.io/",
        "ingest.us.sentry.io/", "ingest.de.sentry.io/",
    ].map { Array($0.utf8) }

    private static let schemes = ["slack+", "discord+", "teams+", "json+", "gitlab+", "healthchecks+"]
        .map { Array($0.utf8) }

    /// The marks stand in the first part of a URL.
    private static let longest = 500

    /// Where such a URL begins in a line; nil: there is none.
    static func start(in line: ArraySlice<UInt8>) -> Int? {
        var rest = line
        while let colon = rest.firstIndex(of: UInt8(ascii: ":")) {
            let scheme = rest[..<colon]
            rest = rest[colon...].dropFirst()
            guard rest.starts(with: "//".utf8) else { continue }
            let end = rest.firstIndex(where: \.endsURL) ?? rest.endIndex
            let before = scheme.lastIndex { !$0.isLetter && $0 != UInt8(ascii: "+") }
            let start = before.map { $0 + 1 } ?? scheme.startIndex
            if isHook(line[start..<end].prefix(longest).map(\.lowercased)) { return start }
            // Go on behind this URL, so that a long line costs no more than its length.
            rest = line[end...]
        }
        return nil
    }

    private static func isHook(_ url: [UInt8]) -> Bool {
        schemes.contains { url.starts(with: $0) } || marks.contains { url.firstRange(of: $0) != nil }
    }

    /// How many characters of a line come before the path of its first URL, or before its authority where that holds
    /// a password. nil: the line has no URL with such a part.
    static func shown(of line: [Unicode.Scalar]) -> Int? {
        var position = 0
        while position + 3 <= line.count {
            guard line[position...].starts(with: "://".unicodeScalars) else {
                position += 1
                continue
            }
            let start = position + 3
            let end = line[start...].firstIndex { "/?# \t\"'`,<>".unicodeScalars.contains($0) } ?? line.count
            if line[start..<end].contains("@") { return start }
            if end < line.count, "/?#".unicodeScalars.contains(line[end]) { return end + 1 }
            position = end
        }
        return nil
    }
}

extension JobReader {
    /// More warnings would say nothing new.
    private static let mostHooks = 20

    /// Warns of lines with such a URL. Lines with another problem have had their warning.
    mutating func adviseOnHooks() {
        var places: [Int] = []
        let source = findings.source
        let told = Set(findings.problems.compactMap(\.place.position?.line))
        source.forEachLine { number, line in
            guard places.count < Self.mostHooks, !told.contains(number) else { return }
            if let start = HookURL.start(in: line) { places.append(start) }
        }
        for place in places {
            findings.report(
                at: source.position(ofByte: place),
                "this looks like the URL of a hook, and who reads this file can send messages to it",
                hint: "a masked CI/CD variable: ORCHESTRATE_NOTIFY_OPS=slack+https://… for 'notify: ops'",
                severity: .warning)
        }
    }
}

extension UInt8 {
    fileprivate var endsURL: Bool { self <= 0x20 || "\"'`,<>|]})".utf8.contains(self) }
}
