import CivilTime
import Testing

@testable import Scheduling

/// Another scheduler with the same jobs and its own ledger. The names of its pipelines show it.
@Suite("Scheduler: another scheduler")
struct OthersTests {
    private func named(
        _ id: Int64, _ run: RunID, _ progress: Progress = .going, ref: String = "main"
    ) -> Sighting {
        Sighting(run: run, pipeline: .number(id), progress: progress, ref: ref)
    }

    private func list(_ world: inout World, _ sightings: Sighting...) {
        world.tell(.listed(project: "7", .success(Listing(sightings: sightings, serverTime: nil))))
    }

    /// `a` runs hourly, and its pipeline 10 of 13:00 is running.
    private func world(_ change: (inout Job) -> Void = { _ in }) throws -> World {
        var world = World([try Job.named("a", "0 * * * *", change)])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(10))))
        world.pass(.seconds(5))
        _ = world.take()
        return world
    }

    @Test("A later pipeline of an open run is canceled, and said loudly, once an hour")
    func laterTwin() throws {
        var world = try world()
        list(&world, named(11, .run("a", "13:00")), named(10, .run("a", "13:00")))
        #expect(world.take("cancel") == ["cancel a@13:00 11"])
        #expect(world.logged("another-scheduler") == 1 && world.scheduler.memo.notes.count == 1)
        world.pass(.seconds(5))
        list(&world, named(12, .run("a", "13:00")))
        #expect(world.take("cancel") == ["cancel a@13:00 12"] && world.logged("another-scheduler") == 1)
        world.pass(.seconds(3_600))
        world.tell(.woke)
        #expect(world.scheduler.memo.notes == [])
    }

    @Test("An earlier pipeline of an open run stays, and the own one is canceled")
    func earlierTwin() throws {
        var world = try world()
        list(&world, named(9, .run("a", "13:00")))
        #expect(world.take("cancel") == ["cancel a@13:00 10"])
        #expect(world.rows[.run("a", "13:00")]?.pipeline?.id == 9)
        world.pass(.seconds(5))
        list(&world, named(9, .run("a", "13:00"), .succeeded))
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test("The pipeline of a run that is over stays, and one that comes later is canceled")
    func overTwin() throws {
        var world = try world()
        list(&world, named(10, .run("a", "13:00"), .succeeded))
        world.pass(.seconds(5))
        list(&world, named(10, .run("a", "13:00"), .succeeded), named(9, .run("a", "13:00")))
        #expect(world.take("cancel") == ["cancel a@13:00 9"] && world.states == ["a@13:00 succeeded"])
    }

    @Test("What was skipped here and runs there is corrected and watched")
    func skipped() throws {
        var world = try world()
        world.looks = .going
        world.pass(to: "14:00:05")
        #expect(world.states == ["a@13:00 triggered", "a@14:00 skipped"])
        list(&world, named(20, .run("a", "14:00")))
        #expect(world.logged("another-scheduler") == 1)
        #expect(world.scheduler.openRuns.map(\.id) == [.run("a", "13:00"), .run("a", "14:00")])
    }

    @Test("A claim that waits is taken for the pipeline that is there already")
    func waiting() throws {
        var world = try world { $0.overlap = .queue }
        world.pass(to: "14:00:05")
        #expect(world.states == ["a@13:00 triggered", "a@14:00 claimed"])
        list(&world, named(20, .run("a", "14:00")))
        #expect(world.states == ["a@13:00 triggered", "a@14:00 triggered"])
        list(&world, named(10, .run("a", "13:00"), .succeeded))
        #expect(world.take("post") == [])
    }

    @Test("What is the own scheduler's, another job's, another ref's or another time's is nobody else's")
    func notAnothers() throws {
        var world = try world()
        list(
            &world, named(10, .run("a", "13:00")), named(21, .run("b", "13:00")),
            named(22, .run("a", "13:00"), ref: "other"), named(23, .run("a", "12:30")),
            named(24, .run("a", "12:00")), named(25, .run("a", "14:00")))
        #expect(world.take("cancel") == [] && world.logged("another-scheduler") == 0)
        list(&world, named(10, .run("a", "13:00"), .succeeded))
        list(&world, named(10, .run("a", "13:00"), .succeeded))
        #expect(world.logged("another-scheduler") == 0, "the own one, seen once more")
    }

    @Test("What was sent and is not answered yet may be the own pipeline")
    func inFlight() throws {
        var world = try world { $0.overlap = .allow }
        world.pass(to: "14:00:05")
        list(&world, named(20, .run("a", "14:00")))
        #expect(world.logged("another-scheduler") == 0)
        world.tell(.posted(.run("a", "14:00"), .failure(.uncertain("timeout"))))
        list(&world, named(20, .run("a", "14:00")))
        #expect(world.logged("another-scheduler") == 0)
    }

    @Test("In CI it is noticed, too, while no other instance is there")
    func inCI() throws {
        var world = World.started([try Job.named("a", "0 * * * *")], instances: [])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(10))))
        world.pass(.seconds(5))
        list(&world, named(11, .run("a", "13:00")))
        #expect(world.take("cancel") == ["cancel a@13:00 11"] && world.logged("another-scheduler") == 1)
    }

    @Test("Only what is remembered is judged")
    func memory() {
        var recent = RecentRuns()
        for second in 0..<10_001 {
            var run = Run(
                RunID(job: "a", fireTime: .at("12:00") + .seconds(second)), state: .succeeded)
            run.pipeline = .number(Int64(second))
            recent.add(run)
        }
        #expect(recent.forgottenThrough == .at("12:00") && !recent.contains(.run("a", "12:00")))
        #expect(recent.pipeline(of: .run("a", "12:00:01")) == 1)
        var sent = Run(.run("b", "12:00"), state: .lost)
        recent.add(sent)
        #expect(!recent.contains(sent.id), "never sent")
        sent.sentAt = .at("12:00")
        recent.add(sent)
        #expect(recent.contains(sent.id) && recent.pipeline(of: sent.id) == nil)
    }
}
