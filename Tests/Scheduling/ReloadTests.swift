import Testing

@testable import Scheduling

@Suite("Scheduler: starting and reloading")
struct ReloadTests {
    private func job(_ name: String, _ expression: String = "0 * * * *") throws -> Job {
        try .named(name, expression)
    }

    @Test("A job without a mark is new: it has no past")
    func newJob() throws {
        var world = World([try job("a")], at: "12:30", covered: [:])
        #expect(world.rows.isEmpty && world.covered == ["a": .at("12:30")])
        world.pass(to: "13:00")
        #expect(world.states == ["a@13:00 claimed"])
    }

    @Test("What fell due while nobody ran is caught up, and every fire time has its row")
    func catchUp() throws {
        let world = World([try job("a")], at: "15:30", covered: ["a": .at("12:30")])
        #expect(world.states == ["a@13:00 skipped", "a@14:00 skipped", "a@15:00 claimed"])
        #expect(world.rows[.run("a", "13:00")]?.reason == "superseded by a newer fire time in catch-up")
        #expect(world.covered == ["a": .at("15:00")])
        #expect(world.logged("skipped") == 1, "many skips are one line of the log")
    }

    @Test("A job that is gone loses its mark; its runs stay")
    func forgotten() throws {
        let world = World([try job("a")], covered: ["a": .at("12:00"), "gone": .at("11:00")])
        #expect(world.covered == ["a": .at("12:00")])
    }

    @Test("Reload: added, changed, removed")
    func reload() throws {
        var world = World([try job("same"), try job("changed"), try job("removed")])
        world.pass(to: "12:30")
        world.tell(
            .reloaded([try job("added", "*/20 * * * *"), try job("same"), try job("changed", "45 * * * *")]))
        #expect(world.log.last?.message == "job files read again: 3 jobs, 1 new, 1 changed, 1 removed")
        #expect(world.covered == ["same": .at("12:00"), "changed": .at("12:00"), "added": .at("12:30")])
        world.pass(to: "13:00")
        #expect(
            world.states == [
                "added@12:40 claimed", "changed@12:45 claimed", "added@13:00 skipped", "same@13:00 claimed",
            ])
    }

    @Test("Reload: a new schedule has promised nothing for the time before")
    func reloadWithAnotherSchedule() throws {
        var world = World([try job("a"), try job("same", "15 * * * *")])
        world.pass(to: "12:10")
        world.now = .at("12:20")
        world.tell(.reloaded([try job("a", "15 * * * *"), try job("same", "15 * * * *")]))
        world.pass(to: "13:14")
        #expect(world.states == ["same@12:15 claimed"])
        world.pass(to: "13:15")
        #expect(world.states.contains("a@13:15 claimed"))
    }

    @Test("Reload: what waits of a removed job is dropped, what runs is watched to its end")
    func reloadWithOpenRuns() throws {
        let queue = try Job.named("a", "0 * * * *") { $0.overlap = .queue }
        var world = World([queue])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.pass(to: "14:00")
        world.tell(.reloaded([try job("b")]))
        #expect(world.states == ["a@13:00 triggered", "a@14:00 skipped"])
        #expect(world.rows[.run("a", "14:00")]?.reason == "the job was removed while the fire time waited")
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(1, .succeeded)], serverTime: nil))))
        #expect(world.states == ["a@13:00 succeeded", "a@14:00 skipped"])
    }

    @Test("Reload: what waits of a kept job still waits, and the open run still counts")
    func reloadKeepsTheQueue() throws {
        let queue = try Job.named("a", "0 * * * *") { $0.overlap = .queue }
        var world = World([queue])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.pass(to: "14:00")
        world.tell(.reloaded([try job("b"), queue]))
        world.pass(.seconds(60))
        #expect(world.take("post") == ["post a@13:00"])
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(1, .succeeded)], serverTime: nil))))
        #expect(world.take("post") == ["post a@14:00"])
    }

    @Test("A job that is not enabled has rows too: paused")
    func paused() throws {
        let off = try Job.named("a", "0 * * * *") { $0.isEnabled = false }
        var world = World([off])
        world.pass(to: "14:30")
        #expect(world.states == ["a@13:00 skipped", "a@14:00 skipped"])
        #expect(world.rows[.run("a", "14:00")]?.reason == "paused: the job is not enabled")
        world.tell(.reloaded([try job("a")]))
        world.pass(to: "15:00")
        #expect(world.take("post") == ["post a@15:00"], "enabled again: no catch-up of the pause")
    }

    @Test(
        "A run loaded before its job was declared is posted when it is declared")
    func declaredLater() throws {
        let own = Instance.number(50)
        let claim = Run(.run("a", "12:00"), state: .claimed)
        var world = World([], at: "12:10", open: [claim], instances: [own]) { $0.instance = 50 }
        world.tell(.reloaded([try job("a")]))
        world.tell(.identified(.success(own)))
        for _ in 0..<12 {
            world.pass(.seconds(15))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.take("post") == ["post a@12:00"])
    }

    @Test("Runs that another process began: with a pipeline at once, without one when its POST is over")
    func found() throws {
        var world = World([try job("a")])
        var theirs = Run(.run("a", "12:10:05"), state: .claimed)
        (theirs.claimedAt, theirs.sentAt) = (.at("12:10:05"), .at("12:10:05"))
        world.pass(to: "12:10:10")
        world.tell(.found([theirs]))
        #expect(world.scheduler.openRuns.isEmpty)
        theirs.state = .triggered
        theirs.pipeline = .number(5)
        var mine = World([try job("a")], open: [theirs])
        mine.pass(.seconds(5))
        #expect(mine.take("look").first == "look a@12:10:05 5")
        world.tell(.found([theirs]))
        world.tell(.found([theirs]))
        #expect(world.scheduler.openRuns.map(\.id.short) == ["a@12:10:05"])
        world.pass(.seconds(5))
        #expect(world.take("look") == ["look a@12:10:05 5"])
    }

    @Test("A claim of an earlier life waits for a later run that another process has begun")
    func claimBehindALaterRun() throws {
        var left = Run(.run("a", "11:00"), state: .claimed)
        left.claimedAt = .at("11:00")
        var later = Run(.run("a", "12:00"), state: .triggered)
        (later.project, later.ref, later.pipeline) = ("7", "main", .number(7))
        let queue = try Job.named("a", "0 * * * *") { $0.overlap = .queue }
        var world = World([queue], at: "12:10", covered: ["a": .at("12:00")], open: [left, later])
        world.pass(.seconds(60))
        #expect(world.take("post") == [])
        world.tell(.listed(project: "7", .success(Listing(sightings: [.of(7, .succeeded)], serverTime: nil))))
        #expect(world.take("post") == ["post a@11:00"])
    }

    @Test("Once a day, runs that are over for so long as they are kept are forgotten")
    func prune() throws {
        var world = World([try job("a", "0 0 1 1 *")]) { $0.keep = .seconds(10 * 86_400) }
        world.pass(.seconds(2 * 86_400 - 1))
        #expect(world.take() == ["prune 2026-02-20T12:00:00Z", "prune 2026-02-21T12:00:00Z"])
    }
}
