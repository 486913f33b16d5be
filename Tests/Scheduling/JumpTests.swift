import CivilTime
import Testing

@testable import Scheduling

/// A clock that jumps, and marks and run ids of times still to come. No fire time is lost, and none runs twice.
@Suite("Scheduler: clocks and run ids from the future")
struct JumpTests {
    private static let jumps: [Int64] = [3_600, 30 * 86_400, 3_650 * 86_400]

    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    /// GitLab's clock is right, and the scheduler hears its time at the start.
    private func world(covered: [String: Instant]? = nil, past: Past = Past()) throws -> World {
        var world = World([try hourly()], covered: covered, past: past, hasTargets: nil)
        world.gitlabAhead = .zero
        world.tell(.verified(project: "7", ref: "main", .success(world.now)))
        _ = world.take()
        return world
    }

    @Test("Six seconds of a clock that is ahead decide nothing", arguments: jumps)
    func sixSeconds(ahead: Int64) throws {
        var world = try world()
        world.pass(to: "12:30")
        world.setClock(to: world.now + .seconds(ahead), isRight: false)
        world.pass(.seconds(6))
        #expect(world.states == [] && world.take("post") == [])
        world.setClock(to: .at("12:30:06"), isRight: false)
        world.pass(to: "13:00")
        #expect(world.states == ["a@13:00 claimed"] && world.take("post") == ["post a@13:00"])
        #expect(world.covered == ["a": .at("13:00")])
    }

    @Test("Until GitLab confirms it, time goes on from where it was, and one line an hour says so")
    func unconfirmed() throws {
        var world = try world()
        world.setClock(to: .at("14:00"), isRight: false)
        #expect(world.logged("clock") == 1)
        #expect(world.scheduler.memo.notes.count == 1)
        world.pass(.seconds(3_599))
        #expect(world.states == [] && world.logged("clock") == 1)
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post a@13:00"], "an hour after noon, whatever the clock shows")
        world.pass(.seconds(7_200))
        #expect(world.logged("clock") == 4)
        world.gitlabAhead = .zero
        world.pass(.seconds(60))
        #expect(world.logged("clock") == 6, "set forward, and agreed")
        #expect(world.scheduler.memo.notes == [])
        #expect(world.covered == ["a": .at("17:00")], "caught up")
    }

    @Test(
        "A run that began by a clock that was ahead is watched on when its fire time comes, and not skipped")
    func stillOpen() throws {
        var world = World([try hourly()], at: "12:59:59", covered: ["a": .at("12:00")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(17))))
        world.gitlabAhead = .seconds(-1_500)
        world.setClock(to: .at("12:35"), isRight: false)
        world.pass(.seconds(1))
        world.tell(.verified(project: "7", ref: "main", .success(world.now)))
        #expect(world.covered["a"].map { $0 < .at("13:00") } == true)
        world.pass(to: "13:00:10")
        world.tell(.looked(.run("a", "13:00"), .success(.of(17, .going))))
        world.pass(.seconds(1))
        #expect(world.covered == ["a": .at("13:00")])
        #expect(world.states == ["a@13:00 triggered"] && world.logged("skipped") == 0)
        #expect(world.scheduler.openRuns.map(\.id) == [.run("a", "13:00")])
        world.see(.succeeded)
        #expect(world.states == ["a@13:00 succeeded"])
    }

    @Test("A step that GitLab confirms is caught up at once")
    func confirmed() throws {
        var world = try world()
        world.setClock(to: .at("15:30"))
        world.pass(.zero)
        #expect(world.states == ["a@13:00 skipped", "a@14:00 skipped", "a@15:00 claimed"])
    }

    @Test("Begun with a clock that is ahead: what did not run is decided anew, what ran is not")
    func begunAhead() throws {
        let jobs = [try hourly(), try Job.named("b", "0,30 * * * *") { $0.catchUp = .all }]
        let marks = ["a": Instant.at("12:10"), "b": Instant.at("12:10")]
        // The true time is 12:10, and the clock shows 14:10.
        var world = World(jobs, at: "14:10", covered: marks, hasTargets: nil)
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post b@12:30", "post a@14:00"])
        world.tell(.posted(.run("a", "14:00"), .success(.number(1))))
        world.gitlabAhead = .seconds(-7_200)
        world.tell(.verified(project: "7", ref: "main", .success(world.now - .seconds(7_200))))
        world.setClock(to: .at("12:10:06"), isRight: false)
        #expect(world.logged("future") == 1)
        #expect(world.covered == ["a": .at("12:10:06"), "b": .at("12:10:06")])
        #expect(world.states == ["b@12:30 claimed", "a@14:00 triggered"], "one was sent, one has run")
        world.tell(.posted(.run("b", "12:30"), .success(.number(2))))
        world.tell(.looked(.run("b", "12:30"), .success(.of(2, .succeeded))))
        world.tell(.looked(.run("a", "14:00"), .success(.of(1, .succeeded))))
        _ = world.take()
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post a@13:00", "post b@13:00"])
        #expect(world.logged("duplicate") == 1, "b@12:30 has run")
    }

    @Test("A mark in the future stays until GitLab has answered; then it goes back to what was decided")
    func loadedMark() throws {
        let past = Past(newestFireTime: .at("23:00"), lastDecided: ["a": .at("10:00")])
        var world = World([try hourly()], covered: ["a": .at("23:30")], past: past, hasTargets: nil)
        world.pass(.seconds(10))
        #expect(world.covered == ["a": .at("23:30")] && world.logged("future") == 1, "told at the start")
        world.tell(.verified(project: "7", ref: "main", .success(world.now)))
        world.pass(.zero)
        #expect(world.logged("future") == 2)
        #expect(world.states == ["a@11:00 skipped", "a@12:00 claimed"])
        #expect(world.covered == ["a": .at("12:00")])
    }

    @Test("A mark that is right by GitLab's clock is none of the future: the own clock is behind")
    func clockIsBehind() throws {
        var world = World([try hourly()], at: "10:00", covered: ["a": .at("12:00")], hasTargets: nil)
        world.tell(.verified(project: "7", ref: "main", .success(.at("12:05"))))
        world.pass(.seconds(60))
        #expect(world.covered == ["a": .at("12:00")] && world.states == [] && world.logged("clock") == 1)
    }

    @Test("The own clock is set back too far: what is decided up to GitLab's time stays decided")
    func setBackTooFar() throws {
        var world = World([try .named("a", "0,30 * * * *")], at: "11:50", hasTargets: nil)
        world.tell(.verified(project: "7", ref: "main", .success(.at("11:00"))))
        world.pass(to: "13:00")
        _ = world.take()
        // GitLab's clock shows 12:10. The own clock is set from 13:00 to 11:40.
        world.gitlabAhead = .seconds(-3_000)
        world.setClock(to: .at("11:40"), isRight: false)
        #expect(world.covered == ["a": .at("12:10")])
        #expect(world.states.filter { $0.hasPrefix("a@12:30") } == [])
        #expect(world.states.contains { $0.hasPrefix("a@12:00") })
    }

    @Test("A run id from the future silences nothing", arguments: ["13:00", "20:00", "23:00"])
    func forged(time: String) throws {
        let id = RunID.run("a", time)
        var world = World(
            [try hourly()], at: "12:10", covered: ["a": .at("12:00")], survey: [id: [.of(9, .succeeded)]],
            past: Past(isLatest: false), hasTargets: nil)
        world.pass(to: "15:00")
        let row = "a@\(time) succeeded"
        let own = ["a@13:00", "a@14:00", "a@15:00"].filter { $0 != "a@\(time)" }
        #expect(world.take("post").contains("post \(own[0])"))
        #expect(world.states.contains(row) && world.covered["a"] == .at("15:00"))
        #expect(Set(world.states.map { $0.prefix(7) }) == Set((own + ["a@\(time)"]).map { $0.prefix(7) }))
    }

    @Test("A claim that was not to be posted for years by a wrong clock waits an hour at most")
    func notBefore() throws {
        var run = Run(.run("a", "11:00"), state: .claimed)
        (run.project, run.ref, run.notBefore) = ("7", "main", .at("12:00") + .seconds(315_360_000))
        var world = World([try hourly()], open: [run])
        world.pass(.seconds(3_599))
        #expect(world.take("post") == [])
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post a@11:00"])
    }
}
