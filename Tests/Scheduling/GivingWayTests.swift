import Testing

@testable import Scheduling

/// `overlap: cancel`, when the scheduler does not know whether the earlier fire time has a pipeline.
@Suite("Scheduler: giving way in doubt")
struct GivingWayTests {
    /// A scheduler that began at 12:59:30 and looks up the fire time of noon when that of 13:00 falls due.
    private func lookingUp() throws -> World {
        let own = Instance.number(50)
        let job = try Job.named("a", "0 * * * *") { $0.overlap = .cancel }
        var world = World.started([job], instances: [own], at: "12:59:30", covered: ["a": .at("11:30")])
        world.pass(to: "13:00")
        #expect(world.states == ["a@12:00 claimed", "a@13:00 claimed"])
        #expect(world.take("post") == ["post a@13:00"])
        return world
    }

    private func answer(_ world: inout World, _ found: [RunID: [Sighting]]) {
        world.pass(.seconds(10))
        world.tell(
            .searched(project: "7", .success(Search(found: found, isComplete: true, serverTime: nil))))
    }

    @Test("A pipeline that another instance has created is canceled as soon as it is found")
    func found() throws {
        var world = try lookingUp()
        answer(&world, [.run("a", "12:00"): [.of(12, .going)]])
        #expect(world.take("cancel") == ["cancel a@12:00 12"])
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(12, .canceled)], serverTime: nil))))
        #expect(world.rows[.run("a", "12:00")]?.reason == "overlap: gave way to 2026-03-02T13:00:00Z")
    }

    @Test("What is absent is not posted any more, once that is certain")
    func absent() throws {
        var world = try lookingUp()
        answer(&world, [:])
        #expect(world.states.first == "a@12:00 claimed", "GitLab may still be at work on it")
        for _ in 0..<8 { answer(&world, [:]) }
        #expect(world.states.first == "a@12:00 skipped" && world.take("post") == [])
        #expect(world.rows[.run("a", "12:00")]?.reason == "overlap: gave way to 2026-03-02T13:00:00Z")
    }
}
