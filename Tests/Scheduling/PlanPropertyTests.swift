import CivilTime
import TestSupport
import Testing

@testable import Scheduling

/// Properties of every job, with any schedule and policies, at any time of planning.
@Suite("Plan, for random jobs", .timeLimit(.minutes(10)))
struct PlanPropertyTests {
    @Test("Every due fire time is decided once, and none that is not due", arguments: Seeds.first(60))
    func everyFireTimeOnce(seed: UInt64) throws {
        var story = try PlanStory(seed: seed)
        for _ in 0..<8 { story.tick() }
        story.checkAgainstTheSchedule()
    }

    @Test("When the ticks come changes nothing about which fire times there are", arguments: Seeds.first(20))
    func ticksDoNotMatter(seed: UInt64) throws {
        var often = try PlanStory(seed: seed)
        for _ in 0..<30 { often.tick(shorterBy: 4) }
        var once = try PlanStory(seed: seed)
        once.tick(to: often.now)
        #expect(once.decided == often.decided)
        #expect(once.covered == often.covered)
    }
}

/// One job, planned repeatedly while time passes in uneven steps.
private struct PlanStory {
    private static let expressions = [
        "@every 1s", "@every 7s", "@every 90m", "* * * * *", "*/5 * * * *", "17 */3 * * *", "30 2 * * *",
        "0 0 29 2 *", "0 3 * * MON-FRI", "0 0 1 1 *",
    ]

    private var random: SplitMix
    private let job: Job
    private let start: Instant
    private(set) var now: Instant
    private(set) var covered: Instant
    private(set) var decided: [Instant] = []
    /// The longest step. It has some thousand fire times at most.
    private let stride: Duration

    init(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let expression = random.pick(Self.expressions, else: "* * * * *")
        let zone =
            try random.chance(50) ? Zone.utc : ZoneDatabase(directory: nil).zone(named: "America/New_York")
        var job = try Job.named("job \(seed)", expression, in: zone)
        job.catchUp = random.pick(CatchUpPolicy.allCases, else: .latest)
        job.overlap = random.pick(OverlapPolicy.allCases, else: .skip)
        job.isEnabled = random.chance(90)
        job.jitter = random.chance(40) ? .seconds(random.int(1...4_000)) : .zero
        job.misfireGrace = random.chance(40) ? .seconds(random.int(0...900)) : nil
        self.job = job
        start = .at("2026-01-01T00:00:00Z") + .milliseconds(random.int(0...31_536_000_000))
        now = start
        covered = start
        let gap = job.schedule.next(after: start).flatMap { first in
            job.schedule.next(after: first).map { first.duration(to: $0) }
        }
        stride = min((gap ?? .seconds(60)) * 400, .seconds(3 * 365 * 86_400))
        self.random = random
    }

    mutating func tick(shorterBy factor: Int = 1) {
        let step = random.chance(20) ? stride : stride / Int(random.int(2...300))
        tick(to: now + step / factor)
    }

    /// Plans one moment until nothing more is due, as the scheduler does.
    mutating func tick(to instant: Instant) {
        now = instant
        var open = Int(random.pick([0, 0, 1, 3, 99, 150], else: 0))
        var claimed = 0
        while true {
            let plan = job.plan(coveredThrough: covered, open: open, now: now)
            check(plan, open: open)
            covered = plan.coveredThrough
            decided += (plan.claims + plan.skips.map(\.fireTime)).sorted()
            open += plan.claims.count
            claimed += plan.claims.count
            guard plan.wake == now else { break }
        }
        if job.catchUp != .all || job.overlap == .cancel { #expect(claimed <= 1) }
        if !job.isEnabled { #expect(claimed == 0) }
    }

    private func check(_ plan: Plan, open: Int) {
        #expect(plan.claims.count <= 1_000 && plan.claims.count + plan.skips.count <= 20_000)
        #expect(plan.claims == plan.claims.sorted())
        #expect(plan.claims.allSatisfy { $0.advanced(by: job.delay) <= now }, "claimed before it was due")
        #expect(plan.coveredThrough == (plan.claims + plan.skips.map(\.fireTime)).max() ?? covered)
        #expect(plan.wake.map { $0 >= now } ?? true)
        #expect(plan.cancelsEarlier == (job.overlap == .cancel && open > 0 && !plan.claims.isEmpty))
        let limit = [job.misfireGrace, job.catchUp == .none ? .seconds(30) : nil].compactMap(\.self).min()
        guard let limit else { return }
        #expect(plan.claims.allSatisfy { job.lateness(of: $0, at: now) <= limit })
    }

    func checkAgainstTheSchedule() {
        var expected: [Instant] = []
        var last = start
        while let next = job.schedule.next(after: last), next + job.delay <= now {
            expected.append(next)
            last = next
        }
        #expect(decided == expected)
        #expect(covered == expected.last ?? start)
        let plan = job.plan(coveredThrough: covered, open: 0, now: now)
        #expect(plan.wake == job.schedule.next(after: covered).map { $0 + job.delay })
        #expect(plan.claims.isEmpty && plan.skips.isEmpty)
    }
}
