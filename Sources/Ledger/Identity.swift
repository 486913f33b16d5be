import CSQLite

/// Finds out whose file it is, before the ledger changes anything.
extension Schema {
    /// The schema version of a file; 0: the file is empty.
    ///
    /// Throws `.foreign` or `.newer` for a file that we must not touch. Changes nothing.
    static func version(of connection: Connection) throws(LedgerError) -> Int {
        let found = try Self.found(in: connection)
        try requireOwnLog(of: connection, found)
        if found.isNothing { return 0 }
        guard !found.isForeign else {
            throw LedgerError(.foreign(applicationID: Int(found.id)), connection.path)
        }
        guard found.id == applicationID else {
            throw LedgerError(.damaged, connection.path, "application id \(found.id) in its header")
        }
        if let header = connection.header, header[18] > 2 {
            // SQLite takes this for a file of a later format, which it may read but not write.
            throw LedgerError(.damaged, connection.path, "file format \(header[18]) in its header")
        }
        let known = Int64(migrations.count)
        // If the two differ, the file is damaged.
        let agreed = min(found.version, found.described ?? found.version)
        guard agreed <= known else {
            throw LedgerError(.newer(version: Int(agreed), known: Int(known)), connection.path)
        }
        guard found.version > 0, found.version == found.described ?? min(found.version, known) else {
            throw LedgerError(.damaged, connection.path, "schema version \(found.version)")
        }
        return Int(found.version)
    }

    private struct Found {
        /// The application id and version in the header.
        var id: Int64
        var version: Int64
        /// How many declarations the schema has, and how many of them have one of our names.
        var tables: Int64
        var ours: Int64
        /// The version in the table `ledger`; nil: there is no such table.
        var described: Int64?

        var isNothing: Bool { id == 0 && version == 0 && tables == 0 }
        /// Whether the file belongs to another program. One of ours with a damaged header does not count.
        var isForeign: Bool { id != applicationID && tables > 0 && ours < 8 }
    }

    /// SQLite takes any log of the right name for the file's own. It may be our log beside another program's file, or
    /// another program's log beside ours.
    private static func requireOwnLog(of connection: Connection, _ found: Found) throws(LedgerError) {
        guard connection.hasLog,
            let alone = try? Self.found(in: Connection(connection.path, .withoutLog)), !alone.isNothing
        else { return }
        if alone.isForeign { throw LedgerError(.foreign(applicationID: Int(alone.id)), connection.path) }
        if found.isForeign {
            throw LedgerError(.damaged, connection.path, "the log beside it is another program's")
        }
    }

    private static func found(in connection: Connection) throws(LedgerError) -> Found {
        do throws(LedgerError) {
            return try connection.transaction(.reading) { () throws(LedgerError) in
                var found = Found(
                    id: try connection.integer("PRAGMA application_id"),
                    version: try connection.integer("PRAGMA user_version"),
                    tables: try connection.integer("SELECT count(*) FROM sqlite_schema"),
                    ours: try connection.integer(
                        "SELECT count(*) FROM sqlite_schema WHERE name IN (\(names))"))
                let isDescribed = try connection.integer(
                    "SELECT count(*) FROM sqlite_schema WHERE name = 'ledger' AND type = 'table'")
                guard isDescribed == 1, found.id == applicationID else { return found }
                found.described = try connection.integer("SELECT version FROM ledger")
                return found
            }
        } catch {
            // A damaged file that never was ours stays where it is.
            guard error.isDamage, let header = connection.header else { throw error }
            let id = Int32(bitPattern: header[68..<72].reduce(0) { $0 << 8 | UInt32($1) })
            guard id != applicationID else { throw error }
            throw LedgerError(.foreign(applicationID: Int(id)), connection.path)
        }
    }
}

extension Connection {
    /// The first bytes of the file on disk; nil: they are no SQLite header.
    fileprivate var header: [UInt8]? {
        var file: UnsafeMutablePointer<sqlite3_file>?
        // Read through SQLite: opening and closing the file once more would drop its locks.
        guard sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let file, let read = file.pointee.pMethods?.pointee.xRead
        else { return nil }
        var header = [UInt8](repeating: 0, count: 72)
        guard read(file, &header, 72, 0) == SQLITE_OK, header.starts(with: "SQLite format 3\0".utf8) else {
            return nil
        }
        return header
    }
}
