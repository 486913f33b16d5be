import Testing

@testable import Scheduling

@Suite struct DecisionTests {
    @Test("A decision is empty only while nobody has anything to do")
    func empty() {
        #expect(Decision().isEmpty)
        let parts: [(inout Decision) -> Void] = [
            { $0.requests = [.identify(job: 1)] }, { $0.news = [.notice(Notice(.info, "one", ""))] },
            { $0.pruneBefore = .at("12:00") }, { $0.changes = [.forget(job: "a")] },
            { $0.ending = Ending(code: 0, words: "over") },
        ]
        for part in parts {
            var decision = Decision()
            part(&decision)
            #expect(!decision.isEmpty)
        }
    }

    @Test("Events that are told together are decided about in their order")
    func together() throws {
        var one = World([], at: "12:00").scheduler
        var other = one
        let events = [Event.woke, .terminated(signal: "SIGTERM"), .terminated(signal: "SIGINT")]
        let decision = one.handle(events, at: .at("12:00"))
        let alone = events.map { other.handle($0, at: .at("12:00")) }
        #expect(decision.news.map(\.notice) == alone.flatMap { $0.news.map(\.notice) })
        #expect(decision.ending == alone.compactMap(\.ending).last && decision.ending != nil)
        #expect(decision.pruneBefore == alone.compactMap(\.pruneBefore).last)
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
        let skips: Skips = [Skip(.at("12:00"), .superseded), Skip(.at("13:00"), .superseded)]
        let one = News.skipped(job: "a", [Skip(.at("12:00"), .superseded)]).notice
        #expect(one.message == "skipped: superseded by a newer fire time in catch-up")
        let two = News.skipped(job: "a", skips).notice
        #expect(two.message.hasPrefix("skipped 2 fire times, 2026-03-02T12:00:00Z to 2026-03-02T13:00:00Z: "))
        #expect(two.run == .run("a", "13:00"))
    }
}
