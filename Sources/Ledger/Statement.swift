import CSQLite
import CivilTime

/// A prepared statement. It resets itself after each use, even after an error, and keeps its connection open.
///
/// Parameters are numbered from 1. Bind all of them before each use: values of the previous use would stay.
final class Statement {
    fileprivate let handle: OpaquePointer
    let connection: Connection
    /// The first binding that failed since the last use; reported when the statement runs.
    private var bindingFailed = false

    init(_ sql: String, on connection: Connection) throws(LedgerError) {
        var handle: OpaquePointer?
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        guard sqlite3_prepare_v3(connection.handle, sql, -1, flags, &handle, nil) == SQLITE_OK, let handle
        else { throw connection.lastError(whilePreparing: true) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    func bind(_ value: Int64?, at index: Int32) {
        let code = value.map { sqlite3_bind_int64(handle, index, $0) } ?? sqlite3_bind_null(handle, index)
        if code != SQLITE_OK { bindingFailed = true }
    }

    func bind(_ value: Instant?, at index: Int32) {
        bind(value?.microseconds, at: index)
    }

    func bind(_ value: String?, at index: Int32) {
        guard let value else { return bind(Int64?.none, at: index) }
        // SQLITE_TRANSIENT, a macro that Swift does not see: SQLite copies the bytes.
        let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        let code = value.withCString { text in
            sqlite3_bind_text64(handle, index, text, UInt64(value.utf8.count), copied, UInt8(SQLITE_UTF8))
        }
        if code != SQLITE_OK { bindingFailed = true }
    }

    /// Binds, and adds the value to the row's checksum.
    func bind(_ value: Int64?, at index: Int32, adding sum: inout Sum) {
        bind(value, at: index)
        sum.add(value)
    }

    func bind(_ value: Instant?, at index: Int32, adding sum: inout Sum) {
        bind(value?.microseconds, at: index, adding: &sum)
    }

    func bind(_ value: String?, at index: Int32, adding sum: inout Sum) {
        bind(value, at: index)
        sum.add(value)
    }

    /// Runs the statement to its end. Returns how many rows it inserted, changed or deleted.
    @discardableResult
    func run() throws(LedgerError) -> Int {
        defer { reset() }
        while try step() {}
        return Int(sqlite3_changes(connection.handle))
    }

    /// Calls `read` for each row and returns the results.
    func rows<Value>(_ read: (Row) throws(LedgerError) -> Value) throws(LedgerError) -> [Value] {
        defer { reset() }
        var values: [Value] = []
        while try step() { values.append(try read(Row(statement: self))) }
        return values
    }

    /// Calls `read` for each row.
    func forEach(_ read: (Row) throws(LedgerError) -> Void) throws(LedgerError) {
        defer { reset() }
        while try step() { try read(Row(statement: self)) }
    }

    /// Calls `read` for the first row and returns the result; nil: there is no row.
    func first<Value>(_ read: (Row) throws(LedgerError) -> Value) throws(LedgerError) -> Value? {
        defer { reset() }
        return try step() ? try read(Row(statement: self)) : nil
    }

    private func step() throws(LedgerError) -> Bool {
        guard !bindingFailed else { throw connection.lastError() }
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw connection.lastError()
        }
    }

    private func reset() {
        sqlite3_reset(handle)
        bindingFailed = false
    }
}

/// The current row of a statement. The file may come from anywhere, so a value of the wrong type is an error.
struct Row {
    fileprivate let statement: Statement

    func integer(_ column: Int32) throws(LedgerError) -> Int64 {
        try required(optionalInteger(column), column)
    }

    func text(_ column: Int32) throws(LedgerError) -> String {
        try required(optionalText(column), column)
    }

    func instant(_ column: Int32) throws(LedgerError) -> Instant {
        try required(optionalInstant(column), column)
    }

    func optionalInteger(_ column: Int32) throws(LedgerError) -> Int64? {
        switch sqlite3_column_type(statement.handle, column) {
        case SQLITE_INTEGER: return sqlite3_column_int64(statement.handle, column)
        case SQLITE_NULL: return nil
        default: throw damage(column, "is not a number")
        }
    }

    func optionalText(_ column: Int32) throws(LedgerError) -> String? {
        switch sqlite3_column_type(statement.handle, column) {
        case SQLITE_TEXT: break
        case SQLITE_NULL: return nil
        default: throw damage(column, "is not text")
        }
        let start = sqlite3_column_text(statement.handle, column)
        let count = sqlite3_column_bytes(statement.handle, column)
        let bytes = UnsafeBufferPointer(start: start, count: Int(count))
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw damage(column, "is not UTF-8")
        }
        return text
    }

    func optionalInstant(_ column: Int32) throws(LedgerError) -> Instant? {
        guard let microseconds = try optionalInteger(column) else { return nil }
        guard microseconds >= 0 else { throw damage(column, "is a time before 1970") }
        return Instant(microseconds: microseconds)
    }

    /// Adds the stored values of these columns to a checksum.
    func add(_ columns: Range<Int32>, to sum: inout Sum) {
        for column in columns {
            switch sqlite3_column_type(statement.handle, column) {
            case SQLITE_INTEGER: sum.add(sqlite3_column_int64(statement.handle, column))
            case SQLITE_NULL: sum.add(Int64?.none)
            default:
                let start = sqlite3_column_text(statement.handle, column)
                let count = sqlite3_column_bytes(statement.handle, column)
                sum.add(UnsafeBufferPointer(start: start, count: Int(count)))
            }
        }
    }

    func damage(_ column: Int32, _ complaint: String) -> LedgerError {
        let name = sqlite3_column_name(statement.handle, column).map { String(cString: $0) } ?? "a column"
        return LedgerError(.damaged, statement.connection.path, "\(name) \(complaint)")
    }

    private func required<Value>(_ value: Value?, _ column: Int32) throws(LedgerError) -> Value {
        guard let value else { throw damage(column, "is missing") }
        return value
    }
}
