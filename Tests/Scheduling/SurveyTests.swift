import Testing

@testable import Scheduling

@Suite("Scheduler: what GitLab knows and the ledger does not")
struct SurveyTests {
    let own = Instance.number(50)

    func hourly(_ change: (inout Job) -> Void = { _ in }) throws -> Job {
        try .named("a", "0 * * * *", in: .utc, change)
    }

    func sighting(
        _ pipeline: Int64, _ progress: Progress, _ created: String, changed: String? = nil,
        ref: String = "main"
    ) -> Sighting {
        Sighting(
            pipeline: .number(pipeline), progress: progress, ref: ref, createdAt: .at(created),
            changedAt: .at(changed ?? created))
    }

    /// An instance with an empty ledger, in CI or not.
    func blank(
        _ jobs: [Job], at now: String, _ survey: [RunID: [Sighting]]?, inCI: Bool = true
    ) -> World {
        let former = [Instance.number(49, created: -86_400, status: .over(isSuccess: true, at: nil))]
        var world = World(jobs, at: now, covered: [:], instances: [own], former: former, survey: survey) {
            $0.instance = inCI ? 50 : nil
        }
        if inCI { world.tell(.identified(.success(own))) }
        world.pass(.zero)
        return world
    }

    @Test(
        "What another instance runs for a job is in the way of what was left unposted",
        arguments: [true, false])
    func foundRunIsInTheWay(isUncertain: Bool) throws {
        var left = Run(.run("a", "11:00"), state: isUncertain ? .uncertain : .claimed)
        left.claimedAt = .at("11:00")
        left.sentAt = isUncertain ? .at("11:00") : nil
        let later = [RunID.run("a", "12:00"): [sighting(7, .going, "12:00:01")]]
        var world = World(
            [try hourly()], at: "12:10", covered: ["a": .at("11:00")], open: [left], instances: [own],
            survey: later
        ) {
            $0.instance = 50
        }
        world.tell(.identified(.success(own)))
        for _ in 0..<20 {
            world.pass(.seconds(10))
            guard !world.take("search").isEmpty else { continue }
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.orders.isEmpty && world.states == ["a@11:00 claimed", "a@12:00 triggered"])
        world.tell(.looked(.run("a", "12:00"), .success(.of(7, .succeeded))))
        for _ in 0..<20 {
            world.pass(.seconds(10))
            guard !world.take("search").isEmpty else { continue }
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.orders.map(\.run) == [.run("a", "11:00")])
    }

    @Test("An empty ledger and an empty GitLab: a first start, without a past", arguments: [true, false])
    func firstStart(inCI: Bool) throws {
        let world = blank([try hourly()], at: "12:30", [:], inCI: inCI)
        #expect(world.covered == ["a": .at("12:30")] && world.rows.isEmpty)
        #expect(world.logged("rebuilt") == 0 && world.logged("scheduling") == 1)
    }

    @Test("Nothing is written or planned before GitLab has been read", arguments: [true, false])
    func waits(inCI: Bool) throws {
        var world = blank([try hourly()], at: "12:59:50", nil, inCI: inCI)
        #expect(world.take("survey") == ["survey since 2026-02-22T11:59:50Z"])
        for failures in 1...6 {
            world.tell(.surveyed(project: "7", .failure(.unavailable("503"))))
            world.pass(.seconds(80))
            #expect(world.take("survey").count == 1, "\(failures)")
        }
        #expect(world.covered.isEmpty && world.rows.isEmpty && world.logged("gitlab") == 1)
        world.tell(.surveyed(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.pass(.zero)
        #expect(world.states == ["a@13:00 claimed"], "new at 12:59:50, so 13:00 is its first fire time")
    }

    @Test(
        "An empty ledger and a GitLab with runs is a lost one: history, marks and running pipelines come back"
    )
    func lost() throws {
        let job = try hourly { $0.overlap = .allow }
        let world = blank(
            [job, try .named("b", "30 * * * *")], at: "12:00:10",
            [
                .run("a", "07:00"): [sighting(1, .succeeded, "07:00:01", changed: "07:05")],
                .run("a", "09:00"): [sighting(2, .failed, "09:00:01", changed: "09:05")],
                .run("a", "11:00"): [sighting(3, .going, "11:00:01")],
                .run("gone", "10:15"): [sighting(4, .canceled, "10:15:01")],
            ])
        #expect(
            world.states == [
                "a@07:00 succeeded", "a@08:00 skipped", "a@09:00 failed", "a@10:00 skipped",
                "gone@10:15 canceled",
                "a@11:00 triggered", "a@12:00 claimed",
            ])
        #expect(world.rows[.run("a", "08:00")]?.reason?.hasPrefix("unrecorded: ") == true)
        let first = try #require(world.rows[.run("a", "07:00")])
        #expect(first.triggeredAt == .at("07:00:01") && first.finishedAt == .at("07:05"))
        #expect(world.covered == ["a": .at("12:00"), "b": .at("12:00:10")], "b has no past")
        #expect(world.logged("rebuilt") == 1)
    }

    @Test(
        "What fell due before the start is looked up, though nobody else is known", arguments: [true, false])
    func lostAndUncertain(inCI: Bool) throws {
        var world = blank(
            [try hourly { $0.overlap = .allow }], at: "12:00:10",
            [.run("a", "11:00"): [sighting(3, .succeeded, "11:00:01")]], inCI: inCI)
        #expect(world.take("post") == [] && world.states.last == "a@12:00 claimed")
        world.pass(to: "12:01:24")
        #expect(world.take("post") == [])
        for _ in 0..<3 {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.take("post") == ["post a@12:00"])
    }

    @Test("A stale ledger learns what others did since, and keeps what it has")
    func stale() throws {
        let job = try hourly { $0.overlap = .allow }
        var done = Run(.run("a", "09:00"), state: .triggered)
        (done.project, done.ref, done.pipeline) = ("7", "main", .number(1))
        var world = World(
            [job], at: "12:30", covered: ["a": .at("09:00")], open: [done], instances: [own],
            survey: [
                .run("a", "09:00"): [sighting(1, .succeeded, "09:00:01")],
                .run("a", "10:00"): [sighting(2, .succeeded, "10:00:01")],
                .run("a", "12:00"): [sighting(3, .going, "12:00:01")],
            ]
        ) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(.zero)
        #expect(
            world.states == [
                "a@09:00 succeeded", "a@10:00 succeeded", "a@11:00 skipped", "a@12:00 triggered",
            ])
        #expect(
            world.covered["a"] == .at("12:00") && world.take("post") == [] && world.logged("rebuilt") == 0)
    }

    @Test("A row that the ledger has after all stays as it is")
    func known() throws {
        let id = RunID.run("a", "12:00")
        var world = World(
            [try hourly()], at: "12:30", covered: ["a": .at("12:00")], instances: [own],
            survey: [id: [sighting(3, .going, "12:00:01")]], duplicates: [id]
        ) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(.seconds(120))
        #expect(world.rows.isEmpty && world.logged("duplicate") == 0)
        #expect(world.scheduler.openRuns.isEmpty && world.take("look") == [])
    }

    @Test("After a clean end, and nobody since, the ledger is the truth: nothing is read and nothing waits")
    func cleanEnd() throws {
        let job = try hourly()
        func start(_ previous: Session, former: [Instance]) -> World {
            var world = World(
                [job], at: "12:00:20", covered: ["a": .at("11:00")], instances: [own], former: former,
                survey: nil, past: Past(last: previous)
            ) { $0.instance = 50 }
            world.tell(.identified(.success(own)))
            world.pass(.zero)
            return world
        }
        let over = Instance.Status.over(isSuccess: true, at: .at("11:59:40"))
        let last = Instance.number(48, created: -600, status: over)
        let clean = Session(instance: 48, endedAt: .at("11:59:30"))
        var world = start(clean, former: [last])
        #expect(world.take().filter { !$0.hasPrefix("prune") } == ["identify 50", "post a@12:00"])
        world = start(clean, former: [.number(49, created: -60, status: over), last])
        #expect(world.take("survey").count == 1, "somebody else has run since")
        world = start(clean, former: [.number(49, created: -60, status: .idle), last])
        #expect(world.take("post") == ["post a@12:00"], "a job that never started has done nothing")
        world = start(Session(instance: 48, endedAt: nil), former: [last])
        #expect(world.take("survey").count == 1, "it did not end in order")
    }

    @Test("Outside CI, an earlier copy of the ledger is brought up to date like an empty one")
    func earlierCopy() throws {
        let clean = Session(instance: nil, endedAt: .at("11:00:10"))
        var world = World(
            [try hourly()], at: "12:00:20", covered: ["a": .at("11:00")], survey: nil,
            past: Past(last: clean, isLatest: false))
        world.pass(.zero)
        #expect(world.take("survey").count == 1 && world.take("post") == [])
        world.tell(.surveyed(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.pass(.zero)
        #expect(world.take("search").count == 1 && world.take("post") == [], "somebody may have posted it")
    }

    @Test(
        "Outside CI, what fell due before the ledger was new may have been posted from the one that was lost")
    func youngLedger() throws {
        for (begun, posts) in [("12:00:10", []), ("11:59", ["post a@12:00"])] {
            var world = World(
                [try hourly()], at: "12:00:20", covered: ["a": .at("11:00")],
                past: Past(last: Session(instance: nil, endedAt: nil), unknownPostsUntil: .at(begun)))
            world.pass(.zero)
            #expect(world.take("post") == posts)
        }
    }
}
