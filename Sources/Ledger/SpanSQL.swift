/// The statements about spans.
enum SpanSQL {
    private static let select = "SELECT \(SpanRow.columns) FROM span"

    /// Newest first. The newest fire time of a span is its last one, so a limit on fire times also limits the spans.
    /// With an end (?2), a span may reach beyond it, so the limit does not apply.
    static let all = """
        \(select) WHERE last >= ?1 AND first < ?2 ORDER BY last DESC LIMIT iif(?2 < \(Int64.max), -1, ?3)
        """

    /// Newest first. The spans of a job do not overlap, so only the last one that begins up to ?1 may reach beyond it.
    static let ofJob = """
        \(select)
        WHERE job = ?4 AND first < ?2
          AND first >= coalesce((SELECT max(first) FROM span WHERE job = ?4 AND first <= ?1), ?1) AND last >= ?1
        ORDER BY first DESC LIMIT ?3
        """

    static let upTo = "\(select) WHERE job = ?1 AND first <= ?2 ORDER BY first DESC LIMIT 1"

    /// A job's spans that overlap a range, oldest first.
    static let overlapping = """
        \(select)
        WHERE job = ?1 AND first <= ?3
          AND first >= coalesce((SELECT max(first) FROM span WHERE job = ?1 AND first <= ?2), ?2) AND last >= ?2
        ORDER BY first
        """

    /// The spans that have fire times after ?1.
    static let after = "\(select) WHERE last > ?1"

    /// The fire times of a range that have a row in `run`.
    static let rows = """
        SELECT fire_time FROM run
        WHERE job = ?1 AND fire_time BETWEEN ?2 AND ?3 AND generation = \(SQL.generation) ORDER BY fire_time
        """

    static let doubles = """
        SELECT count(*) FROM span JOIN run ON run.job = span.job AND run.fire_time BETWEEN span.first AND span.last
        WHERE (run.fire_time - span.first) % span.step = 0 AND run.generation = \(SQL.generation)
        """

    /// The jobs that have spans; each takes one search.
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

    /// Whether its last fire time is the newest of a declared job. That one stays, because `status` shows it.
    private static let hasNewest = """
        (EXISTS (SELECT 1 FROM job WHERE job.id = span.job AND job.covered_through IS NOT NULL)
          AND NOT EXISTS (SELECT 1 FROM run WHERE run.job = span.job AND run.fire_time > span.last)
          AND NOT EXISTS (SELECT 1 FROM span AS later WHERE later.job = span.job AND later.first > span.first))
        """

    /// The spans that have expired fire times, and whether the last fire time stays.
    static let expired = """
        SELECT \(SpanRow.columns), \(hasNewest) FROM span
        WHERE first < ?1 AND skipped_at < ?1 AND (count > 1 OR NOT \(hasNewest)) LIMIT ?2
        """
}
