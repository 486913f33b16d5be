extension Schema {
    /// A row of `span` stands for fire times of one job that were skipped at one moment and for one reason: `count` of
    /// them from `first` to `last`, `step` apart. To read them, the ledger needs neither the schedule nor its zone.
    /// Whether a fire time is one of them is arithmetic, also in SQL. An irregular schedule takes several spans. The
    /// ranges of one job's spans do not overlap. A row of `run` may lie within such a range, but not on one of its fire
    /// times.
    ///
    /// `reason` is a label. A reader inserts the lateness of each fire time after `lateness_at` bytes of it: the time
    /// from `delay` after the fire time to `skipped_at`.
    static let spans = """
        CREATE TABLE span (
          job INTEGER NOT NULL,
          first INTEGER NOT NULL CHECK (first >= 0),
          last INTEGER NOT NULL CHECK (last = first + step * (count - 1)),
          step INTEGER NOT NULL CHECK (step > 0),
          count INTEGER NOT NULL CHECK (count > 0),
          reason INTEGER NOT NULL,
          lateness_at INTEGER CHECK (lateness_at >= 0),
          delay INTEGER NOT NULL,
          instance INTEGER NOT NULL,
          skipped_at INTEGER NOT NULL CHECK (skipped_at >= 0),
          sum INTEGER NOT NULL,
          PRIMARY KEY (job, first)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX span_by_end ON span (last);
        """ + spansForPeople

    /// For people with the `sqlite3` shell: `SELECT * FROM skipped`.
    private static let spansForPeople = """

        CREATE VIEW skipped AS
        SELECT
          job.name AS job,
          strftime('%Y-%m-%dT%H:%M:%SZ', span.first / 1000000, 'unixepoch') AS first_fire_time,
          strftime('%Y-%m-%dT%H:%M:%SZ', span.last / 1000000, 'unixepoch') AS last_fire_time,
          span.count AS fire_times,
          span.step / 1e6 AS seconds_apart,
          iif(span.lateness_at IS NULL, reason.text,
            CAST(substr(CAST(reason.text AS BLOB), 1, span.lateness_at) AS TEXT) || '…'
              || CAST(substr(CAST(reason.text AS BLOB), span.lateness_at + 1) AS TEXT)) AS reason,
          instance.text AS instance,
          strftime('%Y-%m-%dT%H:%M:%fZ', span.skipped_at / 1e6, 'unixepoch') AS skipped_at
        FROM span
          LEFT JOIN job ON job.id = span.job
          LEFT JOIN label AS reason ON reason.id = span.reason
          LEFT JOIN label AS instance ON instance.id = span.instance
        ORDER BY span.last DESC, job.name;
        """
}
