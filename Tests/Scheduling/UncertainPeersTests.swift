import Testing

@testable import Scheduling

@Suite("Scheduler: other instances that are not seen well")
struct UncertainPeersTests {
    private let own = Instance.number(50)

    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    @Test("Each reads the start of the newer one so that the older one stops first, and once told it stays")
    func handoverIsReadOnTheSafeSide() throws {
        var world = World.started([try hourly()], at: "12:59:00")
        world.tell(.formerListed(.success(Roster(instances: []))))
        world.tell(.instancesListed(.success(Roster(instances: [own]))))
        world.pass(.seconds(10))
        var newer = Instance.number(51)
        newer.startedAt = .at("12:59:05")
        world.tell(.instancesListed(.success(Roster(instances: [newer, own], serverTime: .at("12:59:10")))))
        let early = Lease.Standing.handingOver(to: 51, at: .at("12:59:37"))
        #expect(world.scheduler.lease.standing == early, "GitLab's clock may have shown 12:59:10.999")
        world.pass(.seconds(10))
        world.tell(.instancesListed(.success(Roster(instances: [newer, own], serverTime: .at("12:59:18")))))
        #expect(world.scheduler.lease.standing == early && world.logged("handover") == 1)
    }

    @Test(
        "Who comes later need not ask GitLab only after an instance that has scheduled, and looked twice what others did",
        arguments: [(false, 60, false), (false, 120, true), (true, 60, false), (true, 120, true)])
    func ledgerIsWhole(olderIsThere: Bool, after seconds: Int, isWhole: Bool) throws {
        let older = Instance.number(49, created: -600)
        var world = World.started([try hourly()], instances: olderIsThere ? [older, own] : [own])
        world.pass(.seconds(seconds))
        #expect(world.logged("scheduling") == 1)
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending?.ledgerIsWhole == isWhole)
        var standby = World.started([try hourly()], instances: [older, own])
        standby.tell(.terminated(signal: "SIGTERM"))
        #expect(standby.ending?.ledgerIsWhole == false)
    }

    @Test("While it could not be known who else is there, one may have come, posted and gone")
    func looksUpTheGap() throws {
        var world = World.started([try .named("a", "0 * * * *")], instances: [own], at: "12:59:00")
        world.pass(to: "12:59:15")
        world.instances = nil
        world.pass(to: "13:02:00")
        #expect(world.states == [], "a newer instance may decide about it")
        for _ in 0..<2 {
            world.tell(.instancesListed(.success(Roster(instances: [own]))))
            world.pass(.seconds(11))
        }
        #expect(world.take("search").count >= 1 && world.take("post") == [])
        world.tell(
            .searched(
                project: "7",
                .success(
                    Search(found: [.run("a", "13:00"): [.of(9, .going)]], isComplete: true, serverTime: nil)))
        )
        #expect(world.states == ["a@13:00 triggered"])
    }

    @Test("One that is superseded before it has read GitLab has nothing to wait for")
    func supersededInTheSurvey() throws {
        var run = Run(.run("a", "11:00"), state: .triggered)
        run.pipeline = .number(1)
        var world = World([try hourly()], open: [run], instances: [own], survey: nil) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.instances = [own, .number(51, created: 10)]
        world.pass(.seconds(50))
        #expect(world.ending?.code == 0)
    }

    @Test(
        "A scheduler that takes the place of another in its process knows that this one may just have posted")
    func takesOver() throws {
        let job = try Job.named("a", "30 12 * * *")
        var world = World.started([job], instances: [own], at: "12:29:30")
        world.pass(to: "12:30:01")
        world.tell(.posted(.run("a", "12:30"), .failure(.uncertain("cut"))))
        world.pass(.seconds(10))
        var other = own
        other.startedAt = .at("12:00")
        world.instances = [other]
        world.restart([job], declaredAt: [:]) { $0.instance = 50 }
        world.tell(.identified(.success(other)))
        world.pass(.seconds(1))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        #expect(world.states == ["a@12:30 uncertain"] && world.take("post") == [])
    }

    @Test("A job that the ledger could not be told of has been there since this process declared it")
    func declaredBefore() throws {
        let job = try Job.named("a", "* * * * *")
        var world = World([job], at: "12:29:30", covered: [:])
        world.now = .at("12:30:10")
        world.restart([job], declaredAt: ["a": .at("12:29:30")])
        world.pass(.zero)
        #expect(world.states == ["a@12:30 claimed"])
    }
}
