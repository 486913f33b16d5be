/// Whether a file can be believed: what a scheduler finds out before it goes by a ledger.
///
/// SQLite's `integrity_check` goes through every page, and holds the tables against their indexes. So a page that
/// is missing, or empty, or another one shows. `quick_check` takes half as long, but does not see an open run that
/// has fallen out of its index, which would never be heard of again. The checksums are for what SQLite cannot know:
/// whether the values are those that were written. Of the names of jobs and labels, the index has a second copy.
///
/// It takes 2 s for a million runs. That is worth it at any size: a process starts seldom, a newer instance has to
/// wait for the older one anyway, and what a ledger says wrongly becomes a pipeline too many or one too few.
///
/// What it cannot tell:
/// - that all of the file is an earlier one, or that its log ends earlier than it did;
/// - that one page is an earlier one, as after a write that was lost, where no index contradicts it;
/// - that a value in `transition`, the states that runs have left, is another one: these have no checksums.
///
/// The first two are what a ledger from an old cache is, and a start asks GitLab for what it may lack. The third is
/// only shown to people.
struct Examination {
    let connection: Connection

    /// What is wrong with the file; nil where all is well. The version is that of its schema.
    func problem(version: Int) throws(LedgerError) -> String? {
        guard version > 0 else { return nil }
        do throws(LedgerError) {
            return try connection.transaction(.reading) { () throws(LedgerError) in
                let answer = try connection.text("PRAGMA integrity_check(1)")
                guard answer == "ok" else {
                    // Of several lines, the first says which database it is about.
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

    /// SQLite takes any log of the right name for the file's own. But each session begins with a commit, so that
    /// what the file knows without its log, and does not know any more with it, was never in that log's history.
    private func isLogForeign() -> Bool {
        guard connection.hasLog, let alone = try? Connection(connection.path, .withoutLog),
            let newest = try? Sessions.read(from: alone).max(by: { $0.number < $1.number }),
            let known = try? Sessions.read(from: connection), let oldest = known.map(\.number).min()
        else { return false }
        guard newest.number >= oldest else { return false }
        return !known.contains { newest.number == $0.number && newest.record.isSame(as: $0.record) }
    }
}
