public import CivilTime

/// The identity of a run: one fire time of one job.
public struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let job: String
    public let fireTime: Instant

    public init(job: String, fireTime: Instant) {
        self.job = job
        self.fireTime = fireTime
    }

    /// Oldest fire time first.
    public static func < (left: RunID, right: RunID) -> Bool {
        (left.fireTime, left.job) < (right.fireTime, right.job)
    }

    /// `<job>@<fire time, RFC 3339 UTC>`: what GitLab knows a run by.
    public var description: String { "\(job)@\(fireTime.rfc3339)" }

    /// Reads `description` back; nil for anything else, and for a time before 1970, which no ledger keeps.
    public init?(_ text: some StringProtocol) {
        guard let at = text.lastIndex(of: "@"), at > text.startIndex,
            let time = Instant(rfc3339: text[text.index(after: at)...]), time.microseconds >= 0
        else { return nil }
        self.init(job: String(text[..<at]), fireTime: time)
    }
}

/// One fire time being carried out, as the ledger keeps it.
public struct Run: Hashable, Sendable {
    public let id: RunID
    public var state: RunState
    /// Why it is in this state, in words for people; GitLab's own where there are any.
    public var reason: String?
    public var project: String?
    public var ref: String?
    public var pipeline: Pipeline?
    /// 0 before the first pipeline job ran, then 1 and one more for each retry.
    public var attempts = 0
    /// The instance that claimed it: its CI job id, or empty outside CI.
    public var instance = ""
    public var claimedAt: Instant?
    /// The last moment at which a POST for this run may have been sent.
    public var sentAt: Instant?
    public var triggeredAt: Instant?
    public var finishedAt: Instant?
    /// The run is not posted earlier: GitLab asked to wait, or did not answer.
    public var notBefore: Instant?
    /// How its marks travelled in the last POST.
    public var mark = MarkKind.variables

    public init(_ id: RunID, state: RunState, reason: String? = nil) {
        self.id = id
        self.state = state
        self.reason = reason
    }

    /// From the fire time to the creation of the pipeline; nil where there is none.
    public var lateness: Duration? { triggeredAt.map { id.fireTime.duration(to: $0) } }

    /// From the creation of the pipeline to the end of the run; nil without either.
    public var length: Duration? {
        triggeredAt.flatMap { start in finishedAt.map { start.duration(to: $0) } }
    }
}

/// The pipeline GitLab created for a run.
public struct Pipeline: Hashable, Sendable {
    public var id: Int64
    public var url: String

    public init(id: Int64, url: String) {
        self.id = id
        self.url = url
    }
}

/// Where a run stands. The raw values are what the ledger stores and the commands print.
///
///     claimed ──201──▶ triggered ──▶ succeeded | failed | canceled | skipped | blocked
///        │                 └─ failed, attempts left ─▶ retrying ─▶ triggered
///        ├── a definite no ─▶ refused
///        ├── rate limited, GitLab down ─▶ claimed, with a not-before
///        └── answer lost ─▶ uncertain ── reconcile ──▶ triggered | claimed | lost
public enum RunState: String, Sendable, CaseIterable {
    /// Recorded, and not triggered yet.
    case claimed
    /// The POST may have created a pipeline; GitLab has to be asked.
    case uncertain
    /// The pipeline exists and goes its way.
    case triggered
    /// The pipeline failed and is about to be retried.
    case retrying
    /// The pipeline waits for a person (GitLab's `manual`).
    case blocked
    case succeeded
    case failed
    case canceled
    /// Never ran: our own skip, or GitLab's.
    case skipped
    /// GitLab said no, for good.
    case refused
    /// The scheduler could not find out whether a pipeline was created, or the pipeline is gone from GitLab.
    case lost

    /// Whether anything can still happen to the run.
    public var isOpen: Bool {
        switch self {
        case .claimed, .uncertain, .triggered, .retrying, .blocked: true
        case .succeeded, .failed, .canceled, .skipped, .refused, .lost: false
        }
    }
}

/// What the ledger is to write; a list of them is one transaction.
public enum Change: Hashable, Sendable {
    /// A new row. When the fire time has one already, the ledger writes nothing and reports the run id back.
    case insert(Run)
    /// Skipped fire times, as if each had its row. The ledger inserts them, and reports those back that have a row
    /// already.
    case skip(SkipSpan)
    /// The row of this run as it is now, and its transition when the state or the reason changed.
    case update(Run, at: Instant)
    /// Every fire time of the job up to and including `through` has its row. A mark goes back only beside a `withdraw`.
    case cover(job: String, through: Instant)
    /// Fire times after this are undecided again: the rows of those that never ran are deleted.
    case withdraw(after: Instant)
    /// The job is no longer declared: it has no covered-through mark any more. Its runs stay.
    case forget(job: String)
    /// How marks travel in a project.
    case mark(project: String, ProjectMark)
    /// A message for a channel, once. Not where its run turned out to have a row already.
    case tell(OutboxMessage)
    /// These messages were taken, or are given up.
    case told([OutboxMessage.Key], at: Instant)
    /// The bad runs of a job; nil: it has none. Not where the run that changed it turned out to have a row already.
    case incident(job: String, Incident?, since: RunID)
}
