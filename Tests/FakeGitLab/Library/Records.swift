/// A variable of a pipeline.
public struct FakeVariable: Sendable, Equatable {
    public var key: String
    public var value: String
    /// `env_var` or `file`.
    public var type: String

    public init(key: String, value: String, type: String = "env_var") {
        self.key = key
        self.value = value
        self.type = type
    }
}

/// A status and when it began.
public struct FakeStatusChange: Sendable, Equatable {
    public let status: FakeStatus
    /// Microseconds since 1970.
    public let at: Int64

    public init(status: FakeStatus, at: Int64) {
        self.status = status
        self.at = at
    }
}

/// A pipeline as GitLab stores it. Times are microseconds since 1970.
public struct FakePipeline: Sendable {
    public let id: Int64
    public let iid: Int64
    public let projectID: Int64
    public let ref: String
    public let sha: String
    /// `api`, `trigger`, `pipeline`, `schedule`, …
    public let source: String
    public let user: FakeUser
    public internal(set) var name: String?
    public let variables: [FakeVariable]
    public let inputs: FakeJSON
    public let createdAt: Int64
    public internal(set) var updatedAt: Int64
    public internal(set) var startedAt: Int64?
    public internal(set) var finishedAt: Int64?
    public internal(set) var status = FakeStatus.created
    /// Every status it had, the first one included.
    public internal(set) var history: [FakeStatusChange]
    /// Every job, retried ones included, in the order of their ids.
    public internal(set) var jobIDs: [Int64] = []
    /// The username that canceled it; `auto-cancel` after a push, `job-failure` after a job's failure.
    public internal(set) var canceledBy: String?
    /// Its job stands for an instance of the scheduler: see `startInstance`.
    public let isInstance: Bool
    /// The trigger job that started it, if it is a child.
    public let parentJobID: Int64?
    public internal(set) var isDeleted = false
    var behaviour: FakeBehaviour

    /// The value of a variable of this pipeline: one that it was created with, or else an input of that name. The CI file
    /// sets `ORCHESTRATE_…` from the inputs `orchestrate_…`.
    public func variable(_ key: String) -> String? {
        if let sent = variables.first(where: { $0.key == key }) { return sent.value }
        let isMark = key.hasPrefix("ORCHESTRATE_")
        return inputs[isMark ? key.lowercased() : key].text
    }

    /// The run id that the scheduler gave it.
    public var runID: String? { variable("ORCHESTRATE_RUN_ID") }
}

/// A CI job as GitLab stores it. Times are microseconds since 1970.
public struct FakeJob: Sendable {
    public let id: Int64
    public let pipelineID: Int64
    public let plan: FakeJobPlan
    public let createdAt: Int64
    /// 1 for the first, one more for each retry.
    public let attempt: Int
    public internal(set) var status = FakeStatus.created
    /// Every status it had, the first one included.
    public internal(set) var history: [FakeStatusChange]
    public internal(set) var queuedAt: Int64?
    public internal(set) var startedAt: Int64?
    public internal(set) var finishedAt: Int64?
    /// When a newer job replaced it.
    public internal(set) var retriedAt: Int64?
    public internal(set) var resourceGroup: String?
    /// The pipeline that it started, if it is a trigger job.
    public internal(set) var childID: Int64?
    /// Its turn has come: the stages before it are over.
    var isStarted = false
    /// Goes up with each change, so that changes planned earlier are dropped.
    var generation = 0

    public var name: String { plan.name }
    /// Whether a newer job has replaced it.
    public var isRetried: Bool { retriedAt != nil }
    /// The value of `CI_JOB_TOKEN` in this job. It is valid only while the job runs.
    public var token: String { "fake-job-token-\(id)" }

    /// Whether it is a trigger job. That is no build, and lists of jobs leave it out.
    public var isBridge: Bool { plan.child != nil }

    public var failureReason: String? { status == .failed ? plan.failureReason : nil }
}

/// A line for a person who watches: something happened to a pipeline or to an instance.
public struct FakeNotice: Sendable, CustomStringConvertible {
    /// Microseconds since 1970.
    public let at: Int64
    public let text: String

    public var description: String { "\(Timestamp.text(at)) \(text)" }
}
