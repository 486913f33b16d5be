import TestSupport
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
        #expect(row.sha == "7b1d0c6f1e9a4c0f8c5e2a9d3b6f4e8170a2c4d6")
        #expect(row.source == "api")
        #expect(row.name == nil)
        #expect(row.webURL == "https://gitlab.example.com/acme/cron-demo/-/pipelines/70001")
        #expect(row.createdAt == 1_768_446_000_412_000)
        #expect(row.updatedAt == 1_768_446_000_655_000)
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
        #expect(row.pipelineID == 69_100)
        #expect(row.createdAt == 1_768_456_800_300_000)
        #expect(row.startedAt == 1_768_456_812_000_000)
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
        ("created", false), ("waiting_for_resource", false), ("preparing", false),
        ("waiting_for_callback", false), ("pending", false), ("running", false), ("success", true),
        ("failed", true), ("canceling", false), ("canceled", true), ("skipped", true), ("manual", false),
        ("scheduled", false), ("of_the_future", false), ("", false), ("Success", false),
    ])
    func statuses(word: String, isFinal: Bool) {
        let status = PipelineStatus(word)
        #expect(status.isFinal == isFinal)
        #expect(status.word == word)
    }

    @Test func unknownStatuses() {
        #expect(PipelineStatus("of_the_future") == .unknown("of_the_future"))
        #expect(Set(PipelineStatus.known.map(\.word)).count == 13)
    }
}

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-01-15T03:00:00.412Z", 1_768_446_000_412_000),
            ("2026-01-15T03:00:00.4125678Z", 1_768_446_000_412_567),
            ("2026-01-15T05:00:00.000+02:00", 1_768_446_000_000_000),
            ("2026-01-14T23:30:00-0330", 1_768_446_000_000_000),
            ("2026-01-15 03:00:00Z", 1_768_446_000_000_000),
            ("1969-12-31T23:59:59.999999Z", -1), ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000), ("2016-12-31T23:59:60Z", 1_483_228_799_000_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ] as [(String, Int64)])
    func read(text: String, microseconds: Int64) {
        #expect(Timestamp.read(text) == microseconds)
    }

    @Test(arguments: [
        "", "2026-01-15", "2026-01-15T03:00:00", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-10T00:00:00Z", "2026-01-32T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-15T24:00:00Z", "2026-01-15T03:60:00Z", "2026-01-15T03:00:61Z", "2026-01-15T03:00:00Zx",
        "2026-01-15T03:00:00+24:00", "2026-01-15T03:00:00+2", "-026-01-15T03:00:00Z", "２026-01-15T03:00:00Z",
        "2026-01-15X03:00:00Z", "2026-01-15T03:00:00 UTC",
    ])
    func refused(text: String) {
        #expect(Timestamp.read(text) == nil)
    }

    @Test(
        arguments: [
            ("Thu, 15 Jan 2026 03:01:00 GMT", 1_768_446_060_000_000), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Sat, 31 Dec 2016 23:59:60 GMT", 1_483_228_799_000_000), ("Thu, 15 Jan 2026 03:01:00 CET", nil),
            ("Thu, 15 Foo 2026 03:01:00 GMT", nil), ("Thu, 31 Feb 2026 03:01:00 GMT", nil), ("", nil),
            ("Thursday, 15-Jan-26 03:01:00 GMT", nil),
        ] as [(String, Int64?)])
    func http(text: String, microseconds: Int64?) {
        #expect(Timestamp.readHTTP(text) == microseconds)
    }

    @Test(arguments: Seeds.first(3))
    func roundTrip(seed: UInt64) {
        var random = SplitMix(seed: seed)
        for _ in 0..<2_000 {
            let milliseconds = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            let text = Timestamp.write(milliseconds * 1_000)
            #expect(Timestamp.read(text) == milliseconds * 1_000, "\(text) of \(milliseconds)")
        }
        #expect(Timestamp.write(.min) == "0001-01-01T00:00:00.000Z")
        #expect(Timestamp.write(.max) == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp.write(-1) == "1969-12-31T23:59:59.999Z")
    }
}
