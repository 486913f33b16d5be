import CivilTime

/// What this scheduler's ledger may not know: who else may have posted, and until when.
struct Provenance: Sendable {
    private var past: Past
    /// Own CI job; nil outside CI.
    private let instance: Int64?
    /// When this process began.
    private(set) var began: Instant
    /// Set when this scheduler replaced an earlier one after a ledger outage. The earlier one's POSTs are known only from
    /// the ledger.
    private var tookOverAt: Instant?
    /// The last moment at which another scheduler may have sent a POST.
    private(set) var othersPostedUntil: Instant
    /// An instance with another ledger may have posted fire times up to here. The scheduler looks them up before it
    /// posts them.
    private var unknownPostsUntil: Instant
    /// The last process closed the ledger in order and no other instance has run since: it knows everything.
    private var trustsLedger = false
    /// The ledger was empty, and it is not known yet whether it is new or lost.
    private(set) var isBlank: Bool
    /// A newer instance has run, whatever became of it.
    private var sawNewer = false
    /// Another instance may have posted since this one began.
    private var hadOthers = false

    init(past: Past, isBlank: Bool, instance: Int64?, takesOver: Bool, now: Instant) {
        self.past = past
        self.isBlank = isBlank
        self.instance = instance
        began = now
        tookOverAt = takesOver ? now : nil
        othersPostedUntil = now
        // A clock that was ahead may have noted an instant that is still to come.
        let known = min(past.unknownPostsUntil ?? .distantPast, now.advanced(by: Clocks.largestError))
        unknownPostsUntil = isBlank || !past.isLatest ? now : known
    }

    private var isInCI: Bool { instance != nil }

    /// Whether the process before this one belonged to the same instance, and this ledger knows everything it did. Then
    /// the ledger tells until when other instances may have posted.
    private var isRestart: Bool {
        guard let last = past.last, past.isLatest, tookOverAt == nil else { return false }
        return last.instance == instance && last.endedAt == nil && !sawNewer
    }

    /// The CI job that used the ledger last; nil where it did not close it in order.
    var lastClosedBy: Int64? { past.last.flatMap { $0.endedAt == nil ? nil : $0.instance } }

    /// When another scheduler may have posted last, as of the start. `handover`: when an older instance stops.
    func lastPostOfOthers(handover: Instant, now: Instant) -> Instant {
        let own = tookOverAt ?? .distantPast
        if let end = past.last?.endedAt, isInCI ? trustsLedger : past.isLatest {
            return max(min(end, now), own)
        }
        if isRestart, let known = past.othersPostedUntil { return min(known, now) }
        return isInCI ? max(min(handover.advanced(by: Lease.grace), now), own) : now
    }

    /// The last moment at which another process may have sent the POST of a run.
    func lastPost(of run: Run) -> Instant {
        guard isRestart, let sent = run.sentAt, run.instance == instance.map(String.init) ?? "" else {
            return othersPostedUntil
        }
        // The ledger's lock lets a process begin only when the one before has gone.
        return max(othersPostedUntil, past.begins.first { $0 > sent } ?? began)
    }

    /// Only this process can have posted fire times from here on, as its lease tells. nil: that is not known. An
    /// earlier process of the same CI job may have used another ledger, which is lost.
    func ownLine(_ lease: Lease) -> Instant? {
        guard past.isLatest || past.usedHereAt.map({ $0 < lease.started }) ?? true else { return nil }
        if lease.hadNobody && (isBlank || trustsLedger) { return .distantPast }
        return lease.ownLine
    }

    /// This instance schedules from now on. Other instances may have posted until `end`, but no fire time from `line`
    /// on.
    mutating func begin(othersPostedUntil end: Instant, line: Instant?, _ clock: Clocks) {
        othersPostedUntil = end
        guard isInCI else { return }
        // The other instances compare fire times with the clocks of their own machines.
        let there = max(end, clock.there(end))
        unknownPostsUntil = min(there, line?.advanced(by: .microseconds(-1)) ?? there)
    }

    /// Judges by the CI jobs of the project whether the ledger knows everything: the process before this one closed it in
    /// order, and every older instance was gone before that.
    mutating func judge(_ roster: Roster, own: Instance?) -> Bool {
        trustsLedger = provesLedger(roster, own)
        sawNewer =
            own.map { own in
                roster.instances.contains {
                    $0.isPeer(of: own) && own.isOlder(than: $0) && $0.status != .idle
                }
            } ?? true
        return trustsLedger
    }

    private func provesLedger(_ roster: Roster, _ own: Instance?) -> Bool {
        guard roster.isComplete, let own, let last = past.last?.instance, last < own.id,
            past.last?.endedAt != nil,
            let end = roster.instances.first(where: { $0.id == last }).flatMap(\.endedAt)
        else { return false }
        return roster.instances.allSatisfy { instance in
            guard instance.isPeer(of: own), instance.id != last, instance.status != .idle else { return true }
            return instance.id < last
                && (instance.endedAt.map { $0.advanced(by: Lease.afterlife) < end } ?? false)
        }
    }

    /// What another instance does from now on is not in this ledger.
    mutating func scheduled() { trustsLedger = false }

    // MARK: Times that are still to come

    func hasRows(beyond instant: Instant) -> Bool { past.newestFireTime.map { $0 > instant } ?? false }

    mutating func tookBackRows() { past.newestFireTime = nil }

    /// For a job whose mark lay in the future when this process began: its newest decided fire time that did not.
    mutating func takeLastDecided(of job: String) -> Instant? { past.lastDecided.removeValue(forKey: job) }

    mutating func sawOthers() { hadOthers = true }

    mutating func surveyed() { isBlank = false }

    /// Whether a fire time that fell due at `due` may have been posted by an unknown instance.
    func mustLookUp(dueAt due: Instant) -> Bool { due <= unknownPostsUntil }

    /// Whether the ledger may lack what other instances did. In CI it always may, unless `judge` proved the contrary.
    /// Elsewhere it may when it is empty, which is a first start or a loss, or when it is an older copy of the ledger
    /// that was used last.
    var needsSurvey: Bool { isBlank || (isInCI ? !trustsLedger : !past.isLatest) }

    /// The last moment at which a POST may have been sent that the ledger does not know.
    var lastUnknownPost: Instant {
        isInCI && unknownPostsUntil != .distantPast ? othersPostedUntil : unknownPostsUntil
    }

    /// When GitLab has carried out every POST of unknown instances: then the scheduler asks it once more. nil: there is
    /// nothing to ask.
    func secondLook(settle: Duration, now: Instant) -> Instant? {
        let done = lastUnknownPost.advanced(by: settle)
        return done > now && !(isInCI && trustsLedger) ? done : nil
    }

    /// Whether everything that other instances posted is known by now. `wasSole`: no older instance was left at the
    /// start.
    func knowsOthers(wasSole: Bool, settle: Duration, now: Instant) -> Bool {
        !isInCI || (wasSole && !hadOthers) || othersPostedUntil.advanced(by: settle) <= now
    }

    /// The own clock was set by `step`. Other machines compared fire times with their own clocks, so a step of this
    /// clock may move `unknownPostsUntil` only forward.
    mutating func clockWasSet(by step: Duration) {
        began = began.advanced(by: step)
        othersPostedUntil = othersPostedUntil.advanced(by: step)
        unknownPostsUntil = max(unknownPostsUntil, unknownPostsUntil.advanced(by: step))
        tookOverAt = tookOverAt?.advanced(by: step)
    }
}
