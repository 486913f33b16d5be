import CivilTime
import Scheduling
import TestSupport
import Testing

@testable import Ledger

extension SkipSpan {
    /// Up to eight fire times within a minute, for any reason.
    static func random(of job: String, _ random: inout SplitMix) -> SkipSpan {
        let count = Int.random(in: 1...8, using: &random)
        let fireTimes = FireTimeSpan(
            first: at(.random(in: 0..<12, using: &random)),
            step: .seconds(.random(in: 1...4, using: &random)),
            count: count)
        let texts = [("late: ", 6), ("late: ", nil), ("%s {late} \u{0}? ü", 3), ("", 0), ("ü", 2)]
        let (text, place) = texts[Int.random(in: texts.indices, using: &random)]
        return SkipSpan(
            job: job, fireTimes: fireTimes ?? FireTimeSpan(at(0)),
            words: SkipWords(text, latenessAt: place) ?? SkipWords("none"),
            delay: .milliseconds(.random(in: 0...9_000, using: &random)),
            instance: ["", "77"][Int.random(in: 0...1, using: &random)],
            skippedAt: at(.random(in: 20..<99, using: &random)))
    }
}

/// Skips that share a row. A reader cannot tell them from skips with rows of their own.
@Suite struct SpanTests {
    let place: Place
    let ledger: Ledger

    init() throws {
        place = try Place()
        ledger = try place.scheduling()
    }

    private func span(
        _ first: Int64, every step: Int64 = 1, _ count: Int, of job: String = "a"
    ) throws -> SkipSpan {
        SkipSpan(
            job: job,
            fireTimes: try #require(FireTimeSpan(first: at(first), step: .seconds(step), count: count)),
            words: try #require(SkipWords("late: !", latenessAt: 6)), skippedAt: at(1_000))
    }

    private func count(_ sql: String) throws -> Int64 {
        try #require(ledger.openFile?.connection).integer("SELECT count(*) FROM \(sql)")
    }

    @Test func aSpanIsOneRowAndReadsAsItsFireTimes() throws {
        let span = try span(0, every: 60, 1_440)
        #expect(try ledger.commit([.skip(span)]).isEmpty)
        #expect(try (count("span"), count("run")) == (1, 0))
        let runs = try ledger.runs(RunFilter(since: at(60), until: at(180)))
        #expect(runs.map(\.id.fireTime) == [at(120), at(60)])
        #expect(runs.map(\.reason) == ["late: 14.7 min!", "late: 15.7 min!"])
        #expect(runs.allSatisfy { $0.state == .skipped && $0.finishedAt == at(1_000) && $0.claimedAt == nil })
        let history = try #require(try ledger.run(runs[0].id))
        #expect(history.run == runs[0])
        #expect(
            history.transitions == [Transition(at: at(1_000), state: .skipped, reason: "late: 14.7 min!")])
        #expect(try ledger.run(RunID(job: "a", fireTime: at(61))) == nil)
        #expect(try ledger.load().open.isEmpty)
    }

    @Test func aPipelineSplitsASpan() throws {
        try ledger.commit([.skip(try span(0, 10))])
        var found = run("a", 4, .succeeded)
        #expect(try ledger.commit([.insert(found)]) == [found.id])
        #expect(try (count("span"), count("run")) == (1, 0))
        found.pipeline = Pipeline(id: 7, url: "https://h/7")
        #expect(try ledger.commit([.insert(found)]).isEmpty)
        #expect(try (count("span"), count("run")) == (2, 1))
        #expect(try ledger.runs().map(\.id.fireTime) == (0..<10).reversed().map { at($0) })
        #expect(try ledger.run(found.id)?.transitions.map(\.state) == [.skipped, .succeeded])
        try ledger.commit([.update(run("a", 9, .lost), at: at(2_000))])
        #expect(try (count("span"), count("run")) == (2, 2))
        #expect(
            try ledger.run(RunID(job: "a", fireTime: at(9)))?.transitions.map(\.state) == [.skipped, .lost])
        #expect(try ledger.integrityProblem() == nil)
    }

    /// Existing rows of a span's fire times stay, and so does another span with fire times in between.
    @Test func aSpanGoesAroundWhatIsThere() throws {
        try ledger.commit([.insert(run("a", 3)), .skip(try span(10, every: 3, 2)), .insert(run("b", 5))])
        let taken = try ledger.commit([.skip(try span(0, 20))])
        #expect(Set(taken.map(\.fireTime)) == [at(3), at(10), at(13)])
        #expect(try ledger.runs(RunFilter(jobs: ["a"])).count == 20)
        #expect(try ledger.run(RunID(job: "a", fireTime: at(3)))?.run.state == .claimed)
        #expect(try (count("span"), count("run")) == (4, 4))
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test func aCommitThatFailsLeavesNoSpan() throws {
        let bad = Change.update(run("nobody", 0), at: at(0))
        #expect(failure { try ledger.commit([.skip(try span(0, 5)), bad]) } != nil)
        #expect(try ledger.runs().isEmpty)
        #expect(try ledger.commit([.insert(run("a", 3))]).isEmpty)
        #expect(failure { try ledger.commit([.skip(try span(10, 5)), bad]) } != nil)
        try ledger.commit([.skip(try span(20, 5))])
        #expect(try ledger.commit([.insert(run("a", 21))]).count == 1)
    }

    /// The ledger notices that a job has spans even if another process has written the first one.
    @Test func spansOfAnotherProcessCount() throws {
        try ledger.commit([.insert(run("a", 0))])
        let other = try Ledger(path: place.file, access: .writing())
        try other.commit([.skip(try span(10, 5))])
        #expect(try ledger.commit([.insert(run("a", 12))]).count == 1)
    }

    @Test func theNewestFireTimeOfADeclaredJobStays() throws {
        try ledger.commit([
            .skip(try span(0, 10)), .skip(try span(0, 10, of: "b")), .cover(job: "a", through: at(9)),
        ])
        #expect(try ledger.prune(finishedBefore: at(1_000), limit: 10) == 0)
        #expect(try ledger.prune(finishedBefore: at(1_001), limit: 1) == 1)
        #expect(try ledger.prune(finishedBefore: at(1_001), limit: 9) == 1)
        #expect(try ledger.runs().map(\.id) == [RunID(job: "a", fireTime: at(9))])
        #expect(try ledger.prune(finishedBefore: at(1_001), limit: 9) == 0)
        #expect(try ledger.lastRuns()["a"]?.newest.id.fireTime == at(9))
        try ledger.commit([.insert(run("a", 2_000))])
        #expect(try ledger.prune(finishedBefore: at(1_001), limit: 9) == 1)
        #expect(try count("span") == 0)
    }

    @Test func onlyWhatHasExpiredGoes() throws {
        try ledger.commit([.skip(try span(0, every: 100, 50))])
        #expect(try ledger.prune(finishedBefore: at(1_001), limit: 9) == 1)
        #expect(try ledger.runs().last?.id.fireTime == at(1_100))
        #expect(try ledger.runs().count == 39)
        #expect(try ledger.runs(RunFilter(limit: 1)).first?.id.fireTime == at(4_900))
    }

    @Test func theSkippedViewReadsWithoutThisProgram() throws {
        try ledger.commit([.skip(try span(0, every: 60, 3))])
        let line = try ledger.openFile?.connection.text(
            "SELECT job || ' ' || first_fire_time || ' ' || last_fire_time || ' ' || fire_times || ' ' || seconds_apart "
                + "|| ' ' || reason FROM skipped")
        #expect(line == "a 2026-01-01T00:00:00Z 2026-01-01T00:02:00Z 3 60.0 late: …!")
    }
}
