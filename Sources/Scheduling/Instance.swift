public import CivilTime

/// An instance as GitLab sees it: a CI job. Its times are on GitLab's clock until `Scheduler.ownClock` turns them.
public struct Instance: Hashable, Sendable {
    public enum Status: Hashable, Sendable {
        /// It waits for a resource group that another CI job holds.
        case waiting
        case running
        /// GitLab has asked it to end.
        case ending
        case over(isSuccess: Bool, at: Instant?)
        /// Not started, and perhaps never going to be.
        case idle
    }

    public var id: Int64
    public var name: String
    public var ref: String
    public var createdAt: Instant
    public var startedAt: Instant?
    /// `startedAt` on GitLab's clock, once `startedAt` itself is on the own one.
    var startedThere: Instant?
    public var status: Status

    public init(
        id: Int64, name: String, ref: String, createdAt: Instant, startedAt: Instant? = nil, status: Status
    ) {
        self.id = id
        self.name = name
        self.ref = ref
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.status = status
    }

    var isRunning: Bool { status == .running }
}

/// A list of instances, and GitLab's clock when it was made.
public struct Roster: Sendable {
    public var instances: [Instance]
    /// Whether it has every instance that the request asked for.
    public var isComplete: Bool
    public var serverTime: Instant?

    public init(instances: [Instance], isComplete: Bool = true, serverTime: Instant? = nil) {
        self.instances = instances
        self.isComplete = isComplete
        self.serverTime = serverTime
    }
}

extension Instance {
    /// Order of creation; the id decides between jobs of one pipeline.
    func isOlder(than other: Instance) -> Bool { (createdAt, id) < (other.createdAt, other.id) }

    /// Another job of the same name on the same ref.
    func isPeer(of other: Instance) -> Bool {
        name == other.name && ref == other.ref && id != other.id
    }

    /// When its CI job ended; nil while it goes on, and where GitLab does not tell.
    var endedAt: Instant? { if case .over(_, let end) = status { end } else { nil } }

    /// Whether its process may still run after its CI job. It may when GitLab is ending the job, or when the job ended
    /// without success less than `afterlife` ago.
    func mayHaveProcess(at now: Instant, for afterlife: Duration) -> Bool {
        switch status {
        case .ending: true
        case .over(let isSuccess, let end):
            !isSuccess && (end.map { $0.duration(to: now) < afterlife } ?? false)
        case .running, .waiting, .idle: false
        }
    }
}
