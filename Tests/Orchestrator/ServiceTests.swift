import CivilTime
import Foundation
import Glibc
import JobFiles
import Ledger
import Scheduling
import Synchronization
import Testing

@testable import Orchestrator

/// A whole process, except for GitLab, which answers at once. The process runs with `--once` and nothing is due, so it
/// waits for nothing.
@Suite(.serialized) final class ServiceTests {
    private let site: LoopSite
    private let closed = Counter()

    init() throws { site = try LoopSite() }

    private func service(_ settings: Settings, jobs: Result<[Job], JobFileProblems> = .success([])) -> Service
    {
        let (path, closed) = (site.ledgerPath, closed)
        return Service(
            settings: settings, log: Log(format: .text, level: .error, isColoured: false),
            readJobs: { () throws(JobFileProblems) in try jobs.get() },
            openLedger: { () throws(LedgerError) in
                let access = Ledger.Access.scheduling(instance: "", since: .clock(), project: "7")
                return (try Ledger(path: path, access: access), nil)
            },
            answer: { $0.surveys ? LoopSite.surveyed : nil }, readToken: { [] }, takeLoop: { nil },
            close: { closed.add() })
    }

    private func settings(settle: Duration) -> Settings {
        var settings = Settings(project: "7", ref: "main")
        settings.mode = .once(wait: true)
        settings.settle = settle
        return settings
    }

    /// When the last process ended in order, as the next process finds it in the ledger.
    private func lastEnd() throws -> Instant? {
        let ledger = try Ledger(
            path: site.ledgerPath, access: .scheduling(instance: "", since: .clock(), project: "7"))
        return try #require(try ledger.load().lastSession).endedAt
    }

    @Test("An end is on record only where the ledger knows everything")
    func end() async throws {
        let before = Instant.clock()
        // Pipelines of other instances may still appear, so a second look is due.
        let early = try await service(settings(settle: .seconds(75))).run()
        #expect(early.code == 0 && !early.ledgerIsWhole)
        #expect(try lastEnd() == nil && closed.count == 1)
        let whole = try await service(settings(settle: .zero)).run()
        #expect(whole.code == 0 && whole.ledgerIsWhole)
        let end = try #require(try lastEnd())
        #expect((before...Instant.clock()).contains(end) && closed.count == 2)
    }

    @Test("Bad job files at the start end the process, which lets go of everything")
    func badFiles() async throws {
        let problem = Problem(Place(file: "jobs/a.yml"), "no")
        let service = service(
            settings(settle: .zero), jobs: .failure(JobFileProblems(problems: [problem])))
        await #expect(throws: JobFileProblems.self) { _ = try await service.run() }
        #expect(closed.count == 1 && !FileManager.default.fileExists(atPath: site.ledgerPath))
    }

    @Test("The daily look is beside the loop, which neither waits for it nor ends by it")
    func look() async throws {
        let (looks, ends) = (Counter(), Counter())
        var service = service(settings(settle: .zero))
        service.look = { _ in
            looks.add()
            // It hangs until the process ends.
            try? await Task.sleep(for: .seconds(86_400))
            ends.add()
            return [Notice(.error, "doctor", "too late")]
        }
        let ending = try await service.run()
        #expect(ending.code == 0 && ending.ledgerIsWhole && closed.count == 1)
        while ends.count < looks.count { await Task.yield() }
    }

    @Test("A dry run begins where the ledger stands, in a copy, and without an instance")
    func rehearsal() async throws {
        let mark = LoopSite.start
        let ledger = try Ledger(path: site.ledgerPath, access: .writing())
        try ledger.commit([.cover(job: "a", through: mark)])
        try ledger.close()
        let before = try Data(contentsOf: URL(fileURLWithPath: site.ledgerPath))
        let environment = Environment(["ORCHESTRATE_DB": site.ledgerPath, "CI_JOB_ID": "600001"])
        let configuration = try Configuration(environment, flags: .init(), for: .rehearse)
        let log = Log(format: .text, level: .error, isColoured: false)
        let service = Service.rehearsal(configuration, log: log, tell: { _ in })
        let (copy, _) = try service.openLedger()
        #expect(copy.path != site.ledgerPath)
        #expect(try copy.load().covered == ["a": mark])
        try copy.commit([.cover(job: "a", through: .clock())])
        try copy.close()
        await service.close()
        #expect(!FileManager.default.fileExists(atPath: copy.path))
        #expect(try Data(contentsOf: URL(fileURLWithPath: site.ledgerPath)) == before)
        #expect(service.settings.instance == nil)
    }

    private final class Counter: Sendable {
        private let state = Mutex(0)
        var count: Int { state.withLock { $0 } }

        func add() { state.withLock { $0 += 1 } }
    }
}
