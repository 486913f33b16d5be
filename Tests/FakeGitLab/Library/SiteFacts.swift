/// Facts about a project beside its pipelines, which a client may check beforehand. A test may change them.
public struct FakeFacts: Sendable {
    public var isArchived = false
    public var isEmpty = false
    /// `builds_access_level`: `disabled`, `private` or `enabled`.
    public var builds = "enabled"
    /// `auto_cancel_pending_pipelines`.
    public var autoCancel = "enabled"
    /// `ci_delete_pipelines_in_seconds`: after this long GitLab deletes pipelines.
    public var deletesPipelinesAfter: Int64?
    /// The end of every membership, as a date; nil: memberships do not end.
    public var memberUntil: String?
    /// The token's user is not a member. Only an administrator sees the project without membership.
    public var isStranger = false
    /// Protected branches into which Developers may merge.
    public var developersMerge: Set<String> = []
    public var schedules = [FakeSchedule()]
    public var runners = [FakeRunner()]
    /// `freeze_start` and `freeze_end`: cron expressions in UTC.
    public var freezes: [(start: String, end: String)] = []
    /// The CI file at the head of each ref; nil: there is none.
    public var ciFile: FakeCIFile? = FakeCIFile()
    /// Requests of this project's lints a minute for one user. Further ones get the JSON 429. 0: no limit.
    public var lintsPerMinute = 0

    public init() {}
}

/// A pipeline schedule.
public struct FakeSchedule: Sendable {
    public var id: Int64
    public var description: String
    public var ref: String
    public var cron: String
    public var zone: String
    public var isActive = true
    /// `active`, or `blocked`: then the schedule never runs.
    public var ownerState = "active"
    public var variables = ["ORCHESTRATE_START": "true"]

    public init(
        id: Int64 = 13, description: String = "the next scheduler", ref: String = "refs/heads/main",
        cron: String = "20 */2 * * *", zone: String = "UTC"
    ) {
        self.id = id
        self.description = description
        self.ref = ref
        self.cron = cron
        self.zone = zone
    }
}

public struct FakeRunner: Sendable {
    public var id: Int64
    public var isPaused = false
    public var isOnline = true
    public var tags: [String] = []
    public var runsUntagged = true

    public init(id: Int64 = 6) { self.id = id }
}

/// A CI file as the lint shows it.
public struct FakeCIFile: Sendable {
    /// A CI job. `only` names the scheduler's jobs whose pipelines contain it; nil: all of them.
    public struct Job: Sendable {
        public var name: String
        public var tags: [String]
        public var only: Set<String>?

        public init(_ name: String, tags: [String] = [], only: Set<String>? = nil) {
            self.name = name
            self.tags = tags
            self.only = only
        }
    }

    /// GitLab replaces `$[[ inputs.name ]]` in it.
    public var text: String
    /// The names in `spec: inputs:`; nil: GitLab takes any input.
    public var inputs: Set<String>?
    public var jobs = [Job("work")]
    /// Why the file is not valid; empty if it is valid.
    public var errors: [String] = []
    /// The script of every CI job in an answer.
    public var script = "echo work"

    public init(text: String = FakeCIFile.good, inputs: Set<String>? = nil) {
        self.text = text
        self.inputs = inputs
    }

    /// The scheduler's own job as in `scheduler-ci.yml`, and the names and the guard of pipelines. GitLab merges a `!reference`
    /// as a list within the list.
    public static let good = """
        ---
        variables:
          ORCHESTRATE_RUN_ID: "$[[ inputs.orchestrate_run_id ]]"
          ORCHESTRATE_JOB_NAME: "$[[ inputs.orchestrate_job_name ]]"
        workflow:
          name: orchestrate $ORCHESTRATE_RUN_ID $[[ inputs.orchestrate_run_id ]]
          auto_cancel:
            on_new_commit: none
        orchestrate:
          interruptible: false
          timeout: 24h
          retry:
            max: 2
            when:
            - runner_system_failure
          rules:
          - - if: $ORCHESTRATE_JOB_NAME
              when: never
            - if: $ORCHESTRATE_START == "true"
            - if: $CI_PIPELINE_SOURCE == "push"
              changes:
              - jobs/**/*
          cache:
            key: orchestrate-ledger
            paths:
            - ".orchestrate/"
            policy: pull-push
            when: always
          script:
          - orchestrate run
        work:
          rules:
          - if: $ORCHESTRATE_JOB == "true"
          script:
          - echo work
        """
}
