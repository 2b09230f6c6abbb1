#include "pool/sqlite/context.h"
#include "protocol/dialect/schema_facts.h"

static int add_column(sqlite3 *db, struct arena *arena,
		      const struct facts_addition *row)
{
	sqlite3_stmt *question = NULL;
	bool there = true;
	int status = sqlite3_prepare_v2(
		db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", -1,
		&question, NULL);

	if (status == SQLITE_OK) {
		sqlite3_bind_text(question, 1, row->table, -1, SQLITE_STATIC);
		sqlite3_bind_text(question, 2, row->column, -1, SQLITE_STATIC);
		there = sqlite3_step(question) == SQLITE_ROW;
		status = sqlite3_finalize(question);
	}
	if (status != SQLITE_OK || there)
		return status;
	return sqlite3_exec(db, arena_printf(arena, "ALTER TABLE main.%s ADD "
					     "COLUMN %s %s", row->table,
					     row->column, row->type),
			    NULL, NULL, NULL);
}

/* Tables, and none of weir's: another program has made it. */
static bool is_foreign(sqlite3 *db)
{
	sqlite3_stmt *question = NULL;
	bool foreign;

	sqlite3_prepare_v2(db, "SELECT count(*) > 0 AND"
			       " sum(name = '_weir_object') = 0"
			       " FROM main.sqlite_master", -1, &question, NULL);
	foreign = question && sqlite3_step(question) == SQLITE_ROW &&
		  sqlite3_column_int(question, 0);
	sqlite3_finalize(question);
	return foreign;
}

int schema_prepare_file(sqlite3 *db, struct error *error)
{
	struct arena arena = { 0 };
	const char **sql = facts_tables_sql(&arena, "main");
	int status = SQLITE_OK;

	if (is_foreign(db)) {
		arena_fini(&arena);
		return SQLITE_OK;
	}
	for (; *sql && status == SQLITE_OK; sql++)
		status = sqlite3_exec(db, *sql, NULL, NULL, NULL);
	for (const struct facts_addition *row = facts_additions;
	     row->table && status == SQLITE_OK; row++)
		status = add_column(db, &arena, row);
	if (status != SQLITE_OK)
		error_set(error, SQLSTATE_IO_ERROR,
			  "could not prepare the database file: %s",
			  sqlite3_errmsg(db));
	arena_fini(&arena);
	return status;
}
