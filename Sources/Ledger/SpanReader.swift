import CivilTime
import Scheduling

/// Reads spans of skipped fire times.
struct SpanReader {
    private let connection: Connection
    private let row: SpanRow
    private let all: Statement
    private let ofJob: Statement
    private let upTo: Statement

    init(on connection: Connection, rows: RunRow) throws(LedgerError) {
        self.connection = connection
        row = SpanRow(rows: rows)
        all = try Statement(SpanSQL.all, on: connection)
        ofJob = try Statement(SpanSQL.ofJob, on: connection)
        upTo = try Statement(SpanSQL.upTo, on: connection)
    }

    /// The spans with fire times that the filter may admit, at most as many as its limit needs.
    func spans(_ filter: RunFilter) throws(LedgerError) -> [SkipSpan] {
        bind(filter, to: all)
        return try all.rows(row.read)
    }

    /// The same for one job.
    func spans(_ filter: RunFilter, ofJob job: Int64) throws(LedgerError) -> [SkipSpan] {
        bind(filter, to: ofJob)
        ofJob.bind(job, at: 4)
        return try ofJob.rows(row.read)
    }

    private func bind(_ filter: RunFilter, to statement: Statement) {
        statement.bind(filter.since ?? .distantPast, at: 1)
        statement.bind(filter.until ?? .distantFuture, at: 2)
        statement.bind(filter.limit.map { Int64(Swift.max(0, $0)) } ?? -1, at: 3)
    }

    /// The job's newest span that begins at this instant or earlier; nil: there is none.
    func newest(ofJob job: Int64, upTo instant: Instant = .distantFuture) throws(LedgerError) -> SkipSpan? {
        upTo.bind(job, at: 1)
        upTo.bind(instant, at: 2)
        return try upTo.first(row.read)
    }

    /// The span that contains this fire time; nil: there is none.
    func span(ofJob job: Int64, at fireTime: Instant) throws(LedgerError) -> SkipSpan? {
        guard let span = try newest(ofJob: job, upTo: fireTime),
            span.fireTimes.position(of: fireTime) != nil
        else { return nil }
        return span
    }

    /// Throws if a span is impossible, overlaps another one of its job, or contains a fire time that has its own row.
    func check() throws(LedgerError) {
        var last: SkipSpan?
        let inOrder = "SELECT \(SpanRow.columns) FROM span ORDER BY job, first"
        try Statement(inOrder, on: connection).forEach { (found) throws(LedgerError) in
            let span = try row.read(found)
            if let last, last.job == span.job, last.fireTimes.last >= span.fireTimes.first {
                throw found.damage(1, "lies within another span")
            }
            last = span
        }
        guard try connection.integer(SpanSQL.doubles) == 0 else {
            throw LedgerError(.damaged, connection.path, "a fire time has a row and lies in a span")
        }
    }
}
