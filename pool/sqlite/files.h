/*
 * Many databases in one folder: where a SQLite path holds `{database}`, every
 * file of such a name is a database. CREATE DATABASE makes a file, DROP
 * DATABASE removes one; each has an engine of its own, opened when the first
 * client comes. The database `postgres` is always there, for clients that must
 * be somewhere to make another.
 *
 * Engines are opened and closed on the loop thread. What is marked (any) may
 * be called from every thread.
 */
#ifndef WEIR_POOL_SQLITE_FILES_H
#define WEIR_POOL_SQLITE_FILES_H

#include "pool/sqlite/engine.h"

#define FILES_PLACE "{database}"

struct lite_files;

/* What the owner is told. `opened` follows the opening of a file; `closes`
 * wants every client of that database sent away and every session closed: it
 * is being dropped. */
struct lite_files_report {
	void (*opened)(void *context, struct lite_engine *);
	void (*closes)(void *context, const char *database);
};

/* The options' path holds the place once, in its last part. NULL: it does
 * not, or the folder cannot be read; the error says so. */
struct lite_files *lite_files_new(uv_loop_t *, const struct lite_options *,
				  const struct lite_files_report *,
				  void *context, struct error *);

/* (any) Whether there is such a database. */
bool lite_files_exists(struct lite_files *, const char *database);
/* Counts a client in (1) or out (-1): a database in use is not dropped. */
void lite_files_count(struct lite_files *, const char *database, int by);
/* The engine of a database; NULL: 3D000, or it cannot be opened. */
struct lite_engine *lite_files_engine(struct lite_files *,
				      const char *database, struct error *);
void lite_files_each_engine(struct lite_files *,
			    void (*visit)(void *context, const char *database,
					  struct lite_engine *),
			    void *context);

/* (any) CREATE DATABASE: 42P04 and the like. */
bool lite_files_create(struct lite_files *, const char *database,
		       struct error *);
/* (any) DROP DATABASE. `force`: who uses it is sent away, else 55006.
 * *ret_wait: its engine is being closed, and all engines are woken when that
 * is done: ask again then. */
bool lite_files_drop(struct lite_files *, const char *database, bool force,
		     bool *ret_wait, struct error *);
/* (any) Every database by name; the names are the visitor's for the call. */
void lite_files_each(struct lite_files *,
		     void (*visit)(void *context, const char *database),
		     void *context);

/* Closes every engine, once their sessions are closed, then calls back from
 * the loop and frees itself. */
void lite_files_close(struct lite_files *, void (*on_closed)(void *context));

#endif
