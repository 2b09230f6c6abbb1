#include "pool/sqlite/late_key.h"

#include <stdio.h>
#include <stdlib.h>

#include "pool/sqlite/names.h"
#include "pool/sqlite/run_witness_inner.h"
#include "pool/sqlite/session_constraints.h"
#include "protocol/dialect/schema_facts.h"

struct late_row {
	uint32_t table;		/* OID */
	int64_t rowid;
};

struct late_key {
	const struct schema_table *table;
	const struct schema_constraint *constraint;
	bool nulls_equal;
	sqlite3_stmt *question;	/* of a row: who has its key as well; of a
				   foreign key: whether only some are NULL */
};

/* Of one schema, which is kept. */
struct late_watch {
	struct schema *schema;
	struct late_key *keys;	/* those of a table follow one another */
	int count;
};

/* --- what is watched ---------------------------------------------------------------- */

static void free_keys(struct late_watch *watch)
{
	for (int i = 0; i < watch->count; i++)
		sqlite3_finalize(watch->keys[i].question);
	free(watch->keys);
	watch->keys = NULL;
	watch->count = 0;
	if (watch->schema)
		schema_unref(&watch->schema);
}

void late_watch_free(struct late_watch **watch)
{
	if (!*watch)
		return;
	free_keys(*watch);
	free(*watch);
	*watch = NULL;
}

static void add_key(struct late_watch *watch, struct late_key key)
{
	watch->keys = must_realloc(watch->keys, ((size_t)watch->count + 1) *
						sizeof(*watch->keys));
	watch->keys[watch->count++] = key;
}

static void add_keys(struct late_watch *watch, const struct schema_table *table)
{
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->late)
			add_key(watch, (struct late_key){
				.table = table,
				.constraint = schema_find_constraint(
					table, index->constraint),
				.nulls_equal = index->nulls_equal,
			});
	}
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].match_full)
			add_key(watch, (struct late_key){
				.table = table,
				.constraint = &table->constraints[i],
			});
}

void late_watch(struct lite_session *session)
{
	struct lite_connection *connection = session->connection;
	struct schema *schema = (struct schema *)(uintptr_t)session->schema;

	if (!connection->late)
		connection->late = must_alloc(sizeof(*connection->late));
	if (!schema || connection->late->schema == schema)
		return;
	free_keys(connection->late);
	connection->late->schema = schema_ref(schema);
	for (int i = 0; i < schema->table_count; i++)
		add_keys(connection->late, &schema->tables[i]);
}

/* --- rows --------------------------------------------------------------------------- */

static void add_row(struct late_rows *rows, struct late_row row)
{
	if (rows->count == rows->capacity) {
		rows->capacity = rows->capacity * 2 + 16;
		rows->rows = must_realloc(rows->rows, rows->capacity *
						      sizeof(*rows->rows));
	}
	rows->rows[rows->count++] = row;
}

void late_note(struct lite_connection *connection, int operation,
	       const char *database, const char *table, int64_t rowid)
{
	struct lite_session *session = lite_session_of(&connection->context);
	const struct late_watch *watch = connection->late;

	if (!watch || operation == SQLITE_DELETE || !session ||
	    session->replaying)
		return;
	for (int i = 0; i < watch->count; i++) {
		const struct schema_table *each = watch->keys[i].table;

		if (strcmp(each->lite_name, table) != 0 ||
		    strcmp(each->lite_database, database) != 0)
			continue;
		if (session->late.count * sizeof(struct late_row) >
		    session->engine->options.memory_bytes_max)
			session->late.full = true;
		else
			add_row(&session->late,
				(struct late_row){ each->oid, rowid });
		return;
	}
}

void late_forget(struct late_rows *rows, size_t keep)
{
	if (rows->count > keep)
		rows->count = keep;
	if (rows->settled > rows->count)
		rows->settled = rows->count;
	rows->full = false;
}

void late_rows_fini(struct late_rows *rows)
{
	free(rows->rows);
	*rows = (struct late_rows){ 0 };
}

/* --- the order of complaints --------------------------------------------------------- */

/*
 * Postgres looks at a row when it is written, and again at the end if its key
 * was taken then. So of rows with one key it complains at the one that was
 * written last; where rows of several keys are broken, that decides which key
 * is told.
 */
struct written {
	struct late_row row;
	size_t last;		/* place in the list */
};

static int by_row(const void *a, const void *b)
{
	const struct written *x = a, *y = b;

	if (x->row.table != y->row.table)
		return x->row.table < y->row.table ? -1 : 1;
	if (x->row.rowid != y->row.rowid)
		return x->row.rowid < y->row.rowid ? -1 : 1;
	return x->last < y->last ? -1 : x->last > y->last;
}

/* Each row once, sorted. */
static struct written *sort_written(const struct late_rows *rows,
				    size_t *ret_count)
{
	struct written *all = must_alloc((rows->count + 1) * sizeof(*all));
	size_t count = 0;

	for (size_t i = 0; i < rows->count; i++)
		all[i] = (struct written){ rows->rows[i], i };
	qsort(all, rows->count, sizeof(*all), by_row);
	for (size_t i = 0; i < rows->count; i++) {
		if (count && all[count - 1].row.table == all[i].row.table &&
		    all[count - 1].row.rowid == all[i].row.rowid)
			count--;
		all[count++] = all[i];
	}
	*ret_count = count;
	return all;
}

/* --- looking ------------------------------------------------------------------------- */

enum scope { WAITS_NOT, ALL };

struct look {
	struct lite_session *session;
	enum scope scope;
	uint32_t table;		/* of that one only; 0: of all */
	struct written *written;	/* made for the first complaint */
	size_t written_count;
	struct error *error;
};

/* Where the row was written last; SIZE_MAX: not in this transaction. */
static size_t last_written(struct look *look, uint32_t table, int64_t rowid)
{
	size_t low = 0, high;

	if (!look->written)
		look->written = sort_written(&look->session->late,
					     &look->written_count);
	for (high = look->written_count; low < high;) {
		size_t middle = (low + high) / 2;
		const struct late_row *row = &look->written[middle].row;

		if (row->table == table && row->rowid == rowid)
			return look->written[middle].last;
		if (row->table < table ||
		    (row->table == table && row->rowid < rowid))
			low = middle + 1;
		else
			high = middle;
	}
	return SIZE_MAX;
}

static void put_others(struct buffer *sql, const struct late_key *key,
		       const char *rowid)
{
	const struct schema_table *table = key->table;
	const struct schema_constraint *row = key->constraint;

	/* CROSS: SQLite keeps this order */
	buffer_printf(sql, "SELECT _b.%s", rowid);
	put_names(sql, " FROM \"%w\".\"%w\" AS _a CROSS JOIN ",
		  table->lite_database, table->lite_name);
	put_names(sql, "\"%w\".\"%w\" AS _b ON ", table->lite_database,
		  table->lite_name);
	buffer_printf(sql, "_b.%s <> _a.%s", rowid, rowid);
	for (int i = 0; i < row->column_count; i++) {
		const char *name = table->columns[row->columns[i] - 1].name;

		put_names(sql, key->nulls_equal ?
			  " AND _b.\"%w\" IS _a.\"%w\"" :
			  " AND _b.\"%w\" = _a.\"%w\"", name, name);
	}
	buffer_printf(sql, " WHERE _a.%s = ?1", rowid);
}

static void put_mixed(struct buffer *sql, const struct late_key *key,
		      const char *rowid)
{
	const struct schema_table *table = key->table;
	const struct schema_constraint *row = key->constraint;

	put_names(sql, "SELECT 1 FROM \"%w\".\"%w\" AS _a WHERE ",
		  table->lite_database, table->lite_name);
	buffer_printf(sql, "_a.%s = ?1 AND 0", rowid);
	for (int i = 0; i < row->column_count; i++)
		put_names(sql, " + (_a.\"%w\" IS NULL)",
			  table->columns[row->columns[i] - 1].name, NULL);
	buffer_printf(sql, " BETWEEN 1 AND %d", row->column_count - 1);
}

static bool is_foreign(const struct late_key *key)
{
	return key->constraint->kind == CONSTRAINT_FOREIGN;
}

static bool prepare(struct look *look, struct late_key *key)
{
	const char *rowid = rowid_of(key->table);
	struct buffer sql = { 0 };
	int code;

	if (!rowid)
		return error_set(look->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "deferrable keys and MATCH FULL of a table "
				 "with columns named rowid, _rowid_ and oid "
				 "are not supported on SQLite");
	if (is_foreign(key))
		put_mixed(&sql, key, rowid);
	else
		put_others(&sql, key, rowid);
	code = sqlite3_prepare_v3(look->session->connection->db,
				  buffer_cstring(&sql), -1,
				  SQLITE_PREPARE_PERSISTENT, &key->question,
				  NULL);
	buffer_fini(&sql);
	if (code != SQLITE_OK)
		session_describe_error(look->session, code, NULL, look->error);
	return code == SQLITE_OK;
}

/* Whether one of them was there before the row was written, which is the
 * `place`th. A foreign key needs no other. */
static int came_later(struct look *look, const struct late_key *key,
		      size_t place, bool *ret_later)
{
	int code = SQLITE_ROW;

	*ret_later = is_foreign(key);
	while (code == SQLITE_ROW && !*ret_later) {
		size_t other = last_written(
			look, key->table->oid,
			sqlite3_column_int64(key->question, 0));

		*ret_later = other == SIZE_MAX || other < place;
		code = sqlite3_step(key->question);
	}
	return *ret_later ? SQLITE_ROW : code;
}

static void tell_taken(struct look *look, const struct late_key *key,
		       int64_t rowid)
{
	struct witness witness = {
		.session = look->session, .table = key->table,
	};
	struct buffer text = { 0 };
	struct seen row;

	error_set(look->error, SQLSTATE_UNIQUE,
		  "duplicate key value violates unique constraint \"%s\"",
		  key->constraint->name);
	if (witness_find_row(&witness, rowid, &row)) {
		witness_put_key(&witness, &row, key->constraint->columns,
				key->constraint->column_count, &text);
		error_detail(look->error, "Key %s already exists.",
			     buffer_cstring(&text));
	}
	buffer_fini(&text);
	arena_fini(&witness.arena);
}

static void tell_mixed(struct look *look, const struct late_key *key)
{
	error_set(look->error, SQLSTATE_FOREIGN_KEY,
		  "insert or update on table \"%s\" violates foreign key "
		  "constraint \"%s\"", key->table->name,
		  key->constraint->name);
	error_detail(look->error, "%s", FACTS_MIXED_NULLS);
}

static void tell(struct look *look, const struct late_key *key, int64_t rowid)
{
	struct error *error = look->error;

	if (is_foreign(key))
		tell_mixed(look, key);
	else
		tell_taken(look, key, rowid);
	error_table(error, key->table->schema, key->table->name);
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 key->constraint->name);
}

static bool concerns(const struct look *look, const struct late_key *key,
		     const struct late_row *row)
{
	return key->table->oid == row->table &&
	       (!look->table || look->table == row->table) &&
	       (look->scope == ALL ||
		!session_defers(look->session, key->constraint));
}

static bool holds(struct look *look, struct late_key *key, size_t place)
{
	const struct late_row row = look->session->late.rows[place];
	bool broken = false;
	int code;

	if (!key->question && !prepare(look, key))
		return false;
	sqlite3_bind_int64(key->question, 1, row.rowid);
	code = sqlite3_step(key->question);
	if (code == SQLITE_ROW &&
	    last_written(look, row.table, row.rowid) == place)
		code = came_later(look, key, place, &broken);
	if (broken)
		tell(look, key, row.rowid);
	else if (code != SQLITE_ROW && code != SQLITE_DONE)
		session_describe_error(look->session, code, NULL, look->error);
	sqlite3_reset(key->question);
	return !broken && (code == SQLITE_ROW || code == SQLITE_DONE);
}

static bool all_hold(struct look *look, size_t from)
{
	const struct late_rows *rows = &look->session->late;
	struct late_watch *watch = look->session->connection->late;

	for (size_t i = from; i < rows->count; i++)
		for (int k = 0; k < watch->count; k++)
			if (concerns(look, &watch->keys[k], &rows->rows[i]) &&
			    !holds(look, &watch->keys[k], i))
				return false;
	return true;
}

static bool look_from(struct look *look, size_t from)
{
	struct lite_session *session = look->session;
	enum lite_trust before;
	bool good;

	if (session->late.full)
		return error_set(look->error, SQLSTATE_OUT_OF_MEMORY, "%s",
				 "too many rows wait for their keys to be looked "
				 "at");
	if (from == session->late.count)
		return true;
	late_watch(session);
	before = session->connection->trust;
	session->connection->trust = LITE_OWN;
	good = all_hold(look, from);
	session->connection->trust = before;
	free(look->written);
	return good;
}

/* --- when ---------------------------------------------------------------------------- */

static bool any_waits(const struct lite_session *session, uint32_t table)
{
	const struct late_watch *watch = session->connection->late;

	for (int k = 0; k < watch->count; k++)
		if (watch->keys[k].table->oid == table &&
		    session_defers(session, watch->keys[k].constraint))
			return true;
	return false;
}

/* Those that have been looked at for all keys of theirs need not be again. */
static void drop_settled(struct lite_session *session, size_t from)
{
	struct late_rows *rows = &session->late;
	size_t kept = from;

	for (size_t i = from; i < rows->count; i++)
		if (any_waits(session, rows->rows[i].table))
			rows->rows[kept++] = rows->rows[i];
	rows->count = rows->settled = kept;
}

/* ON CONFLICT has come to a key that it cannot use. */
static bool check_arbiter(const struct lite_session *session,
			  const struct compiled *compiled,
			  struct error *error)
{
	const struct late_rows *rows = &session->late;
	const struct schema_table *table;

	for (size_t i = rows->settled; i < rows->count; i++) {
		if (rows->rows[i].table != compiled->late_table)
			continue;
		table = schema_table_by_oid(session->schema,
					    compiled->late_table);
		error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE, "%s",
			  "ON CONFLICT does not support deferrable unique "
			  "constraints/exclusion constraints as arbiters");
		error_table(error, table->schema, table->name);
		snprintf(error->constraint, sizeof(error->constraint), "%s",
			 compiled->late_arbiter);
		return false;
	}
	return true;
}

bool late_settle(struct lite_session *session, const struct lite_plan *plan,
		 struct error *error)
{
	struct look look = { .session = session, .scope = WAITS_NOT,
			     .error = error };
	size_t from = session->late.settled;

	if (plan && plan->compiled.late_arbiter &&
	    !check_arbiter(session, &plan->compiled, error))
		return false;
	if (!look_from(&look, from))
		return false;
	if (from < session->late.count)
		drop_settled(session, from);
	return true;
}

bool late_check(struct lite_session *session, struct error *error)
{
	struct look look = { .session = session, .scope = WAITS_NOT,
			     .error = error };

	if (!look_from(&look, 0))
		return false;
	/* unless they come back */
	if (session->late.count && !session->savepoint_count)
		drop_settled(session, 0);
	return true;
}

bool late_finish(struct lite_session *session, struct error *error)
{
	struct look look = { .session = session, .scope = ALL, .error = error };

	if (session->late.count && !session->schema &&
	    !session_refresh(session, error))
		return false;
	return look_from(&look, 0);
}

bool late_lets_reshape(struct lite_session *session,
		       const struct lite_plan *plan, struct error *error)
{
	const struct compiled *compiled = &plan->compiled;
	struct error ignored;

	for (int i = 0; i < compiled->reshaped_count; i++) {
		struct look look = {
			.session = session, .scope = ALL, .error = &ignored,
			.table = compiled->reshaped[i],
		};

		if (!look_from(&look, 0))
			return error_set(error, SQLSTATE_OBJECT_IN_USE,
					 "cannot %s \"%s\" because it has "
					 "pending trigger events",
					 compiled->reshape, schema_table_by_oid(
						session->schema,
						look.table)->name);
	}
	return true;
}
