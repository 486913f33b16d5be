import CivilTime
import Scheduling

/// Reads runs and marks. Values that belong together come from one transaction.
struct Reader {
    private let connection: Connection
    private let rows: RunRow
    private let spans: SpanReader
    private let covered: Statement
    private let coveredOfJob: Statement
    private let open: Statement
    private let all: Statement
    private let ofJob: Statement
    private let one: Statement
    private let transitions: Statement
    private let lastSession: Statement
    private let fireTimes: Statement
    private let dataVersion: Statement

    init(on connection: Connection, rows: RunRow) throws(LedgerError) {
        self.connection = connection
        self.rows = rows
        spans = try SpanReader(on: connection, rows: rows)
        covered = try Statement(SQL.covered, on: connection)
        coveredOfJob = try Statement(SQL.covered + " AND name = ?1", on: connection)
        open = try Statement(SQL.open, on: connection)
        all = try Statement(SQL.all, on: connection)
        ofJob = try Statement(SQL.ofJob, on: connection)
        one = try Statement(SQL.one, on: connection)
        transitions = try Statement(SQL.transitions, on: connection)
        lastSession = try Statement(SQL.lastSession, on: connection)
        fireTimes = try Statement(SQL.fireTimes, on: connection)
        dataVersion = try Statement("PRAGMA data_version", on: connection)
    }

    /// `session`: the number of the own session; nil: there is none.
    func state(session: Int64?, at now: Instant) throws(LedgerError) -> LedgerState {
        try connection.transaction(.reading) { () throws(LedgerError) in
            lastSession.bind(session ?? .max, at: 1)
            let marks = try marks()
            return LedgerState(
                covered: marks, open: try open.rows(rows.read),
                newestFireTime: try list(RunFilter(limit: 1)).first?.id.fireTime,
                lastDecided: try lastDecided(of: marks.filter { $0.value > now }.keys, at: now),
                lastSession: try lastSession.first(SessionRecord.init),
                markings: try Markings(connection: connection, labels: rows.labels).read(),
                outbox: try OutboxTable.waiting(in: connection),
                incidents: try OutboxTable.incidents(in: connection))
        }
    }

    /// For each job, the newest fire time up to `now` that has a row.
    private func lastDecided(
        of jobs: some Sequence<String>, at now: Instant
    ) throws(LedgerError) -> [String: Instant] {
        var decided: [String: Instant] = [:]
        let end = now.advanced(by: .microseconds(1))
        for job in jobs {
            decided[job] = try list(RunFilter(jobs: [job], until: end, limit: 1)).first?.id.fireTime
        }
        return decided
    }

    func coveredThrough(_ job: String) throws(LedgerError) -> Instant? {
        coveredOfJob.bind(job, at: 1)
        return try coveredOfJob.first(Mark.init)?.through
    }

    func fireTimes(from start: Instant, until end: Instant) throws(LedgerError) -> RecordedFireTimes {
        try connection.transaction(.reading) { () throws(LedgerError) in
            var recorded: [Int64: [RecordedFireTimes.Entry]] = [:]
            fireTimes.bind(start, at: 1)
            fireTimes.bind(end, at: 2)
            try fireTimes.forEach { (row) throws(LedgerError) in
                let entry = RecordedFireTimes.Entry(fireTime: try row.instant(0), state: try row.state(2))
                recorded[try row.integer(1), default: []].append(entry)
            }
            var named: [String: [RecordedFireTimes.Entry]] = [:]
            for (job, entries) in recorded { named[try rows.jobs.text(of: job)] = entries }
            let skips = try spans.spans(RunFilter(since: start, until: end)).reversed()
            return RecordedFireTimes(
                covered: try marks(), entries: named,
                skips: Dictionary(grouping: skips, by: \.job).mapValues {
                    $0.compactMap { span in
                        let fireTimes = span.fireTimes
                        return fireTimes.part(
                            from: fireTimes.count(before: start), to: fireTimes.count(before: end))
                    }
                })
        }
    }

    private func marks() throws(LedgerError) -> [String: Instant] {
        let marks = try covered.rows(Mark.init)
        return Dictionary(marks.map { ($0.job, $0.through) }) { $1 }
    }

    func runs(_ filter: RunFilter) throws(LedgerError) -> [Run] {
        try connection.transaction(.reading) { () throws(LedgerError) in try list(filter) }
    }

    private func list(_ filter: RunFilter) throws(LedgerError) -> [Run] {
        let admitsSkips = filter.states.isEmpty || filter.states.contains(.skipped)
        guard !filter.jobs.isEmpty else {
            var skips = SpanMerge(admitsSkips ? try spans.spans(filter) : [], filter)
            return skips.merge(try read(all, filter), limit: filter.limit)
        }
        // One search for each job, each up to the whole limit. A single statement for several jobs would read and sort
        // all their runs.
        var (found, skipped): ([Run], [SkipSpan]) = ([], [])
        for job in filter.jobs {
            guard let number = try rows.jobs.number(of: job) else { continue }
            found += try read(ofJob, filter, job: number)
            if admitsSkips { skipped += try spans.spans(filter, ofJob: number) }
        }
        found.sort { ($1.id.fireTime, $0.id.job) < ($0.id.fireTime, $1.id.job) }
        var skips = SpanMerge(skipped, filter)
        return skips.merge(found, limit: filter.limit)
    }

    func history(of id: RunID) throws(LedgerError) -> RunHistory? {
        try connection.transaction(.reading) { () throws(LedgerError) in
            guard let job = try rows.jobs.number(of: id.job) else { return nil }
            for statement in [one, transitions] {
                statement.bind(id.fireTime, at: 1)
                statement.bind(job, at: 2)
            }
            guard let run = try one.first(rows.read) else {
                return try spans.span(ofJob: job, at: id.fireTime).map {
                    RunHistory(skip: $0.run(at: id.fireTime))
                }
            }
            return RunHistory(run: run, transitions: try transitions.rows(Transition.init))
        }
    }

    func lastRuns() throws(LedgerError) -> [String: LastRun] {
        try connection.transaction(.reading) { () throws(LedgerError) in
            var last: [String: LastRun] = [:]
            for mark in try covered.rows(Mark.init) {
                guard let newest = try newest(ofJob: mark.number) else { continue }
                let carriedOut =
                    newest.state != .skipped
                    ? newest
                    : try read(ofJob, RunFilter(states: .carriedOut, limit: 1), job: mark.number).first
                last[mark.job] = LastRun(newest: newest, carriedOut: carriedOut)
            }
            return last
        }
    }

    /// The names of all jobs that have rows, or had some.
    func jobNames() throws(LedgerError) -> Set<String> {
        try connection.transaction(.reading) { () throws(LedgerError) in
            var names: Set<String> = []
            try Statement(SQL.jobs, on: connection).forEach { row throws(LedgerError) in
                names.insert(try row.text(0))
            }
            return names
        }
    }

    private func newest(ofJob job: Int64) throws(LedgerError) -> Run? {
        let run = try read(ofJob, RunFilter(limit: 1), job: job).first
        guard let span = try spans.newest(ofJob: job), span.fireTimes.last > run?.id.fireTime ?? .distantPast
        else { return run }
        return span.run(at: span.fireTimes.last)
    }

    /// Reads everything. Throws if a checksum is wrong, a value is impossible, or a row refers to a missing row.
    func check() throws(LedgerError) {
        try Statement(SQL.jobs, on: connection).forEach(Mark.check)
        _ = try Sessions.read(from: connection)
        try Statement("SELECT \(RunRow.columns) FROM run", on: connection).forEach {
            (row) throws(LedgerError) in _ = try rows.read(row)
        }
        try Statement("SELECT at, state, reason FROM transition", on: connection).forEach {
            (row) throws(LedgerError) in _ = try Transition(row)
        }
        guard try connection.integer(SQL.strayTransitions) == 0 else {
            throw LedgerError(.damaged, connection.path, "a transition belongs to no run")
        }
        try spans.check()
        _ = try Markings(connection: connection, labels: rows.labels).read()
        _ = try OutboxTable.waiting(in: connection)
        _ = try OutboxTable.incidents(in: connection)
    }

    /// A number that changes when another connection writes.
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

extension RunHistory {
    /// The history of a skip that had no state before.
    fileprivate init(skip run: Run) {
        self.run = run
        transitions = [
            Transition(at: run.finishedAt ?? run.id.fireTime, state: run.state, reason: run.reason)
        ]
    }
}

extension Transition {
    fileprivate init(_ row: Row) throws(LedgerError) {
        at = try row.instant(0)
        state = try row.state(1)
        reason = try row.optionalText(2)
    }
}

/// A job's covered-through mark, as `SQL.covered` returns it.
private struct Mark {
    let job: String
    let through: Instant
    /// The job's number.
    let number: Int64

    init(_ row: Row) throws(LedgerError) {
        job = try row.text(0)
        through = try row.instant(1)
        number = try row.integer(2)
        try Self.check(row)
    }

    /// Works for a job without a mark too.
    static func check(_ row: Row) throws(LedgerError) {
        try row.require(row.integer(2) &+ Sum.addend(row.optionalInteger(1)), in: 3)
    }
}
