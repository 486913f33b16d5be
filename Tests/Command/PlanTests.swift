import CivilTime
import Foundation
import Ledger
import Scheduling
import Testing

/// `plan` shows what a start goes on with, and what it begins.
@Suite struct PlanTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    private func commit(_ changes: [Change]) throws {
        let ledger = try Ledger(path: sandbox.ledgerPath, access: .writing())
        try ledger.commit(changes)
        try ledger.close()
    }

    private func instant(_ time: String) throws -> Instant {
        try #require(Instant(rfc3339: "2026-03-09T\(time)Z"))
    }

    private func claim(_ time: String, sentAt: String? = nil) throws -> Change {
        var run = Run(RunID(job: "nightly", fireTime: try instant(time)), state: .claimed)
        run.claimedAt = try instant(time)
        run.sentAt = try sentAt.map(instant)
        return .insert(run)
    }

    private func actions() throws -> [String: String] {
        let lines = try sandbox.run(["plan", "--json"]).list().map {
            ("\($0["run_id"] ?? "")", "\($0["action"] ?? "")")
        }
        return Dictionary(lines) { "\($0) and \($1)" }
    }

    @Test func aClaimWhosePOSTWasSentIsLookedUp() throws {
        try commit([
            claim("11:58:00", sentAt: "11:58:00"), claim("11:57:00"),
        ])
        let actions = try actions()
        #expect(actions["nightly@2026-03-09T11:58:00Z"] == "look up")
        #expect(actions["nightly@2026-03-09T11:57:00Z"] == "run")
        #expect(actions["example_job@2026-03-09T11:30:00Z"] == "look up", "uncertain")
        #expect(actions["removed@2026-03-09T11:55:00Z"] == "watch", "its pipeline is being retried")
    }

    @Test func whatIsDueIsRunSkippedOrWaits() throws {
        try sandbox.write(
            """
            {pipeline_name: open, scheduler: '0 * * * *', overlap: allow}
            ---
            {pipeline_name: late, scheduler: '0 * * * *', catch_up: none}
            ---
            {pipeline_name: missed, scheduler: '0 * * * *', catch_up: all}
            ---
            {pipeline_name: new, scheduler: '0 * * * *'}

            """, to: "due/jobs.yml")
        try commit(
            ["open", "late", "missed"].map { .cover(job: $0, through: try instant("09:30:00")) })
        let outcome = try sandbox.run(["plan", "--jobs", "due", "--db", sandbox.ledgerPath])
        let rows = outcome.out.split(separator: "\n").map { $0.split(separator: " ").prefix(3) }
        let actions = rows.filter { $0.first?.hasPrefix("2026") ?? false }.map { $0.dropFirst() }
        func words(_ job: String) -> [Substring] {
            actions.filter { $0.first == job[...] }.compactMap(\.last)
        }
        #expect(words("open") == ["skip", "skip", "run"])
        #expect(words("late") == ["skip", "skip", "run"])
        #expect(words("missed") == ["run", "wait", "wait"])
        #expect(words("new") == [] && outcome.error.contains("without a past: new\n"))
    }
}
