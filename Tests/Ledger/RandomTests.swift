import CivilTime
import Scheduling
import TestSupport
import Testing

@testable import Ledger

/// Compares the ledger with a dictionary, with closings and crashes in between.
@Suite struct RandomTests {
    /// Seeds that failed once run first.
    @Test(
        arguments: [
            14_892_336_607_577_721_619, 10_672_343_347_697_639_484, UInt64.random(in: 0...UInt64.max),
        ]
            + Array(1...3))
    func theLedgerIsWhatWasCommitted(_ seed: UInt64) throws {
        var trial = try Trial(seed: seed)
        for step in 0..<60 {
            try trial.step()
            #expect(try trial.agrees(), "seed \(seed), step \(step)")
            #expect(try trial.problem() == nil, "seed \(seed), step \(step)")
        }
    }
}

/// A ledger and its expected contents.
private struct Trial {
    private var random: SplitMix
    private var place: Place
    private var ledger: Ledger
    private var runs: [RunID: Run] = [:]
    private var transitions: [RunID: [Transition]] = [:]
    private var covered: [String: Instant] = [:]
    private var markings: [String: ProjectMark] = [:]

    init(seed: UInt64) throws {
        random = SplitMix(seed: seed)
        place = try Place()
        ledger = try place.scheduling()
    }

    mutating func step() throws {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: try reopen(in: place)
        case 1: try reopen(in: place.afterKill())
        case 2: try ledger.checkpoint()
        case 3: try commit(spoilt: true)
        default: try commit(spoilt: false)
        }
    }

    func agrees() throws -> Bool {
        let state = try ledger.load()
        let open = runs.values.filter(\.state.isOpen)
        return try Set(ledger.runs()) == Set(runs.values) && state.covered == covered
            && state.markings == markings
            && Set(state.open) == Set(open)
            && runs.keys.allSatisfy { try ledger.run($0)?.transitions == transitions[$0] }
    }

    func problem() throws -> String? { try ledger.integrityProblem() }

    private mutating func reopen(in other: Place) throws {
        if other === place { try ledger.close() }
        place = other
        ledger = try place.scheduling()
    }

    /// A few changes. `spoilt`: the last one is impossible, so that none may stay.
    private mutating func commit(spoilt: Bool) throws {
        let before = (runs, transitions, covered, markings)
        var changes: [Change] = []
        var taken: Set<RunID> = []
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let change = randomChange()
            if !apply(change, &taken) {
                changes.append(.forget(job: "nobody"))
            } else {
                changes.append(change)
            }
        }
        guard spoilt else {
            let answer = try ledger.commit(changes)
            #expect(answer == taken)
            return
        }
        changes.append(.update(run("nobody", 0), at: at(0)))
        #expect(failure { try ledger.commit(changes) } != nil)
        (runs, transitions, covered, markings) = before
    }

    /// Returns false for an update of a run without a row, which would throw.
    private mutating func apply(_ change: Change, _ taken: inout Set<RunID>) -> Bool {
        switch change {
        case .insert(let run):
            if let old = runs[run.id] {
                // A pipeline overrides a row that has none, and so does a newer state of that pipeline.
                let hasChanged =
                    old.pipeline?.id == run.pipeline?.id && old.state != run.state && !run.state.isOpen
                guard run.pipeline != nil, !old.state.isOpen, old.pipeline == nil || hasChanged else {
                    taken.insert(run.id)
                    return true
                }
                // Each insert counts by itself, even after a refused insert of the same run in this list.
                replace(
                    old, with: run,
                    at: run.claimedAt ?? run.triggeredAt ?? run.finishedAt ?? run.id.fireTime)
                return true
            }
            runs[run.id] = run
            let at = run.claimedAt ?? run.triggeredAt ?? run.finishedAt ?? run.id.fireTime
            transitions[run.id] = [Transition(at: at, state: run.state, reason: run.reason)]
        case .skip(let span):
            for fireTime in span.fireTimes { _ = apply(.insert(span.run(at: fireTime)), &taken) }
        case .update(let run, let at):
            guard !taken.contains(run.id) else { return true }
            guard let old = runs[run.id] else { return false }
            replace(old, with: run, at: at)
        case .cover(let job, let through): covered[job] = through
        case .withdraw(let instant):
            for (id, run) in runs where id.fireTime > instant && run.pipeline == nil {
                let neverRan = [.skipped, .refused].contains(run.state)
                guard neverRan || (run.state == .claimed && run.sentAt == nil) else { continue }
                runs[id] = nil
                transitions[id] = nil
            }
        case .forget(let job): covered[job] = nil
        case .mark(let project, let mark): markings[project] = mark
        // This model has no messages.
        case .tell, .told, .incident: break
        }
        return true
    }

    private mutating func replace(_ old: Run, with run: Run, at: Instant) {
        runs[run.id] = run
        runs[run.id]?.claimedAt = old.claimedAt
        runs[run.id]?.attempts = max(old.attempts, run.attempts)
        guard old.state != run.state || old.reason != run.reason else { return }
        transitions[run.id]?.append(Transition(at: at, state: run.state, reason: run.reason))
    }

    private mutating func randomChange() -> Change {
        let job = ["a", "b", "ü/ '", ""][Int.random(in: 0..<4, using: &random)]
        switch Int.random(in: 0..<11, using: &random) {
        case 0: return .forget(job: job)
        case 8: return .skip(.random(of: job, &random))
        case 10: return .mark(project: job, randomMark())
        case 9: return .withdraw(after: at(.random(in: 0..<14, using: &random)))
        case 1: return .cover(job: job, through: at(.random(in: 0..<100, using: &random)))
        case 2...4: return .insert(randomRun(job))
        default: return .update(randomRun(job), at: at(.random(in: 0..<100, using: &random)))
        }
    }

    private mutating func randomMark() -> ProjectMark {
        ProjectMark(
            kind: Bool.random(using: &random) ? .inputs : .variables,
            learnedAt: at(.random(in: 0..<99, using: &random)),
            newest: Bool.random(using: &random) ? .random(in: 1...9, using: &random) : nil,
            showsRunID: Bool.random(using: &random))
    }

    private mutating func randomRun(_ job: String) -> Run {
        let state = RunState.allCases.randomElement(using: &random) ?? .claimed
        var run = Run(RunID(job: job, fireTime: at(.random(in: 0..<12, using: &random))), state: state)
        run.reason = [nil, "", "words", "%?1\u{0}x"][Int.random(in: 0..<4, using: &random)]
        run.project = maybe("project")
        run.ref = maybe("ref")
        run.instance = maybe("1234") ?? ""
        run.mark = Bool.random(using: &random) ? .inputs : .variables
        run.attempts = .random(in: 0..<3, using: &random)
        if Bool.random(using: &random) {
            let url = ["https://h/p/-/pipelines/7", "x", "https://h/8"][Int.random(in: 0..<3, using: &random)]
            run.pipeline = Pipeline(id: .random(in: 6...8, using: &random), url: url)
        }
        for field in [\Run.claimedAt, \.sentAt, \.triggeredAt, \.finishedAt, \.notBefore] {
            run[keyPath: field] = Bool.random(using: &random) ? at(.random(in: 0..<99, using: &random)) : nil
        }
        return run
    }

    private mutating func maybe(_ text: String) -> String? {
        Bool.random(using: &random) ? text : nil
    }
}
