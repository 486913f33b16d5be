import Scheduling
import Testing

@testable import Ledger

@Suite struct CommitTests {
    let place: Place
    let ledger: Ledger

    init() throws {
        place = try Place()
        ledger = try place.scheduling()
    }

    @Test func aNewLedgerIsEmpty() throws {
        #expect(ledger.isNew)
        let state = try ledger.load()
        #expect(state.covered.isEmpty && state.open.isEmpty && state.lastSession == nil)
        #expect(try ledger.runs().isEmpty)
        #expect(try ledger.lastRuns().isEmpty)
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test func whatIsCommittedIsThereAfterReopening() throws {
        let runs = [fullRun("b", 60), fullRun("a", 0, .succeeded), run("a", 60, .skipped, reason: "overlap")]
        try ledger.commit(runs.map { .insert($0) } + [.cover(job: "a", through: at(60))])
        try ledger.close()
        let again = try place.scheduling()
        #expect(!again.isNew)
        #expect(try again.runs() == [runs[2], runs[0], runs[1]])
        #expect(try again.load().covered == ["a": at(60)])
        #expect(try again.load().open == [runs[0]])
    }

    @Test func aFireTimeThatHasItsRowIsReportedAndLeftAlone() throws {
        let first = fullRun("a", 0)
        try ledger.commit([.insert(first)])
        var second = run("a", 0)
        second.instance = "another"
        let changes: [Change] = [
            .insert(second), .insert(run("b", 0)), .update(second, at: at(9)),
            .cover(job: "a", through: at(0)),
        ]
        #expect(try ledger.commit(changes) == [first.id])
        #expect(try ledger.run(first.id)?.run == first)
        #expect(try ledger.run(first.id)?.transitions.count == 1)
        #expect(try ledger.runs().count == 2)
        #expect(try ledger.coveredThrough("a") == at(0))
    }

    @Test(arguments: [RunState.triggered, .succeeded])
    func attemptsNeverFall(_ state: RunState) throws {
        var retried = fullRun("a", 0)
        retried.attempts = 2
        try ledger.commit([.insert(retried)])
        // Another process, such as `trigger`, has not heard of the retry.
        var behind = fullRun("a", 0, state)
        behind.attempts = 1
        behind.reason = "as the other process sees it"
        try ledger.commit([.update(behind, at: at(9))])
        behind.attempts = 2
        #expect(try ledger.run(behind.id)?.run == behind)
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test func aSurveyLowersNoCountOfAttempts() throws {
        var failed = fullRun("a", 0, .failed)
        failed.attempts = 3
        try ledger.commit([.insert(failed)])
        var found = fullRun("a", 0, .succeeded)
        found.attempts = 1
        #expect(try ledger.commit([.insert(found)]) == [])
        #expect(try ledger.run(found.id)?.run.state == .succeeded)
        #expect(try ledger.run(found.id)?.run.attempts == 3)
    }

    @Test(arguments: [RunState.skipped, .refused, .lost])
    func aPipelineCountsMoreThanARowThatSaysThereIsNone(_ state: RunState) throws {
        try ledger.commit([.insert(run("a", 0, state, reason: "misfire"))])
        let found = fullRun("a", 0, .succeeded)
        #expect(try ledger.commit([.insert(found)]) == [])
        let history = try ledger.run(found.id)
        #expect(history?.run.pipeline == found.pipeline && history?.run.state == .succeeded)
        #expect(history?.transitions.map(\.state) == [state, .succeeded])
        #expect(try ledger.commit([.insert(found)]) == [found.id], "it has that by now")
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test func whatBecameOfThePipelineSinceCountsMoreThanWhatTheRowSays() throws {
        let failed = fullRun("a", 0, .failed)
        try ledger.commit([.insert(failed)])
        #expect(try ledger.commit([.insert(fullRun("a", 0, .triggered))]) == [failed.id], "its end is known")
        var other = fullRun("a", 0, .succeeded)
        other.pipeline?.id += 1
        #expect(
            try ledger.commit([.insert(other)]) == [failed.id], "another pipeline's end is not this one's")
        #expect(try ledger.commit([.insert(fullRun("a", 0, .succeeded))]) == [])
        let history = try ledger.run(failed.id)
        #expect(
            history?.run.state == .succeeded && history?.transitions.map(\.state) == [.failed, .succeeded])
        #expect(try ledger.integrityProblem() == nil)
    }

    @Test func transitionsTellEachStateAndReasonInOrder() throws {
        var run = run("a", 0)
        try ledger.commit([.insert(run)])
        let steps: [(RunState, String?, Int64, isNew: Bool)] = [
            (.claimed, nil, 1, false), (.claimed, "rate limited", 2, true), (.uncertain, "timeout", 2, true),
            (.uncertain, "timeout", 3, false), (.triggered, nil, 4, true), (.retrying, nil, 5, true),
            (.triggered, nil, 5, true), (.succeeded, nil, 6, true),
        ]
        for (state, reason, seconds, _) in steps {
            (run.state, run.reason) = (state, reason)
            try ledger.commit([.update(run, at: at(seconds))])
        }
        let expected =
            [Transition(at: at(0), state: .claimed, reason: nil)]
            + steps.filter(\.isNew).map { Transition(at: at($0.2), state: $0.0, reason: $0.1) }
        #expect(try ledger.run(run.id) == RunHistory(run: run, transitions: expected))
    }

    @Test func anUpdateWritesTheWholeRow() throws {
        try ledger.commit([.insert(run("a", 0))])
        for var changed in [fullRun("a", 0), fullRun("a", 0, .failed), run("a", 0, .claimed)] {
            try ledger.commit([.update(changed, at: at(1))])
            changed.claimedAt = at(0)
            // The first run has two attempts, and a row's count of attempts never falls.
            changed.attempts = 2
            #expect(try ledger.runs() == [changed])
            #expect(try ledger.load().open == (changed.state.isOpen ? [changed] : []))
        }
    }

    @Test func aFailingChangeLeavesNothingBehind() throws {
        try ledger.commit([.insert(run("a", 0)), .cover(job: "a", through: at(0))])
        let before = try (ledger.load(), ledger.runs())
        let failing: [(Change, LedgerError.Kind)] = [
            (.update(run("nobody", 0), at: at(1)), .missing(run("nobody", 0).id)),
            (.update(run("a", 7), at: at(1)), .missing(run("a", 7).id)),
            (.insert(run("a", -4_000_000_000)), .failed),
            (.cover(job: "a", through: .distantPast), .failed),
        ]
        for (change, kind) in failing {
            let changes: [Change] = [
                .insert(run("new", 60)), .cover(job: "a", through: at(60)),
                .update(run("a", 0, .failed), at: at(1)), change,
            ]
            #expect(failure { try ledger.commit(changes) }?.kind == kind)
            #expect(try (ledger.load(), ledger.runs()) == before)
        }
        // The number of "new" is free again, so the ledger must not remember it.
        try ledger.commit([.insert(run("other", 60)), .insert(run("new", 120))])
        #expect(try ledger.runs().map(\.id.job) == ["new", "other", "a"])
    }

    @Test func marksAreSetMovedAndForgotten() throws {
        try ledger.commit([
            .cover(job: "a", through: at(1)), .cover(job: "b", through: at(2)), .insert(run("a", 1)),
        ])
        try ledger.commit([.cover(job: "a", through: at(3)), .forget(job: "b"), .forget(job: "nobody")])
        #expect(try ledger.load().covered == ["a": at(3)])
        #expect(try ledger.coveredThrough("a") == at(3))
        #expect(try ledger.coveredThrough("b") == nil)
        #expect(try ledger.coveredThrough("nobody") == nil)
        try ledger.commit([.forget(job: "a")])
        #expect(try ledger.load().covered.isEmpty)
        #expect(try ledger.runs().count == 1)
        #expect(try ledger.lastRuns().isEmpty)
    }

    @Test(arguments: [
        "https://gitlab.example/g/p/-/pipelines/4711", "https://gitlab.example/g/p/-/pipelines/1", "4711",
        "/4711",
        "no slash", "ends/", "/", "", "ümläut/4711", "a\0b/4711", "tab\t'quote'\";--",
    ])
    func textsComeBackAsTheyWere(_ text: String) throws {
        var run = fullRun("job " + text, 0)
        run.pipeline = Pipeline(id: 4_711, url: text)
        run.reason = text
        run.project = text
        run.ref = text
        run.instance = text
        try ledger.commit([.insert(run)])
        try ledger.close()
        #expect(try Ledger(path: place.file, access: .reading).runs() == [run])
    }

    @Test func everyStateHasItsOwnNumberAndName() throws {
        let rows = try Statement("SELECT code, name FROM state", on: Connection(ledger.path, .readOnly))
            .rows { (row) throws(LedgerError) in (try row.integer(0), try row.text(1)) }
        #expect(rows.count == RunState.allCases.count)
        for state in RunState.allCases {
            #expect(RunState(code: state.code) == state)
            #expect(state.isOpen == (state.code < 10))
            #expect(rows.contains { $0 == (state.code, state.rawValue) })
        }
        #expect(RunState(code: 5) == nil)
    }

    @Test func commitsAreDurableAndTheLogIsBounded() throws {
        let connection = try #require(ledger.openFile?.connection)
        #expect(try connection.integer("PRAGMA synchronous") == 2)
        #expect(try connection.text("PRAGMA journal_mode") == "wal")
        #expect(try connection.integer("PRAGMA wal_autocheckpoint") == 4_096)
    }

    @Test func afterClosingEveryCallSaysSo() throws {
        try ledger.close()
        try ledger.close()
        #expect(failure { _ = try ledger.load() }?.kind == .closed)
        #expect(failure { try ledger.commit([]) }?.kind == .closed)
    }
}
