import Testing

@testable import Scheduling

/// After the handover the older instance watches its pipelines, and the newer one retries and cancels them.
@Suite("Scheduler: pipelines that a newer instance has as well")
struct WatchingOnlyTests {
    private let id = RunID.run("a", "13:00")

    /// Instance 50 with pipeline 13 of 13:00, and instance 51, which schedules since 13:00:30.
    private func superseded(_ change: @escaping (inout Job) -> Void) throws -> World {
        let own = Instance.number(50)
        let job = try Job.named("a", "0 13 * * *", in: .utc, change)
        var world = World.started([job], instances: [own], at: "12:59:00")
        world.pass(to: "13:00")
        world.tell(.posted(id, .success(.number(13))))
        world.instances = [.number(51, created: 3_600)]
        world.pass(to: "13:01")
        #expect(world.logged("superseded") == 1 && world.ending == nil)
        _ = world.take()
        return world
    }

    private func see(_ world: inout World, _ progress: Progress) {
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(13, progress)], serverTime: nil))))
    }

    /// The scheduler reads the failed pipeline's jobs again and again, always with the same answer. Returns the retries
    /// it wants.
    private func lookForRetry(_ world: inout World, _ jobs: [CIJob], times: Int) -> (
        looks: Int, acts: [String]
    ) {
        var (looks, acts): (Int, [String]) = (0, [])
        while looks < times, world.rows[id]?.state.isOpen == true, world.now < .at("14:30") {
            world.pass(.seconds(5))
            let effects = world.take()
            acts += effects.filter { $0.hasPrefix("retry") || $0.hasPrefix("cancel") }
            guard effects.contains("listJobs a@13:00 13") else { continue }
            looks += 1
            world.tell(.jobsListed(id, .success(jobs)))
        }
        return (looks, acts + world.take("retry"))
    }

    @Test("A pipeline that runs too long is not canceled, unless the newer instance goes")
    func timeout() throws {
        var world = try superseded { $0.timeout = .seconds(600) }
        world.pass(to: "13:20")
        #expect(world.take("cancel") == [])
        world.instances = [.number(50)]
        world.pass(.seconds(20))
        #expect(world.take("cancel") == ["cancel a@13:00 13"])
    }

    @Test("A failed pipeline is not retried: the newer instance's retry is waited for, and not for ever")
    func retry() throws {
        var world = try superseded { $0.retries = 1 }
        see(&world, .failed)
        let failed = CIJob(id: 2, name: "test", status: .failed, mayFail: false)
        let (looks, acts) = lookForRetry(&world, [failed], times: 100)
        #expect(looks == 31 && acts == [])
        #expect(
            world.rows[id]?.reason == "the pipeline failed, and the newer instance did not retry it")
        #expect(world.ending?.code == 0)
    }

    @Test("…and when the newer one has retried it, it is watched to its end")
    func retriedByTheNewer() throws {
        var world = try superseded { $0.retries = 1 }
        see(&world, .failed)
        let failed = CIJob(id: 2, name: "test", status: .failed, mayFail: false)
        #expect(lookForRetry(&world, [failed], times: 3).acts == [])
        let again = CIJob(id: 3, name: "test", status: .open, mayFail: false)
        #expect(lookForRetry(&world, [failed, again], times: 1).acts == [])
        #expect(world.states == ["a@13:00 triggered"])
        see(&world, .succeeded)
        #expect(world.states == ["a@13:00 succeeded"] && world.ending?.code == 0)
    }

    @Test("When the newer instance goes, this one retries")
    func newerGoes() throws {
        var world = try superseded { $0.retries = 1 }
        see(&world, .failed)
        let failed = CIJob(id: 2, name: "test", status: .failed, mayFail: false)
        #expect(lookForRetry(&world, [failed], times: 20).acts == [])
        world.instances = [.number(50)]
        world.survey = [:]
        #expect(lookForRetry(&world, [failed], times: 4).acts.first == "retry a@13:00 [2]")
    }
}
