/// A sentence GitLab is known to refuse with, what it means for the caller and what a person can do.
///
/// The texts are those of `lib/gitlab/ci/pipeline/chain/**` and `ee/.../quota` of GitLab 17 to 19, found
/// by their beginnings, as the ends vary with names, numbers and versions.
struct KnownAnswer: Sendable {
    var beginning: String
    var kind: APIFailure.Kind
    var advice: String
    var retryAfter: Duration?

    init(
        _ beginning: String, _ advice: String, _ kind: APIFailure.Kind = .refused,
        after retryAfter: Duration? = nil
    ) {
        self.beginning = beginning
        self.kind = kind
        self.advice = advice
        self.retryAfter = retryAfter
    }

    /// The first known sentence among `texts`.
    static func among(_ texts: [String]) -> KnownAnswer? {
        sentences.first { known in texts.contains { $0.hasPrefix(known.beginning) } }
    }

    private static let sentences = limits + configuration + permissions

    private static let limits = [
        KnownAnswer(
            "Too many pipelines created in the last minute",
            "GitLab counts pipelines per minute for one project, user and commit; wait a minute, and if it comes often lower ORCHESTRATE_RATE_PER_MINUTE.",
            .rateLimited, after: .seconds(60)
        ),
        KnownAnswer(
            "Project exceeded the allowed number of jobs in active pipelines",
            "The plan limits the jobs of running pipelines; wait for some to end, or cancel what hangs.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Active pipelines limit exceeded",
            "The plan limits running pipelines; wait for some to end, or cancel what hangs.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Active jobs limit exceeded",
            "The plan limits the jobs of running pipelines; wait for some to end, or cancel what hangs.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Pipeline size limit exceeded",
            "This one pipeline has more jobs than the plan allows: split it into child pipelines."),
        KnownAnswer(
            "Pipeline has too many deployments",
            "This one pipeline has more deployments than the plan allows: split it."),
    ]

    private static let emptyPipeline =
        "No CI job is left for this pipeline: give at least one job a rule that holds when $CI_PIPELINE_SOURCE is \"api\" (or when $ORCHESTRATE_JOB is \"true\") on this ref."
    private static let workflow =
        "Add a rule to workflow:rules of the CI file that holds when $CI_PIPELINE_SOURCE is \"api\"."

    private static let configuration = [
        KnownAnswer(
            "Reference not found",
            "The ref must be the name of an existing branch or tag (a commit does not do): check `ref` in the job file and CI_COMMIT_REF_NAME."
        ),
        KnownAnswer("The resulting pipeline would have been empty", emptyPipeline),
        KnownAnswer("Pipeline will not run for the selected trigger", emptyPipeline),
        KnownAnswer("No stages / jobs for this pipeline", emptyPipeline),
        KnownAnswer("The pipeline did not run", workflow),
        KnownAnswer("Pipeline filtered out by workflow rules", workflow),
        KnownAnswer(
            "Missing CI config file",
            "There is no CI file at the newest commit of this ref: push one, or check Settings > CI/CD > General pipelines > CI/CD configuration file."
        ),
        KnownAnswer(
            "Duplicate variable name",
            "A variable appears twice in the order: remove it from `variables` of the job file; names beginning with ORCHESTRATE_ are taken."
        ),
        KnownAnswer(
            "Project is deleted", "The project is marked for deletion: restore it or remove the job."),
        KnownAnswer(
            "Pipelines are disabled",
            "Switch CI/CD on: Settings > General > Visibility, project features, permissions."),
    ]

    private static let permissions = [
        KnownAnswer(
            "Insufficient permissions to set pipeline variables",
            "The project forbids pipeline variables to the token's role, and orchestrate marks each pipeline with some: set Settings > CI/CD > Variables > Minimum role to use pipeline variables (API: ci_pipeline_variables_minimum_override_role) to that role, such as developer. `inputs` are not subject to it, but cannot replace the marks."
        ),
        KnownAnswer(
            "You do not have sufficient permission to run a pipeline on",
            "The ref is protected: allow the token's user to merge or push to it (Settings > Repository > Protected branches), or use another ref."
        ),
        KnownAnswer(
            "Insufficient permissions to create a new pipeline",
            "The token's user needs at least the Developer role in this project."),
    ]
}
