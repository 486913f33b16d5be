/// The tables of the ledger, and how an older file gets them.
///
/// `run` is clustered by fire time: a tick appends its claims, and the history is read backwards from its end. Measured
/// with a million runs, a table clustered by job reads the whole history twenty times slower, and one with a row id and
/// two indexes is larger and no faster. `label` keeps once what many rows share (project, ref, instance, URL stem),
/// which takes a third off the file. Times are microseconds since 1970, UTC. States are numbers; those under 10 are
/// open.
///
/// A fire time that runs again does so as another generation, with a row of its own. The first generation is 0.
///
/// A row of `run` says which state the run is in and since when (`changed_at`). `transition` keeps the states that it
/// has left, numbered from 0. If a run began as claimed, without a reason, at `claimed_at`, its row tells that, and
/// `transition` does not. That saves a sixth of the file and a tenth of the time.
///
/// `ledger`, of one row, describes the ledger itself. `session` records which instance scheduled from it, and when. A
/// column `sum` or `covered_sum` holds a checksum, see `Sum`.
enum Schema {
    /// `ORCH`: distinguishes a ledger from other SQLite files.
    static let applicationID: Int64 = 0x4F52_4348

    /// The ledger applies each one once, in this order, and counts them in the file's `user_version`. Each one here is
    /// in use somewhere: add new ones, never edit one.
    static let migrations: [(name: String, sql: String)] = [
        ("jobs, labels and runs", runs), ("transitions", transitions), ("history view", history),
        ("what the ledger says of itself, and sessions", itself), ("checksums", sums),
        ("generations", generations), ("spans of skips", spans), ("how marks travel", markings),
        ("notices", outbox),
    ]

    /// The first version that has the table `ledger`.
    static let selfDescribing = 4
    /// The first version whose rows have checksums.
    static let summed = 5

    /// Migrates the file to the newest version, or to `target`, in one transaction.
    static func migrate(_ connection: Connection, to target: Int = migrations.count) throws(LedgerError) {
        try connection.transaction(.writing) { () throws(LedgerError) in
            // Asked inside the transaction: another process may just have migrated the file.
            let version = Int(try connection.integer("PRAGMA user_version"))
            guard version < target else { return }
            for migration in migrations.prefix(target).dropFirst(max(0, version)) {
                try connection.execute(migration.sql)
            }
            try connection.execute(
                "PRAGMA application_id = \(applicationID); PRAGMA user_version = \(target)")
            if version < summed && target >= summed { try addSums(connection) }
            if target >= selfDescribing { try describe(connection, version: target) }
        }
    }

    static func addSums(_ connection: Connection) throws(LedgerError) {
        try connection.execute(SQL.sumJobs)
        let runs = try Statement("SELECT \(RunRow.values) FROM run", on: connection).rows {
            (row) throws(LedgerError) in
            (fireTime: try row.integer(0), job: try row.integer(1), sum: try RunRow.sum(ofValues: row))
        }
        let update = try Statement(
            "UPDATE run SET sum = ?3 WHERE fire_time = ?1 AND job = ?2", on: connection)
        for run in runs {
            update.bind(run.fireTime, at: 1)
            update.bind(run.job, at: 2)
            update.bind(run.sum, at: 3)
            try update.run()
        }
    }

    /// Writes into the file which version it has and what its tables are. So a damaged header, or a damaged schema that
    /// SQLite still understands, does not look like a later ledger. In every ledger, also a later one, the header's
    /// version and this one are the same.
    private static func describe(_ connection: Connection, version: Int) throws(LedgerError) {
        let write = try Statement(
            """
            INSERT INTO ledger (id, version, tables) VALUES (1, ?1, ?2)
            ON CONFLICT (id) DO UPDATE SET version = ?1, tables = ?2
            """, on: connection)
        write.bind(Int64(version), at: 1)
        write.bind(try tables(of: connection), at: 2)
        try write.run()
    }

    /// A checksum of the declarations of our tables, indexes and views.
    static func tables(of connection: Connection) throws(LedgerError) -> Int64 {
        var sum = Sum()
        let declared = "SELECT sql FROM sqlite_schema WHERE name IN (\(names)) ORDER BY name"
        for sql in try Statement(declared, on: connection).rows({ (row) throws(LedgerError) in
            try row.text(0)
        }) {
            sum.add(sql)
        }
        return sum.value
    }

    /// The names of the newest version's tables, indexes and views, as a list in SQL.
    static let names = """
        'history', 'incident', 'job', 'label', 'ledger', 'marking', 'outbox', 'outbox_done', 'outbox_waiting', 'run', 'run_of_job', 'run_open', 'session', 'skipped', 'span', \
        'span_by_end', 'state', 'transition'
        """

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

    private static let itself = """
        CREATE TABLE ledger (
          id INTEGER PRIMARY KEY CHECK (id = 1),
          version INTEGER NOT NULL,
          tables INTEGER NOT NULL,
          project TEXT
        ) STRICT;
        CREATE TABLE session (
          id INTEGER PRIMARY KEY,
          instance TEXT NOT NULL,
          begun_at INTEGER NOT NULL CHECK (begun_at >= 0),
          ended_at INTEGER CHECK (ended_at >= 0),
          sum INTEGER NOT NULL
        ) STRICT;
        """

    /// `migrate` fills in the sums of existing rows.
    private static let sums = """
        ALTER TABLE run ADD COLUMN sum INTEGER;
        ALTER TABLE job ADD COLUMN covered_sum INTEGER;
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
