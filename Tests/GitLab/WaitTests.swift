import GitLab
import HTTP
import ScriptedGitLab
import Testing

@Suite struct WaitTests {
    /// How long to wait after a refusal, in seconds; nil: GitLab does not say.
    @Test(
        arguments: [
            (429, "42", "", 42), (429, "", "", 60), (429, "soon", "", 60), (429, "-5", "", 1),
            (429, "99999999999", "", 3_600), (429, "9999999999999999999999", "", 60), (503, "120", "", 120),
            (503, "", "", nil), (500, "", "", nil),
            (429, "Thu, 15 Jan 2026 03:01:30 GMT", "Thu, 15 Jan 2026 03:01:00 GMT", 30),
            (429, "Thu, 15 Jan 2026 03:01:00 GMT", "Thu, 15 Jan 2026 03:01:30 GMT", 1),
            (429, "Thu, 15 Jan 2026 03:01:30 GMT", "", 60),
        ] as [(Int, String, String, Int?)])
    func retryAfter(status: Int, after: String, date: String, seconds: Int?) async throws {
        let headers = [("Retry-After", after), ("Date", date)].filter { !$0.1.isEmpty }
        let client = Scripted(status, "", headers: headers.map { (name: $0.0, value: $0.1) }).client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.pipeline(project: "1", id: 2)
        }
        #expect(failure?.retryAfter == seconds.map { .seconds($0) })
    }

    @Test func pipelineRateLimitWaitsAMinute() async throws {
        let body =
            #"{"message":{"base":["Too many pipelines created in the last minute. Try again later."]}}"#
        let client = Scripted(400, body).client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
        }
        #expect(failure?.retryAfter == .seconds(60))
    }

    @Test func transportFailuresKeepTheirMeaning() async throws {
        for (failed, kind) in [
            (TransportFailure.notSent("no route"), APIFailure.Kind.unavailable),
            (.noAnswer("cut"), .uncertain),
        ] {
            let client = Scripted([.failure(failed)]).client()
            let failure = await failure { () async throws(APIFailure) in
                try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
            }
            #expect(failure?.kind == kind)
            #expect(failure?.status == nil)
        }
    }

    /// GitLab has carried out a creation whose answer cannot be read.
    @Test(arguments: ["", "{", "null", "[]", "{}", #"{"id":"x","status":"created"}"#, "<html></html>"])
    func unreadableSuccess(body: String) async throws {
        let client = Scripted(201, body).client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
        }
        #expect(failure?.kind == .malformed)
        #expect(failure?.status == 201)
    }

    @Test(arguments: [
        ("403 Forbidden - Job is not retryable", APIFailure.Kind.notRetryable), ("403 Forbidden", .refused),
    ])
    func retry(message: String, kind: APIFailure.Kind) async throws {
        let client = Scripted(403, "{\"message\":\"\(message)\"}").client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.retryJob(project: "1", id: 500_102)
        }
        #expect(failure?.kind == kind)
        #expect(failure?.message == message)
        #expect(failure?.advice != nil)
    }

    @Test func variablesOfOthers() async throws {
        let client = Scripted(403, #"{"message":"403 Forbidden"}"#).client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.variables(project: "1", pipeline: 2)
        }
        #expect(failure?.advice?.contains("Maintainers") == true)
    }

    @Test func description() {
        let failure = APIFailure(
            .refused, request: "POST /projects/1/pipeline", status: 400, message: "Reference not found",
            advice: "Check `ref`.")
        #expect(
            "\(failure)"
                == "POST /projects/1/pipeline: GitLab answered 400: Reference not found. Check `ref`.")
    }
}
