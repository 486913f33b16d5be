/// Texts that many rows share, kept once: a row holds their number. Rows of these tables are never deleted,
/// so that a number stays what it was, in this process and in others.
final class Labels {
    private let table: String
    private let find: Statement
    private let read: Statement
    private let insert: Statement
    /// What was asked for: a scheduler asks for the numbers of all its jobs, and for hardly a text.
    private var numbers: [String: Int64] = [:]
    private var texts: [Int64: String] = [:]

    /// `column`: where the table has its texts.
    init(
        _ table: String, column: String, insert: String, on connection: Connection
    ) throws(LedgerError) {
        self.table = table
        find = try Statement("SELECT id FROM \(table) WHERE \(column) = ?1", on: connection)
        read = try Statement("SELECT \(column) FROM \(table) WHERE id = ?1", on: connection)
        self.insert = try Statement(insert, on: connection)
    }

    /// nil where no row has this text.
    func number(of text: String) throws(LedgerError) -> Int64? {
        if let number = numbers[text] { return number }
        find.bind(text, at: 1)
        guard let number = try find.first({ (row) throws(LedgerError) in try row.integer(0) }) else {
            return nil
        }
        numbers[text] = number
        return number
    }

    /// The number of this text, which gets one where it has none. Only inside a writing transaction.
    func intern(_ text: String) throws(LedgerError) -> Int64 {
        if let number = try number(of: text) { return number }
        insert.bind(text, at: 1)
        try insert.run()
        let number = insert.connection.lastInsertedID
        numbers[text] = number
        return number
    }

    func text(of number: Int64) throws(LedgerError) -> String {
        if let text = texts[number] { return text }
        read.bind(number, at: 1)
        guard let text = try read.first({ (row) throws(LedgerError) in try row.text(0) }) else {
            throw LedgerError(
                .damaged, read.connection.path, "a run refers to \(table) \(number), which does not exist")
        }
        texts[number] = text
        return text
    }

    /// After a transaction that was rolled back: its numbers may be given to other texts.
    func forget() {
        numbers.removeAll()
        texts.removeAll()
    }
}
