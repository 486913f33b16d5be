/// The longer statements of the ledger.
enum SQL {
    // MARK: Reading

    static let open = "SELECT \(RunRow.columns) FROM run WHERE state < 10 ORDER BY fire_time, job"

    private static let filtered = """
        fire_time >= ?1 AND fire_time < ?2 AND (?3 IS NULL OR (1 << state) & ?3)
        """

    static let all = """
        SELECT \(RunRow.columns) FROM run LEFT JOIN job ON job.id = run.job
        WHERE \(filtered) ORDER BY fire_time DESC, job.name LIMIT ?4
        """

    static let ofJob = """
        SELECT \(RunRow.columns) FROM run WHERE job = ?5 AND \(filtered) ORDER BY fire_time DESC LIMIT ?4
        """

    static let one = "SELECT \(RunRow.columns) FROM run WHERE fire_time = ?1 AND job = ?2"

    /// The states a run has left, and the one it is in.
    static let transitions = """
        SELECT at, state, reason, number FROM transition WHERE fire_time = ?1 AND job = ?2
        UNION ALL
        SELECT changed_at, state, reason, changes FROM run WHERE fire_time = ?1 AND job = ?2
        ORDER BY number
        """

    // MARK: Writing

    static let insertRun = """
        INSERT INTO run (\(RunRow.columns), changes, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, ?17)
        ON CONFLICT DO NOTHING
        """

    /// Puts the state that a run is about to leave with those it left before; nothing where it stays.
    static let keepState = """
        INSERT INTO transition (fire_time, job, number, at, state, reason)
        SELECT fire_time, job, changes, changed_at, state, reason FROM run
        WHERE fire_time = ?1 AND job = ?2 AND (state <> ?3 OR reason IS NOT ?4)
        """

    static let updateRun = """
        UPDATE run SET
          state = ?3, reason = ?4, project = ?5, ref = ?6, pipeline = ?7, url_stem = ?8, url_tail = ?9,
          attempts = ?10, instance = ?11, claimed_at = ?12, sent_at = ?13, triggered_at = ?14,
          finished_at = ?15, not_before = ?16,
          changes = changes + (state <> ?3 OR reason IS NOT ?4),
          changed_at = iif(state <> ?3 OR reason IS NOT ?4, ?17, changed_at)
        WHERE fire_time = ?1 AND job = ?2
        """

    /// The newest run of a declared job stays: it is what its status shows.
    static let expired = """
        SELECT fire_time, job FROM run
        WHERE fire_time < ?1 AND state >= 10 AND coalesce(finished_at, fire_time) < ?1
          AND (EXISTS (SELECT 1 FROM run AS later
                       WHERE later.job = run.job AND later.fire_time > run.fire_time)
            OR EXISTS (SELECT 1 FROM job WHERE job.id = run.job AND job.covered_through IS NULL))
        ORDER BY fire_time LIMIT ?2
        """
}
