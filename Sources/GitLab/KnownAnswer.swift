/// A sentence GitLab is known to refuse with, what it means for the caller and what a person can do.
///
/// The texts are those of `lib/gitlab/ci/pipeline/chain/**` and `ee/.../quota` of GitLab 17 to 19, found
/// by their beginnings, as the ends vary with names, numbers and versions; some by what follows a name.
struct KnownAnswer: Sendable {
    var beginning: String
    /// Stands somewhere behind the beginning.
    var part = ""
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

    private init(
        containing part: String, _ advice: String, _ kind: APIFailure.Kind = .refused
    ) {
        self.init("", advice, kind)
        self.part = part
    }

    /// The first known sentence among `texts`.
    static func among(_ texts: [String]) -> KnownAnswer? {
        sentences.first { known in
            texts.contains {
                $0.hasPrefix(known.beginning) && (known.part.isEmpty || $0.contains(known.part))
            }
        }
    }

    private static let sentences = limits + faults + configuration + inputs + permissions

    private static let fault = "GitLab had a fault and created nothing; the scheduler asks again a few times."
    private static let remoteFile =
        "GitLab could not fetch a file that the CI file includes; the scheduler asks again a few times. If it stays so, keep a copy of the file in the project."

    /// Passing faults: nothing was persisted.
    private static let faults = [
        KnownAnswer("Undefined error (", fault, .faulty),
        KnownAnswer("Failed to persist the pipeline, please retry", fault, .faulty),
        KnownAnswer("Request timed out when fetching configuration files", remoteFile, .faulty),
        KnownAnswer(containing: "could not be fetched because of a timeout error!", remoteFile, .faulty),
        KnownAnswer(containing: "could not be fetched because of a socket error!", remoteFile, .faulty),
        KnownAnswer(containing: "could not be fetched because of HTTP error!", remoteFile, .faulty),
        KnownAnswer(
            "Commit not found",
            "GitLab could not read the newest commit of the ref; the scheduler asks again a few times.",
            .faulty),
    ]

    private static let limits = [
        KnownAnswer(
            "Too many pipelines created in the last minute",
            "GitLab counts pipelines per minute for one project, user and commit, and for one user in all projects. All runs wait a minute. If this comes often, lower ORCHESTRATE_RATE_PER_MINUTE.",
            .rateLimited, after: .seconds(60)
        ),
        KnownAnswer(
            "Project exceeded the allowed number of jobs in active pipelines",
            "The plan limits the jobs of running pipelines; wait for some to end, or cancel pipelines that hang.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Active pipelines limit exceeded",
            "The plan limits running pipelines; wait for some to end, or cancel pipelines that hang.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Active jobs limit exceeded",
            "The plan limits the jobs of running pipelines; wait for some to end, or cancel pipelines that hang.",
            .limited, after: .seconds(60)),
        KnownAnswer(
            "Pipeline size limit exceeded",
            "This one pipeline has more jobs than the plan allows: split it into child pipelines."),
        KnownAnswer(
            "Pipeline has too many jobs",
            "This one pipeline has more jobs than GitLab allows: split it into child pipelines."),
        KnownAnswer(
            "Failed to build pipeline variables: total size exceeds",
            "The variables of this pipeline are too large together: make `variables` of the job file smaller."
        ),
        KnownAnswer(
            "Failed to build pipeline metadata! Name is too long",
            "GitLab takes names of pipelines up to 255 characters: shorten `workflow: name` of the CI file, or `pipeline_name`."
        ),
        KnownAnswer(
            "Pipeline has too many deployments",
            "This one pipeline has more deployments than the plan allows: split it."),
    ]

    private static let emptyPipeline =
        "No CI job is left for this pipeline: give at least one job a rule that holds when $CI_PIPELINE_SOURCE is \"api\" (or when $ORCHESTRATE_JOB_NAME is the job's name) on this ref."
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
            "The scheduler sent a variable twice: remove it from `variables` of the job file. Names that begin with ORCHESTRATE_ are taken."
        ),
        KnownAnswer(
            "Project is deleted", "The project is marked for deletion: restore it or remove the job."),
        KnownAnswer(
            "Pipelines are disabled",
            "Switch CI/CD on: Settings > General > Visibility, project features, permissions."),
    ]

    private static let declareInputs =
        "The CI file of this ref takes other inputs: declare those of the job file under `spec: inputs:` at its top, with their types, or correct `inputs` in the job file."

    private static let inputs = [
        KnownAnswer("Given inputs not defined in the `spec` section", declareInputs, .inputsRefused),
        KnownAnswer("unknown input arguments", declareInputs, .inputsRefused),
        KnownAnswer(containing: "` input: ", declareInputs, .inputsRefused),
    ]

    private static let permissions = [
        KnownAnswer(
            "Ref is ambiguous",
            "A branch and a tag have this name: write refs/heads/<branch> or refs/tags/<tag> as `ref`."),
        KnownAnswer(
            "External validation failed",
            "A validation service that an administrator set up said no: ask an administrator of this GitLab."),
        KnownAnswer(
            "Credit card required",
            "GitLab.com wants the owner of the token verified (a credit card) before it runs pipelines on shared runners: verify the owner, or use runners of your own."
        ),
        KnownAnswer(
            "This pipeline did not run because the code should be reviewed",
            "GitLab wants a person to review the commit first, because a program made it."),
        KnownAnswer(
            "Insufficient permissions to set pipeline variables",
            "The project forbids pipeline variables to the token's role: set Settings > CI/CD > Variables > Minimum role to use pipeline variables (API: ci_pipeline_variables_minimum_override_role) to that role, such as developer; or let the marks travel as inputs, with ORCHESTRATE_MARK=auto and `spec: inputs:` in the CI file.",
            .variablesForbidden
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
