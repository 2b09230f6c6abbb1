/*
 * Opening a SQLite file only to look at it, without leaving anything behind:
 * a file in WAL mode that nobody has open would get a -wal and a -shm file,
 * which a read-only connection does not remove.
 */
#ifndef WEIR_POOL_SQLITE_READ_ONLY_H
#define WEIR_POOL_SQLITE_READ_ONLY_H

#include <sqlite3.h>

/* As sqlite3_open_v2(). */
int lite_open_read_only(const char *path, sqlite3 **ret_db);

#endif
