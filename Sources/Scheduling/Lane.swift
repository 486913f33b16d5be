import CivilTime
import DequeModule

/// The claims that wait for their POST to one ref of one project, where GitLab counts pipelines per minute.
struct Lane: Sendable {
    struct Key: Hashable, Comparable, Sendable {
        var project: String
        var ref: String

        static func < (left: Key, right: Key) -> Bool {
            (left.project, left.ref) < (right.project, right.ref)
        }
    }

    private var bucket: RateBucket
    /// Oldest fire time first.
    private(set) var waiting: Deque<RunID> = []
    /// GitLab asked to wait until then.
    private(set) var pausedUntil: Instant?
    /// When to try again after POSTs that did not get through. A POST that gets through ends the wait.
    private var retryAt: Instant?
    /// Times in a row that no POST got through. After a failure, the lane tries one POST at a time.
    private(set) var failures = 0
    private var isProbing = false

    init(perMinute: Int) { bucket = RateBucket(perMinute: perMinute) }

    var isEmpty: Bool { waiting.isEmpty }

    /// Adds a claim in its place: the oldest fire time goes first.
    mutating func add(_ id: RunID) {
        guard let last = waiting.last, id < last else { return waiting.append(id) }
        let place = waiting.firstIndex { id < $0 } ?? waiting.endIndex
        waiting.insert(id, at: place)
    }

    mutating func remove(_ id: RunID) {
        if let place = waiting.firstIndex(of: id) { waiting.remove(at: place) }
    }

    /// The next claim that may be posted now; it is taken out.
    mutating func release(at now: Instant) -> RunID? {
        guard !isEmpty, nextRelease(at: now) == now, bucket.take(at: now) else { return nil }
        isProbing = failures > 0
        return waiting.popFirst()
    }

    /// When the next claim may be posted; nil when none waits, or an answer has to come first.
    func nextRelease(at now: Instant) -> Instant? {
        guard !isEmpty, !isProbing else { return nil }
        return max(now, pausedUntil ?? now, retryAt ?? now, bucket.nextFree(at: now))
    }

    /// A POST got through: GitLab has answered it.
    mutating func answered() {
        failures = 0
        isProbing = false
        retryAt = nil
    }

    /// A POST did not get through. Returns when to try again: the wait grows with each failure, and POSTs that fail
    /// together count once.
    mutating func failed(at now: Instant, key: String) -> Instant {
        isProbing = false
        if let retryAt, now < retryAt { return retryAt }
        failures += 1
        let next = now.advanced(by: Backoff.outage(failures, of: key))
        retryAt = next
        return next
    }

    /// A claim that the lane let go was not posted after all: the next one may go.
    mutating func passed() { isProbing = false }

    /// Whether a claim that the lane let go before may still be posted.
    func isOpen(at now: Instant) -> Bool {
        max(pausedUntil ?? now, retryAt ?? now) <= now && (failures == 0 || isProbing)
    }

    /// Nothing is posted before `instant`.
    mutating func pause(until instant: Instant) {
        pausedUntil = max(pausedUntil ?? instant, instant)
    }

    /// After the clock was set: a pause is measured in time that passes, not on the clock.
    mutating func clockWasSet(by step: Duration) {
        pausedUntil = pausedUntil?.advanced(by: step)
        retryAt = retryAt?.advanced(by: step)
    }
}
