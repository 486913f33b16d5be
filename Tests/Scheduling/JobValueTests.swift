import Testing

@testable import Scheduling

/// A job is a reference inside, but behaves like a value.
@Suite struct JobValueTests {
    @Test func aCopyIsItsOwn() throws {
        let job = try Job.named("a", "@hourly") { $0.details = "first" }
        var copy = job
        copy.details = "second"
        copy.retries = 3
        #expect(job.details == "first" && job.retries == 0)
        #expect(copy.details == "second" && copy.retries == 3 && copy != job)
    }

    @Test func whatIsRareIsKeptAndForgotten() throws {
        let plain = try Job.named("a", "@hourly")
        var job = plain
        job.misfireGrace = .seconds(5)
        job.jitter = .seconds(6)
        job.timeout = .seconds(7)
        job.details = "words"
        #expect(job.misfireGrace == .seconds(5) && job.jitter == .seconds(6))
        #expect(job.timeout == .seconds(7) && job.details == "words" && job != plain)
        job.misfireGrace = nil
        #expect(job.jitter == .seconds(6) && job.timeout == .seconds(7) && job.details == "words")
        job.jitter = .zero
        job.timeout = nil
        job.details = nil
        #expect(job == plain && job.hashValue == plain.hashValue)
    }
}
