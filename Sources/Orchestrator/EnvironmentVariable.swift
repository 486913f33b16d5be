import CivilTime
import Notices
import Scheduling

/// An environment variable that orchestrate reads, and its purpose. This one list feeds the check at the start,
/// `orchestrate env` and the documentation.
public struct EnvironmentVariable: Hashable, Sendable {
    public enum Need: Sendable {
        case required
        /// Required in a CI job. GitLab sets all of these there, so an absent one means that the setup is wrong.
        case requiredInCI
        case optional
    }

    public let name: String
    public let need: Need
    public let meaning: String
    /// The default, in words.
    public let fallback: String?
    public let isSecret: Bool

    private init(
        _ name: String, _ need: Need, _ meaning: String, fallback: String? = nil, isSecret: Bool = false
    ) {
        self.name = name
        self.need = need
        self.meaning = meaning
        self.fallback = fallback
        self.isSecret = isSecret
    }

    public static let jobsHome = Self(
        "MELT_JOBS_HOME", .requiredInCI, "directory of the job files; required in CI", fallback: "jobs")
    public static let token = Self(
        "CI_PIPELINE_TOKEN", .required,
        "GitLab access token with scope api, role Developer or higher", isSecret: true)
    public static let ref = Self("CI_COMMIT_REF_NAME", .required, "branch or tag pipelines run on")
    public static let project = Self("CI_PROJECT_ID", .required, "project pipelines run in: its id or path")
    public static let jobID = Self(
        "CI_JOB_ID", .requiredInCI, "id of this CI job, for the handover to a newer instance; required in CI")
    public static let gitLabCI = Self(
        "GITLAB_CI", .optional, "true in the CI jobs of GitLab, where more is required")
    public static let tokenFile = Self(
        "CI_PIPELINE_TOKEN_FILE", .optional, "file that holds the token, in place of CI_PIPELINE_TOKEN")
    public static let api = Self(
        "CI_API_V4_URL", .optional, "GitLab's API", fallback: "https://gitlab.com/api/v4")
    public static let jobTimeout = Self(
        "CI_JOB_TIMEOUT", .optional, "seconds this CI job may take; the scheduler ends before they are over")
    public static let jobStartedAt = Self("CI_JOB_STARTED_AT", .optional, "when this CI job started")
    public static let scriptTimeout = Self(
        "RUNNER_SCRIPT_TIMEOUT", .optional,
        "how long the runner lets this CI job's script run, such as 23h50m; the earlier end counts")
    public static let succession = Self(
        "ORCHESTRATE_SUCCESSION_SECONDS", .optional,
        "seconds before this CI job's end at which the scheduler starts the next one", fallback: "never")
    public static let caFile = Self(
        "CI_SERVER_TLS_CA_FILE", .optional, "file of further certificate authorities to trust")
    public static let sslCertFile = Self(
        "SSL_CERT_FILE", .optional, "file of further certificate authorities to trust")
    public static let httpsProxy = Self("HTTPS_PROXY", .optional, "proxy for https")
    public static let httpProxy = Self("HTTP_PROXY", .optional, "proxy for http")
    public static let noProxy = Self("NO_PROXY", .optional, "hosts to reach without a proxy")
    public static let ledger = Self(
        "ORCHESTRATE_DB", .optional, "the ledger's file", fallback: ".orchestrate/orchestrate.db")
    public static let timezone = Self(
        "ORCHESTRATE_TIMEZONE", .optional, "time zone of jobs that name none", fallback: Zone.utc.name)
    public static let poll = Self(
        "ORCHESTRATE_POLL_SECONDS", .optional, "seconds between checks for a newer instance",
        fallback: seconds(Settings.defaults.poll))
    public static let watch = Self(
        "ORCHESTRATE_WATCH_SECONDS", .optional, "seconds between checks of running pipelines",
        fallback: seconds(Settings.defaults.watch))
    public static let settle = Self(
        "ORCHESTRATE_SETTLE_SECONDS", .optional,
        "seconds a pipeline may take to appear in GitLab after a lost answer",
        fallback: seconds(Settings.defaults.settle))
    public static let rate = Self(
        "ORCHESTRATE_RATE_PER_MINUTE", .optional,
        "pipelines created per minute, project and ref; 0: no limit",
        fallback: "\(Settings.defaults.ratePerMinute)")
    public static let inFlight = Self(
        "ORCHESTRATE_MAX_IN_FLIGHT", .optional, "requests under way at once",
        fallback: "\(Settings.defaults.maxInFlight)")
    public static let mark = Self(
        "ORCHESTRATE_MARK", .optional,
        "how run ids reach pipelines: variables, inputs, or auto, which tries variables first",
        fallback: "auto")
    public static let notify = Self(
        "ORCHESTRATE_NOTIFY", .optional,
        "channels of jobs that name none, and of the scheduler itself, such as ops,chat")
    public static let heartbeat = Self(
        "ORCHESTRATE_HEARTBEAT", .optional, "address that gets a sign of life while it schedules",
        isSecret: true)
    public static let heartbeatPause = Self(
        "ORCHESTRATE_HEARTBEAT_SECONDS", .optional, "seconds between two of them",
        fallback: "\(Channels.heartbeatSeconds)")
    public static let metricsFile = Self(
        "ORCHESTRATE_METRICS_FILE", .optional, "file that gets metrics for Prometheus")
    public static let zoneDirectory = Self(
        "TZDIR", .optional, "directory of the time zone files", fallback: ZoneDatabase.systemDirectory)

    public static let all = [
        jobsHome, token, ref, project, jobID, gitLabCI, tokenFile, api, jobTimeout, jobStartedAt,
        scriptTimeout, caFile, sslCertFile, httpsProxy, httpProxy, noProxy, ledger, timezone, poll, watch,
        settle, succession, rate,
        inFlight, mark, notify, heartbeat, heartbeatPause, metricsFile, zoneDirectory,
    ]

    /// The variables of channels that are set. Each holds an address, a secret, or the path of a file with one.
    public static func channels(in environment: Environment) -> [EnvironmentVariable] {
        Channels.variables(setIn: environment.values).map {
            Self($0, .optional, "a channel of notices", isSecret: true)
        }
    }

    private static func seconds(_ duration: Duration) -> String { "\(duration.components.seconds)" }
}
