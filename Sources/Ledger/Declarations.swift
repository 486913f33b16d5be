import Text

/// Compares what a file declares with what a ledger of its version declares.
extension Schema {
    /// What is wrong with the tables, indexes, views and triggers of a file; nil: it has exactly those of a ledger.
    ///
    /// A foreign trigger or constraint could change or refuse what the ledger writes. So the scheduler refuses a file that
    /// declares anything more than a ledger.
    static func problem(
        withDeclarationsOf connection: Connection, version: Int
    ) throws(LedgerError) -> String? {
        guard version > 0 else { return nil }
        let model = try Connection(connection.path, .inMemory)
        try migrate(model, to: version)
        let (expected, found) = (try declarations(of: model), try declarations(of: connection))
        if let strange = found.first(where: { expected[$0.key] == nil }) {
            return "\(strange.key.kind) \(Spelling.quoted(strange.key.name)) does not belong to a ledger"
        }
        return found == expected ? nil : "its tables are not what they were"
    }

    private struct Name: Hashable {
        let kind: String
        let name: String
    }

    /// The SQL of each declaration, with its table. Only SQLite itself makes `sqlite_stat…` tables, for the statistics
    /// of `ANALYZE`. They change no answer.
    private static func declarations(of connection: Connection) throws(LedgerError) -> [Name: [String?]] {
        let all = try Statement(
            "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_stat%'",
            on: connection
        ).rows { (row) throws(LedgerError) in
            (Name(kind: try row.text(0), name: try row.text(1)), [try row.text(2), try row.optionalText(3)])
        }
        return Dictionary(all) { first, _ in first + [nil] }
    }
}
