import CivilTime
import TestSupport
import Testing

@testable import Scheduling

/// Guards against work that grows faster than its input. Eight times the input may not cost much more than eight times
/// the work. Quadratic work would cost sixty-four times.
@Suite struct CostTests {
    /// All jobs are due at once. The scheduler plans, commits and posts them, and GitLab answers.
    private static func burst(_ jobs: [Job]) {
        let covered = Dictionary(uniqueKeysWithValues: jobs.map { ($0.name, Instant.at("12:00")) })
        var settings = Settings(project: "4242", ref: "main")
        settings.ratePerMinute = 0
        var scheduler = Scheduler(
            jobs: jobs, covered: covered, open: [], settings: settings, now: .at("12:59:59"))
        _ = scheduler.handle(.woke, at: .at("12:59:59"))
        _ = scheduler.handle(.committed(duplicates: []), at: .at("12:59:59"))
        var posted = 0
        var events = [Event.woke]
        while !events.isEmpty {
            let decision = scheduler.handle(events, at: .at("13:00"))
            events = decision.changes.isEmpty ? [] : [.committed(duplicates: [])]
            for order in decision.posts {
                posted += 1
                events.append(.posted(order.run, .success(Pipeline(id: Int64(posted), url: "https://g/1"))))
            }
            if let wake = scheduler.nextWake, wake <= .at("13:00") { events.append(.woke) }
        }
        #expect(posted == jobs.count)
    }

    @Test("A burst of eight times as many jobs costs about eight times as much")
    func burst() throws {
        let many = try (0..<4_000).map { try Job.named("j\($0)", "0 * * * *") }
        let few = Array(many.prefix(500))
        let ratio = cost(of: { Self.burst(many) }, over: { Self.burst(few) })
        #expect(ratio < 24, "\(ratio) times")
    }

    @Test("The wheel: eight times as many timers cost about eight times as much")
    func wheel() {
        func turn(_ count: Int) {
            var wheel = TimingWheel<Int>(now: .at("12:00"))
            for number in 0..<count {
                wheel.insert(number, due: .at("12:00") + .milliseconds(Int64(number * 7_919 % 3_600_000)))
            }
            #expect(wheel.advance(to: .at("13:00")).count == count)
        }
        let ratio = cost(of: { turn(16_000) }, over: { turn(2_000) })
        #expect(ratio < 24, "\(ratio) times")
    }
}
