import GitLab
import HTTP
import ScriptedGitLab
import Testing

/// An answer to the creation of a pipeline, and what it has to mean.
struct Denial: Sendable, CustomTestStringConvertible {
    var status: Int
    var body: String
    var kind: APIFailure.Kind
    var message: String
    /// A part of the advice; nil: there is no advice.
    var advice: String?
    var headers: [(name: String, value: String)] = []

    init(
        _ status: Int, _ body: String, _ kind: APIFailure.Kind, _ message: String, _ advice: String?,
        headers: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.body = body
        self.kind = kind
        self.message = message
        self.advice = advice
        self.headers = headers
    }

    var testDescription: String { "\(status) \(body.prefix(80))" }

    static func base(_ text: String, _ kind: APIFailure.Kind, _ advice: String?) -> Denial {
        let escaped = text.replacing("\"", with: "\\\"")
        return Denial(400, "{\"message\":{\"base\":[\"\(escaped)\"]}}", kind, text, advice)
    }
}

@Suite struct ClassificationTests {
    @Test("B, A7, A17: each sentence of GitLab's has its class and its advice", arguments: sentences)
    func sentence(denial: Denial) async throws { try await judge(denial) }

    @Test(
        "A1, A5, A8, A18: so has each form in which GitLab says no, and what others say in its place",
        arguments: envelopes)
    func envelope(denial: Denial) async throws { try await judge(denial) }

    @Test("What may pass is told from what stays", arguments: troubles)
    func trouble(denial: Denial) async throws { try await judge(denial) }

    private func judge(_ denial: Denial) async throws {
        let server = Scripted(denial.status, denial.body, headers: denial.headers)
        let client = server.client()
        let failure = await failure { () async throws(APIFailure) in
            try await client.createPipeline(project: "4242", PipelineOrder(ref: "main"))
        }
        let found = try #require(failure)
        #expect(found.kind == denial.kind)
        #expect(found.message == denial.message)
        #expect(found.status == denial.status)
        #expect(found.request == "POST /projects/4242/pipeline")
        if let advice = denial.advice {
            #expect(found.advice?.contains(advice) == true, "\(found.advice ?? "no advice")")
        } else {
            #expect(found.advice == nil)
        }
        #expect(server.requests.count == 1)
    }

    static let sentences: [Denial] = [
        .base("Reference not found", .refused, "branch or tag"),
        .base(
            "The resulting pipeline would have been empty. Review the rules configuration for the relevant jobs.",
            .refused, "$CI_PIPELINE_SOURCE"),
        .base(
            "Pipeline will not run for the selected trigger. The rules configuration prevented any jobs from being added to the pipeline.",
            .refused, "$CI_PIPELINE_SOURCE"),
        .base("No stages / jobs for this pipeline.", .refused, "$CI_PIPELINE_SOURCE"),
        .base(
            "The pipeline did not run. Review the workflow:rules configuration for the pipeline.", .refused,
            "workflow:rules"),
        .base("Pipeline filtered out by workflow rules.", .refused, "workflow:rules"),
        .base("jobs:report config contains unknown keys: scrpt", .refused, "Pipeline editor"),
        .base("Missing CI config file", .refused, "CI/CD configuration file"),
        .base(
            "Insufficient permissions to set pipeline variables", .variablesForbidden,
            "ci_pipeline_variables_minimum_override_role"),
        .base("Insufficient permissions to set pipeline variables", .variablesForbidden, "spec: inputs:"),
        .base("Duplicate variable name: A", .refused, "twice"),
        .base("Duplicate variable names: A, B", .refused, "twice"),
        .base(
            "You do not have sufficient permission to run a pipeline on 'main'. Please select a different branch or contact your administrator for assistance. Learn more",
            .refused, "protected"),
        .base("Insufficient permissions to create a new pipeline", .refused, "Developer"),
        .base("Pipelines are disabled!", .refused, "Switch CI/CD on"),
        .base("Project is deleted!", .refused, "restore"),
        .base(
            "Too many pipelines created in the last minute. Try again later.", .rateLimited,
            "ORCHESTRATE_RATE_PER_MINUTE"),
        .base(
            "Project exceeded the allowed number of jobs in active pipelines. Retry later.", .limited,
            "running pipelines"),
        .base("Active pipelines limit exceeded by 2 pipelines!", .limited, "running pipelines"),
        .base("Active jobs limit exceeded by 3 jobs in the past 24 hours!", .limited, "running pipelines"),
        .base("Undefined error (01HXYZ)", .faulty, "a few times"),
        .base("Failed to persist the pipeline, please retry", .faulty, "a few times"),
        .base("Failed to persist the pipeline: Ref is invalid", .refused, "Pipeline editor"),
        .base("Request timed out when fetching configuration files.", .faulty, "could not fetch"),
        .base(
            "Remote file `https://h/x.yml` could not be fetched because of a timeout error!", .faulty,
            "keep a copy"),
        .base(
            "Remote file `https://h/x.yml` could not be fetched because of a socket error!", .faulty,
            "keep a copy"),
        .base(
            "Remote file `https://h/x.yml` could not be fetched because of HTTP error!", .faulty,
            "keep a copy"
        ),
        .base(
            "Remote file `https://h/x.yml` could not be fetched because of HTTP code `404` error!", .refused,
            "Pipeline editor"),
        .base("Commit not found", .faulty, "newest commit"),
        .base("Ref is ambiguous", .refused, "refs/heads/"),
        .base("External validation failed", .refused, "administrator"),
        .base("Failed to build the pipeline!", .refused, "Pipeline editor"),
        .base(
            "Failed to build pipeline metadata! Name is too long (maximum is 255 characters)", .refused,
            "workflow: name"),
        .base(
            "Failed to build pipeline variables: total size exceeds the limit of 10 MiB", .refused, "smaller"),
        .base("Pipeline has too many jobs! Requested 600, but the limit is 500.", .refused, "split"),
        .base(
            "Credit card required to be on file in order to create a pipeline", .refused, "credit card"),
        .base(
            "This pipeline did not run because the code should be reviewed by a non-AI user first.", .refused,
            "review"),
        .base(
            "Given inputs not defined in the `spec` section of the included configuration file: `x`",
            .inputsRefused,
            "spec: inputs"),
        .base("unknown input arguments: x", .inputsRefused, "spec: inputs"),
        .base("Pipeline size limit exceeded by 1 job!", .refused, "split"),
        .base(
            "Pipeline has too many deployments! Requested 2, but the limit is 1.", .refused, "split"),
        .base("`report` input: required value has not been provided", .inputsRefused, "spec: inputs"),
        .base("a sentence of the year 2030", .refused, "until you change"),
        // Only the beginning of a text counts. Here it is a job's name.
        .base("jobs:x:script Reference not found", .refused, "Pipeline editor"),
    ]

    static let envelopes = [
        Denial(400, #"{"error":"ref is missing"}"#, .refused, "ref is missing", "variables and inputs"),
        Denial(
            400, #"{"error":"variables[0][variable_type] does not have a valid value"}"#, .refused,
            "variables[0][variable_type] does not have a valid value", "variables and inputs"),
        Denial(400, #"{"message":"400 Bad request"}"#, .refused, "400 Bad request", "Pipeline editor"),
        Denial(
            400, #"{"message":{"ref":["is missing","is empty"],"base":["x"]}}"#, .refused,
            "ref is missing; ref is empty; x", "Pipeline editor"),
        Denial(
            422, #"{"message":{"base":["jobs:report config contains unknown keys: scrpt"]}}"#, .refused,
            "jobs:report config contains unknown keys: scrpt", "Pipeline editor"),
        Denial(401, #"{"message":"401 Unauthorized"}"#, .unauthorized, "401 Unauthorized", "wrong, expired"),
        Denial(
            401, #"{"error":"invalid_token","error_description":"Token is expired. You can either do ..."}"#,
            .unauthorized, "invalid_token: Token is expired. You can either do ...", "has expired"),
        Denial(
            401, #"{"error":"invalid_token","error_description":"Token was revoked. You have to ..."}"#,
            .unauthorized, "invalid_token: Token was revoked. You have to ...", "was revoked"),
        Denial(403, #"{"message":"403 Forbidden"}"#, .refused, "403 Forbidden", "Developer"),
        Denial(403, #"{"message":"403 Forbidden"}"#, .refused, "403 Forbidden", "archived"),
        Denial(
            403,
            #"{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api"}"#,
            .unauthorized,
            "insufficient_scope: The request requires higher privileges than provided by the access token. (scope: api)",
            "scope api"),
        Denial(
            404, #"{"message":"404 Project Not Found"}"#, .notFound, "404 Project Not Found", "CI_PROJECT_ID"),
        Denial(404, #"{"message":"404 Not found"}"#, .notFound, "404 Not found", nil),
        Denial(
            404, "<html><title>404 Not Found</title></html>", .uncertain, "404 Not Found", "CI_API_V4_URL"),
        Denial(403, "<HTML>blocked</HTML>", .uncertain, "an HTML page without a title", "firewall"),
        Denial(413, "", .uncertain, "no text in the answer", "proxy"),
        Denial(405, #"{"error":"405 Not Allowed"}"#, .refused, "405 Not Allowed", nil),
        Denial(
            405, #"{"message":"Non GET methods are not allowed for moved projects"}"#, .refused,
            "Non GET methods are not allowed for moved projects", "renamed or moved"),
        Denial(
            405, #"{"error":"Keyset pagination is not yet available for this type of request"}"#, .refused,
            "Keyset pagination is not yet available for this type of request", nil),
        Denial(
            429, #"{"message":"Job retry rate limit exceeded"}"#, .rateLimited,
            "Job retry rate limit exceeded",
            nil),
        Denial(400, "[]", .uncertain, "no text in the answer", "proxy"),
        Denial(405, "", .uncertain, "no text in the answer", "firewall"),
        Denial(406, "not acceptable", .uncertain, "not acceptable", "firewall"),
        Denial(407, "<html><title>login</title></html>", .unavailable, "login", "HTTPS_PROXY"),
        Denial(423, "Locked", .uncertain, "Locked", "firewall"),
        Denial(401, "<html><title>Sign in</title></html>", .uncertain, "Sign in", "firewall"),
        Denial(403, #"{"message":"Forbidden"}"#, .uncertain, "Forbidden", "firewall"),
        Denial(404, #"{"error":"Not Found"}"#, .uncertain, "Not Found", "firewall"),
        Denial(403, #"{"code":7,"detail":"no"}"#, .uncertain, "code 7; detail no", "firewall"),
        Denial(
            403, #"{"message":"You cannot perform write operations on a read-only instance"}"#, .unavailable,
            "You cannot perform write operations on a read-only instance", "maintenance"),
    ]

    @Test("What somebody else says to a question is an outage, what GitLab says is a verdict")
    func questions() async throws {
        for status in [400, 401, 403, 404, 405, 406, 407, 413, 423] {
            let client = Scripted(status, "<html></html>").client()
            let failure = await failure { () async throws(APIFailure) in
                try await client.pipeline(project: "1", id: 2)
            }
            #expect(failure?.kind == .unavailable, "\(status)")
        }
        for (status, kind) in [(401, APIFailure.Kind.unauthorized), (403, .refused), (404, .notFound)] {
            let client = Scripted(status, #"{"message":"\#(status) Something"}"#).client()
            let failure = await failure { () async throws(APIFailure) in
                try await client.pipeline(project: "1", id: 2)
            }
            #expect(failure?.kind == kind, "\(status)")
        }
    }

    static let troubles = [
        Denial(429, "Retry later\n", .rateLimited, "Retry later", nil, headers: [("retry-after", "42")]),
        Denial(
            429,
            #"{"message":{"error":"This endpoint has been requested too many times. Try again later."}}"#,
            .rateLimited, "This endpoint has been requested too many times. Try again later.", nil),
        Denial(
            500, #"{"message":"500 Internal Server Error"}"#, .uncertain, "500 Internal Server Error", nil),
        Denial(
            502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body>\r\n</html>\r\n",
            .uncertain, "502 Bad Gateway", nil),
        Denial(
            503, #"{"message":"503 Service Unavailable"}"#, .uncertain, "503 Service Unavailable", nil),
        Denial(
            504, "<html><head><title>504 Gateway Time-out</title></head></html>\n", .uncertain,
            "504 Gateway Time-out", nil),
        Denial(408, "", .uncertain, "no text in the answer", nil),
        Denial(409, #"{"message":"409 Conflict"}"#, .uncertain, "409 Conflict", nil),
        Denial(599, "", .uncertain, "no text in the answer", nil),
        Denial(
            302, "", .unavailable, "no text in the answer", "to https://other.example.com/login, and",
            headers: [("Location", "https://other.example.com/login?return=x")]),
        Denial(301, "", .unavailable, "no text in the answer", "elsewhere"),
    ]
}
