import FakeGitLab
import Testing

@Suite struct FakeGitLabFieldTests {
    static let row = "created_at id iid name project_id ref sha source status updated_at web_url"
    static let pipeline =
        "before_sha committed_at coverage created_at detailed_status duration finished_at id iid project_id "
        + "queued_duration ref sha source started_at status tag updated_at user web_url yaml_errors"
    static let job =
        "allow_failure archived artifacts artifacts_expire_at commit coverage created_at duration erased_at "
        + "finished_at id name pipeline project queued_duration ref runner runner_manager source stage "
        + "started_at status tag tag_list user web_url"

    private func names(_ json: FakeJSON) -> String { json.names.sorted().joined(separator: " ") }

    @Test func answersHaveTheFieldsOfTheRecordings() {
        var gitlab = fake()
        let created = gitlab.send("POST", "/pipeline", ["ref": "main"])
        #expect(created.status == 201)
        #expect(names(created.json) == Self.pipeline)
        let id = created.json["id"].int ?? 0
        let read = gitlab.send("GET", "/pipelines/\(id)").json
        #expect(read.names.contains("name") && read.names.count == created.json.names.count + 1)
        #expect(names(gitlab.send("GET", "/pipelines").json[0]) == Self.row)
        let status = "details_path favicon group has_details icon illustration label text tooltip"
        #expect(names(read["detailed_status"]) == status)
        let user = "avatar_url id locked name public_email state username web_url"
        #expect(names(read["user"]) == user)
        let job = gitlab.send("GET", "/pipelines/\(id)/jobs", at: 1).json[0]
        #expect(names(job) == Self.job)
        #expect(names(job["pipeline"]) == Self.row.replacing("name ", with: ""))
        #expect(job["user"].names.count == 23)
        #expect(job["commit"].names.count == 15)
    }

    @Test func headersAreThoseOfGitLab() {
        var gitlab = fake()
        let answer = gitlab.send("GET", "/pipelines")
        #expect(answer.header("Date") == "Thu, 15 Jan 2026 03:00:00 GMT")
        #expect(answer.header("RateLimit-Reset") == "1768446060")
        #expect(answer.header("X-Request-Id")?.count == 26)
        #expect(answer.header("X-Total") == "0")
        #expect(gitlab.send("GET", "/jobs").header("X-Total") == nil)
    }

    @Test func textIsEscapedAndReadBack() {
        let text = "quote \" backslash \\ line\nreturn\r nul\u{0} ünïcode 🕰"
        let json: FakeJSON = ["text": .string(text), "numbers": [1, .double(1.5), -3], "none": .null]
        let read = FakeJSON(parsing: json.bytes)
        #expect(read?["text"].text == text)
        #expect(read?["numbers"].elements.map(\.text) == ["1", "1.5", "-3"])
        let escaped = FakeJSON(
            parsing: Array(#" { "a" : ["\u00e9\ud83d\udd70", -1.5e2, true, null] } "#.utf8))
        #expect(escaped == ["a": ["é🕰", -150.0, true, .null]])
    }

    @Test(arguments: [
        "", "{\"half\":", "[1,]", "{\"a\" 1}", "tru", "\"open", #""\x""#, #""\ud800""#, "1 2", "-", "01x",
        String(repeating: "[", count: 100_000),
    ])
    func textThatIsNotJSONIsRefused(text: String) {
        #expect(FakeJSON(parsing: Array(text.utf8)) == nil)
    }
}
