/// The tables of the ledger, and how an older file gets them.
///
/// `run` is clustered by fire time: the claims of a tick are appended, and the history is read backwards
/// from the end. Measured with a million runs, a table clustered by job reads the whole history twenty
/// times slower, and one with a row id and two indexes is larger and no faster. What many rows
/// share (project, ref, instance, front of the URL) is kept once in `label`: that takes a third off the
/// file. Times are microseconds since 1970, UTC. States are numbers; those under 10 are open.
///
/// A row of `run` says which state the run is in and since when (`changed_at`); `transition` keeps those it has
/// left, numbered from 0. One is not kept there, because the row tells it: that a run began as claimed,
/// without a reason, at `claimed_at`. That saves a sixth of the file, and a tenth of the time.
enum Schema {
    /// `ORCH`: tells a ledger from other SQLite files.
    static let applicationID: Int64 = 0x4F52_4348

    /// Each is applied once, in this order, and the file's `user_version` counts them. What stands here
    /// has been applied somewhere: add, never edit.
    static let migrations: [(name: String, sql: String)] = [
        ("jobs, labels and runs", runs), ("transitions", transitions), ("history view", history),
    ]

    /// The schema version of a file, 0 for one that holds nothing yet.
    ///
    /// Throws `.foreign` or `.newer` for a file that is not ours to touch. Changes nothing.
    static func version(of connection: Connection) throws(LedgerError) -> Int {
        let (id, version, tables) = try connection.transaction(.reading) {
            () throws(LedgerError) -> (Int64, Int64, Int64) in
            let id = try connection.integer("PRAGMA application_id")
            let version = try connection.integer("PRAGMA user_version")
            return (id, version, try connection.integer("SELECT count(*) FROM sqlite_schema"))
        }
        if id == 0 && version == 0 && tables == 0 { return 0 }
        guard id == applicationID else {
            throw LedgerError(.foreign(applicationID: Int(id)), connection.path)
        }
        guard version > 0 else {
            throw LedgerError(.damaged, connection.path, "schema version \(version)")
        }
        guard version <= migrations.count else {
            throw LedgerError(.newer(version: Int(version), known: migrations.count), connection.path)
        }
        return Int(version)
    }

    /// Brings the file to the newest version, or to `target`, in one transaction.
    static func migrate(_ connection: Connection, to target: Int = migrations.count) throws(LedgerError) {
        try connection.transaction(.writing) { () throws(LedgerError) in
            // Asked inside the transaction: another process may just have done it.
            let version = try connection.integer("PRAGMA user_version")
            guard version < target else { return }
            for migration in migrations.prefix(target).dropFirst(Int(max(0, version))) {
                try connection.execute(migration.sql)
            }
            try connection.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(target)")
        }
    }

    private static let runs = """
        CREATE TABLE job (
          id INTEGER PRIMARY KEY,
          name TEXT NOT NULL UNIQUE,
          covered_through INTEGER CHECK (covered_through >= 0)
        ) STRICT;
        CREATE TABLE label (
          id INTEGER PRIMARY KEY,
          text TEXT NOT NULL UNIQUE
        ) STRICT;
        CREATE TABLE state (
          code INTEGER PRIMARY KEY,
          name TEXT NOT NULL
        ) STRICT;
        INSERT INTO state VALUES
          (0, 'claimed'), (1, 'uncertain'), (2, 'triggered'), (3, 'retrying'), (4, 'blocked'),
          (10, 'succeeded'), (11, 'failed'), (12, 'canceled'), (13, 'skipped'), (14, 'refused'), (15, 'lost');
        CREATE TABLE run (
          fire_time INTEGER NOT NULL CHECK (fire_time >= 0),
          job INTEGER NOT NULL,
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
          PRIMARY KEY (fire_time, job)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX run_of_job ON run (job, fire_time);
        CREATE INDEX run_open ON run (fire_time, job) WHERE is_open = 1;
        """

    private static let transitions = """
        CREATE TABLE transition (
          fire_time INTEGER NOT NULL,
          job INTEGER NOT NULL,
          number INTEGER NOT NULL,
          at INTEGER NOT NULL,
          state INTEGER NOT NULL,
          reason TEXT,
          PRIMARY KEY (fire_time, job, number)
        ) STRICT, WITHOUT ROWID;
        """

    /// For people with the `sqlite3` shell: `SELECT * FROM history LIMIT 20`.
    private static let history = """
        CREATE VIEW history AS
        SELECT
          job.name AS job,
          strftime('%Y-%m-%dT%H:%M:%SZ', run.fire_time / 1000000, 'unixepoch') AS fire_time,
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
        ORDER BY run.fire_time DESC, job.name;
        """
}
