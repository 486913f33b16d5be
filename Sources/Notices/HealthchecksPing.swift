import Scheduling
import Text

/// A ping for a dead-man's switch of healthchecks, which tells when a job did not start or did not end in
/// time.
public enum HealthchecksPing {
    /// In bytes. The switch keeps the first 10 kB.
    private static let longestText = 10_000

    /// The name of a job's check: lower case, with each run of other characters than letters, digits, `_` and
    /// `-` as one `-`, and none at the ends. Empty if the name has no such letter or digit; such a job cannot
    /// be pinged.
    public static func slug(_ job: String) -> String {
        var slug: [UInt8] = []
        var rest = Array(job.utf8.map(\.lowercased))[...]
        while let byte = rest.first {
            let isKept = isWordByte(byte)
            let run = rest.prefix { isWordByte($0) == isKept }
            rest = rest.dropFirst(run.count)
            // A run of hyphens alone stays; ` - ` becomes one.
            slug += isKept || run.allSatisfy { $0 == hyphen } ? Array(run) : [hyphen]
        }
        let end = slug.reversed().drop { $0 == hyphen }.reversed()
        return String(decoding: end.drop { $0 == hyphen }, as: UTF8.self)
    }

    /// nil: the job has no slug.
    static func render(_ message: OutboxMessage) -> Rendered? {
        let slug = message.job.map(slug) ?? "orchestrate"
        guard !slug.isEmpty else { return nil }
        return Rendered(
            suffix: "/\(slug)\(message.kind.pingSuffix)",
            query: message.job == nil ? [] : [("rid", message.runUUID)],
            headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: Array(message.text.printable().prefix(bytes: longestText).utf8))
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_")
    }
}

extension OutboxMessage.Kind {
    /// What says to the switch how it goes. Everything but pings of a run changes nothing there.
    fileprivate var pingSuffix: String {
        switch self {
        case .pingStart: "/start"
        case .pingSuccess: ""
        case .pingFail: "/fail"
        default: "/log"
        }
    }
}
