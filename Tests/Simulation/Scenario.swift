import Cron
import FakeGitLab
import Ledger
import Scheduling

/// What one seed decides: jobs, how pipelines go, what goes wrong, and when the process dies.
struct Scenario {
    let seed: UInt64
    let start = Instant(seconds: 1_772_323_200)  // 2026-03-01T00:00:00Z: clocks go forward in this month
    let days: Int
    var random: SplitMix
    let jobs: [Job]
    let gitlab: VirtualGitLab
    let settings: Settings
    let ledgerPath: String

    init(seed: UInt64, days: Int, directory: String) throws {
        self.seed = seed
        self.days = days
        var random = SplitMix(state: seed)
        jobs = try (0..<(days > 7 ? 2 : 4)).map { try Self.job($0, &random) }
        gitlab = VirtualGitLab(Self.gitlab(seed, jobs, &random), now: start)
        var settings = Settings(project: "4242", ref: "main")
        // Seldom enough that a simulated day is some hundred requests, and a seed takes a fraction of a second.
        settings.watch = .seconds(days > 7 ? 900 : 240)
        settings.ratePerMinute = random.chance(1, in: 3) ? 2 : 25
        self.settings = settings
        self.random = random
        ledgerPath = "\(directory)/\(seed).db"
    }

    private static let expressions = [
        "*/20 * * * *", "17 * * * *", "30 2 * * *", "0 */3 * * 1-5", "5,25,45 8-18 * * *", "@every 37m",
        "@daily",
        "@hourly", "*/15 1-4 * * SUN",
    ]
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

    private static func job(_ index: Int, _ random: inout SplitMix) throws -> Job {
        let zones = ZoneDatabase(directory: nil)
        let zone = try zones.zone(named: Self.zones.randomElement(using: &random) ?? "UTC")
        let expression = try CronExpression(expressions.randomElement(using: &random) ?? "@daily")
        var job = Job(name: "job-\(index)", schedule: Schedule(expression, in: zone))
        job.overlap = OverlapPolicy.allCases.randomElement(using: &random) ?? .skip
        job.catchUp = CatchUpPolicy.allCases.randomElement(using: &random) ?? .latest
        job.retries = Int.random(in: 0...2, using: &random)
        if random.chance(1, in: 3) { job.misfireGrace = .seconds(Int.random(in: 60...7_200, using: &random)) }
        if random.chance(1, in: 3) { job.jitter = .seconds(Int.random(in: 1...300, using: &random)) }
        if random.chance(1, in: 4) { job.timeout = .seconds(Int.random(in: 300...3_600, using: &random)) }
        job.isEnabled = !random.chance(1, in: 10)
        job.variables = [Variable(key: "SEED", value: "\(index)")]
        return job
    }

    /// Pipelines take from seconds to an hour and fail now and then, as a hash of their run id says.
    private static func gitlab(_ seed: UInt64, _ jobs: [Job], _ random: inout SplitMix) -> FakeSettings {
        var settings = FakeSettings()
        settings.seed = seed
        if random.chance(1, in: 2) { settings.nameTemplate = nil }
        settings.pipelinesPerMinute = random.chance(1, in: 3) ? 2 : 0
        settings.behaviourOf = { pipeline in
            let hash = (pipeline.runID ?? "").utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            var behaviour = FakeBehaviour()
            let longest: UInt64 = hash % 7 == 0 ? 3_600_000_000 : 240_000_000
            behaviour.runsFor = Int64(1_000_000 + (hash >> 8) % longest)
            behaviour.jobs[0].failures = hash % 5 == 0 ? Int((hash >> 40) % 4) : 0
            return behaviour
        }
        return settings
    }

    /// Faults that strike now and then, for the whole time.
    func addFaults() {
        gitlab.withModel { model in
            for (fault, probability) in Self.faults {
                var fault = fault
                fault.probability = probability
                model.add(fault)
            }
        }
    }

    private static let faults: [(FakeFault, Double)] = [
        (.status(502, on: .createPipeline, effect: .none, times: nil), 0.02),
        (.status(500, on: .createPipeline, effect: .now, times: nil), 0.02),
        (.cut(on: .createPipeline, effect: .now, times: nil), 0.02),
        (
            FakeFault(on: .createPipeline, effect: .late(microseconds: 40_000_000), reply: .cut, times: nil),
            0.01
        ),
        (.tooManyPipelines(times: nil), 0.02),
        (.tooManyRequests(retryAfter: 30, times: nil), 0.005),
        (.status(503, times: nil), 0.01),
        (FakeFault(effect: .now, reply: .truncated, times: nil), 0.005),
    ]
}
