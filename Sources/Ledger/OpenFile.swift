import CivilTime

/// An open ledger: the connection and its prepared statements.
final class OpenFile {
    /// `checkpoint()` copies the write-ahead log into the file in idle moments. When the log has this many 4 KiB pages,
    /// a commit copies it too, so that the log cannot grow without bound.
    private static let walPages = 4_096
    /// How long `close` waits for readers, in milliseconds. The process has to end soon.
    private static let patienceAtClose: Int32 = 500

    let connection: Connection
    let reader: Reader
    let writer: Writer
    let isNew: Bool
    private(set) var sessions: Sessions

    /// Takes a connection that has read nothing yet. A refused file stays unchanged, byte for byte.
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

    /// Returns the schema version.
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

    /// A process that only reads, or only adds a run, does not wait for an examination of all rows.
    private static func problem(
        _ connection: Connection, for access: Ledger.Access, version: Int
    ) throws(LedgerError) -> String? {
        guard case .scheduling = access else {
            return try Schema.problem(withDeclarationsOf: connection, version: version)
        }
        return try Examination(connection: connection).problem(version: version)
    }

    /// The values of an older file are readable only after the migration.
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

    /// Assigns the ledger to the project if it has none yet.
    private static func record(_ project: String, in connection: Connection) throws(LedgerError) {
        let record = try Statement(
            "UPDATE ledger SET project = ?1 WHERE project IS NULL", on: connection)
        record.bind(project, at: 1)
        try record.run()
        // Checked again: another process may just have assigned another project.
        try requireProject(project, of: connection)
    }

    private static func migrate(_ connection: Connection) throws(LedgerError) {
        try Schema.migrate(connection)
        // From here on the file says whose it is, even without its log.
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
        // FULL: a commit is on the disk before the POST that it claims.
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

    /// Copies as much of the write-ahead log into the file as it can without waiting.
    func checkpoint() throws(LedgerError) {
        try connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    }

    /// Makes the file complete without a log. While other processes have it open, the log stays, and the last of them
    /// removes it. `copying`: copies the log into the file even then.
    func finish(copying: Bool) throws(LedgerError) {
        do {
            // Otherwise, a process could not read the file in a read-only directory.
            try connection.execute("PRAGMA journal_mode = DELETE")
        } catch {
            guard error.kind == .busy else { throw error }
            guard copying else { return }
            connection.wait(atMost: Self.patienceAtClose)
            try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }

    /// Records the end of the own session.
    func end(at ended: Instant) throws(LedgerError) { try sessions.end(at: ended) }

    /// What is wrong with the file; nil: nothing.
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
