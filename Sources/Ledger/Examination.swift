/// Whether a scheduler can believe a ledger file.
///
/// SQLite's `integrity_check` reads every page and compares the tables with their indexes. So it notices a page that is
/// missing, empty or swapped. `quick_check` takes half as long, but does not notice an open run that is missing from
/// its index, and the scheduler would never hear of that run again. The checksums cover what SQLite cannot know:
/// whether the values are those that the ledger wrote. The index holds a second copy of the names of jobs and labels.
///
/// The examination takes 2 s for a million runs. That is worth it at any size: a process starts seldom, a newer
/// instance has to wait for the older one anyway, and a wrong value in a ledger becomes a pipeline too many or one too
/// few.
///
/// The examination cannot notice:
/// - that the whole file is an earlier one, or that its log ends too early;
/// - that one page is an earlier one, as after a lost write, unless an index contradicts it;
/// - that the page of an empty table lies where the sessions were, unless an index contradicts it;
/// - that a value in `transition` (the states that runs have left) has changed, because these rows have no checksums.
///
/// The first two also happen with a ledger from an old cache, so a scheduler asks GitLab at its start for what the
/// ledger may lack. So it does after the third, because it then knows of no process before it. The last only affects what
/// commands show.
struct Examination {
    let connection: Connection

    /// What is wrong with the file; nil: nothing. `version` is that of its schema.
    func problem(version: Int) throws(LedgerError) -> String? {
        guard version > 0 else { return nil }
        do throws(LedgerError) {
            return try connection.transaction(.reading) { () throws(LedgerError) in
                let answer = try connection.text("PRAGMA integrity_check(1)")
                guard answer == "ok" else {
                    // SQLite's answer has several lines; the first only names the database.
                    return answer?.split(separator: "\n").last.map(String.init) ?? "no answer"
                }
                if let problem = try Schema.problem(withDeclarationsOf: connection, version: version) {
                    return problem
                }
                // A file of an older schema has no checksums.
                return version == Schema.migrations.count ? try problemWithValues() : nil
            }
        } catch {
            guard error.isDamage else { throw error }
            return error.detail
        }
    }

    private func problemWithValues() throws(LedgerError) -> String? {
        guard try connection.integer("SELECT tables FROM ledger") == Schema.tables(of: connection) else {
            return "its tables are not what they were"
        }
        try Reader(on: connection, rows: RunRow(on: connection)).check()
        return isLogForeign() ? "the write-ahead log beside it is not its own" : nil
    }

    /// SQLite takes any log of the right name for the file's own. But each session begins with a commit. So if the file
    /// without its log has a session that it lacks with the log, then the log belongs to another file.
    private func isLogForeign() -> Bool {
        guard connection.hasLog, let alone = try? Connection(connection.path, .withoutLog),
            let newest = try? Sessions.read(from: alone).max(by: { $0.number < $1.number }),
            let known = try? Sessions.read(from: connection), let oldest = known.map(\.number).min()
        else { return false }
        guard newest.number >= oldest else { return false }
        return !known.contains { newest.number == $0.number && newest.record.isSame(as: $0.record) }
    }
}
