/// The thirteen statuses that pipelines and jobs share.
public enum FakeStatus: String, Sendable, CaseIterable {
    case created
    case waitingForResource = "waiting_for_resource"
    case preparing
    case waitingForCallback = "waiting_for_callback"
    case pending, running, success, failed, canceling, canceled, skipped, manual, scheduled

    /// Nothing changes this status any more, neither by itself nor by a person, except a retry.
    public var isFinal: Bool {
        switch self {
        case .success, .failed, .canceled, .skipped: true
        default: false
        }
    }
}

/// What the CI file says about `workflow: auto_cancel:`.
public enum FakeAutoCancel {
    /// What a newer pipeline on another commit does to this one.
    public enum OnNewCommit: String, Sendable, CaseIterable {
        /// It cancels the whole pipeline, unless a job without `interruptible: true` has started.
        case conservative
        /// It cancels only the jobs with `interruptible: true`.
        case interruptible
        case none
    }

    /// What a failed job does to the other jobs of its pipeline.
    public enum OnJobFailure: String, Sendable, CaseIterable { case none, all }
}

/// How a pipeline goes: its jobs, and how long each part takes. All durations are in microseconds.
public struct FakeBehaviour: Sendable, Equatable {
    public var jobs = [FakeJobPlan(name: "work")]
    /// From the creation, or from the end of the previous stage, until a job is `pending`.
    public var createdFor: Int64 = 50_000
    public var pendingFor: Int64 = 200_000
    public var runsFor: Int64 = 3_000_000
    /// How long a canceled job that was running is `canceling`.
    public var cancelingFor: Int64 = 200_000
    public var onNewCommit = FakeAutoCancel.OnNewCommit.conservative
    public var onJobFailure = FakeAutoCancel.OnJobFailure.none

    public init() {}

    public init(runsFor: Int64, jobs: [FakeJobPlan] = [FakeJobPlan(name: "work")]) {
        self.runsFor = runsFor
        self.jobs = jobs
    }

    /// The same, changed by the variables or inputs of one pipeline, so that a job file can steer the simulation: `FAKE_DURATION`
    /// (seconds), `FAKE_PENDING` (seconds), `FAKE_FAILURES` (attempts of the last job that fail), `FAKE_STATUS` (the
    /// status in which the last job ends or stays), `FAKE_REASON` (its `failure_reason`), `FAKE_CHILD` (the last job is
    /// a trigger job that waits for a child pipeline, whose only job ends with this status), `FAKE_RETRYABLE` and
    /// `FAKE_INTERRUPTIBLE` (`true` or `false`, of the last job), `FAKE_ON_NEW_COMMIT` and `FAKE_ON_JOB_FAILURE` (as in
    /// `workflow: auto_cancel:`).
    func changed(by variables: [FakeVariable]) -> FakeBehaviour {
        var changed = self
        for variable in variables where variable.key.hasPrefix("FAKE_") {
            changed.apply(variable)
        }
        return changed
    }

    private mutating func apply(_ variable: FakeVariable) {
        switch variable.key {
        case "FAKE_DURATION": runsFor = Self.microseconds(variable.value) ?? runsFor
        case "FAKE_PENDING": pendingFor = Self.microseconds(variable.value) ?? pendingFor
        case "FAKE_ON_NEW_COMMIT":
            onNewCommit = FakeAutoCancel.OnNewCommit(rawValue: variable.value) ?? onNewCommit
        case "FAKE_ON_JOB_FAILURE":
            onJobFailure = FakeAutoCancel.OnJobFailure(rawValue: variable.value) ?? onJobFailure
        default: applyToLastJob(variable)
        }
    }

    private mutating func applyToLastJob(_ variable: FakeVariable) {
        guard var job = jobs.popLast() else { return }
        switch variable.key {
        case "FAKE_FAILURES": job.failures = Int(variable.value) ?? job.failures
        case "FAKE_STATUS": job.outcome = FakeStatus(rawValue: variable.value) ?? job.outcome
        case "FAKE_REASON": job.failureReason = variable.value
        case "FAKE_CHILD":
            let outcome = FakeStatus(rawValue: variable.value) ?? .success
            job.child = FakeChild(jobs: [FakeJobPlan(name: "child", outcome: outcome)])
        case "FAKE_RETRYABLE": job.isRetryable = FakeJSON.string(variable.value).bool ?? job.isRetryable
        case "FAKE_INTERRUPTIBLE":
            job.isInterruptible = FakeJSON.string(variable.value).bool ?? job.isInterruptible
        default: break
        }
        jobs.append(job)
    }

    /// Seconds with an optional fraction, as microseconds; nil if it is not a number from 0 to a billion.
    public static func microseconds(_ seconds: String) -> Int64? {
        guard let number = Double(seconds), (0...1e9).contains(number) else { return nil }
        return Int64(number * 1e6)
    }
}

/// One job of a pipeline, as its CI file declares it.
public struct FakeJobPlan: Sendable, Equatable {
    public var name: String
    /// Stages run one after another, in the order in which they appear.
    public var stage: String
    public var allowFailure: Bool
    /// The last status of the job. If it is not final, the job stays in it.
    public var outcome: FakeStatus
    /// This many attempts fail before `outcome` counts.
    public var failures: Int
    public var failureReason: String
    /// `interruptible: true` in the CI file.
    public var isInterruptible: Bool
    /// False for a job that GitLab never retries, such as one of a rejected deployment, or an archived one.
    public var isRetryable: Bool
    /// Makes it a trigger job. An attempt that fails because of `failures` creates no child.
    public var child: FakeChild?

    public init(
        name: String, stage: String = "run", allowFailure: Bool = false, outcome: FakeStatus = .success,
        failures: Int = 0, failureReason: String = "script_failure", isInterruptible: Bool = false,
        isRetryable: Bool = true, child: FakeChild? = nil
    ) {
        self.name = name
        self.stage = stage
        self.allowFailure = allowFailure
        self.outcome = outcome
        self.failures = failures
        self.failureReason = failureReason
        self.isInterruptible = isInterruptible
        self.isRetryable = isRetryable
        self.child = child
    }
}

/// The pipeline that a trigger job starts in its own project.
public struct FakeChild: Sendable, Equatable {
    public var jobs: [FakeJobPlan]
    /// `strategy: depend`: the trigger job ends as the child does. Otherwise it ends when GitLab has created the child.
    public var isAwaited: Bool

    public init(jobs: [FakeJobPlan] = [FakeJobPlan(name: "child")], isAwaited: Bool = true) {
        self.jobs = jobs
        self.isAwaited = isAwaited
    }
}
