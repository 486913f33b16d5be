/// Whom a job tells of what happens to it, as its file says.
public struct NotifyPolicy: Hashable, Sendable {
    /// Channels by what happened, in the order of the file. What has no channel is not told.
    public var channels: [OutboxMessage.Kind: [String]]
    /// A run without a pipeline this long after it was due is late; nil: `late` is not told.
    public var lateAfter: Duration?
    /// The scheduler tells of a bad run from this one in a row on.
    public var afterFailures = 1
    /// The scheduler tells again of a job that stays bad when this much time has passed.
    public var repeatAfter = Self.standardRepeat

    public static let standardRepeat = Duration.seconds(86_400)

    /// What is told where the file names channels only. `late` needs a length of time.
    public static let standardKinds: [OutboxMessage.Kind] = [
        .failed, .recovered, .missed, .refused, .blocked,
    ]

    public init(channels: [OutboxMessage.Kind: [String]]) { self.channels = channels }

    /// Tells everything usual to these channels.
    public init(to names: [String]) {
        self.init(
            channels: Dictionary(
                uniqueKeysWithValues: names.isEmpty ? [] : Self.standardKinds.map { ($0, names) }))
    }

    /// Tells nobody: `notify: none`.
    public static let silent = NotifyPolicy(to: [])
}
