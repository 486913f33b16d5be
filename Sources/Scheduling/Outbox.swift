import CivilTime

/// What channels have not taken yet. A message leaves only when the ledger has it.
struct Outbox: Sendable {
    /// In the order of their names. Every event asks for them.
    let channels: [String]
    /// By channel.
    private var lanes: [String: OutboxLane]
    /// Messages of the decision under way.
    private var committing: [OutboxMessage] = []

    init(_ channels: [String: ChannelTraits], waiting: [OutboxMessage]) {
        self.channels = channels.keys.sorted()
        lanes = channels.mapValues { OutboxLane(isChat: $0.isChat) }
        for message in waiting { lanes[message.channel]?.add(message) }
    }

    subscript(channel: String) -> OutboxLane? { lanes[channel] }

    func isBusy(at now: Instant) -> Bool {
        !committing.isEmpty || lanes.values.contains { $0.isBusy(at: now) }
    }

    /// When a lane that waits may send again; nil: none waits for a time.
    func nextTry(after now: Instant) -> Instant? {
        lanes.values.filter { !$0.isEmpty }.compactMap(\.nextTry).filter { $0 > now }.min()
    }

    mutating func add(_ message: OutboxMessage) { committing.append(message) }

    /// The ledger has the messages, but those about `duplicates`, and had `repeated` before.
    mutating func committed(except duplicates: Set<RunID>, _ repeated: Set<OutboxMessage.Key> = []) {
        guard !committing.isEmpty else { return }
        for message in committing
        where (duplicates.isEmpty || !message.isAbout(duplicates)) && !repeated.contains(message.key) {
            lanes[message.channel]?.add(message)
        }
        committing.removeAll(keepingCapacity: true)
    }

    mutating func next(of channel: String, at now: Instant) -> Parcel? { lanes[channel]?.next(at: now) }

    mutating func expired(of channel: String, at now: Instant) -> [OutboxMessage] {
        lanes[channel]?.expired(at: now) ?? []
    }

    /// A request is over. Returns whether its messages are.
    mutating func delivered(_ parcel: Parcel, _ delivery: Delivery, at now: Instant) -> Bool {
        guard var lane = lanes[parcel.channel] else { return true }
        defer { lanes[parcel.channel] = lane }
        let isOwn = lane.ended(parcel)
        switch delivery {
        case .taken, .refused:
            if !isOwn { lane.forget(parcel.messages) }
            lane.worked()
            return true
        case .failed(_, let retryAfter):
            if isOwn { lane.failed(parcel, retryAfter: retryAfter, at: now) }
            return false
        }
    }

    /// Everything that no channel has taken, in the order of each channel.
    var messages: [OutboxMessage] { channels.flatMap { lanes[$0]?.messages ?? [] } + committing }

    mutating func clockWasSet(by step: Duration) {
        for channel in channels { lanes[channel]?.clockWasSet(by: step) }
    }
}

extension OutboxMessage {
    /// What makes it one message, for the ledger and for receivers that get it twice.
    public struct Key: Hashable, Sendable {
        public let kind: Kind
        public let subject: String
        public let channel: String
    }

    public var key: Key { Key(kind: kind, subject: subject, channel: channel) }

    /// Whether it tells of one of these runs.
    public func isAbout(_ runs: Set<RunID>) -> Bool { RunID(subject).map(runs.contains) ?? false }
}
