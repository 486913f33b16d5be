import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: a token that ended, and targets that are not there")
struct TokenTests {
    private let id = RunID.run("j", "13:00")

    private func world(_ mode: Settings.Mode = .untilTold) throws -> World {
        var world = World([try .named("j", "0 * * * *")], at: "13:00", covered: ["j": .at("12:00")]) {
            $0.mode = mode
        }
        #expect(world.take("post") == ["post j@13:00"])
        return world
    }

    private func lines(_ world: World, _ event: String) -> [String] {
        world.log.filter { $0.event == event }.map(\.message)
    }

    @Test("A8: fire times wait for a good token; one line an hour says so")
    func held() throws {
        var world = try world()
        for _ in 0..<40 {
            world.tell(.posted(id, .failure(.unauthorized("401 Unauthorized. Replace it."))))
            #expect(world.rows[id]?.state == .claimed)
            world.pass(.seconds(80))
            #expect(world.take("post").last == "post j@13:00", "it is tried about once a minute")
        }
        let words =
            "GitLab does not take the token, and fire times wait until it does: 401 Unauthorized. Replace it."
        #expect(lines(world, "token") == [words])
        #expect(lines(world, "postponed").count == 1)
        for _ in 0..<10 {
            world.tell(.posted(id, .failure(.unauthorized("401 Unauthorized. Replace it."))))
            world.pass(.seconds(80))
        }
        #expect(lines(world, "token").count == 2)
        world.tell(.posted(id, .success(.number(1))))
        #expect(world.rows[id]?.state == .triggered)
    }

    @Test("Whatever request brings it: nothing is given up")
    func everywhere() throws {
        var world = try world()
        world.tell(.posted(id, .success(.number(1))))
        for event in [
            Event.listed(project: "1", .failure(.unauthorized("w"))),
            .looked(id, .failure(.unauthorized("w"))),
            .jobsListed(id, .failure(.unauthorized("w"))), .retried(id, .failure(.unauthorized("w"))),
            .canceled(id, .failure(.unauthorized("w"))),
        ] {
            world.tell(event)
            #expect(world.rows[id]?.state == .triggered)
        }
        #expect(lines(world, "token").count == 1)
    }

    @Test("Whoever waits for the end of one thing is told at once")
    func once() throws {
        var world = try world(.once(wait: true))
        world.tell(.posted(id, .failure(.unauthorized("401 Unauthorized"))))
        #expect(world.ending?.code == 1 && world.ending?.words.contains("401 Unauthorized") == true)
        #expect(world.rows[id]?.state == .claimed, "the next start runs it")
    }

    @Test("A run by hand is not left to a later start")
    func trigger() throws {
        let id = RunID.run("j", "12:59:30")
        var world = World([try .named("j", "0 * * * *")]) { $0.mode = .trigger(id, wait: false) }
        world.pass(.zero)
        world.tell(.posted(id, .failure(.unauthorized("401 Unauthorized"))))
        #expect(world.rows[id]?.state == .refused && world.ending?.code == 1)
    }

    @Test("A project or ref that is not there is told at the start")
    func targets() throws {
        let elsewhere = try Job.named("b", "0 * * * *") { $0.ref = "gone" }
        var world = World([try .named("a", "0 * * * *"), elsewhere], hasTargets: nil)
        let asked = world.take("verify").map { $0.split(separator: " ").map(String.init) }
        #expect(asked.map { $0.last } == ["gone", "main"])
        let project = try #require(asked.first?[1])
        world.tell(.verified(project: project, ref: "gone", .failure(.gone("404 Commit Not Found"))))
        world.tell(.verified(project: project, ref: "main", .failure(.unavailable("down"))))
        #expect(
            lines(world, "target") == [
                "GitLab will refuse pipelines on ref gone of project \(project): 404 Commit Not Found (b)"
            ])
        world.pass(.seconds(2))
        #expect(world.take("verify") == ["verify \(project) main"])
        world.tell(.verified(project: project, ref: "main", .success(nil)))
        world.pass(.seconds(100))
        #expect(world.take("verify") == [])
        world.tell(.reloaded([elsewhere, try .named("a", "5 * * * *")]))
        #expect(world.take("verify") == ["verify \(project) gone"], "what is not there is asked about again")
    }
}
