#include "pool/sqlite/session_constraints.h"

bool session_defers(const struct lite_session *session,
		    const struct schema_constraint *key)
{
	(void)session;
	return key->deferred;
}

static const char *name_of(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].number == number)
			return table->columns[i].name;
	return "";
}

static void put_pair(struct buffer *sql, const char *format, const char *first,
		     const char *second)
{
	char *text = sqlite3_mprintf(format, first, second);

	buffer_put_text(sql, text);
	sqlite3_free(text);
}

static void put_orphans(struct buffer *sql, const struct schema_table *child,
			const struct schema_table *parent,
			const struct schema_constraint *key)
{
	put_pair(sql, "SELECT _c.rowid FROM \"%w\".\"%w\" AS _c WHERE ",
		 child->lite_database, child->lite_name);
	for (int i = 0; i < key->column_count; i++)
		put_pair(sql, "_c.\"%w\" IS NOT NULL AND ",
			 name_of(child, key->columns[i]), NULL);
	put_pair(sql, "NOT EXISTS (SELECT 1 FROM \"%w\".\"%w\" AS _p WHERE ",
		 parent->lite_database, parent->lite_name);
	for (int i = 0; i < key->column_count; i++) {
		if (i)
			buffer_put_text(sql, " AND ");
		put_pair(sql, "_p.\"%w\" = _c.\"%w\"",
			 name_of(parent, key->foreign_columns[i]),
			 name_of(child, key->columns[i]));
	}
	buffer_put_text(sql, ") LIMIT 1");
}

bool session_is_broken(struct lite_session *session,
		       const struct schema_table *child,
		       const struct schema_constraint *key)
{
	const struct schema_table *parent = schema_find_table(
		session->schema, NULL, key->foreign_schema,
		key->foreign_table);
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	bool found;

	if (!parent)
		return false;
	put_orphans(&sql, child, parent, key);
	sqlite3_prepare_v2(session->connection->db, buffer_cstring(&sql), -1,
			   &statement, NULL);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	buffer_fini(&sql);
	return found;
}
