import CivilTime
import Doctor
import FakeGitLab
import Foundation
import GitLab
import HTTP
import Ledger
import Scheduling
import Synchronization
import Testing

@testable import Orchestrator

/// What is told to whom, and how it is asked.
@Suite struct ViewTests {
    @Test("A Maintainer's token: every check is judged, and all is fine")
    func maintainer() async throws {
        let checks = try await Clinic().examine()
        #expect(checks.filter { $0.verdict != .ok } == [])
        #expect(Set(checks.map(\.id)) == Set(CheckID.allCases))
    }

    @Test("A Developer's token: what it may not see is unknown, and somebody else can look")
    func developer() async throws {
        let checks = try await Clinic(.developer).examine()
        #expect(checks.ids(.unknown) == [.variablesRole, .cleanup, .runners])
        #expect(checks.ids(.failure, .warning, .skipped).isEmpty, "\(checks.faults)")
        for check in checks where check.verdict == .unknown { #expect(check.message.contains("ask")) }
    }

    @Test("The ledger proves that pipelines with variables worked")
    func proof() async throws {
        let clinic = try Clinic(.developer)
        let ledger = try Ledger(path: clinic.directory + "/.orchestrate/orchestrate.db", access: .writing())
        let fireTime = Instant(microseconds: Clinic.start).advanced(by: .seconds(-6 * 3_600))
        var run = Run(RunID(job: "nightly", fireTime: fireTime), state: .triggered)
        (run.project, run.ref, run.claimedAt, run.triggeredAt) = ("4242", "main", fireTime, fireTime)
        run.pipeline = Pipeline(id: 1, url: "https://gitlab.example.com/-/pipelines/1")
        try ledger.commit([.insert(run)])
        try ledger.close()
        let checks = await clinic.examine()
        #expect(
            checks[.variablesRole]?.message.contains("a pipeline with variables was created 6 h ago") == true)
    }

    @Test("A protected branch: only who may push or merge runs pipelines there")
    func protected() async throws {
        let clinic = try Clinic(.developer)
        clinic.settings { $0.projects[0].protectedBranches = ["main"] }
        let refused = await clinic.examine()
        #expect(refused.ids(.failure) == [.protectedRef], "\(refused.faults)")
        #expect(refused[.protectedRef]?.fix?.contains("allow the token's user to merge to main") == true)
        clinic.facts { $0.developersMerge = ["main"] }
        #expect(await clinic.examine()[.protectedRef]?.verdict == .ok)
        let other = try Clinic(.maintainer)
        other.settings { $0.projects[0].protectedBranches = ["main"] }
        #expect(await other.examine().faults == [])
    }

    @Test("A Guest lacks the role; nothing else is a failure")
    func guest() async throws {
        let checks = try await Clinic(.guest).examine()
        #expect(checks.ids(.failure, .warning) == [.role], "\(checks.faults)")
    }

    @Test("Only reads and lints are sent; jobs of other projects and refs are asked about once")
    func requests() async throws {
        let clinic = try Clinic()
        try clinic.write(
            "pipeline_name: a\nscheduler: '@daily'\n---\npipeline_name: b\nscheduler: '@daily'\n")
        _ = await clinic.examine()
        let sent = clinic.requests.map(\.place)
        #expect(sent.allSatisfy { $0.hasPrefix("GET ") || $0 == "POST /projects/4242/ci/lint" }, "\(sent)")
        #expect(sent.count { $0 == "POST /projects/4242/ci/lint" } == 3)
        #expect(Set(sent).count == sent.count - 2)
    }

    @Test("A client that only reads sends nothing else")
    func onlyReads() async throws {
        let sent = GitLabClientCount()
        await #expect(throws: (any Error).self) {
            _ = try await sent.client.cancelPipeline(project: "4242", id: 1)
        }
        #expect(sent.count == 0)
    }

    @Test("Ten lints a minute at most, and a limit of GitLab is waited for")
    func pace() async throws {
        let clinic = try Clinic()
        let jobs = (1...25).map { "pipeline_name: job\($0)\nscheduler: '\($0) 1 * * *'\n" }
        try clinic.write(jobs.joined(separator: "---\n"))
        let checks = await clinic.examine()
        #expect(checks.count { $0.id == .ciJob && $0.verdict == .ok } == 25)
        let times = clinic.state.withLock(\.lintsAt)
        #expect(times.count == 26)
        for (early, late) in zip(times, times.dropFirst(10)) { #expect(late - early >= 60_000_000) }
        #expect(clinic.state.withLock(\.told).count == 2)
        let limited = try Clinic()
        limited.facts { $0.lintsPerMinute = 1 }
        #expect(await limited.examine().filter { $0.verdict != .ok } == [])
    }

    @Test(
        "Whatever a request is answered with: never a crash, and never a failure",
        arguments: [
            FakeAnswer.message(403, "403 Forbidden"), .message(404, "404 Something Else"), .proxy(403),
            .proxy(502),
            .message(500, "500 Internal Server Error"), json("[]"), json("{}"), json("7"), json("nonsense"),
            json(#"[{"id":"x"},7,null]"#), .message(429, "Too many"), json(#"{"valid":true}"#),
        ])
    func oddAnswers(_ answer: FakeAnswer) async throws {
        let clinic = try Clinic()
        clinic.change { $0.rule = { _ in answer } }
        let all = await clinic.examine()
        #expect(all.ids(.failure).isEmpty, "\(all.faults)")
        for path in [
            "/self", "/user", "/metadata", "/4242", "/all/901", "/main", "/lint", "_schedules", "/runners",
            "_periods",
        ] {
            // An empty list is an answer: there are none.
            if answer.text == "[]", path == "_schedules" || path == "/runners" { continue }
            let clinic = try Clinic()
            clinic.change { $0.rule = { $0.path.hasSuffix(path) ? answer : nil } }
            let checks = await clinic.examine()
            #expect(checks.ids(.failure).isEmpty, "\(path): \(checks.faults)")
        }
    }

    @Test("Without GitLab: no request; what needs one is skipped")
    func offline() throws {
        let clinic = try Clinic()
        let checks = clinic.diagnosis().offline().checks
        #expect(clinic.requests.isEmpty)
        #expect(checks.ids(.ok) == [.env, .jobFiles, .ledger, .timeZones, .notify, .rate])
        #expect(checks.ids(.skipped).count == CheckID.allCases.count - 6)
        #expect(!FileManager.default.fileExists(atPath: clinic.directory + "/.orchestrate"))
    }

    @Test("Outside CI there is no own job")
    func outsideCI() async throws {
        let clinic = try Clinic()
        clinic["CI_JOB_ID"] = nil
        #expect(await clinic.examine().filter { $0.verdict != .ok }.map(\.id) == [.successor, .schedulerJob])
    }
}

/// Counts what leaves a client that only reads.
private final class GitLabClientCount: Sendable {
    private let sent = Mutex(0)

    var count: Int { sent.withLock(\.self) }

    var client: GitLabClient {
        .onlyReading(hiding: { [] }) { _ throws(TransportFailure) in
            self.sent.withLock { $0 += 1 }
            return HTTPResponse(status: 200)
        }
    }
}
