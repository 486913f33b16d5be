public import CivilTime

/// What a scheduler keeps beside its ledger: for the process that comes after it, and for `status`.
public struct Memo: Hashable, Sendable {
    /// Until when other instances may have posted; nil while that is not known.
    public var othersPostedUntil: Instant?
    /// What `status` says of this scheduler, in sentences.
    public var notes: [String] = []

    public init() {}
}

extension Scheduler {
    public var memo: Memo {
        var memo = Memo()
        memo.othersPostedUntil = lifecycle.hasResumed ? provenance.othersPostedUntil : nil
        let isSettling = settledAt > now && reconcilers.values.contains(where: \.isInDoubt)
        let another = complaints.isTold(.anotherScheduler, at: now) ? Self.anotherWords : nil
        let token = complaints.isTold(.token, at: now) ? Self.tokenWords : nil
        memo.notes =
            [token, another, clockWords, isSettling ? settleWords : nil].compactMap(\.self) + channelWords
        return memo
    }

    static let tokenWords = "GitLab does not take the token, and fire times wait until it does"

    /// From here on the scheduler believes that a fire time without a pipeline was not posted by another instance.
    private var settledAt: Instant { provenance.othersPostedUntil.advanced(by: settings.settle) }

    /// Why fire times wait that another instance may have posted.
    private var settleWords: String {
        "another process or instance may have posted fire times until \(provenance.othersPostedUntil.rfc3339): the "
            + "scheduler posts those without a pipeline from \(settledAt.rfc3339) on"
    }

    /// Tells once why fire times wait, and until when.
    mutating func tellOfSettling(_ doubt: Reconciler.Doubt) {
        guard doubt.twinsOf == nil, doubt.believableAfter == settledAt, settledAt > now,
            complaints.mayTell(.settling, at: now)
        else { return }
        log(.info, "settle", settleWords)
    }
}
