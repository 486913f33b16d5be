import CivilTime

/// Messages on their way to channels. Nothing waits for them, except the end of the process for a moment.
extension Scheduler {
    /// The end of a process waits this long for channels that have something to take.
    private static let farewell = Duration.seconds(3)

    /// The ledger hears of deliveries with its next change, or after this long: a process that dies before sends them again.
    private static let memory = Duration.seconds(1)
    private static let mostOver = 256
    /// So many POSTs under way are a herd of fire times.
    private static let herd = 16
    /// How long messages wait for a herd.
    private static let courtesy = Duration.seconds(5)

    /// Hands what is due to the network. A message is durable before.
    mutating func deliver() {
        giveUpOrphans()
        defer { recordDeliveries() }
        guard !telling.isOff, phase != .standby, phase != .over, !givesWayToPosts() else { return }
        for channel in telling.outbox.channels {
            let old = telling.outbox.expired(of: channel, at: now)
            if !old.isEmpty {
                log(
                    .error, "notify",
                    "the channel \(channel) took no message for a day: \(old.count) are given up")
                telling.isOver(old, until: now)
            }
            while let parcel = telling.outbox.next(of: channel, at: now) {
                decision.requests.append(.deliver(parcel))
            }
        }
        if let next = telling.outbox.nextTry(after: now) { timers.set(.outbox, at: next) }
    }

    /// `isLast`: the process ends.
    mutating func recordDeliveries(isLast: Bool = false) {
        guard let end = telling.overUntil else { return }
        let isTime = isLast || end <= now || telling.over.count >= Self.mostOver
        guard isTime || !decision.changes.isEmpty else { return timers.set(.outbox, at: end) }
        decision.changes.append(.told(telling.takeOver(), at: now))
    }

    /// While many POSTs are under way, messages wait for a moment: fire times go first.
    private mutating func givesWayToPosts() -> Bool {
        guard posts.inFlightCount >= Self.herd, phase == .scheduling else {
            telling.heldUntil = nil
            return false
        }
        let end = telling.heldUntil ?? now.advanced(by: Self.courtesy)
        telling.heldUntil = end
        timers.set(.outbox, at: end)
        return now < end
    }

    private mutating func giveUpOrphans() {
        guard phase == .scheduling, !isTrigger else { return }
        let orphans = telling.takeOrphans()
        guard !orphans.isEmpty else { return }
        let names = Set(orphans.map(\.channel)).sorted().joined(separator: ", ")
        log(
            .warning, "notify",
            "\(orphans.count) messages are given up, because there is no channel \(names) any more")
        decision.changes.append(.told(orphans, at: now))
    }

    mutating func delivered(_ parcel: Parcel, _ delivery: Delivery) {
        let name = parcel.channel
        if telling.outbox.delivered(parcel, delivery, at: now) {
            telling.isOver(parcel.messages, until: now.advanced(by: Self.memory))
        }
        switch delivery {
        case .taken:
            guard complaints.isOver(.channel(name)) else { return }
            log(.info, "notify", "the channel \(name) takes messages again")
        case .refused(let words):
            guard complaints.mayTell(.refusal(name), at: now) else { return }
            log(.error, "notify", "the channel \(name) refused a message, which is given up: \(words)")
        case .failed(let words, _):
            guard complaints.mayTell(.channel(name), at: now) else { return }
            let count = telling.outbox[name]?.count ?? 0
            log(.warning, "notify", "the channel \(name) takes no messages (\(count) waiting): \(words)")
        }
    }

    /// For `status`: the channels that are in trouble.
    var channelWords: [String] {
        telling.outbox.channels.compactMap { name in
            guard let lane = telling.outbox[name], lane.failures > 0, lane.count > 0 else { return nil }
            return "the channel \(name) takes no messages (\(lane.count) waiting)"
        }
    }

    /// Whether the end of the process waits a moment for channels.
    mutating func waitsForChannels() -> Bool {
        guard !telling.isOff, telling.outbox.isBusy(at: now) else { return false }
        let end = telling.farewell ?? now.advanced(by: Self.farewell)
        telling.farewell = end
        timers.set(.outbox, at: end)
        return now < end
    }

    // MARK: The heartbeat

    /// A sign of life, while this instance may post. A ledger that cannot be written stops it, because the scheduler then
    /// handles no events.
    mutating func beat() {
        guard let pause = telling.heartbeat, settings.mode == .untilTold, !lifecycle.isEnding else { return }
        if mayPost, phase == .scheduling || phase == .draining { decision.requests.append(.beat) }
        set(.heartbeat, after: pause)
    }

    mutating func beaten(_ delivery: Delivery) {
        switch delivery {
        case .taken: complaints.isOver(.heartbeat)
        case .refused(let words), .failed(let words, _):
            guard complaints.mayTell(.heartbeat, at: now) else { return }
            log(.warning, "notify", "the heartbeat's address takes no sign of life: \(words)")
        }
    }
}
