import GitLab
import HTTP
import Testing

/// Answers that HTTP does not know, byte for byte. Each is a failure, and none ends the process.
@Suite(.timeLimit(.minutes(10))) struct StrangeAnswerTests {
    private static let created = httpAnswer("201 Created", #"{"id":70001}"#)

    /// Returns how one POST failed, and checks that the next one gets through.
    private func failure(_ answer: TransportServer.Reaction) async throws -> TransportFailure? {
        let server = try await TransportServer([answer, .answer(Self.created)])
        let transport = try server.transport()
        let result: TransportFailure?
        do throws(TransportFailure) {
            _ = try await transport.send(post(within: .seconds(5)))
            result = nil
        } catch {
            result = error
        }
        #expect(try await transport.send(post()).status == 201)
        return result
    }

    private func expectNoHTTP(_ failure: TransportFailure?) {
        guard case .noAnswer(let words) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(words.contains("is not HTTP"), "\(words)")
    }

    @Test(arguments: ["000", "001", "042", "099"])
    func statusesBelowAHundred(_ status: String) async throws {
        for rest in [
            "\r\n\r\n", " \r\nContent-Length: 0\r\n\r\n", " What\r\nContent-Length: 2\r\n\r\n{}",
            " What\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            " What\r\nConnection: close\r\n\r\n{}",
        ] {
            expectNoHTTP(try await failure(.answer("HTTP/1.1 \(status)\(rest)")))
            expectNoHTTP(try await failure(.answerAndClose("HTTP/1.1 \(status)\(rest)\(Self.created)")))
        }
    }

    /// The transport skips interim answers, however many there are. None of them may end the process.
    @Test(arguments: ["100 Continue", "102 Processing", "103 Early Hints", "199 What"])
    func interimAnswers(_ status: String) async throws {
        let interim = "HTTP/1.1 \(status)\r\nLink: </a>\r\n\r\n"
        let many = String(repeating: interim, count: 200)
        #expect(try await failure(.answer(many + Self.created)) == nil)
        expectNoHTTP(try await failure(.answer(interim + "HTTP/1.1 007 Bond\r\n\r\n")))
    }

    @Test(arguments: [
        "X: " + String(repeating: "a", count: 100 << 10) + "\r\n",
        String(repeating: "a", count: 100 << 10) + ": x\r\n",
        String(repeating: "X: y\r\n", count: 1_000),
        String(repeating: "X: " + String(repeating: "a", count: 60 << 10) + "\r\n", count: 60),
        ": y\r\n", "X\r\n", "X : y\r\n", "\0: \0\r\n",
    ])
    func headers(_ lines: String) async throws {
        expectNoHTTP(try await failure(.answer("HTTP/1.1 201 Created\r\n\(lines)Content-Length: 0\r\n\r\n")))
    }

    @Test(arguments: [
        "10000000000000000", "-1", "g", "", "0x5", "5 5",
        "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
    ])
    func chunkSizes(_ size: String) async throws {
        let head = "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
        expectNoHTTP(try await failure(.answer("\(head)\(size)\r\n{}\r\n0\r\n\r\n")))
    }

    /// Sizes that HTTP allows, for a body that never comes.
    @Test(arguments: [
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n{}",
        "Transfer-Encoding: chunked\r\n\r\n7FFFFFFFFFFFFFFF\r\n{}",
        "Content-Length: 18446744073709551615\r\n\r\n{}", "Content-Length: 9223372036854775808\r\n\r\n{}",
    ])
    func endlessBodies(_ rest: String) async throws {
        let failure = try await failure(.answerAndClose("HTTP/1.1 201 Created\r\n\(rest)"))
        guard case .noAnswer = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    /// Another part of the library reads what a proxy answers to CONNECT.
    @Test(arguments: ["000", "042", "099", "100", "101", "199", "204", "302", "999"])
    func proxies(_ status: String) async throws {
        for rest in [
            "\r\n\r\n", " What\r\nContent-Length: 2\r\n\r\n{}", " What\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        ] {
            let server = try await TransportServer([.answerAndClose("HTTP/1.1 \(status)\(rest)")])
            let settings = try HTTPTransport.Settings(
                baseURL: "https://gitlab.example.com/api/v4", token: Secret("glpat-secret-123"), version: "1",
                environment: ["HTTPS_PROXY": "http://127.0.0.1:\(server.port)"], connectTimeout: .seconds(2))
            let transport = try HTTPTransport(settings)
            let failure = await #expect(throws: TransportFailure.self) { try await transport.send(post()) }
            guard case .notSent = failure else {
                Issue.record("\(status): \(String(describing: failure))")
                continue
            }
        }
    }

    /// Parts of answers, in an order that a seed decides.
    @Test(arguments: [UInt64(1), 2, 3])
    func mixtures(seed: UInt64) async throws {
        var state = seed
        func pick(_ choices: [String]) -> String {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return choices[Int((state >> 33) % UInt64(choices.count))]
        }
        let answers = (0..<150).map { _ in
            let head =
                "HTTP/1." + pick(["0", "1", "1", "7"]) + " " + pick(Self.statuses) + pick(["", " ", " What"])
            let lines = (0..<3).map { _ in pick(Self.lines) }.joined()
            let answer = "\(head)\r\n\(lines)\r\n" + pick(Self.bodies) + pick(["", Self.created])
            return pick(["a", "b"]) == "a" ? TransportServer.Reaction.answer(answer) : .answerAndClose(answer)
        }
        let server = try await TransportServer(answers + [.answer(Self.created)])
        let transport = try server.transport()
        for _ in answers { _ = try? await transport.send(post(within: .milliseconds(100))) }
        while server.requests.count <= answers.count {
            _ = try? await transport.send(post())
        }
        #expect(try await transport.send(post()).status == 201)
    }

    private static let statuses = [
        "000", "007", "099", "100", "101", "102", "199", "200", "201", "204", "304", "404", "500", "600",
        "999", "1", "20", "1000",
    ]
    private static let lines = [
        "", "Content-Length: 2\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n",
        "Connection: close\r\n",
        "Connection: upgrade\r\nUpgrade: x\r\n", "Trailer: X\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        " folded\r\n",
    ]
    private static let bodies = [
        "", "{}", "2\r\n{}\r\n0\r\n\r\n", "0\r\nX: y\r\n\r\n", "2;a=b\r\n{}\r\n0\r\n: z\r\n\r\n", "\r\n",
    ]
}
