import CivilTime
import Foundation
import Ledger
import Testing

/// Reading commands beside a scheduler, and what they leave behind.
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
        try ledger.close()
        #expect(try sandbox.run(["status"]).out.hasPrefix("No scheduler is running"))
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
