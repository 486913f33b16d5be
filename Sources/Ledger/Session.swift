import Glibc

/// An open ledger: the connection, made ready, and what is prepared on it.
final class Session {
    /// The write-ahead log is copied back by `checkpoint()` in idle moments; at this size, in pages of
    /// 4 KiB, a commit does it, so that the log cannot grow without end.
    private static let walPages = 4_096
    /// How long `close` waits for those who are reading, in milliseconds: the process has to end soon.
    private static let patienceAtClose: Int32 = 500

    let connection: Connection
    let reader: Reader
    let writer: Writer
    let isNew: Bool

    /// Takes a connection of which nothing has been read yet.
    init(_ connection: Connection, writing: Bool) throws(LedgerError) {
        let version = try Self.inspect(connection)
        isNew = version == 0
        try connection.execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON")
        if writing {
            try Self.prepareForWriting(connection)
            if version < Schema.migrations.count { try Schema.migrate(connection) }
        } else {
            try Self.prepareForReading(connection, version: version)
        }
        let rows = try RunRow(on: connection)
        reader = try Reader(on: connection, rows: rows)
        writer = try Writer(on: connection, rows: rows)
        self.connection = connection
    }

    /// The schema version. A file that is not ours to touch is left as it is, to the byte.
    private static func inspect(_ connection: Connection) throws(LedgerError) -> Int {
        // The last connection that closes copies the log into the file. A read-only one does not.
        if access(connection.file + "-wal", F_OK) == 0 {
            _ = try Schema.version(of: Connection(connection.path, .readOnly))
        }
        return try Schema.version(of: connection)
    }

    private static func prepareForReading(_ connection: Connection, version: Int) throws(LedgerError) {
        let known = Schema.migrations.count
        guard version > 0 else { throw LedgerError(.absent, connection.path, "the file is empty") }
        guard version == known else {
            throw LedgerError(.older(version: version, known: known), connection.path)
        }
        try connection.execute("PRAGMA query_only = ON")
    }

    private static func prepareForWriting(_ connection: Connection) throws(LedgerError) {
        guard !connection.isReadOnly else {
            throw LedgerError(.readOnly, connection.path, "it opens for reading only")
        }
        guard try connection.text("PRAGMA journal_mode = WAL") == "wal" else {
            throw LedgerError(.unsupported, connection.path, "no shared memory for a write-ahead log")
        }
        // FULL: what is committed is on the disk before the POST it stands for.
        try connection.execute(
            """
            PRAGMA synchronous = FULL;
            PRAGMA wal_autocheckpoint = \(walPages);
            PRAGMA journal_size_limit = \(walPages * 4_096);
            """)
        guard try connection.integer("PRAGMA synchronous") == 2 else {
            throw LedgerError(.failed, connection.path, "SQLite does not take synchronous = FULL")
        }
    }

    /// Copies what the write-ahead log holds into the file, as far as that goes without waiting.
    func checkpoint() throws(LedgerError) {
        try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Makes the file whole by itself, without a log beside it. While others have it open, the log stays, and
    /// the last of them removes it; `copying`: what it holds is copied into the file all the same.
    func finish(copying: Bool) throws(LedgerError) {
        do {
            // Without this, the file could not be read in a directory that cannot be written.
            try connection.execute("PRAGMA journal_mode = DELETE")
        } catch {
            guard error.kind == .busy else { throw error }
            guard copying else { return }
            connection.wait(atMost: Self.patienceAtClose)
            try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// What SQLite finds wrong with the file's structure; nil where all is well.
    func integrityProblem() throws(LedgerError) -> String? {
        do {
            let answer = try connection.text("PRAGMA quick_check(1)")
            return answer == "ok" ? nil : answer ?? "no answer"
        } catch {
            guard error.isDamage else { throw error }
            return error.detail
        }
    }
}
