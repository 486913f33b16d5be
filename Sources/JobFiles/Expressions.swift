import Cron
import Synchronization

/// The cron expressions read so far, by their text. Most jobs share their expression with other jobs.
final class Expressions: Sendable {
    private static let most = 10_000

    private let known = Mutex<[String: CronExpression]>([:])

    func expression(_ text: String) throws(CronError) -> CronExpression {
        if let expression = known.withLock({ $0[text] }) { return expression }
        let new = try CronExpression(text)
        known.withLock { known in
            if known.count == Self.most { known.removeAll() }
            known[text] = new
        }
        return new
    }
}
