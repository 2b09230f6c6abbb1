/*
 * The file of an adoption: read without touching it, or held alone, copied
 * and written.
 */
#include "pool/sqlite/adopt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pool/sqlite/context.h"
#include "pool/sqlite/read_only.h"

static bool io_error(struct error *error, const char *what, const char *path)
{
	return error_set(error, SQLSTATE_IO_ERROR, "could not %s \"%s\": %s",
			 what, path, strerror(errno));
}

static bool lite_error(struct error *error, const char *what,
		       const char *path, sqlite3 *db)
{
	if (sqlite3_errcode(db) == SQLITE_BUSY ||
	    sqlite3_errcode(db) == SQLITE_LOCKED)
		return error_set(error, SQLSTATE_OBJECT_IN_USE,
				 "another process has \"%s\" open", path);
	return error_set(error, SQLSTATE_IO_ERROR, "could not %s \"%s\": %s",
			 what, path, sqlite3_errmsg(db));
}

/* Our functions and collations, for files that weir has been writing too. */
static bool open_file(const char *path, bool writes,
		      struct lite_context *context, sqlite3 **ret_db,
		      struct error *error)
{
	sqlite3 *db = NULL;
	int code;

	if (access(path, R_OK) < 0)
		return io_error(error, "read", path);
	code = writes ? sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE,
					NULL) :
			lite_open_read_only(path, &db);
	if (code != SQLITE_OK ||
	    functions_register(db, context) != SQLITE_OK) {
		lite_error(error, "open", path, db);
		sqlite3_close(db);
		return false;
	}
	*ret_db = db;
	return true;
}

bool adopt_look(const char *path, const struct adopt_options *options,
		struct arena *arena, struct adopt_report *ret_report,
		struct error *error)
{
	struct lite_context context = { 0 };
	sqlite3 *db;
	bool good;

	if (!open_file(path, false, &context, &db, error))
		return false;
	good = adopt_examine(db, options, arena, ret_report, error);
	sqlite3_close(db);
	arena_fini(&context.arena);
	return good;
}

/* --- alone with the file ----------------------------------------------------- */

/* The lock by which a weir says that it serves the file (engine_file.c). */
static bool lock_out_weir(const char *path, struct arena *arena, int *ret_fd,
			  struct error *error)
{
	char *real = realpath(path, NULL);
	const char *lock;
	int fd;

	if (!real)
		return io_error(error, "find", path);
	lock = arena_printf(arena, "%s-weir.lock", real);
	free(real);
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return io_error(error, "open", lock);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*ret_fd = fd;
		return true;
	}
	close(fd);
	error_set(error, SQLSTATE_OBJECT_IN_USE, "a weir is serving \"%s\"",
		  path);
	error_hint(error, "Stop it first.");
	return false;
}

/* A lease is granted only where nobody else has the file open; where leases
 * are not to be had, SQLite's own lock must do. */
static bool check_alone(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool alone;

	if (fd < 0)
		return io_error(error, "open", path);
	alone = fcntl(fd, F_SETLEASE, F_WRLCK) == 0 || errno != EAGAIN;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	close(fd);
	return alone || error_set(error, SQLSTATE_OBJECT_IN_USE,
				  "another process has \"%s\" open", path);
}

/* The lock of this mode stays after COMMIT, until the connection closes:
 * SQLite copies no file within a transaction that writes. */
static bool hold(sqlite3 *db, const char *path, struct error *error)
{
	if (sqlite3_exec(db, "PRAGMA locking_mode = exclusive;"
			 "BEGIN EXCLUSIVE; COMMIT", NULL, NULL, NULL) ==
	    SQLITE_OK)
		return true;
	return lite_error(error, "lock", path, db);
}

/* --- the copy ------------------------------------------------------------------ */

static bool make_empty(const char *path, const char *copy,
		       struct error *error)
{
	struct stat info;
	int fd;

	if (stat(path, &info) < 0)
		return io_error(error, "find", path);
	fd = open(copy, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC,
		  info.st_mode & 0777);
	if (fd < 0 && errno == EEXIST) {
		error_set(error, SQLSTATE_DUPLICATE_OBJECT,
			  "the copy \"%s\" is there already", copy);
		error_hint(error, "Move it away; a copy is never replaced.");
		return false;
	}
	if (fd < 0)
		return io_error(error, "create", copy);
	close(fd);
	return true;
}

static bool sync_copy(const char *copy, struct error *error)
{
	int fd = open(copy, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (!done)
		io_error(error, "sync", copy);
	if (fd >= 0)
		close(fd);
	return done;
}

static bool make_copy(sqlite3 *db, const char *path, const char *copy,
		      struct error *error)
{
	sqlite3 *to = NULL;
	sqlite3_backup *backup;
	bool done;

	if (!make_empty(path, copy, error))
		return false;
	done = sqlite3_open(copy, &to) == SQLITE_OK;
	backup = done ? sqlite3_backup_init(to, "main", db, "main") : NULL;
	done = backup && sqlite3_backup_step(backup, -1) == SQLITE_DONE;
	if (backup)
		done &= sqlite3_backup_finish(backup) == SQLITE_OK;
	if (!done)
		lite_error(error, "copy to", copy, to);
	sqlite3_close(to);
	if (done)
		done = sync_copy(copy, error);
	if (!done)
		unlink(copy);
	return done;
}

/* --- the declarations ------------------------------------------------------------ */

static bool declare(sqlite3 *db, const struct adopt_finding *row)
{
	char *sql = sqlite3_mprintf(
		"INSERT OR REPLACE INTO main._weir_declared"
		" VALUES (%Q, %Q, %Q)", row->table, row->column, row->type);
	bool done = sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;

	sqlite3_free(sql);
	return done;
}

static bool write_all(sqlite3 *db, const char *path,
		      const struct adopt_report *report, struct error *error)
{
	bool done = sqlite3_exec(
		db, "BEGIN IMMEDIATE;"
		    "CREATE TABLE IF NOT EXISTS main._weir_declared("
		    "\"table\" TEXT NOT NULL COLLATE NOCASE, "
		    "\"column\" TEXT NOT NULL COLLATE NOCASE, "
		    "type TEXT NOT NULL, PRIMARY KEY(\"table\", \"column\"))",
		NULL, NULL, NULL) == SQLITE_OK;

	for (int i = 0; done && i < report->finding_count; i++)
		if (report->findings[i].verdict == ADOPT_PROPOSED)
			done = declare(db, &report->findings[i]);
	if (done)
		done = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) ==
		       SQLITE_OK;
	return done || lite_error(error, "write", path, db);
}

static bool check_wishes_fit(const struct adopt_report *report,
			     const struct adopt_options *options,
			     struct error *error)
{
	for (int i = 0; options->wish_count && i < report->finding_count;
	     i++) {
		const struct adopt_finding *row = &report->findings[i];

		if (row->verdict != ADOPT_UNFIT || !row->evidence ||
		    strcmp(row->evidence, "as you say") != 0)
			continue;
		return error_set(error, "22000",
				 "%s.%s cannot be %s: row %s: %s", row->table,
				 row->column, row->type, row->unfit_row,
				 row->unfit_why);
	}
	return true;
}

bool adopt_apply(const char *path, const char *copy,
		 const struct adopt_options *options, struct arena *arena,
		 struct adopt_report *ret_report, struct error *error)
{
	struct lite_context context = { 0 };
	sqlite3 *db = NULL;
	int lock = -1;
	bool good = lock_out_weir(path, arena, &lock, error) &&
		    check_alone(path, error) &&
		    open_file(path, true, &context, &db, error) &&
		    hold(db, path, error) &&
		    adopt_examine(db, options, arena, ret_report, error) &&
		    check_wishes_fit(ret_report, options, error);

	if (good && ret_report->proposed_count) {
		good = make_copy(db, path, copy, error) &&
		       write_all(db, path, ret_report, error);
		ret_report->copy = copy;
	}
	sqlite3_close(db);
	arena_fini(&context.arena);
	if (lock >= 0)
		close(lock);
	return good;
}
