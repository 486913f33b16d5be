public import CivilTime

/// What the scheduler wants done about one or more events, by who does it.
///
/// The loop begins the posts first: an earlier decision made their claims durable. Then it makes the changes durable, and
/// only then does it start the requests and tell the news.
public struct Decision: Sendable {
    /// For GitLab: pipelines to create.
    public var posts: [Order] = []
    /// For the ledger: one transaction.
    public var changes: [Change] = []
    /// For GitLab: everything else.
    public var requests: [Request] = []
    /// For people: the log.
    public var news: [News] = []
    /// Runs that ended before this instant are forgotten; nil: none are.
    public var pruneBefore: Instant?
    /// How the process ends; nil: it goes on.
    public var ending: Ending?

    public init() {}

    /// Whether there is nothing to do.
    public var isEmpty: Bool {
        posts.isEmpty && changes.isEmpty && requests.isEmpty && news.isEmpty && pruneBefore == nil
            && ending == nil
    }
}

/// A question or an instruction to GitLab. The answer comes back as an `Event`.
public enum Request: Sendable {
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
    /// Whether GitLab has this project and ref: `verified`.
    case verify(project: String, ref: String)
    /// Which CI job is this instance: `identified`.
    case identify(job: Int64)
    /// Give a pipeline its run id as its name: `named`.
    case name(RunID, project: String, pipeline: Int64)
    /// Create a pipeline that contains the CI job of a successor: `successorStarted`.
    case startSuccessor(project: String, ref: String, of: Int64, mark: MarkKind)
    /// The project's CI jobs except `besides`, newest first: down to the id `downTo` and a page more, or as many pages
    /// as are reasonable: `formerListed`.
    case listFormer(besides: Int64, downTo: Int64?)
    /// The CI jobs that may be instances, with ids from `above` on, or all: `instancesListed`.
    case listInstances(above: Int64?)
    /// Find all pipelines with run ids that were created at `since` (GitLab's clock) or later; `changed`: also those
    /// that were retried, canceled or came to their end since; `asksMark`: and how the newest of them was marked: `surveyed`.
    case survey(project: String, since: Instant, changed: Bool, asksMark: Bool = false)
    /// Bring messages to a channel: `delivered`.
    case deliver(Parcel)
    /// Give a sign of life to the heartbeat's address: `beaten`.
    case beat

    /// Whether it goes to GitLab.
    public var isForGitLab: Bool {
        switch self {
        case .deliver, .beat: false
        default: true
        }
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
    /// How the marks travel.
    public var mark: MarkKind
    /// The time that the run covers; nil: `trigger` runs the job outside its schedule.
    public var interval: Interval?
    /// Drop the POST when this much time has passed since the decision: the lease may have expired. A process may be
    /// stopped at any point.
    public var sendWithin: Duration
}

/// The half-open stretch of time that a run covers: from the fire time before its own to its own.
public struct Interval: Hashable, Sendable {
    /// nil: the schedule has no earlier fire time.
    public var start: Instant?
    public var end: Instant

    public init(start: Instant?, end: Instant) {
        self.start = start
        self.end = end
    }
}

/// How the process ends.
public struct Ending: Hashable, Sendable {
    public var code: Int32
    public var words: String
    /// Whether the ledger knows everything that any instance did until now: the next instance that begins with it need
    /// not ask GitLab.
    public var ledgerIsWhole: Bool

    public init(code: Int32, words: String, ledgerIsWhole: Bool = false) {
        self.code = code
        self.words = words
        self.ledgerIsWhole = ledgerIsWhole
    }
}
