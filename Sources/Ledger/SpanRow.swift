import CivilTime
import Scheduling

/// How a span is stored in the table `span`. Its reason and its instance are labels, like those of runs.
struct SpanRow {
    let rows: RunRow

    /// In the order of `read` and of `bind`'s parameters.
    static let columns =
        "job, first, last, step, count, reason, lateness_at, delay, instance, skipped_at, sum"

    private static let sumColumn: Int32 = 10

    func bind(_ span: SkipSpan, job: Int64, to statement: Statement) throws(LedgerError) {
        var sum = Sum()
        statement.bind(job, at: 1, adding: &sum)
        statement.bind(span.fireTimes.first, at: 2, adding: &sum)
        statement.bind(span.fireTimes.last, at: 3, adding: &sum)
        statement.bind(span.fireTimes.step.inMicroseconds, at: 4, adding: &sum)
        statement.bind(Int64(span.fireTimes.count), at: 5, adding: &sum)
        statement.bind(try rows.labels.intern(span.words.text), at: 6, adding: &sum)
        statement.bind(span.words.latenessAt.map { Int64($0) }, at: 7, adding: &sum)
        statement.bind(span.delay.inMicroseconds, at: 8, adding: &sum)
        statement.bind(try rows.labels.intern(span.instance), at: 9, adding: &sum)
        statement.bind(span.skippedAt, at: 10, adding: &sum)
        statement.bind(sum.value, at: 11)
    }

    func read(_ row: Row) throws(LedgerError) -> SkipSpan {
        let job = try rows.jobs.text(of: row.integer(0))
        let fireTimes = try fireTimes(row)
        let text = try rows.labels.text(of: row.integer(5))
        let place = try row.optionalInteger(6)
        guard let words = SkipWords(text, latenessAt: place.map { Int(clamping: $0) }) else {
            throw row.damage(6, "does not fit the reason")
        }
        let span = SkipSpan(
            job: job, fireTimes: fireTimes, words: words, delay: .microseconds(try row.integer(7)),
            instance: try rows.labels.text(of: row.integer(8)), skippedAt: try row.instant(9))
        var sum = Sum()
        row.add(0..<Self.sumColumn, to: &sum)
        try row.require(sum.value, in: Self.sumColumn)
        return span
    }

    private func fireTimes(_ row: Row) throws(LedgerError) -> FireTimeSpan {
        let (first, last) = (try row.instant(1), try row.instant(2))
        let fireTimes = FireTimeSpan(
            first: first, step: .microseconds(try row.integer(3)), count: Int(try row.integer(4)))
        guard let fireTimes, fireTimes.last == last else {
            throw row.damage(4, "does not fit its fire times")
        }
        return fireTimes
    }
}
