import FakeGitLab
import Testing

@Suite struct FakeGitLabAccessTests {
    /// Name and value of the header, method, path under the API, status, and a part of the body.
    @Test(arguments: [
        ("PRIVATE-TOKEN", "fake-token", "GET", "/user", 200, "project_4242_bot_5f2c"),
        ("private-token", "fake-token", "GET", "/version", 200, "18.5.0"),
        ("Authorization", "Bearer fake-token", "GET", "/projects/4242", 200, "acme/cron-demo"),
        ("PRIVATE-TOKEN", "boss", "GET", "/projects/4242", 200, #"override_role":"developer""#),
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
