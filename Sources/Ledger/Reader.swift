import Cron
import Scheduling

/// Reads runs and marks. What belongs together is read as of one moment.
struct Reader {
    private let connection: Connection
    private let rows: RunRow
    private let covered: Statement
    private let coveredOfJob: Statement
    private let open: Statement
    private let all: Statement
    private let ofJob: Statement
    private let one: Statement
    private let transitions: Statement
    private let dataVersion: Statement

    init(on connection: Connection, rows: RunRow) throws(LedgerError) {
        self.connection = connection
        self.rows = rows
        covered = try Statement(
            "SELECT name, covered_through, id FROM job WHERE covered_through IS NOT NULL", on: connection)
        coveredOfJob = try Statement("SELECT covered_through FROM job WHERE name = ?1", on: connection)
        open = try Statement(SQL.open, on: connection)
        all = try Statement(SQL.all, on: connection)
        ofJob = try Statement(SQL.ofJob, on: connection)
        one = try Statement(SQL.one, on: connection)
        transitions = try Statement(SQL.transitions, on: connection)
        dataVersion = try Statement("PRAGMA data_version", on: connection)
    }

    func state() throws(LedgerError) -> LedgerState {
        try connection.transaction(.reading) { () throws(LedgerError) in
            let marks = try covered.rows { (row) throws(LedgerError) in
                (try row.text(0), try row.instant(1))
            }
            let open = try open.rows(rows.read)
            return LedgerState(covered: Dictionary(marks) { $1 }, open: open)
        }
    }

    func coveredThrough(_ job: String) throws(LedgerError) -> Instant? {
        coveredOfJob.bind(job, at: 1)
        return try coveredOfJob.first { (row) throws(LedgerError) in try row.optionalInstant(0) } ?? nil
    }

    func runs(_ filter: RunFilter) throws(LedgerError) -> [Run] {
        guard !filter.jobs.isEmpty else { return try read(all, filter) }
        return try connection.transaction(.reading) { () throws(LedgerError) in
            // One search for each job, of which each may have all that is asked for. A single statement
            // for several would read every run of theirs in order to sort them.
            var found: [Run] = []
            for job in filter.jobs {
                guard let number = try rows.jobs.number(of: job) else { continue }
                found += try read(ofJob, filter, job: number)
            }
            found.sort { ($1.id.fireTime, $0.id.job) < ($0.id.fireTime, $1.id.job) }
            return filter.limit.map { Array(found.prefix(max(0, $0))) } ?? found
        }
    }

    func history(of id: RunID) throws(LedgerError) -> RunHistory? {
        try connection.transaction(.reading) { () throws(LedgerError) in
            guard let job = try rows.jobs.number(of: id.job) else { return nil }
            for statement in [one, transitions] {
                statement.bind(id.fireTime, at: 1)
                statement.bind(job, at: 2)
            }
            guard let run = try one.first(rows.read) else { return nil }
            let transitions = try transitions.rows { (row) throws(LedgerError) in
                Transition(at: try row.instant(0), state: try row.state(1), reason: try row.optionalText(2))
            }
            return RunHistory(run: run, transitions: transitions)
        }
    }

    func lastRuns() throws(LedgerError) -> [String: LastRun] {
        try connection.transaction(.reading) { () throws(LedgerError) in
            let jobs = try covered.rows { (row) throws(LedgerError) in (try row.text(0), try row.integer(2)) }
            var last: [String: LastRun] = [:]
            for (name, number) in jobs {
                guard let newest = try read(ofJob, RunFilter(limit: 1), job: number).first else { continue }
                let carriedOut =
                    newest.state != .skipped
                    ? newest : try read(ofJob, RunFilter(states: .carriedOut, limit: 1), job: number).first
                last[name] = LastRun(newest: newest, carriedOut: carriedOut)
            }
            return last
        }
    }

    /// A number that differs from the last one when another connection has written in between.
    func version() throws(LedgerError) -> Int64 {
        try dataVersion.first { (row) throws(LedgerError) in try row.integer(0) } ?? 0
    }

    private func read(
        _ statement: Statement, _ filter: RunFilter, job: Int64? = nil
    ) throws(LedgerError) -> [Run] {
        let states = filter.states.reduce(into: Int64(0)) { $0 |= 1 << $1.code }
        statement.bind(filter.since ?? .distantPast, at: 1)
        statement.bind(filter.until ?? .distantFuture, at: 2)
        statement.bind(filter.states.isEmpty ? nil : states, at: 3)
        statement.bind(filter.limit.map { Int64(max(0, $0)) } ?? -1, at: 4)
        if let job { statement.bind(job, at: 5) }
        return try statement.rows(rows.read)
    }
}

extension Set<RunState> {
    fileprivate static let carriedOut = Set(RunState.allCases).subtracting([.skipped])
}
