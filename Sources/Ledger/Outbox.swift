import CivilTime
import Scheduling

extension Schema {
    /// Messages for channels, in the order of their numbers; one that was taken or given up stays for a while, so that it is
    /// not written again. And the bad runs of jobs since their last success.
    static let outbox = """
        CREATE TABLE outbox (
          number INTEGER PRIMARY KEY,
          kind TEXT NOT NULL,
          subject TEXT NOT NULL,
          channel TEXT NOT NULL,
          job TEXT,
          at INTEGER NOT NULL CHECK (at >= 0),
          text TEXT NOT NULL,
          data TEXT NOT NULL,
          url TEXT,
          sum INTEGER NOT NULL,
          done_at INTEGER CHECK (done_at >= 0),
          UNIQUE (kind, subject, channel)
        ) STRICT;
        CREATE INDEX outbox_waiting ON outbox (number) WHERE done_at IS NULL;
        CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;
        CREATE TABLE incident (
          job TEXT PRIMARY KEY,
          bad_runs INTEGER NOT NULL CHECK (bad_runs > 0),
          told TEXT,
          told_at INTEGER CHECK (told_at >= 0),
          sum INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}

/// What channels have not taken yet, and what jobs' incidents are.
final class OutboxTable {
    private static let columns = "kind, subject, channel, job, at, text, data, url, sum"
    private static let sumColumn: Int32 = 8
    /// A message that is over stays so long that nobody writes it again: a survey tells of the last day.
    private static let kept = Duration.seconds(3 * 86_400)

    /// Messages of the last commit that were there already.
    var repeated: Set<OutboxMessage.Key> = []
    private let insert: Statement
    private let done: Statement
    private let expired: Statement
    private let setIncident: Statement
    private let endIncident: Statement

    init(on connection: Connection) throws(LedgerError) {
        insert = try Statement(
            """
            INSERT INTO outbox (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING
            """, on: connection)
        done = try Statement(
            "UPDATE outbox SET done_at = ?4 WHERE kind = ?1 AND subject = ?2 AND channel = ?3", on: connection
        )
        expired = try Statement(
            """
            DELETE FROM outbox WHERE number IN (SELECT number FROM outbox WHERE done_at < ?1 ORDER BY done_at LIMIT 500)
            """, on: connection)
        setIncident = try Statement(
            "INSERT OR REPLACE INTO incident (job, bad_runs, told, told_at, sum) VALUES (?1, ?2, ?3, ?4, ?5)",
            on: connection)
        endIncident = try Statement("DELETE FROM incident WHERE job = ?1", on: connection)
    }

    // MARK: Reading

    /// Oldest first.
    static func waiting(in connection: Connection) throws(LedgerError) -> [OutboxMessage] {
        let sql = "SELECT \(columns) FROM outbox WHERE done_at IS NULL ORDER BY number"
        return try Statement(sql, on: connection).rows(message)
    }

    private static func message(_ row: Row) throws(LedgerError) -> OutboxMessage {
        var sum = Sum()
        row.add(0..<sumColumn, to: &sum)
        try row.require(sum.value, in: sumColumn)
        return OutboxMessage(
            try row.messageKind(0), to: try row.text(2), subject: try row.text(1),
            job: try row.optionalText(3),
            at: try row.instant(4), text: try row.text(5), data: try row.text(6), url: try row.optionalText(7)
        )
    }

    /// By job.
    static func incidents(in connection: Connection) throws(LedgerError) -> [String: Incident] {
        let sql = "SELECT job, bad_runs, told, told_at, sum FROM incident"
        let rows = try Statement(sql, on: connection).rows { (row) throws(LedgerError) in
            var sum = Sum()
            row.add(0..<4, to: &sum)
            try row.require(sum.value, in: 4)
            let kind = try row.optionalText(2) == nil ? nil : try row.messageKind(2)
            let badRuns = Int(clamping: try row.integer(1))
            return (
                job: try row.text(0),
                incident: Incident(badRuns: badRuns, told: kind, toldAt: try row.optionalInstant(3))
            )
        }
        return Dictionary(rows.map { ($0.job, $0.incident) }) { first, _ in first }
    }

    // MARK: Writing, only inside a transaction

    /// Returns false, and writes nothing, if the message is there already.
    func add(_ message: OutboxMessage) throws(LedgerError) -> Bool {
        var sum = Sum()
        insert.bind(message.kind.rawValue, at: 1, adding: &sum)
        insert.bind(message.subject, at: 2, adding: &sum)
        insert.bind(message.channel, at: 3, adding: &sum)
        insert.bind(message.job, at: 4, adding: &sum)
        insert.bind(message.at, at: 5, adding: &sum)
        insert.bind(message.text, at: 6, adding: &sum)
        insert.bind(message.data, at: 7, adding: &sum)
        insert.bind(message.url, at: 8, adding: &sum)
        insert.bind(sum.value, at: 9)
        return try insert.run() == 1
    }

    func end(_ messages: [OutboxMessage.Key], at now: Instant) throws(LedgerError) {
        for key in messages {
            done.bind(key.kind.rawValue, at: 1)
            done.bind(key.subject, at: 2)
            done.bind(key.channel, at: 3)
            done.bind(now, at: 4)
            try done.run()
        }
        // Some at a time: the loop waits for it.
        expired.bind(now.advanced(by: .zero - Self.kept), at: 1)
        try expired.run()
    }

    func set(_ incident: Incident?, of job: String) throws(LedgerError) {
        guard let incident, incident.badRuns > 0 else {
            endIncident.bind(job, at: 1)
            try endIncident.run()
            return
        }
        var sum = Sum()
        setIncident.bind(job, at: 1, adding: &sum)
        setIncident.bind(Int64(incident.badRuns), at: 2, adding: &sum)
        setIncident.bind(incident.told?.rawValue, at: 3, adding: &sum)
        setIncident.bind(incident.toldAt, at: 4, adding: &sum)
        setIncident.bind(sum.value, at: 5)
        try setIncident.run()
    }
}

extension Row {
    fileprivate func messageKind(_ column: Int32) throws(LedgerError) -> OutboxMessage.Kind {
        let name = try text(column)
        guard let kind = OutboxMessage.Kind(rawValue: name) else {
            throw damage(column, "“\(name)” is not known")
        }
        return kind
    }
}
