import Doctor
import FakeGitLab
import Foundation
import Testing

/// One fault, and the check that tells it.
struct Fault: CustomTestStringConvertible, Sendable {
    var id: CheckID
    var verdict: Check.Verdict
    var name: String
    /// What the message or the fix has to hold.
    var words: String
    var role: FakeToken.Role
    var marking: Facts.Marking
    var make: @Sendable (Clinic) throws -> Void

    init(
        _ id: CheckID, _ verdict: Check.Verdict, _ name: String, _ words: String,
        of role: FakeToken.Role = .maintainer, marking: Facts.Marking = .auto,
        _ make: @escaping @Sendable (Clinic) throws -> Void
    ) {
        (self.id, self.verdict, self.name, self.words) = (id, verdict, name, words)
        (self.role, self.marking, self.make) = (role, marking, make)
    }

    static let all = token + project + file + scheduler + local

    var testDescription: String { "\(id.rawValue): \(name)" }

    static let token: [Fault] = [
        Fault(.gitlab, .failure, "unreachable", "CI_API_V4_URL") { $0.change { $0.isUnreachable = true } },
        Fault(.gitlab, .warning, "old", "16.9") { $0.settings { $0.version = "16.3.1" } },
        Fault(.clock, .warning, "4 s ahead", "ahead of GitLab") { $0.change { $0.ahead = 4 } },
        Fault(.clock, .failure, "a minute behind", "NTP") { $0.change { $0.ahead = -60 } },
        Fault(.token, .failure, "revoked", "CI_PIPELINE_TOKEN") {
            $0.settings { $0.tokens[0].state = .revoked }
        },
        Fault(.token, .failure, "not active", "create a token") { clinic in
            clinic.change {
                $0.rule = {
                    $0.path.hasSuffix("/self")
                        ? json(#"{"id":1,"user_id":901,"active":false,"scopes":["api"],"expires_at":null}"#)
                        : nil
                }
            }
        },
        Fault(.tokenScope, .failure, "read_api", "read_api, and needs api") { clinic in
            clinic.change {
                $0.rule = {
                    $0.path.hasSuffix("/self")
                        ? json(
                            #"{"id":1,"user_id":901,"active":true,"scopes":["read_api"],"expires_at":null}"#)
                        : nil
                }
            }
        },
        Fault(.tokenExpiry, .failure, "in five days", "nightly@2026-03-13T06:30:00Z") {
            $0.settings { $0.tokens[0].until = "2026-03-14" }
        },
        Fault(.tokenExpiry, .warning, "in twelve days", "2026-03-22T00:00:00Z") {
            $0.settings { $0.tokens[0].until = "2026-03-22" }
        },
        Fault(.roleExpiry, .warning, "in twelve days", "the membership expires") {
            $0.facts { $0.memberUntil = "2026-03-22" }
        },
        Fault(.role, .failure, "a blocked user", "membership of the token's user is blocked") { clinic in
            clinic.change {
                $0.rule = {
                    $0.path.hasSuffix("/members/all/901")
                        ? json(#"{"id":901,"state":"blocked","access_level":40,"expires_at":null}"#) : nil
                }
            }
        },
        Fault(.role, .failure, "no member", "add the user as Developer") {
            $0.facts { $0.isStranger = true }
        },
    ]

    static let project: [Fault] = [
        Fault(.project, .failure, "wrong id", "CI_PROJECT_ID") { $0["CI_PROJECT_ID"] = "4243" },
        Fault(.archived, .failure, "archived", "Unarchive") { $0.facts { $0.isArchived = true } },
        Fault(.pipelines, .failure, "off", "switch it on") { $0.facts { $0.builds = "disabled" } },
        Fault(.ref, .failure, "gone", "jobs that run there: x") {
            try $0.write("pipeline_name: x\nscheduler: '@daily'\nref: gone\n")
        },
        Fault(.protectedRef, .failure, "for Maintainers", "user to merge to main", of: .developer) {
            $0.settings { $0.projects[0].protectedBranches = ["main"] }
        },
        Fault(.cleanup, .warning, "after a week", "8 days or more") {
            $0.facts { $0.deletesPipelinesAfter = 604_800 }
        },
        Fault(
            .variablesRole, .failure, "nobody", "Minimum role to use pipeline variables", marking: .variables
        ) {
            $0.settings { $0.projects[0].variablesRole = "no_one_allowed" }
        },
        Fault(
            .variablesRole, .failure, "Owners only", "allows them from the role Owner on", marking: .variables
        ) {
            $0.settings { $0.projects[0].variablesRole = "owner" }
        },
        Fault(.variablesRole, .warning, "nobody, and inputs are there", "ORCHESTRATE_MARK=inputs") {
            $0.settings { $0.projects[0].variablesRole = "no_one_allowed" }
        },
        Fault(.runners, .failure, "none", "start a runner") { $0.facts { $0.runners = [] } },
        Fault(.runners, .failure, "paused", "paused") { $0.facts { $0.runners[0].isPaused = true } },
        Fault(.runners, .failure, "other tags", "the tags gpu") {
            $0.facts { $0.ciFile?.jobs = [.init("work", tags: ["gpu"])] }
        },
        Fault(.runners, .failure, "tagged jobs only", "with no tag") {
            $0.facts { $0.runners[0].runsUntagged = false }
        },
        Fault(.freeze, .warning, "now", "CI_DEPLOY_FREEZE") {
            $0.facts { $0.freezes = [("0 9 * * 1", "0 9 * * 2")] }
        },
        Fault(.freeze, .warning, "tonight", "begins at 2026-03-09T23:00:00Z") {
            $0.facts { $0.freezes = [("0 23 * * 1", "0 8 * * 2")] }
        },
    ]

    static let file: [Fault] = [
        Fault(.ciFile, .failure, "missing", "does not exist") { $0.facts { $0.ciFile = nil } },
        Fault(.ciFile, .failure, "wrong", "unknown keys") {
            $0.facts { $0.ciFile?.errors = ["jobs:work config contains unknown keys: skript"] }
        },
        Fault(.ciJob, .failure, "left out", "- if: $ORCHESTRATE_JOB_NAME") { clinic in
            clinic.change {
                $0.rule = {
                    $0.body.map { String(decoding: $0, as: UTF8.self).contains("\"dry_run\":true") } ?? false
                        ? json(#"{"valid":false,"errors":["Pipeline filtered out by workflow rules."]}"#)
                        : nil
                }
            }
        },
        Fault(.ciJob, .failure, "empty", #"$ORCHESTRATE_JOB_NAME == "nightly""#) {
            $0.facts { $0.ciFile?.jobs = [.init("work", only: ["weekly"])] }
        },
        Fault(.inputs, .warning, "not declared", "ORCHESTRATE_MARK=variables", of: .developer) {
            $0.facts { $0.ciFile?.inputs = [] }
        },
        Fault(.inputs, .failure, "needed", "spec: {inputs:", marking: .inputs) {
            $0.facts { $0.ciFile?.inputs = [] }
        },
        Fault(.workflowName, .warning, "none", "name: 'orchestrate $ORCHESTRATE_RUN_ID'") {
            $0.replace(
                "name: orchestrate $ORCHESTRATE_RUN_ID $[[ inputs.orchestrate_run_id ]]", with: "name: ours")
        },
        Fault(.workflowName, .failure, "none of the inputs", "inputs.orchestrate_run_id", marking: .inputs) {
            $0.replace("$[[ inputs.orchestrate_run_id ]]", with: "")
        },
        Fault(.autoCancel, .warning, "a push cancels", "on_new_commit: none") {
            $0.replace("on_new_commit: none", with: "on_new_commit: conservative")
        },
    ]

    static let scheduler: [Fault] = [
        Fault(.successor, .failure, "no schedule", "Pipeline schedules") { $0.facts { $0.schedules = [] } },
        Fault(.successor, .failure, "its owner is blocked", "take ownership") {
            $0.facts { $0.schedules[0].ownerState = "blocked" }
        },
        Fault(.successor, .warning, "too seldom", "ends after 24 h") {
            $0.facts { $0.schedules[0].cron = "0 0 * * 1" }
        },
        Fault(.successor, .failure, "starts no scheduler", "ORCHESTRATE_START") {
            $0.facts { $0.schedules[0].variables = ["OTHER": "true"] }
        },
        Fault(.successor, .warning, "the last minutes", "ends after 2.1 h") { $0["CI_JOB_TIMEOUT"] = "7400" },
        Fault(.successor, .warning, "the runner ends it earlier", "ends after 110 min") {
            $0["RUNNER_SCRIPT_TIMEOUT"] = "1h50m"
        },
        Fault(.schedulerJob, .warning, "no retry", "retry: {max: 2") { clinic in
            clinic.replace("retry:", with: "other:")
        },
        Fault(.doubled, .warning, "twice", "schedule 14 “nightly”") {
            $0.facts {
                $0.schedules.append(
                    FakeSchedule(id: 14, description: "nightly", cron: "30 2 * * *", zone: "America/New_York")
                )
            }
        },
        Fault(.schedulerJob, .warning, "interruptible", "interruptible: false") {
            $0.replace("interruptible: false", with: "interruptible: true")
        },
        Fault(.schedulerJob, .warning, "no cache", "when: always") {
            $0.replace(".orchestrate/", with: "elsewhere/")
        },
        Fault(.schedulerJob, .warning, "a ledger outside the project", "ORCHESTRATE_DB") {
            $0["CI_PROJECT_DIR"] = "/builds/group/project"
        },
        Fault(.schedulerJob, .warning, "stored after success only", "when: always") {
            $0.replace("when: always", with: "when: on_success")
        },
        Fault(.schedulerJob, .warning, "an hour", "timeout: 24h") { clinic in
            clinic.replace("  timeout: 24h\n", with: "")
            clinic["CI_JOB_TIMEOUT"] = "3600"
            clinic.facts { $0.schedules[0].cron = "*/20 * * * *" }
        },
        Fault(.schedulerJob, .warning, "newest first", "process_mode=unordered") { clinic in
            clinic["CI_COMMIT_REF_SLUG"] = "ours"
            clinic.replace("interruptible: false", with: "resource_group: $CI_COMMIT_REF_SLUG")
            clinic.change {
                $0.rule = {
                    $0.path.hasSuffix("/resource_groups/ours")
                        ? json(#"{"id":1,"key":"ours","process_mode":"newest_first"}"#) : nil
                }
            }
        },
    ]

    static let local: [Fault] = [
        Fault(.env, .failure, "no token", "CI_PIPELINE_TOKEN") { $0["CI_PIPELINE_TOKEN"] = nil },
        Fault(.env, .warning, "in clear", "https://") {
            $0["CI_API_V4_URL"] = "http://gitlab.example.com/api/v4"
        },
        Fault(.jobFiles, .failure, "a bad file", "61") {
            try $0.write("pipeline_name: bad\nscheduler: '61 * * * *'\n", to: "jobs/bad.yml")
        },
        Fault(.jobFiles, .warning, "no job", "write a job file") { clinic in
            try FileManager.default.removeItem(atPath: clinic.directory + "/jobs/jobs.yml")
        },
        Fault(.ledger, .failure, "no database", "--db") {
            try $0.write(String(repeating: "no database ", count: 60), to: ".orchestrate/orchestrate.db")
        },
        Fault(.timeZones, .failure, "no tz database", "tzdata") { $0["TZDIR"] = "/nowhere" },
        Fault(.notify, .failure, "not set", "ORCHESTRATE_NOTIFY_OPS") { $0["ORCHESTRATE_NOTIFY"] = "ops" },
        Fault(.notify, .failure, "no such file", "ORCHESTRATE_NOTIFY_OPS_FILE: the file it names") {
            $0["ORCHESTRATE_NOTIFY_OPS_FILE"] = "/nowhere/hook"
        },
        Fault(.notify, .failure, "no scheme", "json+, slack+") {
            $0["ORCHESTRATE_NOTIFY_OPS"] = "https://hooks.example.com/hunter2-in-a-url"
        },
        Fault(.rate, .warning, "too many at once", "jitter") { clinic in
            clinic["ORCHESTRATE_RATE_PER_MINUTE"] = "1"
            try clinic.write(
                "pipeline_name: a\nscheduler: '@daily'\n---\npipeline_name: b\nscheduler: '@daily'\n")
        },
    ]
}

func json(_ text: String) -> FakeAnswer {
    FakeAnswer(status: 200, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
}

extension Clinic {
    func replace(_ text: String, with other: String) {
        facts {
            $0.ciFile = $0.ciFile.map {
                var file = $0; file.text = file.text.replacing(text, with: other); return file
            }
        }
    }
}

@Suite struct FaultTests {
    @Test("That check tells it, with what to do, and no other", arguments: Fault.all)
    func fault(_ fault: Fault) async throws {
        let clinic = try Clinic(fault.role)
        try fault.make(clinic)
        let checks = await clinic.examine(marking: fault.marking)
        #expect(checks.faults.map(\.id) == [fault.id], "\(checks.faults)")
        let found = try #require(checks.faults.first)
        #expect(found.verdict == fault.verdict)
        #expect(
            "\(found.target ?? ""): \(found.message) \(found.fix ?? "")".contains(fault.words), "\(found)")
        #expect(found.fix?.isEmpty == false)
        #expect(Set(checks.map(\.id)) == Set(CheckID.allCases))
        #expect(!"\(checks)".contains("hunter2") && !"\(checks)".contains(Clinic.token))
        #expect(clinic.requests.allSatisfy { $0.method == .get || $0.place == "POST /projects/4242/ci/lint" })
    }

    @Test(
        "A Developer's token: that check tells it, or that it cannot see it; no other tells",
        arguments: Fault.all)
    func hidden(_ fault: Fault) async throws {
        let clinic = try Clinic(.developer)
        try fault.make(clinic)
        let checks = await clinic.examine(marking: fault.marking)
        #expect(checks.filter { $0.id == fault.id }.contains { $0.verdict != .ok && $0.verdict != .skipped })
        #expect(checks.faults.allSatisfy { $0.id == fault.id }, "\(checks.faults)")
    }

    @Test("Each id has its fault")
    func complete() {
        #expect(Set(Fault.all.map(\.id)) == Set(CheckID.allCases))
    }
}
