import CivilTime
import HTTP
import ScriptedGitLab
import Testing

@testable import GitLab

/// Pipelines and CI jobs as GitLab describes them, with all fields and with hardly any.
@Suite struct RowTests {
    /// `Entities::Ci::Pipeline` with every field, as `POST /projects/:id/pipeline` answers.
    private static let pipeline = """
        {"id":70001,"iid":10001,"project_id":4242,"sha":"7b1d0c6f1e9a4c0f8c5e2a9d3b6f4e8170a2c4d6",
        "ref":"main","status":"created","source":"api","created_at":"2026-01-15T03:00:00.412Z",
        "updated_at":"2026-01-15T03:00:00.655Z",
        "web_url":"https://gitlab.example.com/acme/cron-demo/-/pipelines/70001",
        "before_sha":"0000000000000000000000000000000000000000","tag":false,"yaml_errors":null,
        "user":{"id":901,"username":"project_4242_bot_5f2c","public_email":null,"name":"orchestrate",
        "state":"active","locked":false,"avatar_url":null,"web_url":"https://gitlab.example.com/bot"},
        "started_at":null,"finished_at":null,"committed_at":null,"duration":null,"queued_duration":0.01,
        "coverage":null,"detailed_status":{"icon":"status_created","text":"Created","label":"created",
        "group":"created","tooltip":"created","has_details":true,"illustration":null}}
        """

    private static let job = """
        {"id":600045,"status":"running","stage":"run","name":"scheduler","ref":"main","tag":false,
        "coverage":"98.5","allow_failure":false,"created_at":"2026-01-15T06:00:00.300Z",
        "started_at":"2026-01-15T06:00:12.000Z","finished_at":null,"erased_at":null,"duration":3.0,
        "queued_duration":11.0,"user":{"id":901},"commit":{"id":"7b1d","parent_ids":["1f1f"],
        "created_at":"2026-01-14T16:20:11.000+00:00","message":"Add nightly jobs\\n","trailers":{}},
        "pipeline":{"id":69100,"iid":9100,"status":"running"},"web_url":"https://gitlab.example.com/j/600045",
        "project":{"ci_job_token_scope_enabled":false},"artifacts":[],"runner":{"id":77,"active":true},
        "runner_manager":null,"artifacts_expire_at":null,"archived":false,"tag_list":["docker"]}
        """

    @Test func wholePipeline() throws {
        let row = try #require(
            PipelineRow(JSONReader.read(Array(Self.pipeline.utf8), keeping: JSON.rowMembers)))
        #expect(row.id == 70_001)
        #expect(row.status == .created)
        #expect(row.ref == "main")
        #expect(row.source == "api")
        #expect(row.name == nil)
        #expect(row.webURL == "https://gitlab.example.com/acme/cron-demo/-/pipelines/70001")
        #expect(row.createdAt == Instant(microseconds: 1_768_446_000_412_000))
        #expect(row.updatedAt == Instant(microseconds: 1_768_446_000_655_000))
        #expect(row.startedAt == nil)
    }

    @Test func wholeJob() throws {
        let row = try #require(JobRow(JSONReader.read(Array(Self.job.utf8), keeping: JSON.rowMembers)))
        #expect(row.id == 600_045)
        #expect(row.name == "scheduler")
        #expect(row.status == .running)
        #expect(row.stage == "run")
        #expect(row.ref == "main")
        #expect(!row.allowFailure)
        #expect(row.failureReason == nil)
        #expect(row.createdAt == Instant(microseconds: 1_768_456_800_300_000))
        #expect(row.startedAt == Instant(microseconds: 1_768_456_812_000_000))
        #expect(row.finishedAt == nil)
    }

    @Test(arguments: [
        (#"{"id":1,"status":"success"}"#, true), (#"{"id":"1","status":"success"}"#, true),
        (#"{"id":1,"status":"success","ref":7,"created_at":"soon","name":null,"new":[{}]}"#, true),
        (#"{"id":1.5,"status":"success"}"#, false), (#"{"id":9223372036854775808,"status":"x"}"#, false),
        (#"{"id":1}"#, false), (#"{"status":"success"}"#, false), (#"{"id":1,"status":null}"#, false),
        ("[]", false), ("7", false),
    ])
    func pipelinesWithHardlyAnything(json: String, isRow: Bool) throws {
        #expect((PipelineRow(try JSONReader.read(Array(json.utf8))) != nil) == isRow)
    }

    @Test func failedJob() throws {
        let json =
            #"{"id":2,"name":"a","status":"failed","allow_failure":true,"failure_reason":"script_failure"}"#
        let row = try #require(JobRow(JSONReader.read(Array(json.utf8))))
        #expect(row.allowFailure)
        #expect(row.failureReason == "script_failure")
        #expect(JobRow(try JSONReader.read(Array(#"{"id":2,"status":"failed"}"#.utf8))) == nil)
    }

    @Test(arguments: [
        ("created", true), ("waiting_for_resource", true), ("preparing", true),
        ("waiting_for_callback", true),
        ("pending", true), ("running", true), ("success", true), ("failed", true), ("canceling", true),
        ("canceled", true), ("skipped", true), ("manual", true), ("scheduled", true),
        ("of_the_future", false), ("", false), ("Success", false),
    ])
    func statuses(word: String, isKnown: Bool) throws {
        let json = try JSONReader.read(Array(#"{"id":1,"name":"a","status":"\#(word)"}"#.utf8))
        let pipeline = try #require(PipelineRow(json))
        #expect(pipeline.status?.rawValue == (isKnown ? word : nil))
        #expect(pipeline.statusWord == word)
        #expect(try #require(JobRow(json)).status == pipeline.status)
        #expect(PipelineStatus.allCases.count == 13)
    }
}

@Suite struct OutsideTextTests {
    @Test("A text of GitLab's is one printable line without the token, and not too long")
    func presentable() async throws {
        let hostile =
            "a\u{1B}[2Jb\nc\u{202E}d\u{2028}e glpat-secret-123 " + String(repeating: "ü", count: 5_000)
        let text = hostile.unicodeScalars.map { scalar in
            let digits = String(scalar.value, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
        let body = #"{"id":1,"status":"\#(text.joined())","web_url":"\#(text.joined())","ref":"main"}"#
        let client = Scripted(200, body).client(hiding: [Secret("glpat-secret-123")])
        let row = try await client.pipeline(project: "1", id: 1)
        let url = try #require(row.webURL)
        #expect(url.hasPrefix("a [2Jb c d e [hidden] üü") && url.hasSuffix("ü…"))
        #expect(url.utf8.count <= 2_048 && url.utf8.count > 2_040)
        #expect(row.status == nil && row.statusWord == url)
    }
}
