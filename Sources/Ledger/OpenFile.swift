import CivilTime

/// An open ledger: the connection, made ready, and what is prepared on it.
final class OpenFile {
    /// The write-ahead log is copied back by `checkpoint()` in idle moments; at this size, in pages of
    /// 4 KiB, a commit does it, so that the log cannot grow without end.
    private static let walPages = 4_096
    /// How long `close` waits for those who are reading, in milliseconds: the process has to end soon.
    private static let patienceAtClose: Int32 = 500

    let connection: Connection
    let reader: Reader
    let writer: Writer
    let isNew: Bool
    private(set) var sessions: Sessions

    /// Takes a connection of which nothing has been read yet. A file that is refused is left as it is, to
    /// the byte.
    init(_ connection: Connection, for access: Ledger.Access) throws(LedgerError) {
        try connection.keepLogAtClose(true)
        try connection.distrustFile()
        try connection.execute("PRAGMA cell_size_check = ON")
        let version = try Self.inspect(connection, for: access)
        isNew = version == 0
        if access == .reading {
            try Self.prepareForReading(connection, version: version)
        } else {
            try Self.prepareForWriting(connection)
            if version < Schema.migrations.count {
                try Self.migrate(connection)
                try Self.examine(connection, for: access, migratedFrom: version)
            }
        }
        let rows = try RunRow(on: connection)
        reader = try Reader(on: connection, rows: rows)
        writer = try Writer(on: connection, rows: rows)
        sessions = Sessions(connection: connection)
        self.connection = connection
        try connection.keepLogAtClose(false)
        if let project = access.project { try Self.record(project, in: connection) }
        if case .scheduling(let instance, let since, _) = access { try sessions.begin(instance, at: since) }
    }

    /// The schema version.
    private static func inspect(
        _ connection: Connection, for access: Ledger.Access
    ) throws(LedgerError) -> Int {
        guard !Aside.isLogAlone(at: connection.file) else {
            throw LedgerError(.damaged, connection.path, "only its write-ahead log is there")
        }
        let version = try Schema.version(of: connection)
        if let problem = try problem(connection, for: access, version: version) {
            throw LedgerError(.damaged, connection.path, problem)
        }
        if version >= Schema.selfDescribing, let project = access.project {
            try requireProject(project, of: connection)
        }
        return version
    }

    /// Who only reads, or only adds a run, does not wait until all rows have been examined.
    private static func problem(
        _ connection: Connection, for access: Ledger.Access, version: Int
    ) throws(LedgerError) -> String? {
        guard case .scheduling = access else {
            return try Schema.problem(withDeclarationsOf: connection, version: version)
        }
        return try Examination(connection: connection).problem(version: version)
    }

    /// The values of an older file can be read only now that it has been migrated.
    private static func examine(
        _ connection: Connection, for access: Ledger.Access, migratedFrom version: Int
    ) throws(LedgerError) {
        guard case .scheduling = access, version >= Schema.summed else { return }
        try Reader(on: connection, rows: RunRow(on: connection)).check()
    }

    private static func requireProject(_ project: String, of connection: Connection) throws(LedgerError) {
        guard let recorded = try connection.text("SELECT project FROM ledger"), recorded != project else {
            return
        }
        throw LedgerError(.otherProject(recorded: recorded), connection.path)
    }

    /// Takes the project on where there is none yet.
    private static func record(_ project: String, in connection: Connection) throws(LedgerError) {
        let record = try Statement(
            "UPDATE ledger SET project = ?1 WHERE project IS NULL", on: connection)
        record.bind(project, at: 1)
        try record.run()
        // Asked once more: another process may just have given it another one.
        try requireProject(project, of: connection)
    }

    private static func migrate(_ connection: Connection) throws(LedgerError) {
        try Schema.migrate(connection)
        // From here on the file tells by itself whose it is, without its log.
        try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
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

    /// Writes that the own session is over.
    func end(at ended: Instant) throws(LedgerError) { try sessions.end(at: ended) }

    /// What is wrong with the file; nil where all is well.
    func integrityProblem() throws(LedgerError) -> String? {
        try Examination(connection: connection).problem(version: Schema.migrations.count)
    }
}

extension Ledger.Access {
    var project: String? {
        switch self {
        case .scheduling(_, _, let project), .writing(let project): project
        case .reading: nil
        }
    }
}
