import Scheduling
import Text

/// A ping for a dead-man's switch of healthchecks, which tells when a job did not start or did not end in
/// time.
enum HealthchecksPing {
    /// In bytes. The switch keeps the first 10 kB.
    private static let longestText = 10_000

    /// nil: the job has no slug.
    static func render(_ message: OutboxMessage) -> Rendered? {
        let slug = message.job.map(Job.pingSlug) ?? "orchestrate"
        guard !slug.isEmpty else { return nil }
        return Rendered(
            suffix: "/\(slug)\(message.kind.pingSuffix)",
            query: message.job == nil ? [] : [("rid", message.runUUID)],
            headers: [("Content-Type", "text/plain; charset=utf-8")],
            body: Array(message.text.printable().prefix(bytes: longestText).utf8))
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
