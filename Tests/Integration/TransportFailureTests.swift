import GitLab
import HTTP
import Testing

private let created = httpAnswer("201 Created", #"{"id":70001,"status":"created"}"#)

extension TransportFailure {
    fileprivate var isCertain: Bool {
        switch self {
        case .notSent: true
        case .noAnswer: false
        }
    }

    fileprivate var words: String {
        switch self {
        case .notSent(let words), .noAnswer(let words): words
        }
    }
}

extension Result {
    /// What an asynchronous call returns or throws.
    fileprivate init(_ call: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await call())
        } catch {
            self = .failure(error)
        }
    }
}

/// How requests end without an answer. The difference decides whether GitLab gets a second POST.
@Suite(.timeLimit(.minutes(10))) struct TransportFailureTests {
    private func failure(
        _ transport: HTTPTransport, _ request: HTTPRequest = post()
    ) async -> TransportFailure? {
        do throws(TransportFailure) {
            _ = try await transport.send(request)
            return nil
        } catch {
            return error
        }
    }

    private func transport(_ base: String, _ environment: [String: String] = [:]) throws -> HTTPTransport {
        try HTTPTransport(
            try HTTPTransport.Settings(
                baseURL: base, token: Secret("glpat-secret-123"), version: "1", environment: environment,
                connectTimeout: .seconds(5)))
    }

    @Test func nobodyListens() async throws {
        let server = try await TransportServer([.silence])
        let base = server.base
        await server.stop()
        let failure = await failure(try transport(base))
        #expect(failure?.isCertain == true)
        #expect(failure?.words.contains("Connection refused") == true)
        #expect(
            failure?.words.contains(
                "127.0.0.1:\(base.split(separator: ":").last?.prefix { $0 != "/" } ?? "")") == true)
    }

    @Test func unknownHost() async throws {
        let failure = await failure(try transport("http://no-such-host.invalid/api/v4"))
        #expect(failure == .notSent("the host name no-such-host.invalid cannot be resolved"))
    }

    @Test func closedAfterReading() async throws {
        let server = try await TransportServer([.close])
        let failure = await failure(try server.transport())
        #expect(failure?.isCertain == false)
        #expect(failure?.words.contains("closed the connection") == true)
        #expect(server.requests.count == 1)
    }

    /// The kept connection has worked before. A client that sends again by itself would do it here.
    @Test(arguments: ["{}", nil])
    func closedAfterReadingOnAKeptConnection(body: String?) async throws {
        let server = try await TransportServer([.answer(created), .close, .answer(created)])
        let transport = try server.transport()
        _ = try await transport.send(post())
        #expect(await failure(transport, post(body))?.isCertain == false)
        #expect(server.requests.count == 2)
        #expect(server.connections == 1)
    }

    /// Connections that end at the moment they are used again, or say something unasked before that, as some servers do
    /// with 408. A request may fail, but it must never arrive twice. A request that the transport reports as not sent
    /// must not have arrived.
    @Test(arguments: [
        TransportServer.Reaction.answerAndClose(created),
        .answer(created + httpAnswer("408 Request Timeout")),
    ])
    func endingWhileKept(reaction: TransportServer.Reaction) async throws {
        let server = try await TransportServer([reaction])
        let transport = try server.transport(connections: 1)
        var unsent: [Int] = []
        for number in 0..<200 {
            let request = post("<\(number)>")
            let result = await Result { () async throws(TransportFailure) in
                try await transport.send(request).status
            }
            let arrived = server.requests.count { $0.hasSuffix("<\(number)>") }
            switch result {
            case .success(let status): #expect(arrived == 1 && status == 201)
            case .failure(.notSent): unsent.append(number)
            case .failure(.noAnswer): #expect(arrived <= 1)
            }
        }
        for number in unsent { #expect(!server.requests.contains { $0.hasSuffix("<\(number)>") }) }
    }

    @Test(arguments: [
        "HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{", "HTTP/1.1 201 Cre", "",
        "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "garbage\r\n\r\n",
    ])
    func cutAnswers(bytes: String) async throws {
        let server = try await TransportServer([.answerAndClose(bytes)])
        let failure = await failure(try server.transport())
        #expect(failure?.isCertain == false)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [UInt64(1), 2])
    func damagedAnswers(seed: UInt64) async throws {
        var state = seed
        let good = Array(
            "HTTP/1.1 201 Created\r\nContent-Length: 9\r\nX: y\r\n\r\n{\"id\":70}HTTP/1.1 100 Continue\r\n\r\n"
                .utf8)
        let damaged = (0..<150).map { _ in
            var bytes = good
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int((state >> 33) % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: state >> 56)
            }
            return TransportServer.Reaction.answerAndClose(String(decoding: bytes, as: UTF8.self))
        }
        let server = try await TransportServer(damaged)
        let transport = try server.transport()
        for _ in damaged {
            let failure = await failure(transport, post(within: .milliseconds(500)))
            // The transport may have found the connection closed before it wrote the request.
            #expect(failure == nil || server.requests.count <= damaged.count, "seed \(seed)")
        }
    }

    @Test func answersThatAreNotHTTP() async throws {
        let server = try await TransportServer([.answer("SSH-2.0-OpenSSH_9.2\r\n")])
        let failure = await failure(try server.transport())
        #expect(failure?.isCertain == false)
        #expect(failure?.words.contains("is not HTTP") == true, "\(failure?.words ?? "")")
    }

    /// The deadline also ends an answer that keeps coming, byte by byte.
    @Test(arguments: [
        TransportServer.Reaction.silence, .trickle("HTTP/1.1 201 Created\r\nX: "),
        .trickle("HTTP/1.1 201 Created\r\nContent-Length: 100000\r\n\r\n"),
        .trickle("HTTP/1.1 500 Error\r\nContent-Length: 100000\r\n\r\n"),
    ])
    func deadlines(reaction: TransportServer.Reaction) async throws {
        let server = try await TransportServer([.answer(created), reaction])
        let transport = try server.transport()
        // The connection is open before the clock runs, because opening it takes time on a busy machine.
        _ = try await transport.send(post())
        let start = ContinuousClock.now
        let failure = await failure(transport, post(within: .milliseconds(200)))
        let time = ContinuousClock.now - start
        #expect(failure == .noAnswer("no complete answer within 0.2 seconds"))
        #expect(time >= .milliseconds(200))
        #expect(time < .seconds(2))
        // The request was written, though a busy server may read it later.
        await server.arrivals(2)
        #expect(server.requests.count == 2)
    }

    @Test func allConnectionsBusy() async throws {
        let server = try await TransportServer([.answer(created), .silence])
        let transport = try server.transport(connections: 1, connect: .seconds(1))
        _ = try await transport.send(post())
        let first = Task { await failure(transport) }
        await server.arrivals(2)
        let second = await failure(transport, post(within: .milliseconds(20)))
        #expect(second?.isCertain == true)
        let third = await failure(transport)
        #expect(third?.isCertain == true)
        #expect(third?.words.contains("no free connection") == true)
        first.cancel()
        #expect(await first.value?.isCertain == false)
        #expect(server.requests.count == 2)
    }

    @Test func cancellation() async throws {
        let server = try await TransportServer([.silence])
        let transport = try server.transport(connections: 1)
        let flying = Task { await failure(transport) }
        await server.arrivals(1)
        let queued = Task { await failure(transport) }
        queued.cancel()
        #expect(await queued.value?.isCertain == true)
        flying.cancel()
        #expect(await flying.value == .noAnswer("canceled"))
        #expect(server.requests.count == 1)
    }

    @Test func shutdown() async throws {
        let server = try await TransportServer([.silence])
        let transport = try server.transport()
        let flying = Task { await failure(transport) }
        await server.arrivals(1)
        await transport.shutdown()
        #expect(await flying.value?.isCertain == false)
        #expect(await failure(transport) == .notSent("the connections to GitLab are closed already"))
        await transport.shutdown()
    }

    @Test(arguments: [
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user and a password"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "the proxy refuses"),
        ("HTTP/1.1 200 OK\r\n\r\n", "gitlab.example.com:443"),
    ])
    func proxies(answer: String, words: String) async throws {
        let proxy = try await TransportServer([.answerAndClose(answer)])
        let environment = ["HTTPS_PROXY": "http://user:hush@127.0.0.1:\(proxy.port)"]
        let failure = await failure(try transport("https://gitlab.example.com/api/v4", environment))
        #expect(failure?.isCertain == true)
        #expect(failure?.words.contains(words) == true, "\(failure?.words ?? "")")
        #expect(failure?.words.contains("hush") == false)
    }
}
