/*
 * What is said of a foreign key that is broken, and which one a COMMIT breaks:
 * children that point nowhere, and what is pointed at and goes. Of a statement
 * see pool/sqlite/key_queue.h.
 */
#include "pool/sqlite/run_witness_inner.h"

#include <stdio.h>

/* --- broken references --------------------------------------------------------------------------- */

static void set_constraint(struct error *error,
			   const struct schema_table *table,
			   const struct schema_constraint *constraint)
{
	error_table(error, table->schema, table->name);
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 constraint->name);
}

void witness_tell_child(const struct witness *witness, const struct seen *row,
		       const struct schema_constraint *key,
		       struct error *error)
{
	struct buffer text = { 0 };

	witness_put_key(witness, row, key->columns, key->column_count, &text);
	error_set(error, SQLSTATE_FOREIGN_KEY,
		  "insert or update on table \"%s\" violates foreign key "
		  "constraint \"%s\"", witness->table->name, key->name);
	error_detail(error, "Key %s is not present in table \"%s\".",
		     buffer_cstring(&text), key->foreign_table);
	set_constraint(error, witness->table, key);
	buffer_fini(&text);
}

void witness_tell_parent(const struct witness *witness, const struct seen *row,
			const struct schema_table *child,
			const struct schema_constraint *key,
			struct error *error)
{
	struct buffer text = { 0 };

	witness_put_key(witness, row, key->foreign_columns, key->column_count,
			&text);
	error_set(error, SQLSTATE_FOREIGN_KEY,
		  "update or delete on table \"%s\" violates foreign key "
		  "constraint \"%s\" on table \"%s\"", witness->table->name,
		  key->name, child->name);
	error_detail(error, "Key %s is still referenced from table \"%s\".",
		     buffer_cstring(&text), child->name);
	set_constraint(error, child, key);
	buffer_fini(&text);
}

static void take_row(struct witness *witness, sqlite3_stmt *statement,
		     struct seen *ret_row)
{
	int count = witness->table->column_count;

	ret_row->old = true;
	ret_row->values = arena_alloc(&witness->arena, (size_t)count *
						       sizeof(struct value));
	for (int i = 0; i < count; i++)
		witness_take(witness, sqlite3_column_value(statement, i),
			     &ret_row->values[i]);
}

/* --- at COMMIT ------------------------------------------------------------------------------------ */

/* The key of `table` that points at `parent` (a name inside SQLite). */
static const struct schema_constraint *
key_to(const struct schema *schema, const struct schema_table *table,
       const char *parent)
{
	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];
		const struct schema_table *other;

		if (key->kind != CONSTRAINT_FOREIGN)
			continue;
		other = witness_foreign_table(schema, key);
		if (other && strcmp(other->lite_name, parent) == 0)
			return key;
	}
	return NULL;
}

static bool row_by_id(struct witness *witness, int64_t rowid,
		      struct seen *ret_row)
{
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	bool found;

	witness_put_select(witness->table, &sql);
	buffer_printf(&sql, " WHERE rowid = %lld", (long long)rowid);
	sqlite3_prepare_v2(witness->session->connection->db,
			   buffer_cstring(&sql), -1, &statement, NULL);
	buffer_fini(&sql);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (found)
		take_row(witness, statement, ret_row);
	sqlite3_finalize(statement);
	return found;
}

/* Finds a row of the table that points nowhere. */
static bool find_orphan(struct witness *witness, struct orphan *orphan)
{
	struct lite_connection *connection = witness->session->connection;
	char *sql = sqlite3_mprintf("PRAGMA main.foreign_key_check(\"%w\")",
				    witness->table->lite_name);
	sqlite3_stmt *check = NULL;

	connection->trust = LITE_OWN;
	sqlite3_prepare_v2(connection->db, sql, -1, &check, NULL);
	if (check && sqlite3_step(check) == SQLITE_ROW) {
		orphan->rowid = sqlite3_column_int64(check, 1);
		orphan->key = key_to(
			witness->session->schema, witness->table,
			(const char *)sqlite3_column_text(check, 2));
	}
	sqlite3_finalize(check);
	sqlite3_free(sql);
	if (orphan->key && !row_by_id(witness, orphan->rowid, &orphan->row))
		orphan->key = NULL;
	connection->trust = LITE_CLIENT;
	return orphan->key != NULL;
}

struct witness *lite_orphan_new(struct lite_session *session)
{
	const struct schema *schema = session->schema;
	struct witness *witness = must_alloc(sizeof(*witness));

	*witness = (struct witness){ .session = session };
	for (int i = 0; schema && i < schema->table_count; i++) {
		bool has_keys = false;

		witness->table = &schema->tables[i];
		for (int j = 0; j < witness->table->constraint_count; j++)
			has_keys |= witness->table->constraints[j].kind ==
				    CONSTRAINT_FOREIGN;
		if (has_keys && !witness->table->catalog &&
		    find_orphan(witness, &witness->orphan))
			return witness;
	}
	lite_witness_free(&witness);
	return NULL;
}

/* The row that went, as far as its key tells. */
static void tell_above(const struct witness *witness,
		       const struct orphan *orphan, struct error *error)
{
	const struct schema_constraint *key = orphan->key;
	struct witness above = {
		.session = witness->session,
		.table = witness_foreign_table(witness->session->schema, key),
	};
	struct seen row;

	row.values = arena_alloc(&above.arena,
				 (size_t)above.table->column_count *
				 sizeof(*row.values));
	for (int i = 0; i < key->column_count; i++)
		row.values[witness_place(above.table,
					 key->foreign_columns[i])] =
			orphan->row.values[witness_place(witness->table,
							 key->columns[i])];
	witness_tell_parent(&above, &row, witness->table, key, error);
	arena_fini(&above.arena);
}

void lite_orphan_tell(struct witness *witness, struct error *error)
{
	const struct orphan *orphan = &witness->orphan;
	struct lite_connection *connection = witness->session->connection;
	struct seen before;
	bool was_there;

	connection->trust = LITE_OWN;
	was_there = row_by_id(witness, orphan->rowid, &before);
	connection->trust = LITE_CLIENT;
	if (was_there && witness_same_key(witness, &before, &orphan->row,
					  orphan->key->columns,
					  orphan->key->column_count))
		tell_above(witness, orphan, error);
	else
		witness_tell_child(witness, &orphan->row, orphan->key, error);
}
