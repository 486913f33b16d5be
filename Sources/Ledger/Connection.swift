import CSQLite
import Glibc

/// One connection to an SQLite file. What SQLite reports passes through here and becomes a `LedgerError`.
final class Connection {
    enum Mode {
        /// Creates the file where there is none.
        case readWriteCreate
        case readWrite
        case readOnly
        /// The file as it is without its log.
        case withoutLog
        /// A database that has no file.
        case inMemory
    }

    enum Transaction: String {
        case reading = "BEGIN"
        case writing = "BEGIN IMMEDIATE"
    }

    /// How long to wait for another process, in milliseconds.
    private static let patience: Int32 = 5_000
    /// A setting of SQLite for the whole process. If SQLite has begun before, the setting fails and only time is lost.
    private static let keepsNoStatistics = sqlite3_keep_no_memory_statistics() == SQLITE_OK

    /// The file as it was named.
    let path: String
    let handle: OpaquePointer

    init(_ path: String, _ mode: Mode) throws(LedgerError) {
        _ = Self.keepsNoStatistics
        guard mode == .inMemory || !RegularFile.isPipeOrDevice(path) else {
            throw LedgerError(.unreachable, path, "not a regular file")
        }
        // SQLite gives "", ":memory:" and "file:…" a meaning of their own; a file's name has none.
        var name = path.hasPrefix("/") ? path : "./" + path
        var access: Int32
        switch mode {
        case .readWriteCreate: access = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        case .readWrite: access = SQLITE_OPEN_READWRITE
        case .readOnly: access = SQLITE_OPEN_READONLY
        case .inMemory:
            access = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY
            name = ":memory:"
        case .withoutLog:
            access = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
            let encoded = name.utf8.map { "%" + String(0x100 + Int($0), radix: 16).dropFirst() }
            name = "file:\(encoded.joined())?immutable=1"
        }
        var handle: OpaquePointer?
        // NOMUTEX: a connection has one owner, so that SQLite's own locking would only cost time.
        let code = sqlite3_open_v2(name, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard let handle else { throw LedgerError(.unreachable, path, "out of memory", code: code) }
        guard code == SQLITE_OK else {
            defer { sqlite3_close_v2(handle) }
            throw Self.openError(handle, path, mode)
        }
        self.path = path
        self.handle = handle
        sqlite3_busy_timeout(handle, Self.patience)
    }

    deinit { sqlite3_close_v2(handle) }

    private static func openError(_ handle: OpaquePointer, _ path: String, _ mode: Mode) -> LedgerError {
        let cause = sqlite3_system_errno(handle)
        if mode == .readWriteCreate && cause == ENOENT {
            // SQLite may not create it, then tries to read it, and reports what it got for that.
            return LedgerError(.readOnly, path, "its directory cannot be written")
        }
        let detail = cause == 0 ? String(cString: sqlite3_errmsg(handle)) : String(cString: strerror(cause))
        let kind: LedgerError.Kind =
            switch cause {
            case ENOENT: .absent
            case ENOSPC, EDQUOT: .full
            default: .unreachable
            }
        return LedgerError(kind, path, detail, code: sqlite3_extended_errcode(handle))
    }

    /// The file itself: absolute, symbolic links followed.
    var file: String { sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? path }

    /// Whether a write-ahead log lies beside the file.
    var hasLog: Bool { access(file + "-wal", F_OK) == 0 }

    /// Whether SQLite could open the file for reading only.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    func wait(atMost milliseconds: Int32) {
        sqlite3_busy_timeout(handle, milliseconds)
    }

    /// Whether the log stays beside the file, and is not copied into it, when the connection is closed.
    func keepLogAtClose(_ keep: Bool) throws(LedgerError) {
        guard sqlite3_keep_log_at_close(handle, keep ? 1 : 0) == SQLITE_OK else { throw lastError() }
    }

    /// Nothing that the file declares by itself runs, and none of our statements can change its declarations behind
    /// SQLite's back.
    func distrustFile() throws(LedgerError) {
        guard sqlite3_distrust_file(handle) == SQLITE_OK else { throw lastError() }
    }

    /// Runs a script of statements that return nothing of interest.
    func execute(_ script: String) throws(LedgerError) {
        guard sqlite3_exec(handle, script, nil, nil, nil) == SQLITE_OK else { throw lastError() }
    }

    /// The single number a statement returns.
    func integer(_ sql: String) throws(LedgerError) -> Int64 {
        let read = { (row: Row) throws(LedgerError) in try row.integer(0) }
        guard let value = try Statement(sql, on: self).first(read) else {
            throw LedgerError(.damaged, path, "no answer to \(sql)")
        }
        return value
    }

    /// The single text a statement returns, if any.
    func text(_ sql: String) throws(LedgerError) -> String? {
        try Statement(sql, on: self).first { (row) throws(LedgerError) in try row.optionalText(0) } ?? nil
    }

    /// All of `body` or nothing: when it throws, nothing of it stays and the connection is ready for more.
    func transaction<Value>(
        _ kind: Transaction, _ body: () throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        try execute(kind.rawValue)
        do {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            // SQLite ends the transaction itself after some errors, such as a full disk.
            if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
            throw error
        }
    }

    /// What SQLite says about the call that just failed.
    func lastError(whilePreparing: Bool = false) -> LedgerError {
        let code = sqlite3_extended_errcode(handle)
        var detail = String(cString: sqlite3_errmsg(handle))
        let cause = sqlite3_system_errno(handle)
        let kind: LedgerError.Kind
        switch code & 0xff {
        case SQLITE_FULL: kind = .full
        case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: kind = .readOnly
        case SQLITE_BUSY, SQLITE_LOCKED: kind = .busy
        case SQLITE_NOTADB: kind = .notADatabase
        case SQLITE_CORRUPT, SQLITE_MISMATCH: kind = .damaged
        // The statements are ours and fit our schema: when one does not compile, the schema is not ours.
        case SQLITE_ERROR where whilePreparing: kind = .damaged
        case SQLITE_CANTOPEN:
            kind = .readOnly
            detail = "its log cannot be opened or created"
        case SQLITE_IOERR where cause != 0:
            kind = [ENOSPC, EDQUOT, EFBIG].contains(cause) ? .full : .failed
            detail += ", \(String(cString: strerror(cause)))"
        default: kind = .failed
        }
        return LedgerError(kind, path, detail, code: code)
    }
}
