import Testing

@testable import Scheduling

@Suite("Scheduler: overlap and what waits")
struct OverlapTests {
    private func hourly(_ overlap: OverlapPolicy, _ catchUp: CatchUpPolicy = .latest) throws -> Job {
        try .named("a", "0 * * * *") { ($0.overlap, $0.catchUp) = (overlap, catchUp) }
    }

    /// A world at 13:00 in which the run of that hour has pipeline 13.
    private func going(_ job: Job) -> World {
        var world = World([job])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        #expect(world.take("post") == ["post a@13:00"])
        return world
    }

    private func see(_ world: inout World, _ pipeline: Int64, _ progress: Progress) {
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(pipeline, progress)], serverTime: nil))))
    }

    @Test(
        "Skip: the pipeline is looked at first, as it may be over already",
        arguments: [
            Result<Progress, Trouble>.success(.going), .success(.succeeded), .failure(.unavailable("503")),
        ])
    func skip(look: Result<Progress, Trouble>) throws {
        var world = going(try hourly(.skip))
        world.pass(to: "14:00")
        #expect(world.take().contains("look a@13:00 13"))
        #expect(world.covered["a"] == .at("13:00"), "not decided yet")
        world.tell(.looked(.run("a", "13:00"), look.map { .of(13, $0) }))
        world.pass(.seconds(1))
        if look == .success(.succeeded) {
            #expect(world.states == ["a@13:00 succeeded", "a@14:00 claimed"])
            return
        }
        #expect(world.states == ["a@13:00 triggered", "a@14:00 skipped"] && world.take("post") == [])
        let row = try #require(world.rows[.run("a", "14:00")])
        #expect(row.reason == "overlap: an earlier run was still open" && row.finishedAt == .at("14:00"))
        see(&world, 13, .succeeded)
        world.pass(to: "15:00")
        #expect(world.take("post") == ["post a@15:00"])
    }

    @Test(
        "Skip: a look that is under way is waited for, too")
    func skipDuringALook() throws {
        var world = World([try .named("a", "0,1 13 * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        while world.now < .at("13:01") {
            world.pass(.seconds(5))
            world.tell(.listed(project: "7", .success(Listing(sightings: [], serverTime: world.now))))
        }
        #expect(world.take("look").first == "look a@13:00 13")
        world.tell(.looked(.run("a", "13:00"), .success(.of(13, .succeeded))))
        world.pass(.seconds(1))
        #expect(world.states == ["a@13:00 succeeded", "a@13:01 claimed"])
    }

    @Test("Skip: a run that has just been seen is not looked at again")
    func skipWithoutALook() throws {
        var world = World([try .named("a", "@every 1s")])
        world.pass(.seconds(1))
        world.tell(.posted(.run("a", "12:00:01"), .success(.number(1))))
        world.pass(.seconds(1))
        #expect(world.take("look") == [] && world.states == ["a@12:00:01 triggered", "a@12:00:02 skipped"])
    }

    @Test("Queue: what waits is posted in order, one when the other is over")
    func queue() throws {
        var world = going(try hourly(.queue))
        world.pass(to: "16:00")
        #expect(world.take("post") == [])
        #expect(
            world.states.filter { $0.hasSuffix("claimed") } == [
                "a@14:00 claimed", "a@15:00 claimed", "a@16:00 claimed",
            ])
        #expect(world.rows[.run("a", "14:00")]?.sentAt == nil)
        see(&world, 13, .succeeded)
        #expect(world.take("post") == ["post a@14:00"])
        world.tell(.posted(.run("a", "14:00"), .failure(.refused("no"))))
        #expect(world.take("post") == ["post a@15:00"])
        world.tell(.posted(.run("a", "15:00"), .success(.number(15))))
        #expect(world.take("post") == [])
        see(&world, 15, .failed)
        world.showFailedJob(of: .run("a", "15:00"))
        #expect(world.take("post") == ["post a@16:00"])
    }

    @Test("What waits survives a restart, in its order")
    func queueAfterARestart() throws {
        var world = going(try hourly(.queue))
        world.pass(to: "15:00")
        world.restart([try hourly(.queue)])
        #expect(world.take("post") == [])
        see(&world, 13, .succeeded)
        #expect(world.take("post") == ["post a@14:00"])
        world.tell(.posted(.run("a", "14:00"), .failure(.refused("no"))))
        #expect(world.take("post") == ["post a@15:00"])
    }

    @Test func allow() throws {
        var world = going(try hourly(.allow))
        world.pass(to: "15:00")
        #expect(world.take("post") == ["post a@14:00", "post a@15:00"])
    }

    @Test("Cancel: the earlier pipeline is canceled, and the newer does not wait for it")
    func cancel() throws {
        var world = going(try hourly(.cancel))
        _ = world.take()
        world.pass(to: "14:00")
        #expect(world.take().filter { !$0.hasPrefix("list") } == ["cancel a@13:00 13", "post a@14:00"])
        world.tell(.canceled(.run("a", "13:00"), .success(())))
        see(&world, 13, .canceled)
        let row = try #require(world.rows[.run("a", "13:00")])
        #expect(row.state == .canceled && row.reason == "overlap: gave way to 2026-03-02T14:00:00Z")
    }

    @Test("Cancel: a pipeline that waits for a person gives way, too")
    func cancelBlocked() throws {
        var world = going(try hourly(.cancel))
        see(&world, 13, .blocked)
        _ = world.take()
        world.pass(to: "14:00")
        #expect(world.take().filter { !$0.hasPrefix("list") } == ["cancel a@13:00 13", "post a@14:00"])
        see(&world, 13, .canceled)
        #expect(world.states == ["a@13:00 canceled", "a@14:00 claimed"])
    }

    @Test("Cancel: what was not posted yet is not posted any more")
    func cancelAClaim() throws {
        var world = World([try hourly(.cancel)])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.limited("w", retryAfter: .seconds(7_000)))))
        world.pass(to: "14:00")
        #expect(world.states == ["a@13:00 skipped", "a@14:00 claimed"])
        #expect(world.rows[.run("a", "13:00")]?.reason == "overlap: gave way to 2026-03-02T14:00:00Z")
        world.pass(to: "14:59")
        #expect(world.take("post") == ["post a@13:00", "post a@14:00"])
    }

    @Test("Cancel: a POST under way is canceled as soon as its pipeline is known")
    func cancelInFlight() throws {
        var world = World([try hourly(.cancel)])
        world.pass(to: "14:00")
        #expect(world.take("cancel") == [])
        world.tell(.posted(.run("a", "13:00"), .success(.number(13))))
        #expect(world.take("cancel") == ["cancel a@13:00 13"])
    }

    @Test(
        "Cancel: a run that gave way and was never created is not created for it",
        arguments: [
            Trouble.unavailable("down"), .limited("w", retryAfter: nil),
        ])
    func cancelInFlightThatFailed(trouble: Trouble) throws {
        var world = World([try hourly(.cancel)])
        world.pass(to: "14:00")
        _ = world.take()
        world.tell(.posted(.run("a", "13:00"), .failure(trouble)))
        world.tell(.posted(.run("a", "14:00"), .success(.number(14))))
        world.pass(to: "14:10")
        #expect(world.take("post") == [])
        #expect(world.states == ["a@13:00 skipped", "a@14:00 triggered"])
    }

    @Test("Cancel: what gave way is not canceled once more by its timeout")
    func cancelAndTimeout() throws {
        let job = try hourly(.cancel)
        var world = going(
            try .named("a", "0 * * * *") { ($0.overlap, $0.timeout) = (job.overlap, .seconds(5_400)) })
        world.pass(to: "14:00")
        world.tell(.canceled(.run("a", "13:00"), .success(())))
        #expect(world.take("cancel") == ["cancel a@13:00 13"])
        world.pass(to: "14:59")
        #expect(world.take("cancel") == [])
    }

    @Test(
        "Cancel: a cancellation that did not get through is tried again")
    func cancelAgain() throws {
        var world = going(try hourly(.cancel))
        world.pass(to: "14:00")
        #expect(world.take("cancel") == ["cancel a@13:00 13"])
        world.tell(.canceled(.run("a", "13:00"), .failure(.unavailable("503"))))
        world.pass(to: "14:05")
        #expect(world.take("cancel") == ["cancel a@13:00 13"])
    }

    @Test("A pipeline that waits for a person is not in the way")
    func blocked() throws {
        var world = going(try hourly(.queue))
        world.pass(to: "14:00")
        #expect(world.take("post") == [])
        see(&world, 13, .blocked)
        #expect(world.take("post") == ["post a@14:00"])
        world.tell(.posted(.run("a", "14:00"), .success(.number(14))))
        see(&world, 14, .blocked)
        world.pass(to: "15:00")
        #expect(world.take("post") == ["post a@15:00"])
        #expect(world.states == ["a@13:00 blocked", "a@14:00 blocked", "a@15:00 claimed"])
        see(&world, 13, .going)
        #expect(world.states.first == "a@13:00 triggered")
        see(&world, 13, .succeeded)
        see(&world, 14, .succeeded)
        #expect(world.states == ["a@13:00 succeeded", "a@14:00 succeeded", "a@15:00 claimed"])
    }

    @Test(
        "A claim found at the start does not wait for a run that waits for a person")
    func claimBehindABlockedRun() throws {
        var world = going(try hourly(.skip))
        see(&world, 13, .blocked)
        world.pass(to: "14:00")
        world.tell(.posted(.run("a", "14:00"), .failure(.unavailable("down"))))
        #expect(world.take("post") == ["post a@14:00"])
        world.restart([try hourly(.skip)])
        world.pass(to: "14:10")
        #expect(world.take("post") == ["post a@14:00"])
    }

    @Test("Catch-up of all: one after the other, in order, and the newest fire time too")
    func catchUpOfAll() throws {
        var world = World([try hourly(.skip, .all)], covered: ["a": .at("09:30")])
        #expect(world.states == ["a@10:00 claimed", "a@11:00 claimed", "a@12:00 claimed"])
        for (hour, next) in [("10:00", "11:00"), ("11:00", "12:00")] {
            #expect(world.take("post") == ["post a@\(hour)"])
            world.tell(.posted(.run("a", hour), .failure(.refused("no"))))
            #expect(world.scheduler.openRuns.first?.id == .run("a", next))
        }
        #expect(world.take("post") == ["post a@12:00"])
    }

    @Test(
        "A fire time that the ledger has already lets no other one go early", arguments: ["11:00", "12:00"])
    func duplicateAmongWhatWaits(known: String) throws {
        var world = World(
            [try hourly(.skip, .all)], covered: ["a": .at("09:30")], duplicates: [.run("a", known)])
        #expect(world.take("post") == ["post a@10:00"], "10:00 is still open")
        world.tell(.posted(.run("a", "10:00"), .failure(.refused("no"))))
        #expect(world.take("post") == [known == "11:00" ? "post a@12:00" : "post a@11:00"])
    }
}
