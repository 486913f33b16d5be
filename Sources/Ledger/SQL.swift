/// The longer statements of the ledger.
enum SQL {
    // MARK: Reading

    static let jobs = "SELECT name, covered_through, id, covered_sum FROM job"

    static let covered = jobs + " WHERE covered_through IS NOT NULL"

    /// The only generation of a fire time that the ledger writes and reads so far.
    static let generation = "0"

    /// The key of a run, or the beginning of the key of its transitions.
    static let ofRun = "fire_time = ?1 AND job = ?2 AND generation = \(generation)"

    static let ofAnyRun = "fire_time = ?1 AND job = ?2 AND generation = ?3"

    static let open = """
        SELECT \(RunRow.columns) FROM run WHERE is_open = 1 AND generation = \(generation) ORDER BY fire_time, job
        """

    private static let filtered = """
        fire_time >= ?1 AND fire_time < ?2 AND (?3 IS NULL OR (1 << state) & ?3) AND generation = \(generation)
        """

    static let all = """
        SELECT \(RunRow.columns) FROM run LEFT JOIN job ON job.id = run.job
        WHERE \(filtered) ORDER BY fire_time DESC, job.name LIMIT ?4
        """

    static let ofJob = """
        SELECT \(RunRow.columns) FROM run WHERE job = ?5 AND \(filtered) ORDER BY fire_time DESC LIMIT ?4
        """

    static let one = "SELECT \(RunRow.columns) FROM run WHERE \(ofRun)"

    /// The run's start, if its row tells it; the states that the run has left; its present state.
    static let transitions = """
        SELECT claimed_at AS at, 0 AS state, NULL AS reason, 0 AS number FROM run
        WHERE \(ofRun) AND changes > 0 AND NOT EXISTS
          (SELECT 1 FROM transition WHERE \(ofRun) AND number = 0)
        UNION ALL
        SELECT at, state, reason, number FROM transition WHERE \(ofRun)
        UNION ALL
        SELECT changed_at, state, reason, changes FROM run WHERE \(ofRun)
        ORDER BY number
        """

    /// Counts the transitions that belong to no run, or whose number the run has yet to use. With one of the latter,
    /// the run could not leave its state any more.
    static let strayTransitions = """
        SELECT count(*) FROM transition LEFT JOIN run USING (fire_time, job, generation)
        WHERE changes IS NULL OR number NOT BETWEEN 0 AND changes - 1
        """

    static let fireTimes = """
        SELECT fire_time, job, state FROM run
        WHERE fire_time >= ?1 AND fire_time < ?2 AND generation = \(generation) ORDER BY fire_time
        """

    static let sessions = "SELECT instance, begun_at, ended_at, id, sum FROM session"

    /// The newest session before this one.
    static let lastSession = sessions + " WHERE id < ?1 ORDER BY id DESC LIMIT 1"

    // MARK: Writing

    static let attempts = "SELECT attempts FROM run WHERE \(ofRun)"

    /// Adds a value to a checksum.
    private static func plus(_ value: String) -> String { "+ coalesce(\(value) % \(Sum.modulus), 1)" }

    /// Inserts a job without a mark. Its number will be one more than the greatest.
    static let insertJob = """
        INSERT INTO job (name, covered_sum) SELECT ?1, coalesce(max(id), 0) + 1 \(plus("NULL")) FROM job
        """

    static let insertLabel = "INSERT INTO label (text) VALUES (?1)"

    static let cover = """
        UPDATE job SET covered_through = ?1, covered_sum = id \(plus("?1")) WHERE id = ?2
        """

    static let sumJobs = "UPDATE job SET covered_sum = id \(plus("covered_through"))"

    static let insertRun = """
        INSERT INTO run (\(RunRow.columns), is_open, changes, changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
          ?18 \(plus("?12")) \(plus(generation)) \(plus("?19")), \(generation), ?19, ?3 < 10, 0, ?17)
        ON CONFLICT DO NOTHING
        """

    /// Copies the state that a run is about to leave into `transition`, unless the row itself tells it.
    static let keepState = """
        INSERT INTO transition (fire_time, job, generation, number, at, state, reason)
        SELECT fire_time, job, generation, changes, changed_at, state, reason FROM run
        WHERE \(ofRun) AND (state <> ?3 OR reason IS NOT ?4)
          AND NOT (changes = 0 AND state = 0 AND reason IS NULL AND changed_at IS claimed_at)
        """

    /// The run is over, but GitLab knows more: the run has a pipeline after all, or its pipeline has ended differently
    /// since.
    private static func isOutdated(pipeline: String) -> String {
        "is_open = 0 AND (pipeline IS NULL OR (pipeline = \(pipeline) AND state <> ?3 AND ?3 >= 10))"
    }

    /// The same for a run that is outdated.
    static let keepStateOfOutdated = "\(keepState) AND \(isOutdated(pipeline: "?5"))"

    /// GitLab's count of attempts never falls. So a process that has not heard of a retry must not overwrite one that
    /// has.
    private static let countsAll = "attempts <= ?10"

    private static let changed = """
        state = ?3, reason = ?4, project = ?5, ref = ?6, pipeline = ?7, url_stem = ?8, url_tail = ?9,
        attempts = ?10, instance = ?11, sent_at = ?13, triggered_at = ?14, finished_at = ?15,
        not_before = ?16, mark = ?19, sum = ?18 \(plus("claimed_at")) \(plus("generation")) \(plus("?19")), changes = changes + (state <> ?3 OR reason IS NOT ?4),
        changed_at = iif(state <> ?3 OR reason IS NOT ?4, ?17, changed_at)
        """

    static let updateRun = """
        UPDATE run SET \(changed), is_open = ?3 < 10 WHERE \(ofRun) AND \(countsAll)
        """

    /// Only for a run that is outdated.
    static let updateOutdatedRun = "\(updateRun) AND \(isOutdated(pipeline: "?7"))"

    /// Only for a run that is open and stays open. It does not touch the index of open runs, which SQLite would rewrite
    /// for any statement that mentions `is_open`.
    static let updateOpenRun = """
        UPDATE run SET \(changed) WHERE \(ofRun) AND is_open = 1 AND \(countsAll)
        """

    /// Rows of fire times after ?1 that certainly never ran: skips, claims that were not sent, and runs that GitLab
    /// refused.
    static let neverRanAfter = """
        SELECT fire_time, job, generation FROM run
        WHERE fire_time > ?1 AND pipeline IS NULL AND (state IN (13, 14) OR (state = 0 AND sent_at IS NULL))
        """

    /// The newest run of a declared job stays, because `status` shows it.
    static let expired = """
        SELECT fire_time, job, generation FROM run
        WHERE fire_time < ?1 AND is_open = 0 AND coalesce(finished_at, fire_time) < ?1
          AND (EXISTS (SELECT 1 FROM run AS later
                       WHERE later.job = run.job AND later.fire_time > run.fire_time)
            OR (SELECT last FROM span WHERE span.job = run.job ORDER BY first DESC LIMIT 1) > run.fire_time
            OR EXISTS (SELECT 1 FROM job WHERE job.id = run.job AND job.covered_through IS NULL))
        ORDER BY fire_time LIMIT ?2
        """
}
