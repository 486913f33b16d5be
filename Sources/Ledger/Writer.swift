import CivilTime
import Scheduling

/// Writes changes; each list is one transaction.
struct Writer {
    private let connection: Connection
    private let rows: RunRow
    private let spans: SpanWriter
    private let insertRun: Statement
    private let updateRun: Statement
    private let updateOpenRun: Statement
    private let updateOutdatedRun: Statement
    private let attempts: Statement
    private let keepState: Statement
    private let keepStateOfOutdated: Statement
    private let cover: Statement
    private let neverRanAfter: Statement
    private let expired: Statement
    private let deleteRun: Statement
    private let deleteTransitions: Statement
    let outbox: OutboxTable

    init(on connection: Connection, rows: RunRow) throws(LedgerError) {
        self.connection = connection
        self.rows = rows
        spans = try SpanWriter(on: connection, rows: rows)
        insertRun = try Statement(SQL.insertRun, on: connection)
        updateRun = try Statement(SQL.updateRun, on: connection)
        updateOpenRun = try Statement(SQL.updateOpenRun, on: connection)
        updateOutdatedRun = try Statement(SQL.updateOutdatedRun, on: connection)
        attempts = try Statement(SQL.attempts, on: connection)
        keepState = try Statement(SQL.keepState, on: connection)
        keepStateOfOutdated = try Statement(SQL.keepStateOfOutdated, on: connection)
        cover = try Statement(SQL.cover, on: connection)
        neverRanAfter = try Statement(SQL.neverRanAfter, on: connection)
        expired = try Statement(SQL.expired, on: connection)
        deleteRun = try Statement("DELETE FROM run WHERE \(SQL.ofAnyRun)", on: connection)
        outbox = try OutboxTable(on: connection)
        deleteTransitions = try Statement("DELETE FROM transition WHERE \(SQL.ofAnyRun)", on: connection)
    }

    /// Returns the inserts whose fire time already had a row; for those it writes nothing.
    func commit(_ changes: [Change]) throws(LedgerError) -> Set<RunID> {
        outbox.repeated.removeAll()
        guard !changes.isEmpty else { return [] }
        do {
            return try connection.transaction(.writing) { () throws(LedgerError) in
                try spans.refresh()
                var taken: Set<RunID> = []
                for change in changes { try write(change, &taken) }
                return taken
            }
        } catch {
            rows.jobs.forget()
            rows.labels.forget()
            throw error
        }
    }

    private func write(_ change: Change, _ taken: inout Set<RunID>) throws(LedgerError) {
        switch change {
        case .insert(let run):
            if try !insert(run) { taken.insert(run.id) }
        case .skip(let span): try skip(span, &taken)
        case .update(let run, let at):
            // Another process wrote the row of this fire time. This process must not change it.
            guard taken.isEmpty || !taken.contains(run.id) else { return }
            try update(run, at: at)
        case .cover(let job, let through):
            try mark(try rows.jobs.intern(job), through)
        case .withdraw(let after):
            try withdraw(after: after)
        case .forget(let job):
            guard let number = try rows.jobs.number(of: job) else { return }
            try mark(number, nil)
        case .mark(let project, let mark):
            try Markings(connection: connection, labels: rows.labels).write(mark, of: project)
        case .tell(let message):
            guard taken.isEmpty || !message.isAbout(taken) else { return }
            if try !outbox.add(message) { outbox.repeated.insert(message.key) }
        case .told(let messages, let at): try outbox.end(messages, at: at)
        case .incident(let job, let incident, let run):
            guard taken.isEmpty || !taken.contains(run) else { return }
            try outbox.set(incident, of: job)
        }
    }

    /// Returns false, and writes nothing, if the fire time already has a row.
    private func insert(_ run: Run) throws(LedgerError) -> Bool {
        let job = try rows.jobs.intern(run.id.job)
        if let span = try spans.span(ofJob: job, at: run.id.fireTime) {
            guard run.pipeline != nil else { return false }
            try takeOut(run.id.fireTime, of: span, job)
        }
        let at = run.claimedAt ?? run.triggeredAt ?? run.finishedAt ?? run.id.fireTime
        if try write(run, job, at, with: insertRun) { return true }
        // The row says that the fire time has no pipeline, but GitLab has one. GitLab is right: another instance
        // decided differently, and this ledger had not heard of it.
        guard let pipeline = run.pipeline else { return false }
        keepStateOfOutdated.bind(pipeline.id, at: 5)
        try keepState(of: run, job, with: keepStateOfOutdated)
        return try write(try counted(run, job), job, at, with: updateOutdatedRun)
    }

    private func skip(_ span: SkipSpan, _ taken: inout Set<RunID>) throws(LedgerError) {
        let outcome = try spans.add(span, job: try rows.jobs.intern(span.job))
        taken.formUnion(outcome.taken.map { RunID(job: span.job, fireTime: $0) })
        for fireTime in outcome.single { try write(.insert(span.run(at: fireTime)), &taken) }
    }

    /// Gives a fire time of a span a row of its own.
    private func takeOut(_ fireTime: Instant, of span: SkipSpan, _ job: Int64) throws(LedgerError) {
        try spans.takeOut(fireTime, of: span, job: job)
        _ = try write(span.run(at: fireTime), job, span.skippedAt, with: insertRun)
    }

    /// Copies the state that the run leaves into `transition`. Call it before the row changes.
    private func keepState(of run: Run, _ job: Int64, with statement: Statement) throws(LedgerError) {
        statement.bind(run.id.fireTime, at: 1)
        statement.bind(job, at: 2)
        statement.bind(run.state.code, at: 3)
        statement.bind(run.reason, at: 4)
        try statement.run()
    }

    private func update(_ run: Run, at: Instant) throws(LedgerError) {
        guard let job = try rows.jobs.number(of: run.id.job) else {
            throw LedgerError(.missing(run.id), connection.path)
        }
        if let span = try spans.span(ofJob: job, at: run.id.fireTime) {
            try takeOut(run.id.fireTime, of: span, job)
        }
        try keepState(of: run, job, with: keepState)
        if run.state.isOpen, try write(run, job, at, with: updateOpenRun) { return }
        if try write(run, job, at, with: updateRun) { return }
        guard try write(try counted(run, job), job, at, with: updateRun) else {
            throw LedgerError(.missing(run.id), connection.path)
        }
    }

    /// The run, with the row's number of attempts if that is larger: another process retried its pipeline.
    private func counted(_ run: Run, _ job: Int64) throws(LedgerError) -> Run {
        attempts.bind(run.id.fireTime, at: 1)
        attempts.bind(job, at: 2)
        let known = try attempts.first { (row) throws(LedgerError) in try row.integer(0) }
        var run = run
        run.attempts = max(run.attempts, Int(known ?? 0))
        return run
    }

    /// Returns false if no row was written.
    private func write(
        _ run: Run, _ job: Int64, _ at: Instant, with statement: Statement
    ) throws(LedgerError) -> Bool {
        try rows.bind(run, job: job, to: statement)
        statement.bind(at, at: 17)
        return try statement.run() == 1
    }

    private func mark(_ job: Int64, _ through: Instant?) throws(LedgerError) {
        cover.bind(through, at: 1)
        cover.bind(job, at: 2)
        try cover.run()
    }

    /// Deletes runs that are over, oldest first. Returns how many.
    func prune(finishedBefore cutoff: Instant, limit: Int) throws(LedgerError) -> Int {
        try connection.transaction(.writing) { () throws(LedgerError) in
            expired.bind(cutoff, at: 1)
            expired.bind(Int64(max(0, limit)), at: 2)
            let keys = try expired.rows(Self.key)
            for key in keys { try delete(key) }
            return try keys.count + spans.prune(before: cutoff, limit: max(0, limit - keys.count))
        }
    }

    private func withdraw(after instant: Instant) throws(LedgerError) {
        neverRanAfter.bind(instant, at: 1)
        for key in try neverRanAfter.rows(Self.key) { try delete(key) }
        try spans.withdraw(after: instant)
    }

    private static func key(_ row: Row) throws(LedgerError) -> [Int64] {
        [try row.integer(0), try row.integer(1), try row.integer(2)]
    }

    /// Deletes the run of this fire time, job and generation.
    private func delete(_ key: [Int64]) throws(LedgerError) {
        for statement in [deleteTransitions, deleteRun] {
            for (place, value) in key.enumerated() { statement.bind(value, at: Int32(place + 1)) }
            try statement.run()
        }
    }
}
