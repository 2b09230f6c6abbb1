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
#include "pool/sqlite/engine_inner.h"

bool lite_engine_prepare_schema(struct lite_engine *engine,
				struct error *error)
{
	/* The first transaction creates the WAL. */
	if (lite_run_own(engine->writer,
			 "BEGIN IMMEDIATE; PRAGMA user_version; COMMIT") ==
	    SQLITE_OK)
		return true;
	return error_set(error, SQLSTATE_IO_ERROR, "could not write \"%s\": %s",
			 engine->path, sqlite3_errmsg(engine->writer->db));
}

void lite_engine_free_parts(struct lite_engine *engine)
{
}

void lite_connection_free_parts(struct lite_connection *connection)
{
}

void lite_schema_publish_begin(struct lite_connection *connection)
{
	if (connection->schema_dirty)
		atomic_fetch_add(&connection->engine->schema_epoch, 1);
}

void lite_schema_publish_end(struct lite_connection *connection,
			     bool committed)
{
	if (!connection->schema_dirty)
		return;
	connection->schema_dirty = false;
	atomic_fetch_add(&connection->engine->schema_epoch, 1);
}
