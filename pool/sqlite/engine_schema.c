/*
 * Who compiles against which schema. There is one committed schema, shared
 * by everybody; while a transaction that changed it is open, the writer has
 * its own, loaded from the file as it sees it.
 *
 * A reader takes the committed schema before its snapshot, so both could
 * differ. The epoch tells: it is odd while a COMMIT publishes a new schema,
 * and a reader that sees it odd or changed after its statement's first step
 * starts that statement again.
 */
#include "pool/sqlite/key_queue.h"
#include "pool/sqlite/late_key.h"
#include "pool/sqlite/run_witness.h"

#define LOOK_MS 20		/* between looks for changes of others */

/* Not to be interrupted, as filling the catalogs is not: who cancels a statement
 * does not expect an error about the schema. */
static bool load(struct lite_connection *connection, struct error *error)
{
	struct lite_engine *engine = connection->engine;
	struct schema *schema = NULL;
	enum lite_trust before = connection->trust;
	bool interruptible = connection->interruptible;
	int code;

	connection->trust = LITE_OWN;
	connection->interruptible = false;
	error->sqlstate[0] = 0;
	code = schema_load(connection->db,
			   atomic_fetch_add(&engine->generation, 1) + 1,
			   &schema, error);
	connection->trust = before;
	connection->interruptible = interruptible;
	if (code != SQLITE_OK) {
		if (!error->sqlstate[0])
			error_set(error, SQLSTATE_INTERNAL,
				  "could not read the schema: %s",
				  sqlite3_errmsg(connection->db));
		return false;
	}
	if (connection->schema)
		schema_unref(&connection->schema);
	connection->schema = schema;
	connection->schema_stale = false;
	connection->schema_epoch = atomic_load(&engine->schema_epoch);
	return true;
}

static void publish(struct lite_connection *connection)
{
	struct lite_engine *engine = connection->engine;
	struct schema *old;

	lite_engine_lock(engine);
	old = engine->schema;
	engine->schema = schema_ref(connection->schema);
	lite_engine_unlock(engine);
	if (old)
		schema_unref(&old);
}

bool lite_engine_prepare_schema(struct lite_engine *engine,
				struct error *error)
{
	struct lite_connection *writer = engine->writer;
	int code;

	/* The first transaction creates the WAL. */
	writer->trust = LITE_OWN;
	code = lite_run_own(writer, "BEGIN IMMEDIATE");
	if (code == SQLITE_OK)
		code = schema_prepare_file(writer->db, error);
	if (code == SQLITE_OK)
		code = lite_run_own(writer, "COMMIT");
	writer->trust = LITE_CLIENT;
	if (code != SQLITE_OK)
		return error_set(error, SQLSTATE_IO_ERROR,
				 "could not write \"%s\": %s", engine->path,
				 sqlite3_errmsg(writer->db));
	if (!load(writer, error))
		return false;
	publish(writer);
	return true;
}

void lite_engine_free_parts(struct lite_engine *engine)
{
	lite_plans_free(&engine->plans);
	lite_sequences_free(&engine->sequences);
	lite_locks_free(&engine->locks);
	if (engine->schema)
		schema_unref(&engine->schema);
}

void lite_engine_make_parts(struct lite_engine *engine)
{
	engine->plans = lite_plans_new();
	engine->sequences = lite_sequences_new();
	engine->locks = lite_locks_new();
}

static void on_row(void *user_data, int operation, const char *database,
		   const char *table, sqlite3_int64 rowid)
{
	struct lite_connection *connection = user_data;

	touched_note(&connection->context.touched, operation, table, rowid);
	late_note(connection, operation, database, table, rowid);
}

int lite_connection_make_parts(struct lite_connection *connection)
{
	int code;

	connection->plans = lite_plan_cache_new();
	lite_sequences_connect(&connection->context);
	sqlite3_update_hook(connection->db, on_row, connection);
	code = functions_register(connection->db, &connection->context);
	if (code == SQLITE_OK)
		code = lite_locks_register(connection);
	if (code == SQLITE_OK)
		code = lite_witness_register(connection);
	if (code == SQLITE_OK)
		code = key_queue_register(connection);
	if (code == SQLITE_OK)
		code = catalog_attach(connection->db, &connection->context);
	return code;
}

void lite_connection_free_parts(struct lite_connection *connection)
{
	lite_plan_cache_free(&connection->plans);
	late_watch_free(&connection->late);
	if (connection->schema)
		schema_unref(&connection->schema);
	arena_fini(&connection->context.arena);
	touched_fini(&connection->context.touched);
	kept_fini(&connection->context.kept);
}

int lite_fill_catalog(struct lite_connection *connection,
		      const struct schema *schema)
{
	enum lite_trust before = connection->trust;
	bool reader = !connection->is_writer && !connection->is_private;
	bool interruptible = connection->interruptible;
	int code = SQLITE_OK;

	connection->trust = LITE_OWN;
	connection->interruptible = false;
	if (!catalog_shows(connection->db, schema)) {
		if (reader)
			code = lite_run_own(connection,
					    "PRAGMA query_only = OFF");
		if (code == SQLITE_OK)
			code = catalog_fill(connection->db, schema);
		if (reader)
			lite_run_own(connection, "PRAGMA query_only = ON");
	}
	connection->trust = before;
	connection->interruptible = interruptible;
	return code;
}

/* Readers follow what is committed. */
static void follow(struct lite_connection *connection)
{
	struct lite_engine *engine = connection->engine;
	struct schema *old = connection->schema;

	lite_engine_lock(engine);
	if (connection->schema == engine->schema) {
		lite_engine_unlock(engine);
		return;
	}
	connection->schema = schema_ref(engine->schema);
	lite_engine_unlock(engine);
	if (old)
		schema_unref(&old);
}

/* Publishes what a reader has found, unless the writer was quicker. */
static void publish_found(struct lite_connection *connection,
			  const struct schema *seen)
{
	struct lite_engine *engine = connection->engine;
	struct schema *old = NULL;

	lite_engine_lock(engine);
	if (engine->schema == seen) {
		old = engine->schema;
		engine->schema = schema_ref(connection->schema);
		connection->schema_epoch =
			atomic_fetch_add(&engine->schema_epoch, 2) + 2;
	}
	lite_engine_unlock(engine);
	if (old)
		schema_unref(&old);
}

static bool is_old(struct lite_connection *connection)
{
	enum lite_trust before = connection->trust;
	bool found;
	int version;

	if (!connection->schema || connection->schema_stale ||
	    connection->schema_dirty)
		return false;
	connection->trust = LITE_OWN;
	found = schema_file_version(connection->db, &version);
	connection->trust = before;
	return found && version != connection->schema->file_version;
}

bool lite_schema_look(struct lite_connection *connection)
{
	struct schema *seen = connection->schema;
	struct error ignored;
	bool loaded;

	if (connection->pinned || !is_old(connection) ||
	    atomic_load(&connection->engine->schema_epoch) & 1)
		return false;
	schema_ref(seen);
	loaded = load(connection, &ignored);
	/* A private one has temporary tables beside. */
	if (loaded && !connection->is_private)
		publish_found(connection, seen);
	schema_unref(&seen);
	return loaded;
}

/*
 * Programs that share the file may change its schema. Whoever comes first
 * each few milliseconds compares SQLite's count of such changes with that of
 * the schema it is about to compile against. Between looks, what an old schema
 * makes fail is looked at again before it is told, and SQLite itself finds out
 * when a statement's tables have changed under it.
 */
static void look_now_and_then(struct lite_connection *connection)
{
	struct lite_engine *engine = connection->engine;
	uint64_t now_ms = lite_now_ms(), looked_ms;

	looked_ms = atomic_load(&engine->looked_ms);
	if (now_ms - looked_ms >= LOOK_MS &&
	    atomic_compare_exchange_strong(&engine->looked_ms, &looked_ms,
					   now_ms))
		lite_schema_look(connection);
}

const struct schema *lite_connection_schema(struct lite_connection *connection,
					    struct error *error)
{
	struct lite_engine *engine = connection->engine;
	unsigned epoch = atomic_load(&engine->schema_epoch);

	if (connection->is_writer || connection->is_private) {
		/* They follow what the others do. */
		if (!connection->member &&
		    connection->schema_epoch != epoch)
			connection->schema_stale = true;
		if (!connection->schema)
			connection->schema_stale = true;
		if (connection->schema_stale && !load(connection, error))
			return NULL;
		if (!connection->member)
			look_now_and_then(connection);
		return connection->schema;
	}
	if (!connection->schema ||
	    (connection->schema_epoch != epoch && !connection->pinned)) {
		follow(connection);
		connection->schema_epoch = epoch;
	}
	look_now_and_then(connection);
	return connection->schema;
}

bool lite_schema_moved(const struct lite_connection *connection)
{
	unsigned epoch = atomic_load(&connection->engine->schema_epoch);

	return !connection->is_writer &&
	       (epoch & 1 || epoch != connection->schema_epoch);
}

void lite_schema_changed(struct lite_connection *connection)
{
	connection->schema_stale = connection->schema_dirty = true;
	/* Tables may be new under a protected name. */
	if (connection->engine->protected_tables[0])
		lite_connection_protect(connection);
}

void lite_schema_publish_begin(struct lite_connection *connection)
{
	struct error ignored;

	if (!connection->schema_dirty)
		return;
	if (connection->schema_stale)
		load(connection, &ignored);
	atomic_fetch_add(&connection->engine->schema_epoch, 1);
}

void lite_schema_publish_end(struct lite_connection *connection,
			     bool committed)
{
	struct lite_connection *writer = connection->engine->writer;
	struct error ignored;

	if (!connection->schema_dirty)
		return;
	connection->schema_dirty = false;
	if (!committed)
		connection->schema_stale = true;
	else if (connection == writer || load(writer, &ignored))
		publish(writer);
	/* Of a new table the other connections have no triggers yet. */
	if (committed && writer->engine->protected_tables[0])
		atomic_fetch_add(&writer->engine->protection, 1);
	connection->schema_epoch =
		atomic_fetch_add(&writer->engine->schema_epoch, 1) + 1;
}
