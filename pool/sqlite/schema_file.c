#include "pool/sqlite/context.h"
#include "protocol/dialect/schema_facts.h"

int schema_prepare_file(sqlite3 *db, struct error *error)
{
	struct arena arena = { 0 };
	const char **sql = facts_tables_sql(&arena, "main");
	int status = SQLITE_OK;

	for (; *sql && status == SQLITE_OK; sql++)
		status = sqlite3_exec(db, *sql, NULL, NULL, NULL);
	if (status != SQLITE_OK)
		error_set(error, SQLSTATE_IO_ERROR,
			  "could not prepare the database file: %s",
			  sqlite3_errmsg(db));
	arena_fini(&arena);
	return status;
}
