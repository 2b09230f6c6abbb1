/*
 * One session on SQLite: the server's side of the Postgres protocol. It is
 * a `struct backend` towards the pool and a job towards the engine.
 *
 * A session belongs to one side at a time. On the loop it collects what the
 * client sends; when a unit is whole (a Query, or messages up to Sync or
 * Flush) the session becomes a job and crosses to a thread, where run() works
 * through the messages and gathers the replies; they come back in one piece.
 * run() may be called several times for one unit: when a message turns out to
 * need the writer, what it had answered is taken back and the message runs
 * again over there; when the output is full it stops between two rows.
 *
 *  status  I ── BEGIN ──► T ── error ──► E      implicit: between the first
 *          ▲              │              │      message and Sync, while I
 *          └── COMMIT, ROLLBACK ─────────┘
 */
#ifndef WEIR_POOL_SQLITE_SESSION_H
#define WEIR_POOL_SQLITE_SESSION_H

#include <uthash.h>

#include "pool/backend.h"
#include "pool/zone_files.h"
#include "pool/sqlite/engine_inner.h"
#include "pool/sqlite/engine_plan.h"
#include "pool/sqlite/late_key.h"
#include "pool/sqlite/setting.h"
#include "protocol/dialect/schema_name.h"

#define SESSION_OUTPUT_BYTES 131072	/* more: it goes to the client first */
#define SESSION_UNIT_BYTES 1048576	/* a batch without Sync is cut here */
#define SESSION_STATEMENTS_MAX 10000
#define SESSION_PORTALS_MAX 1000
#define SESSION_SAVEPOINTS_MAX 1000

struct lite_copy;

struct lite_statement {		/* a prepared one */
	UT_hash_handle hh;
	char *name;
	struct lite_plan *plan;
	char *text;
	size_t length;
	uint32_t *declared;
	int declared_count;
	char *search_path;	/* under which the plan was made ... */
	uint64_t settings_version;	/* ... as of this */
	bool from_sql;		/* PREPARE: text is the PREPARE itself */
	uint64_t serial;	/* in order of making */
	int64_t prepared_us;
};

enum portal_state {
	PORTAL_NEW,		/* bound, not run */
	PORTAL_RUNNING,		/* stopped between two rows: running is set */
	PORTAL_KEPT,		/* its rows are in `rows` */
	PORTAL_DONE,
};

struct lite_portal {
	UT_hash_handle hh;
	char *name;
	struct lite_plan *plan;
	struct arena arena;
	struct value *values;	/* of the parameters */
	uint8_t *formats;	/* of the columns */
	enum portal_state state;
	struct lite_portal *inner;	/* of EXECUTE */
	uint64_t changes;	/* rows that the statement changed */
	struct lite_prepared *running;
	struct buffer rows;	/* DataRows not yet asked for */
	size_t rows_at;
	uint64_t row_count;	/* sent by this execution */
	/* cursors made by DECLARE */
	bool cursor, hold, scroll, binary;
	bool held;		/* its transaction has committed */
	size_t *row_starts;	/* of a cursor's rows in `rows` */
	size_t row_total, row_capacity;
	int64_t position;	/* 0 before the first row */
	char *text;		/* of the DECLARE */
	int64_t made_us;
	struct compiled_column *columns;
	int column_count;
};

struct lite_deferral;		/* session_constraints.h */

struct lite_savepoint {
	char *name;
	int deferral_mark;
	size_t late_mark;
	size_t settings_mark;
	unsigned notes_mark;
	bool on_writer;		/* SQLite knows it */
};

#define LITE_GIVEN_MAX 100	/* values of sequences remembered */

struct lite_currval {
	uint32_t sequence;
	int64_t value;
};

#define LITE_EXEMPTED_MAX 8	/* told of one unit */

struct lite_exempted {
	char table[64], command[64];
};

struct lite_session {
	struct backend backend;	/* first */
	struct lite_job job;
	struct lite_engine *engine;
	char *user, *database;
	int process_id;

	/* the loop's */
	struct buffer inbox;
	size_t scanned;		/* of the inbox, whole messages so far */
	bool unit_executes;	/* an Execute is among them */
	bool opened, running, paused, closing, lost, backlog;
	bool pending;		/* came back; not yet delivered */
	struct lite_plan *here;	/* of the Query the loop answers; or NULL */
	bool delivering;
	enum lite_outcome pending_outcome;
	struct list channels;	/* listened to */

	/* whose turn it is */
	struct lite_exempted exempted[LITE_EXEMPTED_MAX];	/* to be told */
	unsigned exempted_count;
	struct buffer input;
	size_t position;	/* in the input */
	struct buffer output;
	struct lite_connection *connection;	/* while run() runs */
	char status;		/* I T E */
	bool skipping;		/* until Sync */
	bool doomed;		/* SQLite rolled back: only ROLLBACK helps */
	bool wrote_ready;	/* the unit ended with ReadyForQuery */
	bool desynchronised;	/* nobody knows what the client means: the
				   session ends */
	bool began_implicit;	/* something ran since the last Sync */
	bool query_multiple;	/* inside a simple Query of several */
	bool discards_temp;	/* when the transaction commits */
	bool has_on_commit;	/* there may be tables with ON COMMIT */
	bool queried;		/* this transaction has */
	bool pipelined;		/* something was executed since the Sync, or
				   the end of a transaction */
	size_t query_next;	/* its statement that is to run */
	struct buffer query_rest;	/* its text, while a COPY that stands
					   in it goes on; ends with a zero */
	bool query_described;
	const struct lite_portal *bound_last;	/* and nothing else was said
						   since; or NULL */
	size_t bound_mark;	/* the output before its BindComplete */
	size_t tag_mark;	/* the output before the last tag */
	size_t lost_mark;	/* output to keep if the commit is lost */
	bool entered;		/* a member was entered in this unit */
	uint64_t lost_serial;	/* statements to keep then */
	bool statement_open;	/* savepoint _weir_q */
	bool alone;		/* the statement may take long: it has a commit
				   of its own, so that it can be stopped */
	bool in_block;		/* of DO, whose statements share it */
	bool snapshot;		/* the kept connection is in a transaction */
	struct lite_copy *copy;	/* data is coming in */
	struct lite_copy *copy_out;	/* going out; between two runs */

	struct lite_settings settings;
	uint64_t settings_version;	/* that `compile` was made from */
	uint64_t settings_limits;	/* that these were read from: */
	bool isolated;		/* REPEATABLE READ or SERIALIZABLE */
	bool read_only;
	uint64_t statement_ms;	/* statement_timeout; 0: none */
	struct compile_session compile;
	struct type_settings types;
	struct zone_files zones;	/* its own: whoever runs it uses them */
	struct type_names names;
	const struct schema *schema;	/* while run() runs */
	uint64_t generation;	/* of the environment */
	const char **search_path;
	struct arena path_arena;
	struct buffer environment;	/* part of the key of plans */
	struct buffer key;
	int64_t transaction_us, statement_us;

	struct lite_statement *statements;	/* by name */
	struct lite_statement *unnamed;
	uint64_t serial;
	struct lite_portal *portals;
	struct lite_portal *unnamed_portal;
	unsigned utility_depth;	/* statements that execute others */
	struct lite_portal *query_portal;	/* of the simple Query */
	struct lite_savepoint *savepoints;
	int savepoint_count, savepoint_capacity;
	struct lite_deferral *deferrals;	/* of SET CONSTRAINTS, in this
						   transaction */
	int deferral_count;
	struct late_rows late;	/* of this transaction */
	struct lite_currval *currvals;
	int currval_count;
	uint32_t last_sequence;
	int64_t given[LITE_GIVEN_MAX];	/* by sequences, to this statement */
	int given_count, replayed;
	struct list notes;	/* NOTIFY, LISTEN of this transaction */
	struct list settled_notes;	/* of those committed, for the loop */
	unsigned note_count;	/* of NOTIFY */
	bool locks_held;	/* advisory ones */
	const struct value *bound;	/* to the statement that runs */
	bool replaying;		/* a failed statement is run to learn why */
	struct arena scratch;	/* of the message at hand */
};

struct lite_session *lite_session_of(struct lite_context *);

/* --- session.c ------------------------------------------------------------------- */

enum lite_outcome lite_session_run(struct lite_job *,
				   struct lite_connection *);
/* The unit, on the loop: one that session_needs_nobody() has been asked of.
 * There is no connection, nor a schema. */
void session_run_here(struct lite_session *);
void lite_session_refuse(struct lite_job *, const struct error *);
void lite_session_lost(struct lite_job *, const struct error *);

/* Whether the setting may be changed now: not the isolation of what has been
 * queried. `value` NULL: to nothing. */
bool session_check_isolation(struct lite_session *, const char *name,
			     const char *value, struct error *);

/* The statement at hand failed: answers, rolls back, skips. */
void session_fail(struct lite_session *, struct error *);
/* Whether a message of that severity is told at all. */
bool session_hears(const struct lite_session *, const char *severity);
void session_notice(struct lite_session *, const char *severity,
		    const char *sqlstate, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void session_complete(struct lite_session *, const char *tag);
/* The same with the tag of a plan and a number of rows. */
void session_put_tag(struct lite_session *, const struct lite_plan *,
		     uint64_t count);
/* Brings `compile`, `types` and `environment` up to date. */
bool session_refresh(struct lite_session *, struct error *);
void session_init_names(struct lite_session *);

/* --- session_plan.c ---------------------------------------------------------------- */

/* Whether the plan runs without any connection, if the session holds none: it
 * begins or ends a transaction that has not written. */
bool session_plan_needs_nobody(const struct lite_plan *);
/* The plan of a statement; the caller gets a reference. NULL with error.
 * `index` is the statement's in the text, -1: the only one there may be. */
struct lite_plan *session_plan(struct lite_session *, struct slice text,
			       const uint32_t *declared, int declared_count,
			       bool from_sql, struct error *);
/* sql_tree_new(), with a hint where SQLite's dialect has slipped in. */
struct sql_tree *session_read_tree(struct slice text, struct error *);
struct lite_plan *session_plan_node(struct lite_session *,
				    struct sql_statement,
				    const uint32_t *declared,
				    int declared_count, struct error *);
struct lite_plan *session_plan_find(struct lite_session *, struct slice text,
				    const uint32_t *declared,
				    int declared_count);
void session_plan_keep(struct lite_session *, struct lite_plan *,
		       struct slice text);

/* --- session_message.c --------------------------------------------------------------- */

void lite_statement_free(struct lite_session *, struct lite_statement **);
struct lite_statement *session_find_statement(struct lite_session *,
					      const char *name);
void session_add_statement(struct lite_session *, struct lite_statement *);
void session_drop_statements(struct lite_session *, bool all,
			     uint64_t newer_than);
struct lite_portal *lite_portal_new(struct lite_plan *, const char *name);
void lite_portal_free(struct lite_session *, struct lite_portal **);
struct lite_portal *session_find_portal(struct lite_session *,
					const char *name);
void session_add_portal(struct lite_session *, struct lite_portal *);
/* At the end of a transaction: those WITH HOLD stay when it committed, and
 * those that have outlived one in any case. */
void session_end_portals(struct lite_session *, bool committed);
void session_close_portals(struct lite_session *);
/* The statement's plan, made anew when the schema has changed. */
bool session_replan(struct lite_session *, struct lite_statement *,
		    struct error *);
bool session_parse(struct lite_session *, struct slice body, struct error *);
bool session_bind(struct lite_session *, struct slice body, struct error *);
bool session_describe(struct lite_session *, struct slice body,
		      struct error *);
bool lite_session_close(struct lite_session *, struct slice body, struct error *);
void session_put_row_description(struct lite_session *,
				 const struct compiled_column *, int count,
				 const uint8_t *formats);

/* --- how a piece of work ends ---------------------------------------------------------- */

enum session_step {
	STEP_DONE,
	STEP_FAILED,		/* the error is filled */
	STEP_MOVE,		/* needs the writer */
	STEP_FULL,		/* the output is */
	STEP_WAIT,		/* for an advisory lock */
};

/* --- session_transaction.c --------------------------------------------------------------- */

/* Makes sure the statement may run here: takes the writer, opens the member,
 * a savepoint for the statement. */
enum session_step lite_session_enter(struct lite_session *, bool writes,
				const char *tag, struct error *);
/* Whether its member may be in one SQLite transaction with those of others.
 * They are answered when all of it is committed: it may not wait for its
 * client (the rest of a COPY, or of a pipeline) nor for a lock while its
 * member is open. */
bool session_shares_commit(const struct lite_session *);
/* The statement is to wait for a lock and to run once more: nobody is to wait
 * for it meanwhile, unless the transaction has done something before. */
void session_let_go(struct lite_session *);
/* The statement succeeded. */
void session_leave(struct lite_session *);
/* Ends the implicit transaction; false: it failed after all. */
bool session_end_implicit(struct lite_session *, bool commit, struct error *);
enum session_step session_transaction(struct lite_session *,
				      const struct lite_plan *,
				      struct error *);
/* Rolls back whatever is open; at the end of the session. */
void session_abandon(struct lite_session *);
/* Undoes the failed statement. */
void session_undo(struct lite_session *);
void session_start_clock(struct lite_session *);
/* statement_timeout is over; see context.h. */
/* How long the job may wait for the writer, by the settings. */
void session_limit_wait(struct lite_session *);
/* What a statement does, and its error says, where the writer is held:
 * "row in relation", "t". */
void session_note_locks(struct lite_session *, enum lock_wait, const char *what,
			const char *table);
/* Gives up the kept connection's transaction, if there is one. */
void session_end_snapshot(struct lite_session *);
bool session_too_late(struct lite_context *);

/* --- run.c --------------------------------------------------------------------------------- */

/* Runs a portal's plan, at most `most` rows (0: all); writes DataRows and
 * CommandComplete or PortalSuspended. */
enum session_step session_execute(struct lite_session *, struct lite_portal *,
				  uint64_t most, struct error *);
/* Runs a query to its end; every row goes into the portal's rows. */
enum session_step session_materialise(struct lite_session *,
				      struct lite_portal *, struct error *);
/* run_ddl.c; 40001: the schema has changed under a statement. */
void session_fail_concurrent(struct error *);
enum session_step session_run_ddl(struct lite_session *,
				  const struct lite_plan *, struct error *);
/* From here on rows that may be written once are watched for a second time. */
void session_watch_rows(struct lite_session *, uint32_t once);
bool session_bind_values(struct lite_session *, sqlite3_stmt *,
			 const struct value *, int count, struct error *);
void session_column_value(sqlite3_stmt *, int column, struct value *);

/* --- run_error.c ------------------------------------------------------------------------------ */

/* Errors with which a function of ours asks for the statement to be run
 * again: on the writer, or when an advisory lock is given back. */
#define LITE_RETRY_WRITER "WEIRW"
#define LITE_RETRY_LOCK "WEIRL"

/* What the client hears of a SQLite error code. */
void session_describe_error(struct lite_session *, int code,
			    const struct lite_plan *, struct error *);
/* SQLite does not take what was compiled: nobody's values are wrong, but the
 * form is beyond it. */
void session_refuse_form(struct error *);

/* --- run_refused.c ---------------------------------------------------------------------------- */

/* The same when an insert-only table, by its name in the file, is the reason. */
void session_describe_refused(struct lite_session *, const char *lite_name,
			      const struct lite_plan *, struct error *);
/* Whether what is dropped takes nothing of such a table along; else the
 * error. */
bool session_keeps_losers(struct lite_session *, const struct lite_plan *,
			  struct error *);
/* What an exempt user's DDL has changed of such tables without naming them. */
void session_note_exempted(struct lite_session *, const struct lite_plan *);

/* --- session_utility.c, session_cursor.c -------------------------------------------------------- */

enum session_step session_utility(struct lite_session *, struct lite_portal *,
				  uint64_t most, struct error *);
/* Classifies a utility statement into its plan. */
struct Node;
void session_classify(struct lite_session *, struct Node *,
		      struct lite_plan *);
/* Whether session_utility() does it rather than refuse it. */
bool session_utility_is_known(const struct Node *);
/* The columns of FETCH and EXECUTE; false with error. */
bool session_utility_columns(struct lite_session *, const struct lite_plan *,
			     const struct compiled_column **ret_columns,
			     int *ret_count, struct error *);
/* One row of texts; NULL is NULL. */
void session_put_text_row(struct lite_session *, const uint8_t *formats,
			  const char *const *texts, int count);

/* A cursor that was DECLAREd, by Execute. */
enum session_step session_run_cursor(struct lite_session *,
				     struct lite_portal *, uint64_t most,
				     struct error *);
/* A cursor's row, in storage form, into portal->rows. */
void session_keep_row(struct lite_portal *, sqlite3_stmt *, int count);
void session_close_cursors(struct lite_session *);

/* --- copy.c -------------------------------------------------------------------------------------- */

enum session_step session_copy_begin(struct lite_session *,
				     struct lite_portal *, struct error *);
/* One CopyData, CopyDone or CopyFail. */
enum session_step session_copy_message(struct lite_session *, char type,
				       struct slice body, struct error *);
void session_copy_end(struct lite_session *);

/* --- session_notify.c ------------------------------------------------------------------------------ */

void session_listen(struct lite_session *, const char *channel, bool on);
bool session_notify(struct lite_session *, const char *channel,
		    const char *payload, struct error *);
/* What ON COMMIT of temporary tables asks for. */
bool session_on_commit(struct lite_session *, struct error *);
/* The steps of a DDL plan, without its tag. */
bool session_run_steps(struct lite_session *, const struct lite_plan *,
		       struct error *);
void session_settle_notifications(struct lite_session *, bool committed);
/* How many there are of this transaction; and only so many stand. */
unsigned session_mark_notifications(const struct lite_session *);
void session_undo_notifications(struct lite_session *, unsigned mark);
/* Visits what has been committed as listened to. */
void session_each_channel(struct lite_session *,
			  void (*visit)(void *context, const char *channel),
			  void *context);
void session_init_notifications(struct lite_session *);
void session_free_notifications(struct lite_session *);
/* On the loop: what the finished job has committed. */
void session_deliver_notifications(struct lite_session *);

/* --- sequence.c, lock.c ----------------------------------------------------------------------------- */

struct lite_sequences *lite_sequences_new(void);
void lite_sequences_free(struct lite_sequences **);
void lite_sequences_connect(struct lite_context *);
/* A member was rolled back: marks written in it are gone. */
void lite_sequences_forget(struct lite_sequences *, bool schema);
/* Writes exact values to the file, where DDL and the next start look for
 * them, and forgets what is in memory. */
void lite_sequences_reread(struct lite_connection *);

struct lite_locks *lite_locks_new(void);
void lite_locks_free(struct lite_locks **);
int lite_locks_register(struct lite_connection *);
/* At the end of a transaction, or (all) of a session. */
void lite_locks_release(struct lite_session *, bool all);
/* Whether the session holds one; of its transaction or not. */
bool lite_locks_any(struct lite_session *);
struct lite_lock_view {
	int64_t number;
	bool pair, shared;
	int process_id;
};
/* Visits those that are held, whoever holds them. */
void lite_locks_each(struct lite_locks *,
		     void (*visit)(void *context,
				   const struct lite_lock_view *),
		     void *context);

/* --- session_rows.c: what SQL sees of the session ----------------------------------------------- */

bool session_rows(struct lite_context *, enum lite_rows, struct set *);

#endif
