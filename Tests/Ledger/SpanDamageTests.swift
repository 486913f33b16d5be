import Scheduling
import Testing

@testable import Ledger

/// Impossible spans.
@Suite struct SpanDamageTests {
    let place: Place

    init() throws {
        place = try Place()
        let ledger = try place.scheduling()
        for (job, first) in [("a", Int64(0)), ("a", 100), ("b", 0)] {
            let fireTimes = try #require(FireTimeSpan(first: at(first), step: .seconds(2), count: 10))
            let words = try #require(SkipWords("late: ", latenessAt: 6))
            try ledger.commit([
                .skip(SkipSpan(job: job, fireTimes: fireTimes, words: words, skippedAt: at(200)))
            ])
        }
        try ledger.commit([.insert(run("a", 1)), .insert(run("b", 50)), .cover(job: "a", through: at(118))])
        try ledger.close()
    }

    @Test func aGoodOneIsNoDamage() throws {
        #expect(try place.replacing().replaced == nil)
    }

    @Test(arguments: [
        "UPDATE span SET first = first + step, count = count - 1 WHERE job = 2",
        "UPDATE span SET last = last + step, count = count + 1 WHERE job = 2",
        "UPDATE span SET step = 1 WHERE job = 2", "UPDATE span SET step = 0 WHERE job = 2",
        "UPDATE span SET count = 0 WHERE job = 2",
        "UPDATE span SET count = 9223372036854775807 WHERE job = 2",
        "UPDATE span SET step = 9223372036854775807 WHERE job = 2",
        "UPDATE span SET job = 3 WHERE job = 2", "UPDATE span SET job = 1, first = first + 1 WHERE job = 2",
        "UPDATE span SET reason = 77 WHERE job = 2", "UPDATE span SET reason = instance WHERE job = 2",
        "UPDATE span SET lateness_at = 5 WHERE job = 2", "UPDATE span SET lateness_at = 7 WHERE job = 2",
        "UPDATE span SET lateness_at = NULL WHERE job = 2", "UPDATE span SET lateness_at = -1 WHERE job = 2",
        "UPDATE span SET delay = delay + 1 WHERE job = 2", "UPDATE span SET instance = reason WHERE job = 2",
        "UPDATE span SET skipped_at = skipped_at + 1 WHERE job = 2", "UPDATE span SET sum = 0 WHERE job = 2",
        "UPDATE label SET text = 'lat' WHERE text = 'late: '", "DELETE FROM label WHERE text = 'late: '",
    ])
    func whatASpanHolds(_ statement: String) throws {
        try place.poke("PRAGMA ignore_check_constraints = ON; " + statement)
        #expect(failure { _ = try place.scheduling() }?.isDamage == true)
    }

    /// With a fitting sum, like the work of a program that has miscounted.
    @Test func aFireTimeThatIsThereTwice() throws {
        try place.poke("UPDATE run SET fire_time = fire_time + 1000000, sum = sum WHERE job = 1")
        let writing = try Ledger(path: place.file, access: .writing())
        #expect(failure { try writing.openFile?.reader.check() }?.isDamage == true)
        let other = try Place()
        let ledger = try other.scheduling()
        try ledger.commit([.insert(run("a", 1)), .insert(run("b", 2))])
        let fireTimes = try #require(FireTimeSpan(first: at(0), step: .seconds(1), count: 10))
        try ledger.commit([
            .skip(SkipSpan(job: "c", fireTimes: fireTimes, words: SkipWords("x"), skippedAt: at(200)))
        ])
        try ledger.openFile?.connection.execute("UPDATE job SET name = 'd' WHERE name = 'c'")
        #expect(try ledger.integrityProblem() == nil)
        let twice = try SpanRow(rows: RunRow(on: #require(ledger.openFile?.connection)))
        let insert = try Statement(SpanSQL.insert, on: #require(ledger.openFile?.connection))
        let span = SkipSpan(job: "a", fireTimes: fireTimes, words: SkipWords("x"), skippedAt: at(200))
        try twice.bind(span, job: 1, to: insert)
        try insert.run()
        #expect(try ledger.integrityProblem() == "a fire time has a row and lies in a span")
    }

    @Test func spansThatLieWithinOneAnother() throws {
        let ledger = try place.scheduling()
        let connection = try #require(ledger.openFile?.connection)
        let row = try SpanRow(rows: RunRow(on: connection))
        let insert = try Statement(SpanSQL.insert, on: connection)
        let fireTimes = try #require(FireTimeSpan(first: at(3), step: .seconds(2), count: 2))
        try row.bind(
            SkipSpan(job: "a", fireTimes: fireTimes, words: SkipWords("x"), skippedAt: at(200)), job: 1,
            to: insert)
        try insert.run()
        #expect(try ledger.integrityProblem() == "first lies within another span")
    }
}
