import FakeGitLab
import Testing

/// What holds for a whole GitLab: its users, projects, version, replicas and limits.
@Suite struct FakeGitLabSiteTests {
    private func variables(_ id: Int64, _ gitlab: inout FakeGitLab) -> FakeAnswer {
        gitlab.send("GET", "/pipelines/\(id)/variables", at: 100)
    }

    @Test("A4: a token that was made again cannot read the variables of older pipelines")
    func recreatedToken() {
        var gitlab = fake()
        let old = gitlab.create(["A": "b"])
        #expect(variables(old, &gitlab).status == 200)
        gitlab.recreateTokens()
        let refused = variables(old, &gitlab)
        #expect(refused.status == 403 && refused.json["message"].text == "403 Forbidden")
        let new = gitlab.create(["A": "b"], at: 100)
        #expect(variables(new, &gitlab).status == 200)
        #expect(gitlab.ids("/pipelines") == [new, old])
        gitlab.settings.tokens[0].role = .maintainer
        #expect(variables(old, &gitlab).status == 200)
    }

    @Test("A4: the maker cannot read them either without the right to run pipelines there")
    func protectedSince() {
        var gitlab = fake()
        let id = gitlab.create(["A": "b"])
        gitlab.settings.projects[0].protectedBranches = ["main"]
        #expect(variables(id, &gitlab).status == 403)
        gitlab.settings.projects[0].protectedBranches = []
        gitlab.settings.tokens[0].role = .reporter
        #expect(variables(id, &gitlab).status == 403)
    }

    /// Method, path under the projects, status, and a part of the body or of the `Location`.
    @Test(
        "A5: an old path redirects reads and refuses the rest; ids are never redirected",
        arguments: [
            (
                "GET", "acme%2Fcron-demo/pipelines?source=api&name=a%20b", 301,
                "/projects/4242/pipelines?source=api&name=a%20b"
            ),
            ("GET", "acme%2Fcron-demo", 301, "https://gitlab.example.com/api/v4/projects/4242"),
            ("GET", "acme%2Fcron-demo/pipelines/70001", 301, "/projects/4242/pipelines/70001"),
            ("POST", "acme%2Fcron-demo/pipeline", 405, "Non GET methods are not allowed for moved projects"),
            ("POST", "acme%2Fcron-demo/pipelines/70001/cancel", 405, "Non GET methods"),
            ("POST", "acme%2Fcron-demo/jobs/500101/retry", 405, "Non GET methods"),
            ("GET", "4242/pipelines", 200, "70001"), ("GET", "tools%2Fcron/pipelines", 200, "70001"),
            ("POST", "4242/pipeline", 201, "api"), ("POST", "tools%2Fcron/pipeline", 201, "api"),
            ("GET", "acme%2Fother", 404, "404 Project Not Found"),
        ])
    func movedProject(method: String, path: String, status: Int, text: String) {
        var gitlab = fake()
        gitlab.create()
        gitlab.moveProject(4242, to: "tools/cron")
        let body: FakeJSON? = method == "POST" ? ["ref": "main"] : nil
        let request = FakeRequest(method, "/api/v4/projects/" + path, token: token, json: body)
        let answer = gitlab.respond(to: request, at: start).answer
        #expect(answer?.status == status)
        #expect((answer?.header("Location") ?? answer?.text)?.contains(text) == true)
        #expect(gitlab.pipelines.count == (status == 201 ? 2 : 1))
    }

    @Test(
        "A10: before 17.10 inputs are dropped without a word",
        arguments: [("16.11.4", false), ("17.9.8", false), ("17.10.0", true), ("18.1.0-ee", true)])
    func versionsWithoutInputs(version: String, knows: Bool) {
        var gitlab = fake { $0.version = version }
        let sent: FakeJSON = ["ref": "main", "inputs": ["report": "x"]]
        #expect(gitlab.send("POST", "/pipeline", sent).status == 201)
        #expect(gitlab.pipelines[0].inputs == (knows ? ["report": "x"] : .null))
        #expect(
            gitlab.send("POST", "/pipeline", ["ref": "main", "inputs": [1]]).status == (knows ? 400 : 201))
        let trigger: FakeJSON = ["ref": "main", "token": "fake-trigger-token", "inputs": ["report": "x"]]
        #expect(gitlab.send("POST", "/trigger/pipeline", trigger).status == 201)
        #expect(gitlab.pipelines.last?.inputs == (knows ? ["report": "x"] : .null))
    }

    @Test("A12: reads are older than writes by the lag")
    func replicas() throws {
        var gitlab = fake { $0.readLag = 20 * second }
        let id = gitlab.create(["ORCHESTRATE_RUN_ID": "x@1", "FAKE_DURATION": "10"], at: 100)
        for path in ["/pipelines", "/pipelines?name=orchestrate%20x@1", "/jobs"] {
            #expect(gitlab.ids(path, at: 119.9).isEmpty)
        }
        let after = "/pipelines?updated_after=2026-01-15T03:00:00Z"
        #expect(gitlab.ids(after, at: 119.9).isEmpty)
        #expect(gitlab.send("GET", "/pipelines/\(id)", at: 119.9).status == 404)
        #expect(gitlab.ids("/pipelines?name=orchestrate%20x@1", at: 120) == [id])
        #expect(gitlab.ids(after, at: 120) == [id])
        let seen = [120.0, 120.1, 121, 130, 131].map { seconds in
            gitlab.send("GET", "/pipelines/\(id)", at: seconds).json["status"].text
        }
        #expect(seen == ["created", "pending", "running", "running", "success"])
        #expect(gitlab.pipeline(id)?.status == .success)
        let jobs = gitlab.ids("/pipelines/\(id)/jobs", at: 131)
        let job = try #require(jobs.first)
        #expect(gitlab.send("GET", "/jobs/\(job)", at: 131).json["status"].text == "success")
    }

    @Test("A12: a retry and its new job are not seen at once, and the limits count all reads")
    func replicasAndRetries() {
        var gitlab = fake { settings in
            settings.readLag = 20 * second
            settings.jobListsPerMinute = 2
        }
        let id = gitlab.create(["FAKE_FAILURES": "1"])
        gitlab.advance(to: start + 60 * second)
        let old = gitlab.jobs(ofPipeline: id)[0].id
        #expect(gitlab.send("POST", "/jobs/\(old)/retry", at: 60).status == 201)
        for (seconds, newest) in [(79.0, old), (80, old + 1)] {
            #expect(gitlab.ids("/pipelines/\(id)/jobs", at: seconds) == [newest])
            let status = gitlab.send("GET", "/pipelines/\(id)", at: seconds).json["status"].text
            #expect(status == (newest == old ? "failed" : "running"))
        }
        #expect([81.0, 82, 83].map { gitlab.send("GET", "/jobs", at: $0).status } == [200, 200, 429])
    }

    @Test("A12: a new job finds itself by its token though the replica lacks it")
    func replicasAndJobTokens() throws {
        var gitlab = fake { $0.readLag = 20 * second }
        let instance = gitlab.startInstance(at: start)
        let id = try #require(instance)
        let request = FakeRequest(
            method: "GET", target: "/api/v4/job", headers: [("JOB-TOKEN", "fake-job-token-\(id)")])
        #expect(gitlab.respond(to: request, at: start + second).answer?.json["id"].int == id)
    }

    @Test("B: pipelines a minute are limited per user over all projects")
    func pipelinesOfOneUser() {
        var gitlab = fake { settings in
            settings.pipelinesPerMinuteOfUser = 2
            settings.projects.append(FakeProject(id: 7, path: "acme/other", branches: ["main": "abc"]))
            settings.tokens.append(FakeToken(value: "second", user: FakeUser(id: 902, username: "second")))
        }
        func post(_ project: Int, _ token: String, _ seconds: Int64) -> FakeAnswer? {
            let path = "/api/v4/projects/\(project)/pipeline"
            let request = FakeRequest("POST", path, token: token, json: ["ref": "main"])
            return gitlab.respond(to: request, at: start + seconds * second).answer
        }
        #expect([4242, 7].map { post($0, token, 0)?.status } == [201, 201])
        let refused = post(7, token, 1)
        let text = "Too many pipelines created in the last minute. Try again later."
        #expect(refused?.status == 400 && refused?.json["message"]["base"][0].text == text)
        #expect(post(4242, token, 2)?.status == 400)
        #expect(post(7, "second", 2)?.status == 201)
        #expect(post(7, token, 60)?.status == 201)
    }

    @Test func steeringChangesTheSite() {
        var gitlab = fake()
        func steer(_ method: String, _ path: String, _ json: FakeJSON) -> Int? {
            gitlab.steer(FakeRequest(method, "/fake/" + path, json: json), at: start)?.status
        }
        let changes: FakeJSON = [
            "read_only": true, "cancels_manual": false, "version": "17.0.0", "read_lag": 1.5,
            "job_retries_per_minute": 3,
        ]
        #expect(steer("PATCH", "settings", changes) == 200)
        #expect(gitlab.settings.isReadOnly && !gitlab.settings.cancelsManual)
        #expect(gitlab.settings.version == "17.0.0" && gitlab.settings.readLag == 1_500_000)
        #expect(gitlab.settings.jobRetriesPerMinute == 3)
        for wrong: FakeJSON in [
            ["read_only": 7], ["nothing": true], ["read_lag": -1], ["retries_per_job": "x"],
            ["retries_per_job": -1],
        ] {
            #expect(steer("PATCH", "settings", wrong) == 400)
        }
        #expect(steer("POST", "move", ["path": "tools/cron"]) == 200)
        #expect(gitlab.settings.projects[0].formerPaths == ["acme/cron-demo"])
        #expect(steer("POST", "recreate_tokens", [:]) == 200)
        #expect(gitlab.settings.tokens[0].user.id == 1_901)
        #expect(steer("POST", "push", ["ref": "main", "pipeline": true]) == 201)
        #expect(gitlab.pipelines.map(\.source) == ["push"])
    }
}
