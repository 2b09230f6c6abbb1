/*
 * What is said of a foreign key that is broken, and which one a COMMIT breaks:
 * children that point nowhere, and what is pointed at and goes. Of a statement
 * see pool/sqlite/key_queue.h.
 */
#include "pool/sqlite/run_witness_inner.h"

#include <stdio.h>

#include "pool/sqlite/names.h"
#include "pool/sqlite/session_constraints.h"

#define CHILD_FORMAT "insert or update on table \"%s\" violates foreign key " \
		     "constraint \"%s\""

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
	error_set(error, SQLSTATE_FOREIGN_KEY, CHILD_FORMAT,
		  witness->table->name, key->name);
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
		witness_take(&witness->arena, sqlite3_column_value(statement, i),
			     &ret_row->values[i]);
}

/* --- at COMMIT ------------------------------------------------------------------------------------ */

bool witness_find_row(struct witness *witness, int64_t rowid,
		      struct seen *ret_row)
{
	const char *name = rowid_of(witness->table);
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	bool found;

	if (!name)
		return false;
	witness_put_select(witness->table, &sql);
	buffer_printf(&sql, " WHERE %s = %lld", name, (long long)rowid);
	sqlite3_prepare_v2(witness->session->connection->db,
			   buffer_cstring(&sql), -1, &statement, NULL);
	buffer_fini(&sql);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	if (found)
		take_row(witness, statement, ret_row);
	sqlite3_finalize(statement);
	return found;
}

/* Finds a row of the table that points nowhere by the key. */
static bool find_orphan(struct witness *witness,
			const struct schema_constraint *key)
{
	struct orphan *orphan = &witness->orphan;
	struct lite_connection *connection = witness->session->connection;
	enum lite_trust before = connection->trust;

	connection->trust = LITE_OWN;
	if (session_is_broken(witness->session, witness->table, key,
			      &orphan->rowid))
		orphan->key = key;
	orphan->seen = orphan->key &&
		       witness_find_row(witness, orphan->rowid, &orphan->row);
	connection->trust = before;
	return orphan->key != NULL;
}

struct witness *lite_orphan_new(struct lite_session *session,
				const struct schema_constraint *key,
				const struct schema_table *table)
{
	struct witness *witness = must_alloc(sizeof(*witness));

	*witness = (struct witness){ .session = session, .table = table };
	if (!find_orphan(witness, key))
		lite_witness_free(&witness);
	return witness;
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

void lite_orphan_tell(struct witness *witness, bool undone,
		      struct error *error)
{
	const struct orphan *orphan = &witness->orphan;
	struct lite_connection *connection = witness->session->connection;
	struct seen before;
	bool was_there;

	if (!orphan->seen) {
		error_set(error, SQLSTATE_FOREIGN_KEY, CHILD_FORMAT,
			  witness->table->name, orphan->key->name);
		set_constraint(error, witness->table, orphan->key);
		return;
	}
	connection->trust = LITE_OWN;
	was_there = undone && witness_find_row(witness, orphan->rowid, &before);
	connection->trust = LITE_CLIENT;
	if (was_there && witness_same_key(witness, &before, &orphan->row,
					  orphan->key->columns,
					  orphan->key->column_count))
		tell_above(witness, orphan, error);
	else
		witness_tell_child(witness, &orphan->row, orphan->key, error);
}
