import Testing

@testable import Scheduling

@Suite struct DecisionTests {
    @Test("Decisions that are done together keep the order in which they were made")
    func append() throws {
        var first = Decision()
        #expect(first.isEmpty)
        first.requests = [.identify(job: 1)]
        first.news = [.notice(Notice(.info, "one", ""))]
        first.pruneBefore = .at("12:00")
        var second = Decision()
        second.changes = [.forget(job: "a")]
        second.requests = [.identify(job: 2)]
        second.news = [.notice(Notice(.info, "two", ""))]
        second.ending = Ending(code: 0, words: "over")
        first.append(second)
        #expect(first.requests.map(\.line) == ["identify 1", "identify 2"])
        #expect(first.news.map(\.notice.event) == ["one", "two"])
        #expect(first.changes == [.forget(job: "a")])
        #expect(first.pruneBefore == .at("12:00") && first.ending == second.ending && !first.isEmpty)
    }

    @Test("What became of a run is a value, and its line in the log says it")
    func outcome() throws {
        var run = Run(.run("a", "12:00"), state: .triggered)
        run.triggeredAt = .at("12:00:01")
        let failed = try #require(run.after(.failed("failed 2 times: test"), at: .at("12:01:01")))
        let notice = News.outcome(Outcome(run: failed, event: .failed("failed 2 times: test"))).notice
        #expect(notice.message == "failed after 60 s: failed 2 times: test")
        #expect(notice.level == .error && notice.event == "failed" && notice.run == run.id)
    }

    @Test("Fire times that are skipped together are one line")
    func skips() {
        let skips = [Skip(.at("12:00"), .superseded), Skip(.at("13:00"), .superseded)]
        let one = News.skipped(job: "a", [skips[0]]).notice
        #expect(one.message == "skipped: superseded by a newer fire time in catch-up")
        let two = News.skipped(job: "a", skips).notice
        #expect(two.message.hasPrefix("skipped 2 fire times, 2026-03-02T12:00:00Z to 2026-03-02T13:00:00Z: "))
        #expect(two.run == .run("a", "13:00"))
    }
}
