import GitLab
import HTTP
import Scheduling
import ScriptedGitLab
import Synchronization
import TestSupport
import Testing

@testable import Orchestrator

/// Which pipelines carry which run ids.
@Suite struct MarkReaderTests {
    private static func variables(_ id: RunID) -> Reply {
        page([#"{"key":"A","value":"1"}"#, #"{"key":"ORCHESTRATE_RUN_ID","value":"\#(id)"}"#])
    }

    /// A GitLab with these pipelines. The rule `variables` gives the variables of each.
    private func server(_ rows: [String], _ variables: @escaping @Sendable (Int64) -> Reply) -> Scripted {
        Scripted { request in
            let parts = request.path.split(separator: "/")
            guard parts.last == "variables" else { return page(rows) }
            return Int64(parts[3]).map(variables) ?? reply(404)
        }
    }

    private func asked(_ server: Scripted) -> [String] {
        server.requests.lines.filter { $0.hasSuffix("/variables") }.sorted()
    }

    @Test("The name tells; where it does not, the variables do")
    func names() async {
        let rows = [
            pipelineRow(4, name: "orchestrate nightly@2026-11-23T20:15:00Z"),
            pipelineRow(3, name: "orchestrate everything"), pipelineRow(2, name: "Build main"),
            pipelineRow(1),
        ]
        let server = server(rows) { $0 == 1 ? Self.variables(nightly) : page([]) }
        let event = await exchange(server).answer(.survey())
        #expect(event.search?.found.mapValues { $0.map(\.pipeline.id) } == [nightly: [4, 1]])
        #expect(event.search?.isComplete == true)
        #expect(asked(server) == (1...3).map { "GET /projects/7/pipelines/\($0)/variables" })
    }

    @Test(
        "A4: what this token may not read may be an earlier token's, unless names tell",
        arguments: [true, false])
    func closed(hasNames: Bool) async {
        let name = hasNames ? "orchestrate nightly@2026-11-23T20:15:00Z" : nil
        let server = server([pipelineRow(2, name: name), pipelineRow(1)]) { id in
            id == 2 ? Self.variables(nightly) : reply(403, #"{"message":"403 Forbidden"}"#)
        }
        let exchange = exchange(server)
        for _ in 0..<2 {
            let search = await exchange.answer(.survey()).search
            #expect(search?.found.mapValues { $0.map(\.pipeline.id) } == [nightly: [2]])
            #expect(search?.isComplete == hasNames && search?.closed == (hasNames ? 0 : 1))
        }
        #expect(asked(server).filter { $0.contains("/1/") }.count == 1)
    }

    @Test("The variables of each pipeline are read once, whatever they said")
    func once() async {
        let server = server((1...3).map { pipelineRow($0) }) { id in
            switch id {
            case 1: Self.variables(nightly)
            case 2: page([])
            default: reply(403, #"{"message":"403 Forbidden"}"#)
            }
        }
        let exchange = exchange(server)
        for _ in 0..<3 {
            let event = await exchange.answer(.survey())
            #expect(event.search?.found.mapValues { $0.map(\.pipeline.id) } == [nightly: [1]])
        }
        #expect(asked(server).count == 3)
    }

    @Test("A pipeline that is gone is none of ours")
    func gone() async {
        let server = server([pipelineRow(2), pipelineRow(1)]) {
            $0 == 2 ? reply(404, #"{"message":"404 Not found"}"#) : Self.variables(nightly)
        }
        let search = await exchange(server).answer(.survey()).search
        #expect(search?.found.mapValues { $0.map(\.pipeline.id) } == [nightly: [1]])
        #expect(search?.isComplete == true)
    }

    @Test("Another failure fails all of it: absence would be believed otherwise")
    func failure() async {
        let cases: [(Reply, String)] = [
            (reply(500), "uncertain"), (reply(401, #"{"message":"401 Unauthorized"}"#), "unauthorized"),
            (reply(401), "unavailable"), (reply(429), "throttled"),
            (.failure(.notSent("no route")), "unavailable"), (reply(200, "not JSON"), "uncertain"),
        ]
        for (answer, kind) in cases {
            let server = server((1...100).map { pipelineRow($0) }) { $0 == 1 ? answer : page([]) }
            let event = await exchange(server).answer(.survey())
            #expect(event.line.hasPrefix("surveyed 7: \(kind)") == true, "\(event.line)")
        }
        let server = server((1...100).map { pipelineRow($0) }) { _ in reply(500) }
        _ = await exchange(server).answer(.survey())
        #expect(asked(server).count == 8, "nothing more is asked once it has failed")
    }

    @Test("More than a thousand pipelines without a name are too many", arguments: [1_000, 1_001])
    func tooMany(count: Int64) async {
        let server = Scripted { request in
            guard !request.path.hasSuffix("/variables") else { return page([]) }
            let number = request.query.first { $0.name == "page" }.flatMap { Int64($0.value) } ?? 1
            let newest = count - 100 * (number - 1)
            return page((max(1, newest - 99)..<max(1, newest + 1)).reversed().map { pipelineRow($0) })
        }
        let search = await exchange(server).answer(.survey()).search
        #expect(search?.isComplete == (count == 1_000))
        #expect(asked(server).count == 1_000)
    }

    @Test("Eight are asked at once, and the next one as soon as one has answered")
    func atOnce() {
        let (executor, gate) = (VirtualExecutor(), Gate())
        let client = GitLabClient { request async throws(TransportFailure) in
            guard request.path.hasSuffix("/variables") else {
                return try page((1...20).map { pipelineRow($0) }).get()
            }
            await gate.pass()
            return try page([]).get()
        }
        let exchange = Exchange(client: client, project: "1", uptime: { .zero })
        Task(executorPreference: executor) { gate.finish(await exchange.answer(.survey())) }
        executor.drain()
        var waiting: [Int] = []
        while gate.count > 0, waiting.count < 100 {
            waiting.append(gate.count)
            gate.letOneGo()
            executor.drain()
        }
        #expect(waiting == Array(repeating: 8, count: 13) + (1...7).reversed())
        #expect(gate.event?.search?.isComplete == true)
    }

    /// Holds requests until the test lets them go, one at a time.
    private final class Gate: Sendable {
        private struct State {
            var waiting: [CheckedContinuation<Void, Never>] = []
            var event: Event?
        }

        private let state = Mutex(State())

        var count: Int { state.withLock { $0.waiting.count } }
        var event: Event? { state.withLock { $0.event } }

        func pass() async {
            await withCheckedContinuation { waiting in state.withLock { $0.waiting.append(waiting) } }
        }

        func letOneGo() {
            state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }?.resume()
        }

        func finish(_ event: Event?) { state.withLock { $0.event = event } }
    }
}
