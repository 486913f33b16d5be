import Cron
import Testing

@testable import Scheduling

@Suite("Scheduler: many jobs", .timeLimit(.minutes(1)))
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

    @Test("Random days: every fire time that is covered has exactly one row", arguments: Seeds.first(10))
    func everyFireTimeHasItsRow(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let jobs = try (0..<12).map { index in
            var job = try Job.named(
                "j\(index)", random.pick(["*/7 * * * *", "0 * * * *", "@every 90s"], else: "@daily"))
            job.overlap = random.pick(OverlapPolicy.allCases, else: .skip)
            job.catchUp = random.pick(CatchUpPolicy.allCases, else: .latest)
            job.isEnabled = random.chance(90)
            job.jitter = random.chance(30) ? .seconds(200) : .zero
            job.misfireGrace = random.chance(30) ? .seconds(random.int(10...900)) : nil
            return job
        }
        var world = World(jobs) { $0.ratePerMinute = Int(random.pick([0, 3, 25], else: 25)) }
        world.looks = .going
        var answered = 0
        var pipelines: [Int64] = []
        while world.now < .at("15:00") {
            world.pass(.seconds(random.int(1...400)))
            if random.chance(5) { world.now = world.now + .seconds(random.int(0...5_000)) }
            while answered < world.orders.count {
                let id = world.orders[answered].run
                answered += 1
                guard random.chance(70) else {
                    world.tell(
                        .posted(id, .failure(random.chance(50) ? .refused("no") : .unavailable("down"))))
                    continue
                }
                pipelines.append(Int64(answered))
                world.tell(.posted(id, .success(.number(Int64(answered)))))
            }
            let over = pipelines.filter { _ in random.chance(60) }
            pipelines.removeAll { over.contains($0) }
            let ended = over.map { Sighting.of($0, random.chance(80) ? .succeeded : .failed) }
            world.tell(.listed(project: "7", .success(Listing(sightings: ended, serverTime: nil))))
            if random.chance(5), answered == world.orders.count { world.restart(jobs) }
        }
        world.pass(.seconds(60))
        for job in jobs { check(job, world) }
    }

    private func check(_ job: Job, _ world: World) {
        var expected: [Instant] = []
        var last = Instant.at("12:00")
        while let next = job.schedule.next(after: last), next <= world.covered[job.name] ?? .distantPast {
            expected.append(next)
            last = next
        }
        let rows = world.rows.keys.filter { $0.job == job.name }.map(\.fireTime).sorted()
        #expect(rows == expected)
        let missing = job.nextDue(after: world.covered[job.name] ?? .distantPast)
        #expect(missing.map { $0 > world.now } == true, "\(job.name) is not planned up to now")
    }
}
