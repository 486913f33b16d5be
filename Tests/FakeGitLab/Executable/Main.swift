import ArgumentParser
import FakeGitLab

/// A simulated GitLab, to try a scheduler without a real one.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fake-gitlab",
        abstract: "A simulated GitLab on loopback, for trying a scheduler without a real one.",
        discussion: """
            Prints one line with its URL when it is ready, then one line for each pipeline \
            that is created, retried, canceled or over. SIGTERM and SIGINT end it at once. \
            It keeps nothing.

            VARIABLES of a pipeline that steer it:
              FAKE_DURATION=3     its jobs run for so many seconds (fractions are fine)
              FAKE_PENDING=1      they wait so many seconds for a runner
              FAKE_FAILURES=1     so many attempts of the last job fail
              FAKE_STATUS=manual  the last job ends, or stays, in this status
              FAKE_REASON=text    failure_reason of a failed job (script_failure)
              FAKE_CHILD=failed   the last job is a trigger job; the only job of its
                                  child pipeline ends so
              FAKE_RETRYABLE=false      GitLab never retries the last job
              FAKE_INTERRUPTIBLE=true   the last job is interruptible
              FAKE_ON_NEW_COMMIT=none   auto_cancel:on_new_commit (conservative)
              FAKE_ON_JOB_FAILURE=all   auto_cancel:on_job_failure (none)
              FAKE_REFUSE=text    the pipeline is refused: a 400 with this text

            STEERING (JSON, no token):
              GET    /fake/state         pipelines with variables, history, jobs;
                                         instances; counts of requests
              POST   /fake/reset         forgets everything but the settings
              POST   /fake/instances     a CI job that stands for an instance:
                                         {"name", "ref", "status", "resource_group"}
                                         gives {"id", "token", ...}
              PATCH  /fake/instances/ID  {"status"}: running, success, ...
              POST   /fake/push          {"ref", "pipeline"}: a new commit on a branch,
                                         and with "pipeline": true a pipeline on it
              POST   /fake/move          {"path"}: the project moves; its old path
                                         gives 301 to reads and 405 to the rest
              POST   /fake/recreate_tokens  each token is of a new bot user, who cannot
                                         read the variables of older pipelines
              PATCH  /fake/settings      any of read_only, cancels_redundant (auto-cancel
                                         after a push), cancels_manual, version,
                                         read_lag and auto_cancel_delay (seconds),
                                         retries_per_job, and limits a minute:
                                         pipelines_per_minute,
                                         pipelines_per_minute_of_user,
                                         requests_per_minute, job_lists_per_minute,
                                         job_retries_per_minute;
                                         for `orchestrate doctor`: role, token_expires,
                                         token_scope, variables_role, protected,
                                         builds_access_level, membership_expires,
                                         member, archived, ci_errors, ci_file, ci_only
                                         (a job), inputs (the names under `spec: inputs:`,
                                         or null for any), freeze (a cron expression),
                                         runners, deletes_pipelines_after,
                                         lints_per_minute
              DELETE /fake/faults        no more faults
              POST   /fake/faults        a fault; every key is optional:
                operation    which requests (any): createPipeline, ...; all names below
                containing   only requests with this text in path, query or body
                effect       what becomes of the request: none (default), now, late
                late         seconds until a late effect (5)
                reply        what the client sees: real (default), cut, hang, empty,
                             truncated, wrong_type, rate_limit (the 400 of pipelines),
                             too_many (the 429), or a status from 400 to 599
                sentence     in place of reply, one of GitLab's own; all names below
                retry_after  seconds, for too_many (42)
                delay        seconds until the client sees the reply (0)
                times        how often (1); 0 is for ever
                skip         so many requests pass first (0)
                probability  from 0 to 1 (1)

            For instance, a pipeline that is made though its answer is lost:
              curl -H 'Content-Type: application/json' \\
                   -d '{"operation": "createPipeline", "effect": "now", "reply": 504}' \\
                   http://127.0.0.1:PORT/fake/faults

            Operations: \(operations).

            Sentences: \(sentences).
            """)

    @Option(help: "Port to listen at; 0 takes a free one.")
    var port = 0

    @Option(help: "Loopback address to listen at.")
    var host = "127.0.0.1"

    @Option(help: "The access token that clients must send.")
    var token = "fake-token"

    @Option(help: "Id of the project.")
    var project: Int64 = 4242

    @Option(help: "Branches of the project; may be given again.")
    var ref = ["main"]

    @Option(help: "Pipelines a minute for one commit; more get the 400. 0 is no limit.")
    var rateLimit = 0

    @Option(help: "Seconds that a pipeline's job runs.")
    var duration = "3"

    @Option(help: "Whether the CI file has `workflow: name: 'orchestrate $ORCHESTRATE_RUN_ID'`.")
    var nameTemplate = Switch.on

    @Option(help: "Who may set pipeline variables: no_one_allowed, owner, maintainer, developer.")
    var variablesRole = VariablesRole.developer

    @Option(help: "File to write the port to when ready.")
    var portFile: String?

    @Flag(help: "Print only the line with the URL.")
    var quiet = false

    /// GitLab's `ci_pipeline_variables_minimum_override_role`.
    enum VariablesRole: String, ExpressibleByArgument, CaseIterable {
        case noOne = "no_one_allowed"
        case owner, maintainer, developer
    }

    /// `on` or `off`.
    enum Switch: String, ExpressibleByArgument, CaseIterable { case on, off }

    private static var operations: String {
        FakeOperation.allCases.map(\.rawValue).joined(separator: ", ")
    }

    private static var sentences: String {
        FakeSentence.allCases.map { String(describing: $0) }.joined(separator: ", ")
    }

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port must be from 0 to 65535") }
        guard FakeBehaviour.microseconds(duration) != nil else {
            throw ValidationError("--duration must be a number of seconds, such as 3 or 0.5")
        }
    }

    func run() async throws {
        let signals = EndingSignals()
        let watch: @Sendable (FakeNotice) -> Void = { notice in Output.line(notice.description) }
        let server = FakeGitLabServer(FakeGitLab(settings), watch: quiet ? nil : watch)
        let port = try await server.start(host: host, port: port)
        if let portFile { try Output.save("\(port)\n", to: portFile) }
        Output.line("http://\(host.contains(":") ? "[\(host)]" : host):\(port)/api/v4")
        await signals.wait()
    }

    private var settings: FakeSettings {
        var settings = FakeSettings()
        let sha = "7b1d0c6f1e9a4c0f8c5e2a9d3b6f4e8170a2c4d6"
        let branches = Dictionary(ref.map { ($0, sha) }, uniquingKeysWith: { first, _ in first })
        settings.projects = [FakeProject(id: project, branches: branches)]
        settings.projects[0].variablesRole = variablesRole.rawValue
        settings.tokens = [FakeToken(value: token)]
        settings.pipelinesPerMinute = rateLimit
        settings.behaviour.runsFor = FakeBehaviour.microseconds(duration) ?? settings.behaviour.runsFor
        if nameTemplate == .off { settings.nameTemplate = nil }
        return settings
    }
}
