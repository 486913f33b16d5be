import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("Scheduler: random days")
struct RandomDayTests {
    @Test("Every fire time that is covered has exactly one row", arguments: Seeds.first(10))
    func everyFireTimeHasItsRow(seed: UInt64) throws {
        var day = try RandomDay(seed: seed)
        while day.world.now < .at("15:00") { day.step() }
        day.world.pass(.seconds(60))
        for job in day.jobs { check(job, day.world) }
    }

    private func check(_ job: Job, _ world: World) {
        let covered = world.covered[job.name] ?? .distantPast
        var expected: [Instant] = []
        var last = Instant.at("12:00")
        while let next = job.schedule.next(after: last), next <= covered {
            expected.append(next)
            last = next
        }
        let rows = world.rows.keys.filter { $0.job == job.name }.map(\.fireTime).sorted()
        #expect(rows == expected)
        #expect(
            job.nextDue(after: covered).map { $0 > world.now } == true, "\(job.name) is not planned up to now"
        )
    }
}

/// A dozen jobs with random policies, a GitLab with random faults, sleeps and crashes.
private struct RandomDay {
    let jobs: [Job]
    var world: World
    private var random: SplitMix
    private var answered = 0
    private var pipelines: [Int64] = []

    init(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        var jobs: [Job] = []
        for index in 0..<12 {
            let expression = random.pick(["*/7 * * * *", "0 * * * *", "@every 90s"], else: "@daily")
            var job = try Job.named("j\(index)", expression)
            job.overlap = random.pick(OverlapPolicy.allCases, else: .skip)
            job.catchUp = random.pick(CatchUpPolicy.allCases, else: .latest)
            job.isEnabled = random.chance(90)
            job.jitter = random.chance(30) ? .seconds(200) : .zero
            job.misfireGrace = random.chance(30) ? .seconds(random.int(10...900)) : nil
            jobs.append(job)
        }
        let rate = Int(random.pick([0, 3, 25], else: 25))
        self.jobs = jobs
        world = World(jobs) { $0.ratePerMinute = rate }
        world.looks = .going
        self.random = random
    }

    mutating func step() {
        world.pass(.seconds(random.int(1...400)))
        if random.chance(5) { world.now = world.now + .seconds(random.int(0...5_000)) }
        while answered < world.orders.count { answer(world.orders[answered].run) }
        endSome()
        if random.chance(5), answered == world.orders.count { world.restart(jobs) }
    }

    private mutating func answer(_ id: RunID) {
        answered += 1
        guard random.chance(70) else {
            let trouble: Trouble = random.chance(50) ? .refused("no") : .unavailable("down")
            return world.tell(.posted(id, .failure(trouble)))
        }
        pipelines.append(Int64(answered))
        world.tell(.posted(id, .success(.number(Int64(answered)))))
    }

    private mutating func endSome() {
        var ended: [Sighting] = []
        for pipeline in pipelines where random.chance(60) {
            ended.append(.of(pipeline, random.chance(80) ? .succeeded : .failed))
        }
        pipelines.removeAll { pipeline in ended.contains { $0.pipeline.id == pipeline } }
        world.tell(.listed(project: "7", .success(Listing(sightings: ended, serverTime: nil))))
    }
}
