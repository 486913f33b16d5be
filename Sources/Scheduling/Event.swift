public import CivilTime

/// What happened, as the loop tells the scheduler.
public enum Event: Sendable {
    /// The alarm rang, or there is reason to look at the clock.
    case woke
    /// A person or a time service has set the machine's clock, forward or back, since the last event. From now on the
    /// loop tells the new time.
    case clockSet(by: Duration)
    /// The last decision's changes are durable. `duplicates`: fire times that had their row already. `repeated`: messages that
    /// the ledger had already.
    case committed(duplicates: Set<RunID>, repeated: Set<OutboxMessage.Key> = [])
    /// The POST of a run was answered, or its answer will never come.
    case posted(RunID, Answer<Pipeline>)
    /// A project's pipelines were searched for run ids.
    case searched(project: String, Answer<Search>)
    /// A project's recently changed pipelines.
    case listed(project: String, Answer<Listing>)
    /// One pipeline was looked at.
    case looked(RunID, Answer<Sighting>)
    /// The CI jobs of a failed pipeline, retried ones included.
    case jobsListed(RunID, Answer<[CIJob]>)
    /// GitLab has started the CI jobs again, except these: a person or another instance did it before, or GitLab does
    /// not allow it.
    case retried(RunID, Answer<[Int64]>)
    case canceled(RunID, Answer<Void>)
    /// The pipeline of a run has its run id as its name.
    case named(RunID, Answer<Void>)
    /// The CI job this instance is.
    case identified(Answer<Instance>)
    /// GitLab has answered the request for a successor's pipeline.
    case successorStarted(Answer<Pipeline>)
    /// The CI jobs of the project but the own one, newest first.
    case formerListed(Answer<Roster>)
    /// The CI jobs that may be instances: running, or waiting for a resource.
    case instancesListed(Answer<Roster>)
    /// All pipelines of a project that carry run ids, since the instant that was asked for.
    case surveyed(project: String, Answer<Search>)
    /// Whether GitLab has a ref of a project: a failure that does not pass says that it has not. With GitLab's clock, where
    /// the answer tells it.
    case verified(project: String, ref: String, Answer<Instant?>)
    /// The loop has read the job files again, and none has an error.
    case reloaded([Job])
    /// Open runs that another process (`trigger`) wrote into the ledger, and how marks travel as it has it.
    case found([Run], markings: [String: ProjectMark] = [:])
    /// A channel has taken messages, or not.
    case delivered(Parcel, Delivery)
    /// The heartbeat's address has taken a sign of life, or not.
    case beaten(Delivery)
    /// Something about the scheduler itself that only its surroundings see. `subject` tells one such event from the next.
    case noticed(OutboxMessage.Kind, String, subject: String)
    /// A signal asks the process to end.
    case terminated(signal: String)
}

extension Event {
    /// The request changed something in GitLab, so its answer counts even for a replacement scheduler. Any other answer
    /// counts only for the scheduler that asked.
    public var isDeed: Bool {
        switch self {
        case .posted, .retried, .canceled, .named, .successorStarted, .delivered: true
        case .woke, .clockSet, .committed, .searched, .listed, .looked, .jobsListed, .surveyed, .identified,
            .formerListed, .instancesListed, .verified, .reloaded, .found, .beaten, .noticed,
            .terminated:
            false
        }
    }

    /// Why a request brought no answer; nil: it brought one, or the event answers no request.
    public var trouble: Trouble? {
        switch self {
        case .posted(_, .failure(let trouble)), .searched(_, .failure(let trouble)),
            .listed(_, .failure(let trouble)), .looked(_, .failure(let trouble)),
            .jobsListed(_, .failure(let trouble)), .retried(_, .failure(let trouble)),
            .canceled(_, .failure(let trouble)), .named(_, .failure(let trouble)),
            .identified(.failure(let trouble)),
            .successorStarted(.failure(let trouble)), .formerListed(.failure(let trouble)),
            .instancesListed(.failure(let trouble)), .surveyed(_, .failure(let trouble)),
            .verified(_, _, .failure(let trouble)):
            trouble
        default: nil
        }
    }
}

/// The answer to a request, or why there is none.
public typealias Answer<Value> = Result<Value, Trouble>

/// Why a request brought no answer. The cases differ in what may be done next.
public enum Trouble: Error, Hashable, Sendable {
    /// GitLab said no, for good.
    case refused(String)
    /// GitLab refused the way the marks travel, and did nothing: the other way may do.
    case markRefused(String)
    /// GitLab does not have what the request names (any more).
    case gone(String)
    /// GitLab does not take the token: nothing was done, and a person has to replace it.
    case unauthorized(String)
    /// GitLab's plan limits what runs in a project or group, and asks to wait; nothing was done.
    case limited(String, retryAfter: Duration?)
    /// GitLab limits what the token's user does in a minute, and asks to wait; nothing was done.
    case throttled(String, retryAfter: Duration?)
    /// GitLab hit a fault that may pass, and did nothing.
    case faulty(String)
    /// The request was certainly not carried out.
    case unavailable(String)
    /// The request may have been carried out.
    case uncertain(String)

    public var words: String {
        switch self {
        case .refused(let words), .markRefused(let words), .gone(let words), .unauthorized(let words),
            .limited(let words, _),
            .throttled(let words, _), .faulty(let words), .unavailable(let words), .uncertain(let words):
            words
        }
    }

    /// How long GitLab asked to wait.
    var retryAfter: Duration? {
        switch self {
        case .limited(_, let retryAfter), .throttled(_, let retryAfter): retryAfter
        case .refused, .markRefused, .gone, .unauthorized, .faulty, .unavailable, .uncertain: nil
        }
    }

    /// Whether asking again later can help.
    var isPassing: Bool {
        switch self {
        case .refused, .markRefused, .gone: false
        case .unauthorized, .limited, .throttled, .faulty, .unavailable, .uncertain: true
        }
    }
}

/// A pipeline as a list or a look shows it.
public struct Sighting: Hashable, Sendable {
    /// The run id in its name; nil where the name carries none.
    public var run: RunID?
    public var pipeline: Pipeline
    public var progress: Progress
    public var ref: String?
    /// GitLab's clock.
    public var createdAt: Instant?
    public var changedAt: Instant?
    /// Lists do not tell it. A pipeline that is over changed last when it ended, so `changedAt` stands for it there.
    public var finishedAt: Instant?

    public init(
        run: RunID? = nil, pipeline: Pipeline, progress: Progress, ref: String? = nil,
        createdAt: Instant? = nil, changedAt: Instant? = nil, finishedAt: Instant? = nil
    ) {
        self.run = run
        self.pipeline = pipeline
        self.progress = progress
        self.ref = ref
        self.createdAt = createdAt
        self.changedAt = changedAt
        self.finishedAt = finishedAt
    }
}

/// How far a pipeline is: GitLab's thirteen statuses, as far as they differ here.
public enum Progress: Hashable, Sendable {
    case going
    case blocked
    case succeeded
    case failed
    case canceled
    case skipped
    /// A status this version does not know: not final.
    case unknown(String)
}

/// Pipelines that changed, and GitLab's clock when it looked.
public struct Listing: Sendable {
    public var sightings: [Sighting]
    public var serverTime: Instant?

    public init(sightings: [Sighting], serverTime: Instant?) {
        self.sightings = sightings
        self.serverTime = serverTime
    }
}

/// The pipelines that carry the run ids that were searched for.
public struct Search: Sendable {
    /// Also pipelines of runs that the search did not ask for.
    public var found: [RunID: [Sighting]]
    /// Whether GitLab showed every pipeline that could carry one of the run ids. Only then does a missing pipeline mean
    /// anything.
    public var isComplete: Bool
    /// Pipelines whose variables this token may not read, and whose names carry no run id.
    public var closed = 0
    /// The newest pipeline with a run id in its name, and how its marks travelled; nil: there is none, or nobody asked.
    public var newestNamed: (pipeline: Int64, kind: MarkKind)?
    public var serverTime: Instant?

    public init(found: [RunID: [Sighting]], isComplete: Bool, serverTime: Instant?) {
        self.found = found
        self.isComplete = isComplete
        self.serverTime = serverTime
    }
}

/// A job of a pipeline, as far as retrying needs it.
public struct CIJob: Hashable, Sendable {
    public enum Status: Hashable, Sendable { case open, failed, canceled, over }

    public var id: Int64
    public var name: String
    public var status: Status
    public var mayFail: Bool
    /// GitLab's clock.
    public var createdAt: Instant?
    public var finishedAt: Instant?
    /// Its work is to start another pipeline. GitLab lists only the latest attempt of a trigger job.
    public var isTrigger: Bool
    public var stage: String?
    /// GitLab's word for why it failed, such as `script_failure`.
    public var failureReason: String?

    public init(
        id: Int64, name: String, status: Status, mayFail: Bool, createdAt: Instant? = nil,
        finishedAt: Instant? = nil, isTrigger: Bool = false, stage: String? = nil,
        failureReason: String? = nil
    ) {
        self.id = id
        self.name = name
        self.status = status
        self.mayFail = mayFail
        self.createdAt = createdAt
        self.finishedAt = finishedAt
        self.isTrigger = isTrigger
        self.stage = stage
        self.failureReason = failureReason
    }
}
