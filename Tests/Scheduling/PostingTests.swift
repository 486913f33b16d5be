import Testing

@testable import Scheduling

@Suite("Scheduler: claims and POSTs")
struct PostingTests {
    @Test("A fire time is claimed, committed, and only then posted")
    func postOnlyAfterCommitted() throws {
        var scheduler = Scheduler(
            jobs: [try .named("hourly", "0 * * * *")], covered: ["hourly": .at("12:00")], open: [],
            settings: Settings(project: "7", ref: "main"), now: .at("12:00"))
        _ = scheduler.handle(.woke, at: .at("12:00"))
        #expect(scheduler.nextWake.map { $0 <= .at("13:00") } == true)
        let claimed = scheduler.handle(.woke, at: .at("13:00"))
        guard claimed.changes.count == 2, case .insert(let run) = claimed.changes[1] else {
            Issue.record("\(claimed.changes)")
            return
        }
        #expect(claimed.changes[0] == .cover(job: "hourly", through: .at("13:00")))
        #expect(run.state == .claimed && run.sentAt == .at("13:00") && run.claimedAt == .at("13:00"))
        #expect(claimed.posts.isEmpty)
        let others = scheduler.handle(.woke, at: .at("13:00:01"))
        #expect(others.posts.isEmpty)
        let posted = scheduler.handle(.committed(duplicates: []), at: .at("13:00:01"))
        #expect(posted.posts.map(\.run.short) == ["hourly@13:00"])
        #expect(posted.changes.isEmpty)
    }

    @Test("From the fire time to success, as the ledger tells it")
    func wholeLife() throws {
        var world = World([try .named("hourly", "0 * * * *")])
        world.pass(to: "13:00:00.5")
        #expect(world.take("post") == ["post hourly@13:00"])
        world.tell(.posted(.run("hourly", "13:00"), .success(.number(17))))
        #expect(world.states == ["hourly@13:00 triggered"])
        world.pass(to: "13:00:06")
        #expect(world.take() == ["list since 12:59:00.500"])
        let going = Listing(sightings: [.of(17, .going), .of(99, .failed)], serverTime: .at("13:00:07"))
        world.tell(.listed(project: "7", .success(going)))
        world.pass(to: "13:00:12")
        #expect(world.take() == ["list since 13:00:02"])
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(17, .succeeded)], serverTime: nil))))
        let row = try #require(world.rows[.run("hourly", "13:00")])
        #expect(
            row.state == .succeeded && row.reason == nil && row.attempts == 1 && row.pipeline == .number(17))
        #expect(row.triggeredAt == .at("13:00:00.5") && row.lateness == .milliseconds(500))
        #expect(
            row.finishedAt == .at("13:00:12") && row.project == "7" && row.ref == "main" && row.instance == ""
        )
        #expect(world.scheduler.openRuns.isEmpty)
        world.pass(to: "13:59:59")
        #expect(world.take() == [], "nothing is left to watch")
        #expect(world.covered == ["hourly": .at("13:00")])
    }

    @Test("An order says where and for whom")
    func orders() throws {
        let elsewhere = try Job.named("there", "0 * * * *") { ($0.project, $0.ref) = ("group/other", "v2") }
        let other = Instance.number(60)
        var world = World([try .named("here", "0 * * * *"), elsewhere], instances: [other]) {
            $0.instance = 60
        }
        world.tell(.identified(.success(other)))
        world.pass(to: "13:00")
        let lines = world.orders.map {
            "\($0.run.short) \($0.project) \($0.ref) \($0.instance) \($0.job.name)"
        }
        #expect(lines.sorted() == ["here@13:00 7 main 60 here", "there@13:00 group/other v2 60 there"])
    }

    @Test("Refused for good: the words are kept, the next fire time is not affected")
    func refused() throws {
        var world = World([try .named("hourly", "0 * * * *")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("hourly", "13:00"), .failure(.refused("Reference not found"))))
        #expect(world.rows[.run("hourly", "13:00")]?.reason == "Reference not found")
        world.pass(to: "14:00")
        #expect(world.states == ["hourly@13:00 refused", "hourly@14:00 claimed"])
        world.tell(.posted(.run("hourly", "14:00"), .failure(.gone("404 Project Not Found"))))
        #expect(world.states == ["hourly@13:00 refused", "hourly@14:00 refused"])
        #expect(world.take("post") == ["post hourly@13:00", "post hourly@14:00"])
    }

    @Test("At most N pipelines in a minute, the oldest fire times first")
    func rateLimit() throws {
        let jobs = try (0..<7).map { try Job.named("j\($0)", "\(6 - $0) * * * *") }
        var world = World(
            jobs, at: "12:30", covered: Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, .at("11:30")) })
        ) { $0.ratePerMinute = 3 }
        #expect(world.take("post") == ["post j6@12:00", "post j5@12:01", "post j4@12:02"])
        for id in world.orders.map(\.run) { world.tell(.posted(id, .success(.number(id.fireTime.seconds)))) }
        world.pass(to: "12:31:00.999")
        #expect(world.take("post") == [])
        world.pass(to: "12:31:01")
        #expect(world.take("post") == ["post j3@12:03", "post j2@12:04", "post j1@12:05"])
        world.pass(to: "12:32:02")
        #expect(world.take("post") == ["post j0@12:06"])
    }

    @Test("Projects and refs have rates of their own")
    func lanes() throws {
        let jobs = try ["a", "b", "c"].map { name in try Job.named(name, "0 * * * *") { $0.ref = name } }
        var world = World(jobs) { $0.ratePerMinute = 1 }
        world.pass(to: "13:00")
        #expect(world.take("post").sorted() == ["post a@13:00", "post b@13:00", "post c@13:00"])
    }

    @Test("Several refs go in the order of their names: the same in every process")
    func lanesInOrder() throws {
        let jobs = try (10..<40).map { minute in
            try Job.named("j\(minute)", "\(59 - minute) * * * *") { $0.ref = "r\(minute)" }
        }
        var world = World(
            jobs, covered: Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, .at("11:00")) }))
        #expect(world.take("post") == (10..<40).map { "post j\($0)@11:\(59 - $0)" })
    }

    @Test("No more requests at once than allowed")
    func maxInFlight() throws {
        let jobs = try (0..<5).map { try Job.named("j\($0)", "0 * * * *") }
        var world = World(jobs) { ($0.maxInFlight, $0.ratePerMinute) = (2, 0) }
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post j0@13:00", "post j1@13:00"])
        world.pass(.seconds(9))
        #expect(world.take("post") == [])
        world.tell(.posted(.run("j1", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post j2@13:00"])
        world.tell(.posted(.run("j0", "13:00"), .failure(.refused("no"))))
        world.tell(.posted(.run("j2", "13:00"), .success(.number(2))))
        #expect(world.take("post") == ["post j3@13:00", "post j4@13:00"])
    }

    @Test("A fire time that the ledger has already is not posted again")
    func duplicate() throws {
        var world = World([try .named("hourly", "0 * * * *")])
        world.duplicates = [.run("hourly", "13:00")]
        world.pass(to: "13:30")
        #expect(world.take("post") == [])
        #expect(world.scheduler.openRuns.isEmpty && world.logged("duplicate") == 1)
        world.pass(to: "14:00")
        #expect(world.take("post") == ["post hourly@14:00"], "and is not in the way of the next one")
    }

    @Test("A claim that waited longer than its grace is not posted any more")
    func graceRanOut() throws {
        let jobs = try (0..<2).map { try Job.named("j\($0)", "0 * * * *") { $0.misfireGrace = .seconds(30) } }
        var world = World(jobs) { $0.ratePerMinute = 1 }
        world.pass(to: "13:02")
        #expect(world.take("post") == ["post j0@13:00"])
        #expect(world.states == ["j0@13:00 claimed", "j1@13:00 skipped"])
        #expect(world.rows[.run("j1", "13:00")]?.reason?.hasPrefix("misfire: found") == true)
    }

    @Test("A claim that was posted once and waits for its second POST at the end is not given back as unsent")
    func sentOnce() throws {
        let elsewhere = try Job.named("b", "1 13 * * *") { $0.ref = "dev" }
        var world = World([try .named("a", "0 13 * * *"), elsewhere]) { $0.maxInFlight = 1 }
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.uncertain("timeout"))))
        for _ in 0..<9 {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        #expect(world.take("post") == ["post a@13:00", "post b@13:01"], "b has the only request")
        world.tell(.terminated(signal: "SIGTERM"))
        world.tell(.posted(.run("b", "13:01"), .success(.number(2))))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 claimed", "b@13:01 triggered"])
        #expect(world.rows[.run("a", "13:00")]?.sentAt != nil)
    }
}
