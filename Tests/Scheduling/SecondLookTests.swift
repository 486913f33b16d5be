import Testing

@testable import Scheduling

/// Pipelines that GitLab creates after the survey at the start.
extension SurveyTests {
    @Test("A pipeline that GitLab creates after the first look is found by the second one")
    func secondLook() throws {
        var world = blank([try hourly { $0.overlap = .queue }], at: "12:00:10", [:])
        world.survey = nil
        world.pass(.seconds(76))
        #expect(world.take("survey").count == 1)
        let late = [RunID.run("a", "11:00"): [sighting(3, .going, "12:01:00")]]
        world.tell(.surveyed(project: "7", .success(Search(found: late, isComplete: true, serverTime: nil))))
        #expect(world.states == ["a@11:00 triggered"])
        world.pass(to: "13:00:01")
        #expect(world.take("post") == [], "it is in the way")
        world.pass(.seconds(600))
        #expect(world.take("survey") == [])
    }

    @Test("The second look waits for a first one that takes its time")
    func slowFirstLook() throws {
        var world = blank([try hourly()], at: "12:00:10", nil)
        world.pass(.seconds(120))
        #expect(world.take("survey").count == 1)
        let nothing = Search(found: [:], isComplete: true, serverTime: nil)
        world.tell(.surveyed(project: "7", .success(nothing)))
        world.pass(.seconds(11))
        #expect(world.take("survey").count == 1)
    }

    @Test("A second look that fails is asked again where that can help, and of that project alone")
    func secondLookFails() throws {
        let elsewhere = try Job.named("b", "0 0 * * *") { $0.project = "8" }
        var world = blank([try hourly(), elsewhere], at: "12:00:10", [:])
        world.survey = nil
        world.pass(.seconds(76))
        #expect(world.take("survey").count == 2)
        let nothing = Search(found: [:], isComplete: true, serverTime: nil)
        for _ in 1...3 {
            world.tell(.surveyed(project: "7", .failure(.unavailable("503"))))
            world.tell(.surveyed(project: "8", .success(nothing)))
            world.pass(.seconds(61))
            #expect(world.take("survey").count == 1)
        }
        world.tell(.surveyed(project: "7", .failure(.refused("403"))))
        world.pass(.seconds(600))
        #expect(world.take("survey") == [] && world.logged("gitlab") == 1)
    }

    @Test("A claim whose pipeline the second look finds is not posted any more")
    func secondLookFindsAClaim() throws {
        var world = blank([try hourly { $0.overlap = .allow }], at: "12:59:50", [:])
        world.survey = nil
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.limited("w", retryAfter: .seconds(600)))))
        _ = world.take()
        world.pass(to: "13:01:06")
        let other = [RunID.run("a", "13:00"): [sighting(3, .going, "13:00:50")]]
        world.tell(.surveyed(project: "7", .success(Search(found: other, isComplete: true, serverTime: nil))))
        world.pass(.seconds(1_200))
        #expect(world.states == ["a@13:00 triggered"] && world.take("post") == [])
    }

    @Test("A POST whose run is over before its answer comes holds nobody up")
    func overBeforeItsAnswer() throws {
        var world = blank([try hourly { $0.overlap = .allow }], at: "12:59:50", [:])
        world.survey = nil
        world.pass(to: "13:00")
        world.tell(.posted(.run("a", "13:00"), .failure(.unavailable("down"))))
        world.pass(to: "13:01:06")
        #expect(world.take("post") == ["post a@13:00", "post a@13:00"], "the second one is a trial")
        let found = [RunID.run("a", "13:00"): [sighting(3, .succeeded, "13:00:50")]]
        world.tell(.surveyed(project: "7", .success(Search(found: found, isComplete: true, serverTime: nil))))
        #expect(world.states == ["a@13:00 succeeded"])
        world.tell(.posted(.run("a", "13:00"), .failure(.uncertain("timeout"))))
        world.pass(to: "14:00")
        #expect(world.take("post") == ["post a@14:00"])
    }
}
