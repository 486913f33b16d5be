import Testing

@testable import Scheduling

@Suite struct CancellationsTests {
    private let run = Run(.run("a", "12:00"), state: .triggered)
    private let passing = Trouble.unavailable("GitLab is down")

    @Test("One that GitLab has heard is over")
    func heard() {
        var cancellations = Cancellations()
        cancellations.begin([7], of: run)
        #expect(!cancellations.isEmpty)
        expect(cancellations.answered(run.id, .success(())) == .init(run: run))
        expect(cancellations.isEmpty && cancellations.ask(again: run.id) == nil)
        expect(cancellations.answered(run.id, .success(())) == nil, "nobody asked")
    }

    @Test("All pipelines of a run are asked for again when all answers are there and one failed passingly")
    func repeated() throws {
        var cancellations = Cancellations()
        cancellations.begin([8, 7], of: run)
        let first = try #require({ cancellations.answered(run.id, .failure(passing)) }())
        #expect(first.news == passing && first.retryAfter == nil, "one answer is still missing")
        let second = try #require({ cancellations.answered(run.id, .success(())) }())
        #expect(second.news == nil && second.retryAfter == Backoff.outage(1, passing, of: "\(run.id)"))
        expect(cancellations.ask(again: run.id)?.pipelines == [7, 8])
        _ = cancellations.answered(run.id, .success(()))
        let third = try #require({ cancellations.answered(run.id, .failure(passing)) }())
        #expect(third.news == nil, "told once")
        #expect(third.retryAfter == Backoff.outage(2, passing, of: "\(run.id)"))
    }

    @Test("A refusal is told and not repeated")
    func refused() throws {
        var cancellations = Cancellations()
        cancellations.begin([7], of: run)
        let outcome = try #require({ cancellations.answered(run.id, .failure(.refused("no"))) }())
        #expect(outcome.news == .refused("no") && outcome.retryAfter == nil && cancellations.isEmpty)
    }

    @Test("GitLab's wish to wait is the least")
    func retryAfter() throws {
        var cancellations = Cancellations()
        cancellations.begin([7], of: run)
        let limited = Trouble.limited("slowly", retryAfter: .seconds(500))
        expect(cancellations.answered(run.id, .failure(limited))?.retryAfter == .seconds(500))
    }
}
