import CivilTime
import Foundation
import Ledger
import Scheduling

/// A run's way through its states, with times in UTC.
private struct Story {
    var run: Run
    private var changes: [Change] = []

    /// The run begins in this state. A skip, for example, is final from the beginning.
    init(_ job: String, _ fireTime: String, _ state: RunState, at: String, reason: String? = nil) throws {
        run = Run(RunID(job: job, fireTime: try instant(fireTime)), state: state, reason: reason)
        run.project = "4242"
        run.ref = "main"
        run.instance = "900"
        run.claimedAt = try instant(at)
        if !state.isOpen { run.finishedAt = try instant(at) }
        changes = [.insert(run)]
    }

    mutating func becomes(_ state: RunState, at: String, reason: String? = nil, attempts: Int? = nil) throws {
        let time = try instant(at)
        run.state = state
        run.reason = reason
        if let attempts { run.attempts = attempts }
        if !state.isOpen { run.finishedAt = time }
        changes.append(.update(run, at: time))
    }

    mutating func triggered(_ pipeline: Int64, at: String) throws {
        run.sentAt = run.claimedAt
        run.triggeredAt = try instant(at)
        run.pipeline = Pipeline(
            id: pipeline, url: "https://gitlab.example.com/group/project/-/pipelines/\(pipeline)")
        try becomes(.triggered, at: at, attempts: 1)
    }

    static func changes(_ stories: [Story]) -> [Change] { stories.flatMap(\.changes) }
}

private struct NotATime: Error {}

private func instant(_ text: String) throws -> Instant {
    guard let instant = Instant(rfc3339: "2026-03-" + text + "Z") else { throw NotATime() }
    return instant
}

extension Sandbox {
    /// Writes each state at least once, with reasons as the scheduler writes them.
    func writeLedger() throws {
        let ledger = try Ledger(path: ledgerPath, access: .writing())
        for (job, through) in [
            ("nightly", "09T06:30:00"), ("example_job", "09T11:50:00"), ("週報", "08T00:00:00"),
            ("paused", "09T09:00:00"),
        ] {
            try ledger.commit([.cover(job: job, through: try instant(through))])
        }
        try ledger.commit(Story.changes(try nightly() + ended() + open()))
        try ledger.close()
    }

    private func nightly() throws -> [Story] {
        var retried = try Story("nightly", "08T07:00:00", .claimed, at: "08T07:00:00.004")
        try retried.triggered(4711, at: "08T07:00:00.412")
        try retried.becomes(
            .retrying, at: "08T07:05:10",
            reason: "the pipeline failed; looking for jobs to retry in 10.2 s", attempts: 1)
        try retried.becomes(.triggered, at: "08T07:05:20.250", attempts: 2)
        try retried.becomes(.succeeded, at: "08T07:12:00", attempts: 2)
        var failed = try Story("nightly", "09T06:30:00", .claimed, at: "09T06:30:00.010")
        try failed.triggered(4802, at: "09T06:31:30.500")
        try failed.becomes(
            .failed, at: "09T06:52:10",
            reason: "failed 3 times: unit_tests (stage test: script_failure)", attempts: 3)
        return [retried, failed]
    }

    private func ended() throws -> [Story] {
        var succeeded = try Story("example_job", "09T11:00:00", .claimed, at: "09T11:00:00.002")
        try succeeded.triggered(4809, at: "09T11:00:00.300")
        try succeeded.becomes(.succeeded, at: "09T11:00:41")
        var canceled = try Story("example_job", "09T10:50:00", .claimed, at: "09T10:50:00.002")
        try canceled.triggered(4808, at: "09T10:50:00.310")
        try canceled.becomes(
            .canceled, at: "09T10:58:00",
            reason:
                "not by orchestrate: a person canceled it, or GitLab did for a newer commit (workflow: auto_cancel: on_new_commit)"
        )
        var refused = try Story("example_job", "09T10:40:00", .claimed, at: "09T10:40:00.001")
        try refused.becomes(
            .refused, at: "09T10:40:00.220",
            reason:
                "Reference not found. The ref must be the name of an existing branch or tag (a commit does not do): check `ref` in the job file and CI_COMMIT_REF_NAME."
        )
        var lost = try Story("example_job", "09T10:30:00", .claimed, at: "09T10:30:00.001")
        try lost.becomes(.uncertain, at: "09T10:30:10", reason: "no answer in time")
        try lost.becomes(
            .lost, at: "09T10:40:10",
            reason: "the scheduler cannot tell whether its pipeline exists: 503 Service Unavailable")
        let skipped = try Story(
            "example_job", "09T11:10:00", .skipped, at: "09T11:10:00.003",
            reason: "overlap: an earlier run was still open"
        )
        let paused = try Story(
            "paused", "09T09:00:00", .skipped, at: "09T09:00:00.001", reason: "paused: the job is not enabled"
        )
        return [succeeded, canceled, refused, lost, skipped, paused]
    }

    private func open() throws -> [Story] {
        var running = try Story("example_job", "09T11:50:00", .claimed, at: "09T11:50:00.002")
        try running.triggered(4812, at: "09T11:50:00.290")
        var waiting = try Story("example_job", "09T11:40:00", .claimed, at: "09T11:40:00.002")
        waiting.run.notBefore = try instant("09T12:00:30")
        try waiting.becomes(
            .claimed, at: "09T11:59:30",
            reason: "Too many pipelines created in the last minute. Try again later.")
        var uncertain = try Story("example_job", "09T11:30:00", .claimed, at: "09T11:30:00.002")
        try uncertain.becomes(.uncertain, at: "09T11:30:10", reason: "the connection was cut")
        var retrying = try Story("removed", "09T11:55:00", .claimed, at: "09T11:55:00.002")
        try retrying.triggered(4813, at: "09T11:55:00.290")
        try retrying.becomes(
            .retrying, at: "09T11:57:00",
            reason: "the pipeline failed; looking for jobs to retry in 10.2 s")
        var blocked = try Story("週報", "07T15:00:00", .claimed, at: "07T15:30:00.002")
        try blocked.triggered(4700, at: "07T15:30:00.290")
        try blocked.becomes(
            .blocked, at: "07T15:33:00",
            reason: "the pipeline waits for a person: it has manual jobs")
        return [running, waiting, uncertain, retrying, blocked]
    }
}
