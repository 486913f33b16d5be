import ScriptedGitLab
import Testing

@testable import Orchestrator

/// CI jobs that the exchange retries one after the other.
@Suite struct ExchangeRetryTests {
    private static let notRetryable = reply(403, #"{"message":"403 Forbidden - Job is not retryable"}"#)

    private func retry(_ answers: Reply...) async -> (requests: [String], event: String) {
        let server = Scripted(answers)
        let event = await exchange(server).answer(.retry([11, 12, 13]))
        return (server.requests.lines, event.line)
    }

    private static let requests = [11, 12, 13].map { "POST /projects/7/jobs/\($0)/retry" }

    @Test("Each is retried, in order")
    func each() async {
        let (requests, event) = await retry(
            reply(201, jobRow(21)), reply(201, jobRow(22)), reply(201, jobRow(23)))
        #expect(requests == Self.requests && event == "retried nightly@2026-11-23T20:15:00Z: done")
    }

    @Test("A3: one that is not retryable keeps nobody from the others, and is told")
    func notRetryable() async {
        let (requests, event) = await retry(reply(201, jobRow(21)), Self.notRetryable, Self.notRetryable)
        #expect(requests == Self.requests && event == "retried nightly@2026-11-23T20:15:00Z: left [12, 13]")
    }

    @Test("Another failure ends it")
    func failure() async {
        for (answer, kind) in [
            (reply(403, #"{"message":"403 Forbidden"}"#), "refused"),
            (reply(404, #"{"message":"404 Not found"}"#), "gone"), (reply(404), "uncertain"),
            (reply(500), "uncertain"), (.failure(.notSent("no route")), "unavailable"),
        ] {
            let (requests, event) = await retry(Self.notRetryable, answer, reply(201, jobRow(23)))
            #expect(requests == Array(Self.requests.prefix(2)))
            #expect(event.hasPrefix("retried nightly@2026-11-23T20:15:00Z: \(kind)"), "\(event)")
        }
    }
}
