import CivilTime
import Testing

@testable import Scheduling

/// `catch_up: all` after a long time without a scheduler.
@Suite("Scheduler: a long catch-up")
struct CatchUpTests {
    private func everySecond(_ change: (inout Job) -> Void) throws -> Job {
        try .named("a", "@every 1s") {
            $0.catchUp = .all
            change(&$0)
        }
    }

    private func waiting(_ world: World) -> Int {
        world.scheduler.openRuns.count { $0.id.job == "a" && $0.state == .claimed }
    }

    /// GitLab answers POSTs at once, and their pipelines are over when the scheduler lists them.
    private func work(_ world: inout World, until time: Instant, _ each: (World) -> Void = { _ in }) {
        var (answered, pipelines): (Int, [Int64]) = (0, [])
        while world.now < time, world.ending == nil {
            world.pass(.seconds(1))
            for order in world.orders[answered...] {
                answered += 1
                pipelines.append(Int64(answered))
                world.tell(.posted(order.run, .success(.number(Int64(answered)))))
            }
            if !world.take("list").isEmpty {
                let over = pipelines.map { Sighting.of($0, .succeeded) }
                world.tell(.listed(project: "7", .success(Listing(sightings: over, serverTime: nil))))
                pipelines = []
            }
            each(world)
        }
    }

    @Test("60 days of seconds are claimed as they are posted, and other jobs are planned in time")
    func chunks() throws {
        let jobs = [
            try everySecond { $0.overlap = .allow }, try .named("b", "* * * * *") { $0.overlap = .allow },
        ]
        var world = World(
            jobs, at: "12:00:30", covered: ["a": .at("2026-01-01T00:00:00Z"), "b": .at("12:00")]
        ) { ($0.ratePerMinute, $0.maxInFlight) = (0, 8) }
        var most = 0
        work(&world, until: .at("12:02:30")) { most = max(most, waiting($0)) }
        #expect((1_000..<2_001).contains(most))
        let mark = try #require(world.covered["a"])
        #expect(mark < .at("2026-01-02T00:00:00Z"))
        let posted = world.orders.map(\.run)
        #expect(posted.count > 900 && posted == posted.sorted(), "the oldest go first")
        #expect(world.rows.keys.count { $0.job == "a" } == Int(mark.seconds - 1_767_225_600))
        for time in ["12:01", "12:02"] {
            #expect(world.rows[.run("b", time)]?.claimedAt == .at(time))
        }
        world.tell(.terminated(signal: "SIGTERM"))
        world.pass(.seconds(6))
        #expect(world.ending?.code == 0)
    }

    @Test("--once does all that was due at its start, and no more")
    func once() throws {
        let job = try everySecond { $0.overlap = .allow }
        var world = World([job], at: "12:00:00.5", covered: ["a": .at("11:00:00")]) {
            ($0.mode, $0.ratePerMinute) = (.once(wait: true), 0)
        }
        work(&world, until: .at("13:00"))
        #expect(world.ending?.code == 0)
        let posted = world.orders.map(\.run.fireTime)
        #expect(posted.count == 3_600 && posted.last == .at("12:00") && Set(posted).count == 3_600)
        #expect(world.covered["a"] == .at("12:00"))
    }

    @Test("What waits for one another is no overlap, also after a restart and with other job files")
    func oneByOne() throws {
        let job = try everySecond { _ in }
        var world = World([job], at: "12:00:00", covered: ["a": .at("11:40:00")]) { $0.ratePerMinute = 0 }
        world.pass(.seconds(10))
        #expect(world.covered["a"] == .at("11:56:40"))
        world.restart([job]) { ($0.ratePerMinute, $0.watch) = (0, .seconds(1)) }
        world.tell(.reloaded([job, try .named("b", "@daily")]))
        work(&world, until: .at("12:10:00"))
        let skipped = world.rows.values.filter { $0.state == .skipped }
        #expect(skipped.allSatisfy { $0.id.fireTime > .at("12:00:10") })
        #expect(world.rows.values.count { $0.state != .skipped } == 1_210)
        #expect(skipped.count == 590, "what fell due later met an open run")
        let posted = world.orders.map(\.run)
        #expect(posted == posted.sorted() && Set(posted).count == posted.count)
    }

    @Test("A forecast says what follows later")
    func forecast() throws {
        let job = try everySecond { $0.overlap = .allow }
        let settings = Settings(project: "7", ref: "main")
        let forecast = Forecast(
            jobs: [job], covered: ["a": .at("11:00:00")], open: [], settings: settings, now: .at("12:00"))
        #expect(forecast.rows.count == 1_000 && forecast.later == ["a": .at("11:16:40")])
    }
}
