import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: --once --no-wait")
struct NoWaitTests {
    private func noWait(
        _ jobs: [Job], covered: String = "11:30", at now: String = "12:00", open: [Run] = [],
        _ change: (inout Settings) -> Void = { _ in }
    ) -> World {
        let marks = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, Instant.at(covered)) })
        return World(jobs, at: now, covered: marks, open: open) {
            $0.mode = .once(wait: false)
            change(&$0)
        }
    }

    private func job(_ name: String, _ change: (inout Job) -> Void = { _ in }) throws -> Job {
        try .named(name, "0 * * * *", in: .utc, change)
    }

    /// A run of an earlier start, whose pipeline was still going then.
    private func earlier(_ name: String, _ pipeline: Int64) -> Run {
        var run = Run(.run(name, "11:00"), state: .triggered)
        run.pipeline = .number(pipeline)
        run.triggeredAt = .at("11:00")
        return run
    }

    private func show(_ world: inout World, _ pipeline: Int64, _ progress: Progress) {
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(pipeline, progress)], serverTime: nil))))
    }

    @Test("The end is the creation of the last pipeline; the next start watches them")
    func creation() throws {
        var world = noWait([try job("a"), try job("b")])
        #expect(world.take("post") == ["post a@12:00", "post b@12:00"])
        world.tell(.posted(.run("a", "12:00"), .success(.number(1))))
        world.pass(.seconds(30))
        #expect(world.ending == nil, "b may not be created yet")
        world.tell(.posted(.run("b", "12:00"), .success(.number(2))))
        #expect(world.ending?.code == 0 && world.ending?.ledgerIsWhole == true)
        #expect(world.ending?.words.hasSuffix("2 open runs are for the next start to watch") == true)
        #expect(world.states == ["a@12:00 triggered", "b@12:00 triggered"])
    }

    @Test("Nothing due: it ends at once")
    func nothing() throws {
        #expect(noWait([try job("a")], covered: "12:00", at: "12:30").ending?.words == "nothing was due")
    }

    @Test("A refused POST is a bad end, because GitLab has nothing that tells of it")
    func refused() throws {
        var world = noWait([try job("a")])
        world.tell(.posted(.run("a", "12:00"), .failure(.refused("no"))))
        #expect(world.ending?.code == 1)
    }

    @Test("What the rate limit holds back is posted all the same")
    func rateLimit() throws {
        var world = noWait([try job("a"), try job("b")]) { $0.ratePerMinute = 1 }
        #expect(world.take("post") == ["post a@12:00"])
        world.tell(.posted(.run("a", "12:00"), .success(.number(1))))
        #expect(world.ending == nil)
        world.pass(.seconds(120))
        #expect(world.take("post") == ["post b@12:00"])
        world.tell(.posted(.run("b", "12:00"), .success(.number(2))))
        #expect(world.ending?.code == 0)
    }

    @Test("A lost answer is cleared up first")
    func uncertain() throws {
        var world = noWait([try job("a")])
        world.tell(.posted(.run("a", "12:00"), .failure(.uncertain("timeout"))))
        world.pass(.seconds(1))
        #expect(world.ending == nil)
        let found = Search(
            found: [.run("a", "12:00"): [.of(5, .going)]], isComplete: true, serverTime: nil)
        world.tell(.searched(project: "7", .success(found)))
        #expect(world.ending?.code == 0 && world.states == ["a@12:00 triggered"])
    }

    @Test(
        "The pipeline of an earlier start is looked at once",
        arguments: [
            (Progress.going, "triggered"), (.succeeded, "succeeded"), (.canceled, "canceled"),
        ] as [(Progress, String)])
    func looks(progress: Progress, state: String) throws {
        var world = noWait([try job("a")], covered: "11:30", at: "11:45", open: [earlier("a", 1)])
        #expect(world.ending == nil)
        world.pass(.seconds(5))
        #expect(world.ending == nil && world.take("look") == ["look a@11:00 1"])
        show(&world, 1, progress)
        #expect(world.ending?.code == 0 && world.states == ["a@11:00 \(state)"])
    }

    @Test("…and retried, without waiting for the end of the retry")
    func retries() throws {
        var world = noWait([try job("a") { $0.retries = 1 }], at: "11:45", open: [earlier("a", 1)])
        world.pass(.seconds(5))
        show(&world, 1, .failed)
        #expect(world.ending == nil)
        world.pass(.seconds(10))
        world.showFailedJob(of: .run("a", "11:00"))
        #expect(world.take("retry").count == 1 && world.ending == nil)
        world.tell(.retried(.run("a", "11:00"), .success([])))
        #expect(world.ending?.code == 0 && world.rows[.run("a", "11:00")]?.attempts == 2)
    }

    @Test(
        "A claim that waits for an earlier run of its job is left to the next start",
        arguments: [true, false])
    func queued(isOver: Bool) throws {
        var world = noWait([try job("a") { $0.overlap = .queue }], open: [earlier("a", 1)])
        world.pass(.seconds(5))
        show(&world, 1, isOver ? .succeeded : .going)
        #expect(world.take("post") == (isOver ? ["post a@12:00"] : []))
        guard isOver else {
            #expect(world.ending?.code == 0 && world.states == ["a@11:00 triggered", "a@12:00 claimed"])
            return
        }
        world.tell(.posted(.run("a", "12:00"), .success(.number(2))))
        #expect(world.ending?.code == 0 && world.states == ["a@11:00 succeeded", "a@12:00 triggered"])
    }

    @Test("What a running successor has taken over is left to it")
    func superseded() throws {
        var world = World.started(
            [try job("a")], instances: [.number(50)], at: "12:00", covered: ["a": .at("11:30")]
        ) {
            $0.mode = .once(wait: false)
        }
        world.pass(.seconds(5))
        #expect(world.states == ["a@12:00 claimed"], "another may have posted it: \(world.take())")
        #expect(world.ending == nil)
        world.instances = [.number(51, created: 5)]
        #expect(world.ending == nil)
        world.pass(.seconds(60))
        #expect(world.logged("superseded") == 1)
        #expect(world.ending?.code == 0 && world.states == ["a@12:00 claimed"])
    }

    @Test("The next start adopts what this one left, and ends without waiting for it")
    func nextStart() throws {
        var world = noWait([try job("a")])
        world.tell(.posted(.run("a", "12:00"), .success(.number(1))))
        #expect(world.ending?.code == 0)
        world.restart([try job("a")]) { $0.mode = .once(wait: false) }
        world.pass(.seconds(5))
        #expect(world.take("look") == ["look a@12:00 1"])
        show(&world, 1, .going)
        #expect(world.ending?.code == 0 && world.states == ["a@12:00 triggered"])
    }
}
