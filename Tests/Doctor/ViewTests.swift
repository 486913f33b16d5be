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
        #expect(checks.ids(.unknown) == [.variablesRole, .cleanup, .runners, .successor])
        #expect(checks.ids(.failure, .warning, .skipped).isEmpty, "\(checks.faults)")
        for check in checks where check.verdict == .unknown { #expect(check.message.contains("ask")) }
    }

    @Test("The ledger proves that pipelines with variables worked")
    func proof() async throws {
        let clinic = try Clinic(.developer)
        try clinic.recordPipeline()
        let checks = await clinic.examine()
        #expect(
            checks[.variablesRole]?.message.contains("a pipeline with variables was created 6 h ago") == true)
        #expect(checks[.runners]?.message.contains("a pipeline was created 6 h ago") == true)
    }

    @Test("The ledger remembers that marks travel as inputs, which a Developer cannot see")
    func rememberedInputs() async throws {
        let clinic = try Clinic(.developer)
        try clinic.recordPipeline(mark: .inputs)
        clinic.facts { $0.ciFile?.inputs = [] }
        let checks = await clinic.examine()
        #expect(checks[.inputs]?.verdict == .failure)
        #expect(
            checks[.variablesRole]?.message == "not needed: run ids travel as inputs, as the ledger remembers"
        )
        #expect(checks[.runners]?.message.contains("a pipeline was created 6 h ago") == true)
    }

    @Test("ORCHESTRATE_MARK decides what is judged", arguments: ["inputs", "variables"])
    func setMark(_ mark: String) async throws {
        let clinic = try Clinic()
        clinic["ORCHESTRATE_MARK"] = mark
        clinic.facts { $0.ciFile?.inputs = [] }
        #expect(await clinic.examine()[.inputs]?.verdict == (mark == "inputs" ? .failure : .ok))
    }

    @Test("A protected branch: only who may push or merge runs pipelines there")
    func protected() async throws {
        let clinic = try Clinic(.developer)
        clinic.settings { $0.projects[0].protectedBranches = ["main"] }
        clinic.facts { $0.developersMerge = ["main"] }
        #expect(await clinic.examine()[.protectedRef]?.verdict == .ok)
        #expect(try await clinic.look() == ["info: doctor: token, role and refs look good"])
        clinic.facts { $0.developersMerge = [] }
        #expect(
            try await clinic.look()?.first?.hasPrefix("error: doctor: ref.protected: 4242@main: protected")
                == true)
        // Only Maintainers may merge, and nobody may push: a dry run tells who this is.
        let other = try Clinic(.maintainer)
        other.change {
            $0.rule = {
                $0.path.hasSuffix("/branches/main")
                    ? json(
                        #"{"name":"main","protected":true,"can_push":false,"developers_can_merge":false}"#)
                    : nil
            }
        }
        #expect(await other.examine().filter { $0.verdict != .ok } == [])
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
        let closed = try Clinic()
        closed.change {
            $0.rule = {
                guard $0.path.hasSuffix("/lint") else { return nil }
                var answer = FakeAnswer.message(429, "Too many")
                answer.headers.append(("Retry-After", "3600"))
                return answer
            }
        }
        #expect(await closed.examine().ids(.unknown).isSuperset(of: [.ciFile, .ciJob, .workflowName]))
        #expect(closed.state.withLock(\.now) == Clinic.start)
    }

    @Test("What a lint repeats of a job's variables, of the token and of scripts is not shown")
    func secrets() async throws {
        for (error, shown) in [
            ("script: echo glpat-clinic-secret", "script: echo [hidden]"),
            ("x: opensesame\nis bad", "x: [hidden]"),
        ] {
            let clinic = try Clinic()
            try clinic.write("pipeline_name: a\nscheduler: '@daily'\nvariables: {KEY: opensesame}\n")
            clinic.facts { $0.ciFile?.errors = [error] }
            let checks = await clinic.examine()
            #expect(checks.ids(.failure) == [.ciFile])
            #expect(checks[.ciFile]?.message.hasPrefix(shown) == true, "\(checks.faults)")
            #expect(!"\(checks)".contains("opensesame") && !"\(checks)".contains(Clinic.token))
        }
    }

    @Test("No secret gets into a path, and inputs that only jobs give are judged with the jobs")
    func names() async throws {
        let clinic = try Clinic()
        clinic.replace("interruptible: false", with: "resource_group: $CI_PIPELINE_TOKEN")
        #expect(await clinic.examine().faults == [])
        #expect(!clinic.requests.contains { $0.target.contains("secret") || $0.path.contains("resource") })
        let other = try Clinic()
        other.change {
            $0.rule = {
                $0.body.map { String(decoding: $0, as: UTF8.self).contains("\"dry_run\":false") } ?? false
                    ? json(
                        #"{"valid":false,"errors":["`.gitlab-ci.yml`: `region` input: required value has not been provided"]}"#
                    )
                    : nil
            }
        }
        let checks = await other.examine()
        #expect(checks.faults == [] && checks[.ciJob]?.verdict == .ok)
        #expect(checks[.ciFile]?.message.hasSuffix("see ci.job") == true)
    }

    @Test("What the lint judges as for a push is not sure: said, and no failure")
    func unsure() async throws {
        let clinic = try Clinic()
        clinic.replace(
            "rules:\n  - if: $ORCHESTRATE_JOB", with: "rules:\n  - changes: [src]\n    if: $ORCHESTRATE_JOB")
        let found = try #require(await clinic.examine()[.ciJob])
        #expect(found.verdict == .ok && found.message.hasSuffix("judges `rules:changes` as for a push"))
        clinic.facts { $0.ciFile?.jobs = [.init("work", only: ["weekly"])] }
        let empty = try #require(await clinic.examine()[.ciJob])
        #expect(empty.verdict == .unknown && empty.message.contains("`orchestrate trigger nightly`"))
        let other = try Clinic()
        try other.write(
            "pipeline_name: a\nscheduler: '@daily'\nvariables: [{key: KEY, value: x, variable_type: file}]\n")
        other.facts { $0.ciFile?.jobs = [] }
        #expect(
            await other.examine()[.ciJob]?.message.contains("it takes no file variable such as KEY") == true)
    }

    @Test("Inputs are not missed where variables are allowed, or were taken lately")
    func unneeded() async throws {
        let clinic = try Clinic()
        clinic.facts { $0.ciFile?.inputs = [] }
        #expect(await clinic.examine().filter { $0.verdict != .ok } == [])
        let other = try Clinic(.developer)
        other.facts { $0.ciFile?.inputs = [] }
        try other.recordPipeline()
        #expect(await other.examine().faults == [])
        clinic.settings { $0.projects[0].variablesRole = "no_one_allowed" }
        let checks = await clinic.examine()
        #expect(checks.ids(.failure) == [.inputs] && checks.ids(.warning) == [.variablesRole])
    }

    @Test("A CI job that starts a pipeline, or whose tags are variables, needs no runner that fits")
    func runners() async throws {
        let clinic = try Clinic()
        clinic.facts { $0.runners[0].runsUntagged = false }
        clinic.replace("work:\n", with: "work:\n  trigger: acme/other\n")
        #expect(await clinic.examine().faults == [])
        clinic.facts { $0.ciFile?.jobs = [.init("other", tags: ["$RUNNER"])] }
        #expect(await clinic.examine().faults == [])
    }

    @Test("The only pipeline schedule on the own ref starts schedulers; of two, each may repeat a job")
    func successor() async throws {
        let clinic = try Clinic()
        try clinic.write("pipeline_name: even\nscheduler: '20 */2 * * *'\n")
        #expect(await clinic.examine().faults == [])
        clinic.facts { $0.schedules.append(FakeSchedule(id: 14, description: "daily", cron: "0 4 * * *")) }
        let checks = await clinic.examine()
        #expect(checks.faults.map(\.id) == [.doubled])
        #expect(checks[.doubled]?.message.contains("schedule 13") == true)
    }

    @Test("Answers that point at one another are followed once")
    func moved() async throws {
        let clinic = try Clinic()
        clinic.change {
            $0.rule = { request in
                let other = request.path == "/projects/7" ? "8" : "7"
                guard request.path.hasPrefix("/projects/") else { return nil }
                let place = "https://gitlab.example.com/api/v4/projects/\(other)"
                return FakeAnswer(status: 301, headers: [("Location", place)], body: [])
            }
        }
        #expect(await clinic.examine().ids(.unknown) == [.project])
        #expect(clinic.requests.count { $0.path.hasPrefix("/projects/") } == 2)
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

    @Test("A scheduler looks at token, role and refs only, and tells what is wrong")
    func daily() async throws {
        let clinic = try Clinic(.developer)
        #expect(try await clinic.look() == ["info: doctor: token, role and refs look good"])
        #expect(
            clinic.requests.map(\.place) == [
                "GET /personal_access_tokens/self", "GET /user", "GET /projects/4242",
                "GET /projects/4242/members/all/901", "GET /projects/4242/repository/branches/main",
            ])
        clinic.settings { $0.tokens[0].until = "2026-03-14" }
        let lines = try #require(try await clinic.look())
        #expect(
            lines.count == 1
                && lines[0].hasPrefix("error: doctor: token.expiry: the token expires at 2026-03-14"))
        clinic.change { $0.isUnreachable = true }
        #expect(try await clinic.look() == nil)
        let revoked = try Clinic()
        revoked.settings { $0.tokens[0].state = .revoked }
        #expect(try await revoked.look() == nil)
        let odd = try Clinic()
        odd.change { $0.rule = { _ in json("{}") } }
        let words = try #require(try await odd.look())
        #expect(words.count == 1 && words[0].hasPrefix("info: doctor: found nothing wrong"))
        let many = try Clinic()
        let jobs = (1...30).map { "pipeline_name: job\($0)\nscheduler: '@daily'\nref: gone\($0)\n" }
        try many.write(jobs.joined(separator: "---\n"))
        #expect(try await many.look()?.count == 21)
        #expect(try await many.look()?.last?.hasPrefix("warning: doctor: and 10 more") == true)
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
