import CivilTime
import Testing

@testable import Scheduling

/// A process that is killed and started again with the latest ledger. It does not start its waits anew.
@Suite("Scheduler: restarts")
struct RestartTests {
    private func hourly() throws -> Job { try .named("a", "0 * * * *") }

    private func search(_ world: inout World) {
        world.tell(.searched(project: "7", .success(Search(found: [:], isComplete: true, serverTime: nil))))
    }

    /// Lets time pass. Each search finds nothing.
    private func searchInVain(_ world: inout World, until end: Instant) {
        while world.now < end {
            world.pass(min(.seconds(1), world.now.duration(to: end)))
            search(&world)
        }
    }

    @Test("Of four restarts in a minute the first one counts: the process that posted was gone then")
    func fourRestarts() throws {
        var world = World([try hourly()], at: "12:59")
        world.pass(to: "13:00")
        #expect(world.take("post") == ["post a@13:00"])
        var begins = [Instant.at("12:59")]
        for second in [5, 20, 35, 50] {
            world.pass(to: "13:00:\(second < 10 ? "0" : "")\(second)")
            begins.append(world.now)
            let past = Past(
                last: Session(instance: nil, endedAt: nil), othersPostedUntil: .at("12:59"), begins: begins)
            world.restart([try hourly()], past: past)
        }
        #expect(world.logged("settle") == 0, "nobody else is waited for")
        searchInVain(&world, until: .at("13:01:19"))
        #expect(world.take("post") == [])
        searchInVain(&world, until: .at("13:01:22"))
        #expect(world.take("post") == ["post a@13:00"], "75 s after the first restart")
    }

    @Test("What others may have posted until is kept over restarts, and told with its end")
    func othersAreKept() throws {
        let past = Past(
            last: Session(instance: nil, endedAt: nil), unknownPostsUntil: .at("12:59:30"),
            othersPostedUntil: .at("12:59:30"), begins: [.at("12:59:30"), .at("13:00")])
        let job = try Job.named("a", "0 * * * *") { $0.catchUp = .all }
        var world = World([job], at: "13:00", covered: ["a": .at("11:00")], past: past)
        #expect(world.scheduler.memo.othersPostedUntil == .at("12:59:30"))
        #expect(world.logged("settle") == 1)
        #expect(
            world.log.last { $0.event == "settle" }?.message.contains("from 2026-03-02T13:00:45Z on") == true)
        #expect(world.scheduler.memo.notes.count == 1)
        searchInVain(&world, until: .at("13:00:46"))
        #expect(world.scheduler.memo.notes == [])
    }

    @Test(
        "It is not kept where another instance has run, or the ledger is not the latest",
        arguments: [
            (true, nil, true), (false, nil, false), (true, 40, false), (true, 50, true), (true, 60, false),
        ] as [(Bool, Int64?, Bool)])
    func moved(isLatest: Bool, last: Int64?, isKept: Bool) {
        // A process of CI job 50, or outside CI.
        let past = Past(
            last: Session(instance: last, endedAt: nil), isLatest: isLatest, othersPostedUntil: .at("11:50"))
        let provenance = Provenance(
            past: past, isBlank: false, instance: last == nil ? nil : 50, takesOver: false, now: .at("12:00"))
        let until = provenance.lastPostOfOthers(handover: .at("11:59"), now: .at("12:00"))
        #expect((until == .at("11:50")) == isKept, "\(until.clock)")
    }

    @Test("In CI it is not kept where a newer instance has run meanwhile, whatever became of it")
    func newerHasRun() {
        let past = Past(last: Session(instance: 50, endedAt: nil), othersPostedUntil: .at("11:50"))
        var provenance = Provenance(
            past: past, isBlank: false, instance: 50, takesOver: false, now: .at("12:00"))
        var newer = Instance.number(60)
        newer.status = .over(isSuccess: false, at: .at("11:58"))
        newer.startedAt = .at("11:55")
        _ = provenance.judge(Roster(instances: [newer]), own: .number(50))
        #expect(provenance.lastPostOfOthers(handover: .at("11:59"), now: .at("12:00")) == .at("11:59:03"))
        var without = Provenance(
            past: past, isBlank: false, instance: 50, takesOver: false, now: .at("12:00"))
        _ = without.judge(Roster(instances: []), own: .number(50))
        #expect(without.lastPostOfOthers(handover: .at("11:59"), now: .at("12:00")) == .at("11:50"))
    }

    @Test("The last POST of a run is no later than the next process of its instance")
    func lastPost() {
        let past = Past(
            last: Session(instance: nil, endedAt: nil), othersPostedUntil: .at("11:00"),
            begins: [.at("11:00"), .at("11:30"), .at("11:40")])
        var provenance = Provenance(
            past: past, isBlank: false, instance: nil, takesOver: false, now: .at("12:00"))
        provenance.begin(othersPostedUntil: .at("11:00"), line: nil, Clocks())
        func last(_ sent: String?, instance: String = "") -> Instant {
            var run = Run(.run("a", "11:00"), state: .claimed)
            (run.sentAt, run.instance) = (sent.map { .at($0) }, instance)
            return provenance.lastPost(of: run)
        }
        #expect(last("11:10") == .at("11:30") && last("11:35") == .at("11:40"))
        #expect(last("11:45") == .at("12:00"), "the process before this one")
        #expect(last("13:00") == .at("12:00"), "a clock that was ahead")
        #expect(last(nil) == .at("11:00") && last("11:10", instance: "40") == .at("11:00"))
    }
}
