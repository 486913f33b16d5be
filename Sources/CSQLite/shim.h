#include <sqlite3.h>

/* Swift cannot call functions with variable arguments. */
static inline int sqlite3_keep_log_at_close(sqlite3 *connection, int keep) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keep, (int *)0);
}
