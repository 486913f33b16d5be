import CivilTime
import DequeModule

/// The messages of one channel that it has not taken yet, in their order.
struct OutboxLane: Sendable {
    /// A chat that gets more messages than this within a minute gets a digest instead.
    static let mostPerMinute = 10
    private static let minute = Duration.seconds(60)
    /// Requests under way at once to a channel that is no chat. The messages of one job keep their order.
    private static let mostUnderWay = 4
    /// How far the lane looks for a message of another job.
    private static let reach = 64
    private static let mostInDigest = 100
    /// A message that no channel has taken for so long is given up.
    static let patience = Duration.seconds(86_400)

    let isChat: Bool
    private var waiting: Deque<OutboxMessage> = []
    private var underWay: [Parcel] = []
    /// When the last messages left, for the digest.
    private var sentAt: Deque<Instant> = []
    private var pausedUntil: Instant?
    /// Failures in a row.
    private(set) var failures = 0
    /// The job of the last message that failed, if one has: the fault may be the message's.
    private var lastFailed: String??

    init(isChat: Bool) { self.isChat = isChat }

    var isEmpty: Bool { waiting.isEmpty && underWay.isEmpty }
    var messages: [OutboxMessage] { underWay.flatMap(\.messages) + waiting }
    var count: Int { waiting.count + underWay.reduce(0) { $0 + $1.messages.count } }

    /// Whether something is under way, or could be sent at once.
    func isBusy(at now: Instant) -> Bool {
        !underWay.isEmpty || (!waiting.isEmpty && (nextTry.map { $0 <= now } ?? true))
    }

    mutating func add(_ message: OutboxMessage) { waiting.append(message) }

    /// Removes what is too old to be sent, oldest first.
    mutating func expired(at now: Instant) -> [OutboxMessage] {
        // What waited while no process ran has its first try before it.
        guard failures > 0 else { return [] }
        var old: [OutboxMessage] = []
        while let first = waiting.first, first.at.duration(to: now) > Self.patience {
            old.append(waiting.removeFirst())
        }
        return old
    }

    /// When the lane may send again; nil: at once.
    var nextTry: Instant? {
        let full =
            isChat && sentAt.count >= Self.mostPerMinute ? sentAt.first?.advanced(by: Self.minute) : nil
        return [pausedUntil, full].compactMap(\.self).max()
    }

    /// The next request; nil: there is nothing to send now.
    mutating func next(at now: Instant) -> Parcel? {
        while let first = sentAt.first, first.duration(to: now) >= Self.minute { sentAt.removeFirst() }
        guard nextTry.map({ $0 <= now }) ?? true, let messages = isChat ? takeForChat() : takeOne(),
            let channel = messages.first?.channel
        else { return nil }
        let parcel = Parcel(channel: channel, messages: messages)
        underWay.append(parcel)
        if isChat { sentAt.append(now) }
        return parcel
    }

    private mutating func takeForChat() -> [OutboxMessage]? {
        guard underWay.isEmpty, !waiting.isEmpty else { return nil }
        let isMany = waiting.count > Self.mostPerMinute - sentAt.count
        let messages = Array(waiting.prefix(isMany ? Self.mostInDigest : 1))
        waiting.removeFirst(messages.count)
        return messages
    }

    /// While the channel is in trouble, one request at a time tries it.
    private mutating func takeOne() -> [OutboxMessage]? {
        guard underWay.count < (failures > 0 ? 1 : Self.mostUnderWay) else { return nil }
        let busy = Set(underWay.flatMap { $0.messages.map(\.job) })
        let others = lastFailed.map { busy.union([$0]) } ?? busy
        guard let place = firstPlace(besides: others) ?? firstPlace(besides: busy) else { return nil }
        return [waiting.remove(at: place)]
    }

    /// The first message that waits of a job, but not of these.
    private func firstPlace(besides jobs: Set<String?>) -> Int? {
        waiting.prefix(Self.reach).firstIndex { !jobs.contains($0.job) }
    }

    /// The request is over. False: this lane has not sent it, but an earlier one did.
    mutating func ended(_ parcel: Parcel) -> Bool {
        guard let place = underWay.firstIndex(of: parcel) else { return false }
        underWay.remove(at: place)
        return true
    }

    mutating func forget(_ messages: [OutboxMessage]) {
        let keys = Set(messages.map(\.key))
        waiting.removeAll { keys.contains($0.key) }
    }

    /// The channel has taken something. A pause that it asked for meanwhile stays.
    mutating func worked() {
        failures = 0
        lastFailed = nil
    }

    /// The messages go back to their place, and wait.
    mutating func failed(_ parcel: Parcel, retryAfter: Duration?, at now: Instant) {
        waiting.insert(contentsOf: parcel.messages, at: 0)
        failures += 1
        lastFailed = .some(parcel.messages.first?.job)
        let pause = Self.pauses[min(failures, Self.pauses.count) - 1]
        pausedUntil = now.advanced(by: max(pause, retryAfter ?? .zero))
    }

    private static let pauses = [5, 15, 60, 300, 900].map { Duration.seconds($0) }

    mutating func clockWasSet(by step: Duration) {
        pausedUntil = pausedUntil?.advanced(by: step)
        sentAt = Deque(sentAt.map { $0.advanced(by: step) })
    }
}
