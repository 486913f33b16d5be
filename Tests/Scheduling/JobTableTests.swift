import CivilTime
import Testing

@testable import Scheduling

@Suite struct JobTableTests {
    private let noon = Instant.at("12:00")

    private func table(_ names: [String], _ change: @escaping (inout Job) -> Void = { _ in }) throws
        -> JobTable
    {
        var table = JobTable()
        table.declare(try names.map { (try Job.named($0, "@hourly", change), noon) }, open: [])
        return table
    }

    @Test("Jobs that are due are planned in batches, the first of many in a small one")
    func batches() throws {
        var jobs = try table((0..<300).map { "job\($0)" })
        #expect(!jobs.hasDue && jobs.isPlanned)
        jobs.makeAllDue()
        #expect(jobs.hasDue && !jobs.isPlanned)
        expect(jobs.takeDue(isFirst: true) == Array(0..<64))
        expect(jobs.takeDue(isFirst: false) == Array(64..<192))
        expect(jobs.takeDue(isFirst: true) == Array(192..<300), "the last ones go together")
        jobs.makeDue(300)
        expect(jobs.takeDue(isFirst: true) == [] && jobs.isPlanned, "a job that is not there any more")
    }

    @Test("A held claim goes when nothing else of its job is going, the oldest first")
    func held() throws {
        var jobs = try table(["a"])
        let ids = ["12:00", "13:00", "14:00"].map { RunID.run("a", $0) }
        ids.forEach { jobs.began($0, isGoing: true) }
        jobs.hold(ids[2])
        jobs.hold(ids[1])
        #expect(jobs.isHeld(ids[1]) && !jobs.isHeld(ids[0]))
        jobs.ended(ids[0])
        expect(jobs.count(-1, of: "a") == ids[1])
        expect(!jobs.isHeld(ids[1]) && jobs.count(0, of: "a") == nil)
        jobs.ended(ids[2])
        #expect(jobs.state(of: "a")?.runs == [ids[1]] && !jobs.isHeld(ids[2]))
        expect(jobs.count(-1, of: "a") == nil && jobs.count(-1, of: "gone") == nil)
    }

    @Test("A job is planned after its running pipelines were looked at, once")
    func looks() throws {
        var jobs = try table(["a"])
        expect(!jobs.asksForLook(0), "nothing runs")
        jobs.began(.run("a", "12:00"), isGoing: true)
        expect(jobs.asksForLook(0))
        jobs.looks(0, at: 2)
        jobs.looked("a")
        #expect(!jobs.hasDue && !jobs.isPlanned)
        jobs.looked("a")
        expect(jobs.takeDue(isFirst: true) == [0])
        expect(!jobs.asksForLook(0) && jobs.asksForLook(0), "the look serves one plan")
        jobs.looked("a")
        #expect(!jobs.hasDue, "nobody waits for this one")
        var others = try table(["b"]) { $0.overlap = .queue }
        others.began(.run("b", "12:00"), isGoing: true)
        expect(!others.asksForLook(0), "only overlap: skip depends on it")
    }

    @Test("Another set of jobs keeps what is held and counts what is open")
    func declare() throws {
        var jobs = try table(["a", "b"])
        jobs.began(.run("a", "12:00"), isGoing: true)
        jobs.hold(.run("a", "13:00"))
        var blocked = Run(.run("a", "11:00"), state: .blocked)
        blocked.pipeline = .number(1)
        let open = [blocked, Run(.run("a", "12:00"), state: .triggered)]
        jobs.declare(
            [(try .named("c", "@daily"), noon), (try .named("a", "@daily"), noon + .seconds(60))], open: open)
        let state = try #require(jobs.state(of: "a"))
        #expect(jobs.place(of: "a") == 1 && jobs.place(of: "b") == nil && jobs.job(named: "c") != nil)
        #expect(state.runs.count == 2 && state.going == 1 && state.held == [.run("a", "13:00")])
        #expect(state.covered == noon + .seconds(60))
        jobs.planned(1, through: noon + .seconds(120), catchUpEnd: noon + .seconds(180))
        #expect(
            jobs.states[1].covered == noon + .seconds(120)
                && jobs.states[1].catchUpEnd == noon + .seconds(180))
        jobs.release(.run("a", "13:00"))
        #expect(!jobs.isHeld(.run("a", "13:00")))
    }
}
