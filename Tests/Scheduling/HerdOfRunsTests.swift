import CivilTime
import Testing

@testable import Scheduling

/// Two hundred jobs are due at once, and GitLab takes 25 pipelines a minute.
@Suite("Scheduler: a herd under the rate limit")
struct HerdOfRunsTests {
    private func world(perMinute: Int) throws -> World {
        let jobs = try (0..<200).map { index in
            // Two waves, an older and a newer one.
            try Job.named("j\(index)", index < 100 ? "0 13 * * *" : "1 13 * * *")
        }
        return World(jobs, at: "12:59") { $0.ratePerMinute = perMinute }
    }

    /// Lets time pass and answers each POST. `limit`: GitLab's own rate limit, which answers with 400.
    private func run(_ world: inout World, until end: String, limit: Int? = nil) -> [(
        at: Instant, run: RunID
    )] {
        var posts: [(at: Instant, run: RunID)] = []
        var pipeline: Int64 = 0
        var answered = 0
        while world.now < .at(end) {
            world.pass(.seconds(1))
            for order in world.orders.dropFirst(answered) {
                answered += 1
                let recent = posts.count { $0.at > world.now - .seconds(60) }
                if let limit, recent >= limit {
                    let words = "Too many pipelines created in the last minute. Try again later."
                    world.tell(.posted(order.run, .failure(.limited(words, retryAfter: nil))))
                } else {
                    pipeline += 1
                    posts.append((world.now, order.run))
                    world.tell(.posted(order.run, .success(.number(pipeline))))
                }
            }
        }
        return posts
    }

    @Test("All of them run, oldest first, none is lost or refused, and each says why it waits")
    func ownLimit() throws {
        var world = try world(perMinute: 25)
        world.pass(to: "13:01:30")
        let waiting = world.rows.values.filter { $0.state == .claimed && $0.sentAt == nil }
        #expect(waiting.count >= 140)
        #expect(waiting.allSatisfy { $0.reason == "waits for the rate limit of 25 pipelines a minute" })
        let posts = run(&world, until: "13:10")
        #expect(posts.count == 200 && Set(posts.map(\.run)).count == 200)
        #expect(zip(posts, posts.dropFirst()).allSatisfy { $0.run.fireTime <= $1.run.fireTime })
        // The first ones left before the scheduler knew of the limit.
        for post in posts.dropFirst(75) {
            #expect(posts.count { $0.at <= post.at && $0.at > post.at - .seconds(60) } <= 25)
        }
        #expect(world.rows.values.allSatisfy { $0.state == .triggered && $0.reason == nil })
    }

    @Test("…also where GitLab's limit is lower than the own one")
    func gitLabsLimit() throws {
        var world = try world(perMinute: 0)
        let posts = run(&world, until: "13:30", limit: 25)
        #expect(posts.count == 200 && Set(posts.map(\.run)).count == 200)
        #expect(world.rows.values.allSatisfy { $0.state == .triggered })
    }
}
