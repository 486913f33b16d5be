import CivilTime
import Ledger
import Scheduling
import Testing

/// `why` about a fire time without a row: before, at and after the job's covered-through mark.
@Suite struct MarkTests {
    @Test(arguments: [
        ("12:00", "11:50:00", "the ledger accounts for its fire times up to 2026-03-09T11:50:00Z only"),
        ("12:00", "12:00:00", "has no run: at that time the job was not declared, or had another schedule."),
        ("12:00", "12:00:00.001", "has no run: at that time the job was not declared"),
        ("11:20", "11:50:00", "has no run: at that time the job was not declared"),
        ("09:00", "11:50:00", "has no run: it was before the scheduler knew the job"),
    ])
    func aFireTimeWithoutARow(_ time: String, _ mark: String, _ words: String) throws {
        let sandbox = try Sandbox()
        let through = try #require(Instant(rfc3339: "2026-03-09T\(mark)Z"))
        let ledger = try Ledger(path: sandbox.ledgerPath, access: .writing())
        try ledger.commit([.cover(job: "example_job", through: through)])
        try ledger.close()
        let outcome = try sandbox.run(["why", "example_job", "2026-03-09T\(time)"])
        #expect(outcome.code == 1 && outcome.out.contains(words), "\(outcome.out)")
    }
}
