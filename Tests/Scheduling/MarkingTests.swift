import CivilTime
import Testing

@testable import Scheduling

/// How marks travel: as variables, or as inputs where a project forbids variables.
@Suite struct MarkingTests {
    private let forbidden = Answer<Pipeline>.failure(.markRefused("variables are forbidden."))
    private let undeclared = Answer<Pipeline>.failure(.markRefused("inputs are not declared."))

    private func world(
        _ jobs: [Job], marks: [String: ProjectMark] = [:], open: [Run] = [], fixed: MarkKind? = nil
    ) -> World {
        var past = Past()
        past.markings = marks
        return World(jobs, open: open, past: past) { $0.mark = fixed }
    }

    private func inputs(newest: Int64, shows: Bool) -> [String: ProjectMark] {
        ["7": ProjectMark(kind: .inputs, learnedAt: .at("12:00"), newest: newest, showsRunID: shows)]
    }

    private func hourly(_ name: String) throws -> Job {
        try .named(name, "0 * * * *") { $0.overlap = .allow }
    }

    /// Two jobs that fire together.
    private func two() throws -> [Job] { try [hourly("a"), hourly("b")] }

    @Test("Until it is known how marks travel, one POST goes out at a time; then all do")
    func oneAtATime() throws {
        var world = world(try two())
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post a@13:00"])
        #expect(world.rows[.run("b", "13:00")]?.sentAt == nil)
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post b@13:00"])
        #expect(world.markings["7"] == ProjectMark(kind: .variables, learnedAt: .at("13:00")))
        world.tell(.posted(.run("b", "13:00"), .success(.number(2))))
        world.pass(to: "14:00")
        #expect(world.take("post") == ["post a@14:00", "post b@14:00"])
    }

    @Test(
        "A refusal of variables sends the same claim again at once, with inputs; the ledger knows that before"
    )
    func switches() throws {
        var world = world(try two())
        world.pass(to: "13:00")
        _ = world.take("post")
        world.tell(.posted(.run("a", "13:00"), forbidden))
        #expect(world.markings["7"]?.kind == .inputs)
        #expect(world.rows[.run("a", "13:00")]?.mark == .inputs)
        // `b` need not wait: it is known now what goes first.
        #expect(world.take("post") == ["post a@13:00 with inputs", "post b@13:00 with inputs"])
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        #expect(world.rows[.run("a", "13:00")]?.state == .triggered)
        #expect(world.log.count { $0.event == "mark" } == 1)
    }

    @Test("A run is refused only by both refusals, and tells both")
    func bothRefuse() throws {
        var world = world([try hourly("a")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), forbidden))
        world.tell(.posted(.run("a", "13:00"), undeclared))
        #expect(world.take("post") == ["post a@13:00", "post a@13:00 with inputs"])
        let row = world.rows[.run("a", "13:00")]
        #expect(row?.state == .refused)
        #expect(row?.reason == "variables are forbidden. And as inputs: inputs are not declared.")
        // One bad job does not change what goes first for the others.
        #expect(world.markings["7"]?.kind == .variables)
        world.pass(to: "14:00")
        world.tell(.posted(.run("a", "14:00"), forbidden))
        #expect(world.take("post") == ["post a@14:00", "post a@14:00 with inputs"])
        world.tell(.posted(.run("a", "14:00"), .success(.number(1))))
        #expect(world.rows[.run("a", "14:00")]?.state == .triggered)
        #expect(world.markings["7"]?.kind == .inputs)
    }

    @Test("Another refusal of the second POST tells the first one as well", arguments: [true, false])
    func otherRefusal(isAbsent: Bool) throws {
        var world = world([try hourly("a")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), forbidden))
        let trouble = isAbsent ? Trouble.gone("no such ref") : .refused("no such ref")
        world.tell(.posted(.run("a", "13:00"), .failure(trouble)))
        let row = world.rows[.run("a", "13:00")]
        #expect(row?.reason == "variables are forbidden. And as inputs: no such ref")
    }

    @Test("A process that ends between the two POSTs gives the claim back")
    func endsBetween() throws {
        var world = world([try hourly("a")])
        world.pass(to: "13:00")
        world.tell(.terminated(signal: "SIGTERM"))
        world.tell(.posted(.run("a", "13:00"), forbidden))
        #expect(world.ending?.code == 0)
        let row = world.rows[.run("a", "13:00")]
        #expect(row?.state == .claimed && row?.sentAt == nil)
        _ = world.take()
        world.restart([try hourly("a")]) { $0.mark = nil }
        #expect(world.take("post") == ["post a@13:00 with inputs"])
    }

    @Test("What is in doubt is not posted before the search has told", arguments: [true, false])
    func inDoubt(isRefusal: Bool) throws {
        var world = world([try hourly("a")], fixed: isRefusal ? nil : .variables)
        world.pass(to: "13:00")
        _ = world.take()
        // The ledger was out of order: another scheduler of this process hears the answer of the first one.
        world.restart([try hourly("a")], declaredAt: ["a": .at("12:00")]) {
            $0.mark = isRefusal ? nil : .variables
        }
        let late = Answer<Pipeline>.failure(.throttled("slowly", retryAfter: .seconds(1)))
        world.tell(.posted(.run("a", "13:00"), isRefusal ? forbidden : late))
        world.pass(.seconds(30))
        #expect(world.take("post").isEmpty)
        #expect(world.rows[.run("a", "13:00")]?.sentAt == nil)
        for _ in 0..<40 where world.rows[.run("a", "13:00")]?.sentAt == nil {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        // With inputs nothing proves that there is no pipeline.
        #expect(world.take("post") == (isRefusal ? [] : ["post a@13:00"]))
    }

    @Test("What another process has seen first counts")
    func merges() throws {
        var world = world([try hourly("a")], fixed: .inputs)
        world.tell(
            .found([], markings: ["7": ProjectMark(kind: .inputs, learnedAt: .at("12:00"), newest: 5)]))
        let id = posted(&world, 4)
        world.tell(.looked(id, .success(.of(4, .going, run: id))))
        #expect(lose(&world, at: "14:00")?.state == .lost)
    }

    @Test("A kind that is set is the only one", arguments: MarkKind.allCases)
    func fixed(_ kind: MarkKind) throws {
        var world = world(try two(), fixed: kind)
        world.pass(to: "13:00")
        let suffix = kind == .inputs ? " with inputs" : ""
        #expect(world.take("post") == ["post a@13:00\(suffix)", "post b@13:00\(suffix)"])
        world.tell(.posted(.run("a", "13:00"), forbidden))
        #expect(world.rows[.run("a", "13:00")]?.state == .refused)
        #expect(world.rows[.run("a", "13:00")]?.reason == "variables are forbidden.")
        #expect(world.take("post").isEmpty)
    }

    @Test("It is remembered for a day which kind goes first, also by the next process")
    func memory() throws {
        var world = world([try hourly("a")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), forbidden))
        world.tell(.posted(.run("a", "13:00"), .success(.number(1))))
        world.tell(.looked(.run("a", "13:00"), .success(.of(1, .succeeded, run: .run("a", "13:00")))))
        _ = world.take()
        world.restart([try hourly("a")]) { $0.mark = nil }
        world.pass(to: "14:00")
        #expect(world.take("post") == ["post a@14:00 with inputs"])
    }

    @Test(
        "After a day, variables go first again",
        arguments: [(86_390, true), (86_400, false), (-86_400, false)])
    func forgets(age: Int, remembers: Bool) throws {
        let learned = Instant.at("13:00").advanced(by: .seconds(-age))
        let marks = ["7": ProjectMark(kind: .inputs, learnedAt: learned)]
        var world = world([try hourly("a")], marks: marks)
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post a@13:00\(remembers ? " with inputs" : "")"])
    }

    @Test("What waits for a fault of GitLab may be refused by the first kind once more")
    func faultBetween() throws {
        var world = world([try hourly("a")])
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), forbidden))
        world.tell(.posted(.run("a", "13:00"), .failure(.faulty("500"))))
        _ = world.take()
        world.pass(to: "13:05")
        #expect(world.take("post") == ["post a@13:00 with inputs"])
        world.tell(.posted(.run("a", "13:00"), undeclared))
        #expect(world.take("post") == ["post a@13:00"])
    }

    @Test("A successor's pipeline tries the other kind once, and then again with the next try")
    func successor() throws {
        let own = Instance.number(50)
        var world = World([try .named("a", "0 3 * * *")], instances: [own]) {
            $0.instance = 50
            $0.mark = nil
            $0.deadline = .init(
                started: .at("12:00"), timeout: .seconds(7_200), succession: .seconds(1_800))
        }
        world.tell(.identified(.success(own)))
        world.pass(to: "13:30:01")
        #expect(world.take("startSuccessor") == ["startSuccessor of 50"])
        world.tell(.successorStarted(forbidden))
        #expect(world.take("startSuccessor") == ["startSuccessor of 50 with inputs"])
        #expect(world.markings["7"]?.kind == .inputs)
        world.tell(.successorStarted(undeclared))
        #expect(world.take("startSuccessor").isEmpty && world.logged("successor") == 1)
        world.pass(.seconds(310))
        #expect(world.take("startSuccessor") == ["startSuccessor of 50 with inputs"])
        world.tell(.successorStarted(.success(.number(9))))
        #expect(world.logged("successor") == 2)
    }

    // MARK: Names

    private func posted(_ world: inout World, _ pipeline: Int64 = 1, at time: String = "13:00") -> RunID {
        world.pass(to: time)
        let id = RunID.run("a", time)
        world.tell(.posted(id, .success(.number(pipeline))))
        _ = world.take()
        return id
    }

    @Test("A pipeline made with inputs that does not show its run id is told, and gets its name; once")
    func unnamed() throws {
        var world = world([try hourly("a")], fixed: .inputs)
        let id = posted(&world)
        world.tell(.looked(id, .success(.of(1, .going))))
        world.tell(.looked(id, .success(.of(1, .going))))
        #expect(world.take("name") == ["name a@13:00 1"])
        #expect(world.log.filter { $0.event == "unnamed" }.map(\.level) == [.error])
        // GitLab was down: the next look asks again.
        world.tell(.named(id, .failure(.unavailable("503"))))
        world.tell(.looked(id, .success(.of(1, .going))))
        #expect(world.take("name") == ["name a@13:00 1"])
        // The name that it has been given is no proof that others have theirs.
        world.tell(.looked(id, .success(.of(1, .going, run: id))))
        #expect(world.markings["7"]?.showsRunID == false)
    }

    @Test("Pipelines with variables need no names")
    func variables() throws {
        var world = world([try hourly("a")], fixed: .variables)
        let id = posted(&world)
        world.tell(.looked(id, .success(.of(1, .going))))
        #expect(world.take("name").isEmpty && world.markings.isEmpty)
    }

    /// A run whose answer was lost, and whose pipeline no search finds.
    private func lose(_ world: inout World, at time: String) -> Run? {
        world.pass(to: time)
        world.tell(.posted(.run("a", time), .failure(.uncertain("504"))))
        for _ in 0..<40 where world.rows[.run("a", time)]?.state == .uncertain {
            world.pass(.seconds(10))
            world.tell(
                .searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        }
        return world.rows[.run("a", time)]
    }

    @Test(
        "With inputs, absence is believed where the newest known pipeline showed its run id; else the run is lost"
    )
    func absence() throws {
        var named = world([try hourly("a")], fixed: .inputs)
        let id = posted(&named)
        named.tell(.looked(id, .success(.of(1, .succeeded, run: id))))
        #expect(lose(&named, at: "14:00")?.state == .claimed)

        var unnamed = world([try hourly("a")], fixed: .inputs)
        let other = posted(&unnamed)
        unnamed.tell(.looked(other, .success(.of(1, .succeeded))))
        #expect(lose(&unnamed, at: "14:00")?.state == .lost)

        var fresh = world([try hourly("a")], fixed: .inputs)
        #expect(lose(&fresh, at: "13:00")?.state == .lost)
        #expect(fresh.rows[.run("a", "13:00")]?.reason?.contains("workflow: name:") == true)

        var variables = world([try hourly("a")], fixed: .variables)
        #expect(lose(&variables, at: "13:00")?.state == .claimed)
    }

    @Test("The newest pipeline counts, in the ledger of the next process as well")
    func newest() throws {
        var world = world([try hourly("a")], marks: inputs(newest: 1, shows: true))
        let id = posted(&world, 2)
        world.tell(.looked(id, .success(.of(2, .succeeded))))
        #expect(world.markings["7"]?.newest == 2 && world.markings["7"]?.showsRunID == false)
        #expect(lose(&world, at: "14:00")?.state == .lost)
    }

    @Test("While the newest pipeline has not been seen, nothing is concluded")
    func unseen() throws {
        var world = world(
            [try hourly("a"), try .named("b", "30 12 * * *")], marks: inputs(newest: 1, shows: true),
            fixed: .inputs)
        world.pass(to: "12:30")
        world.tell(.posted(.run("b", "12:30"), .success(.number(5))))
        #expect(lose(&world, at: "13:00")?.state == .uncertain)
        #expect(world.take("look b@12:30").count > 1)
        world.tell(.looked(.run("b", "12:30"), .success(.of(5, .going, run: .run("b", "12:30")))))
        world.pass(.seconds(10))
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
        #expect(world.rows[.run("a", "13:00")]?.state == .claimed)
    }
}
