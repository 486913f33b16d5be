import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: signals, --once and trigger")
struct ModeTests {
    private let id = RunID.run("a", "12:00")

    private func hourly(_ names: String...) throws -> [Job] {
        try names.map { try Job.named($0, "0 * * * *") }
    }

    private func once(
        _ jobs: [Job], covered: String, at now: String = "12:00",
        _ change: (inout Settings) -> Void = { _ in }
    ) -> World {
        let marks = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, Instant.at(covered)) })
        return World(jobs, at: now, covered: marks) {
            $0.mode = .once(wait: true)
            change(&$0)
        }
    }

    private func see(_ world: inout World, _ pipeline: Int64, _ progress: Progress) {
        world.tell(
            .listed(project: "7", .success(Listing(sightings: [.of(pipeline, progress)], serverTime: nil))))
    }

    @Test("What waits for a free request at the end was never sent, and is not in doubt")
    func givenBack() throws {
        var world = World([try .named("a", "0 * * * *"), try .named("b", "0 * * * *")], at: "11:59:59") {
            $0.maxInFlight = 1
        }
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post a@12:00"])
        #expect(world.rows[.run("b", "12:00")]?.sentAt != nil)
        world.tell(.terminated(signal: "SIGTERM"))
        world.tell(.posted(.run("a", "12:00"), .success(Pipeline(id: 1, url: ""))))
        #expect(world.take("post") == [] && world.ending?.code == 0)
        #expect(world.states == ["a@12:00 triggered", "b@12:00 claimed"])
        #expect(world.rows[.run("b", "12:00")]?.sentAt == nil)
    }

    @Test("--once: nothing due")
    func onceNothing() throws {
        let world = once(try hourly("a"), covered: "12:00", at: "12:30")
        #expect(world.ending == Ending(code: 0, words: "nothing was due", ledgerIsWhole: true))
    }

    @Test(
        "--once: what is due is run and waited for",
        arguments: [
            (Progress.succeeded, 0), (.failed, 1), (.canceled, 1), (.skipped, 0), (.blocked, 0),
        ] as [(Progress, Int32)])
    func onceRuns(progress: Progress, code: Int32) throws {
        var world = once(try hourly("a"), covered: "11:30")
        #expect(world.take("post") == ["post a@12:00"])
        world.tell(.posted(id, .success(.number(1))))
        world.pass(.seconds(5_000))
        #expect(world.ending == nil && world.take("post") == [], "13:00 is not its business")
        see(&world, 1, progress)
        if progress == .failed { world.showFailedJob(of: id) }
        #expect(world.ending?.code == code)
    }

    @Test(
        "--once: one bad ending among several is a bad ending",
        arguments: [
            Trouble.refused("no"), .gone("404"),
        ])
    func onceRefused(trouble: Trouble) throws {
        var world = once(try hourly("a", "b"), covered: "11:30")
        world.tell(.posted(id, .failure(trouble)))
        world.tell(.posted(.run("b", "12:00"), .success(.number(2))))
        #expect(world.ending == nil)
        see(&world, 2, .succeeded)
        #expect(world.ending == Ending(code: 1, words: "2 runs ended, 1 of them badly", ledgerIsWhole: true))
    }

    @Test(
        "--once: more fire times missed than one plan decides")
    func onceAfterALongTime() throws {
        var world = once([try .named("a", "* * * * *")], covered: "2026-02-20T00:00:00Z")
        world.pass(.seconds(1))
        #expect(world.take("post") == ["post a@12:00"])
    }

    @Test("--once: more jobs than one batch")
    func onceManyJobs() throws {
        let jobs = try (0..<1_200).map { try Job.named("j\($0)", "0 * * * *") }
        var world = once(jobs, covered: "11:30") { ($0.ratePerMinute, $0.maxInFlight) = (0, 5_000) }
        world.pass(.seconds(1))
        #expect(world.take("post").count == 1_200)
    }

    @Test(
        "--once in CI: what the rate limit holds back is posted all the same")
    func onceInCI() throws {
        let own = Instance.number(50)
        let jobs = try hourly("a", "b", "c")
        var world = World(
            jobs, at: "11:59:59", covered: ["a": .at("11:30"), "b": .at("11:30"), "c": .at("11:30")],
            instances: [own]
        ) { ($0.instance, $0.mode, $0.ratePerMinute) = (50, .once(wait: true), 1) }
        world.tell(.identified(.success(own)))
        world.pass(.seconds(1))
        #expect(world.ending != nil, "nothing is due yet")
        world = World(
            jobs, at: "12:00:00.5", covered: ["a": .at("11:30"), "b": .at("11:30"), "c": .at("11:30")],
            instances: [own]
        ) { ($0.instance, $0.mode, $0.ratePerMinute, $0.settle) = (50, .once(wait: true), 1, .zero) }
        world.tell(.identified(.success(own)))
        world.pass(.seconds(1))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        world.pass(.seconds(200))
        #expect(world.take("post") == ["post a@12:00", "post b@12:00", "post c@12:00"])
    }

    @Test("--once: a twin whose cancellation has not got through is waited for")
    func onceWithATwin() throws {
        var world = once(try hourly("a"), covered: "11:30")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        world.pass(.zero)
        let twins = Search(
            found: [id: [.of(5, .going), .of(6, .going)]], isComplete: true, serverTime: nil)
        world.tell(.searched(project: "7", .success(twins)))
        world.tell(.canceled(id, .failure(.unavailable("503"))))
        see(&world, 5, .succeeded)
        #expect(world.ending == nil)
        world.pass(.seconds(2))
        #expect(world.take("cancel") == ["cancel a@12:00 6", "cancel a@12:00 6"])
        world.tell(.canceled(id, .success(())))
        #expect(world.ending?.code == 0)
    }

    @Test(
        "trigger: one run now; the end is the pipeline's creation, or its end",
        arguments: [
            (false, Progress.failed, 0), (true, .succeeded, 0), (true, .failed, 1),
        ] as [(Bool, Progress, Int32)])
    func trigger(wait: Bool, progress: Progress, code: Int32) throws {
        let id = RunID.run("a", "12:07:31")
        var world = World(try hourly("a", "b"), at: "12:07:31", covered: ["a": .at("12:07:31")]) {
            $0.mode = .trigger(id, wait: wait)
        }
        #expect(world.take("post") == ["post a@12:07:31"] && world.ending == nil)
        world.tell(.posted(id, .success(.number(1))))
        #expect((world.ending != nil) == !wait)
        if wait { see(&world, 1, progress) }
        if wait, progress == .failed { world.showFailedJob(of: id) }
        #expect(world.ending?.code == code)
        #expect(world.rows.keys.map(\.short) == ["a@12:07:31"])
    }

    @Test("trigger: refused, or no such job", arguments: [true, false])
    func triggerRefused(wait: Bool) throws {
        var world = World(try hourly("a")) { $0.mode = .trigger(id, wait: wait) }
        world.tell(.posted(id, .failure(.refused("no"))))
        #expect(world.ending?.code == 1)
        let nobody = World(try hourly("b")) { $0.mode = .trigger(id, wait: wait) }
        #expect(nobody.ending != nil && nobody.rows.isEmpty)
    }

    @Test("trigger: a lost answer is cleared up first")
    func triggerUncertain() throws {
        var world = World(try hourly("a")) { $0.mode = .trigger(id, wait: false) }
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        world.pass(.zero)
        #expect(world.ending == nil && world.take("search").count == 1)
        world.tell(
            .searched(
                project: "7",
                .success(Search(found: [id: [.of(5, .going)]], isComplete: true, serverTime: nil))))
        #expect(world.ending?.code == 0 && world.states == ["a@12:00 triggered"])
    }

    @Test("SIGTERM with nothing under way: out at once, with 0")
    func terminated() throws {
        var world = World(try hourly("a"))
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending?.code == 0)
        world.tell(.terminated(signal: "SIGTERM"))
        world.pass(.seconds(10_000))
        #expect(world.rows.isEmpty, "nothing is scheduled any more")
    }

    @Test(
        "SIGTERM during POSTs: no new ones; those under way are waited for, five seconds",
        arguments: [true, false])
    func terminatedWhilePosting(answered: Bool) throws {
        var world = World(try hourly("a", "b")) { ($0.maxInFlight, $0.ratePerMinute) = (1, 0) }
        world.pass(to: "13:00")
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending == nil)
        world.pass(.milliseconds(4_999))
        #expect(world.ending == nil)
        if answered { world.tell(.posted(.run("a", "13:00"), .success(.number(1)))) }
        world.pass(.milliseconds(2))
        #expect(world.ending?.code == 0)
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.states == [answered ? "a@13:00 triggered" : "a@13:00 claimed", "b@13:00 claimed"])
    }

    @Test("SIGTERM while pipelines run: they are the next instance's")
    func terminatedWhileWatching() throws {
        var world = World(try hourly("a"))
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.tell(.terminated(signal: "SIGINT"))
        #expect(world.ending?.code == 0 && world.states == ["a@13:00 triggered"])
        world.restart(try hourly("a"))
        world.pass(.seconds(5))
        #expect(world.take("look").first == "look a@13:00 1")
    }

    @Test("SIGTERM while a retry is under way: its answer is waited for")
    func terminatedWhileRetrying() throws {
        var world = World([try .named("a", "0 * * * *") { $0.retries = 1 }])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        see(&world, 1, .failed)
        world.pass(.seconds(7))
        world.tell(
            .jobsListed(
                .run("a", "13:00"), .success([CIJob(id: 2, name: "t", status: .failed, mayFail: false)])))
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending == nil)
        world.tell(.retried(.run("a", "13:00"), .success([])))
        #expect(world.ending?.code == 0 && world.rows[.run("a", "13:00")]?.attempts == 2)
    }

    @Test(
        "SIGTERM in standby, and an answer that comes after it")
    func terminatedInStandby() throws {
        var world = World(try hourly("a")) { $0.instance = 50 }
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending?.code == 0)
        world.tell(.identified(.failure(.refused("401"))))
        #expect(world.ending?.code == 0)
    }
}
