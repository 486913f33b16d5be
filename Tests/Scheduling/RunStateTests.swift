import Testing

@testable import Scheduling

@Suite("Run states and events")
struct RunStateTests {
    private static let events: [(name: String, event: RunEvent)] = [
        ("sending", .sending(.variables)), ("created", .created(.number(17))), ("refused", .refused("words")),
        ("postponed", .postponed("words", until: .at("12:05"))), ("answerLost", .answerLost("words")),
        ("found", .found(.number(17), createdAt: nil)), ("provedAbsent", .provedAbsent),
        ("unprovable", .unprovable("words")),
        ("dropped", .dropped("words")), ("progressed", .progressed), ("retrying", .retrying("words")),
        ("retried", .retried(attempts: 2)), ("blocked", .blocked), ("succeeded", .succeeded),
        ("failed", .failed("words")), ("canceled", .canceled("words")), ("skippedByGitLab", .skippedByGitLab),
        ("vanished", .vanished("words")),
    ]

    /// The whole matrix. A transition that is not listed does not happen.
    private static let table = """
        sending: claimed → claimed
        created: claimed → triggered, uncertain → triggered
        refused: claimed → refused
        postponed: claimed → claimed
        answerLost: claimed → uncertain, uncertain → uncertain
        found: claimed → triggered, uncertain → triggered, triggered → triggered, retrying → retrying, \
        blocked → blocked
        provedAbsent: uncertain → claimed
        unprovable: uncertain → lost
        dropped: claimed → skipped
        progressed: triggered → triggered, retrying → triggered, blocked → triggered
        retrying: triggered → retrying, retrying → retrying, blocked → retrying
        retried: triggered → triggered, retrying → triggered, blocked → triggered
        blocked: triggered → blocked, retrying → blocked, blocked → blocked
        succeeded: triggered → succeeded, retrying → succeeded, blocked → succeeded
        failed: triggered → failed, retrying → failed, blocked → failed
        canceled: triggered → canceled, retrying → canceled, blocked → canceled
        skippedByGitLab: triggered → skipped, retrying → skipped, blocked → skipped
        vanished: triggered → lost, retrying → lost, blocked → lost
        """

    @Test func wholeMatrix() {
        let lines = Self.events.map { name, event in
            let moves = RunState.allCases.compactMap { state in
                state.after(event).map { "\(state.rawValue) → \($0.rawValue)" }
            }
            return "\(name): \(moves.joined(separator: ", "))"
        }
        #expect(lines.joined(separator: "\n") == Self.table)
    }

    @Test("Nothing leaves a final state", arguments: RunState.allCases.filter { !$0.isOpen })
    func finalIsFinal(state: RunState) {
        let run = Run(.run("a", "12:00"), state: state)
        for (name, event) in Self.events { #expect(run.after(event, at: .at("12:01")) == nil, "\(name)") }
    }

    @Test func finalStates() {
        let final = RunState.allCases.filter { !$0.isOpen }.map(\.rawValue)
        #expect(final == ["succeeded", "failed", "canceled", "skipped", "refused", "lost"])
    }

    /// The fields that an event sets in a claimed run, and the words that explain it.
    @Test(
        arguments: zip(
            0..<18,
            [
                "sent 12:01", "pipeline 17, triggered 12:01, attempts 1", "finished 12:01, words",
                "not before 12:05, words", "words", "pipeline 17, triggered 12:01, attempts 1", "",
                "", "finished 12:01, words", "", "", "", "", "", "", "", "", "",
            ]))
    func fieldsOfAClaim(index: Int, expected: String) {
        let run = Run(.run("a", "12:00"), state: .claimed)
        #expect(run.after(Self.events[index].event, at: .at("12:01"))?.fields ?? "" == expected)
    }

    @Test(
        "…and in a triggered one",
        arguments: zip(
            0..<18,
            [
                "", "", "", "", "", "pipeline 17, triggered 11:00, attempts 1", "", "", "",
                "pipeline 9, triggered 11:00, attempts 1", "pipeline 9, triggered 11:00, attempts 1, words",
                "pipeline 9, triggered 11:00, attempts 2",
                "pipeline 9, triggered 11:00, attempts 1, the pipeline waits for a person: it has manual jobs",
                "pipeline 9, triggered 11:00, attempts 1, finished 12:01",
                "pipeline 9, triggered 11:00, attempts 1, finished 12:01, words",
                "pipeline 9, triggered 11:00, attempts 1, finished 12:01, words",
                "pipeline 9, triggered 11:00, attempts 1, finished 12:01, "
                    + "pipeline skipped: GitLab ran none of its jobs",
                "pipeline 9, triggered 11:00, attempts 1, finished 12:01, words",
            ]))
    func fieldsOfATriggeredRun(index: Int, expected: String) {
        var run = Run(.run("a", "12:00"), state: .triggered)
        (run.pipeline, run.triggeredAt, run.attempts) = (.number(9), .at("11:00"), 1)
        #expect(run.after(Self.events[index].event, at: .at("12:01"))?.fields ?? "" == expected)
    }

    @Test("A claim that goes back into the queue forgets that it was sent")
    func sentAtIsForgotten() throws {
        var run = Run(.run("a", "12:00"), state: .claimed)
        run = try #require(run.after(.postponed("busy", until: .at("12:05")), at: .at("12:00")))
        run = try #require(run.after(.sending(.variables), at: .at("12:05")))
        #expect(run.sentAt == .at("12:05") && run.notBefore == nil && run.reason == nil)
        run = try #require(run.after(.answerLost("cut"), at: .at("12:06")))
        #expect(run.sentAt == .at("12:05"))
        run = try #require(run.after(.provedAbsent, at: .at("12:08")))
        #expect(run.sentAt == nil && run.state == .claimed)
    }

    @Test func attemptsNeverShrink() throws {
        var run = Run(.run("a", "12:00"), state: .triggered)
        run.attempts = 4
        #expect(run.after(.retried(attempts: 2), at: .at("12:01"))?.attempts == 4)
        #expect(run.after(.found(.number(3), createdAt: nil), at: .at("12:01"))?.attempts == 4)
        // Another instance has posted it with variables.
        run.mark = .inputs
        for hasVariables in [false, true] {
            let found = run.after(
                .found(.number(3), createdAt: nil, hasVariables: hasVariables), at: .at("12:01"))
            #expect(found?.mark == (hasVariables ? .variables : .inputs))
        }
    }

    @Test(
        "A pipeline that is found was created between its fire time and now, whatever GitLab's clock says",
        arguments: [
            ("11:59:58", "12:00"), ("12:00:02", "12:00:02"), ("12:02", "12:01"), (nil, "12:01"),
        ] as [(String?, String)])
    func createdAt(_ there: String?, _ expected: String) {
        let run = Run(.run("a", "12:00"), state: .claimed)
        let found = RunEvent.found(.number(3), createdAt: there.map { .at($0) })
        #expect(run.after(found, at: .at("12:01"))?.triggeredAt == .at(expected))
    }

    @Test func lateness() {
        var run = Run(.run("a", "12:00"), state: .claimed)
        #expect(run.lateness == nil)
        run.triggeredAt = .at("12:00:02.5")
        #expect(run.lateness == .milliseconds(2_500))
    }

    @Test(
        "A run id can be read back",
        arguments: [
            RunID.run("nightly", "12:00"), .run("a@b", "12:00:07"), .run("ünï ☂", "1970-01-01T00:00:00Z"),
        ])
    func runIDs(id: RunID) {
        #expect(RunID(id.description) == id)
    }

    @Test(
        "What is no run id",
        arguments: ["", "@", "a", "a@", "@2026-03-02T12:00:00Z", "a@noon", "a@2026-03-02"])
    func noRunIDs(text: String) {
        #expect(RunID(text) == nil)
    }

    @Test func runIDsAreOrderedByFireTimeThenName() {
        let ids: [RunID] = [.run("b", "12:00"), .run("a", "12:01"), .run("a", "12:00")]
        #expect(ids.sorted().map(\.short) == ["a@12:00", "b@12:00", "a@12:01"])
        #expect(RunID.run("nightly", "12:00").description == "nightly@2026-03-02T12:00:00Z")
    }
}

extension Run {
    fileprivate var fields: String {
        [
            pipeline.map { "pipeline \($0.id)" }, sentAt.map { "sent \($0.clock)" },
            notBefore.map { "not before \($0.clock)" }, triggeredAt.map { "triggered \($0.clock)" },
            attempts > 0 ? "attempts \(attempts)" : nil, finishedAt.map { "finished \($0.clock)" }, reason,
        ].compactMap(\.self).joined(separator: ", ")
    }
}
