/// How the simulated GitLab is set up. The defaults work for a sample job.
public struct FakeSettings: Sendable {
    public var projects = [FakeProject()]
    public var tokens = [FakeToken(value: "fake-token")]
    /// Tokens of `POST /projects/:id/trigger/pipeline`.
    public var triggerTokens = ["fake-trigger-token"]
    /// `workflow: name:` of the CI file; nil if it has none. `$NAME` and `${NAME}` are pipeline variables.
    public var nameTemplate: String? = "orchestrate $ORCHESTRATE_RUN_ID"
    /// How a pipeline goes, if neither `behaviourOf` nor its own variables say otherwise.
    public var behaviour = FakeBehaviour()
    /// Decides how a new pipeline goes. Its variables (`FAKE_…`) still change that. Nil means `behaviour`.
    public var behaviourOf: (@Sendable (FakePipeline) -> FakeBehaviour?)?
    /// Pipelines a minute for one project, user and commit. Further ones get the 400. 0: no limit.
    public var pipelinesPerMinute = 0
    /// Pipelines a minute for one user in all projects. Further ones get the same 400. 0: no limit.
    public var pipelinesPerMinuteOfUser = 0
    /// Requests a minute for one token. Further ones get the plain-text 429. 0: no limit.
    public var requestsPerMinute = 0
    /// `GET /projects/:id/jobs` a minute for one user. Further ones get the JSON 429. 0: no limit.
    public var jobListsPerMinute = 0
    /// The projects' `auto_cancel_pending_pipelines`: a pipeline on a newer commit cancels older ones of its ref, as
    /// the older one's `FakeBehaviour.onNewCommit` says.
    public var cancelsRedundant = false
    /// How long after the newer pipeline GitLab does that: its background jobs may be late.
    public var autoCancelDelay: Int64 = 0
    /// Whether canceling also ends manual jobs. In GitLab it does not: the answer is 200, and they stay.
    public var cancelsManual = false
    /// `POST …/jobs/:id/retry` a minute for one user and job. Further ones get the 429. 0: no limit; GitLab's is 3.
    public var jobRetriesPerMinute = 0
    /// A job that was retried this often is not retryable any more. 0: no limit; GitLab's is 14.
    public var retriesPerJob = 0
    /// The names that `spec: inputs:` of the CI file requires. Empty: GitLab takes any input.
    public var requiredInputs: [String] = []
    /// GitLab does not count longer lists of pipelines: they have no `X-Total`.
    public var countedRows = 10_000
    /// The beginning of the `web_url` in every answer.
    public var webURL = "https://gitlab.example.com"
    /// Decides which features the API has: `inputs` from 17.10, `trigger_jobs` from 19.2.
    public var version = "18.5.0"
    public var firstPipelineID: Int64 = 70_001
    public var firstJobID: Int64 = 500_101
    /// Decides about faults with a probability.
    public var seed: UInt64 = 1
    /// Answers carry only what a scheduler reads. For simulations, where JSON is most of the work.
    public var isBrief = false
    /// Keep a line for `takeNotices` for each pipeline that is created, finished or retried.
    public var keepsNotices = false
    /// Maintenance mode, a read-only database or a secondary site: GitLab answers reads and refuses writes.
    public var isReadOnly = false
    /// In microseconds: how much older the answers to reads are, as when a replica gives them.
    public var readLag: Int64 = 0
    /// In microseconds: how far the `Date` of answers is ahead, as when a machine in between sets it.
    public var dateAhead: Int64 = 0

    public init() {}
}

/// A project and its branches.
public struct FakeProject: Sendable {
    public var id: Int64
    /// Namespace and name: `acme/cron-demo`.
    public var path: String
    /// The paths it had before it was moved or renamed: see `FakeGitLab.moveProject`.
    public var formerPaths: Set<String> = []
    /// Branch names and the commit at the head of each.
    public var branches: [String: String]
    public var tags: [String: String] = [:]
    /// `ci_pipeline_variables_minimum_override_role`: `no_one_allowed`, `owner`, `maintainer` or `developer`.
    public var variablesRole = "developer"
    /// Branches on which only Maintainers may run pipelines.
    public var protectedBranches: Set<String> = []
    public var facts = FakeFacts()

    public init(
        id: Int64 = 4242, path: String = "acme/cron-demo",
        branches: [String: String] = ["main": "7b1d0c6f1e9a4c0f8c5e2a9d3b6f4e8170a2c4d6"]
    ) {
        self.id = id
        self.path = path
        self.branches = branches
    }

    func head(of ref: String) -> String? { branches[ref] ?? tags[ref] }
}

/// The person or bot to whom a token belongs.
public struct FakeUser: Sendable, Equatable {
    public var id: Int64
    public var username: String
    public var name: String

    public init(id: Int64 = 901, username: String = "project_4242_bot_5f2c", name: String = "orchestrate") {
        self.id = id
        self.username = username
        self.name = name
    }
}

/// A personal, project or group access token.
public struct FakeToken: Sendable {
    /// Roles in a project, lowest first.
    public enum Role: Int, Sendable, Comparable {
        case guest, reporter, developer, maintainer, owner

        public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
    }

    public enum Scope: Sendable { case api, readAPI }
    public enum State: Sendable { case active, expired, revoked }

    public var value: String
    public var user: FakeUser
    public var role: Role
    public var scope: Scope
    public var state: State
    /// `expires_at`: the token expires when this day begins in UTC; nil: never.
    public var until: String?

    public init(
        value: String, user: FakeUser = FakeUser(), role: Role = .developer, scope: Scope = .api,
        state: State = .active
    ) {
        self.value = value
        self.user = user
        self.role = role
        self.scope = scope
        self.state = state
    }
}
