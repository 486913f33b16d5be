import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: taking over from an older instance")
struct TakeoverTests {
    private let own = Instance.number(50)
    private let older = Instance.number(49, created: -600)

    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    @Test("Stands by while an older one may post, and takes over when it has gone")
    func standbyUntilGone() throws {
        var world = World.started([try hourly()], instances: [older, own], at: "12:59:50")
        world.pass(to: "13:00:15")
        #expect(world.take("post") == [] && world.logged("standby") == 1 && world.rows.isEmpty)
        world.instances = [own]
        world.pass(to: "13:00:20")
        #expect(world.logged("scheduling") == 1 && world.states == ["a@13:00 claimed"])
    }

    @Test("…or when its lease must be over, though it still runs")
    func standbyUntilPatienceIsOver() throws {
        var world = World.started([try hourly()], instances: [older, own])
        world.pass(.seconds(34))
        #expect(world.logged("scheduling") == 0)
        world.pass(.seconds(6))
        #expect(world.logged("scheduling") == 1)
    }

    @Test(
        "After a takeover, what fell due before it is looked up before it is posted",
        arguments: ["12:59:31", "13:00:05"])
    func takeoverLooksUp(start: String) throws {
        var world = World.started(
            [try hourly()], instances: [older, own], at: start, covered: ["a": .at("12:30")])
        // The older instance may have posted 13:00 up to the moment it was last seen.
        world.pass(.seconds(45))
        #expect(world.states == ["a@13:00 claimed"])
        #expect(world.take("post") == [] && world.logged("scheduling") == 1)
        world.pass(.seconds(10))
        #expect(world.scheduler.reconcilers["7"]?.isEmpty == false)
    }

    @Test(
        "…and its absence is believed only as long after the takeover as a POST may take")
    func takeoverSettles() throws {
        var world = World.started(
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
        "Caught up one after the other: each is looked up before it is posted")
    func catchUpLooksUpEach() throws {
        let job = try Job.named("a", "0 * * * *") { $0.catchUp = .all }
        var world = World.started([job], instances: [own], at: "12:30", covered: ["a": .at("10:30")])
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
        "A claim from a ledger that may be stale is looked up before it is posted")
    func claimFromTheLedger() throws {
        var claim = Run(.run("a", "12:00"), state: .claimed)
        claim.claimedAt = .at("12:00")
        var world = World.started(
            [try hourly()], instances: [own], at: "12:10", covered: ["a": .at("12:00")], open: [claim])
        world.pass(.seconds(20))
        #expect(world.take("post") == [])
    }

    @Test("What an earlier instance may have posted is looked up: found, and nothing is posted")
    func pastIsFound() throws {
        var world = World.started(
            [try hourly()], instances: [own], at: "13:00:10", covered: ["a": .at("12:30")])
        world.pass(.zero)
        #expect(world.take("search") == ["search a@13:00 since 12:00"])
        let found = Search(found: [.run("a", "13:00"): [.of(7, .going)]], isComplete: true, serverTime: nil)
        world.tell(.searched(project: "7", .success(found)))
        #expect(world.states == ["a@13:00 triggered"] && world.take("post") == [])
    }

    @Test("…or absent, and posted when that can be believed; what falls due later is posted at once")
    func pastIsAbsent() throws {
        let jobs = [try hourly(), try Job.named("b", "2 13 * * *")]
        let covered = ["a": Instant.at("12:30"), "b": .at("12:30")]
        var world = World.started(jobs, instances: [own], at: "13:01:00", covered: covered)
        let nothing = Event.searched(
            project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil)))
        world.pass(to: "13:02")
        #expect(world.take("post") == ["post b@13:02"])
        world.tell(nothing)
        world.pass(to: "13:02:14")
        world.tell(nothing)
        #expect(world.take("post") == [])
        world.pass(to: "13:02:15")
        world.tell(nothing)
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.rows[.run("a", "13:00")]?.reason == nil)
    }

    @Test("The first instance of all posts what falls due while it begins", arguments: [true, false])
    func firstOfAll(isFirst: Bool) throws {
        let older = Instance.number(49, created: -600, status: .over(isSuccess: false, at: nil))
        var world = World(
            [try hourly()], at: "12:59:58", covered: [:], instances: [own], former: isFirst ? [] : [older],
            survey: nil
        ) { $0.instance = 50 }
        world.pass(.seconds(5))
        world.tell(.identified(.success(own)))
        let nothing = Search(found: [:], isComplete: true, serverTime: nil)
        world.tell(.surveyed(project: "7", .success(nothing)))
        world.pass(.seconds(1))
        #expect(world.states == ["a@13:00 claimed"])
        #expect(world.take("post") == (isFirst ? ["post a@13:00"] : []))
    }

    /// The newer instance's CI job started at 12:59:30 on GitLab's clock, so 13:00 is its first fire time.
    @Test("From the line on fire times are the newcomer's, which posts them without looking")
    func newcomersSide() throws {
        var world = World.started(
            [try hourly()], instances: [older, own], at: "12:59:30", covered: ["a": .at("12:30")])
        world.pass(to: "13:00:04")
        #expect(world.take("post") == [] && world.logged("scheduling") == 0)
        world.pass(to: "13:00:06")
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test(
        "Before the line they are the older one's, and if the newcomer vanishes the others are, too",
        arguments: [false, true])
    func oldersSide(vanishes: Bool) throws {
        var world = World.started(
            [try .named("a", "* * * * *") { $0.overlap = .allow }], instances: [own], at: "12:58:25")
        var newer = Instance.number(51)
        newer.startedAt = .at("12:58:50")
        newer.createdAt = .at("12:58:50")
        world.pass(to: "12:58:52")
        world.instances = [own, newer]
        world.pass(to: "12:59:05")
        #expect(world.take("post") == ["post a@12:59"])
        if vanishes { world.instances = [own] }
        world.pass(to: "13:00:01")
        #expect(world.take("post") == (vanishes ? ["post a@13:00"] : []))
        #expect(world.states.count == (vanishes ? 2 : 1))
    }

    @Test("What this instance was in doubt about may have been posted by the newer one, until it had gone")
    func doubtAfterANewerOne() throws {
        let jobs = try ["a", "b"].map { try Job.named($0, "0 13 * * *") }
        var world = World.started(jobs, instances: [own], at: "12:59:50")
        world.pass(to: "13:00:05")
        // The instance watches this run. Otherwise it would end.
        world.tell(.posted(.run("b", "13:00"), .success(.number(2))))
        world.tell(.posted(.run("a", "13:00"), .failure(.uncertain("timeout"))))
        world.instances = [.number(51, created: 3_602)]
        world.pass(to: "13:00:57")
        world.instances = [own]
        _ = world.take()
        while world.now < .at("13:03:10") {
            world.pass(.seconds(1))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
            if !world.take("post").isEmpty { break }
        }
        #expect(world.logged("handover") == 2)
        #expect(world.now.clock == "13:02:15", "a settle time after the newer one was last seen")
    }
}
