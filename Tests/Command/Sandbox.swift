import CivilTime
import Foundation
import JobFiles
import Ledger
import Scheduling

/// A directory for one test, with good and bad job files and a ledger. It is Monday, 9 March 2026, noon in UTC. The
/// clocks in New York were set forward the day before.
final class Sandbox {
    static let now = "2026-03-09T12:00:00Z"

    let directory: String

    /// With a ledger in which each state occurs.
    convenience init() throws {
        try self.init(withoutLedger: ())
        try writeLedger()
    }

    /// With the ledger of a scheduler that ran for two nights on the simulated GitLab.
    static func recorded() throws -> Sandbox {
        let sandbox = try Sandbox(withoutLedger: ())
        let loaded = JobFiles(zones: ZoneDatabase(directory: "/usr/share/zoneinfo")).load(paths: [
            sandbox.directory + "/jobs"
        ])
        guard let job = loaded.jobs.first(where: { $0.name == "nightly" }),
            let end = Instant(rfc3339: Self.now),
            let start = Instant(rfc3339: "2026-03-07T12:00:00Z")
        else { throw NoSuchJob() }
        try RecordedNights(ledger: sandbox.ledgerPath, from: start).schedule(job, until: end)
        return sandbox
    }

    private struct NoSuchJob: Error {}

    private init(withoutLedger: Void) throws {
        directory = NSTemporaryDirectory() + "orchestrate-" + UUID().uuidString
        for (name, text) in Self.files { try write(text, to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ text: String, to name: String) throws {
        let path = URL(fileURLWithPath: directory + "/" + name)
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try text.write(to: path, atomically: false, encoding: .utf8)
    }

    var ledgerPath: String { directory + "/.orchestrate/orchestrate.db" }

    /// Runs a command here at the fixed time.
    func run(
        _ arguments: [String], environment: [String: String] = [:], output: Binary.Sink = .file
    ) throws -> Outcome {
        let timed = ["check", "next", "status", "history", "why", "audit", "plan", "jobs", "doctor"]
        let knowsTime = timed.contains(arguments.first ?? "")
        let clock = knowsTime && !arguments.contains("--now") ? ["--now", Self.now] : []
        return try Binary.run(arguments + clock, in: directory, environment: environment, output: output)
    }

    private static let files = [
        "odd/weekly.yml": """
        pipeline_name: weekly
        scheduler: '30 2 31 * 1-5'
        timezone: America/New_York

        """,
        "odd/herd.yml": """
        pipeline_name: first
        scheduler: '@monthly'
        ---
        pipeline_name: second
        scheduler: '@monthly'
        dst: {gap: skip}

        """,
        "jobs/example.yml": """
        scheduler: '*/10 * * * * '
        pipeline_name: 'example_job'
        variables:
            TEST_PIPELINE: 'true'

        """,
        "jobs/reports.yaml": """
        pipeline_name: nightly
        scheduler: '30 2 * * *'
        timezone: America/New_York
        num_retries: 2
        ---
        pipeline_name: 週報
        scheduler: '@weekly'
        timezone: Asia/Tokyo
        jitter: 1h
        ---
        pipeline_name: paused
        scheduler: '0 9 * * MON-FRI'
        enabled: false

        """,
        "bad/typos.yml": """
        scheduler: '* 24 * * *'
        pipeline_name: late
        variabels: {}
        ---
        scheduler: '0 0 * * WEB'
        pipeline_name: late

        """,
        "bad/broken.yml": "variables: [\n",
        "empty/readme.txt": "no job here\n",
        "text.db":
            "This is not a database, and it is longer than the header of one. It is here to be refused.\n",
    ]
}
