import CivilTime
import Cron
import Testing

@testable import Scheduling

/// More jobs in a minute than GitLab creates pipelines.
@Suite struct HerdTests {
    private let now = Instant(seconds: 1_772_323_200)  // 2026-03-01T00:00:00Z

    private func jobs(_ count: Int, _ expression: String, _ change: (inout Job) -> Void = { _ in }) throws
        -> [Job]
    {
        try (0..<count).map { index in
            var job = Job(
                name: "\(expression) \(index)", schedule: Schedule(try CronExpression(expression), in: .utc))
            change(&job)
            return job
        }
    }

    @Test func `jobs of one minute wait for one another`() throws {
        let herds = Herd.worst(of: try jobs(60, "0 3 * * *"), perMinute: 25, after: now)
        #expect(herds.count == 1)
        #expect(herds.first?.minute.rfc3339 == "2026-03-01T03:00:00Z")
        #expect(herds.first?.waiting == 60)
        #expect(herds.first?.wait == .seconds(120))
        #expect(herds.first?.jobs.count == 60)
    }

    @Test func `what one minute leaves waits beside the next`() throws {
        let jobs = try jobs(30, "0 3 * * *") + jobs(24, "1 3 * * *")
        let herd = try #require(Herd.worst(of: jobs, perMinute: 25, after: now).first)
        #expect(herd.minute.rfc3339 == "2026-03-01T03:00:00Z")
        let more = try #require(
            Herd.worst(of: jobs + (try self.jobs(3, "1 3 * * *")), perMinute: 25, after: now).first)
        #expect(more.minute.rfc3339 == "2026-03-01T03:01:00Z")
        #expect(more.waiting == 32)
    }

    @Test func `no herd`() throws {
        #expect(Herd.worst(of: try jobs(25, "0 3 * * *"), perMinute: 25, after: now).isEmpty)
        #expect(Herd.worst(of: try jobs(60, "0 3 * * *"), perMinute: 0, after: now).isEmpty)
        #expect(
            Herd.worst(of: try jobs(60, "0 3 * * *") { $0.isEnabled = false }, perMinute: 25, after: now)
                .isEmpty)
        #expect(
            Herd.worst(
                of: try jobs(60, "0 3 * * *") { $0.jitter = .seconds(3_600) }, perMinute: 25, after: now
            ).isEmpty)
        #expect(Herd.worst(of: [], perMinute: 25, after: now).isEmpty)
    }

    @Test func `each project and ref has a limit of its own`() throws {
        let jobs =
            try jobs(30, "0 3 * * *") + jobs(20, "1 3 * * *") { $0.ref = "dev" }
            + jobs(26, "2 3 1 * *") { $0.project = "7" }
        let herds = Herd.worst(of: jobs, perMinute: 25, after: now)
        #expect(herds.map(\.project) == [nil, "7"])
        #expect(herds.map(\.waiting) == [30, 26])
    }

    @Test func `jobs that run every minute end in time`() throws {
        let herd = try #require(Herd.worst(of: try jobs(100, "* * * * *"), perMinute: 25, after: now).first)
        #expect(herd.waiting > 100)
    }
}
