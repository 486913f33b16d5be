import Scheduling

/// How a run is stored in the table `run`.
struct RunRow {
    /// The jobs, by name.
    let jobs: Labels
    /// Projects, refs, instances and URL stems.
    let labels: Labels

    init(on connection: Connection) throws(LedgerError) {
        jobs = try Labels("job", column: "name", insert: SQL.insertJob, on: connection)
        labels = try Labels("label", column: "text", insert: SQL.insertLabel, on: connection)
    }

    /// The columns in the checksum of the first version that has checksums, in the order of `bind`'s parameters.
    static let values = """
        fire_time, job, state, reason, project, ref, pipeline, url_stem, url_tail, attempts, instance, \
        claimed_at, sent_at, triggered_at, finished_at, not_before
        """

    /// In the order of `read`.
    static let columns = "\(values), sum, generation, mark"

    /// The column of `claimed_at`. An update leaves it unchanged, and SQL adds it to the sum of the others.
    private static let claimedAt: Int32 = 11
    private static let sumColumn: Int32 = 16
    /// The column of the generation. Checksums are older than generations, so it is added to them: a 0 changes no
    /// checksum.
    private static let generation: Int32 = 17
    /// The column of the kind of mark, which is added in the same way.
    private static let mark: Int32 = 18

    /// Binds the first sixteen parameters of a statement that writes a run; as number 18 the checksum without
    /// `claimed_at`, and as number 19 the kind of mark.
    func bind(_ run: Run, job: Int64, to statement: Statement) throws(LedgerError) {
        var sum = Sum()
        statement.bind(run.id.fireTime, at: 1, adding: &sum)
        statement.bind(job, at: 2, adding: &sum)
        statement.bind(run.state.code, at: 3, adding: &sum)
        statement.bind(run.reason, at: 4, adding: &sum)
        statement.bind(try intern(run.project), at: 5, adding: &sum)
        statement.bind(try intern(run.ref), at: 6, adding: &sum)
        try bind(run.pipeline, to: statement, adding: &sum)
        statement.bind(Int64(run.attempts), at: 10, adding: &sum)
        statement.bind(try labels.intern(run.instance), at: 11, adding: &sum)
        statement.bind(run.claimedAt, at: 12)
        statement.bind(run.sentAt, at: 13, adding: &sum)
        statement.bind(run.triggeredAt, at: 14, adding: &sum)
        statement.bind(run.finishedAt, at: 15, adding: &sum)
        statement.bind(run.notBefore, at: 16, adding: &sum)
        statement.bind(sum.value, at: 18)
        statement.bind(run.mark.code, at: 19)
    }

    /// Throws if a value of the row has changed since it was written.
    static func check(_ row: Row) throws(LedgerError) {
        let added = Sum.addend(try row.integer(generation)) + Sum.addend(try row.integer(mark))
        try row.require(sum(ofValues: row) + added, in: sumColumn)
    }

    static func sum(ofValues row: Row) throws(LedgerError) -> Int64 {
        var sum = Sum()
        row.add(0..<claimedAt, to: &sum)
        row.add((claimedAt + 1)..<sumColumn, to: &sum)
        return sum.value + Sum.addend(try row.optionalInteger(claimedAt))
    }

    func read(_ row: Row) throws(LedgerError) -> Run {
        let id = RunID(job: try jobs.text(of: row.integer(1)), fireTime: try row.instant(0))
        var run = Run(id, state: try row.state(2), reason: try row.optionalText(3))
        run.project = try label(row, 4)
        run.ref = try label(row, 5)
        run.pipeline = try pipeline(row)
        guard let attempts = Int(exactly: try row.integer(9)), attempts >= 0 else {
            throw row.damage(9, "is below zero")
        }
        run.attempts = attempts
        run.instance = try labels.text(of: row.integer(10))
        run.claimedAt = try row.optionalInstant(11)
        run.sentAt = try row.optionalInstant(12)
        run.triggeredAt = try row.optionalInstant(13)
        run.finishedAt = try row.optionalInstant(14)
        run.notBefore = try row.optionalInstant(15)
        run.mark = try row.markKind(Self.mark)
        // Last, because the reads above can name an impossible value, and a checksum cannot.
        try Self.check(row)
        return run
    }

    /// A pipeline's URL ends in its id. All pipelines of a project share the part up to the last slash. The ledger
    /// stores the rest only if it is not the id.
    private func bind(
        _ pipeline: Pipeline?, to statement: Statement, adding sum: inout Sum
    ) throws(LedgerError) {
        statement.bind(pipeline?.id, at: 7, adding: &sum)
        guard let pipeline else {
            statement.bind(Int64?.none, at: 8, adding: &sum)
            statement.bind(String?.none, at: 9, adding: &sum)
            return
        }
        let url = pipeline.url.utf8
        let cut = url.lastIndex(of: UInt8(ascii: "/")).map { url.index(after: $0) } ?? url.startIndex
        let tail = String(Substring(url[cut...]))
        statement.bind(try labels.intern(String(Substring(url[..<cut]))), at: 8, adding: &sum)
        statement.bind(tail == String(pipeline.id) ? nil : tail, at: 9, adding: &sum)
    }

    private func pipeline(_ row: Row) throws(LedgerError) -> Pipeline? {
        guard let id = try row.optionalInteger(6) else { return nil }
        let stem = try label(row, 7) ?? ""
        return Pipeline(id: id, url: stem + (try row.optionalText(8) ?? String(id)))
    }

    private func intern(_ text: String?) throws(LedgerError) -> Int64? {
        guard let text else { return nil }
        return try labels.intern(text)
    }

    private func label(_ row: Row, _ column: Int32) throws(LedgerError) -> String? {
        guard let number = try row.optionalInteger(column) else { return nil }
        return try labels.text(of: number)
    }
}

extension Row {
    func state(_ column: Int32) throws(LedgerError) -> RunState {
        let code = try integer(column)
        guard let state = RunState(code: code) else { throw damage(column, "\(code) is not known") }
        return state
    }
}
