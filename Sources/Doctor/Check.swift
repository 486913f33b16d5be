/// What `doctor` looks at, in the order in which it tells it.
public enum CheckID: String, Sendable, CaseIterable, Comparable {
    case env
    case jobFiles = "job-files"
    case ledger
    case timeZones = "time-zones"
    case notify, gitlab, clock, token
    case tokenScope = "token.scope"
    case tokenExpiry = "token.expiry"
    case project
    case archived = "project.archived"
    case pipelines = "pipelines.enabled"
    case role
    case roleExpiry = "role.expiry"
    case ref
    case protectedRef = "ref.protected"
    case ciFile = "ci.file"
    case ciJob = "ci.job"
    case variablesRole = "variables.role"
    case inputs = "inputs.declared"
    case workflowName = "workflow.name"
    case autoCancel = "auto-cancel"
    case cleanup, runners
    case successor = "schedule.successor"
    case schedulerJob = "scheduler.job"
    case doubled = "schedule.double"
    case freeze, rate

    public static func < (left: CheckID, right: CheckID) -> Bool {
        allCases.firstIndex(of: left) ?? 0 < allCases.firstIndex(of: right) ?? 0
    }

    /// Only a scheduler in a CI job has one.
    var isOfOwnJob: Bool { self == .successor || self == .schedulerJob }
}

/// What `doctor` found out about one thing.
public struct Check: Hashable, Sendable {
    public enum Verdict: String, Sendable, CaseIterable {
        case ok, warning, failure
        /// The token may not see it, or GitLab did not tell; the message says who can look.
        case unknown
        /// There was no reason to look, or another check tells why that was not possible.
        case skipped
    }

    public var id: CheckID
    /// Which project, ref, job, file or address; nil: there is only one.
    public var target: String?
    public var verdict: Verdict
    public var message: String
    /// What to type or to do; each failure and each warning has it.
    public var fix: String?

    private init(_ id: CheckID, _ target: String?, _ verdict: Verdict, _ message: String, fix: String? = nil)
    {
        self.id = id
        self.target = target
        self.verdict = verdict
        self.message = message
        self.fix = fix
    }

    static func ok(_ id: CheckID, _ target: String? = nil, _ message: String) -> Check {
        Check(id, target, .ok, message)
    }

    static func warning(_ id: CheckID, _ target: String? = nil, _ message: String, fix: String) -> Check {
        Check(id, target, .warning, message, fix: fix)
    }

    static func failure(_ id: CheckID, _ target: String? = nil, _ message: String, fix: String) -> Check {
        Check(id, target, .failure, message, fix: fix)
    }

    static func unknown(_ id: CheckID, _ target: String? = nil, _ message: String) -> Check {
        Check(id, target, .unknown, message)
    }

    static func skipped(_ id: CheckID, _ target: String? = nil, _ message: String) -> Check {
        Check(id, target, .skipped, message)
    }
}
