import Cron

/// Whether this instance is the newest, and for how long that is known.
///
/// Outside CI there is nobody else: the ledger's lock sees to that. In CI the jobs API says which
/// instances there are; the newest wins, and it may post only while its last proof is fresh.
struct Lease: Sendable {
    enum Standing: Hashable, Sendable {
        /// Own CI job not known yet.
        case unidentified
        /// An older instance may still be posting.
        case standby(older: Int64)
        case newest
        /// A newer instance runs (`waits` false), or waits for this one to end.
        case superseded(by: Int64, waits: Bool)
    }

    /// Requests an older instance may still have under way when its lease is over.
    private static let margin = Duration.seconds(5)

    private(set) var standing: Standing
    private let length: Duration
    private var started: Instant
    private(set) var own: Instance?
    /// When the request of the last proof was sent.
    private var provedAt: Instant?
    private var askedAt: Instant?
    private(set) var failures = 0

    init(instance: Int64?, length: Duration, started: Instant) {
        standing = instance == nil ? .newest : .unidentified
        self.length = length
        self.started = started
    }

    /// Whether a POST may be sent at `now`.
    func allowsPosting(inCI: Bool, at now: Instant) -> Bool {
        guard standing == .newest else { return false }
        guard inCI else { return true }
        guard let provedAt, provedAt <= now else { return false }
        return provedAt.duration(to: now) < length
    }

    var isAsking: Bool { askedAt != nil }

    mutating func asked(at now: Instant) { askedAt = now }

    mutating func failed() {
        askedAt = nil
        failures += 1
    }

    mutating func identified(_ instance: Instance) {
        askedAt = nil
        failures = 0
        own = instance
    }

    /// Judges the instances that exist. Those of another name or ref are strangers.
    mutating func saw(_ instances: [Instance], at now: Instant) {
        defer { askedAt = nil }
        failures = 0
        guard let own, let askedAt else { return }
        let peers = instances.filter { $0.name == own.name && $0.ref == own.ref && $0.id != own.id }
        if let successor = peers.filter({ own.isOlder(than: $0) }).max(by: { $0.isOlder(than: $1) }) {
            let running = peers.contains { $0.isRunning && own.isOlder(than: $0) }
            standing = .superseded(by: successor.id, waits: !running)
            return
        }
        provedAt = askedAt
        guard standing != .newest else { return }
        let older = peers.filter { $0.isRunning }.max { $0.isOlder(than: $1) }
        let patience = length + Self.margin
        guard let older, started.duration(to: now) < patience else {
            standing = .newest
            return
        }
        standing = .standby(older: older.id)
    }

    /// After the clock was set back by `step`, which is negative, the age of the last proof is unknown.
    mutating func clockWentBack(by step: Duration) {
        provedAt = nil
        started = started.advanced(by: step)
        askedAt = askedAt?.advanced(by: step)
    }
}

extension Instance {
    /// Order of creation; the id decides between jobs of one pipeline.
    func isOlder(than other: Instance) -> Bool {
        (createdAt, id) < (other.createdAt, other.id)
    }
}
