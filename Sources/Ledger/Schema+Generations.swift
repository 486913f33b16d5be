extension Schema {
    /// A fire time may run again as another generation, with a row of its own. SQLite clusters these tables by their
    /// key, so a new key needs new tables. The rows come in the order of both keys, so SQLite appends them. The
    /// checksums stay right: they include the generation by addition, and all existing ones are 0.
    static let generations = """
        DROP VIEW history;
        ALTER TABLE run RENAME TO former_run;
        DROP INDEX run_of_job;
        DROP INDEX run_open;
        CREATE TABLE run (
          fire_time INTEGER NOT NULL CHECK (fire_time >= 0),
          job INTEGER NOT NULL,
          generation INTEGER NOT NULL DEFAULT 0 CHECK (generation >= 0),
          state INTEGER NOT NULL,
          is_open INTEGER NOT NULL CHECK (is_open = (state < 10)),
          reason TEXT,
          project INTEGER,
          ref INTEGER,
          pipeline INTEGER,
          url_stem INTEGER,
          url_tail TEXT,
          attempts INTEGER NOT NULL CHECK (attempts >= 0),
          instance INTEGER NOT NULL,
          claimed_at INTEGER CHECK (claimed_at >= 0),
          sent_at INTEGER CHECK (sent_at >= 0),
          triggered_at INTEGER CHECK (triggered_at >= 0),
          finished_at INTEGER CHECK (finished_at >= 0),
          not_before INTEGER CHECK (not_before >= 0),
          changes INTEGER NOT NULL,
          changed_at INTEGER NOT NULL CHECK (changed_at >= 0),
          sum INTEGER,
          PRIMARY KEY (fire_time, job, generation)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO run
        SELECT fire_time, job, 0, state, is_open, reason, project, ref, pipeline, url_stem, url_tail, attempts, instance,
          claimed_at, sent_at, triggered_at, finished_at, not_before, changes, changed_at, sum
        FROM former_run ORDER BY fire_time, job;
        DROP TABLE former_run;
        CREATE INDEX run_of_job ON run (job, fire_time, generation);
        CREATE INDEX run_open ON run (fire_time, job, generation) WHERE is_open = 1;

        ALTER TABLE transition RENAME TO former_transition;
        CREATE TABLE transition (
          fire_time INTEGER NOT NULL,
          job INTEGER NOT NULL,
          generation INTEGER NOT NULL DEFAULT 0,
          number INTEGER NOT NULL,
          at INTEGER NOT NULL,
          state INTEGER NOT NULL,
          reason TEXT,
          PRIMARY KEY (fire_time, job, generation, number)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO transition
        SELECT fire_time, job, 0, number, at, state, reason FROM former_transition ORDER BY fire_time, job, number;
        DROP TABLE former_transition;
        """ + historyOfGenerations

    /// For people with the `sqlite3` shell: `SELECT * FROM history LIMIT 20`.
    private static let historyOfGenerations = """

        CREATE VIEW history AS
        SELECT
          job.name AS job,
          strftime('%Y-%m-%dT%H:%M:%SZ', run.fire_time / 1000000, 'unixepoch') AS fire_time,
          run.generation,
          state.name AS state,
          run.reason,
          project.text AS project,
          ref.text AS ref,
          run.pipeline,
          stem.text || coalesce(run.url_tail, run.pipeline) AS url,
          run.attempts,
          instance.text AS instance,
          strftime('%Y-%m-%dT%H:%M:%fZ', run.claimed_at / 1e6, 'unixepoch') AS claimed_at,
          strftime('%Y-%m-%dT%H:%M:%fZ', run.sent_at / 1e6, 'unixepoch') AS sent_at,
          strftime('%Y-%m-%dT%H:%M:%fZ', run.triggered_at / 1e6, 'unixepoch') AS triggered_at,
          strftime('%Y-%m-%dT%H:%M:%fZ', run.finished_at / 1e6, 'unixepoch') AS finished_at,
          strftime('%Y-%m-%dT%H:%M:%fZ', run.not_before / 1e6, 'unixepoch') AS not_before
        FROM run
          LEFT JOIN job ON job.id = run.job
          LEFT JOIN state ON state.code = run.state
          LEFT JOIN label AS project ON project.id = run.project
          LEFT JOIN label AS ref ON ref.id = run.ref
          LEFT JOIN label AS stem ON stem.id = run.url_stem
          LEFT JOIN label AS instance ON instance.id = run.instance
        ORDER BY run.fire_time DESC, job.name, run.generation;
        """
}
