import Testing

@testable import Scheduling

/// Fire times stay where they are on the clock. A step of the clock must not change anything that measures passing
/// time.
@Suite("Scheduler: the clock is set")
struct ClockTests {
    private func job(_ name: String) throws -> Job { try .named(name, "0 * * * *") }

    @Test("The clock is set back: no fire time is run twice, and timers measure time that passes")
    func clockSetBack() throws {
        let timeout = try Job.named("a", "0 * * * *") { $0.timeout = .seconds(600) }
        var world = World([timeout])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.pass(.seconds(3))
        world.setClock(to: .at("12:00:03"))
        #expect(world.logged("clock") == 1)
        _ = world.take()
        world.pass(.seconds(5))
        #expect(world.take("list").count == 1, "the list that was due in some seconds still is")
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(1, .succeeded)], serverTime: nil))))
        world.pass(to: "13:59")
        #expect(world.states == ["a@13:00 succeeded"] && world.take("post") == [])
        world.pass(to: "14:00")
        #expect(world.take("post") == ["post a@14:00"])
    }

    @Test(
        "The clock is set back: a timeout is not longer for it")
    func timeoutAndClock() throws {
        let timeout = try Job.named("a", "0 * * * *") { $0.timeout = .seconds(600) }
        var world = World([timeout])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.setClock(to: .at("12:00"))
        world.pass(.seconds(600))
        #expect(world.take("cancel") == ["cancel a@13:00 1"])
    }

    @Test("The clock is set forward: a timeout is not shorter for it")
    func timeoutAndClockForward() throws {
        let timeout = try Job.named("a", "0 13 * * *") { $0.timeout = .seconds(600) }
        var world = World([timeout])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.setClock(to: .at("14:00"))
        world.pass(.seconds(599))
        #expect(world.take("cancel") == [])
        world.pass(.seconds(1))
        #expect(world.take("cancel") == ["cancel a@13:00 1"])
    }

    @Test(
        "A timeout is measured from the pipeline's creation; one that is dated ahead of now, from now",
        arguments: [("11:55", 300), ("12:00", 600), ("12:30", 600)])
    func timeoutOfAnEarlierLife(created: String, seconds: Int64) throws {
        let timeout = try Job.named("a", "0 0 * * *") { $0.timeout = .seconds(600) }
        var run = Run(.run("a", "11:50"), state: .triggered)
        (run.project, run.ref, run.pipeline, run.triggeredAt) = ("7", "main", .number(1), .at(created))
        var world = World([timeout], open: [run])
        world.pass(.seconds(seconds) - .milliseconds(1))
        #expect(world.take("cancel") == [])
        world.pass(.milliseconds(1))
        #expect(world.take("cancel") == ["cancel a@11:50 1"])
    }

    @Test(
        "The clock is set back: a doubt is not longer for it", arguments: [true, false])
    func doubtAndClock(before: Bool) throws {
        var world = World([try job("a")])
        world.pass(to: "13:00")
        if before { world.tell(.posted(.run("a", "13:00"), .failure(.uncertain("timeout")))) }
        world.setClock(to: .at("11:50"))
        if !before { world.tell(.posted(.run("a", "13:00"), .failure(.uncertain("timeout")))) }
        for _ in 0..<12 {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.take("post") == ["post a@13:00", "post a@13:00"])
    }

    @Test(
        "The clock is set back: a pause that GitLab ordered is not shorter for it")
    func pauseAndClock() throws {
        var world = World([try job("a")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.limited("w", retryAfter: nil))))
        _ = world.take()
        world.pass(.seconds(10))
        world.tell(.woke)
        world.setClock(to: .at("13:00:09.5"))
        world.pass(to: "13:00:59")
        #expect(world.take("post") == [])
    }

    @Test("The clock is set: a long pause is as long as GitLab ordered", arguments: ["12:00:10", "14:00:10"])
    func longPauseAndClock(set: String) throws {
        var world = World([try .named("a", "0 13 * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.limited("w", retryAfter: .seconds(600)))))
        world.pass(.seconds(10))
        _ = world.take()
        world.setClock(to: .at(set))
        world.pass(.seconds(589))
        #expect(world.take("post") == [])
        world.pass(.seconds(2))
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test("The clock is set: GitLab's is not")
    func serverTimeAndClock() throws {
        var world = World([try .named("a", "1 13 * * *")])
        world.pass(to: "12:59:50")
        world.tell(.listed(project: "7", .success(Listing(sightings: [], serverTime: world.now))))
        world.setClock(to: .at("13:00:50"), isRight: false)
        world.pass(to: "13:01")
        world.tell(.posted(.run("a", "13:01"), .failure(.uncertain("timeout"))))
        world.pass(.zero)
        #expect(world.take("search") == ["search a@13:01 since 12:59"])
    }

    @Test("A session that ended ahead of now, by a clock that was set since, has ended now")
    func endOfTheLastSession() throws {
        var run = Run(.run("a", "11:00"), state: .uncertain)
        (run.claimedAt, run.sentAt) = (.at("11:00"), .at("11:00"))
        var world = World(
            [try job("a")], at: "12:00:20", covered: ["a": .at("12:00")], open: [run],
            past: Past(last: Session(instance: nil, endedAt: .at("14:00"))))
        for _ in 0..<9 {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.orders.map(\.run) == [.run("a", "11:00")])
    }

    @Test("The clock jumps ahead, as when a machine slept: late, and all of it accounted for")
    func clockSetForward() throws {
        var world = World([try job("a")])
        world.now = .at("18:20")
        world.tell(.woke)
        #expect(world.states.count == 6 && world.take("post") == ["post a@18:00"])
    }

    @Test(
        "The clock is set back: standing by is not longer for it")
    func standbyAndClock() throws {
        let (own, older) = (Instance.number(50), Instance.number(49, created: -600))
        var world = World([try job("a")], instances: [older, own]) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(.seconds(20))
        world.setClock(to: .at("11:00"))
        world.pass(.seconds(60))
        #expect(world.logged("scheduling") == 1)
    }

    @Test("The clock is set: the lease is not longer for it", arguments: ["12:58:59", "12:59:59"])
    func leaseAndClock(set: String) throws {
        let own = Instance.number(50)
        var world = World([try job("a")], at: "12:59", instances: [own]) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(to: "12:59:29")
        world.instances = nil
        world.setClock(to: .at(set))
        _ = world.take()
        world.pass(to: "13:00")
        #expect(world.states == [], "nothing is decided without a proof of being the newest")
        world.tell(.instancesListed(.success(Roster(instances: []))))
        world.instances = [own]
        world.pass(.seconds(12))
        #expect(world.states == ["a@13:00 claimed"])
    }

    @Test("A clock far ahead of GitLab's: fire times wait until they cannot be a successor's")
    func clockFarAhead() throws {
        let own = Instance.number(50)
        var world = World([try job("a")], at: "12:59:50", instances: nil) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.tell(.instancesListed(.success(Roster(instances: [], serverTime: .at("12:58:50")))))
        world.pass(to: "13:00:05")
        #expect(world.logged("scheduling") == 1 && world.states == [])
        world.tell(.instancesListed(.success(Roster(instances: [], serverTime: .at("12:59:41")))))
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post a@13:00"])
    }
}
