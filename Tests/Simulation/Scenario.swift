import CivilTime
import Cron
import FakeGitLab
import Scheduling
import TestSupport

/// The decisions of one seed: jobs, the course of pipelines, the life of the process, and the troubles.
struct Scenario {
    enum Mode { case alone, fleet }

    enum Kind: Equatable {
        case whole
        /// Short enough to run it with a crash at every point.
        case short
        /// Nothing goes wrong. Instances follow one another.
        case calm
        /// Nothing goes wrong for a day, and a pipeline schedule starts a successor every two hours.
        case day(Handover)
        /// Jobs every few seconds, and processes that stay away for an hour: thousands of skips.
        case long

        /// Nothing goes wrong but pipelines, and every request takes the same time: with channels or without, all else is equal.
        case told(hasChannels: Bool)

        /// As the input `handover` of scheduler-ci.yml says.
        enum Handover: Equatable { case overlap, serial }

        var isTold: Bool { if case .told = self { true } else { false } }

        /// Nothing goes wrong.
        var isCalm: Bool {
            switch self {
            case .calm, .day, .told: true
            case .whole, .short, .long: false
            }
        }
    }

    let seed: UInt64
    let kind: Kind
    let mode: Mode
    let start: Instant
    let span: Duration
    let quiet: Duration
    var random: SplitMix
    let jobs: [Job]
    let gitlab: FakeSettings
    /// nil: GitLab does not surprise.
    let marks: MarkRule
    let surprises: Surprises?
    let settings: Settings
    let crashes: Simulation.Crashes
    /// Faults of the API, and worse troubles.
    let hasFaults: Bool
    let hasTroubles: Bool
    /// Whether a ledger may be lost, old or damaged when a process starts.
    let losses: LedgerLosses
    let usesResourceGroup: Bool
    /// Whether channels are told of what happens.
    let hasChannels: Bool
    let newestFirst: Bool
    /// The time between handovers or troubles.
    let pauseSeconds: Int
    /// The longest pause of a process that is not restarted at once, in seconds.
    let longestPause: Int
    /// Seconds by which clocks may differ.
    let furthestClock: Int
    let mostHappenings = 400_000

    init(seed: UInt64, kind: Kind = .whole) throws {
        (self.seed, self.kind) = (seed, kind)
        var random = SplitMix(seed: seed)
        let mode =
            (random.chance(1, in: 2) || kind == .long) && !kind.isCalm || kind.isTold ? Mode.alone : .fleet
        self.mode = mode
        let tempo = Tempo.pick(mode, kind, &random)
        let pace = tempo.pace
        start = random.pick(Self.starts, or: Instant(seconds: 1_772_323_200)).advanced(
            by: random.seconds(0...3_600))
        var settings = Self.settings(mode, kind, pace, &random)
        var jobs = try (0..<Int.random(in: 1...pace.jobs, using: &random)).map { index in
            try kind.isCalm ? Self.calmJob(index) : Self.job(index, mode, tempo, &random)
        }
        if case .day = kind { jobs = [try Self.calmJob(0)] }
        var gitlab = Self.gitlab(seed, kind, pace, &random)
        surprises =
            (kind == .whole || kind == .short) && random.chance(1, in: 2) ? Surprises(mode, &random) : nil
        surprises?.change(&jobs, &random)
        surprises?.change(&gitlab)
        var markRandom = SplitMix(seed: seed ^ 0x6D61_726B)
        let knowsInputs = !(surprises?.isTooOldForInputs ?? false)
        marks = knowsInputs ? markRandom.pick(MarkRule.allCases, or: .variables) : .variables
        marks.change(&jobs)
        marks.change(&gitlab, &markRandom)
        var tellRandom = SplitMix(seed: seed ^ 0x7465_6C6C)
        hasChannels = kind == .told(hasChannels: true) || !kind.isCalm && tellRandom.chance(1, in: 2)
        if hasChannels { Receivers.listen(&settings, &jobs) }
        self.settings = settings
        self.jobs = jobs
        self.gitlab = gitlab
        let polls = Int.random(in: kind == .short ? 40...60 : 100...200, using: &random)
        let alone = Duration.seconds(kind == .short ? 700 : pace.span)
        if case .day = kind {
            span = .seconds(86_400)
        } else {
            span = mode == .fleet ? settings.poll * polls : alone
        }
        let isCalm = kind.isCalm
        hasFaults = !isCalm && !random.chance(1, in: 5)
        hasTroubles = (kind == .whole || kind == .long) && !random.chance(1, in: 4)
        crashes = isCalm || random.chance(1, in: 5) ? .never : .oneIn(random.pick([60, 200, 600], or: 200))
        losses = isCalm || kind != .long && random.chance(1, in: 2) ? .none : .sometimes
        let mayWait = random.chance(1, in: 2)
        if case .day(let handover) = kind {
            usesResourceGroup = handover == .serial
        } else {
            usesResourceGroup = mayWait
        }
        newestFirst = random.chance(1, in: 3)
        pauseSeconds = mode == .fleet ? Int(span.components.seconds) / 6 : pace.step * 3
        longestPause = kind == .long ? 3_600 : pace.step * (kind == .short ? 1 : 3)
        quiet = .seconds(max(pace.step * (kind == .short ? 4 : 8), 400) + (kind == .long ? longestPause : 0))
        furthestClock =
            mode == .fleet ? 40 : 3_500
        self.random = random
    }

    private static func settings(
        _ mode: Mode, _ kind: Kind, _ pace: Tempo.Pace, _ random: inout SplitMix
    ) -> Settings {
        var settings = Settings(project: "4242", ref: "main")
        settings.watch = .seconds(pace.watch)
        if kind.isCalm || kind == .long {
            settings.ratePerMinute = 0
        } else if random.chance(1, in: 4) {
            settings.ratePerMinute = 6
        }
        let polls = kind.isCalm ? [10, 20] : [5, 10, 10, 20]
        if mode == .fleet { settings.poll = .seconds(random.pick(polls, or: 10)) }
        if !kind.isCalm, random.chance(1, in: 3) { settings.maxInFlight = random.pick([1, 2], or: 1) }
        if random.chance(1, in: 3) { settings.drainTimeout = .seconds(pace.step * 3) }
        return settings
    }

    /// Ordinary days, and nights with a shift of the clock somewhere.
    private static let starts = [
        1_772_323_200, 1_772_950_000, 1_774_740_000, 1_775_310_000, 1_793_490_000, 1_780_000_000,
    ].map { Instant(seconds: $0) }
}

/// How often fire times come, which decides the length of a scenario.
enum Tempo {
    case seconds, minutes, hours, days

    static func pick(_ mode: Scenario.Mode, _ kind: Scenario.Kind, _ random: inout SplitMix) -> Tempo {
        if kind == .long { return .seconds }
        return mode == .fleet || kind == .short || kind.isTold
            ? .minutes : random.pick([.minutes, .hours, .days], or: .hours)
    }

    struct Pace {
        let expressions: [String]
        /// The approximate time between fire times, in seconds.
        let step: Int
        let span: Int
        let watch: Int
        let jobs: Int
    }

    var pace: Pace {
        switch self {
        case .seconds:
            Pace(
                expressions: ["@every 3s", "@every 10s", "* * * * *"], step: 60, span: 14_400, watch: 15,
                jobs: 2)
        case .minutes:
            Pace(
                expressions: [
                    "* * * * *", "*/2 * * * *", "*/5 * * * *", "@every 90s", "1-59/3 * * * *", "@every 4m",
                    "7,8,9 * * * *",
                ], step: 120, span: 5_400, watch: 15, jobs: 3)
        case .hours:
            Pace(
                expressions: [
                    "*/20 * * * *", "17 * * * *", "5,25,45 8-18 * * *", "@every 37m", "@hourly",
                    "*/15 1-4 * * *", "30 2 * * *",
                ], step: 1_800, span: 86_400, watch: 240, jobs: 3)
        case .days:
            Pace(
                expressions: [
                    "30 2 * * *", "@daily", "0 0 1,15 * *", "0 12 * * MON-FRI", "@weekly", "@every 26h",
                    "0 4 L * *",
                ], step: 43_200, span: 31 * 86_400, watch: 3_600, jobs: 2)
        }
    }
}

extension Scenario {
    private static let zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]

    private static func job(
        _ index: Int, _ mode: Mode, _ tempo: Tempo, _ random: inout SplitMix
    ) throws -> Job {
        let zone = try ZoneDatabase(directory: nil).zone(named: random.pick(zones, or: "UTC"))
        let expression = try CronExpression(random.pick(tempo.pace.expressions, or: "@daily"))
        let step = tempo.pace.step
        var job = Job(name: "job-\(index)", schedule: Schedule(expression, in: zone))
        job.overlap = random.pick(OverlapPolicy.allCases, or: .skip)
        job.catchUp = random.pick(CatchUpPolicy.allCases, or: .latest)
        job.retries = Int.random(in: 0...2, using: &random)
        if random.chance(1, in: 3) { job.misfireGrace = random.seconds(60...max(61, step * 2)) }
        if random.chance(1, in: 3) { job.jitter = random.seconds(1...step / 4) }
        if random.chance(1, in: 4) { job.timeout = random.seconds(step / 4...step * 2) }
        job.isEnabled = !random.chance(1, in: 12)
        // The simulated GitLab must be able to run everything that is left at the end.
        if tempo == .seconds {
            job.overlap = .skip
            if job.catchUp == .all { job.catchUp = .latest }
        }
        return job
    }

    /// A job that must run each of its fire times at once.
    private static func calmJob(_ index: Int) throws -> Job {
        let expression = try CronExpression(index == 0 ? "* * * * *" : "@every \(7 * index + 10)s")
        var job = Job(name: "job-\(index)", schedule: Schedule(expression, in: .utc))
        job.overlap = .allow
        job.catchUp = .all
        return job
    }

    /// Pipelines take from a second to a few steps and fail sometimes, by a hash of their run id.
    private static func gitlab(
        _ seed: UInt64, _ kind: Kind, _ pace: Tempo.Pace, _ random: inout SplitMix
    ) -> FakeSettings {
        var settings = FakeSettings()
        settings.seed = seed
        settings.isBrief = true
        if random.chance(1, in: 3) { settings.nameTemplate = nil }
        if random.chance(1, in: 4), !kind.isCalm, kind != .long { settings.pipelinesPerMinute = 6 }
        let usual = UInt64(pace.step) * 300_000
        settings.behaviourOf = { pipeline in
            let hash = (pipeline.runID ?? "").utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            var behaviour = FakeBehaviour()
            let longest = hash % 7 == 0 ? usual * 6 : usual
            behaviour.runsFor = Int64(1_000_000 + (hash >> 8) % longest)
            behaviour.jobs[0].failures = hash % 5 == 0 ? Int((hash >> 40) % 4) : 0
            return behaviour
        }
        return settings
    }
}
