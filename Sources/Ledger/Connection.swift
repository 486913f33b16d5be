import CSQLite
import Glibc

/// One connection to an SQLite file. It turns SQLite's errors into `LedgerError`.
final class Connection {
    enum Mode {
        /// Creates the file if there is none.
        case readWriteCreate
        case readWrite
        case readOnly
        /// Reads the file without its log.
        case withoutLog
        /// A database without a file.
        case inMemory
    }

    enum Transaction: String {
        case reading = "BEGIN"
        case writing = "BEGIN IMMEDIATE"
    }

    /// How long SQLite waits for another process, in milliseconds.
    private static let patience: Int32 = 5_000
    /// A setting of SQLite for the whole process. It fails if SQLite is already in use, which costs only time.
    private static let keepsNoStatistics = sqlite3_keep_no_memory_statistics() == SQLITE_OK

    /// The file as the caller named it.
    let path: String
    let handle: OpaquePointer

    init(_ path: String, _ mode: Mode) throws(LedgerError) {
        _ = Self.keepsNoStatistics
        guard mode == .inMemory || !RegularFile.isPipeOrDevice(path) else {
            throw LedgerError(.unreachable, path, "not a regular file")
        }
        // SQLite gives "", ":memory:" and "file:…" a special meaning. As names of files they have none.
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
        // NOMUTEX: a connection has one owner, so SQLite's own locking would only cost time.
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
            // SQLite may not create the file, then tries to read it, and reports the error of that.
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

    /// The absolute path of the file, with symbolic links resolved.
    var file: String { sqlite3_db_filename(handle, "main").map { String(cString: $0) } ?? path }

    /// Whether a write-ahead log lies beside the file.
    var hasLog: Bool { access(file + "-wal", F_OK) == 0 }

    /// Whether SQLite could open the file only for reading.
    var isReadOnly: Bool { sqlite3_db_readonly(handle, "main") == 1 }

    var lastInsertedID: Int64 { sqlite3_last_insert_rowid(handle) }

    func wait(atMost milliseconds: Int32) {
        sqlite3_busy_timeout(handle, milliseconds)
    }

    /// Whether closing the connection leaves the log beside the file instead of copying it into the file.
    func keepLogAtClose(_ keep: Bool) throws(LedgerError) {
        guard sqlite3_keep_log_at_close(handle, keep ? 1 : 0) == SQLITE_OK else { throw lastError() }
    }

    /// Turns off the triggers of the file's schema and the functions with side effects in it, and forbids our
    /// statements to write to the schema tables directly.
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

    /// Commits everything that `body` does. If `body` throws, rolls all of it back, and the connection stays usable.
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
        // Our statements fit our schema. If one does not compile, the schema is not ours.
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
