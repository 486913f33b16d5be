import CivilTime
import TestSupport
import Testing

@testable import Scheduling

@Suite("Skips that share room")
struct SkipsTests {
    @Test("A span is what its first fire time, its step and its count say")
    func span() throws {
        let span = try #require(FireTimeSpan(first: .at("12:00"), step: .seconds(60), count: 3))
        #expect(span.map(\.clock) == ["12:00", "12:01", "12:02"] && span.last == .at("12:02"))
        #expect(
            [0, 1, 1, 2, 3, 3].elementsEqual(
                ["12:00", "12:00:01", "12:01", "12:01:01", "12:02:00.000001", "13:00"].map {
                    span.count(before: .at($0))
                }))
        #expect(span.position(of: .at("12:01")) == 1 && span.position(of: .at("12:01:30")) == nil)
        #expect(span.position(of: .at("11:59")) == nil && span.position(of: .at("12:03")) == nil)
        #expect(
            span.part(from: 1, to: 9)?.map(\.clock) == ["12:01", "12:02"] && span.part(from: 3, to: 3) == nil)
        #expect(span.count(before: .distantPast) == 0 && span.count(before: .distantFuture) == 3)
    }

    private static let strange: [(step: Int64, count: Int)] = [
        (0, 1), (-1, 2), (1, 0), (1, -1), (Int64.max / 2, 9), (1, Int.max),
    ]

    @Test("Spans that cannot be", arguments: strange)
    func impossible(step: Int64, count: Int) {
        let start = Instant(microseconds: .max - 1_000_000)
        #expect(FireTimeSpan(first: start, step: .microseconds(step), count: count) == nil)
    }

    /// All skips that go in come out again.
    @Test("The same skips come out", arguments: Seeds.first(30))
    func same(seed: UInt64) {
        var random = SplitMix(seed: seed)
        var skips = Skips()
        var expected: [Skip] = []
        var time = Instant.at("12:00")
        for _ in 0..<40 {
            time = time + .seconds(random.pick([60, 60, 60, 120, 7], else: 1))
            let late = time.duration(to: .at("18:00"))
            let reasons = [
                SkipReason.misfire(late: late), .misfire(late: late), .missed(late: late), .paused, .overlap,
            ]
            let skip = Skip(time, random.pick(reasons, else: .paused))
            skips.append(skip)
            expected.append(skip)
        }
        #expect(Array(skips) == expected && skips.count == expected.count)
        #expect(skips.first == expected.first && skips.last == expected.last)
        #expect(skips.spans.count < expected.count)
    }

    @Test("Skips that do not follow one another for one reason are kept apart")
    func apart() {
        let times = ["12:00", "12:01", "12:02", "12:04"].map { Instant.at($0) }
        #expect(Skips(times.map { Skip($0, .paused) }).spans.map(\.fireTimes.count) == [3, 1])
        let reasons = [SkipReason.paused, .overlap, .overlap, .queueFull(3)]
        #expect(Skips(zip(times, reasons).map { Skip($0, $1) }).spans.map(\.fireTimes.count) == [1, 2, 1])
        #expect(Skips(times.map { Skip($0, .missed(late: .seconds(5))) }).spans.count == 4)
    }

    @Test("A text has one place for a lateness, and no words of it are taken for that")
    func words() throws {
        let words = try #require(SkipWords("held {late} %s: ü", latenessAt: 5))
        #expect(words.text(late: .seconds(3)) == "held 3 s{late} %s: ü")
        #expect(SkipWords("held {late}").text(late: .seconds(3)) == "held {late}")
        #expect(SkipWords("ü", latenessAt: 1) == nil && SkipWords("ü", latenessAt: 3) == nil)
        #expect(
            SkipWords("ü", latenessAt: -1) == nil
                && SkipWords("ü", latenessAt: 2)?.text(late: .zero) == "ü0 ms")
    }

    @Test("The rows of a span say what each skip says")
    func rows() throws {
        let job = try Job.named("j", "* * * * *") {
            ($0.jitter, $0.misfireGrace) = (.seconds(50), .seconds(1))
        }
        var world = World([job], at: "12:10:30", covered: ["j": .at("12:00")])
        world.pass(.zero)
        let plan = job.plan(coveredThrough: .at("12:00"), open: 0, now: .at("12:10:30"))
        #expect(plan.skips.spans.count == 1 && plan.skips.count >= 9)
        for skip in plan.skips {
            let row = world.rows[.run("j", skip.fireTime.clock)]
            #expect(row?.reason == skip.reason.description && row?.finishedAt == .at("12:10:30"))
        }
    }
}
