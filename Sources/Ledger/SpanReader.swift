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

    /// The spans that have fire times which the filter may admit: as many as its limit may need.
    func spans(_ filter: RunFilter) throws(LedgerError) -> [SkipSpan] {
        bind(filter, to: all)
        return try all.rows(row.read)
    }

    /// Those of one job.
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

    /// The newest span of the job that begins at this instant or before; nil: there is none.
    func newest(ofJob job: Int64, upTo instant: Instant = .distantFuture) throws(LedgerError) -> SkipSpan? {
        upTo.bind(job, at: 1)
        upTo.bind(instant, at: 2)
        return try upTo.first(row.read)
    }

    /// The span that has this fire time; nil: none has.
    func span(ofJob job: Int64, at fireTime: Instant) throws(LedgerError) -> SkipSpan? {
        guard let span = try newest(ofJob: job, upTo: fireTime),
            span.fireTimes.position(of: fireTime) != nil
        else { return nil }
        return span
    }

    /// Throws where a span cannot be, overlaps another one of its job, or has a fire time that has a row of its own.
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
