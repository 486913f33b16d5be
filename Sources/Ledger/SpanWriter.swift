import CivilTime
import Scheduling

/// Writes spans of skipped fire times. Only inside a writing transaction.
final class SpanWriter {
    private let reader: SpanReader
    private let row: SpanRow
    private let insert: Statement
    private let delete: Statement
    private let overlapping: Statement
    private let rows: Statement
    private let jobs: Statement
    private let after: Statement
    private let expired: Statement
    private let version: Statement
    /// The jobs that have spans, and some that had one or almost got one. The writer does not search for spans of any
    /// other job. nil: not known.
    private var known: Set<Int64>?
    private var seenVersion: Int64 = -1

    init(on connection: Connection, rows: RunRow) throws(LedgerError) {
        reader = try SpanReader(on: connection, rows: rows)
        row = SpanRow(rows: rows)
        insert = try Statement(SpanSQL.insert, on: connection)
        delete = try Statement(SpanSQL.delete, on: connection)
        overlapping = try Statement(SpanSQL.overlapping, on: connection)
        self.rows = try Statement(SpanSQL.rows, on: connection)
        jobs = try Statement(SpanSQL.jobs, on: connection)
        after = try Statement(SpanSQL.after, on: connection)
        expired = try Statement(SpanSQL.expired, on: connection)
        version = try Statement("PRAGMA data_version", on: connection)
    }

    // MARK: Which jobs have any

    /// At the start of a transaction: another process may have written since the last one.
    func refresh() throws(LedgerError) {
        let version = try version.first { (row) throws(LedgerError) in try row.integer(0) } ?? 0
        if version != seenVersion { known = nil }
        seenVersion = version
    }

    private func hasSpans(_ job: Int64) throws(LedgerError) -> Bool {
        if let known { return known.contains(job) }
        let found = Set(try jobs.rows { (row) throws(LedgerError) in try row.integer(0) })
        known = found
        return found.contains(job)
    }

    // MARK: One fire time

    /// The span that contains this fire time; nil: there is none.
    func span(ofJob job: Int64, at fireTime: Instant) throws(LedgerError) -> SkipSpan? {
        try hasSpans(job) ? reader.span(ofJob: job, at: fireTime) : nil
    }

    /// Splits the span, so that this fire time can have a row of its own.
    func takeOut(_ fireTime: Instant, of span: SkipSpan, job: Int64) throws(LedgerError) {
        guard let position = span.fireTimes.position(of: fireTime) else { return }
        let fireTimes = span.fireTimes
        try replace(
            span, job,
            with: [
                fireTimes.part(from: 0, to: position),
                fireTimes.part(from: position + 1, to: fireTimes.count),
            ])
    }

    private func replace(
        _ span: SkipSpan, _ job: Int64, with parts: [FireTimeSpan?]
    ) throws(LedgerError) {
        delete.bind(job, at: 1)
        delete.bind(span.fireTimes.first, at: 2)
        try delete.run()
        for part in parts { if let part { try write(span.of(part), job) } }
    }

    private func write(_ span: SkipSpan, _ job: Int64) throws(LedgerError) {
        try row.bind(span, job: job, to: insert)
        try insert.run()
        known?.insert(job)
    }

    // MARK: Many fire times

    /// What happened to the fire times of a new span.
    struct Outcome {
        /// They already have rows, so the writer wrote nothing for them.
        var taken: [Instant] = []
        /// They lie within the range of another span, so each needs a row of its own.
        var single: [Instant] = []
    }

    /// Writes the fire times that have no row. Rows and spans in the way split the new span into several.
    func add(_ span: SkipSpan, job: Int64) throws(LedgerError) -> Outcome {
        var outcome = Outcome()
        var rest: FireTimeSpan? = span.fireTimes
        for fireTime in try rowsOf(job, in: span.fireTimes) {
            guard let fireTimes = rest, let position = fireTimes.position(of: fireTime) else { continue }
            outcome.taken.append(fireTime)
            try fireTimes.part(from: 0, to: position).map { (part) throws(LedgerError) in
                try add(part, of: span, job, &outcome.single)
            }
            rest = fireTimes.part(from: position + 1, to: fireTimes.count)
        }
        if let rest { try add(rest, of: span, job, &outcome.single) }
        return outcome
    }

    private func rowsOf(_ job: Int64, in fireTimes: FireTimeSpan) throws(LedgerError) -> [Instant] {
        bind(job, fireTimes, to: rows)
        return try rows.rows { (row) throws(LedgerError) in try row.instant(0) }
    }

    /// Adds fire times without rows. Only other spans may be in the way.
    private func add(
        _ fireTimes: FireTimeSpan, of span: SkipSpan, _ job: Int64, _ single: inout [Instant]
    ) throws(LedgerError) {
        var position = 0
        for other in try hasSpans(job) ? spansOf(job, around: fireTimes) : [] {
            let start = fireTimes.count(before: other.fireTimes.first)
            let end = fireTimes.count(before: other.fireTimes.last.advanced(by: .microseconds(1)))
            if let part = fireTimes.part(from: position, to: start) { try write(span.of(part), job) }
            single += stride(from: start, to: end, by: 1).map { fireTimes[$0] }
            position = end
        }
        if let part = fireTimes.part(from: position, to: fireTimes.count) { try write(span.of(part), job) }
    }

    private func spansOf(_ job: Int64, around fireTimes: FireTimeSpan) throws(LedgerError) -> [SkipSpan] {
        bind(job, fireTimes, to: overlapping)
        return try overlapping.rows(row.read)
    }

    private func bind(_ job: Int64, _ fireTimes: FireTimeSpan, to statement: Statement) {
        statement.bind(job, at: 1)
        statement.bind(fireTimes.first, at: 2)
        statement.bind(fireTimes.last, at: 3)
    }

    /// Removes the fire times after `instant` from every span.
    func withdraw(after instant: Instant) throws(LedgerError) {
        after.bind(instant, at: 1)
        let found = try after.rows { (row) throws(LedgerError) in
            (job: try row.integer(0), span: try self.row.read(row))
        }
        for (job, span) in found {
            let count = span.fireTimes.count(before: instant.advanced(by: .microseconds(1)))
            try replace(span, job, with: [span.fireTimes.part(from: 0, to: count)])
        }
    }

    // MARK: Expired ones

    /// Removes the expired fire times from at most `limit` spans. Returns how many spans it changed.
    func prune(before cutoff: Instant, limit: Int) throws(LedgerError) -> Int {
        expired.bind(cutoff, at: 1)
        expired.bind(Int64(limit), at: 2)
        let found = try expired.rows { (row) throws(LedgerError) in
            (job: try row.integer(0), span: try self.row.read(row), keepsLast: try row.integer(11) != 0)
        }
        for (job, span, keepsLast) in found {
            let count = span.fireTimes.count
            let old = min(span.fireTimes.count(before: cutoff), keepsLast ? count - 1 : count)
            try replace(span, job, with: [span.fireTimes.part(from: old, to: count)])
        }
        return found.count
    }
}
