/// Lints are costly for GitLab and count as pipelines of a minute there: at most ten in a minute.
struct LintPace {
    private static let mostInMinute = 10
    private static let minute = Duration.seconds(60)

    /// When the latest ones were sent, in uptime.
    private var sent: [Duration] = []

    /// How long to wait before the next one.
    func wait(at uptime: Duration) -> Duration {
        guard sent.count == Self.mostInMinute, let first = sent.first else { return .zero }
        return max(.zero, first + Self.minute - uptime)
    }

    mutating func note(at uptime: Duration) { sent = (sent + [uptime]).suffix(Self.mostInMinute) }
}
