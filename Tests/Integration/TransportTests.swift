import GitLab
import HTTP
import Testing

private let created = httpAnswer("201 Created", #"{"id":70001,"status":"created"}"#)

extension TransportServer {
    func transport(
        connections: Int = 8, connect: Duration = .seconds(10), maximum: Int = 1 << 20,
        environment: [String: String] = [:]
    ) throws -> HTTPTransport {
        try HTTPTransport(
            try HTTPTransport.Settings(
                baseURL: base, token: Secret("glpat-secret-123"), version: "1.2.3", environment: environment,
                maximumConnections: connections, connectTimeout: connect, maximumAnswer: maximum))
    }
}

func post(_ body: String? = "{}", within deadline: Duration = .seconds(20)) -> HTTPRequest {
    HTTPRequest(.post, "/projects/1/pipeline", body: body.map { Array($0.utf8) }, deadline: deadline)
}

/// What goes over the wire, and how often.
@Suite(.timeLimit(.minutes(10))) struct TransportTests {
    @Test func theRequestAsItArrives() async throws {
        let server = try await TransportServer([.answer(created)])
        let client = GitLabClient(try server.transport())
        let order = PipelineOrder(ref: "main", variables: [.init(key: "A", value: "ü")])
        #expect(try await client.createPipeline(project: "group/name", order).id == 70_001)
        let request = try #require(server.requests.first)
        let lines = request.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.first == "POST /api/v4/projects/group%2Fname/pipeline HTTP/1.1")
        #expect(lines.last == #"{"ref":"main","variables":[{"key":"A","value":"ü"}]}"#)
        let headers = Set(lines.dropFirst().map { $0.lowercased() })
        #expect(
            headers.isSuperset(of: [
                "host: 127.0.0.1:\(server.port)", "private-token: glpat-secret-123",
                "user-agent: orchestrate/1.2.3", "accept: application/json",
                "content-type: application/json", "content-length: \(order.json.count)",
            ]))
    }

    @Test func queriesArriveEncoded() async throws {
        let server = try await TransportServer([.answer(httpAnswer("200 OK", "[]"))])
        let client = GitLabClient(try server.transport())
        _ = try await client.pipelines(project: "1", PipelineQuery(source: "orchestrate a&b=c@2026"))
        #expect(
            server.requests.first?.hasPrefix(
                "GET /api/v4/projects/1/pipelines?source=orchestrate%20a%26b%3Dc%402026&order_by=id&sort=desc&per_page=100 HTTP/1.1\r\n"
            ) == true)
    }

    @Test(arguments: [1, 8, 64])
    func connectionsAreKept(connections: Int) async throws {
        let server = try await TransportServer([.answer(created)])
        let transport = try server.transport(connections: connections)
        for _ in 0..<10 { #expect(try await transport.send(post()).status == 201) }
        #expect(server.requests.count == 10)
        #expect(server.connections == 1)
    }

    @Test(arguments: [1, 4, 33, 64])
    func manyAtOnceArriveOnceEach(connections: Int) async throws {
        let server = try await TransportServer([.answer(created)])
        let transport = try server.transport(connections: connections)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await transport.send(post("\(number)"))
                    #expect(response.status == 201)
                }
            }
            try await group.waitForAll()
        }
        let numbers = server.requests.compactMap { $0.split(separator: "\r\n").last.map(String.init) }
        #expect(Set(numbers).count == 200)
        #expect(numbers.count == 200)
        // Rounded up to a multiple of the number of event loops in use.
        #expect(server.connections <= connections + connections / 16)
    }

    @Test func bodiesInChunksAndWithoutLength() async throws {
        let chunked =
            "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n3\r\na\":\r\n2\r\n1}\r\n0\r\n\r\n"
        let server = try await TransportServer([
            .answer(chunked), .answerAndClose("HTTP/1.1 200 OK\r\n\r\nto the end"),
            .answer("HTTP/1.1 204 No Content\r\n\r\n"),
        ])
        let transport = try server.transport()
        let bodies = [
            try await transport.send(post()), try await transport.send(post()),
            try await transport.send(post(nil)),
        ].map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies == [#"{"a":1}"#, "to the end", ""])
    }

    @Test func redirectsAreNotFollowed() async throws {
        let server = try await TransportServer([
            .answer(httpAnswer("307 Temporary Redirect", headers: "Location: /elsewhere\r\n"))
        ])
        let response = try await server.transport().send(post())
        #expect(response.status == 307)
        #expect(response.header("location") == "/elsewhere")
        #expect(server.requests.count == 1)
    }

    /// A success beyond the bound is no answer. Of an error, only the beginning matters.
    @Test func largeAnswers() async throws {
        let large = String(repeating: "x", count: 3 << 20)
        let server = try await TransportServer([
            .answer(httpAnswer("201 Created", large)),
            .answer(httpAnswer("500 Internal Server Error", large)),
        ])
        let transport = try server.transport()
        await #expect(throws: TransportFailure.noAnswer("the answer is larger than 1 MiB")) {
            try await transport.send(post())
        }
        let error = try await transport.send(post())
        #expect(error.status == 500)
        #expect(error.body.count == 64 << 10)
    }

    @Test func anEchoedTokenIsHidden() async throws {
        let echo = httpAnswer("400 Bad Request", #"{"message":"PRIVATE-TOKEN glpat-secret-123 is odd"}"#)
        let server = try await TransportServer([.answer(echo)])
        let client = GitLabClient(try server.transport())
        let failure = await #expect(throws: APIFailure.self) {
            try await client.createPipeline(project: "1", PipelineOrder(ref: "main"))
        }
        #expect(failure?.message == "PRIVATE-TOKEN [hidden] is odd")
    }

    @Test func proxyTunnelsCarryTheLogin() async throws {
        let proxy = try await TransportServer([.answer("HTTP/1.1 200 Connected\r\n\r\n"), .answer(created)])
        let environment = ["HTTP_PROXY": "http://us%40er:hush@127.0.0.1:\(proxy.port)"]
        let transport = try HTTPTransport(
            try HTTPTransport.Settings(
                baseURL: "http://gitlab.example.com:8080/api/v4", token: Secret("t-o-k-e-n"), version: "1",
                environment: environment))
        #expect(try await transport.send(post()).status == 201)
        let requests = proxy.requests
        #expect(requests.first?.hasPrefix("CONNECT gitlab.example.com:8080 HTTP/1.1") == true)
        // "us@er:hush" in Base64.
        #expect(requests.first?.contains("Basic dXNAZXI6aHVzaA==") == true)
        #expect(requests.first?.contains("t-o-k-e-n") == false)
        #expect(requests.last?.hasPrefix("POST /api/v4/projects/1/pipeline HTTP/1.1") == true)
    }
}
