import CivilTime
import Testing

@testable import Scheduling

@Suite("Watch and Reconciler")
struct WatchTests {
    private let noon = Instant.at("12:00")

    @Test("A list begins a little before the last one, on GitLab's clock")
    func changedAfter() {
        var watch = Watch()
        #expect(watch.changedAfter(serverNow: noon) == .at("11:58:55"))
        watch.listed(serverTime: .at("12:00:10"))
        #expect(watch.changedAfter(serverNow: .at("13:00")) == .at("12:00:05"))
        watch.listed(serverTime: nil)
        #expect(watch.changedAfter(serverNow: .at("13:00")) == .at("12:00:05"))
    }

    @Test("What was not seen for a minute is looked at, longest first, ten at a time")
    func unseen() {
        var watch = Watch()
        for number in 0..<15 {
            watch.add(
                .run("a\(number)", "11:00"), pipeline: Int64(number), seen: noon - .seconds(60 + number))
        }
        watch.add(.run("fresh", "11:00"), pipeline: 100, seen: noon - .seconds(59))
        #expect(watch.unseen(at: noon).map(\.pipeline) == Array((5...14).reversed()))
        for pipeline in 5...14 as ClosedRange<Int64> { watch.saw(pipeline, blocked: false, at: noon) }
        #expect(watch.unseen(at: noon).map(\.pipeline) == [4, 3, 2, 1, 0])
        #expect(watch.unseen(at: noon + .seconds(1)).map(\.pipeline) == [4, 3, 2, 1, 0, 100])
    }

    @Test("What waits for a person is looked at once an hour")
    func blocked() {
        var watch = Watch()
        watch.add(.run("a", "11:00"), pipeline: 1, seen: noon)
        watch.saw(1, blocked: true, at: noon)
        #expect(watch.unseen(at: noon + .seconds(3_599)).isEmpty)
        #expect(watch.unseen(at: noon + .seconds(3_600)).map(\.pipeline) == [1])
    }

    @Test func pipelinesBelongToRuns() {
        var watch = Watch()
        #expect(watch.isEmpty)
        watch.add(.run("a", "11:00"), pipeline: 1, seen: .distantPast)
        #expect(watch.run(of: 1) == .run("a", "11:00") && watch.run(of: 2) == nil)
        #expect(watch.unseen(at: noon).map(\.run.short) == ["a@11:00"])
        watch.saw(2, blocked: true, at: noon)
        watch.remove(pipeline: 1)
        #expect(watch.isEmpty && watch.run(of: 1) == nil)
    }

    @Test("One search asks for all doubts, from the oldest on")
    func oneSearch() throws {
        var reconciler = Reconciler()
        #expect(reconciler.isEmpty && reconciler.nextAsk(at: noon, settle: .seconds(75)) == nil)
        expect(reconciler.ask(at: noon) == nil, "there is nothing to ask")
        reconciler.add(
            .run("b", "11:30"), .init(since: .at("11:31"), believableAfter: .at("12:01")), at: noon)
        reconciler.add(.run("a", "11:40"), .init(since: .at("11:40"), believableAfter: noon), at: noon)
        let asked = reconciler.ask(at: noon)
        #expect(asked?.runs.map(\.short) == ["b@11:30", "a@11:40"] && asked?.since == .at("11:31"))
        expect(reconciler.ask(at: noon) == nil, "one search at a time")
        #expect(reconciler.nextAsk(at: noon, settle: .seconds(75)) == nil, "one search at a time")
        reconciler.remove(.run("b", "11:30"))
        reconciler.add(
            .run("c", "11:50"), .init(since: .at("11:50"), believableAfter: .at("12:03")), at: noon)
        let answered = reconciler.answered(isComplete: true)
        #expect(
            answered?.map(\.id.short) == ["a@11:40"],
            "not what was resolved, nor what it did not ask for")
        #expect(answered?.map(\.isDecisive) == [true])
        expect(reconciler.answered(isComplete: true) == nil && reconciler.failed() == nil)
    }

    @Test(
        "Searched soon, and when absence becomes believable",
        arguments: [
            ("12:01:15", "12:00:09.375"), ("12:00:05", "12:00:05"), ("12:00", "12:00:09.375"),
            ("11:59", "12:00:09.375"),
        ])
    func nextAsk(believable: String, expected: String) {
        var reconciler = Reconciler()
        reconciler.add(
            .run("a", "11:00"), .init(since: .at("11:00"), believableAfter: .at(believable)), at: noon)
        #expect(reconciler.nextAsk(at: noon, settle: .seconds(75)) == .at(expected))
        #expect(reconciler.nextAsk(at: noon, settle: .zero).map { $0 > noon } == true, "never at once again")
    }

    @Test("A run is given up after a day, and not before this process has asked for an hour")
    func hopeless() {
        let (run, late) = (RunID.run("a", "11:00"), noon + .seconds(90_000))
        for (arisen, asked, isHopeless) in [
            (noon, noon + .seconds(86_400), false), (noon, noon + .seconds(86_401), true),
            (late, late, false), (late, late + .seconds(3_600), false), (late, late + .seconds(3_601), true),
        ] {
            var reconciler = Reconciler()
            reconciler.add(run, .init(since: noon, believableAfter: noon), at: arisen)
            #expect(reconciler.isHopeless(run, at: asked) == isHopeless)
            reconciler.clockWasSet(by: .seconds(500_000))
            #expect(reconciler.isHopeless(run, at: asked + .seconds(500_000)) == isHopeless)
        }
    }

    @Test(
        "Which troubles may pass",
        arguments: zip(
            [
                Trouble.refused("w"), .gone("w"), .limited("w", retryAfter: nil), .unavailable("w"),
                .uncertain("w"),
            ],
            [false, false, true, true, true]))
    func troubles(trouble: Trouble, isPassing: Bool) {
        #expect(trouble.isPassing == isPassing && trouble.words == "w")
    }

    @Test func noticesAreOrderedByLevel() {
        #expect(Notice.Level.allCases == Notice.Level.allCases.sorted())
        #expect(Notice.Level.debug < .error && !(Notice.Level.warning < .info))
    }
}
