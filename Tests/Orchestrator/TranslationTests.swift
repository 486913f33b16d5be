import CivilTime
import GitLab
import Scheduling
import ScriptedGitLab
import Testing

@testable import Orchestrator

/// Translates GitLab's words into the scheduler's: thirteen statuses, three times, and the kinds of failure.
@Suite struct TranslationTests {
    /// All thirteen words, and one that does not exist.
    private static let words = PipelineStatus.allCases.map(\.rawValue) + ["frozen"]

    @Test("A manual CI job is no reason to wait: a retry would wait for it for ever")
    func jobs() async {
        let rows = Self.words.enumerated().map { jobRow(Int64($0.offset), $0.element) }
        let server = Scripted([page(rows), page([])])
        let event = await exchange(server).answer(.listJobs)
        let expected = [
            "created": "open", "waiting_for_resource": "open", "preparing": "open",
            "waiting_for_callback": "open", "pending": "open", "running": "open", "success": "over",
            "failed": "failed", "canceling": "open", "canceled": "canceled", "skipped": "over",
            "manual": "over",
            "scheduled": "open", "frozen": "open",
        ]
        let lines = Self.words.enumerated().map { "\($0.offset) orchestrate \(expected[$0.element] ?? "?")" }
        #expect(expected.count == 14)
        #expect(
            event.line == "jobsListed nightly@2026-11-23T20:15:00Z: " + lines.joined(separator: ", "))
    }

    @Test("Only four statuses of a pipeline are final, and a manual one is blocked")
    func pipelines() async {
        let expected: [String: String] = [
            "created": "going", "waiting_for_resource": "going", "preparing": "going",
            "waiting_for_callback": "going", "pending": "going", "running": "going", "success": "succeeded",
            "failed": "failed", "canceling": "going", "canceled": "canceled", "skipped": "skipped",
            "manual": "blocked", "scheduled": "going", "frozen": #"unknown("frozen")"#,
        ]
        #expect(expected.count == 14)
        for word in Self.words {
            let event = await exchange(Scripted(200, #"{"id":70001,"status":"\#(word)"}"#)).answer(.look)
            #expect(
                event.line
                    == "looked nightly@2026-11-23T20:15:00Z: 70001  \(expected[word] ?? "?") - - -")
        }
    }

    @Test("An instance that never started had no process, however its CI job ended")
    func instances() async throws {
        let end = Instant(seconds: 1_795_464_960)
        let begun: [String: Instance.Status] = [
            "created": .idle, "waiting_for_resource": .waiting, "preparing": .idle,
            "waiting_for_callback": .idle, "pending": .idle, "running": .running,
            "success": .over(isSuccess: true, at: end), "failed": .over(isSuccess: false, at: end),
            "canceling": .ending, "canceled": .over(isSuccess: false, at: end),
            "skipped": .over(isSuccess: false, at: end), "manual": .idle, "scheduled": .idle, "frozen": .idle,
        ]
        let never = begun.mapValues { status in
            if case .over = status { return Instance.Status.idle }
            return status
        }
        let (start, finish) = (
            #","started_at":"2026-11-23T20:15:00Z""#, #","finished_at":"2026-11-23T20:16:00Z""#
        )
        for (times, expected) in [(start + finish, begun), (finish, never)] {
            let rows = Self.words.enumerated().map { jobRow(Int64(100 - $0.offset), $0.element, times) }
            let event = await exchange(Scripted([page(rows)])).answer(.listInstances(above: nil))
            let roster = try #require(event.roster)
            #expect(roster.instances.map(\.status) == Self.words.map { expected[$0] })
            #expect(roster.instances.allSatisfy { $0.startedAt == (times == finish ? nil : fireTime) })
        }
    }

    @Test("What a CI job does not say is empty, and its end may be unknown")
    func missing() async throws {
        let bare = jobRow(9, "failed", #","started_at":"2026-11-23T20:15:00Z","ref":null"#)
        let event = await exchange(Scripted([page([bare])])).answer(.listInstances(above: nil))
        let instance = try #require(event.roster?.instances.first)
        #expect(instance.ref.isEmpty && instance.createdAt == .distantPast)
        #expect(instance.status == .over(isSuccess: false, at: nil))
    }

    @Test("Each kind of failure says what may be done next", arguments: APIFailure.Kind.allCases)
    func troubles(_ kind: APIFailure.Kind) {
        let failure = APIFailure(
            kind, request: "GET /", message: "no.", advice: "Wait.", retryAfter: .seconds(90))
        let words = "no. Wait."
        let expected: Trouble =
            switch kind {
            case .refused, .notRetryable: .refused(words)
            case .variablesForbidden, .inputsRefused: .markRefused(words)
            case .faulty: .faulty(words)
            case .unauthorized: .unauthorized(words)
            case .notFound: .gone(words)
            case .limited: .limited(words, retryAfter: .seconds(90))
            case .rateLimited: .throttled(words, retryAfter: .seconds(90))
            case .unavailable: .unavailable(words)
            case .uncertain, .malformed: .uncertain(words)
            }
        #expect(Trouble(failure) == expected)
    }
}
