import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("Forecast: what a start would do")
struct ForecastTests {
    private var settings: Settings { Settings(project: "7", ref: "main") }

    private func lines(_ forecast: Forecast) -> [String] {
        forecast.rows.map { "\($0.id.short) \($0.state.rawValue)" + ($0.reason.map { ": \($0)" } ?? "") }
    }

    @Test("Claims, catch-ups and skips, by each job's policy")
    func policies() throws {
        let jobs = [
            try Job.named("all", "0 * * * *") { ($0.catchUp, $0.overlap) = (.all, .allow) },
            try Job.named("latest", "0 * * * *"),
            try Job.named("none", "0 * * * *") { $0.catchUp = .none },
            try Job.named("new", "0 * * * *"),
            try Job.named("off", "0 * * * *") { $0.isEnabled = false },
        ]
        let marks = [
            "all": Instant.at("10:00"), "latest": .at("10:00"), "none": .at("11:00"), "off": .at("11:00"),
        ]
        let forecast = Forecast(jobs: jobs, covered: marks, open: [], settings: settings, now: .at("12:10"))
        #expect(
            lines(forecast) == [
                "all@11:00 claimed", "latest@11:00 skipped: superseded by a newer fire time in catch-up",
                "all@12:00 claimed", "latest@12:00 claimed",
                "none@12:00 skipped: missed: found 10 min late, and catch_up is none",
                "off@12:00 skipped: paused: the job is not enabled",
            ])
        #expect(forecast.newJobs == ["new"] && forecast.resumed.isEmpty)
    }

    @Test("Open runs are in the way, and their pipelines are taken to go on")
    func overlap() throws {
        var open = Run(.run("a", "11:00"), state: .triggered)
        (open.project, open.ref, open.pipeline) = ("7", "main", .number(3))
        let forecast = Forecast(
            jobs: [try .named("a", "0 * * * *"), try .named("b", "30 11 * * *")],
            covered: ["a": .at("11:00"), "b": .at("11:00")], open: [open], settings: settings,
            now: .at("12:10"))
        #expect(
            lines(forecast) == ["b@11:30 claimed", "a@12:00 skipped: overlap: an earlier run was still open"])
        #expect(forecast.resumed.map(\.id.short) == ["a@11:00"])
    }

    @Test("A start does exactly that", arguments: Seeds.first(40))
    func aStartDoesIt(seed: UInt64) throws {
        var random = SplitMix(seed: seed)
        let jobs = try (0..<6).map { index in
            try Job.named(
                "j\(index)",
                ["*/7 * * * *", "0 * * * *", "@every 11m", "15 9-11 * * *"].randomElement(using: &random)
                    ?? ""
            ) {
                $0.catchUp = CatchUpPolicy.allCases.randomElement(using: &random) ?? .latest
                $0.overlap = OverlapPolicy.allCases.randomElement(using: &random) ?? .skip
                $0.isEnabled = Int.random(in: 0..<5, using: &random) > 0
                if Bool.random(using: &random) {
                    $0.misfireGrace = .seconds(Int64.random(in: 60...4_000, using: &random))
                }
            }
        }
        let marks = Dictionary(
            uniqueKeysWithValues: jobs.map {
                ($0.name, Instant.at("12:00") - .seconds(Int64.random(in: 0...9_000, using: &random)))
            })
        let forecast = Forecast(jobs: jobs, covered: marks, open: [], settings: settings, now: .at("12:00"))
        let world = World(jobs, at: "12:00", covered: marks)
        var started = world
        started.pass(.zero)
        #expect(
            lines(forecast).map { $0.split(separator: ":").first ?? "" }
                == started.states.map { $0.split(separator: ":").first ?? "" }, "\(seed)")
        #expect(forecast.rows.map(\.id) == started.rows.keys.sorted())
    }

    @Test("An empty ledger has no past")
    func empty() throws {
        let forecast = Forecast(
            jobs: [try .named("a", "* * * * *")], covered: [:], open: [], settings: settings,
            now: .at("12:00"))
        #expect(forecast.rows.isEmpty && forecast.newJobs == ["a"])
    }
}

@Suite("Audit")
struct AuditTests {
    private func audit(
        _ rows: [(String, Bool)], from: String? = nil, to: String = "12:00", now: String = "12:10",
        jitter: Duration = .zero
    ) throws -> Audit {
        let job = try Job.named("a", "0 * * * *") { $0.jitter = jitter }
        let recorded: [(fireTime: Instant, isSkip: Bool)] = rows.map { (.at($0.0), $0.1) }
        return Audit(
            job, rows: recorded, from: from.map { .at($0) }, to: .at(to), now: .at(now))
    }

    @Test func everythingIsThere() throws {
        let found = try audit([("09:00", false), ("10:00", true), ("11:00", false), ("12:00", false)])
        #expect((found.fireTimes, found.runs, found.skips, found.others) == (4, 3, 1, 0))
        #expect(found.unaccounted.isEmpty)
    }

    @Test func whatIsMissingIsNamed() throws {
        let found = try audit([("08:00", false), ("10:00", false)])
        #expect(found.unaccounted.map(\.clock) == ["09:00", "11:00", "12:00"])
        #expect(
            try audit([("08:00", false)], from: "07:30", to: "09:00").unaccounted.map(\.clock) == ["09:00"])
        #expect(
            try audit([("08:00", false)], from: "07:00", to: "08:00").unaccounted.map(\.clock) == ["07:00"])
    }

    @Test func rowsByHandAreNoFireTimes() throws {
        let found = try audit(
            [("09:00", false), ("09:12:34", false), ("10:00", false), ("10:30", false)], to: "11:00",
            now: "10:59")
        #expect((found.fireTimes, found.others) == (2, 2))
        #expect(found.unaccounted.isEmpty)
    }

    @Test func whatIsNotDueIsNotMissing() throws {
        #expect(
            try audit([("11:00", false)], to: "13:00", now: "12:59").unaccounted.map(\.clock) == ["12:00"])
        #expect(try audit([("11:00", false)], jitter: .seconds(86_400)).unaccounted.isEmpty)
        #expect(try audit([]).fireTimes == 0)
        #expect(try audit([], from: "11:00").unaccounted.map(\.clock) == ["11:00", "12:00"])
    }
}
