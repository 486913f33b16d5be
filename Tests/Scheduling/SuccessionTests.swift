import Testing

@testable import Scheduling

@Suite("Scheduler: the end of the own CI job")
struct SuccessionTests {
    private let own = Instance.number(50)

    /// Instance 50 at noon, in a CI job of two hours.
    private func started(
        _ job: Job, succession: Duration? = nil, timeout: Duration = .seconds(7_200)
    ) -> World {
        var world = World([job], instances: [own]) {
            $0.instance = 50
            $0.deadline = .init(started: .at("12:00"), timeout: timeout, succession: succession)
        }
        world.tell(.identified(.success(own)))
        return world
    }

    private func every10Minutes() throws -> Job { try .named("a", "*/10 * * * *") { $0.overlap = .allow } }

    @Test("Ends in time: nothing new in the last five minutes, and an end before GitLab's")
    func drains() throws {
        var world = started(try every10Minutes())
        world.pass(to: "13:50")
        world.tell(.posted(.run("a", "13:50"), .success(.number(1))))
        for run in world.scheduler.openRuns where run.pipeline == nil {
            world.tell(.posted(run.id, .failure(.refused("no"))))
        }
        world.pass(to: "13:58:10")
        #expect(world.ending == nil && world.logged("deadline") == 1)
        world.pass(to: "13:58:30")
        #expect(world.ending?.code == 1 && world.states.last == "a@13:50 triggered")
        #expect(world.logged("successor") == 0)
    }

    @Test("…at once when nothing is left to watch")
    func drainsAtOnce() throws {
        var world = started(try .named("a", "0 3 * * *"))
        world.pass(to: "13:55:01")
        #expect(world.ending?.code == 1)
    }

    @Test("Nobody goes on: the CI job fails, so that GitLab tells somebody; the ledger is whole all the same")
    func nobody() throws {
        var world = started(try .named("a", "0 3 * * *"))
        world.pass(to: "14:00")
        #expect(world.ending?.code == 1 && world.ending?.ledgerIsWhole == true)
        #expect(world.ending?.words.contains("no newer instance is there") == true)
        #expect(world.ending?.words.contains("pipeline schedule") == true)
    }

    @Test("The next instance's pipeline is there, and its CI job waits for a runner: a success")
    func onItsWay() throws {
        var world = started(try .named("a", "0 3 * * *"), succession: .seconds(600))
        world.pass(to: "13:50:01")
        world.tell(.successorStarted(.success(.number(77))))
        world.pass(to: "14:00")
        #expect(world.ending?.code == 0)
    }

    @Test("A next instance that could not be started is none")
    func notStarted() throws {
        var world = started(try .named("a", "0 3 * * *"), succession: .seconds(600))
        world.pass(to: "13:50:01")
        world.tell(.successorStarted(.failure(.refused("403 Forbidden"))))
        world.pass(to: "14:00")
        #expect(world.ending?.code == 1)
    }

    @Test("The newer instance has gone after the last minutes began: nobody goes on")
    func goneAgain() throws {
        var world = started(try every10Minutes())
        world.pass(to: "13:50:01")
        world.tell(.posted(.run("a", "13:50"), .success(.number(1))))
        for run in world.scheduler.openRuns where run.pipeline == nil {
            world.tell(.posted(run.id, .failure(.refused("no"))))
        }
        world.instances = [.number(51, created: 6_600)]
        world.pass(to: "13:56")
        world.instances = [own]
        world.pass(to: "13:59")
        #expect(world.ending?.code == 1)
    }

    @Test("A signal in the last minutes is an end that somebody wanted")
    func signal() throws {
        var world = started(try every10Minutes())
        world.pass(to: "13:50:01")
        world.tell(.posted(.run("a", "13:50"), .success(.number(1))))
        for run in world.scheduler.openRuns where run.pipeline == nil {
            world.tell(.posted(run.id, .failure(.refused("no"))))
        }
        world.pass(to: "13:56")
        #expect(world.ending == nil)
        world.tell(.terminated(signal: "SIGTERM"))
        #expect(world.ending?.code == 0)
    }

    @Test(
        "A short CI job is a warning at the start, with what it means",
        arguments: [
            (43_199, Duration?.none, "a pipeline schedule must start the next scheduler"),
            (10_800, .seconds(1_800), "this one starts the next scheduler 30 min before"),
            (43_200, nil, nil), (86_400, nil, nil),
        ] as [(Int, Duration?, String?)])
    func short(seconds: Int, succession: Duration?, words: String?) throws {
        let world = started(
            try .named("a", "0 3 * * *"), succession: succession, timeout: .seconds(seconds))
        #expect(world.logged("timeout") == (words == nil ? 0 : 1))
        let warning = world.log.first { $0.event == "timeout" }
        #expect(warning?.level == (words == nil ? nil : .warning))
        if let words { #expect(warning?.message.contains(words) == true) }
    }

    @Test("An end that has been is none")
    func overAlready() throws {
        var world = World([try every10Minutes()], instances: [own]) {
            $0.instance = 50
            $0.deadline = .init(started: .at("09:00"), timeout: .seconds(3_600), succession: .seconds(1_800))
        }
        world.tell(.identified(.success(own)))
        world.pass(to: "12:30")
        #expect(world.ending == nil && world.logged("deadline") == 1 && world.take("startSuccessor") == [])
        #expect(world.rows.count == 3)
    }

    @Test("Fire times of the last minutes are left to the next instance")
    func leaves() throws {
        var world = started(try .named("a", "57 13 * * *"))
        world.pass(to: "14:00")
        #expect(world.rows.isEmpty && world.covered["a"] == .at("12:00"))
    }

    @Test("Starts its successor, gives way to it, and ends as a success")
    func starts() throws {
        var world = started(try every10Minutes(), succession: .seconds(1_800))
        world.pass(to: "13:29:59")
        #expect(world.take("startSuccessor") == [])
        world.pass(to: "13:30:01")
        #expect(world.take("startSuccessor") == ["startSuccessor of 50"])
        world.tell(.successorStarted(.success(.number(77))))
        world.instances = [.number(51, created: 5_460)]
        world.pass(to: "13:40")
        #expect(world.ending == nil && world.logged("handover") == 1)
        for run in world.scheduler.openRuns { world.tell(.posted(run.id, .failure(.refused("no")))) }
        #expect(world.ending?.code == 0 && world.take("startSuccessor") == [])
    }

    @Test("Tries again, more patiently where there may be one already, and not when one has come")
    func triesAgain() throws {
        var world = started(try .named("a", "0 3 * * *"), succession: .seconds(1_800))
        world.pass(to: "13:30")
        _ = world.take()
        world.tell(.successorStarted(.failure(.unavailable("503"))))
        world.pass(.seconds(2))
        #expect(world.take("startSuccessor").count == 1)
        world.tell(.successorStarted(.failure(.uncertain("504"))))
        world.pass(.seconds(74))
        #expect(world.take("startSuccessor") == [])
        world.pass(.seconds(2))
        #expect(world.take("startSuccessor").count == 1)
        world.tell(.successorStarted(.failure(.refused("403 Forbidden"))))
        world.pass(.seconds(280))
        #expect(world.take("startSuccessor") == [])
        world.instances = [.number(51, created: 5_460)]
        world.pass(.seconds(60))
        #expect(world.take("startSuccessor") == [])
    }
}
