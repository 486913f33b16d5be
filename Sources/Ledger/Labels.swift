/// Texts that many rows share. The table holds each text once, and rows hold its number. The ledger never deletes rows
/// of these tables, so a number keeps its meaning in all processes.
final class Labels {
    private let table: String
    private let find: Statement
    private let read: Statement
    private let insert: Statement
    /// The numbers and texts looked up so far. A scheduler asks for the numbers of all its jobs, and for hardly any
    /// text.
    private var numbers: [String: Int64] = [:]
    private var texts: [Int64: String] = [:]

    /// `column`: the column of the texts.
    init(
        _ table: String, column: String, insert: String, on connection: Connection
    ) throws(LedgerError) {
        self.table = table
        find = try Statement("SELECT id FROM \(table) WHERE \(column) = ?1", on: connection)
        read = try Statement("SELECT \(column) FROM \(table) WHERE id = ?1", on: connection)
        self.insert = try Statement(insert, on: connection)
    }

    /// nil: no row has this text.
    func number(of text: String) throws(LedgerError) -> Int64? {
        if let number = numbers[text] { return number }
        find.bind(text, at: 1)
        guard let number = try find.first({ (row) throws(LedgerError) in try row.integer(0) }) else {
            return nil
        }
        numbers[text] = number
        return number
    }

    /// The number of this text. Inserts the text if it is new. Only inside a writing transaction.
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

    /// After a rollback: the numbers of its new texts may go to other texts.
    func forget() {
        numbers.removeAll()
        texts.removeAll()
    }
}
