/// A channel that a job names, and where.
public struct ChannelUse: Hashable, Sendable {
    /// In small letters.
    public var channel: String
    /// Whether the key is `ping`; otherwise it is `notify`.
    public var isPing: Bool
    public var place: Place
}
