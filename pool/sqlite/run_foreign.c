/*
 * Which foreign key a statement or a COMMIT breaks, and whose row: children
 * that point nowhere, and what is pointed at and goes.
 */
#include "pool/sqlite/run_witness_inner.h"

#include <stdio.h>
#include <stdlib.h>

#define CASCADE_MAX 16		/* keys followed downwards */

/* --- broken references --------------------------------------------------------------------------- */

static void set_constraint(struct error *error,
			   const struct schema_table *table,
			   const struct schema_constraint *constraint)
{
	error_table(error, table->schema, table->name);
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 constraint->name);
}

static void tell_child(const struct witness *witness, const struct seen *row,
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

static void tell_parent(const struct witness *witness, const struct seen *row,
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

static bool check_child(const struct witness *witness, const struct seen *row,
			struct error *error)
{
	const struct schema *schema = witness->session->schema;
	const struct schema_table *table = witness->table;

	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];
		const struct schema_table *parent;

		if (key->kind != CONSTRAINT_FOREIGN ||
		    witness_has_null(witness, row, key->columns,
				     key->column_count))
			continue;
		parent = witness_foreign_table(schema, key);
		if (!parent ||
		    witness_row_exists(witness, row, key->columns, parent,
				       key->foreign_columns,
				       key->column_count))
			continue;
		tell_child(witness, row, key, error);
		return true;
	}
	return false;
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

/* The rows of `child` that point at this one, as rows of a witness. */
static size_t rows_of_child(const struct witness *witness,
			    const struct seen *row,
			    const struct schema_table *child,
			    const struct schema_constraint *key,
			    struct witness *ret)
{
	sqlite3_stmt *statement =
		witness_find_rows(witness, row, key->foreign_columns, child,
				  key->columns, key->column_count);

	while (statement && ret->count < ROWS_MAX &&
	       sqlite3_step(statement) == SQLITE_ROW)
		take_row(ret, statement, &ret->rows[ret->count++]);
	sqlite3_finalize(statement);
	return ret->count;
}

/* Whether an older key of the child has deleted that row with this one. */
static bool is_cascaded(const struct witness *witness, const struct seen *row,
			const struct witness *below, const struct seen *found,
			const struct schema_constraint *key)
{
	const struct schema_table *child = below->table;

	for (int i = 0; i < child->constraint_count; i++) {
		const struct schema_constraint *older = &child->constraints[i];
		bool same = older->kind == CONSTRAINT_FOREIGN &&
			    older->oid < key->oid && older->on_delete == 'c' &&
			    witness_foreign_table(witness->session->schema,
						  older) == witness->table;

		for (int j = 0; same && j < older->column_count; j++) {
			int from = witness_place(child, older->columns[j]);
			int to = witness_place(witness->table,
					       older->foreign_columns[j]);

			same = from >= 0 && to >= 0 &&
			       witness_same_value(&found->values[from],
						  &row->values[to]);
		}
		if (same)
			return true;
	}
	return false;
}

static bool is_pointed_at(const struct witness *witness,
			  const struct seen *row,
			  const struct schema_table *child,
			  const struct schema_constraint *key, bool deleted)
{
	struct witness below = { .session = witness->session, .table = child };
	bool found = child->column_count > COLUMNS_MAX;

	below.rows = must_alloc(ROWS_MAX * sizeof(*below.rows));
	rows_of_child(witness, row, child, key, &below);
	for (size_t i = 0; i < below.count && !found; i++)
		found = !deleted || !is_cascaded(witness, row, &below,
						 &below.rows[i], key);
	arena_fini(&below.arena);
	free(below.rows);
	return found;
}

static bool check_parent_key(const struct witness *witness,
			     const struct seen *row,
			     const struct schema_table *child,
			     const struct schema_constraint *key,
			     bool deleted, struct error *error)
{
	if (!is_pointed_at(witness, row, child, key, deleted))
		return false;
	tell_parent(witness, row, child, key, error);
	return true;
}

static bool check_parent(const struct witness *witness, const struct seen *row,
			 const struct seen *next, int depth,
			 struct error *error);

/* What a cascade deletes may be pointed at in turn. */
static bool check_cascade(const struct witness *witness,
			  const struct seen *row,
			  const struct schema_table *child,
			  const struct schema_constraint *key, int depth,
			  struct error *error)
{
	struct witness below = { .session = witness->session, .table = child };
	bool found = false;

	if (depth >= CASCADE_MAX || child->column_count > COLUMNS_MAX)
		return false;
	below.rows = must_alloc(ROWS_MAX * sizeof(*below.rows));
	rows_of_child(witness, row, child, key, &below);
	for (size_t i = 0; i < below.count && !found; i++)
		found = check_parent(&below, &below.rows[i], NULL, depth + 1,
				     error);
	arena_fini(&below.arena);
	free(below.rows);
	return found;
}

static bool check_key(const struct witness *witness, const struct seen *row,
		      const struct seen *next,
		      const struct schema_table *child,
		      const struct schema_constraint *key, int depth,
		      struct error *error)
{
	char action = next ? key->on_update : key->on_delete;
	const struct schema *schema = witness->session->schema;

	if (key->kind != CONSTRAINT_FOREIGN ||
	    witness_foreign_table(schema, key) != witness->table ||
	    witness_has_null(witness, row, key->foreign_columns,
			     key->column_count) ||
	    (next && witness_same_key(witness, row, next, key->foreign_columns,
				      key->column_count)))
		return false;
	switch (action) {
	case 'c':
		return !next && check_cascade(witness, row, child, key, depth,
					      error);
	case 'n': case 'd':
		return false;
	default:
		return check_parent_key(witness, row, child, key, !next,
					error);
	}
}

/* The keys that point at a row that goes, or changes to `next`; the oldest
 * first, as Postgres's triggers do. */
static bool check_parent(const struct witness *witness, const struct seen *row,
			 const struct seen *next, int depth,
			 struct error *error)
{
	const struct schema *schema = witness->session->schema;

	for (uint32_t after = 0;;) {
		const struct schema_constraint *key = NULL;
		const struct schema_table *child = NULL;

		for (int i = 0; i < schema->table_count; i++) {
			const struct schema_table *table = &schema->tables[i];

			for (int j = 0; j < table->constraint_count; j++) {
				const struct schema_constraint *each =
					&table->constraints[j];

				if (each->oid > after &&
				    (!key || each->oid < key->oid)) {
					key = each;
					child = table;
				}
			}
		}
		if (!key)
			return false;
		if (check_key(witness, row, next, child, key, depth, error))
			return true;
		after = key->oid;
	}
}

void lite_witness_foreign_key(const struct witness *witness,
			      struct error *error)
{
	size_t first = 0;

	error_set(error, SQLSTATE_FOREIGN_KEY, "%s",
		  "statement violates a foreign key constraint");
	if (!witness)
		return;
	if (witness->count > ROWS_MAX)
		first = witness->count - ROWS_MAX;
	for (size_t i = first; i < witness->count; i++) {
		const struct seen *row = &witness->rows[i % ROWS_MAX];

		const struct seen *next = NULL;

		if (i + 1 < witness->count &&
		    !witness->rows[(i + 1) % ROWS_MAX].old)
			next = &witness->rows[(i + 1) % ROWS_MAX];
		if (row->old ? check_parent(witness, row, next, 0, error) :
			       row->done && check_child(witness, row, error))
			return;
	}
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
	tell_parent(&above, &row, witness->table, key, error);
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
		tell_child(witness, &orphan->row, orphan->key, error);
}
