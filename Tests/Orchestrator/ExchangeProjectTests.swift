import GitLab
import HTTP
import Scheduling
import ScriptedGitLab
import Synchronization
import Testing

@testable import Orchestrator

/// Projects that jobs name by path, and features that an old GitLab lacks.
@Suite struct ExchangeProjectTests {
    private static let absent = reply(404, #"{"message":"404 Project Not Found"}"#)
    private static let moved = reply(
        301, "", [("Location", "https://gitlab.test/api/v4/projects/42?x=1")])

    private static func list(_ project: String) -> Errand {
        .to(.list(project: project, changedAfter: fireTime))
    }

    private static func post(to project: String, _ change: (inout Job) -> Void = { _ in }) throws -> Errand {
        guard case .post(var order) = try Errand.post(nightly, change).request else { throw NotAPost() }
        order.project = project
        return .to(.post(order))
    }

    private struct NotAPost: Error {}

    private static func isLookUp(_ request: HTTPRequest) -> Bool { request.path.hasSuffix("acme%2Fdata") }

    @Test("A5: a path is looked up once, and everything is asked by the id")
    func lookedUpOnce() async throws {
        let server = Scripted { request in
            if Self.isLookUp(request) { return reply(200, #"{"id":42,"path":"data"}"#) }
            return request.method == .post ? reply(201, pipelineRow(70_001)) : page([])
        }
        let exchange = exchange(server)
        _ = await exchange.answer(Self.list("acme/data"))
        let posted = await exchange.answer(try Self.post(to: "acme/data"))
        #expect(posted.line.hasSuffix("70001 https://gitlab.test/p/70001"))
        let listed = await exchange.answer(Self.list("acme/data"))
        #expect(listed.line == "listed acme/data: -", "the event names the project as the job does")
        #expect(
            server.requests.map(\.path) == [
                "/projects/acme%2Fdata", "/projects/42/pipelines", "/projects/42/pipeline",
                "/projects/42/pipelines",
            ])
    }

    @Test("A5: the former path of a project leads to its id; another redirect is none of GitLab's")
    func movedProject() async throws {
        let server = Scripted { Self.isLookUp($0) ? Self.moved : reply(201, pipelineRow(70_001)) }
        let event = await exchange(server).answer(try Self.post(to: "acme/data"))
        #expect(event.line.hasSuffix("70001 https://gitlab.test/p/70001"))
        #expect(server.requests.map(\.path) == ["/projects/acme%2Fdata", "/projects/42/pipeline"])
        let secure = Scripted([
            reply(301, "", [("Location", "https://gitlab.test/api/v4/projects/acme%2Fdata")])
        ])
        let redirected = await exchange(secure).answer(try Self.post(to: "acme/data"))
        #expect(redirected.line.contains("unavailable: ") && secure.requests.count == 1)
    }

    @Test("A5: without an answer about its path nothing is posted, and it is tried again")
    func noAnswer() async throws {
        for answer in [reply(500), reply(200, "?"), reply(404), .failure(.noAnswer("cut"))] {
            let server = Scripted([answer])
            let event = await exchange(server).answer(try Self.post(to: "acme/data"))
            #expect(event.line.contains("unavailable: ") && server.requests.count == 1, "\(event.line)")
        }
    }

    @Test("A path that GitLab does not resolve is asked for as it is, and the answer says why")
    func unresolved() async throws {
        let server = Scripted { _ in Self.absent }
        let event = await exchange(server).answer(try Self.post(to: "acme/data"))
        #expect(event.line.contains("gone: 404 Project Not Found"))
        #expect(server.requests.map(\.path) == ["/projects/acme%2Fdata", "/projects/acme%2Fdata/pipeline"])
    }

    @Test("A project that was deleted and made again under its path is found again")
    func madeAgain() async throws {
        let ids = Kept(0)
        let server = Scripted { request in
            if Self.isLookUp(request) { return reply(200, #"{"id":\#(ids.change { $0 + 1 })}"#) }
            return request.path.hasPrefix("/projects/1/") ? Self.absent : page([])
        }
        let exchange = exchange(server)
        let first = await exchange.answer(Self.list("acme/data"))
        #expect(first.line.contains("unavailable: acme/data may be another project by now"))
        #expect(await exchange.answer(Self.list("acme/data")).line == "listed acme/data: -")
        #expect(server.requests.last?.path == "/projects/2/pipelines")
    }

    @Test("The lease is judged after the path was looked up")
    func leaseAfterLookUp() async throws {
        let elapsed = Kept(Duration.zero)
        let server = Scripted { _ in
            _ = elapsed.change { _ in .seconds(31) }
            return reply(200, #"{"id":42}"#)
        }
        let exchange = Exchange(client: server.client(), project: "1", uptime: { elapsed.change { $0 } })
        let event = await exchange.answer(try Self.post(to: "acme/data"))
        #expect(event.line.contains("the lease of this instance was over") && server.requests.count == 1)
    }

    @Test(
        "A10: before 17.10 GitLab drops inputs, so such a pipeline is not asked for",
        arguments: [
            ("16.11.4-ee", false), ("17.9.8", false), ("17.10.0-pre", true), ("18.5.2-ee", true),
            ("main", true),
        ])
    func inputs(version: String, isPosted: Bool) async throws {
        let server = Scripted {
            $0.path == "/version"
                ? reply(200, #"{"version":"\#(version)","revision":"a"}"#) : reply(201, pipelineRow(70_001))
        }
        let exchange = exchange(server)
        for _ in 0..<2 {
            let event = await exchange.answer(
                try Self.post(to: "7") { $0.inputs = [.init(name: "a", value: .text("x"))] })
            #expect(event.line.contains("refused: not sent: this GitLab is \(version)") != isPosted)
        }
        #expect(server.requests.filter { $0.method == .post }.count == (isPosted ? 2 : 0))
        #expect(server.requests.filter { $0.path == "/version" }.count == (isPosted ? 1 : 2))
        _ = await exchange.answer(try Self.post(to: "7"))
        #expect(server.requests.last?.method == .post, "without inputs nobody asks")
    }

    @Test("A10: a version that is not told refuses nothing; one that was not heard is asked for again")
    func unknownVersion() async throws {
        for (answer, posts) in [
            (reply(403, #"{"error":"insufficient_permissions"}"#), true), (reply(503), false),
            (.failure(.noAnswer("cut")), false),
        ] {
            let server = Scripted { $0.path == "/version" ? answer : reply(201, pipelineRow(70_001)) }
            let event = await exchange(server).answer(
                try Self.post(to: "7") { $0.inputs = [.init(name: "a", value: .text("x"))] })
            #expect(server.requests.contains { $0.method == .post } == posts)
            #expect(event.line.contains("unavailable: ") != posts)
        }
    }

    @Test("A11: trigger jobs are read under either name of their list, and may be none")
    func triggerJobs() async {
        let notFound = reply(404, #"{"error":"404 Not Found"}"#)
        for names in [["bridges"], ["trigger_jobs"], []] {
            let server = Scripted { request in
                let last = String(request.path.split(separator: "/").last ?? "")
                if last == "jobs" { return page([jobRow(11, "success")]) }
                return names.contains(last) ? page([jobRow(12, "failed")]) : notFound
            }
            let event = await exchange(server).answer(.listJobs)
            let trigger = names.isEmpty ? "" : ", 12 orchestrate failed trigger"
            #expect(event.line == "jobsListed nightly@2026-11-23T20:15:00Z: 11 orchestrate over\(trigger)")
        }
    }
}

/// A value that a script changes.
private final class Kept<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func change(_ change: @Sendable (Value) -> Value) -> Value {
        value.withLock { value in
            value = change(value)
            return value
        }
    }
}
