import CivilTime
import Foundation
import Ledger
import Scheduling
import Testing

/// Commands that read the ledger beside a scheduler, and what they leave behind.
@Suite struct LedgerBesideTests {
    let sandbox: Sandbox

    init() throws { sandbox = try Sandbox() }

    @Test func statusNamesTheSchedulerThatRuns() throws {
        let since = try #require(Instant(rfc3339: "2026-03-09T10:00:00Z"))
        let ledger = try Ledger(path: sandbox.ledgerPath, access: .scheduling(instance: "900", since: since))
        let text = try sandbox.run(["status"]).out
        let holder = "process \(getpid()) (CI job 900) since 2026-03-09T10:00:00Z, 2 h ago"
        #expect(text.hasPrefix("A scheduler is running: \(holder); ledger .orchestrate/orchestrate.db\n"))
        let json = try sandbox.run(["status", "--json"]).object()
        let scheduler = try #require(json["scheduler"] as? [String: Any])
        #expect(scheduler["running"] as? Bool == true)
        #expect(scheduler["pid"] as? Int32 == getpid())
        #expect(scheduler["instance"] as? String == "900")
        #expect(scheduler["notes"] as? [String] == [])
        try ledger.close()
        #expect(try sandbox.run(["status"]).out.hasPrefix("No scheduler is running"))
    }

    @Test("`status` says what the scheduler has noted, and what is decided of times that are still to come")
    func notes() throws {
        let since = try #require(Instant(rfc3339: "2026-03-09T10:00:00Z"))
        let ledger = try Ledger(path: sandbox.ledgerPath, access: .scheduling(instance: "", since: since))
        ledger.keep(othersPostedUntil: nil, notes: ["the clock is wrong"])
        let mark = try #require(Instant(rfc3339: "2099-01-01T00:00:00Z"))
        let row = Run(RunID(job: "nightly", fireTime: mark), state: .skipped, reason: "superseded")
        try ledger.commit([.insert(row), .cover(job: "nightly", through: mark)])
        let lines = try sandbox.run(["status"]).out.split(separator: "\n").prefix(4).map(String.init)
        #expect(lines[1] == "Note: the clock is wrong")
        #expect(lines[2].hasPrefix("Note: the ledger takes the fire times of nightly for decided"))
        #expect(lines[3].hasSuffix("rows of fire times that are still to come, up to 2099-01-01T00:00:00Z"))
        let json = try sandbox.run(["status", "--json"]).object()
        let notes = (json["scheduler"] as? [String: Any])?["notes"] as? [String]
        #expect(notes?.count == 3 && notes?.first == "the clock is wrong")
    }

    @Test(arguments: [["history"], ["status"], ["why", "nightly", "last"], ["next"], ["check"]])
    func readingChangesNothing(_ arguments: [String]) throws {
        let files = try contents()
        #expect(try sandbox.run(arguments).code == 0)
        #expect(try contents() == files)
    }

    @Test(arguments: [["history"], ["status"], ["why", "nightly", "last"]])
    func readingCreatesNothing(_ arguments: [String]) throws {
        _ = try sandbox.run(arguments + ["--db", "new/none.db"])
        #expect(!FileManager.default.fileExists(atPath: sandbox.directory + "/new"))
    }

    private func contents() throws -> [String: Data] {
        let folder = URL(fileURLWithPath: sandbox.ledgerPath).deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try Dictionary(
            uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appending(path: $0))) })
    }
}
