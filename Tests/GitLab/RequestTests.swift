import CivilTime
import GitLab
import HTTP
import ScriptedGitLab
import Testing

/// What each call of the client sends.
@Suite struct RequestTests {
    private static let pipeline = #"{"id":70001,"status":"created"}"#
    private static let job = #"{"id":500102,"name":"report","status":"pending"}"#

    @Test func creation() async throws {
        let server = Scripted(201, Self.pipeline)
        let order = PipelineOrder(ref: "main")
        #expect(try await server.client().createPipeline(project: "4242", order).id == 70_001)
        let request = try #require(server.requests.first)
        #expect(request.method == .post)
        #expect(request.target == "/projects/4242/pipeline")
        #expect(request.body == order.json)
        #expect(request.deadline == .seconds(70))
    }

    @Test(arguments: [
        ("4242", "4242"), ("group/name", "group%2Fname"), ("group%2Fname", "group%2Fname"),
        ("a/b/c.d-e_f~g", "a%2Fb%2Fc.d-e_f~g"), ("ünï/x", "%C3%BCn%C3%AF%2Fx"), ("a b?c#d", "a%20b%3Fc%23d"),
        ("../x", "..%2Fx"), ("100%", "100%25"), ("%zz", "%25zz"),
    ])
    func project(name: String, segment: String) async throws {
        let server = Scripted(200, Self.pipeline)
        _ = try await server.client().pipeline(project: name, id: 7)
        #expect(server.requests.first?.target == "/projects/\(segment)/pipelines/7")
    }

    @Test(
        "A5: the id of a project is read from it, or from where GitLab redirects to",
        arguments: [
            (200, #"{"id":42}"#, nil, 42), (301, "", "https://gitlab.test/api/v4/projects/42?x=1", 42),
            (301, "", "https://gitlab.test/api/v4/projects/a%2Fb", nil), (301, "", nil, nil),
            (404, #"{"message":"404 Project Not Found"}"#, nil, nil), (200, "{}", nil, nil),
        ] as [(Int, String, String?, Int64?)])
    func projectID(status: Int, body: String, location: String?, id: Int64?) async throws {
        let headers = location.map { [(name: "Location", value: $0)] } ?? []
        let server = Scripted(status, body, headers: headers)
        let found = try? await server.client().projectID(ofPath: "a/b")
        #expect(found == id)
        #expect(server.requests.first?.target == "/projects/a%2Fb")
    }

    @Test("A11: trigger jobs are asked for under their older name, then under their newer one")
    func triggerJobs() async throws {
        let server = Scripted([reply(404, #"{"error":"404 Not Found"}"#), page([Self.job])])
        let jobs = try await server.client().triggerJobs(project: "7", pipeline: 1)
        #expect(jobs.map(\.id) == [500_102])
        #expect(
            server.requests.map(\.path) == [
                "/projects/7/pipelines/1/bridges", "/projects/7/pipelines/1/trigger_jobs",
            ])
        let none = Scripted([
            reply(404, #"{"error":"404 Not Found"}"#), reply(404, #"{"error":"404 Not Found"}"#),
        ])
        #expect(try await none.client().triggerJobs(project: "7", pipeline: 1).isEmpty)
    }

    @Test func reads() async throws {
        let server = Scripted([
            page([]), page([#"{"key":"A","value":"1","variable_type":"env_var"}"#, #"{"key":"B"}"#]),
            page([]), page([]), page([]),
        ])
        let client = server.client()
        _ = try await client.pipelines(
            project: "1",
            PipelineQuery(
                source: "a@b c", createdAfter: Instant(seconds: 1_768_445_970),
                updatedAfter: Instant(seconds: 0)))
        #expect(try await client.variables(project: "1", pipeline: 2) == ["A": "1", "B": ""])
        _ = try await client.pipelineJobs(project: "1", pipeline: 2)
        _ = try await client.runningJobs(
            project: "1", scopes: ["running", "waiting_for_resource"], downTo: nil)
        _ = try await client.pipelines(project: "1", PipelineQuery())
        #expect(
            server.requests.map(\.target) == [
                "/projects/1/pipelines?source=a%40b%20c&created_after=2026-01-15T02%3A59%3A30.000Z&updated_after=1970-01-01T00%3A00%3A00.000Z&order_by=id&sort=desc&per_page=100",
                "/projects/1/pipelines/2/variables",
                "/projects/1/pipelines/2/jobs?include_retried=true&per_page=100",
                "/projects/1/jobs?scope%5B%5D=running&scope%5B%5D=waiting_for_resource&pagination=keyset&order_by=id&sort=desc&per_page=100",
                "/projects/1/pipelines?order_by=id&sort=desc&per_page=100",
            ])
        #expect(server.requests.allSatisfy { $0.method == .get && $0.body == nil })
        #expect(server.requests.allSatisfy { $0.deadline == .seconds(30) })
    }

    @Test func acts() async throws {
        let answers = [(201, Self.job), (200, Self.pipeline), (200, "")].map { status, body in
            Result<HTTPResponse, TransportFailure>.success(
                HTTPResponse(status: status, body: Array(body.utf8)))
        }
        let server = Scripted(answers)
        let client = server.client()
        #expect(try await client.retryJob(project: "a/b", id: 500_001).id == 500_102)
        try await client.cancelPipeline(project: "a/b", id: 70_001)
        try await client.cancelPipeline(project: "a/b", id: 70_002)
        #expect(
            server.requests.map(\.target) == [
                "/projects/a%2Fb/jobs/500001/retry", "/projects/a%2Fb/pipelines/70001/cancel",
                "/projects/a%2Fb/pipelines/70002/cancel",
            ])
        #expect(server.requests.allSatisfy { $0.method == .post && $0.body == nil })
    }

    @Test func ownJob() async throws {
        let server = Scripted(200, Self.job)
        #expect(try await server.client().job(project: "1", id: 5).name == "report")
        #expect(server.requests.map(\.target) == ["/projects/1/jobs/5"])
    }
}

/// The body of a creation, byte for byte.
@Suite struct OrderTests {
    @Test(
        arguments: [
            (PipelineOrder(ref: "main"), #"{"ref":"main"}"#),
            (
                PipelineOrder(
                    ref: "feature/ä",
                    variables: [
                        .init(key: "A", value: "08"),
                        .init(key: "B", value: "two\nlines\t\"q\" \\ \u{1}\u{1f}\u{7f}"),
                        .init(key: "C", value: "{}", kind: .file), .init(key: "D", value: ""),
                    ]),
                #"{"ref":"feature/ä","variables":[{"key":"A","value":"08"},{"key":"B","value":"two\nlines\t\"q\" \\ \u0001\u001f"#
                    + "\u{7f}"
                    + #""},{"key":"C","value":"{}","variable_type":"file"},{"key":"D","value":""}]}"#
            ),
            (
                PipelineOrder(
                    ref: "main",
                    inputs: [
                        .init(name: "report", value: .text("yes")),
                        .init(name: "dry run", value: .boolean(false)),
                        .init(name: "level", value: .number("1.10")),
                        .init(name: "big", value: .number("1e400")),
                        .init(name: "odd", value: .number("08")),
                        .init(
                            name: "list",
                            value: .array([.text("a"), .number("-0"), .array([]), .boolean(true)])),
                    ]),
                #"{"ref":"main","inputs":{"report":"yes","dry run":false,"level":1.10,"big":1e400,"odd":"08","list":["a",-0,[],true]}}"#
            ),
        ] as [(PipelineOrder, String)])
    func json(order: PipelineOrder, expected: String) {
        #expect(String(decoding: order.json, as: UTF8.self) == expected)
    }
}
