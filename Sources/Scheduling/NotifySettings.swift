/// What the environment says of notices.
public struct NotifySettings: Hashable, Sendable {
    /// The channels that exist, by name.
    public var channels: [String: ChannelTraits] = [:]
    /// The channels of jobs that name none, and of the scheduler's own messages.
    public var standard: [String] = []
    /// Between two signs of life to the heartbeat's address; nil: it has none.
    public var heartbeat: Duration?

    public init(
        channels: [String: ChannelTraits] = [:], standard: [String] = [], heartbeat: Duration? = nil
    ) {
        self.channels = channels
        self.standard = standard
        self.heartbeat = heartbeat
    }
}
