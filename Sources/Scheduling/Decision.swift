public import Cron

/// What the scheduler wants done: first the changes, durably and in one transaction, then the effects. Only POSTs may be
/// begun before: what they need is durable since an earlier decision.
public struct Decision: Sendable {
    public var changes: [Change] = []
    public var effects: [Effect] = []

    public init() {}

    public mutating func append(_ other: Decision) {
        changes += other.changes
        effects += other.effects
    }

    /// Takes out the POSTs, which need not wait for these changes.
    public mutating func takePosts() -> [Effect] {
        let posts = effects.filter(\.isPost)
        if !posts.isEmpty { effects.removeAll(where: \.isPost) }
        return posts
    }
}

/// An act on the outside world. The answer comes back as an `Event`.
public enum Effect: Sendable {
    /// Create the pipeline of a run: `posted`.
    case post(Order)
    /// Find the pipelines with these run ids, created at `since` or later: `searched`.
    case search(project: String, runs: [RunID], since: Instant)
    /// The pipelines that changed after an instant of GitLab's clock: `listed`.
    case list(project: String, changedAfter: Instant)
    /// One pipeline: `looked`.
    case look(RunID, project: String, pipeline: Int64)
    /// The CI jobs of a pipeline: `jobsListed`.
    case listJobs(RunID, project: String, pipeline: Int64)
    /// Start these CI jobs again: `retried`.
    case retry(RunID, project: String, jobs: [Int64])
    /// Cancel a pipeline: `canceled`.
    case cancel(RunID, project: String, pipeline: Int64)
    /// Which CI job is this instance: `identified`.
    case identify(job: Int64)
    /// Create a pipeline that contains the CI job of a successor: `successorStarted`.
    case startSuccessor(project: String, ref: String, of: Int64)
    /// The CI jobs of the project but `besides`, down to the id `downTo` and some more, or as many as are reasonable:
    /// `formerListed`.
    case listFormer(besides: Int64, downTo: Int64?)
    /// The CI jobs that may be instances, with ids from `above` on, or all: `instancesListed`.
    case listInstances(above: Int64?)
    /// Find all pipelines with run ids that were created at `since` (GitLab's clock) or later; `changed`: also those
    /// that were retried, cancelled or came to their end since: `surveyed`.
    case survey(project: String, since: Instant, changed: Bool)
    /// Forget runs that ended before the instant.
    case prune(before: Instant)
    case log(Notice)
    /// End the process.
    case finish(Ending)

    fileprivate var isPost: Bool {
        guard case .post = self else { return false }
        return true
    }
}

/// What a POST needs.
public struct Order: Sendable {
    public var run: RunID
    public var job: Job
    public var project: String
    public var ref: String
    /// The instance that posts: its CI job id, or empty.
    public var instance: String
    /// Not to be sent any more so long after it was decided: the lease is over then. A process may be stopped at any
    /// point.
    public var sendWithin: Duration
}

/// How the process ends.
public struct Ending: Hashable, Sendable {
    public var code: Int32
    public var words: String
    /// Whether the ledger knows all that was done until now, by whomever: who begins with it need not ask GitLab.
    public var ledgerIsWhole: Bool

    public init(code: Int32, words: String, ledgerIsWhole: Bool = false) {
        self.code = code
        self.words = words
        self.ledgerIsWhole = ledgerIsWhole
    }
}

/// One line of the log.
public struct Notice: Hashable, Sendable {
    public enum Level: String, Sendable, CaseIterable, Comparable {
        case debug, info, warning, error

        public static func < (left: Level, right: Level) -> Bool {
            Level.allCases.firstIndex(of: left) ?? 0 < Level.allCases.firstIndex(of: right) ?? 0
        }
    }

    public var level: Level
    /// What happened, in one or two words, such as `triggered`: for machines to filter on.
    public var event: String
    public var message: String
    public var run: RunID?
    public var pipelineURL: String?

    public init(
        _ level: Level, _ event: String, _ message: String, run: RunID? = nil, pipelineURL: String? = nil
    ) {
        self.level = level
        self.event = event
        self.message = message
        self.run = run
        self.pipelineURL = pipelineURL
    }
}
