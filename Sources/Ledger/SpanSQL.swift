/// The statements about spans.
enum SpanSQL {
    private static let select = "SELECT \(SpanRow.columns) FROM span"

    /// Newest first. The newest fire time of each is its last: a limit on fire times is one on spans. Where there is an end,
    /// spans go beyond it, and there is no such limit.
    static let all = """
        \(select) WHERE last >= ?1 AND first < ?2 ORDER BY last DESC LIMIT iif(?2 < \(Int64.max), -1, ?3)
        """

    /// Newest first. The spans of a job lie one after the other, so that only the last one before ?1 may reach beyond it.
    static let ofJob = """
        \(select)
        WHERE job = ?4 AND first < ?2
          AND first >= coalesce((SELECT max(first) FROM span WHERE job = ?4 AND first <= ?1), ?1) AND last >= ?1
        ORDER BY first DESC LIMIT ?3
        """

    static let upTo = "\(select) WHERE job = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1"

    /// Those of a job that overlap a range, oldest first.
    static let overlapping = """
        \(select)
        WHERE job = ?1 AND first <= ?3
          AND first >= coalesce((SELECT max(first) FROM span WHERE job = ?1 AND first <= ?2), ?2) AND last >= ?2
        ORDER BY first
        """

    /// Those that have fire times after ?1.
    static let after = "\(select) WHERE last > ?1"

    /// The fire times of a range of which the job has rows.
    static let rows = """
        SELECT fire_time FROM run
        WHERE job = ?1 AND fire_time BETWEEN ?2 AND ?3 AND generation = \(SQL.generation) ORDER BY fire_time
        """

    static let doubles = """
        SELECT count(*) FROM span JOIN run ON run.job = span.job AND run.fire_time BETWEEN span.first AND span.last
        WHERE (run.fire_time - span.first) % span.step = 0 AND run.generation = \(SQL.generation)
        """

    /// The jobs that have any, each found by one search.
    static let jobs = """
        WITH RECURSIVE found (job) AS (
          SELECT min(job) FROM span
          UNION ALL
          SELECT (SELECT min(job) FROM span WHERE job > found.job) FROM found WHERE found.job IS NOT NULL)
        SELECT job FROM found WHERE job IS NOT NULL
        """

    static let insert = """
        INSERT INTO span (\(SpanRow.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """

    static let delete = "DELETE FROM span WHERE job = ?1 AND first = ?2"

    /// Whether its last fire time is the newest of a declared job: it stays, because it is what the job's status shows.
    private static let hasNewest = """
        (EXISTS (SELECT 1 FROM job WHERE job.id = span.job AND job.covered_through IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM run WHERE run.job = span.job AND run.fire_time > span.last)
          AND NOT EXISTS (SELECT 1 FROM span AS later WHERE later.job = span.job AND later.first > span.first))
        """

    /// Those that have expired fire times, and whether the last one stays.
    static let expired = """
        SELECT \(SpanRow.columns), \(hasNewest) FROM span
        WHERE first < ?1 AND skipped_at < ?1 AND (count > 1 OR NOT \(hasNewest)) LIMIT ?2
        """
}
