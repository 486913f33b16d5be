import Scheduling

extension Schema {
    /// How the marks of a run travelled in its last POST (0: as variables, 1: as inputs), and what is known of each project:
    /// which kind goes first, and whether the newest pipeline made with inputs showed its run id as its name.
    static let markings = """
        ALTER TABLE run ADD COLUMN mark INTEGER NOT NULL DEFAULT 0 CHECK (mark IN (0, 1));
        CREATE TABLE marking (
          project INTEGER PRIMARY KEY,
          mark INTEGER NOT NULL CHECK (mark IN (0, 1)),
          learned_at INTEGER NOT NULL CHECK (learned_at >= 0),
          newest INTEGER,
          shows_run_id INTEGER NOT NULL CHECK (shows_run_id IN (0, 1)),
          sum INTEGER NOT NULL
        ) STRICT;
        """
}

/// How marks travel in each project, as the table `marking` has it. Projects are labels.
struct Markings {
    private static let columns = "project, mark, learned_at, newest, shows_run_id, sum"
    private static let sumColumn: Int32 = 5

    let connection: Connection
    let labels: Labels

    /// By project.
    func read() throws(LedgerError) -> [String: ProjectMark] {
        let rows = try Statement("SELECT \(Self.columns) FROM marking", on: connection).rows {
            (row) throws(LedgerError) in
            var sum = Sum()
            row.add(0..<Self.sumColumn, to: &sum)
            try row.require(sum.value, in: Self.sumColumn)
            let mark = ProjectMark(
                kind: try row.markKind(1), learnedAt: try row.instant(2),
                newest: try row.optionalInteger(3), showsRunID: try row.integer(4) == 1)
            return (project: try labels.text(of: row.integer(0)), mark: mark)
        }
        return Dictionary(rows.map { ($0.project, $0.mark) }) { first, _ in first }
    }

    /// Only inside a writing transaction.
    func write(_ mark: ProjectMark, of project: String) throws(LedgerError) {
        let write = try Statement(
            "INSERT OR REPLACE INTO marking (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", on: connection
        )
        var sum = Sum()
        write.bind(try labels.intern(project), at: 1, adding: &sum)
        write.bind(mark.kind.code, at: 2, adding: &sum)
        write.bind(mark.learnedAt, at: 3, adding: &sum)
        write.bind(mark.newest, at: 4, adding: &sum)
        write.bind(mark.showsRunID ? 1 : 0, at: 5, adding: &sum)
        write.bind(sum.value, at: 6)
        try write.run()
    }
}

extension MarkKind {
    /// The number of the kind in the file. Never given to another kind.
    var code: Int64 {
        switch self {
        case .variables: 0
        case .inputs: 1
        }
    }
}

extension Row {
    func markKind(_ column: Int32) throws(LedgerError) -> MarkKind {
        let code = try integer(column)
        guard let kind = MarkKind.allCases.first(where: { $0.code == code }) else {
            throw damage(column, "\(code) is not known")
        }
        return kind
    }
}
