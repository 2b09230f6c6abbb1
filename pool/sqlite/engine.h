/*
 * The engine of one SQLite file: the threads that touch it, the order in
 * which transactions write, and the moment from which a commit may be
 * believed.
 *
 * There is one writer thread, a few reader threads and one sync thread;
 * everything here is called on the loop thread. A session is a `struct
 * backend` like any other: it takes frontend messages and gives backend
 * messages, and nobody above can tell it from a Postgres process.
 *
 * A file has one engine: while it is open, `<realpath>-weir.lock` is locked,
 * and a second one (here or in another process) is refused.
 */
#ifndef WEIR_POOL_SQLITE_ENGINE_H
#define WEIR_POOL_SQLITE_ENGINE_H

#include <uv.h>

#include "protocol/error.h"

struct backend;
struct lite_engine;
struct lite_files;
struct pool;

/* Rows of a protected table may be deleted whose value of a column is a time
 * that long ago, to the second. */
struct lite_retention {
	const char *schema;	/* as the file's clients say; NULL: any */
	const char *table, *column;
	uint64_t age_s;
};

struct lite_options {
	const char *path;	/* made (0600) where there is none */
	unsigned readers;	/* threads; 0: two */
	/* Insert-only tables as in audit_tables, NULL-ended; NULL: none.
	 * This is the second lock: statements that would change or remove
	 * their rows fail with 42501 even if the guard let them through. */
	const char *const *protected_tables;
	/* What passes all the same; both outlive the engine. */
	const struct lite_retention *retentions;
	unsigned retention_count;
	const char *const *exempt_users;	/* from DDL; NULL-ended */
	/* On the loop, once: the engine has stopped for good. NULL: nobody
	 * asks. */
	void (*on_failed)(void *context, const struct error *);
	void *context;
	struct lite_files *files;	/* whose database it is, or NULL */
	/* Limits; 0 takes the default. */
	unsigned writer_wait_ms;	/* then 55P03; 10 s */
	unsigned holder_idle_ms;	/* then 25P03 if others wait; 30 s */
	unsigned snapshot_ms;		/* then 72000 if the log has grown ... */
	unsigned log_frames_max;	/* ... to this: 60 s, 65536 (256 MB) */
	unsigned group_max;		/* members of one commit; 64 */
	unsigned writer_queue_max;	/* jobs that wait; then 53300; 4096 */
	size_t memory_bytes_max;	/* that a statement takes; 512 MB */
	size_t message_bytes_max;	/* of one frontend message; 256 MB */
	size_t result_bytes_max;	/* of rows that must be kept; 64 MB */
};

struct lite_stats {
	uint64_t reads, writes;		/* jobs */
	uint64_t commits, syncs, checkpoints, groups_lost;
	uint64_t writer_timeouts, holder_timeouts, queue_full;
	uint64_t snapshots_cut;
	unsigned writer_queue, reader_queue;	/* waiting now */
	bool failed;			/* stopped for good after an I/O error */
};

/*
 * Opens the file, starts the threads. On failure fills the error in words
 * for the operator and returns a negative uv error number (UV_EBUSY: another
 * weir has the file). The options are copied.
 */
int lite_engine_open(uv_loop_t *, const struct lite_options *,
		     struct lite_engine **ret_engine, struct error *);

/*
 * A new session. backend_opened() follows from the loop, never from inside
 * this call; ops->close() ends it. `user` and `database` are what
 * current_user and current_database() answer; copied. Never NULL.
 */
struct backend *lite_backend_new(struct lite_engine *, struct pool *,
				 const char *user, const char *database);

/* What of the file, as it was opened, clients will not see as Postgres would
 * show it: `note` is called with the table and a few words for each. */
void lite_engine_notes(struct lite_engine *,
		       void (*note)(void *context, const char *object,
				    const char *what), void *context);

/* Runs statements again that wait for something outside of it: an advisory
 * lock that was given back, an engine that was closed. Any thread. */
void lite_engine_wake(struct lite_engine *);

void lite_engine_stats(struct lite_engine *, struct lite_stats *ret_stats);

/* Replaces the list of protected tables (a reload). */
void lite_engine_protect(struct lite_engine *, const char *const *tables);

/*
 * Ends it: waits until every session is closed, commits and syncs what was
 * begun, checkpoints, joins the threads, frees the engine, then calls back
 * from the loop. The caller closes the sessions.
 */
void lite_engine_close(struct lite_engine *, void (*on_closed)(void *),
		       void *context);

#endif
