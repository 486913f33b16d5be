import Scheduling
import Synchronization
import Testing

@testable import Orchestrator

/// What a dry run answers to each request, and what it prints.
@Suite struct RehearsalTests {
    private final class Lines: Sendable {
        private let state = Mutex<[String]>([])
        var all: [String] { state.withLock { $0 } }

        func add(_ line: String) { state.withLock { $0.append(line) } }
    }

    private let lines = Lines()
    private let rehearsal: Rehearsal

    init() {
        let lines = lines
        rehearsal = Rehearsal { lines.add($0) }
    }

    private func answer(_ errand: Errand) -> String? { rehearsal.answer(errand.request)?.line }

    @Test("Names of variables and inputs are printed, values never")
    func names() throws {
        let errand = try Errand.post {
            $0.variables = [.init(key: "TOKEN", value: "s3cret"), .init(key: "LEVEL", value: "l0w")]
            $0.inputs = [.init(name: "report", value: .text("wh4t"))]
        }
        #expect(answer(errand) == "posted nightly@2026-11-23T20:15:00Z: 1 ")
        #expect(
            lines.all == [
                "2026-11-23T20:15:00Z  nightly  would create a pipeline on main of 7 with TOKEN, LEVEL, report"
            ])
    }

    @Test("Pipelines that were created are over at the next look, and are listed once")
    func list() throws {
        let other = RunID(job: "other", fireTime: fireTime)
        #expect(try answer(.post()) == "posted nightly@2026-11-23T20:15:00Z: 1 ")
        #expect(try answer(.post(other)) == "posted other@2026-11-23T20:15:00Z: 2 ")
        #expect(lines.all.last == "2026-11-23T20:15:00Z  other  would create a pipeline on main of 7")
        #expect(answer(.list) == "listed 7: 1  succeeded - - -, 2  succeeded - - -, -")
        #expect(answer(.list) == "listed 7: -")
        #expect(lines.all.count == 2)
    }

    @Test("All else goes well, and nothing is printed")
    func others() {
        let id = "nightly@2026-11-23T20:15:00Z"
        #expect(answer(.search([nightly])) == "searched 7: complete, -")
        #expect(answer(.survey()) == "surveyed 7: complete, -")
        #expect(answer(.look) == "looked \(id): 70001  succeeded - - -")
        #expect(answer(.listJobs) == "jobsListed \(id): ")
        #expect(answer(.retry([11])) == "retried \(id): done")
        #expect(answer(.cancel) == "canceled \(id): done")
        let inCI: [Errand] = [
            .identify, .startSuccessor, .listFormer(downTo: nil), .listInstances(above: nil),
        ]
        for errand in inCI { #expect(answer(errand) == nil) }
        #expect(lines.all.isEmpty)
    }
}
