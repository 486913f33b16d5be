#include <sqlite3.h>

/* Swift cannot call functions with variable arguments. */
static inline int sqlite3_keep_log_at_close(sqlite3 *connection, int keep) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, (int *)0);
}

/* Without its statistics, SQLite takes no lock for each allocation. Call this before the first connection. */
static inline int sqlite3_keep_no_memory_statistics(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* No trigger of the file runs, no function with side effects in its schema, and no statement writes to the schema. */
static inline int sqlite3_distrust_file(sqlite3 *connection) {
    int failed = sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    if (!failed) failed = sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
    return failed ? failed : sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)0);
}
