import Testing

@testable import Scheduling

@Suite("Scheduler: several instances")
struct InstanceTests {
    private let own = Instance.number(50)

    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    @Test("Who am I, who else is there, and then to work")
    func start() throws {
        var world = World([try hourly()]) { $0.instance = 50 }
        #expect(world.take() == ["identify 50"] && world.logged("scheduling") == 0)
        world.tell(.identified(.success(own)))
        #expect(world.take() == ["listInstances all"])
        world.tell(.instancesListed(.success(Roster(instances: [own]))))
        #expect(world.logged("scheduling") == 1)
        world.pass(.seconds(10))
        #expect(world.take("list") == ["listInstances 50"], "from now on only newer ones matter")
        world.tell(.instancesListed(.success(Roster(instances: []))))
        world.pass(.seconds(10))
        #expect(world.take("list") == ["listInstances 50"])
    }

    @Test("A token that cannot read the own job is an error, not a guess")
    func identityRefused() throws {
        var world = World([try hourly()]) { $0.instance = 50 }
        world.tell(.identified(.failure(.refused("401 Unauthorized"))))
        let words = "the scheduler could not read its own CI job: 401 Unauthorized"
        #expect(world.ending == Ending(code: 1, words: words))
    }

    @Test("A12: a replica may not have the own CI job for some seconds; then it is a wrong project")
    func ownJobOnReplica() throws {
        var world = World([try .named("a", "0 * * * *")]) { $0.instance = 50 }
        while world.ending == nil, world.now < .at("12:02") {
            world.tell(.identified(.failure(.gone("404 Not Found"))))
            world.pass(.seconds(1))
        }
        let words = "the scheduler could not read its own CI job: 404 Not Found"
        #expect(world.ending == Ending(code: 1, words: words))
        #expect(world.now >= .at("12:00:05") && world.now < .at("12:00:07"))
    }

    @Test("While GitLab is down it asks again, and schedules nothing")
    func identityLater() throws {
        var world = World([try hourly()]) { $0.instance = 50 }
        for _ in 0..<5 {
            world.tell(.identified(.failure(.unavailable("503"))))
            world.pass(.seconds(10))
            #expect(world.take() == ["identify 50"] || world.now == .at("12:00:10"))
        }
        #expect(world.logged("gitlab") == 1 && world.ending == nil && world.rows.isEmpty)
    }

    @Test("Without a fresh proof of being the newest nothing is posted; it is late, not lost")
    func leaseExpires() throws {
        var world = World.started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(.seconds(11))
        world.instances = nil
        for _ in 0..<12 {
            world.pass(.seconds(10))
            world.tell(.instancesListed(.failure(.unavailable("503"))))
        }
        #expect(world.states == [], "a newer instance may decide about it")
        world.pass(.seconds(20))
        world.tell(.instancesListed(.success(Roster(instances: []))))
        #expect(world.take("post") == [], "a newer one may have posted it and gone")
        #expect(postsOnceAbsent(&world) == ["post a@13:00"])
        #expect(world.logged("gitlab") == 2, "told when it began and when it was over")
    }

    @Test("A durable claim that waited for a free request is not posted without the lease either")
    func leaseExpiresWhileWaiting() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 * * * *") }
        var world = World.started(jobs, instances: [own], at: "12:59:55") { $0.maxInFlight = 1 }
        world.pass(to: "13:00")
        world.instances = nil
        world.pass(.seconds(36))
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post a@13:00"])
        world.tell(.instancesListed(.success(Roster(instances: []))))
        #expect(world.take("post") == [], "the question of 13:00:05 proves nothing at 13:00:36")
        world.pass(.seconds(10))
        world.tell(.instancesListed(.success(Roster(instances: []))))
        #expect(postsOnceAbsent(&world) == ["post b@13:00"])
    }

    /// The POSTs after every search of the next two minutes has found nothing.
    private func postsOnceAbsent(_ world: inout World) -> [String] {
        world.instances = [own]
        var posts: [String] = []
        for _ in 0..<12 {
            world.pass(.seconds(10))
            let effects = world.take()
            posts += effects.filter { $0.hasPrefix("post") }
            guard effects.contains(where: { $0.hasPrefix("search") }) else { continue }
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
            posts += world.take("post")
        }
        return posts
    }

    @Test("Until the handover it goes on, so that nothing is late: the successor begins then")
    func schedulesUntilTheHandover() throws {
        let job = try Job.named("a", "@every 10s") { $0.overlap = .allow }
        var world = World.started([job], instances: [own], at: "12:59:00")
        world.pass(to: "13:00:05")
        world.instances = [.number(51, created: 3_602)]
        world.pass(to: "13:02")
        #expect(world.logged("handover") == 1 && world.logged("superseded") == 1)
        #expect(world.take("post").last == "post a@13:00:30", "not at 13:00:32 or later")
        #expect(world.covered["a"] == .at("13:00:30"))
    }

    /// A job that fires every ten seconds, and a successor that has taken over.
    private func afterTheHandover() throws -> World {
        let job = try Job.named("a", "@every 10s") { $0.overlap = .allow }
        var world = World.started([job], instances: [own], at: "12:59:00")
        world.pass(to: "13:00:05")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.instances = [.number(51, created: 3_602)]
        world.pass(to: "13:00:57")
        return world
    }

    @Test("A successor that dies leaves the work to this one: what it may have posted is looked up")
    func successorDies() throws {
        var world = try afterTheHandover()
        _ = world.take()
        world.instances = [own]
        world.pass(to: "13:01:12")
        #expect(world.logged("handover") == 2 && world.ending == nil)
        #expect(world.take("post") == ["post a@13:01:10"], "what fell due since is nobody else's")
        #expect(world.states.contains("a@13:01 claimed"), "what fell due meanwhile is looked up")
    }

    @Test("A running successor: no new fire times, own pipelines to their end, then 0")
    func superseded() throws {
        var world = World.started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(to: "14:30")
        #expect(world.logged("superseded") == 1 && world.ending == nil)
        #expect(world.states == ["a@13:00 triggered"] && world.covered["a"] == .at("13:00"))
        let failed = Listing(sightings: [.of(13, .failed)], serverTime: nil)
        world.tell(.listed(project: "7", .success(failed)))
        world.showFailedJob(of: .run("a", "13:00"))
        #expect(world.ending?.code == 0)
        #expect(world.states == ["a@13:00 failed"], "that is the run's affair, not the process's")
    }

    @Test("A successor that waits for the resource takes the pipelines over: out at once")
    func supersededByAWaitingOne() throws {
        var world = World.started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.instances = [.number(51, created: 3_600, running: false)]
        world.pass(.seconds(9))
        #expect(world.logged("superseded") == 0)
        world.pass(.seconds(4))
        #expect(world.logged("superseded") == 1)
        #expect(world.ending == nil, "the answer to the POST is waited for")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 triggered"])
    }

    @Test("…but not longer than a POST is worth waiting for")
    func lastWords() throws {
        var world = World.started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.instances = [.number(51, created: 3_600, running: false)]
        world.pass(.seconds(20))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 claimed"])
    }

    @Test("Claims that were not posted yet are left to the successor")
    func claimsAreLeft() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 * * * *") }
        var world = World.started(jobs, instances: [own], at: "12:59:00") { $0.ratePerMinute = 1 }
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.refused("no"))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(to: "13:10")
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 refused", "b@13:00 claimed"])
    }

    @Test("The drain has an end if it was given one")
    func drainTimeout() throws {
        var world = World.started([try hourly()], instances: [own], at: "12:59:55") {
            $0.drainTimeout = .seconds(300)
        }
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(.seconds(320))
        #expect(world.ending == nil, "the drain begins with the handover")
        world.pass(.seconds(20))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 triggered"])
    }

    @Test("What was in doubt when the successor came is asked again after it has gone")
    func doubtOutlivesTheSuccessor() throws {
        var world = try afterTheHandover()
        (world.instances, world.survey) = ([own], nil)
        world.pass(to: "13:01:12")
        _ = world.take()
        world.tell(.surveyed(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.pass(.seconds(1))
        #expect(world.take("search").count == 1)
    }

    @Test("A newcomer that finds a newer one does nothing at all")
    func supersededAtTheStart() throws {
        var world = World.started([try hourly()], instances: [own, .number(51, created: 60)])
        world.pass(.seconds(10))
        #expect(world.ending?.code == 0 && world.rows.isEmpty && world.take("post") == [])
    }
}
