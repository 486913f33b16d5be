import CivilTime
import Scheduling
import TestSupport
import Testing

@testable import Ledger

/// A ledger in which skips share rows, and one in which each skip has a row. Every query has the same answer.
@Suite struct SpanLikenessTests {
    @Test(arguments: [UInt64.random(in: 0...UInt64.max)] + Array(1...20))
    func theyAnswerAlike(_ seed: UInt64) throws {
        var twins = try Twins(seed: seed)
        for step in 0..<40 {
            try twins.step("seed \(seed), step \(step)")
            try twins.compare("seed \(seed), step \(step)")
        }
    }
}

private struct Twins {
    private static let jobs = ["a", "b", "c"]

    private var random: SplitMix
    private let places: [Place]
    private let shared: Ledger
    private let single: Ledger

    init(seed: UInt64) throws {
        random = SplitMix(seed: seed)
        places = [try Place(), try Place()]
        shared = try places[0].scheduling()
        single = try places[1].scheduling()
    }

    mutating func step(_ words: Comment) throws {
        if Int.random(in: 0..<8, using: &random) == 0 {
            let cutoff = at(.random(in: 0..<80, using: &random))
            for ledger in [shared, single] {
                var rounds = 0
                while try ledger.prune(finishedBefore: cutoff, limit: 3) == 3, rounds < 1_000 { rounds += 1 }
                #expect(rounds < 1_000, words)
            }
            return
        }
        let changes = (0..<Int.random(in: 1...5, using: &random)).map { _ in change() }
        let answers = (try shared.commit(changes), try single.commit(changes.flatMap(\.single)))
        #expect(answers.0 == answers.1, words)
    }

    private mutating func change() -> Change {
        let job = Self.jobs[Int.random(in: 0..<3, using: &random)]
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return .cover(job: job, through: at(0))
        case 1: return .forget(job: job)
        case 2...4: return .skip(.random(of: job, &random))
        default:
            let state = [RunState.claimed, .succeeded, .skipped].randomElement(using: &random) ?? .claimed
            var run = run(job, .random(in: 0..<45, using: &random), state)
            if Bool.random(using: &random) { run.pipeline = Pipeline(id: 7, url: "https://h/7") }
            return .insert(run)
        }
    }

    mutating func compare(_ words: Comment) throws {
        #expect(try shared.runs() == single.runs(), words)
        #expect(try shared.lastRuns() == single.lastRuns(), words)
        #expect(try shared.load().open == single.load().open, words)
        for _ in 0..<6 {
            let filter = filter()
            #expect(try shared.runs(filter) == single.runs(filter), words)
        }
        let id = RunID(job: "a", fireTime: at(.random(in: 0..<45, using: &random)))
        #expect(try shared.run(id) == single.run(id), words)
        let (start, end) = (
            at(.random(in: -1..<45, using: &random)), at(.random(in: -1..<45, using: &random))
        )
        let (some, others) = try (
            shared.fireTimes(from: start, until: end), single.fireTimes(from: start, until: end)
        )
        for job in Self.jobs {
            let pairs = [some, others].map { $0.rows(of: job).map { "\($0.fireTime) \($0.isSkip)" } }
            #expect(pairs[0] == pairs[1], words)
        }
        #expect(try shared.integrityProblem() == nil, words)
    }

    private mutating func filter() -> RunFilter {
        func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &random) ? value : nil }
        return RunFilter(
            jobs: maybe(Set(Self.jobs.filter { _ in Bool.random(using: &random) })) ?? [],
            states: maybe([RunState.skipped]) ?? maybe([.succeeded]) ?? [],
            since: maybe(at(.random(in: -1..<45, using: &random))),
            until: maybe(at(.random(in: -1..<45, using: &random))),
            limit: maybe(.random(in: 0...20, using: &random)))
    }
}

extension Change {
    /// The same changes, with a row for each fire time.
    fileprivate var single: [Change] {
        guard case .skip(let span) = self else { return [self] }
        return span.fireTimes.map { .insert(span.run(at: $0)) }
    }
}
