import FakeGitLab
import Testing

/// 2026-01-15T03:00:00Z, in microseconds.
private let start: Int64 = 1_768_446_000_000_000
private let second: Int64 = 1_000_000
private let base = "/api/v4/projects/4242"
private let token = "fake-token"

extension FakeGitLab {
    fileprivate mutating func send(
        _ method: String, _ path: String, _ json: FakeJSON? = nil, at seconds: Double = 0,
        token: String? = token
    ) -> FakeAnswer {
        let request = FakeRequest(method, base + path, token: token, json: json)
        let time = start + Int64(seconds * 1e6)
        return respond(to: request, at: time).answer ?? FakeAnswer(status: 0)
    }

    @discardableResult
    fileprivate mutating func create(_ variables: [String: String] = [:], at seconds: Double = 0) -> Int64 {
        let rows = variables.sorted { $0.key < $1.key }.map { pair -> FakeJSON in
            ["key": .string(pair.key), "value": .string(pair.value)]
        }
        let body: FakeJSON = ["ref": "main", "variables": .array(rows)]
        return send("POST", "/pipeline", body, at: seconds).json["id"].int ?? 0
    }

    fileprivate mutating func ids(_ path: String, at seconds: Double = 100) -> [Int64] {
        send("GET", path, at: seconds).json.elements.compactMap { $0["id"].int }
    }

    fileprivate func statuses(of id: Int64) -> [FakeStatus] { pipeline(id)?.history.map(\.status) ?? [] }
}

private func fake(_ change: (inout FakeSettings) -> Void = { _ in }) -> FakeGitLab {
    var settings = FakeSettings()
    change(&settings)
    return FakeGitLab(settings)
}

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

@Suite struct FakeGitLabCreationTests {
    static let refusals: [(FakeJSON, Int, String)] = [
        ([:], 400, #"{"error":"ref is missing"}"#),
        (["ref": "nowhere"], 400, #"{"message":{"base":["Reference not found"]}}"#),
        (["ref": "main", "variables": "A=b"], 400, #"{"error":"variables is invalid"}"#),
        (["ref": "main", "inputs": [1]], 400, #"{"error":"inputs is invalid"}"#),
        (
            ["ref": "main", "variables": [["key": "A", "value": "b", "variable_type": "secret"]]], 400,
            #"{"error":"variables[0][variable_type] does not have a valid value"}"#
        ),
        (
            ["ref": "main", "variables": [["key": "A"], ["key": "A"]]], 400,
            #"{"message":{"base":["Duplicate variable name: A"]}}"#
        ),
        (
            ["ref": "main", "variables": [["key": "A"], ["key": "B"], ["key": "B"], ["key": "A"]]], 400,
            #"{"message":{"base":["Duplicate variable names: A, B"]}}"#
        ),
        (
            ["ref": "main", "variables": [["key": "not a name"]]], 400,
            #"{"message":{"variables.key":["can contain only letters, digits and '_'."]}}"#
        ),
    ]

    @Test(arguments: refusals)
    func refuses(body: FakeJSON, status: Int, text: String) {
        var gitlab = fake()
        let answer = gitlab.send("POST", "/pipeline", body)
        #expect(answer.status == status)
        #expect(answer.text == text)
        #expect(gitlab.pipelines.isEmpty)
    }

    @Test func takesVariablesAsJSONQueryOrForm() {
        var gitlab = fake()
        let pairs =
            "ref=main&variables[][key]=A&variables[][value]=1%202&variables[][key]=B&variables[][value]=x"
        let form = FakeRequest(
            method: "POST", target: base + "/pipeline",
            headers: [
                ("private-token", token), ("Content-Type", "application/x-www-form-urlencoded"),
            ], body: Array(pairs.utf8))
        _ = gitlab.respond(to: FakeRequest("POST", base + "/pipeline?" + pairs, token: token), at: start)
        _ = gitlab.respond(to: form, at: start)
        gitlab.create(["A": "1 2", "B": "x"])
        let wanted = [FakeVariable(key: "A", value: "1 2"), FakeVariable(key: "B", value: "x")]
        #expect(gitlab.pipelines.map(\.variables) == [wanted, wanted, wanted])
    }

    @Test(arguments: [
        ("orchestrate $ORCHESTRATE_RUN_ID", "orchestrate x@1"), ("${ORCHESTRATE_RUN_ID}!", "x@1!"),
        ("$NOTHING", nil), (nil, nil),
    ])
    func namesPipelines(template: String?, name: String?) {
        var gitlab = fake { $0.nameTemplate = template }
        let id = gitlab.create(["ORCHESTRATE_RUN_ID": "x@1"])
        #expect(gitlab.pipeline(id)?.name == name)
        #expect(gitlab.pipeline(id)?.runID == "x@1")
    }

    @Test func inputsCanBeRequired() {
        var gitlab = fake { $0.requiredInputs = ["report"] }
        let refused = gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": [:]])
        let text = "`report` input: required value has not been provided"
        #expect(refused.json["message"]["base"][0].text == text)
        let made = gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["report": "x", "level": 3]])
        #expect(made.status == 201)
        #expect(gitlab.pipelines[0].inputs == ["report": "x", "level": 3])
    }

    @Test func variablesCanBeForbidden() {
        var gitlab = fake { $0.projects[0].variablesRole = "no_one_allowed" }
        let text = "Insufficient permissions to set pipeline variables"
        let refused = gitlab.send("POST", "/pipeline", ["ref": "main", "variables": [["key": "A"]]])
        #expect(refused.json["message"]["base"][0].text == text)
        #expect(gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": ["a": 1]]).status == 201)
        let trigger: FakeJSON = ["ref": "main", "token": "fake-trigger-token"]
        #expect(gitlab.send("POST", "/trigger/pipeline", trigger).json["message"]["base"][0].text == text)
    }

    @Test func triggerTokensAndJobTokensMakePipelines() throws {
        var gitlab = fake()
        let instance = gitlab.startInstance(at: start)
        let job = try #require(instance.flatMap(gitlab.job))
        let variables: FakeJSON = ["A": "b"]
        for (token, source) in [("fake-trigger-token", "trigger"), (job.token, "pipeline")] {
            let body: FakeJSON = ["ref": "main", "token": .string(token), "variables": variables]
            #expect(gitlab.send("POST", "/trigger/pipeline", body, token: nil).json["source"].text == source)
        }
        #expect(gitlab.pipelines[0].variables.map(\.key) == ["A", "TRIGGER_PAYLOAD"])
        let wrong: FakeJSON = ["ref": "main", "token": "fake-token"]
        #expect(gitlab.send("POST", "/trigger/pipeline", wrong).status == 404)
    }
}

@Suite struct FakeGitLabProgressTests {
    @Test func aPipelineGoesItsWayInTime() {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_DURATION": "2.5", "FAKE_PENDING": "1"])
        let seen = [0, 0.04, 0.05, 1.04, 1.05, 3.54, 3.55].map { seconds in
            gitlab.send("GET", "/pipelines/\(id)", at: seconds).json["status"].text
        }
        #expect(seen == ["created", "created", "pending", "pending", "running", "running", "success"])
        let read = gitlab.send("GET", "/pipelines/\(id)", at: 60).json
        #expect(read["updated_at"].text == "2026-01-15T03:00:03.550Z")
        #expect(read["duration"].int == 2)
        #expect(
            gitlab.pipeline(id)?.history.last == FakeStatusChange(status: .success, at: start + 3_550_000))
        #expect(gitlab.nextChangeAt == nil)
    }

    @Test func aRetryIsANewAttemptAndCountsOnce() throws {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_FAILURES": "2"])
        for (retries, seconds) in [10.0, 20].enumerated() {
            let failed = gitlab.ids("/pipelines/\(id)/jobs?scope[]=failed", at: seconds)
            let old = try #require(failed.first)
            let answer = gitlab.send("POST", "/jobs/\(old)/retry", at: seconds)
            #expect(answer.status == 201 && answer.json["status"].text == "pending")
            #expect(answer.json["id"].int ?? 0 > old)
            #expect(gitlab.pipeline(id)?.status == .running)
            let again = gitlab.send("POST", "/jobs/\(old)/retry", at: seconds)
            #expect(again.status == 403)
            #expect(again.json["message"].text == "403 Forbidden - Job is not retryable")
            #expect(
                gitlab.ids("/pipelines/\(id)/jobs?include_retried=true", at: seconds).count == retries + 2)
        }
        gitlab.advance(to: start + 30 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .success])
        #expect(gitlab.jobs(ofPipeline: id).map(\.attempt) == [1, 2, 3])
        #expect(gitlab.ids("/pipelines/\(id)/jobs").count == 1)
        let ways: [FakeStatus] = [
            .created, .pending, .running, .failed, .running, .failed, .running, .success,
        ]
        #expect(gitlab.statuses(of: id) == ways)
    }

    @Test(arguments: FakeStatus.allCases)
    func variablesChooseTheStatus(status: FakeStatus) {
        var gitlab = fake()
        let id = gitlab.create(["FAKE_STATUS": status.rawValue])
        gitlab.advance(to: start + 3_600 * second)
        #expect(gitlab.pipeline(id)?.status == status)
        _ = gitlab.send("POST", "/pipelines/\(id)/cancel", at: 3_601)
        gitlab.advance(to: start + 3_700 * second)
        let isLeft = status.isFinal || status == .canceling
        #expect(gitlab.pipeline(id)?.status == (isLeft ? status : .canceled))
        #expect(gitlab.pipeline(id)?.canceledBy == (isLeft ? nil : "project_4242_bot_5f2c"))
    }

    @Test func cancellingARunningPipelineTakesAMoment() {
        var gitlab = fake()
        let id = gitlab.create()
        let answer = gitlab.send("POST", "/pipelines/\(id)/cancel", at: 1)
        #expect(answer.status == 200 && answer.json["status"].text == "canceling")
        #expect(gitlab.send("GET", "/pipelines/\(id)", at: 2).json["status"].text == "canceled")
        #expect(gitlab.send("POST", "/pipelines/\(id)/cancel", at: 3).status == 200)
        let retried = gitlab.send("POST", "/pipelines/\(id)/retry", at: 4)
        #expect(retried.status == 201 && retried.json["status"].text == "running")
        #expect(gitlab.send("GET", "/pipelines/\(id)", at: 9).json["status"].text == "success")
    }

    @Test func stagesWaitFailAndAreSkipped() throws {
        let jobs = [
            FakeJobPlan(name: "lint", stage: "build", allowFailure: true, outcome: .failed),
            FakeJobPlan(name: "extract", stage: "build", failures: 1), FakeJobPlan(name: "report"),
        ]
        var gitlab = fake { $0.behaviour = FakeBehaviour(runsFor: 2 * second, jobs: jobs) }
        let id = gitlab.create()
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .skipped])
        #expect(gitlab.pipeline(id)?.status == .failed)
        let extract = try #require(gitlab.jobs(ofPipeline: id).first { $0.name == "extract" })
        #expect(gitlab.send("POST", "/jobs/\(extract.id)/retry", at: 10).status == 201)
        gitlab.advance(to: start + 20 * second)
        #expect(gitlab.jobs(ofPipeline: id).map(\.status) == [.failed, .failed, .success, .success])
        #expect(gitlab.pipeline(id)?.status == .success)
    }

    @Test func settingsChooseHowAPipelineGoes() {
        var gitlab = fake { settings in
            settings.behaviourOf = { pipeline in
                let plan = FakeJobPlan(name: "slow", outcome: .failed, failureReason: "job_execution_timeout")
                return pipeline.runID == "slow@1" ? FakeBehaviour(runsFor: 9 * second, jobs: [plan]) : nil
            }
        }
        let slow = gitlab.create(["ORCHESTRATE_RUN_ID": "slow@1"])
        gitlab.create(["FAKE_REASON": "runner_system_failure", "FAKE_STATUS": "failed"])
        gitlab.create(["FAKE_REFUSE": "Not today."])
        #expect(gitlab.ids("/pipelines?scope=running", at: 4) == [slow])
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.allJobs.map(\.failureReason) == ["job_execution_timeout", "runner_system_failure"])
    }

    @Test func aPipelineCanBeRenamedAndDeleted() {
        var gitlab = fake { $0.tokens[0].role = .owner }
        let id = gitlab.create()
        #expect(gitlab.send("PUT", "/pipelines/\(id)/metadata", ["name": "new"]).json["name"].text == "new")
        #expect(gitlab.ids("/pipelines?name=new") == [id])
        #expect(gitlab.ids("/pipelines?name=orchestrate").isEmpty)
        #expect(gitlab.send("GET", "/pipelines/latest?ref=main").json["id"].int == id)
        #expect(gitlab.send("DELETE", "/pipelines/\(id)").status == 204)
        #expect(gitlab.send("GET", "/pipelines/\(id)").status == 404)
        #expect(gitlab.ids("/pipelines").isEmpty && gitlab.ids("/jobs").isEmpty)
        #expect(gitlab.send("GET", "/pipelines/latest?ref=main").status == 403)
    }

    @Test func aPushCancelsWhatHasNotStarted() {
        var gitlab = fake { $0.cancelsRedundant = true }
        let running = gitlab.create()
        let waiting = gitlab.create(["FAKE_STATUS": "pending"], at: 1)
        gitlab.push(to: "main")
        gitlab.create(at: 2)
        #expect(gitlab.pipeline(running)?.status == .running)
        #expect(gitlab.pipeline(waiting)?.status == .canceled)
        #expect(gitlab.pipeline(waiting)?.canceledBy == "auto-cancel")
    }
}

@Suite struct FakeGitLabListTests {
    /// Pipelines 70001 to 70006, one a minute; the second failed, the last has its own branch and runs.
    private static let six: FakeGitLab = {
        var gitlab = fake { $0.projects[0].branches["next"] = String(repeating: "a", count: 40) }
        for minute in 0..<5 {
            let status = minute == 1 ? "failed" : "success"
            gitlab.create(
                ["FAKE_STATUS": status, "ORCHESTRATE_RUN_ID": "job\(minute % 2)"], at: Double(60 * minute))
        }
        _ = gitlab.send("POST", "/pipeline", ["ref": "next"], at: 300)
        gitlab.advance(to: start + 302 * second)
        return gitlab
    }()

    @Test(arguments: [
        ("", [6, 5, 4, 3, 2, 1]), ("sort=asc", [1, 2, 3, 4, 5, 6]), ("status=failed", [2]),
        ("scope=running", [6]), ("scope=finished", [5, 4, 3, 2, 1]), ("scope=branches", [6, 5]),
        ("scope=tags", []), ("ref=next", [6]), ("sha=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", [6]),
        ("source=api", [6, 5, 4, 3, 2, 1]), ("source=push", []),
        ("username=project_4242_bot_5f2c&ref=next", [6]),
        ("username=somebody", []), ("name=orchestrate+job1", [4, 2]),
        ("name=orchestrate%20job1&status=failed", [2]),
        ("created_after=2026-01-15T03:02:00Z", [6, 5, 4]), ("created_before=2026-01-15T03:01:00Z", [1]),
        ("created_after=2026-01-15T04:02:00.000%2B01:00&created_before=2026-01-15T03:04:00Z", [4]),
        ("updated_after=2026-01-15T03:04:03Z", [6, 5]), ("updated_before=2026-01-15T03:01:00Z", [1]),
        ("order_by=status&sort=asc", [2, 6, 1, 3, 4, 5]), ("order_by=ref", [6, 5, 4, 3, 2, 1]),
        ("order_by=updated_at&sort=asc&per_page=2", [1, 2]), ("per_page=2&page=2", [4, 3]),
        ("per_page=4&page=2", [2, 1]), ("page=9", []), ("unknown=ignored", [6, 5, 4, 3, 2, 1]),
    ])
    func filters(query: String, wanted: [Int64]) {
        var gitlab = Self.six
        #expect(gitlab.ids("/pipelines?" + query, at: 302).map { $0 - 70_000 } == wanted)
    }

    @Test(arguments: ["status=done", "scope=all", "source=cron", "order_by=created_at", "sort=up", "page=0"])
    func refusesUnknownValues(query: String) {
        var gitlab = Self.six
        let name = query.split(separator: "=")[0]
        let answer = gitlab.send("GET", "/pipelines?" + query)
        #expect(answer.status == 400)
        #expect(answer.json["error"].text == "\(name) does not have a valid value")
    }

    @Test func pagesCarryLinks() {
        var gitlab = Self.six
        let page = gitlab.send("GET", "/pipelines?per_page=2&page=2&source=api", at: 302)
        let url = "<https://gitlab.example.com/api/v4/projects/4242/pipelines?page="
        let links = [("1", "prev"), ("3", "next"), ("1", "first"), ("3", "last")].map { page, relation in
            "\(url)\(page)&per_page=2&source=api>; rel=\"\(relation)\""
        }
        #expect(page.header("Link") == links.joined(separator: ", "))
        let numbers = ["X-Total", "X-Total-Pages", "X-Page", "X-Next-Page", "X-Prev-Page"].map(page.header)
        #expect(numbers == ["6", "3", "2", "3", "1"])
    }

    @Test func longListsAreNotCounted() {
        var gitlab = Self.six
        #expect(gitlab.settings.countedRows == 10_000)
        gitlab.settings.countedRows = 5
        let list = gitlab.send("GET", "/pipelines?per_page=2", at: 302)
        #expect(list.header("X-Total") == nil && list.header("X-Total-Pages") == nil)
        #expect(list.header("X-Next-Page") == "2")
        #expect(gitlab.send("GET", "/pipelines?ref=main", at: 302).header("X-Total") == "5")
    }

    @Test func projectJobsGoOnByKeyset() {
        var gitlab = Self.six
        var seen: [Int64] = []
        var path: String? = "/jobs?pagination=keyset&order_by=id&sort=desc&per_page=2&scope[]=success"
        while let next = path, seen.count < 10 {
            let answer = gitlab.send("GET", next, at: 302)
            seen += answer.json.elements.compactMap { $0["id"].int }
            path = pathOfNext(answer)
        }
        #expect(seen == [500_105, 500_104, 500_103, 500_101])
        #expect(gitlab.ids("/jobs?per_page=2&page=2", at: 302) == [500_104, 500_103])
        #expect(gitlab.ids("/jobs?scope=running", at: 302) == [500_106])
        #expect(gitlab.ids("/jobs?scope[]=running&scope[]=failed", at: 302) == [500_106, 500_102])
        let refused = gitlab.send("GET", "/jobs?scope[]=active")
        #expect(refused.json["error"].text == "scope does not have a valid value")
    }

    /// What follows the project in the URL of `rel="next"`.
    private func pathOfNext(_ answer: FakeAnswer) -> String? {
        guard let link = answer.header("Link"), link.contains("rel=\"next\""),
            let project = link.firstRange(of: base)
        else { return nil }
        return String(link[project.upperBound...].prefix { $0 != ">" })
    }
}

@Suite struct FakeGitLabAccessTests {
    /// Name of the header, its value, method, path under the API, status, what the body holds.
    @Test(arguments: [
        ("PRIVATE-TOKEN", "fake-token", "GET", "/user", 200, "project_4242_bot_5f2c"),
        ("private-token", "fake-token", "GET", "/version", 200, "18.5.0"),
        ("Authorization", "Bearer fake-token", "GET", "/projects/4242", 200, "developer"),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/projects/acme%2Fcron-demo/pipelines", 200, "[]"),
        ("PRIVATE-TOKEN", "wrong", "GET", "/user", 401, #"{"message":"401 Unauthorized"}"#),
        ("X-Nothing", "", "POST", "/projects/4242/pipeline?ref=main", 401, "401 Unauthorized"),
        ("PRIVATE-TOKEN", "old", "GET", "/user", 401, "Token is expired"),
        ("PRIVATE-TOKEN", "gone", "GET", "/user", 401, "Token was revoked"),
        ("PRIVATE-TOKEN", "reads", "GET", "/projects/4242/pipelines", 200, "[]"),
        ("PRIVATE-TOKEN", "reads", "POST", "/projects/4242/pipeline?ref=main", 403, #""scope":"api""#),
        ("PRIVATE-TOKEN", "guest", "POST", "/projects/4242/pipeline?ref=main", 403, "403 Forbidden"),
        (
            "PRIVATE-TOKEN", "fake-token", "POST", "/projects/4242/pipeline?ref=safe", 400,
            "run a pipeline on 'safe'"
        ),
        ("PRIVATE-TOKEN", "boss", "POST", "/projects/4242/pipeline?ref=safe", 201, #""ref":"safe""#),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/projects/1/pipelines", 404, "404 Project Not Found"),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/projects/4242/pipelines/1", 404, #""404 Not found""#),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/projects/4242/jobs/1", 404, #""404 Not Found""#),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/projects/4242/pipelines/x", 400, "pipeline_id is invalid"),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/nothing", 404, #"{"error":"404 Not Found"}"#),
        ("PRIVATE-TOKEN", "fake-token", "PUT", "/projects/4242/pipeline", 405, "405 Not Allowed"),
        ("PRIVATE-TOKEN", "fake-token", "GET", "/job", 404, "404 Job Not Found"),
        ("JOB-TOKEN", "fake-job-token-500101", "GET", "/job", 200, #""id":500101"#),
        ("Authorization", "Bearer fake-job-token-500101", "GET", "/job", 200, #""id":500101"#),
        ("JOB-TOKEN", "fake-job-token-500101", "GET", "/projects/4242/jobs", 200, #""id":500101"#),
        ("JOB-TOKEN", "fake-job-token-500101", "GET", "/projects/4242/pipelines", 401, "401 Unauthorized"),
        ("JOB-TOKEN", "fake-job-token-500102", "GET", "/job", 401, "401 Unauthorized"),
    ])
    func tokens(header: String, value: String, method: String, path: String, status: Int, text: String) {
        var gitlab = fake { settings in
            settings.projects[0].branches["safe"] = "5afe"
            settings.projects[0].protectedBranches = ["safe"]
            settings.tokens += [
                FakeToken(value: "old", state: .expired), FakeToken(value: "gone", state: .revoked),
                FakeToken(value: "reads", scope: .readAPI), FakeToken(value: "guest", role: .guest),
                FakeToken(value: "boss", role: .maintainer),
            ]
        }
        gitlab.startInstance(at: start)
        let pipelines = FakeRequest(
            "GET", "/api/v4" + path + (path.hasSuffix("/pipelines") ? "?source=api" : ""))
        var request = pipelines
        request.method = method
        request.headers = [(header, value)]
        let answer = gitlab.respond(to: request, at: start).answer
        #expect(answer?.status == status)
        #expect(answer?.text.contains(text) == true)
    }

    @Test func variablesAreForTheirMakerAndMaintainers() {
        let other = FakeUser(id: 902, username: "somebody")
        var gitlab = fake { settings in
            settings.tokens += [
                FakeToken(value: "other", user: other),
                FakeToken(value: "boss", user: other, role: .maintainer),
            ]
        }
        let id = gitlab.create(["A": "b"])
        let read = [token, "other", "boss"].map { token in
            gitlab.send("GET", "/pipelines/\(id)/variables", token: token).status
        }
        #expect(read == [200, 403, 200])
        let rows = gitlab.send("GET", "/pipelines/\(id)/variables")
        #expect(rows.json[0] == ["variable_type": "env_var", "key": "A", "value": "b", "raw": false])
    }

    @Test func pipelinesAMinuteAreLimitedPerCommit() {
        var gitlab = fake { $0.pipelinesPerMinute = 2 }
        gitlab.settings.projects[0].branches["next"] = "abc"
        let statuses = [0.0, 1, 2, 59.9, 60, 61, 62].map { seconds in
            gitlab.send("POST", "/pipeline", ["ref": "main"], at: seconds).status
        }
        #expect(statuses == [201, 201, 400, 400, 201, 201, 400])
        let other = gitlab.send("POST", "/pipeline", ["ref": "next"], at: 62)
        #expect(other.status == 201)
        let refused = gitlab.send("POST", "/pipeline", ["ref": "main"], at: 63)
        let text = "Too many pipelines created in the last minute. Try again later."
        #expect(refused.json["message"]["base"][0].text == text)
        #expect(refused.header("Retry-After") == nil)
        #expect(gitlab.pipelines.count == 5)
    }

    @Test func requestsAMinuteAreLimitedPerToken() {
        var gitlab = fake { $0.requestsPerMinute = 2 }
        #expect([0.0, 1].map { gitlab.send("GET", "/jobs", at: $0).status } == [200, 200])
        let refused = gitlab.send("GET", "/jobs", at: 18)
        #expect(refused.status == 429 && refused.header("Retry-After") == "42")
        #expect(refused.header("Content-Type") == "text/plain")
        #expect(refused.text == "Retry later\n")
        #expect(refused.header("RateLimit-ResetTime") == "Thu, 15 Jan 2026 03:01:00 GMT")
        #expect(gitlab.send("GET", "/jobs", at: 60).status == 200)
        gitlab.settings.jobListsPerMinute = 1
        let limited = gitlab.send("GET", "/jobs", at: 61)
        #expect(limited.status == 429 && limited.header("Retry-After") == nil)
        let text = "This endpoint has been requested too many times. Try again later."
        #expect(limited.json["message"]["error"].text == text)
    }
}

@Suite struct FakeGitLabFaultTests {
    /// A fault, how the client sees it, and how many pipelines there are at once and after ten seconds.
    @Test(arguments: [
        (FakeFault.status(500), "500 {\"message\":\"500", 0, 0), (.status(502), "502 <html>", 0, 0),
        (.status(504, effect: .now), "504 <html>", 1, 1),
        (.status(504, effect: .late(microseconds: 5 * second)), "504 <html>", 0, 1),
        (.cut(), "cut", 0, 0), (.cut(effect: .now), "cut", 1, 1),
        (.cut(effect: .late(microseconds: second)), "cut", 0, 1), (.hang(), "hang", 0, 0),
        (.hang(effect: .now), "hang", 1, 1), (.slow(by: 7), "201 {\"id\":70001", 1, 1),
        (.tooManyPipelines(), "400 {\"message\":{\"base\":[\"Too many", 0, 0),
        (.tooManyRequests(retryAfter: 9), "429 Retry later", 0, 0),
        (.refuses("No."), "400 {\"message\":{\"base\":[\"No.\"]}}", 0, 0),
        (FakeFault(effect: .now, reply: .empty), "201 ", 1, 1),
        (FakeFault(effect: .now, reply: .truncated), "201 {\"id\":70001", 1, 1),
        (FakeFault(effect: .now, reply: .wrongContentType), "201 <html>", 1, 1),
        (FakeFault(effect: .none, reply: .real), "502 <html>", 0, 0),
    ])
    func effectsAndRepliesAreApart(fault: FakeFault, seen: String, atOnce: Int, later: Int) {
        var gitlab = fake()
        gitlab.add(fault)
        let request = FakeRequest("POST", base + "/pipeline", token: token, json: ["ref": "main"])
        let outcome = gitlab.respond(to: request, at: start)
        #expect(told(outcome).hasPrefix(seen))
        #expect(gitlab.pipelines.count == atOnce)
        gitlab.advance(to: start + 10 * second)
        #expect(gitlab.pipelines.count == later)
        if case .late(let delay) = fault.effect { #expect(gitlab.pipelines[0].createdAt == start + delay) }
        #expect(gitlab.respond(to: request, at: start + 11 * second).answer?.status == 201)
    }

    private func told(_ outcome: FakeOutcome) -> String {
        switch outcome {
        case .answer(let answer, _): "\(answer.status) " + answer.text
        case .cut: "cut"
        case .hang: "hang"
        }
    }

    @Test func aTruncatedAnswerIsNotJSON() {
        var gitlab = fake()
        gitlab.add(FakeFault(on: .createPipeline, effect: .now, reply: .truncated))
        #expect(gitlab.send("POST", "/pipeline", ["ref": "main"]).json.isNull)
    }

    @Test func faultsAreAimedAndUsedUp() {
        var gitlab = fake()
        var fault = FakeFault.status(503, on: .createPipeline, times: 2)
        fault.skip = 1
        fault.containing = "nightly"
        gitlab.add(fault)
        let made = ["nightly", "weekly", "nightly", "nightly", "nightly"].map {
            gitlab.create(["JOB": $0]) > 0
        }
        #expect(made == [true, true, false, false, true])
        #expect(gitlab.send("GET", "/pipelines").status == 200)
        #expect(gitlab.faults.isEmpty)
        #expect(gitlab.requestCounts == [.createPipeline: 5, .listPipelines: 1])
    }

    @Test func effectsAtOneInstantKeepTheirOrder() {
        var gitlab = fake()
        for delay in [3 * second, 2 * second, second] {
            gitlab.add(.status(504, on: .createPipeline, effect: .late(microseconds: delay)))
        }
        for seconds in [0.0, 1, 2] { gitlab.create(["AT": "\(Int(seconds))"], at: seconds) }
        gitlab.advance(to: start + 3 * second)
        #expect(gitlab.pipelines.map { $0.variable("AT") } == ["0", "1", "2"])
        #expect(gitlab.pipelines.allSatisfy { $0.createdAt == start + 3 * second })
    }

    @Test func chanceComesFromTheSeed() {
        func outcomes(_ seed: UInt64) -> [Bool] {
            var gitlab = fake { $0.seed = seed }
            var fault = FakeFault.status(500, times: nil)
            fault.probability = 0.3
            gitlab.add(fault)
            return (0..<200).map { _ in gitlab.create() > 0 }
        }
        #expect(outcomes(7) == outcomes(7))
        #expect(outcomes(7) != outcomes(8))
        #expect((40...80).contains(outcomes(7).count { !$0 }))
    }
}

@Suite struct FakeGitLabInstanceTests {
    @Test func instancesAreJobsThatOnlyChangeWhenTold() throws {
        var gitlab = fake()
        let first = gitlab.withInstance(at: 0)
        let second = gitlab.withInstance(at: 3_600, status: .waitingForResource)
        let (old, new) = try (#require(first), #require(second))
        #expect(new > old)
        let path = "/jobs?scope[]=running&scope[]=waiting_for_resource&per_page=100"
        #expect(gitlab.ids(path, at: 3_601) == [new, old])
        let row = gitlab.send("GET", "/jobs/\(new)", at: 3_601).json
        #expect(row["status"].text == "waiting_for_resource" && row["started_at"].isNull)
        #expect(row["created_at"].text == "2026-01-15T04:00:00.000Z")
        #expect(gitlab.ids("/resource_groups/orchestrate/upcoming_jobs") == [new])
        #expect(gitlab.send("GET", "/resource_groups/orchestrate/current_job").json["id"].int == old)
        gitlab.setInstance(old, to: .success, at: start + 3_700_000_000)
        gitlab.setInstance(new, to: .running, at: start + 3_700_000_000)
        #expect(gitlab.ids(path, at: 9_000) == [new])
        #expect(gitlab.pipelines.isEmpty && gitlab.instances.count == 2)
        #expect(gitlab.ids("/pipelines?source=schedule", at: 9_000).count == 2)
    }

    @Test func steeringWorksOverHTTP() {
        var gitlab = fake()
        func steer(_ method: String, _ path: String, _ json: FakeJSON? = nil) -> FakeAnswer? {
            gitlab.steer(FakeRequest(method, "/fake/" + path, json: json), at: start)
        }
        let instance = steer("POST", "instances", ["name": "scheduler", "ref": "main", "status": "pending"])
        #expect(instance?.status == 201)
        let id = instance?.json["id"].int ?? 0
        #expect(steer("PATCH", "instances/\(id)", ["status": "running"])?.json["status"].text == "running")
        #expect(steer("PATCH", "instances/1", ["status": "running"])?.status == 404)
        let fault: FakeJSON = ["operation": "createPipeline", "effect": "late", "late": 2.5, "reply": 504]
        #expect(steer("POST", "faults", fault)?.status == 201)
        #expect(steer("POST", "faults", ["operation": "createEverything"])?.status == 400)
        #expect(gitlab.create() == 0)
        gitlab.advance(to: start + 3 * second)
        let state = steer("GET", "state")?.json ?? .null
        #expect(state["pipelines"][0]["created_at"].text == "2026-01-15T03:00:02.500Z")
        #expect(state["instances"][0]["id"].int == id && state["requests"]["createPipeline"].int == 1)
        let sha = steer("POST", "push", ["ref": "main"])?.json["sha"].text ?? ""
        #expect(sha.count == 40)
        #expect(steer("POST", "reset")?.status == 200)
        #expect(gitlab.allPipelines.isEmpty && gitlab.now == start + 3 * second)
        #expect(gitlab.steer(FakeRequest("GET", base), at: start) == nil)
    }

    @Test func theSameRequestsGiveTheSameBytes() {
        func run() -> [[UInt8]] {
            var gitlab = fake()
            return (0..<50).map { step in
                gitlab.create(["FAKE_FAILURES": "1", "N": "\(step)"], at: Double(step))
                return gitlab.send("GET", "/pipelines?per_page=100", at: Double(step) + 0.5).body
            }
        }
        #expect(run() == run())
    }
}

extension FakeGitLab {
    fileprivate mutating func withInstance(at seconds: Double, status: FakeStatus = .running) -> Int64? {
        startInstance(at: start + Int64(seconds * 1e6), status: status, resourceGroup: "orchestrate")
    }
}
