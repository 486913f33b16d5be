import CivilTime
import Testing

@testable import Scheduling

@Suite("Scheduler: GitLab says later, or nothing")
struct TroubleTests {
    private func jobs(_ count: Int) throws -> [Job] {
        try (0..<count).map { try Job.named("j\($0)", "0 * * * *") }
    }

    @Test(
        "A rate limit keeps the claim and pauses as long as GitLab says, else for a minute",
        arguments: [
            (nil, "13:01:00"), (.seconds(5), "13:00:05"), (.zero, "13:00:01"), (.seconds(130), "13:02:10"),
        ] as [(Duration?, String)])
    func limited(retryAfter: Duration?, next: String) throws {
        var world = World(try jobs(1))
        world.pass(to: "13:00")
        #expect(world.take("post").count == 1)
        world.tell(
            .posted(.run("j0", "13:00"), .failure(.limited("Too many pipelines", retryAfter: retryAfter))))
        let row = try #require(world.rows[.run("j0", "13:00")])
        #expect(row.state == .claimed && row.notBefore == .at(next) && row.sentAt == nil)
        #expect(row.reason == "Too many pipelines")
        world.now = .at(next) - .milliseconds(1)
        world.tell(.woke)
        #expect(world.take("post") == [])
        world.pass(to: next)
        #expect(world.take("post") == ["post j0@13:00"])
        #expect(world.rows[.run("j0", "13:00")]?.notBefore == nil)
    }

    @Test("The pause is for the others of the ref too, and not for other refs")
    func limitedLane() throws {
        let elsewhere = try Job.named("other", "1 13 * * *") { $0.ref = "other" }
        var world = World(try jobs(1) + [try .named("late", "1 13 * * *"), elsewhere])
        world.pass(to: "13:00:30")
        world.tell(.posted(.run("j0", "13:00"), .failure(.limited("w", retryAfter: nil))))
        _ = world.take()
        world.pass(to: "13:01:29")
        #expect(world.take("post") == ["post other@13:01"])
        world.pass(to: "13:01:30")
        #expect(world.take("post") == ["post j0@13:00", "post late@13:01"])
    }

    @Test("A limit of the token's user pauses all projects, also those that come later")
    func throttled() throws {
        let elsewhere = try Job.named("other", "1 13 * * *") { $0.project = "9" }
        var world = World(try jobs(1) + [elsewhere])
        world.pass(to: "13:00:30")
        world.tell(.posted(.run("j0", "13:00"), .failure(.throttled("Too many pipelines", retryAfter: nil))))
        _ = world.take()
        world.pass(to: "13:01:29")
        #expect(world.take("post") == [])
        #expect(world.states == ["j0@13:00 claimed", "other@13:01 claimed"])
        world.pass(to: "13:01:30")
        #expect(world.take("post") == ["post j0@13:00", "post other@13:01"])
    }

    @Test(
        "A limit stands, whatever other requests that were under way bring")
    func limitOutlivesOtherAnswers() throws {
        var world = World(try jobs(2))
        world.pass(to: "13:00")
        #expect(world.take("post").count == 2)
        world.tell(.posted(.run("j0", "13:00"), .failure(.limited("w", retryAfter: nil))))
        world.tell(.posted(.run("j1", "13:00"), .success(.number(1))))
        world.pass(to: "13:00:59")
        #expect(world.take("post") == [])
    }

    @Test("GitLab is down: one probe at a time, at growing distances")
    func outage() throws {
        var world = World(try jobs(1) + [try .named("late", "1 13 * * *")])
        world.pass(to: "13:00")
        var tries: [Instant] = []
        while tries.count < 9 {
            let posts = world.take("post")
            if !posts.isEmpty {
                #expect(posts == ["post j0@13:00"], "the oldest, and it alone")
                tries.append(world.now)
                world.tell(.posted(.run("j0", "13:00"), .failure(.unavailable("connection refused"))))
                #expect(world.rows[.run("j0", "13:00")]?.state == .claimed)
            }
            let wake = try #require(world.scheduler.nextWake)
            world.pass(max(.zero, world.now.duration(to: wake)))
        }
        for (index, times) in zip(tries, tries.dropFirst()).enumerated() {
            let plain = min(Duration.seconds(1 << index), .seconds(60))
            let wait = times.0.duration(to: times.1)
            #expect(
                wait >= plain * 3 / 4 && wait <= plain * 5 / 4 + .milliseconds(1), "try \(index): \(wait)")
        }
        #expect(tries.count == 9)
    }

    @Test("…and when a probe gets through, nothing holds the others back")
    func outageEnds() throws {
        var world = World(try jobs(3))
        world.pass(to: "13:00")
        for job in 0..<3 { world.tell(.posted(.run("j\(job)", "13:00"), .failure(.unavailable("down")))) }
        #expect(world.take("post").count == 3)
        world.pass(.seconds(80))
        #expect(world.take("post") == ["post j0@13:00"])
        world.tell(.posted(.run("j0", "13:00"), .success(.number(1))))
        #expect(world.take("post") == ["post j1@13:00", "post j2@13:00"])
    }

    @Test("A refusal is an answer: it ends an outage")
    func refusalEndsProbing() throws {
        var world = World(try jobs(1) + [try .named("b", "1 13 * * *"), try .named("c", "1 13 * * *")])
        world.pass(to: "13:00")
        for _ in 0..<8 {
            world.tell(.posted(.run("j0", "13:00"), .failure(.unavailable("down"))))
            world.pass(.seconds(75))
        }
        #expect(world.take("post") == Array(repeating: "post j0@13:00", count: 9))
        world.tell(.posted(.run("j0", "13:00"), .failure(.refused("no"))))
        #expect(world.take("post") == ["post b@13:01", "post c@13:01"])
    }

    @Test(
        "Requests that were under way together are one failure, not many")
    func aBlipIsShort() throws {
        var world = World(try jobs(20))
        world.pass(to: "13:00")
        for id in world.orders.map(\.run) { world.tell(.posted(id, .failure(.unavailable("503")))) }
        _ = world.take()
        world.pass(.seconds(5))
        #expect(world.take("post").count == 1, "a blip of a second must not cost a minute")
    }

    @Test(
        "What waits for a free request keeps to a pause that was ordered meanwhile",
        arguments: [
            Trouble.limited("w", retryAfter: nil), .unavailable("down"), .uncertain("timeout"),
        ])
    func pausesHoldForAll(trouble: Trouble) throws {
        var world = World(try jobs(3)) { ($0.maxInFlight, $0.ratePerMinute) = (1, 0) }
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post j0@13:00"])
        world.tell(.posted(.run("j0", "13:00"), .failure(trouble)))
        #expect(world.take("post") == [])
    }

    @Test(
        "A probe whose fire time is known to the ledger does not close its lane for good")
    func duplicateProbe() throws {
        var world = World(
            try jobs(1) + [try .named("late", "1 13 * * *"), try .named("later", "2 13 * * *")])
        world.duplicates = [.run("late", "13:01")]
        world.pass(to: "13:00:58")
        world.tell(.posted(.run("j0", "13:00"), .failure(.uncertain("timeout"))))
        world.pass(to: "13:01")
        world.pass(to: "13:02")
        #expect(world.take("post") == ["post j0@13:00", "post later@13:02"])
    }

    @Test("A claim with a not-before from an earlier life is not posted earlier")
    func notBeforeSurvivesARestart() throws {
        var world = World(try jobs(1))
        world.pass(to: "13:00")
        world.tell(.posted(.run("j0", "13:00"), .failure(.limited("w", retryAfter: nil))))
        world.pass(.seconds(10))
        world.restart(try jobs(1))
        world.pass(to: "13:00:59")
        #expect(world.take("post") == [])
        world.pass(to: "13:01")
        #expect(world.take("post") == ["post j0@13:00"])
    }
}
