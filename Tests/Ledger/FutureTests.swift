import CivilTime
import Scheduling
import Testing

@testable import Ledger

/// Rows and marks of times that are still to come, and the record in the lock file.
@Suite struct FutureTests {
    @Test("What never ran after an instant is deleted; what ran, or may have, stays")
    func withdraw() throws {
        let ledger = try Place().scheduling()
        var rows: [Run] = []
        for (index, state) in RunState.allCases.enumerated() {
            rows.append(run("a", Int64(100 + index), state))
            var sent = run("b", Int64(100 + index), state)
            sent.sentAt = at(50)
            rows.append(sent)
            var ran = run("c", Int64(100 + index), state)
            ran.pipeline = Pipeline(id: 7, url: "https://h/7")
            rows.append(ran)
        }
        rows.append(run("d", 99, .skipped))
        try ledger.commit(rows.map { .insert($0) })
        try ledger.commit([.withdraw(after: at(99)), .cover(job: "a", through: at(99))])
        let left = try ledger.runs()
        func states(_ job: String) -> Set<RunState> {
            Set(left.filter { $0.id.job == job }.map(\.state))
        }
        let all = Set(RunState.allCases)
        #expect(states("a") == all.subtracting([.claimed, .skipped, .refused]))
        #expect(states("b") == all.subtracting([.skipped, .refused]), "it was sent")
        #expect(states("c") == all && states("d") == [.skipped])
        #expect(try ledger.run(run("a", 100, .claimed).id) == nil)
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test("The state tells the newest fire time, and where jobs stood whose marks are still to come")
    func ahead() throws {
        let ledger = try Place().scheduling()
        #expect(try ledger.load(at: at(0)).newestFireTime == nil)
        try ledger.commit([
            .insert(run("a", 100, .succeeded)), .insert(run("a", 200, .skipped)),
            .insert(run("a", 900, .succeeded)), .insert(run("b", 250, .skipped)),
            .cover(job: "a", through: at(900)), .cover(job: "b", through: at(300)),
            .cover(job: "new", through: at(900)),
        ])
        let state = try ledger.load(at: at(300))
        #expect(state.newestFireTime == at(900) && state.lastDecided == ["a": at(200)])
        #expect(try ledger.load(at: at(200)).lastDecided["a"] == at(200))
        #expect(try ledger.load().lastDecided == [:])
    }

    @Test("What stands beside the ledger is read by `status`, and by the next process")
    func beside() throws {
        let place = try Place()
        let ledger = try place.scheduling()
        ledger.keep(othersPostedUntil: at(70), notes: ["one\u{202E}\nline", "another"])
        guard case .running(let holder?) = Ledger.scheduler(of: place.file) else {
            Issue.record("no holder")
            return
        }
        #expect(holder.notes.count == 2 && holder.notes.last == "another")
        #expect(holder.notes.first?.contains("\n") == false)
        ledger.markAsLatest()
        guard case .running(let later?) = Ledger.scheduler(of: place.file) else { return }
        #expect(later.notes == holder.notes, "other notes leave them alone")
        ledger.keep(othersPostedUntil: nil, notes: [])
        try ledger.close()
        let next = try place.scheduling()
        #expect(try next.load().othersPostedUntil == at(70))
        guard case .running(let own?) = Ledger.scheduler(of: place.file) else { return }
        #expect(own.notes == [])
    }

    @Test("The sessions are told, oldest first, with the own one")
    func sessions() throws {
        let place = try Place()
        for second in [10, 20] as [Int64] {
            let access = Ledger.Access.scheduling(instance: "", since: at(second))
            try Ledger(path: place.file, access: access).close()
        }
        let ledger = try Ledger(path: place.file, access: .scheduling(instance: "5", since: at(30)))
        #expect(try ledger.load().sessions.map(\.begunAt) == [at(10), at(20), at(30)])
        #expect(try ledger.load().sessions.last?.instance == "5")
    }
}
