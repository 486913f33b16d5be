import CivilTime

/// Which instances scheduled from the ledger, and when. The ledger keeps only the newest sessions. They must fit on one
/// page of the file, so that they all come from one moment, even if a crash has left the other pages in another state.
struct Sessions {
    private static let kept: Int64 = 20

    typealias Numbered = (number: Int64, record: SessionRecord)

    let connection: Connection
    /// The own session, once it has begun, with its number in the table.
    private(set) var own: Numbered?

    static func read(from connection: Connection) throws(LedgerError) -> [Numbered] {
        try Statement(SQL.sessions + " ORDER BY id", on: connection).rows { (row) throws(LedgerError) in
            (try row.integer(3), try SessionRecord(row))
        }
    }

    mutating func begin(_ instance: String, at begun: Instant) throws(LedgerError) {
        let record = SessionRecord(instance: instance, begunAt: begun, endedAt: nil)
        let number = try connection.transaction(.writing) { () throws(LedgerError) in
            let number = try connection.integer("SELECT coalesce(max(id), 0) + 1 FROM session")
            try write(record, number)
            try connection.execute("DELETE FROM session WHERE id <= \(number - Self.kept)")
            return number
        }
        own = (number, record)
    }

    mutating func end(at ended: Instant) throws(LedgerError) {
        guard let (number, begun) = own else { return }
        let record = SessionRecord(instance: begun.instance, begunAt: begun.begunAt, endedAt: ended)
        try write(record, number)
        own = (number, record)
    }

    /// Writes the own session again, unchanged.
    func touch() throws(LedgerError) {
        guard let own else { return }
        try write(own.record, own.number)
    }

    private func write(_ record: SessionRecord, _ number: Int64) throws(LedgerError) {
        let write = try Statement(
            """
            INSERT INTO session (instance, begun_at, ended_at, id, sum) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (id) DO UPDATE SET ended_at = ?3, sum = ?5
            """, on: connection)
        write.bind(record.instance, at: 1)
        write.bind(record.begunAt, at: 2)
        write.bind(record.endedAt, at: 3)
        write.bind(number, at: 4)
        write.bind(record.sum(number), at: 5)
        try write.run()
    }
}

extension SessionRecord {
    /// Reads a row of `SQL.lastSession`.
    init(_ row: Row) throws(LedgerError) {
        instance = try row.text(0)
        begunAt = try row.instant(1)
        endedAt = try row.optionalInstant(2)
        try row.require(sum(row.integer(3)), in: 4)
    }

    /// Whether this is the same session, ended or not.
    func isSame(as other: SessionRecord) -> Bool {
        instance == other.instance && begunAt == other.begunAt
    }

    fileprivate func sum(_ number: Int64) -> Int64 {
        var sum = Sum()
        sum.add(instance)
        sum.add(begunAt.microseconds)
        sum.add(endedAt?.microseconds)
        sum.add(number)
        return sum.value
    }
}
