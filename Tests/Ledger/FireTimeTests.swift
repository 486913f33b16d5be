import Scheduling
import Testing

@testable import Ledger

/// The rows that an audit reads.
@Suite struct FireTimeTests {
    let place: Place
    let ledger: Ledger

    init() throws {
        place = try Place()
        ledger = try place.scheduling()
        let runs = (0..<10).flatMap { minute in
            ["b", "a"].map { run($0, Int64(minute) * 60, minute == 9 ? .claimed : .succeeded) }
        }
        try ledger.commit(runs.shuffled().map { .insert($0) } + [.insert(run("c", 30, .skipped))])
        try ledger.commit([.cover(job: "a", through: at(540)), .cover(job: "b", through: at(540))])
    }

    private func entry(_ seconds: Int64, _ state: RunState) -> RecordedFireTimes.Entry {
        RecordedFireTimes.Entry(fireTime: at(seconds), state: state)
    }

    /// Also while a scheduler is running.
    @Test func aRangeIsReadBesideTheScheduler() throws {
        let reader = try Ledger(path: place.file, access: .reading)
        let found = try reader.fireTimes(from: at(420), until: at(541))
        let expected = [entry(420, .succeeded), entry(480, .succeeded), entry(540, .claimed)]
        #expect(found.entries == ["a": expected, "b": expected])
        #expect(found.covered == ["a": at(540), "b": at(540)])
        try ledger.commit([.update(run("a", 540, .failed), at: at(541)), .cover(job: "a", through: at(600))])
        let later = try reader.fireTimes(from: at(540), until: at(541))
        #expect(later.entries["a"] == [entry(540, .failed)])
        #expect(later.covered["a"] == at(600))
    }

    @Test func theEndIsNotPartOfTheRange() throws {
        #expect(try ledger.fireTimes(from: at(0), until: at(60)).entries["a"] == [entry(0, .succeeded)])
        #expect(try ledger.fireTimes(from: at(30), until: at(31)).entries == ["c": [entry(30, .skipped)]])
        #expect(try ledger.fireTimes(from: at(1), until: at(30)).entries.isEmpty)
        #expect(try ledger.fireTimes(from: at(60), until: at(0)).entries.isEmpty)
    }

    @Test func everythingIsARangeToo() throws {
        let all = try ledger.fireTimes(from: .distantPast, until: .distantFuture)
        #expect(all.entries.values.reduce(0) { $0 + $1.count } == 21)
        #expect(Set(all.entries.keys) == ["a", "b", "c"])
        #expect(Set(all.covered.keys) == ["a", "b"])
    }
}
