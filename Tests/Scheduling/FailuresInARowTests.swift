import CivilTime
import Testing

@testable import Scheduling

/// Each failure in a row leads to a longer wait, and an answer ends the row.
@Suite("Scheduler: failures in a row")
struct FailuresInARowTests {
    private let id = RunID.run("a", "13:00")
    private let down = Trouble.unavailable("503")

    /// How long it takes until the scheduler wants `kind`, to the second; at most two minutes.
    private func wait(for kind: String, _ world: inout World) -> Int {
        for second in 0..<120 {
            if !world.take(kind).isEmpty { return second }
            world.pass(.seconds(1))
        }
        return 120
    }

    /// Sends `event` eight times, each time when the scheduler wants `kind`, and expects ever longer waits.
    private func fail(_ world: inout World, _ kind: String, with event: Event) {
        var waits: [Int] = []
        for _ in 1...8 {
            world.tell(event)
            waits.append(wait(for: kind, &world))
        }
        let growing = waits.prefix(7)
        #expect(waits[7] >= 40 && growing == growing.sorted()[...], "\(kind): \(waits)")
    }

    @Test("Lists of pipelines")
    func lists() throws {
        var world = try World.triggered()
        world.pass(.seconds(5))
        let failure = Event.listed(project: "7", .failure(down))
        fail(&world, "list", with: failure)
        world.see(.going)
        #expect(wait(for: "list", &world) == 5)
        world.tell(failure)
        #expect(wait(for: "list", &world) <= 6)
        #expect(world.logged("gitlab") == 3, "down, up, and down again")
    }

    @Test("Searches for a run id")
    func searches() throws {
        var world = World([try .named("a", "0 13 2 3 *")])
        world.pass(to: "13:00")
        world.tell(.posted(id, .failure(.uncertain("timeout"))))
        world.pass(.zero)
        let failure = Event.searched(project: "7", .failure(down))
        fail(&world, "search", with: failure)
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: false, serverTime: nil))))
        #expect(wait(for: "search", &world) <= 10)
        world.tell(failure)
        #expect(wait(for: "search", &world) <= 2)
        #expect(world.logged("gitlab") == 2)
    }

    @Test("Questions about a failed pipeline", arguments: [true, false])
    func retries(isRetried: Bool) throws {
        var world = try World.triggered { $0.retries = 3 }
        world.see(.failed)
        #expect(wait(for: "listJobs", &world) <= 7)
        let failure = Event.jobsListed(id, .failure(down))
        fail(&world, "listJobs", with: failure)
        let status = isRetried ? CIJob.Status.failed : .open
        world.tell(.jobsListed(id, .success([CIJob(id: 2, name: "t", status: status, mayFail: false)])))
        if isRetried { world.tell(.retried(id, .success([]))) }
        world.see(.failed)
        #expect(wait(for: "listJobs", &world) <= 13)
        world.tell(failure)
        #expect(wait(for: "listJobs", &world) <= 2)
    }

    @Test("Retries that do not get through, though the jobs can be read")
    func retriesUnsent() throws {
        var world = try World.triggered { $0.retries = 3 }
        world.see(.failed)
        var waits: [Int] = []
        for _ in 1...8 {
            waits.append(wait(for: "listJobs", &world))
            world.tell(
                .jobsListed(id, .success([CIJob(id: 2, name: "t", status: .failed, mayFail: false)])))
            world.tell(.retried(id, .failure(down)))
        }
        #expect(waits.last ?? 0 >= 40, "\(waits)")
    }

    @Test("Cancellations")
    func cancellations() throws {
        var world = try World.triggered { $0.timeout = .seconds(60) }
        world.pass(.seconds(60))
        let failure = Event.canceled(id, .failure(down))
        fail(&world, "cancel", with: failure)
        #expect(world.logged("canceling") == 2, "begun, and the first failure")
        world.tell(.canceled(id, .failure(.refused("403 Forbidden"))))
        #expect(wait(for: "cancel", &world) == 120, "a definite no is not asked again")
        #expect(world.logged("canceling") == 3)
    }

    @Test("Surveys: the next one begins with short waits")
    func surveys() throws {
        let own = Instance.number(50)
        var world = World([try .named("a", "0 0 * * *")], instances: [own], survey: nil) { $0.instance = 50 }
        world.tell(.identified(.success(own)))
        world.pass(.zero)
        let failure = Event.surveyed(project: "7", .failure(down))
        fail(&world, "survey", with: failure)
        let nothing = Search(found: [:], isComplete: true, serverTime: nil)
        world.tell(.surveyed(project: "7", .success(nothing)))
        #expect(world.logged("scheduling") == 1)
        // The jobs API fails for a while. Then the scheduler looks up what a newer instance may have done.
        world.instances = nil
        world.pass(.seconds(60))
        world.tell(.instancesListed(.success(Roster(instances: [own]))))
        world.instances = [own]
        world.pass(.seconds(20))
        #expect(!world.take("survey").isEmpty)
        world.tell(failure)
        #expect(wait(for: "survey", &world) <= 2)
        #expect(world.logged("gitlab") == 2)
    }

    @Test(
        "Looks for the own CI job and for instances",
        arguments: ["identify", "listFormer", "listInstances"])
    func instances(kind: String) throws {
        var world = World([try .named("a", "0 0 * * *")], instances: nil, former: nil) { $0.instance = 50 }
        let own = Instance.number(50)
        let answers: [(String, Event, Event)] = [
            ("identify", .identified(.failure(down)), .identified(.success(own))),
            (
                "listFormer", .formerListed(.failure(down)),
                .formerListed(.success(Roster(instances: [])))
            ),
            (
                "listInstances", .instancesListed(.failure(down)),
                .instancesListed(.success(Roster(instances: [own])))
            ),
        ]
        for (question, failure, success) in answers {
            #expect(wait(for: question, &world) == 0)
            if question == kind {
                for _ in 1...6 {
                    world.tell(failure)
                    #expect(wait(for: question, &world) <= 10, "a poll at most")
                }
            }
            world.tell(success)
        }
        #expect(wait(for: "listInstances", &world) == 10)
        world.tell(.instancesListed(.failure(down)))
        #expect(wait(for: "listInstances", &world) <= 2)
        #expect(world.logged("gitlab") == (kind == "listInstances" ? 3 : 2))
    }

    @Test("Successors that could not be started")
    func successors() throws {
        let own = Instance.number(50)
        var world = World([try .named("a", "0 0 * * *")], instances: [own]) {
            $0.instance = 50
            $0.deadline = .init(started: .at("12:00"), timeout: .seconds(7_200), succession: .seconds(3_600))
        }
        world.tell(.identified(.success(own)))
        world.pass(to: "13:00")
        fail(&world, "startSuccessor", with: .successorStarted(.failure(down)))
    }
}
