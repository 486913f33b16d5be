import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: runs in doubt")
struct ReconcilingTests {
    private let id = RunID.run("a", "13:00")

    private func job(_ change: (inout Job) -> Void = { _ in }) throws -> Job {
        try .named("a", "0 13 2 3 *", in: .utc, change)
    }

    /// A world at 13:00 in which the answer to the POST was lost.
    private func uncertain() throws -> World {
        var world = World([try job()])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        #expect(world.take("post") == ["post a@13:00"])
        return world
    }

    private func answer(
        _ world: inout World, _ pipelines: [Sighting], for id: RunID? = nil, isComplete: Bool = true
    ) {
        let found = pipelines.isEmpty ? [:] : [id ?? self.id: pipelines]
        let search = Search(found: found, isComplete: isComplete, serverTime: world.now)
        world.tell(.searched(project: "7", .success(search)))
    }

    @Test("Lost answer, searched at once, found")
    func found() throws {
        var world = try uncertain()
        world.pass(.zero)
        #expect(world.take() == ["search a@13:00 since 12:00"])
        answer(&world, [.of(17, .going)])
        let row = try #require(world.rows[id])
        #expect(row.state == .triggered && row.pipeline == .number(17) && row.attempts == 1)
        world.pass(.seconds(100))
        #expect(world.take("search") == [] && world.take("post") == [])
    }

    @Test("Found when it is over already")
    func foundAndOver() throws {
        var world = try uncertain()
        world.pass(.zero)
        answer(&world, [.of(17, .succeeded)])
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test(
        "The settle time begins with the last word of the request: the process may have been stopped before it was sent"
    )
    func stopped() throws {
        var world = World([try job()])
        world.pass(to: "13:00")
        world.now = .at("13:01:40")
        world.tell(.posted(id, .failure(.uncertain("the connection was cut"))))
        world.pass(.zero)
        answer(&world, [])
        #expect(world.states == ["a@13:00 uncertain"])
        while world.now < .at("13:02:54") {
            world.pass(.seconds(1))
            answer(&world, [])
        }
        #expect(world.take("post") == ["post a@13:00"], "not a second time yet")
    }

    @Test("Absence is not believed before the settle time, and then posted once more")
    func absent() throws {
        var world = try uncertain()
        var searches = 0
        while world.now < .at("13:01:15") {
            searches += world.take("search").count
            answer(&world, [])
            #expect(world.states == ["a@13:00 uncertain"])
            world.pass(min(.seconds(1), world.now.duration(to: .at("13:01:15"))))
        }
        #expect((5...20).contains(searches), "\(searches) searches in 75 s")
        #expect(world.take().suffix(1) == ["search a@13:00 since 12:59"])
        answer(&world, [])
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.states == ["a@13:00 claimed"])
        #expect(world.rows[id]?.sentAt == .at("13:01:15"))
    }

    @Test("A search that was sent before the settle time proves nothing, however late its answer comes")
    func lateAnswer() throws {
        var world = try uncertain()
        world.pass(.seconds(80))
        #expect(world.take("search").count == 1)
        answer(&world, [])
        #expect(world.states == ["a@13:00 uncertain"] && world.take("post") == [])
        world.pass(.seconds(10))
        #expect(world.take("search").count == 1)
        answer(&world, [])
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test("A search that did not see every pipeline proves no absence, but what it found is found")
    func incomplete() throws {
        var world = try uncertain()
        for _ in 0..<30 {
            world.pass(.seconds(10))
            #expect(world.take("search").count == 1)
            answer(&world, [], isComplete: false)
            #expect(world.states == ["a@13:00 uncertain"])
        }
        world.pass(.seconds(10))
        answer(&world, [.of(17, .going)], isComplete: false)
        #expect(world.states == ["a@13:00 triggered"])
    }

    @Test("Absence that is proved after days (the machine slept) is absence all the same")
    func provedAfterDays() throws {
        var world = try uncertain()
        world.pass(.zero)
        answer(&world, [])
        world.now = .at("2026-03-05T13:00:00Z")
        world.tell(.woke)
        #expect(world.take("search").count == 2)
        answer(&world, [])
        #expect(world.states == ["a@13:00 claimed"])
    }

    @Test("While GitLab cannot be asked nothing is believed; after a day the run is lost, and says so")
    func unprovable() throws {
        var world = try uncertain()
        var searches = 0
        while world.states == ["a@13:00 uncertain"], searches < 3_000 {
            world.pass(.seconds(75))
            searches += world.take("search").count
            world.tell(.searched(project: "7", .failure(.unavailable("503"))))
        }
        #expect(world.now > .at("2026-03-03T13:00:00Z") && world.now < .at("2026-03-03T13:05:00Z"))
        #expect(world.states == ["a@13:00 lost"])
        #expect(world.rows[id]?.reason == "the scheduler cannot tell whether its pipeline exists: 503")
        #expect(world.logged("gitlab") == 1, "an outage is told once")
        world.pass(.seconds(600))
        #expect(world.take("search") == [])
    }

    @Test(
        "A POST that left later than it was let go is in doubt for as long as if it were fresh")
    func doubtBeginsWithThePost() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 13 * * *") }
        var world = World(jobs) { ($0.maxInFlight, $0.ratePerMinute) = (1, 0) }
        world.pass(to: "13:01:30")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post a@13:00", "post b@13:00"])
        world.pass(.seconds(5))
        world.tell(.posted(.run("b", "13:00"), .failure(.uncertain("timeout"))))
        world.pass(.zero)
        answer(&world, [], for: .run("b", "13:00"))
        #expect(
            world.states.last == "b@13:00 uncertain", "GitLab may still be at work on the POST of 13:01:30")
    }

    @Test("What was in doubt when the process died still is: it is searched for, not posted")
    func afterARestart() throws {
        var world = World([try job()])
        world.pass(to: "13:00")
        _ = world.take()
        world.now = .at("13:10")
        world.restart([try job()])
        world.pass(.zero)
        #expect(world.take("search") == ["search a@13:00 since 11:00"])
        answer(&world, [])
        world.pass(to: "13:11:14")
        #expect(world.take("post") == [], "another process may have posted it just before this one began")
        answer(&world, [])
        world.pass(to: "13:11:15")
        answer(&world, [])
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test("A job that is not declared any more is not posted again")
    func jobIsGone() throws {
        var world = try uncertain()
        world.restart([])
        world.pass(.seconds(75))
        answer(&world, [])
        world.pass(.seconds(75))
        answer(&world, [])
        #expect(world.states == ["a@13:00 skipped"] && world.take("post") == [])
        #expect(world.rows[id]?.reason == "the job is not declared any more")
    }

    @Test("GitLab's clock may differ: a search begins by its clock")
    func serverClock() throws {
        var world = World([try .named("b", "50 12 * * *"), try job()])
        world.pass(to: "12:50")
        world.tell(.posted(.run("b", "12:50"), .success(.number(1))))
        world.pass(.seconds(5))
        let ahead = Listing(sightings: [.of(1, .succeeded)], serverTime: world.now + .seconds(100))
        world.tell(.listed(project: "7", .success(ahead)))
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        world.pass(.zero)
        #expect(world.take("search") == ["search a@13:00 since 13:00:40"])
    }

    @Test("A claim that is a duplicate ends the search for it")
    func duplicateInDoubt() throws {
        let own = Instance.number(50)
        var world = World(
            [try job()], at: "13:00:10", covered: ["a": .at("12:00")], instances: [own], duplicates: [id]
        ) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(.seconds(5))
        answer(&world, [])
        _ = world.take()
        world.pass(.seconds(300))
        #expect(world.take("search") == [])
    }
}
