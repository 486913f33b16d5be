import Testing

@testable import Scheduling

@Suite("Scheduler: twins")
struct TwinTests {
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

    /// A world that has posted the run twice. GitLab answers the second POST with `pipeline`.
    private func postedTwice(_ pipeline: Int64) throws -> World {
        var world = try uncertain()
        world.pass(.seconds(75))
        answer(&world, [])
        world.pass(.seconds(75))
        answer(&world, [])
        #expect(world.take("post") == ["post a@13:00"])
        world.tell(.posted(id, .success(.number(pipeline))))
        world.pass(.zero)
        #expect(world.take().filter { !$0.hasPrefix("list") } == ["search a@13:00 since 12:59"])
        return world
    }

    @Test("After a second POST twins are looked for; the lowest id stays, whoever created it")
    func twins() throws {
        var world = try postedTwice(19)
        answer(
            &world,
            [.of(21, .going), .of(19, .going), .of(17, .going), .of(20, .succeeded), .of(22, .blocked)])
        let row = try #require(world.rows[id])
        #expect(row.state == .triggered && row.pipeline == .number(17))
        #expect(world.take("cancel") == ["cancel a@13:00 19", "cancel a@13:00 21", "cancel a@13:00 22"])
        #expect(world.logged("twin") == 3)
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(19, .canceled)], serverTime: nil))))
        #expect(world.states == ["a@13:00 triggered"], "the twin's end is not the run's")
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(17, .succeeded)], serverTime: nil))))
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test("No twin: nothing is canceled, and no search when GitLab must be done with both POSTs")
    func noTwins() throws {
        var world = try postedTwice(19)
        answer(&world, [.of(19, .going)])
        var searches = 0
        for _ in 0..<18 {
            world.pass(.seconds(10))
            guard !world.take("search").isEmpty else { continue }
            searches += 1
            answer(&world, [.of(19, .going)])
        }
        world.pass(.seconds(300))
        #expect((14...18).contains(searches) && world.take("search") == [] && world.take("cancel") == [])
        #expect(world.rows[id]?.pipeline == .number(19))
    }

    @Test("A first POST that GitLab carries out long after the second is found, too", arguments: [17, 21])
    func lateTwin(late: Int64) throws {
        var world = try postedTwice(19)
        answer(&world, [.of(19, .going)])
        world.pass(.seconds(60))
        #expect(!world.take("search").isEmpty)
        answer(&world, [.of(19, .going), .of(late, .going)])
        #expect(world.take("cancel") == ["cancel a@13:00 \(max(19, late))"])
        #expect(world.rows[id]?.pipeline == .number(min(19, late)))
    }

    @Test(
        "A twin whose cancellation did not get through is canceled again")
    func twinCancelFails() throws {
        var world = try postedTwice(19)
        answer(&world, [.of(17, .going), .of(19, .going)])
        #expect(world.take("cancel") == ["cancel a@13:00 19"])
        world.tell(.canceled(id, .failure(.unavailable("503"))))
        world.pass(.seconds(120))
        #expect(world.take().contains("cancel a@13:00 19"))
    }

    @Test("The look for twins outlives the run")
    func twinOfARunThatIsOver() throws {
        var world = try postedTwice(19)
        world.tell(.searched(project: "7", .failure(.unavailable("503"))))
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(19, .succeeded)], serverTime: nil))))
        #expect(world.states == ["a@13:00 succeeded"])
        world.pass(.seconds(10))
        #expect(world.take("search").count == 1)
    }
}
