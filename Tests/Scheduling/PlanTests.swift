import CivilTime
import Cron
import Testing

@testable import Scheduling

extension Plan {
    /// `run 12:01 12:02 | 12:00 superseded | through 12:02 | wake 12:03`
    var line: String {
        var parts: [String] = []
        if !claims.isEmpty { parts.append("run " + claims.map(\.clock).joined(separator: " ")) }
        if cancelsEarlier { parts.append("cancel earlier") }
        parts += skips.map { "\($0.fireTime.clock) \($0.reason.word)" }
        parts.append("through \(coveredThrough.clock)")
        parts.append("wake \(wake?.clock ?? "never")")
        return parts.joined(separator: " | ")
    }
}

extension SkipReason {
    var word: String {
        switch self {
        case .overlap: "overlap"
        case .queueFull(let count): "full(\(count))"
        case .misfire(let late): "misfire(\(late.rough))"
        case .missed(let late): "missed(\(late.rough))"
        case .superseded: "superseded"
        case .paused: "paused"
        case .unrecorded: "unrecorded"
        }
    }
}

@Suite("Plan")
struct PlanTests {
    /// A job for every minute, covered through 12:00. At 12:03:30 three fire times are due.
    private func everyMinute(_ change: (inout Job) -> Void) throws -> Job {
        try .named("minutely", "* * * * *", in: .utc, change)
    }

    @Test("Catch-up × overlap × open runs, with three fire times missed")
    func policies() throws {
        var lines: [String] = []
        for catchUp in CatchUpPolicy.allCases {
            for overlap in OverlapPolicy.allCases {
                for open in 0...1 {
                    let job = try everyMinute { ($0.catchUp, $0.overlap) = (catchUp, overlap) }
                    let plan = job.plan(coveredThrough: .at("12:00"), open: open, now: .at("12:03:30"))
                    #expect(plan.coveredThrough == .at("12:03") && plan.wake == .at("12:04"))
                    let rest = plan.line.split(separator: " | through")[0]
                    lines.append("\(catchUp) \(overlap) \(open): \(rest)")
                }
            }
        }
        #expect(lines.joined(separator: "\n") == Self.table)
    }

    private static let table = """
        latest skip 0: run 12:03 | 12:01 superseded | 12:02 superseded
        latest skip 1: 12:01 superseded | 12:02 superseded | 12:03 overlap
        latest queue 0: run 12:03 | 12:01 superseded | 12:02 superseded
        latest queue 1: run 12:03 | 12:01 superseded | 12:02 superseded
        latest allow 0: run 12:03 | 12:01 superseded | 12:02 superseded
        latest allow 1: run 12:03 | 12:01 superseded | 12:02 superseded
        latest cancel 0: run 12:03 | 12:01 superseded | 12:02 superseded
        latest cancel 1: run 12:03 | cancel earlier | 12:01 superseded | 12:02 superseded
        all skip 0: run 12:01 12:02 12:03
        all skip 1: 12:01 overlap | 12:02 overlap | 12:03 overlap
        all queue 0: run 12:01 12:02 12:03
        all queue 1: run 12:01 12:02 12:03
        all allow 0: run 12:01 12:02 12:03
        all allow 1: run 12:01 12:02 12:03
        all cancel 0: run 12:03 | 12:01 superseded | 12:02 superseded
        all cancel 1: run 12:03 | cancel earlier | 12:01 superseded | 12:02 superseded
        none skip 0: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none skip 1: 12:01 missed(2.5 min) | 12:02 missed(90 s) | 12:03 overlap
        none queue 0: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none queue 1: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none allow 0: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none allow 1: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none cancel 0: run 12:03 | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        none cancel 1: run 12:03 | cancel earlier | 12:01 missed(2.5 min) | 12:02 missed(90 s)
        """

    struct Case: CustomTestStringConvertible {
        var testDescription: String
        var covered = "12:00"
        var now: String
        var open = 0
        var change: @Sendable (inout Job) -> Void = { _ in }
        var expected: String
    }

    @Test(arguments: [
        Case(testDescription: "nothing due", now: "12:00:59", expected: "through 12:00 | wake 12:01"),
        Case(
            testDescription: "due at this very moment", now: "12:01",
            expected: "run 12:01 | through 12:01 | wake 12:02"),
        Case(
            testDescription: "the clock is before the mark", covered: "13:00", now: "12:30",
            expected: "through 13:00 | wake 13:01"),
        Case(
            testDescription: "not enabled", now: "12:02:10", change: { $0.isEnabled = false },
            expected: "12:01 paused | 12:02 paused | through 12:02 | wake 12:03"),
        Case(
            testDescription: "not enabled, and too late as well", now: "12:01:50",
            change: { ($0.isEnabled, $0.misfireGrace) = (false, .seconds(1)) },
            expected: "12:01 paused | through 12:01 | wake 12:02"),
        Case(
            testDescription: "as late as the grace", now: "12:01:30",
            change: { $0.misfireGrace = .seconds(30) },
            expected: "run 12:01 | through 12:01 | wake 12:02"),
        Case(
            testDescription: "later than the grace", now: "12:01:30.001",
            change: { $0.misfireGrace = .seconds(30) },
            expected: "12:01 misfire(30 s) | through 12:01 | wake 12:02"),
        Case(
            testDescription: "no grace at all, and on time", now: "12:01",
            change: { $0.misfireGrace = .zero },
            expected: "run 12:01 | through 12:01 | wake 12:02"),
        Case(
            testDescription: "catch_up none, as late as a slow tick may be", now: "12:01:30",
            change: { ($0.catchUp, $0.overlap) = (.none, .allow) },
            expected: "run 12:01 | through 12:01 | wake 12:02"),
        Case(
            testDescription: "catch_up none, later than that", now: "12:01:30.001",
            change: { ($0.catchUp, $0.overlap) = (.none, .allow) },
            expected: "12:01 missed(30 s) | through 12:01 | wake 12:02"),
        Case(
            testDescription: "catch_up none: what is late never costs the punctual one", now: "12:02",
            change: { ($0.catchUp, $0.overlap) = (.none, .skip) },
            expected: "run 12:02 | 12:01 missed(60 s) | through 12:02 | wake 12:03"),
        Case(
            testDescription: "catch_up none and a stricter grace", now: "12:02:21",
            change: { ($0.catchUp, $0.misfireGrace) = (.none, .seconds(20)) },
            expected: "12:01 misfire(81 s) | 12:02 misfire(21 s) | through 12:02 | wake 12:03"),
        Case(
            testDescription: "catch_up none and a wider grace", now: "12:02:31",
            change: { ($0.catchUp, $0.misfireGrace) = (.none, .seconds(3_600)) },
            expected: "12:01 missed(91 s) | 12:02 missed(31 s) | through 12:02 | wake 12:03"),
        Case(
            testDescription: "the newest is too late, the others too", now: "12:02:50",
            change: { $0.misfireGrace = .seconds(10) },
            expected: "12:01 misfire(110 s) | 12:02 misfire(50 s) | through 12:02 | wake 12:03"),
        Case(
            testDescription: "cancel with nothing due cancels nothing", now: "12:00:30", open: 3,
            change: { $0.overlap = .cancel }, expected: "through 12:00 | wake 12:01"),
        Case(
            testDescription: "cancel with only misfires cancels nothing", now: "12:01:30", open: 3,
            change: { ($0.overlap, $0.misfireGrace) = (.cancel, .seconds(5)) },
            expected: "12:01 misfire(30 s) | through 12:01 | wake 12:02"),
        Case(
            testDescription: "the queue has one place left", now: "12:02:30", open: 100,
            change: { ($0.overlap, $0.catchUp) = (.queue, .all) },
            expected: "run 12:01 | 12:02 full(100) | through 12:02 | wake 12:03"),
        Case(
            testDescription: "the queue is full", now: "12:02:30", open: 101,
            change: { ($0.overlap, $0.catchUp) = (.queue, .all) },
            expected: "12:01 full(100) | 12:02 full(100) | through 12:02 | wake 12:03"),
    ])
    func oneByOne(_ row: Case) throws {
        let job = try everyMinute(row.change)
        let plan = job.plan(coveredThrough: .at(row.covered), open: row.open, now: .at(row.now))
        #expect(plan.line == row.expected)
    }

    @Test("catch_up none: of several that are a little late only the newest runs")
    func newestOfLateOnes() throws {
        var job = Job(name: "j", schedule: Schedule(try CronExpression("@every 10s"), in: .utc))
        job.catchUp = .none
        let plan = job.plan(coveredThrough: .at("12:00:00"), open: 0, now: .at("12:00:25"))
        #expect(plan.claims == [.at("12:00:20")])
        #expect(plan.skips == [Skip(.at("12:00:10"), .missed(late: .seconds(15)))])
        #expect(plan.skips.first?.reason.description == "missed: found 15 s late, and catch_up is none")
    }

    @Test("More than 20,000 fire times come in chunks; the newest of all runs, once")
    func chunks() throws {
        let job = try everyMinute { _ in }
        var covered = Instant.at("12:00")
        let now = covered + .seconds(50_000 * 60 + 1)
        var chunks: [[Int]] = []
        for _ in 0..<3 {
            let plan = job.plan(coveredThrough: covered, open: 0, now: now)
            chunks.append([plan.claims.count, plan.skips.count])
            covered = plan.coveredThrough
            #expect((plan.wake == now) == (chunks.count < 3))
        }
        #expect(chunks == [[0, 20_000], [0, 20_000], [1, 9_999]])
        #expect(covered == .at("12:00") + .seconds(50_000 * 60))
    }

    @Test("A fire time that exists on one day in four years")
    func leapDay() throws {
        let job = try Job.named("leap", "0 12 29 2 *")
        let plan = job.plan(coveredThrough: .at("12:00"), open: 0, now: .at("12:01"))
        #expect(plan.line == "through 12:00 | wake 2028-02-29T12:00:00Z")
    }

    @Test(
        "Skips say in words why",
        arguments: zip(
            [SkipReason.overlap, .queueFull(100), .misfire(late: .seconds(300)), .superseded, .paused],
            [
                "overlap: an earlier run was still open", "overlap: 100 fire times were waiting already",
                "misfire: found 5 min late", "superseded by a newer fire time in catch-up",
                "paused: the job is not enabled",
            ]))
    func words(reason: SkipReason, words: String) {
        #expect(reason.description == words)
    }

    @Test(
        "Durations for people",
        arguments: [
            (Duration.zero, "0 ms"), (.milliseconds(40), "40 ms"), (.microseconds(999_400), "999 ms"),
            (.microseconds(999_600), "1 s"), (.seconds(12), "12 s"), (.milliseconds(-400), "-400 ms"),
            (.seconds(119), "119 s"), (.seconds(120), "2 min"), (.seconds(7_199), "120 min"),
            (.seconds(7_200), "2 h"),
            (.seconds(11_520), "3.2 h"), (.seconds(172_800), "2 days"), (.seconds(345_600), "4 days"),
            (.seconds(-90), "-90 s"), (.milliseconds(-1_500), "-1.5 s"),
        ])
    func durations(duration: Duration, text: String) {
        #expect(duration.rough == text)
    }
}
