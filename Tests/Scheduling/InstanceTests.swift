import Cron
import Testing

@testable import Scheduling

@Suite("Scheduler: several instances")
struct InstanceTests {
    private let own = Instance.number(50)
    private let older = Instance.number(49, created: -600)

    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    /// Instance 50 of a CI job, created at noon; it has asked who it is.
    private func started(
        _ jobs: [Job], instances: [Instance]? = nil, at now: String = "12:00",
        covered: [String: Instant]? = nil,
        open: [Run] = [], change: (inout Settings) -> Void = { _ in }
    ) -> World {
        var world = World(jobs, at: now, covered: covered, open: open, instances: instances) {
            $0.instance = 50
            change(&$0)
        }
        world.tell(.identified(.success(own)))
        return world
    }

    @Test("Who am I, who else is there, and then to work")
    func start() throws {
        var world = World([try hourly()]) { $0.instance = 50 }
        #expect(world.take() == ["identify 50"] && world.logged("scheduling") == 0)
        world.tell(.identified(.success(own)))
        #expect(world.take() == ["listInstances all"])
        world.tell(.instancesListed(.success([own])))
        #expect(world.logged("scheduling") == 1)
        world.pass(.seconds(10))
        #expect(world.take("list") == ["listInstances 50"], "from now on only newer ones matter")
        world.tell(.instancesListed(.success([])))
        world.pass(.seconds(10))
        #expect(world.take("list") == ["listInstances 50"])
    }

    @Test("A token that cannot read the own job is an error, not a guess")
    func identityRefused() throws {
        var world = World([try hourly()]) { $0.instance = 50 }
        world.tell(.identified(.failure(.refused("401 Unauthorized"))))
        #expect(world.ending == Ending(code: 1, words: "own CI job could not be read: 401 Unauthorized"))
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

    @Test("Stands by while an older one may post, and takes over when it has gone")
    func standbyUntilGone() throws {
        var world = started([try hourly()], instances: [older, own], at: "12:59:50")
        world.pass(to: "13:00:15")
        #expect(world.take("post") == [] && world.logged("standby") == 1 && world.rows.isEmpty)
        world.instances = [own]
        world.pass(to: "13:00:20")
        #expect(world.logged("scheduling") == 1 && world.states == ["a@13:00 claimed"])
    }

    @Test("…or when its lease must be over, though it still runs")
    func standbyUntilPatienceIsOver() throws {
        var world = started([try hourly()], instances: [older, own])
        world.pass(.seconds(34))
        #expect(world.logged("scheduling") == 0)
        world.pass(.seconds(6))
        #expect(world.logged("scheduling") == 1)
    }

    @Test(
        "After a takeover, what fell due before it is looked up before it is posted",
        .known("compared with the start, not with the takeover", inSomeCases: true),
        arguments: ["12:59:30", "13:00:05"])
    func takeoverLooksUp(start: String) throws {
        var world = started([try hourly()], instances: [older, own], at: start, covered: ["a": .at("12:30")])
        // The older one may have posted 13:00 up to the moment it was seen for the last time.
        world.pass(.seconds(45))
        #expect(world.states == ["a@13:00 claimed"])
        #expect(world.take("post") == [] && world.logged("scheduling") == 1)
        world.pass(.seconds(10))
        #expect(world.scheduler.doubts["7"]?.isEmpty == false)
    }

    @Test(
        "…and its absence is believed only as long after the takeover as a POST may take",
        .known("counted from the start, not from the takeover"))
    func takeoverSettles() throws {
        var world = started(
            [try hourly()], instances: [older, own], at: "13:00:05", covered: ["a": .at("12:30")])
        world.pass(.seconds(40))
        #expect(world.logged("scheduling") == 1)
        while world.now < .at("13:01:45") {
            world.pass(.seconds(5))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
            #expect(world.take("post") == [], "\(world.now.clock)")
        }
        world.pass(.seconds(30))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.pass(.seconds(30))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test(
        "Caught up one after the other: each is looked up before it is posted",
        .known("what is held is posted without a look"))
    func catchUpLooksUpEach() throws {
        let job = try Job.named("a", "0 * * * *") { $0.catchUp = .all }
        var world = started([job], instances: [own], at: "12:30", covered: ["a": .at("10:30")])
        let first = RunID.run("a", "11:00")
        world.pass(.zero)
        #expect(world.take("search").first?.hasPrefix("search a@11:00") == true)
        let found = Search(found: [first: [.of(11, .succeeded)]], isComplete: true, serverTime: nil)
        world.tell(.searched(project: "7", .success(found)))
        #expect(world.states == ["a@11:00 succeeded", "a@12:00 claimed"])
        #expect(world.take("post") == [], "an earlier instance may have posted 12:00 as well")
        world.pass(.seconds(30))
        #expect(world.take("search").last?.contains("a@12:00") == true)
    }

    @Test(
        "A claim from a ledger that may be stale is looked up before it is posted",
        .known("a claim that was never sent is posted without a look"))
    func claimFromTheLedger() throws {
        var claim = Run(.run("a", "12:00"), state: .claimed)
        claim.claimedAt = .at("12:00")
        var world = started(
            [try hourly()], instances: [own], at: "12:10", covered: ["a": .at("12:00")], open: [claim])
        world.pass(.seconds(20))
        #expect(world.take("post") == [])
    }

    @Test("Without a fresh proof of being the newest nothing is posted; it is late, not lost")
    func leaseExpires() throws {
        var world = started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(.seconds(11))
        world.instances = nil
        for _ in 0..<12 {
            world.pass(.seconds(10))
            world.tell(.instancesListed(.failure(.unavailable("503"))))
        }
        #expect(world.states == ["a@13:00 claimed"] && world.take("post") == [])
        world.pass(.seconds(20))
        world.tell(.instancesListed(.success([])))
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.logged("gitlab") == 2, "told when it began and when it was over")
    }

    @Test("A durable claim that waited for a free request is not posted without the lease either")
    func leaseExpiresWhileWaiting() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 * * * *") }
        var world = started(jobs, instances: [own], at: "12:59:55") { $0.maxInFlight = 1 }
        world.pass(to: "13:00")
        world.instances = nil
        world.pass(.seconds(36))
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post a@13:00"])
        world.tell(.instancesListed(.success([])))
        #expect(world.take("post") == [], "the question of 13:00:05 proves nothing at 13:00:36")
        world.pass(.seconds(10))
        world.tell(.instancesListed(.success([])))
        #expect(world.take("post") == ["post b@13:00"])
    }

    @Test("A running successor: no new fire times, own pipelines to their end, then 0")
    func superseded() throws {
        var world = started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(to: "14:30")
        #expect(world.logged("superseded") == 1 && world.ending == nil)
        #expect(world.states == ["a@13:00 triggered"] && world.covered["a"] == .at("13:00"))
        let failed = Listing(sightings: [.of(13, .failed)], serverTime: nil)
        world.tell(.listed(project: "7", .success(failed)))
        #expect(world.ending?.code == 0)
        #expect(world.states == ["a@13:00 failed"], "that is the run's affair, not the process's")
    }

    @Test("A successor that waits for the resource takes the pipelines over: out at once")
    func supersededByAWaitingOne() throws {
        var world = started([try hourly()], instances: [own], at: "12:59:00")
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
        var world = started([try hourly()], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.instances = [.number(51, created: 3_600, running: false)]
        world.pass(.seconds(20))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 claimed"])
    }

    @Test("Claims that were not posted yet are left to the successor")
    func claimsAreLeft() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 * * * *") }
        var world = started(jobs, instances: [own], at: "12:59:00") { $0.ratePerMinute = 1 }
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.refused("no"))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(to: "13:10")
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 refused", "b@13:00 claimed"])
    }

    @Test("The drain has an end if it was given one")
    func drainTimeout() throws {
        var world = started([try hourly()], instances: [own], at: "12:59:55") {
            $0.drainTimeout = .seconds(300)
        }
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(.seconds(290))
        #expect(world.ending == nil)
        world.pass(.seconds(30))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 triggered"])
    }

    @Test("A newcomer that finds a newer one does nothing at all")
    func supersededAtTheStart() throws {
        var world = started([try hourly()], instances: [own, .number(51, created: 60)])
        world.pass(.seconds(10))
        #expect(world.ending?.code == 0 && world.rows.isEmpty && world.take("post") == [])
    }
}
