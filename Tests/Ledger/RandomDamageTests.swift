import CivilTime
import Foundation
import Scheduling
import TestSupport
import Testing

@testable import Ledger

/// Real ledgers with damage that a seed decides. Opening one for scheduling either finds the damage and moves the
/// unchanged file aside, or every run, mark and session in it is as written.
///
/// A mark or the last session may be older, from a page that was once complete and right. All sessions may be missing, where an
/// empty table's page lies in their place: the scheduler then asks GitLab, as after an unknown process. And a run's earlier
/// states have no checksum.
@Suite struct RandomDamageTests {
    @Test(arguments: Damage.allCases) func damageIsFoundOrDoesNotMatter(_ damage: Damage) throws {
        let original = try Original.made.get()
        var found = 0
        let seeds = Seeds.first(25, full: 400)
        for seed in seeds {
            var random = SplitMix(seed: seed)
            var bytes = original.bytes
            damage.apply(to: &bytes, older: original.older, &random)
            guard bytes != original.bytes else { continue }
            let problem = try original.problem(with: bytes, mayBeOlder: damage == .anOldPage, &found)
            #expect(problem == nil, "seed \(seed), \(damage)")
        }
        let isHarmless = damage == .moreAtTheEnd
        #expect(seeds.count < 25 || isHarmless == (found == 0), "found \(found) of \(seeds.count)")
    }

    /// For SQLite, the log ends at the damage. Commits before it are complete and the rest is gone, like a ledger that
    /// was rolled back to that moment.
    @Test(arguments: [
        Damage.cutAnywhere, .oneBit, .someBits, .aBadStretch, .anEmptyStretch, .twoPagesSwapped,
    ])
    func aDamagedLogIsFoundOrEndsEarlier(_ damage: Damage) throws {
        let log = try Log.made.get()
        for seed in Seeds.first(20, full: 300) {
            var random = SplitMix(seed: seed)
            var bytes = log.bytes
            damage.apply(to: &bytes, older: [], &random)
            let place = try Place()
            try place.write(log.file)
            try place.write(bytes, beside: "-wal")
            let (ledger, replaced) = try place.replacing(since: at(90_000))
            if let replaced {
                #expect(try place.bytes(replaced.movedTo + "-wal") == Data(bytes), "seed \(seed)")
                continue
            }
            let seen = try Moment(ledger)
            #expect(log.moments.contains(seen), "seed \(seed), \(damage)")
        }
    }
}

/// The contents of a ledger.
private struct Moment: Equatable {
    let runs: [Run]
    let covered: [String: Instant]

    init(_ ledger: Ledger) throws {
        runs = try ledger.runs()
        covered = try ledger.load().covered
    }
}

/// A busy hour of eight jobs.
private func fill(_ ledger: Ledger, _ random: inout SplitMix, afterEach: (Int) throws -> Void) throws {
    var open: [Run] = []
    for minute in 0..<60 {
        var changes: [Change] = []
        for job in (0..<8).map({ "job \($0)" }) where Int.random(in: 0..<4, using: &random) > 0 {
            var run = run(job, Int64(minute) * 60)
            (run.project, run.ref, run.instance) = ("4242", "main", "\(minute / 10)")
            changes += [.insert(run), .cover(job: job, through: run.id.fireTime)]
            open.append(run)
        }
        for index in open.indices where Int.random(in: 0..<3, using: &random) == 0 {
            let id = Int64(minute * 100 + index)
            open[index].state = RunState.allCases.randomElement(using: &random) ?? .lost
            open[index].reason = Bool.random(using: &random) ? "job number \(index) failed" : nil
            open[index].pipeline = Pipeline(id: id, url: "https://gitlab.example/p/-/pipelines/\(id)")
            open[index].triggeredAt = at(Int64(minute) * 60 + 2)
            changes.append(.update(open[index], at: at(Int64(minute) * 60 + 2)))
        }
        open.removeAll { !$0.state.isOpen }
        try ledger.commit(changes)
        try afterEach(minute)
    }
}

/// A closed, undamaged ledger.
private struct Original {
    let bytes: [UInt8]
    /// An earlier state of the file.
    let older: [UInt8]
    let held: Moment
    let open: [Run]
    let session: SessionRecord?

    static let made = Result { try Original() }

    init() throws {
        let place = try Place()
        var random = SplitMix(seed: 1)
        let ledger = try place.scheduling(project: "4242")
        var older: [UInt8] = []
        try fill(ledger, &random) { minute in
            guard minute == 40 else { return }
            try ledger.checkpoint()
            older = try [UInt8](place.bytes(place.file))
        }
        held = try Moment(ledger)
        open = try ledger.load().open
        try ledger.close(at: at(4_000))
        session = SessionRecord(instance: "77", begunAt: at(0), endedAt: at(4_000))
        bytes = try [UInt8](place.bytes(place.file))
        self.older = older
    }

    /// What the ledger does wrong with this file; nil: nothing.
    func problem(with bytes: [UInt8], mayBeOlder: Bool, _ found: inout Int) throws -> String? {
        let place = try Place()
        try place.write(bytes)
        let opened: (ledger: Ledger, replaced: Replacement?)
        do {
            opened = try place.replacing(since: at(90_000), project: "4242")
        } catch let error as LedgerError where bytes[68..<72] != self.bytes[68..<72] {
            // The file says that it belongs to another program, and nothing else is readable.
            guard case .foreign = error.kind else { throw error }
            return try place.contents == [Data(bytes)] ? nil : "changed"
        }
        let (ledger, replaced) = opened
        let state = try ledger.load()
        if let replaced {
            found += 1
            guard try place.bytes(replaced.movedTo) == Data(bytes) else { return "changed when put aside" }
            guard try ledger.isNew && ledger.runs().isEmpty && state.covered.isEmpty else {
                return "the new one is not empty"
            }
            return nil
        }
        // An empty file is a ledger that has not begun. SQLite also takes one byte for that.
        if bytes.count < 2 { return try ledger.isNew && ledger.runs().isEmpty ? nil : "not new" }
        guard try ledger.runs() == held.runs, state.open == open else { return "other runs" }
        guard try held.runs.allSatisfy({ try ledger.run($0.id) != nil }) else { return "a run is not found" }
        let areMarksRight =
            mayBeOlder
            ? state.covered.allSatisfy { $1 <= held.covered[$0] ?? at(0) } : state.covered == held.covered
        guard areMarksRight else { return "other marks" }
        let isSafe = state.lastSession == session || state.sessions.count == 1 && state.lastSession == nil
        return mayBeOlder || isSafe ? nil : "another session"
    }
}

/// A ledger of a killed process, and its contents after each commit.
private struct Log {
    let file: [UInt8]
    let bytes: [UInt8]
    let moments: [Moment]

    static let made = Result { try Log() }

    init() throws {
        let place = try Place()
        var random = SplitMix(seed: 2)
        let ledger = try place.scheduling(project: "4242")
        var moments = [try Moment(ledger)]
        try fill(ledger, &random) { _ in moments.append(try Moment(ledger)) }
        let killed = try place.afterKill()
        file = try [UInt8](killed.bytes(killed.file))
        bytes = try [UInt8](killed.bytes(killed.file + "-wal"))
        self.moments = moments
    }
}
