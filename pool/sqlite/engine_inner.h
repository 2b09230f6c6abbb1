/*
 * The inside of the engine, for engine_*.c and the sessions: jobs, the
 * connections they run on, and the rule of acknowledgement.
 *
 * A *job* is one unit of work of one owner (a session): everything up to the
 * next Query's end, Sync or Flush. It belongs to one side at a time:
 *
 *     loop ──submit──► reader queue ──► a reader ──────────┐
 *      ▲                  │ needs the writer               │
 *      │                  ▼                                ▼
 *      │            writer queue ──► the writer ──► group ─► COMMIT
 *      │                                                    │
 *      ├──────── done ◄── waiting for the sync thread ◄─────┘
 *      │           ▲
 *      └── itself ─┘  what needs no file: BEGIN, and COMMIT of what has
 *                     not written
 *
 * Each crossing costs two threads a sleep, which is more than most statements
 * cost. So a write whose plan is known skips the readers, and whoever posts
 * something for others under the lock wakes them behind it (lite_news).
 *
 * *Acknowledged means durable.* Commits are numbered. `started` counts those
 * whose COMMIT has been begun (a reader may see it from then on),
 * `committed` those whose COMMIT has returned, `durable` those covered by an
 * fdatasync of the WAL that began after their COMMIT returned. A job carries
 * the number it rests on (wait_for) and goes back to the loop only when
 * durable has reached it: for a writer's job the last commit, its own
 * included; for a reader's job `started`, read after its snapshot was taken.
 *
 * *Groups.* On the writer every owner's transaction is a SQLite savepoint
 * (the member). Autocommit members follow each other inside one SQLite
 * transaction, committed when nobody else is waiting. An owner whose member
 * is still open when its job ends holds the writer until a later job of its
 * own closes it; such a job is *solo*, alone in its SQLite transaction, for
 * those before it in a group would not be answered until then. If the SQLite transaction is lost (a full disk rolls back
 * everything, savepoints included), every job of the group is told so, and
 * none was acknowledged.
 *
 * *Stop for good.* After an I/O error of a commit, checkpoint or sync nothing
 * is committed or acknowledged any more: the page cache may show what the
 * disk lacks, and that is an operator's decision.
 */
#ifndef WEIR_POOL_SQLITE_ENGINE_INNER_H
#define WEIR_POOL_SQLITE_ENGINE_INNER_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include <sqlite3.h>
#include <uv.h>

#include "pool/sqlite/context.h"
#include "pool/sqlite/engine.h"
#include "protocol/dialect/compile.h"
#include "protocol/list.h"

#define LITE_CHECKPOINT_FRAMES 1000
#define LITE_READERS_MAX 64
#define LITE_PROTECTED_MESSAGE "weir: insert-only table: "	/* its name */
#define LITE_BUSY_MS 5000	/* another process has the file's lock */
#define LITE_OVERTAKEN_MS 1000	/* an open transaction is in the way of one
				   that has a snapshot: who waits for it will
				   hardly ever be able to write. So long
				   SKIP LOCKED waits, too */

struct lite_connection;
struct lite_job;
struct lite_plan_cache;

/* How a run of a job ended. */
enum lite_outcome {
	LITE_FINISHED,		/* what it had to do is done */
	LITE_NEEDS_WRITER,	/* run it again, on the writer */
	LITE_SUSPENDED,		/* its output is full: run it again, on the same
				   connection, when the owner submits it */
	LITE_WAITS,		/* for an advisory lock: run it again when
				   lite_engine_wake() is called */
};

struct lite_job_handlers {
	/* On a thread of the engine. */
	enum lite_outcome (*run)(struct lite_job *, struct lite_connection *);
	/* The writer could not be had: answer with the error instead of
	 * running on. Ends the job. On a thread of the engine. */
	void (*refuse)(struct lite_job *, const struct error *);
	/* The commit it shared failed: answer that instead. */
	void (*lost)(struct lite_job *, const struct error *);
	/* On the loop: the job is the owner's again. */
	void (*on_done)(struct lite_job *, enum lite_outcome);
	/* On the loop: the owner held the writer idly and was rolled back, or
	 * the engine has failed. The job is not running, nor will it. */
	void (*on_evicted)(struct lite_job *, const struct error *);
};

struct lite_job {
	const struct lite_job_handlers *handlers;
	struct list link;	/* in the queue it is in */
	struct list member_link;	/* in the engine's list of all jobs */
	struct list idle_link;	/* the loop's: in idle_limited */
	uint64_t idle_until_ms;	/* idle in a transaction: then it is evicted */
	bool to_writer;		/* set before submit: skip the readers */
	bool solo;		/* set by run(): on the writer, alone in its
				   SQLite transaction */
	bool busy;		/* submitted and not done */
	bool evicted;
	bool closing;		/* set before submit: the last one */
	bool wait_over;		/* the advisory lock was waited for too long */
	uint64_t parked_ms;	/* since when it waits; 0: it does not */
	unsigned wakes;		/* the engine's, read before asking */
	bool in_group;		/* has released a member in this group */
	enum lite_outcome outcome;
	uint64_t wait_for;	/* the commit that must be durable first */
	uint64_t queued_ms;	/* when it began to wait for the writer */
	unsigned wait_ms;	/* for how long; 0: the engine's limit */
	bool wait_is_statement;	/* wait_ms is of statement_timeout */
	enum lock_wait lock_wait;	/* where the writer is held */
	char locked[128];	/* what cannot be locked, for an error */
	bool skips;		/* the engine's: SKIP LOCKED, and all is */
	bool based;		/* it has read a snapshot, and may write only
				   if nobody has since ... */
	uint64_t based_on;	/* ... engine->changes was this */
	atomic_bool cancelled;
	struct lite_connection *connection;	/* kept while SUSPENDED, or
						   for a snapshot */
	bool keep_connection;	/* set by run(): do not give it back */
	/* A session with temporary tables has a connection of its own, so
	 * that nobody else can see them. It writes on the writer thread as
	 * everybody does, one transaction at a time. */
	struct lite_connection *own;
	bool wants_own;		/* set by run(): make one, run again */
	bool drops_own;		/* set by run(): it is not needed any more */
	struct error eviction;
	char name[64];		/* for "held by ..." */
};

enum lite_trust {
	LITE_CLIENT,		/* a client's statement, compiled */
	LITE_STEPS,		/* the compiler's steps of DDL: _weir_ tables
				   too, but never the protected ones */
	LITE_OWN,		/* weir's own SQL */
};

struct lite_verbs {		/* prepared once per connection */
	sqlite3_stmt *begin, *commit, *rollback;
	sqlite3_stmt *member, *release_member, *rollback_member;
	sqlite3_stmt *statement, *release_statement, *rollback_statement;
	sqlite3_stmt *data_version, *schema_version;
};

struct lite_connection {
	struct lite_engine *engine;
	struct list link;	/* in engine->idle, or reading */
	uint64_t since_ms;	/* a reader's snapshot is no older */
	atomic_bool too_old;	/* it keeps the log from being emptied: the
				   statement is to stop */
	sqlite3 *db;
	bool is_writer;		/* the writer thread is on it */
	bool is_private;	/* some job's own */
	enum lite_trust trust;	/* what the authorizer lets pass */
	unsigned protection;	/* the engine's count when it was put up ... */
	int protected_version;	/* ... and the file's of its schema; -1: rolled
				   back since */
	struct witness *witness;	/* while a failure is watched */
	struct key_queue *keys;	/* while a statement's keys wait; or NULL */
	struct late_watch *late;	/* whose rows are looked at later; or NULL */
	bool exempt;		/* the DDL that runs may change protected
				   tables */
	bool recording;		/* what a statement writes to: */
	char written[128];
	char denied[128];	/* the table the authorizer last refused */
	bool denied_change;	/* for it is insert-only */
	char exempted[128];	/* that the DDL changes by exemption; "" */
	struct lite_context context;
	struct lite_verbs verbs;
	struct lite_plan_cache *plans;	/* prepared statements */

	/* what the progress handler looks at */
	struct lite_job *job;	/* that runs now */
	uint64_t deadline_ms;	/* statement_timeout; 0: none */
	bool interruptible;	/* stopping the statement harms nobody else */
	bool gentle;		/* an interrupt would end more than the
				   statement: first its functions fail */
	uint64_t gentle_until_ms;	/* 0: nobody wants it to end */
	bool timed_out;
	int64_t held_before;	/* the thread's memory, before the statement */
	bool starved;		/* stopped: it has taken too much */

	/* the schema this connection compiles against; its own reference */
	struct schema *schema;
	bool schema_stale;	/* rolled back or changed: load again */
	bool schema_dirty;	/* changed and not committed */
	bool pinned;		/* in a snapshot: the schema is the one of
				   its beginning */
	unsigned schema_epoch;	/* the engine's when a reader took it */

	/* the writer's transaction */
	bool open;		/* BEGIN IMMEDIATE was run */
	bool member;		/* a savepoint of an owner is open ... */
	bool defers;		/* ... and all its foreign keys wait for its
				   end: PRAGMA defer_foreign_keys */
	bool lost;		/* SQLite rolled everything back */
	struct error loss;	/* why */
	uint64_t wal_frames;	/* as of the last commit */
	bool wal_written;	/* the last commit appended */
	int data_version;	/* when other programs were last looked for */
};

/* Who is to be woken by whoever has the lock, once he lets go of it: woken
 * before, a thread would run into the lock and sleep again. */
struct lite_news {
	bool reader, writer, sync, loop;
};

struct lite_engine {
	uint32_t magic;
	uv_loop_t *loop;
	uv_async_t async;
	uv_timer_t timer;		/* looks after parked jobs */
	uv_idle_t idle_handle;		/* gives back ... */
	bool ended_here;		/* ... what the loop did itself */
	unsigned handles;		/* not yet closed */
	char *path, *wal_path, *lock_path;
	int lock_fd, wal_fd;
	dev_t wal_device;
	ino_t wal_inode;
	struct lite_options options;
	char **protected_tables;	/* under the lock; NULL-ended */
	atomic_uint protection;		/* counts changes of the list */

	pthread_mutex_t lock;		/* over everything below */
	pthread_cond_t reader_wanted, writer_wanted, sync_wanted;
	struct lite_news news;		/* for them, and for the loop */
	pthread_t writer_thread, sync_thread, *reader_threads;
	unsigned reader_count;
	struct lite_connection *writer;	/* the writer thread's */
	struct list idle;		/* reader connections */
	struct list reading;		/* those a reader thread is on */
	unsigned connection_count;

	struct list idle_limited;	/* the loop's: jobs not submitted */
	struct list jobs;		/* all owners */
	struct list reader_queue, writer_queue;
	struct list holder_queue;	/* the holder's next job */
	struct list waiting;		/* for durable, in order of wait_for */
	struct list parked;		/* for an advisory lock */
	struct list done;		/* for the loop */
	struct list evicted;		/* for the loop, by link */
	unsigned writer_waiting, reader_waiting;
	unsigned readers_asleep;
	bool reader_called;		/* one of them, and has not come yet */

	struct list group;		/* the writer thread's own: finished
					   jobs before their COMMIT */
	unsigned group_count;
	uint64_t next_checkpoint;	/* at that many WAL frames */
	atomic_uint wakes;		/* counts lite_engine_wake() */
	struct lite_job *holder;
	uint64_t holder_since_ms;	/* when it went idle */
	struct lite_connection *holding;	/* that the holder is on */
	bool scan;			/* a queued job was cancelled */

	atomic_uint_fast64_t changes;	/* commits that changed the file */
	atomic_uint_fast64_t started;
	uint64_t committed, durable;

	struct schema *schema;		/* committed */
	atomic_uint_fast64_t generation;	/* of schemas loaded */
	atomic_uint schema_epoch;	/* odd while a commit changes it */
	atomic_uint_least64_t looked_ms;	/* for changes of others */

	struct lite_sequences *sequences;
	struct lite_locks *locks;
	struct lite_plans *plans;

	bool stopping, sync_stopping, ended;
	bool failed;
	bool failure_told;
	struct error failure;
	unsigned threads_left;
	struct lite_stats stats;
	void (*on_closed)(void *);
	void *closed_context;
};

/* --- engine.c, on the loop ------------------------------------------------ */

void lite_job_init(struct lite_job *, struct lite_engine *,
		   const struct lite_job_handlers *);
/* The owner is gone; it must not be busy nor hold the writer. */
void lite_job_fini(struct lite_job *, struct lite_engine *);
void lite_job_submit(struct lite_job *, struct lite_engine *);
void lite_job_cancel(struct lite_job *, struct lite_engine *);
/*
 * The loop does the job by itself, instead of submitting it: one that needs
 * neither the file nor the writer, and is short. False: it must be submitted.
 * on_done() follows from the loop, never from inside these calls.
 */
bool lite_job_begin_here(struct lite_job *, struct lite_engine *);
void lite_job_end_here(struct lite_job *, struct lite_engine *);
/* Its owner sleeps in a transaction: unless it is submitted before, it is
 * evicted after this time. */
void lite_job_limit_idle(struct lite_job *, struct lite_engine *,
			 uint64_t limit_ms);

void lite_engine_free(struct lite_engine *);

/* --- from any thread ------------------------------------------------------ */

uint64_t lite_now_ms(void);		/* monotonic */
void lite_engine_lock(struct lite_engine *);
/* Lets go, then tells the news. */
void lite_engine_unlock(struct lite_engine *);
/* The same around the wait; `until` NULL: without end. */
void lite_engine_wait(struct lite_engine *, pthread_cond_t *,
		      const struct timespec *until);
/* Stops for good. The first reason counts. */
void lite_engine_fail(struct lite_engine *, const char *what, int code);
/* A finished job goes to the loop as soon as wait_for is durable. */
void lite_job_finish(struct lite_engine *, struct lite_job *,
		     enum lite_outcome);
/* The same with the lock held. */
void lite_job_finish_locked(struct lite_engine *, struct lite_job *,
			    enum lite_outcome);
/* Finishes it with the handler's refusal, which may free an advisory lock and
 * wake who waits for that: the lock, held before and behind, is let go of. */
void lite_job_refuse(struct lite_engine *, struct lite_job *,
		     const struct error *);

/* Behind the last one that waits for the writer, or a reader; with the lock
 * held. */
void lite_job_await_writer(struct lite_engine *, struct lite_job *);
void lite_job_await_reader(struct lite_engine *, struct lite_job *);
/* There is a job for another reader, if one sleeps; with the lock held. */
void lite_call_reader(struct lite_engine *);
/* NOWAIT, and another one holds the writer? Fills the error; with the lock
 * held. */
bool lite_must_not_wait(struct lite_engine *, const struct lite_job *,
			struct error *);

/* --- engine_file.c -------------------------------------------------------- */

/* Locks the file against a second weir, makes it if need be. */
int lite_file_claim(struct lite_engine *, struct error *);
void lite_file_release(struct lite_engine *);
/* Opens the WAL's own descriptor and makes what is in it durable. */
int lite_file_open_wal(struct lite_engine *, struct error *);
/* Makes the WAL durable; false: errno-like code in *ret_code. */
bool lite_file_sync(struct lite_engine *, int *ret_code);

/* --- engine_connection.c -------------------------------------------------- */

struct lite_connection *lite_connection_new(struct lite_engine *,
					    bool is_writer, struct error *);
void lite_connection_free(struct lite_connection **);
/* Runs weir's own SQL. A SQLite code. */
int lite_run_own(struct lite_connection *, const char *sql);
/* One of the verbs: step and reset. A SQLite code. */
int lite_verb(sqlite3_stmt *);
/* Changes with what others have committed. */
int lite_data_version(struct lite_connection *);
/* Puts the protection of the insert-only tables in place anew. */
int lite_connection_protect(struct lite_connection *);
/* The same where another program has changed the schema since: at the beginning
 * of a transaction, in which none can. A SQLite code. */
int lite_connection_keep_protected(struct lite_connection *writer);
/* DDL of an exempt user begins; it ends by lite_connection_protect(). Rolling
 * back puts everything back, too. */
void lite_connection_exempt(struct lite_connection *);
bool lite_is_exempt(const struct lite_engine *, const char *user);
/* Whether the table, by its name in the file, is insert-only. */
bool lite_is_protected(struct lite_engine *, const char *table);
/* Says what runs now and what may stop it; NULL job: nothing. */
void lite_connection_watch(struct lite_connection *, struct lite_job *);
/* The statement is over; nobody wants it to end any more. */
void lite_stop_done(struct lite_connection *);

/* --- engine_schema.c ------------------------------------------------------ */

/* Creates weir's own tables where they are missing, loads the schema. */
bool lite_engine_prepare_schema(struct lite_engine *, struct error *);
/* Frees schema, sequences, locks and plans. */
void lite_engine_free_parts(struct lite_engine *);
void lite_engine_make_parts(struct lite_engine *);
/* The functions, catalogs and caches of a connection. A SQLite code. */
int lite_connection_make_parts(struct lite_connection *);
void lite_connection_free_parts(struct lite_connection *);
/* The catalogs show this schema. A SQLite code. */
int lite_fill_catalog(struct lite_connection *, const struct schema *);
/* A reader's statement has started: was its plan made for another schema? */
bool lite_schema_moved(const struct lite_connection *);
/* Whether another program has changed the schema; then it is loaded anew.
 * Never where a snapshot or changes of its own say which one counts. */
bool lite_schema_look(struct lite_connection *);

/* The schema to compile against, loaded again if need be; NULL with error.
 * Borrowed: valid until the next call on this connection. */
const struct schema *lite_connection_schema(struct lite_connection *,
					    struct error *);
/* A DDL statement ran in the open member. */
void lite_schema_changed(struct lite_connection *);
/* Around a COMMIT that changes the schema. */
void lite_schema_publish_begin(struct lite_connection *);
void lite_schema_publish_end(struct lite_connection *, bool committed);

/* --- engine_writer.c: the open transaction, on the writer thread ---------- */

/* Opens the owner's member. False fills the error. */
bool lite_member_enter(struct lite_connection *, struct error *);
/* Closes it, keeping what it did; checks deferred foreign keys first (then
 * it is still open, and must be rolled back). */
bool lite_member_release(struct lite_connection *, struct lite_job *,
			 struct error *);
/* Whether a deferred foreign key is broken. */
bool lite_is_broken(struct lite_connection *);
/* Undoes it and closes it. */
void lite_member_rollback(struct lite_connection *);
/* The job keeps the common connection, in the middle of its transaction, as
 * its own; everybody else gets a new one. False fills the error. */
bool lite_writer_keep(struct lite_connection *writer, struct lite_job *,
		      struct error *);
/* Counts a change if another program, or another connection, has made some. */
void lite_notice_others(struct lite_connection *writer);
/* Behind lite_member_enter(): may a job that has read a snapshot write, or has
 * somebody else since? False fills the error. */
bool lite_check_snapshot(struct lite_engine *, const struct lite_job *,
			 struct error *);
/* A reader's statement has its snapshot now: the answer may rest on any
 * commit begun until here. */
void lite_note_snapshot(struct lite_connection *);
/* Called after every error of a statement: has SQLite rolled back the whole
 * transaction? Notes the loss, and stops the engine after an I/O error. */
bool lite_check_loss(struct lite_connection *, int code);
/* The log cannot be emptied because of old readers: ends them. */
void lite_cut_old_readers(struct lite_engine *);
/* What the operator and the client are told about a code of this kind. */
void lite_describe_loss(int code, struct error *);

void *lite_writer_main(void *engine);
void *lite_reader_main(void *engine);
void *lite_sync_main(void *engine);
int lite_checkpoint(struct lite_connection *);

#endif
