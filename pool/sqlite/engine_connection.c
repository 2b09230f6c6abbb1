/*
 * One connection to the file, set up so that what a client sends cannot
 * weaken what the engine promises: no PRAGMA, no ATTACH, no extension, no
 * table of weir's own, and on insert-only tables no change, whatever way a
 * statement found to ask for it.
 */
#include "pool/sqlite/engine_inner.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <strings.h>

#include "pool/sqlite/memory.h"

#define BLOOM_FILTER 0x80000	/* sqliteInt.h: SQLITE_BloomFilter */

/* Every so many steps of SQLite's machine the watch looks up. */
#define WATCH_STEPS 2000

/* How long a statement may take to end by its functions. */
#define GENTLE_MS 500

#define LITE_NAME_BYTES 256	/* of a configured name */

/* --- the authorizer ------------------------------------------------------------- */

/* One part of a name written as in SQL, without its quotes; returns what
 * stands behind it and its dot, or NULL at the end. */
static const char *read_part(const char *at, char part[LITE_NAME_BYTES])
{
	size_t length = 0;
	bool quoted;

	at += strspn(at, " ");
	quoted = *at == '"';
	for (at += quoted; *at && (quoted || !strchr(". ", *at)); at++) {
		if (quoted && *at == '"' && *++at != '"')
			break;
		if (length < LITE_NAME_BYTES - 1)
			part[length++] = *at;
	}
	part[length] = 0;
	at += strspn(at, " ");
	return *at == '.' ? at + 1 : NULL;
}

/* `public."AuditTrail"` names the table AuditTrail, audit.events the table
 * "audit.events", which is how one of another schema is called in the file;
 * events any table of that name. */
static bool names_table(const char *entry, const char *table)
{
	char schema[LITE_NAME_BYTES], name[LITE_NAME_BYTES];
	const char *rest = read_part(entry, name), *dot;
	size_t length;

	if (!rest) {
		dot = strrchr(table, '.');
		return strcasecmp(name, table) == 0 ||
		       (dot && strcasecmp(name, dot + 1) == 0);
	}
	for (; rest; rest = read_part(rest, name))
		memcpy(schema, name, sizeof(schema));
	if (strcasecmp(schema, "public") == 0)
		return strcasecmp(name, table) == 0;
	length = strlen(schema);
	return strncasecmp(schema, table, length) == 0 &&
	       table[length] == '.' &&
	       strcasecmp(name, table + length + 1) == 0;
}

bool lite_is_protected(struct lite_engine *engine, const char *table)
{
	bool found = false;

	if (!table)
		return false;
	lite_engine_lock(engine);
	for (char **name = engine->protected_tables; *name && !found; name++)
		found = names_table(*name, table);
	lite_engine_unlock(engine);
	return found;
}

static bool is_protected(const struct lite_connection *connection,
			 const char *table)
{
	return lite_is_protected(connection->engine, table);
}

/* The rule by which its old rows may go, or NULL. */
static const struct lite_retention *
retention_of(const struct lite_connection *connection, const char *table)
{
	const struct lite_options *options = &connection->engine->options;
	const char *dot = strrchr(table, '.');
	const char *name = dot ? dot + 1 : table;
	size_t length = dot ? (size_t)(dot - table) : 0;

	for (unsigned i = 0; i < options->retention_count; i++) {
		const struct lite_retention *each = &options->retentions[i];
		const char *schema = dot ? table : "public";

		if (strcasecmp(each->table, name) == 0 &&
		    (!each->schema ||
		     (strncasecmp(each->schema, schema,
				  dot ? length : strlen(schema)) == 0 &&
		      strlen(each->schema) == (dot ? length :
						     strlen(schema)))))
			return each;
	}
	return NULL;
}

bool lite_is_exempt(const struct lite_engine *engine, const char *user)
{
	const char *const *each = engine->options.exempt_users;

	for (; each && *each; each++)
		if (strcmp(*each, user) == 0)
			return true;
	return false;
}

static int deny(struct lite_connection *connection, const char *what)
{
	snprintf(connection->denied, sizeof(connection->denied), "%s",
		 what ? what : "");
	connection->denied_change = false;
	return SQLITE_DENY;
}

static int deny_change(struct lite_connection *connection, const char *table)
{
	deny(connection, table);
	connection->denied_change = true;
	return SQLITE_DENY;
}

static bool is_ours(const char *name)
{
	return name && strncasecmp(name, "_weir_", 6) == 0;
}

static bool changes_table(int action)
{
	return action == SQLITE_UPDATE || action == SQLITE_DELETE ||
	       action == SQLITE_DROP_TABLE || action == SQLITE_INSERT;
}

static bool is_change(int action)
{
	return action == SQLITE_UPDATE || action == SQLITE_DELETE ||
	       action == SQLITE_DROP_TABLE;
}

/* Which rows are old enough its trigger says, one by one. */
static bool may_change(struct lite_connection *connection, int action,
		       const char *table)
{
	if (connection->exempt && connection->trust == LITE_STEPS) {
		snprintf(connection->exempted, sizeof(connection->exempted),
			 "%s", table);
		return true;
	}
	return action == SQLITE_DELETE && retention_of(connection, table);
}

/* SQLite passes the table's name first, but for ALTER TABLE and DROP INDEX
 * second. */
static int authorize(void *context, int action, const char *first,
		     const char *second, const char *database,
		     const char *trigger)
{
	struct lite_connection *connection = context;

	if (connection->recording && changes_table(action) && !trigger &&
	    !connection->written[0] && first)
		snprintf(connection->written, sizeof(connection->written),
			 "%s", first);
	if (connection->trust == LITE_OWN)
		return SQLITE_OK;
	if (is_change(action) && is_protected(connection, first) &&
	    !may_change(connection, action, first))
		return deny_change(connection, first);
	if ((action == SQLITE_ALTER_TABLE || action == SQLITE_DROP_INDEX) &&
	    is_protected(connection, second) &&
	    !may_change(connection, action, second))
		return deny_change(connection, second);
	if (connection->trust == LITE_STEPS)
		return SQLITE_OK;
	/* full-text tables ask it by themselves */
	if (action == SQLITE_PRAGMA && !second && first &&
	    strcasecmp(first, "data_version") == 0)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_PRAGMA:
	case SQLITE_ATTACH:
	case SQLITE_DETACH:
		return deny(connection, first);
	case SQLITE_FUNCTION:
		if (second && strcasecmp(second, "load_extension") == 0)
			return deny(connection, second);
		return SQLITE_OK;
	default:
		if (changes_table(action) && is_ours(first))
			return deny(connection, first);
		return SQLITE_OK;
	}
}

/* --- insert-only tables ------------------------------------------------------------ */

/* Behind the string, name in quotes or comment that begins here, or the byte.
 */
static const char *skip(const char *at)
{
	const char *end = NULL;

	if (at[0] == '-' && at[1] == '-')
		return at + strcspn(at, "\n");
	if (at[0] == '/' && at[1] == '*')
		end = strstr(at + 2, "*/");
	else if (at[0] == '\'' || at[0] == '"' || at[0] == '`')
		end = strchr(at + 1, at[0]);
	else if (at[0] == '[')
		end = strchr(at, ']');
	return end ? end + 1 : at + 1;
}

static bool is_word_byte(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte & 0x80;
}

/* Not where it is the function. */
static bool begins_replace(const char *at)
{
	static const char word[] = "replace";

	if (strncasecmp(at, word, sizeof(word) - 1) != 0)
		return false;
	at += sizeof(word) - 1;
	if (is_word_byte(*at))
		return false;
	return at[strspn(at, " ")] != '(';
}

static bool replaces_rows(const char *sql)
{
	char before = 0;

	while (sql && *sql) {
		if (!is_word_byte(before) && begins_replace(sql))
			return true;
		before = *sql;
		sql = skip(sql);
	}
	return false;
}

static void put_name(struct buffer *out, const char *prefix, const char *name)
{
	char *quoted = sqlite3_mprintf("\"%w%w\"", prefix, name);

	buffer_put_text(out, quoted);
	sqlite3_free(quoted);
}

static void put_message(struct buffer *out, const char *table)
{
	char *quoted = sqlite3_mprintf("'" LITE_PROTECTED_MESSAGE "%q'", table);

	buffer_put_text(out, quoted);
	sqlite3_free(quoted);
}

static void put_trigger(struct buffer *out, const char *table,
			const char *event,
			const struct lite_retention *retention)
{
	buffer_put_text(out, "CREATE TEMP TRIGGER IF NOT EXISTS ");
	put_name(out, strcmp(event, "UPDATE") == 0 ? "_weir_keep_u_" :
						     "_weir_keep_d_", table);
	buffer_printf(out, " BEFORE %s ON main.", event);
	put_name(out, "", table);
	if (retention && strcmp(event, "DELETE") == 0) {
		buffer_put_text(out, " WHEN NOT coalesce(pg_is_older(OLD.");
		put_name(out, "", retention->column);
		buffer_printf(out, ", %" PRIu64 "), 0)", retention->age_s);
	}
	buffer_put_text(out, " BEGIN SELECT RAISE(ABORT, ");
	put_message(out, table);
	buffer_put_text(out, "); END;");
}

/* Those of tables that are not protected any more, too. */
static void drop_triggers(struct lite_connection *connection)
{
	struct buffer script = { 0 };
	sqlite3_stmt *names = NULL;

	sqlite3_prepare_v2(connection->db,
			   "SELECT name FROM temp.sqlite_master WHERE type = "
			   "'trigger' AND name GLOB '_weir_keep_*'", -1,
			   &names, NULL);
	while (names && sqlite3_step(names) == SQLITE_ROW) {
		buffer_put_text(&script, "DROP TRIGGER temp.");
		put_name(&script, "",
			 (const char *)sqlite3_column_text(names, 0));
		buffer_put_u8(&script, ';');
	}
	sqlite3_finalize(names);
	if (script.length)
		sqlite3_exec(connection->db, buffer_cstring(&script), NULL,
			     NULL, NULL);
	buffer_fini(&script);
}

/* What REPLACE takes away fires triggers only where they may be recursive. That
 * would not end where a trigger changes its own table's row once more, as those
 * do that keep the time of the last change: so it is on only where the file has
 * a REPLACE, in a trigger or as a conflict clause. What is compiled of a
 * client's text has none. */
static int set_recursion(struct lite_connection *connection, bool on)
{
	return sqlite3_exec(connection->db, on ?
			    "PRAGMA recursive_triggers = ON" :
			    "PRAGMA recursive_triggers = OFF",
			    NULL, NULL, NULL);
}

/* The triggers stop what the authorizer cannot see: what an action of a key
 * changes, and what a REPLACE in the file does. They are the connection's own
 * and leave nothing in the file. */
int lite_connection_protect(struct lite_connection *connection)
{
	struct buffer script = { 0 };
	sqlite3_stmt *objects = NULL;
	bool replaces = false;
	int code;

	connection->exempt = false;
	connection->protection = atomic_load(&connection->engine->protection);
	/* Statements prepared under the old rules are prepared again. */
	sqlite3_set_authorizer(connection->db, authorize, connection);
	if (!connection->is_writer) {
		connection->trust = LITE_CLIENT;
		return SQLITE_OK;
	}
	connection->trust = LITE_OWN;
	/* Read first: what changes meanwhile is then seen as changed. */
	schema_file_version(connection->db, &connection->protected_version);
	drop_triggers(connection);
	code = sqlite3_prepare_v2(connection->db,
				  "SELECT name, sql, type = 'table' FROM "
				  "main.sqlite_master WHERE type IN "
				  "('table', 'trigger')", -1, &objects, NULL);
	while (code == SQLITE_OK && sqlite3_step(objects) == SQLITE_ROW) {
		const char *name =
			(const char *)sqlite3_column_text(objects, 0);

		replaces |= replaces_rows(
			(const char *)sqlite3_column_text(objects, 1));
		if (!sqlite3_column_int(objects, 2) ||
		    !is_protected(connection, name))
			continue;
		put_trigger(&script, name, "UPDATE", NULL);
		put_trigger(&script, name, "DELETE",
			    retention_of(connection, name));
	}
	sqlite3_finalize(objects);
	if (code == SQLITE_OK)
		code = set_recursion(connection, replaces && script.length);
	if (code == SQLITE_OK && script.length)
		code = sqlite3_exec(connection->db, buffer_cstring(&script),
				    NULL, NULL, NULL);
	buffer_fini(&script);
	connection->trust = LITE_CLIENT;
	return code;
}

void lite_connection_exempt(struct lite_connection *connection)
{
	enum lite_trust before = connection->trust;

	connection->trust = LITE_OWN;
	drop_triggers(connection);
	connection->trust = before;
	connection->exempt = true;
}

/* --- the watch ---------------------------------------------------------------------- */

void lite_connection_watch(struct lite_connection *connection,
			   struct lite_job *job)
{
	connection->job = job;
	connection->deadline_ms = 0;
	connection->timed_out = false;
	lite_stop_done(connection);
	connection->held_before = lite_memory_held();
	connection->interruptible = !connection->is_writer;
	connection->context.cancelled = job ? &job->cancelled : NULL;
}

void lite_stop_done(struct lite_connection *connection)
{
	connection->gentle = connection->context.stopped = false;
	connection->gentle_until_ms = 0;
}

/* An interrupt of what writes would roll back all of SQLite's transaction,
 * savepoints and all; a function that fails ends the statement only. Nearly
 * every statement calls some. */
static int stop(struct lite_connection *connection)
{
	uint64_t now_ms;

	if (!connection->gentle)
		return 1;
	now_ms = lite_now_ms();
	if (!connection->gentle_until_ms)
		connection->gentle_until_ms = now_ms + GENTLE_MS;
	connection->context.stopped = true;
	return now_ms > connection->gentle_until_ms;
}

static int on_steps(void *context)
{
	struct lite_connection *connection = context;
	struct lite_job *job = connection->job;

	if (!job || !connection->interruptible)
		return 0;
	if (atomic_load_explicit(&connection->too_old, memory_order_relaxed))
		return 1;
	if (atomic_load_explicit(&job->cancelled, memory_order_relaxed))
		return stop(connection);
	if (connection->deadline_ms && lite_now_ms() > connection->deadline_ms)
		connection->timed_out = true;
	/* Sorting and grouping are done in memory. */
	if (lite_memory_held() - connection->held_before >
	    (int64_t)connection->engine->options.memory_bytes_max)
		connection->starved = true;
	if (connection->starved)
		return 1;
	return connection->timed_out ? stop(connection) : 0;
}

static int on_wal(void *context, sqlite3 *db, const char *name, int frames)
{
	struct lite_connection *connection = context;

	connection->wal_frames = (uint64_t)frames;
	connection->wal_written = true;
	return SQLITE_OK;
}

/* --- life ----------------------------------------------------------------------------- */

int lite_verb(sqlite3_stmt *verb)
{
	sqlite3_step(verb);
	return sqlite3_reset(verb);
}

int lite_run_own(struct lite_connection *connection, const char *sql)
{
	enum lite_trust before = connection->trust;
	int code;

	connection->trust = LITE_OWN;
	code = sqlite3_exec(connection->db, sql, NULL, NULL, NULL);
	connection->trust = before;
	return code;
}

static int ask_version(struct lite_connection *connection,
		       sqlite3_stmt *question, int otherwise)
{
	enum lite_trust before = connection->trust;
	int version = otherwise;

	connection->trust = LITE_OWN;
	if (sqlite3_step(question) == SQLITE_ROW)
		version = sqlite3_column_int(question, 0);
	sqlite3_reset(question);
	connection->trust = before;
	return version;
}

int lite_data_version(struct lite_connection *connection)
{
	return ask_version(connection, connection->verbs.data_version,
			   connection->data_version);
}

int lite_connection_keep_protected(struct lite_connection *writer)
{
	if (!writer->engine->protected_tables[0] ||
	    ask_version(writer, writer->verbs.schema_version, -1) ==
		    writer->protected_version)
		return SQLITE_OK;
	return lite_connection_protect(writer);
}

static int prepare_verbs(struct lite_connection *connection)
{
	struct lite_verbs *verbs = &connection->verbs;
	const struct {
		sqlite3_stmt **verb;
		const char *sql;
	} table[] = {
		{ &verbs->begin, "BEGIN IMMEDIATE" },
		{ &verbs->commit, "COMMIT" },
		{ &verbs->rollback, "ROLLBACK" },
		{ &verbs->member, "SAVEPOINT _weir_m" },
		{ &verbs->release_member, "RELEASE _weir_m" },
		{ &verbs->rollback_member, "ROLLBACK TO _weir_m" },
		{ &verbs->statement, "SAVEPOINT _weir_q" },
		{ &verbs->release_statement, "RELEASE _weir_q" },
		{ &verbs->rollback_statement, "ROLLBACK TO _weir_q" },
		{ &verbs->data_version, "PRAGMA main.data_version" },
		{ &verbs->schema_version, "PRAGMA main.schema_version" },
	};
	int code = SQLITE_OK;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table) && !code; i++)
		code = sqlite3_prepare_v3(connection->db, table[i].sql, -1,
					  SQLITE_PREPARE_PERSISTENT,
					  table[i].verb, NULL);
	return code;
}

static void finalize_verbs(struct lite_verbs *verbs)
{
	sqlite3_finalize(verbs->begin);
	sqlite3_finalize(verbs->commit);
	sqlite3_finalize(verbs->rollback);
	sqlite3_finalize(verbs->member);
	sqlite3_finalize(verbs->release_member);
	sqlite3_finalize(verbs->rollback_member);
	sqlite3_finalize(verbs->statement);
	sqlite3_finalize(verbs->release_statement);
	sqlite3_finalize(verbs->rollback_statement);
	sqlite3_finalize(verbs->data_version);
	sqlite3_finalize(verbs->schema_version);
}

static void configure(sqlite3 *db)
{
	/* Bloom filters (3.38) look at a text's length, and lose rows that are
	 * equal by a collation but not as long: 'ab ' in char(3), 1.0 and
	 * 1.00. */
	sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, db, BLOOM_FILTER);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* SQLite 3.40 takes its own JSON functions for unsafe, and would not
	 * open a file that checks JSON_VALID(), as Django's do. Ours that are
	 * not to be called from a schema are SQLITE_DIRECTONLY. */
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_extended_result_codes(db, 1);
	sqlite3_busy_timeout(db, LITE_BUSY_MS);
}

/* synchronous is NORMAL on all: never OFF where a checkpoint could happen.
 * The automatic checkpoint swallows errors: it is off everywhere. */
static int set_pragmas(struct lite_connection *connection)
{
	int code = SQLITE_OK;

	if (connection->is_writer)
		code = lite_run_own(connection,
				    "PRAGMA journal_mode = WAL;"
				    "PRAGMA journal_size_limit = 67108864;"
				    "PRAGMA cache_size = -16000;");
	if (code == SQLITE_OK)
		code = lite_run_own(connection,
				    "PRAGMA wal_autocheckpoint = 0;"
				    "PRAGMA synchronous = NORMAL;"
				    "PRAGMA foreign_keys = ON;"
				    "PRAGMA temp_store = MEMORY;");
	if (code == SQLITE_OK && !connection->is_writer)
		code = lite_run_own(connection, "PRAGMA cache_size = -4000");
	return code;
}

static bool uses_wal(struct lite_connection *connection)
{
	sqlite3_stmt *question = NULL;
	bool wal = false;

	sqlite3_prepare_v2(connection->db, "PRAGMA journal_mode", -1,
			   &question, NULL);
	if (question && sqlite3_step(question) == SQLITE_ROW)
		wal = strcmp((const char *)sqlite3_column_text(question, 0),
			     "wal") == 0;
	sqlite3_finalize(question);
	return wal;
}

static int set_up(struct lite_connection *connection)
{
	int code;

	configure(connection->db);
	connection->trust = LITE_OWN;
	code = set_pragmas(connection);
	if (code == SQLITE_OK && connection->is_writer &&
	    !uses_wal(connection))
		code = SQLITE_CANTOPEN;
	if (code == SQLITE_OK)
		code = lite_connection_make_parts(connection);
	if (code == SQLITE_OK && !connection->is_writer)
		code = lite_run_own(connection, "PRAGMA query_only = ON");
	if (code == SQLITE_OK)
		code = prepare_verbs(connection);
	if (code != SQLITE_OK)
		return code;
	connection->data_version = lite_data_version(connection);
	sqlite3_progress_handler(connection->db, WATCH_STEPS, on_steps,
				 connection);
	if (connection->is_writer)
		sqlite3_wal_hook(connection->db, on_wal, connection);
	return lite_connection_protect(connection);
}

struct lite_connection *lite_connection_new(struct lite_engine *engine,
					    bool is_writer,
					    struct error *error)
{
	struct lite_connection *connection = must_alloc(sizeof(*connection));
	int code;

	connection->engine = engine;
	connection->is_writer = is_writer;
	list_init(&connection->link);
	code = sqlite3_open_v2(engine->path, &connection->db,
			       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
				       SQLITE_OPEN_PRIVATECACHE, NULL);
	if (code == SQLITE_OK)
		code = set_up(connection);
	if (code == SQLITE_OK)
		return connection;
	error_set(error, SQLSTATE_IO_ERROR, "could not open \"%s\": %s",
		  engine->path, connection->db ?
			  sqlite3_errmsg(connection->db) :
			  sqlite3_errstr(code));
	lite_connection_free(&connection);
	return NULL;
}

void lite_connection_free(struct lite_connection **connection_address)
{
	struct lite_connection *connection = *connection_address;
	bool failed;

	*connection_address = NULL;
	if (!connection)
		return;
	lite_engine_lock(connection->engine);
	failed = connection->engine->failed;
	lite_engine_unlock(connection->engine);
	/* After a failed sync not even closing may checkpoint. */
	if (failed && connection->db)
		sqlite3_db_config(connection->db,
				  SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	finalize_verbs(&connection->verbs);
	lite_connection_free_parts(connection);
	sqlite3_close_v2(connection->db);
	free(connection);
}
