import CivilTime
import Doctor
import FakeGitLab
import Foundation
import GitLab
import HTTP
import JobFiles
import Ledger
import Scheduling
import Synchronization

@testable import Orchestrator

/// A scheduler's surroundings where all is fine, and a simulated GitLab in virtual time.
final class Clinic: Sendable {
    /// Monday, 9 March 2026, noon in UTC.
    static let start: Int64 = 1_773_057_600_000_000
    static let token = "glpat-clinic-secret"

    struct State {
        var gitlab: FakeGitLab
        var now = Clinic.start
        var requests: [HTTPRequest] = []
        var lintsAt: [Int64] = []
        /// Answers in GitLab's place; nil: GitLab answers.
        var rule: @Sendable (HTTPRequest) -> FakeAnswer? = { _ in nil }
        /// The own clock is so far ahead of GitLab's, in seconds.
        var ahead: Int64 = 0
        var isUnreachable = false
        var told: [String] = []
    }

    let state: Mutex<State>
    let directory: String
    private let variables: Mutex<[String: String]>

    init(_ role: FakeToken.Role = .maintainer) throws {
        var settings = FakeSettings()
        settings.tokens = [FakeToken(value: Self.token, role: role)]
        settings.tokens[0].until = "2026-09-01"
        settings.projects[0].facts.memberUntil = "2026-09-01"
        settings.projects[0].facts.ciFile?.script = "curl -H 'TOKEN: hunter2-in-a-script'"
        state = Mutex(State(gitlab: FakeGitLab(settings)))
        directory = NSTemporaryDirectory() + "doctor-" + UUID().uuidString
        variables = Mutex([
            "CI_PIPELINE_TOKEN": Self.token, "CI_COMMIT_REF_NAME": "main", "CI_PROJECT_ID": "4242",
            "CI_JOB_ID": "500101", "CI_JOB_TIMEOUT": "86400", "MELT_JOBS_HOME": directory + "/jobs",
            "ORCHESTRATE_DB": directory + "/.orchestrate/orchestrate.db", "CI_PROJECT_DIR": directory,
        ])
        try write("pipeline_name: nightly\nscheduler: '30 2 * * *'\ntimezone: America/New_York\n")
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String, to name: String = "jobs/jobs.yml") throws {
        let path = URL(fileURLWithPath: directory + "/" + name)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: path, atomically: true, encoding: .utf8)
    }

    subscript(variable: String) -> String? {
        get { variables.withLock { $0[variable] } }
        set { variables.withLock { $0[variable] = newValue } }
    }

    func settings(_ change: (inout FakeSettings) -> Void) {
        state.withLock { change(&$0.gitlab.settings) }
    }

    func facts(_ change: (inout FakeFacts) -> Void) { settings { change(&$0.projects[0].facts) } }

    func change(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    func diagnosis() -> Diagnosis {
        let environment = Environment(variables.withLock(\.self))
        let loaded = (try? Configuration.loadJobs([directory + "/jobs"], environment)) ?? LoadedJobs()
        return Diagnosis(
            environment, flags: .init(), loaded: loaded, jobs: loaded.jobs,
            now: Instant(microseconds: Self.start))
    }

    /// What the command finds, in virtual time.
    func examine(marking: Facts.Marking? = nil) async -> [Check] {
        var diagnosis = diagnosis()
        if let marking { diagnosis.facts.marking = marking }
        guard diagnosis.facts.local.environment.problems.isEmpty else { return diagnosis.offline().checks }
        return await diagnosis.ask(
            connection(diagnosis), tell: { words in self.change { $0.told.append(words) } }
        )
        .checks
    }

    /// What `run` says beside its start.
    func look() async throws -> [String]? {
        let configuration = try Configuration(
            Environment(variables.withLock(\.self)), flags: .init(), for: .schedule)
        let diagnosis = diagnosis()
        let look = DailyLook(configuration) { self.connection(diagnosis) }
        let now = Instant(microseconds: Self.start)
        let notices = await look.notices(diagnosis.facts.jobs, at: now)
        return notices?.map { "\($0.level.rawValue): \($0.message)" }
    }

    /// A run of six hours ago, with a pipeline, in the ledger.
    func recordPipeline(mark: MarkKind = .variables) throws {
        let ledger = try Ledger(path: directory + "/.orchestrate/orchestrate.db", access: .writing())
        let fireTime = Instant(microseconds: Self.start).advanced(by: .seconds(-6 * 3_600))
        var run = Run(RunID(job: "nightly", fireTime: fireTime), state: .triggered)
        (run.project, run.ref, run.claimedAt, run.triggeredAt) = ("4242", "main", fireTime, fireTime)
        (run.sentAt, run.mark) = (fireTime, mark)
        run.pipeline = Pipeline(id: 1, url: "https://gitlab.example.com/-/pipelines/1")
        let marking = ProjectMark(kind: mark, learnedAt: fireTime)
        try ledger.commit([.insert(run), .mark(project: "4242", marking)])
        try ledger.close()
    }

    private func connection(_ diagnosis: Diagnosis) -> Consultation.Connection {
        let ears = Ears()
        let values = diagnosis.facts.secretValues
        return Consultation.Connection(
            client: .onlyReading(
                hiding: { [Secret(Self.token)] + values },
                send: { (request) async throws(TransportFailure) in
                    let (answer, at) = self.answer(request)
                    guard let answer else { throw .notSent("connection refused") }
                    ears.hear(answer, from: at, to: at)
                    return answer
                }),
            heard: { ears.heard }, uptime: { .microseconds(self.state.withLock(\.now)) },
            sleep: { duration in self.change { $0.now += duration.inMicroseconds } })
    }

    private func answer(_ request: HTTPRequest) -> (HTTPResponse?, Instant) {
        state.withLock { state in
            state.requests.append(request)
            if request.path.hasSuffix("/ci/lint") { state.lintsAt.append(state.now) }
            let at = Instant(microseconds: state.now + state.ahead * 1_000_000)
            guard !state.isUnreachable else { return (nil, at) }
            var sent = FakeRequest(
                method: request.method.rawValue, target: "/api/v4" + request.target,
                headers: [("PRIVATE-TOKEN", Self.token)], body: request.body ?? [])
            if request.body != nil { sent.headers.append(("Content-Type", "application/json")) }
            let answer = state.rule(request) ?? state.gitlab.respond(to: sent, at: state.now).answer
            return (
                answer.map {
                    HTTPResponse(status: $0.status, headers: $0.headers.map { ($0.0, $0.1) }, body: $0.body)
                },
                at
            )
        }
    }

    var requests: [HTTPRequest] { state.withLock(\.requests) }
}

extension [Check] {
    /// Those that need attention.
    var faults: [Check] { filter { $0.verdict == .failure || $0.verdict == .warning } }

    subscript(id: CheckID) -> Check? { first { $0.id == id } }

    func ids(_ verdicts: Check.Verdict...) -> Set<CheckID> {
        Set(filter { verdicts.contains($0.verdict) }.map(\.id))
    }
}
