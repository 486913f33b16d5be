import Testing

@testable import Scheduling

@Suite("Scheduler: many jobs")
struct BatchTests {
    @Test("2,000 jobs due at once are planned in batches, the first POSTs early, and none is lost")
    func manyJobs() throws {
        let jobs = try (0..<2_000).map { try Job.named("j\($0)", "0 * * * *") }
        var world = World(jobs) { ($0.ratePerMinute, $0.maxInFlight) = (0, 64) }
        world.pass(to: "12:59:59.9")
        world.now = .at("13:00")
        world.tell(.woke)
        #expect(world.rows.count == 64 && world.take("post").count == 64)
        #expect(world.scheduler.nextWake == world.now, "it wants to go on at once")
        var answered = 0
        while answered < world.orders.count {
            world.tell(.posted(world.orders[answered].run, .success(.number(Int64(answered)))))
            answered += 1
            if answered.isMultiple(of: 50) { world.pass(.zero) }
        }
        #expect(answered == 2_000 && Set(world.orders.map(\.run)).count == 2_000)
        #expect(world.rows.values.allSatisfy { $0.state == .triggered })
        #expect(world.covered.values.allSatisfy { $0 == .at("13:00") })
    }

    @Test("A crash between two batches: the next process goes on where the ledger stands")
    func crashBetweenBatches() throws {
        let jobs = try (0..<1_500).map { try Job.named("j\($0)", "0 * * * *") }
        var world = World(jobs) { ($0.ratePerMinute, $0.maxInFlight) = (0, 5_000) }
        world.pass(to: "12:59:59.9")
        world.now = .at("13:00")
        world.tell(.woke)
        #expect(world.rows.count == 64)
        world.now = .at("13:00:10")
        world.restart(jobs) { ($0.ratePerMinute, $0.maxInFlight) = (0, 5_000) }
        world.pass(.seconds(1))
        #expect(world.rows.count == 1_500)
        #expect(world.take("search").count == 1, "those that were being posted are searched for")
        #expect(world.orders.count == 1_500 && Set(world.orders.map(\.run)).count == 1_500)
    }
}
