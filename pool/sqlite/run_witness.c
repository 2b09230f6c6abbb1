#include "pool/sqlite/run_witness.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/foreign.h"

#define ROWS_MAX 1000		/* remembered of one statement */
#define COLUMNS_MAX 100		/* arguments of one SQL function */
#define KEY_MAX 32		/* columns of a key */
#define CASCADE_MAX 16		/* keys followed downwards */
#define SHOWN_BYTES 64		/* of one value, as in Postgres */

struct seen {			/* one row */
	bool old;		/* as it was; false: as it shall be */
	bool done;		/* it came to be; ON CONFLICT may prevent it */
	struct value *values;	/* by position in the table */
};

struct witness {
	struct lite_session *session;
	const struct schema_table *table;
	struct arena arena;
	struct seen *rows;	/* a ring of the last ROWS_MAX */
	size_t count;
};

/* --- watching --------------------------------------------------------------------------- */

static void take_value(struct witness *witness, sqlite3_value *from,
		       struct value *to)
{
	struct slice bytes;

	switch (sqlite3_value_type(from)) {
	case SQLITE_INTEGER:
		to->kind = VALUE_INTEGER;
		to->integer = sqlite3_value_int64(from);
		return;
	case SQLITE_FLOAT:
		to->kind = VALUE_REAL;
		to->real = sqlite3_value_double(from);
		return;
	case SQLITE_NULL:
		to->kind = VALUE_NULL;
		return;
	default:
		to->kind = sqlite3_value_type(from) == SQLITE_TEXT ?
				   VALUE_TEXT : VALUE_BLOB;
		bytes.at = sqlite3_value_blob(from);
		bytes.length = (size_t)sqlite3_value_bytes(from);
		to->bytes = slice_make(arena_dup(&witness->arena, bytes),
				       bytes.length);
	}
}

static void on_row(sqlite3_context *call, int count, sqlite3_value **values)
{
	struct lite_connection *connection = sqlite3_user_data(call);
	struct witness *witness = connection->witness;
	struct seen *row;

	if (witness && count == 1 && witness->count)
		witness->rows[(witness->count - 1) % ROWS_MAX].done = true;
	if (!witness || count - 1 != witness->table->column_count)
		return;
	row = &witness->rows[witness->count++ % ROWS_MAX];
	row->old = sqlite3_value_int(values[0]);
	row->done = false;
	row->values = arena_alloc(&witness->arena, (size_t)count *
						   sizeof(*row->values));
	for (int i = 1; i < count; i++)
		take_value(witness, values[i], &row->values[i - 1]);
}

int lite_witness_register(struct lite_connection *connection)
{
	return sqlite3_create_function(connection->db, "weir_witness", -1,
				       SQLITE_UTF8 | SQLITE_INNOCUOUS,
				       connection, on_row, NULL, NULL);
}

/* `which` is "OLD." or "NEW.". */
static void put_call(struct arena *arena, struct buffer *sql,
		     const struct schema_table *table, const char *which)
{
	buffer_printf(sql, "SELECT weir_witness(%d",
		      strcmp(which, "OLD.") == 0);
	for (int i = 0; i < table->column_count; i++)
		buffer_printf(sql, ", %s",
			      foreign_read_sql(arena, &table->columns[i],
					       which));
	buffer_put_text(sql, "); ");
}

static bool put_triggers(struct witness *witness)
{
	static const char *const events[] = { "INSERT", "UPDATE", "DELETE" };
	struct lite_connection *connection = witness->session->connection;
	struct buffer sql = { 0 };
	char *name = sqlite3_mprintf("\"%w\"", witness->table->lite_name);
	bool done;

	for (int i = 0; i < 3; i++) {
		buffer_printf(&sql, "CREATE TEMP TRIGGER _weir_w%d BEFORE %s "
				    "ON main.%s BEGIN ", i, events[i], name);
		if (i != 0)
			put_call(&witness->arena, &sql, witness->table,
				 "OLD.");
		if (i != 2)
			put_call(&witness->arena, &sql, witness->table,
				 "NEW.");
		buffer_put_text(&sql, "END; ");
	}
	for (int i = 0; i < 2; i++)
		buffer_printf(&sql, "CREATE TEMP TRIGGER _weir_d%d AFTER %s "
				    "ON main.%s BEGIN SELECT weir_witness(2); "
				    "END; ", i, events[i], name);
	done = lite_run_own(connection, buffer_cstring(&sql)) == SQLITE_OK;
	sqlite3_free(name);
	buffer_fini(&sql);
	return done;
}

static const struct schema_table *written_table(struct lite_session *session,
						const char *sql)
{
	struct lite_connection *connection = session->connection;
	sqlite3_stmt *statement = NULL;

	connection->written[0] = 0;
	connection->recording = true;
	sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	sqlite3_finalize(statement);
	connection->recording = false;
	for (int i = 0; i < session->schema->table_count; i++) {
		const struct schema_table *table = &session->schema->tables[i];

		if (!table->catalog &&
		    strcmp(table->lite_database, "main") == 0 &&
		    strcmp(table->lite_name, connection->written) == 0)
			return table;
	}
	return NULL;
}

static void fail_again(struct lite_session *session,
		       const struct lite_plan *plan)
{
	const struct compiled *compiled = &plan->compiled;
	int count = compiled->kind == COMPILED_COPY_IN ?
			    compiled->column_count :
			    compiled->parameter_count;
	sqlite3_stmt *statement = NULL;
	struct error ignored;

	session_watch_rows(session, compiled);
	sqlite3_prepare_v2(session->connection->db, compiled->sql, -1,
			   &statement, NULL);
	if (statement && session_bind_values(session, statement,
					     session->bound, count, &ignored))
		while (sqlite3_step(statement) == SQLITE_ROW)
			;
	sqlite3_finalize(statement);
}

static void watch(struct witness *witness, const struct lite_plan *plan)
{
	struct lite_session *session = witness->session;
	struct lite_connection *connection = session->connection;
	bool interruptible = connection->interruptible;

	if (lite_run_own(connection, "SAVEPOINT _weir_w") != SQLITE_OK)
		return;
	/* An interrupt would end more than this. */
	connection->interruptible = false;
	connection->witness = witness;
	session->replaying = true;
	session->replayed = 0;
	if (put_triggers(witness))
		fail_again(session, plan);
	session->replaying = false;
	connection->witness = NULL;
	connection->interruptible = interruptible;
	lite_run_own(connection, "ROLLBACK TO _weir_w; RELEASE _weir_w");
}

struct witness *lite_witness(struct lite_session *session,
			     const struct lite_plan *plan)
{
	const struct schema_table *table;
	struct witness *witness;

	if (!session->connection->is_writer || !session->connection->member ||
	    !plan || !plan->compiled.sql || session->replaying)
		return NULL;
	table = written_table(session, plan->compiled.sql);
	if (!table || table->column_count > COLUMNS_MAX)
		return NULL;
	witness = must_alloc(sizeof(*witness));
	witness->session = session;
	witness->table = table;
	witness->rows = must_alloc(ROWS_MAX * sizeof(*witness->rows));
	watch(witness, plan);
	return witness;
}

void lite_witness_free(struct witness **witness_address)
{
	struct witness *witness = *witness_address;

	*witness_address = NULL;
	if (!witness)
		return;
	arena_fini(&witness->arena);
	free(witness->rows);
	free(witness);
}

/* --- saying --------------------------------------------------------------------------------- */

static int place_of(const struct schema_table *table, int16_t number)
{
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].number == number)
			return i;
	return -1;
}

static void put_value(const struct witness *witness, int place,
		      const struct value *value, bool cut, struct buffer *out)
{
	const struct schema_column *column = &witness->table->columns[place];
	size_t start = out->length;
	struct error ignored;

	if (value->kind == VALUE_NULL) {
		buffer_put_text(out, "null");
		return;
	}
	if (!type_write(column->type, column->typmod, WIRE_TEXT, value,
			&witness->session->types, out, &ignored))
		out->length = start;
	if (!cut || out->length - start <= SHOWN_BYTES)
		return;
	out->length = start + SHOWN_BYTES;
	while (out->length > start && (out->bytes[out->length] & 0xc0) == 0x80)
		out->length--;
	buffer_put_text(out, "...");
}

/* (a, b)=(1, 2) */
static void put_key(const struct witness *witness, const struct seen *row,
		    const int16_t *columns, int count, struct buffer *out)
{
	buffer_put_u8(out, '(');
	for (int i = 0; i < count; i++) {
		int place = place_of(witness->table, columns[i]);

		buffer_printf(out, "%s%s", i ? ", " : "", place < 0 ? "?" :
			      witness->table->columns[place].name);
	}
	buffer_put_text(out, ")=(");
	for (int i = 0; i < count; i++) {
		int place = place_of(witness->table, columns[i]);

		if (i)
			buffer_put_text(out, ", ");
		if (place >= 0)
			put_value(witness, place, &row->values[place], false,
				  out);
	}
	buffer_put_u8(out, ')');
}

static const struct seen *last_row(const struct witness *witness)
{
	const struct seen *row;

	if (!witness || !witness->count)
		return NULL;
	row = &witness->rows[(witness->count - 1) % ROWS_MAX];
	return row->old ? NULL : row;
}

void lite_witness_key(const struct witness *witness, const int16_t *columns,
		      int count, struct error *error)
{
	const struct seen *row = last_row(witness);
	struct buffer text = { 0 };

	if (!row)
		return;
	put_key(witness, row, columns, count, &text);
	error_detail(error, "Key %s already exists.", buffer_cstring(&text));
	buffer_fini(&text);
}

const struct schema_table *lite_witness_table(const struct witness *witness)
{
	return witness ? witness->table : NULL;
}

void lite_witness_row(const struct witness *witness, struct error *error)
{
	const struct seen *row = last_row(witness);
	struct buffer text = { 0 };

	if (!row)
		return;
	for (int i = 0; i < witness->table->column_count; i++) {
		if (i)
			buffer_put_text(&text, ", ");
		put_value(witness, i, &row->values[i], true, &text);
	}
	error_detail(error, "Failing row contains (%s).",
		     buffer_cstring(&text));
	buffer_fini(&text);
}

/* --- foreign keys ------------------------------------------------------------------------------ */

static const struct schema_table *
foreign_table(const struct schema *schema,
	      const struct schema_constraint *constraint)
{
	return schema_find_table(schema, NULL, constraint->foreign_schema,
				 constraint->foreign_table);
}

static void put_name(struct buffer *sql, const char *before, const char *name)
{
	char *quoted = sqlite3_mprintf("\"%w\"", name);

	buffer_printf(sql, "%s%s", before, quoted);
	sqlite3_free(quoted);
}

/* Asks for the rows of `table` whose `columns` are as the row's `from`. NULL:
 * cannot be asked. */
static sqlite3_stmt *find_rows(const struct witness *witness,
			       const struct seen *row, const int16_t *from,
			       const struct schema_table *table,
			       const int16_t *columns, int count)
{
	sqlite3 *db = witness->session->connection->db;
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	struct value values[KEY_MAX] = { 0 };
	struct error ignored;

	buffer_put_text(&sql, "SELECT ");
	for (int i = 0; i < table->column_count; i++)
		put_name(&sql, i ? ", " : "", table->columns[i].name);
	put_name(&sql, " FROM main.", table->lite_name);
	for (int i = 0; i < count; i++) {
		int place = place_of(table, columns[i]);

		put_name(&sql, i ? " AND " : " WHERE ",
			 place < 0 ? "" : table->columns[place].name);
		buffer_printf(&sql, " = ?%d", i + 1);
		values[i] = row->values[place_of(witness->table, from[i])];
	}
	if (sqlite3_prepare_v2(db, buffer_cstring(&sql), -1, &statement,
			       NULL) != SQLITE_OK ||
	    !session_bind_values(witness->session, statement, values, count,
				 &ignored)) {
		sqlite3_finalize(statement);
		statement = NULL;
	}
	buffer_fini(&sql);
	return statement;
}

/* What cannot be asked is taken to be there. */
static bool row_exists(const struct witness *witness, const struct seen *row,
		       const int16_t *from, const struct schema_table *table,
		       const int16_t *columns, int count)
{
	sqlite3_stmt *statement =
		find_rows(witness, row, from, table, columns, count);
	bool found = !statement || sqlite3_step(statement) == SQLITE_ROW;

	sqlite3_finalize(statement);
	return found;
}

static bool has_null(const struct witness *witness, const struct seen *row,
		     const int16_t *columns, int count)
{
	for (int i = 0; i < count; i++) {
		int place = place_of(witness->table, columns[i]);

		if (place < 0 || row->values[place].kind == VALUE_NULL)
			return true;
	}
	return count > KEY_MAX;
}

/* --- unique keys ------------------------------------------------------------------------------- */

static bool same_value(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_INTEGER: return a->integer == b->integer;
	case VALUE_REAL: return a->real == b->real;
	case VALUE_NULL: return true;
	default: return slice_equal(a->bytes, b->bytes);
	}
}

static bool same_key(const struct witness *witness, const struct seen *a,
		     const struct seen *b, const int16_t *columns, int count)
{
	for (int i = 0; i < count; i++) {
		int place = place_of(witness->table, columns[i]);

		if (place < 0 || !same_value(&a->values[place],
					     &b->values[place]))
			return false;
	}
	return true;
}

/* The row as it was before this one, of an UPDATE; else NULL. */
static const struct seen *row_before(const struct witness *witness,
				     size_t number)
{
	const struct seen *row;

	if (number == 0 || witness->count - number >= ROWS_MAX)
		return NULL;
	row = &witness->rows[(number - 1) % ROWS_MAX];
	return row->old ? row : NULL;
}

/* Whether the last row's key is taken: in the table, or by a row that came
 * before it in the same statement. */
static bool key_is_taken(const struct witness *witness,
			 const struct schema_index *index)
{
	size_t last = witness->count - 1;
	const struct seen *row = &witness->rows[last % ROWS_MAX];
	const struct seen *old = row_before(witness, last);

	if (has_null(witness, row, index->columns, index->key_count) ||
	    (old && same_key(witness, old, row, index->columns,
			     index->key_count)))
		return false;
	for (size_t i = witness->count > ROWS_MAX ?
			witness->count - ROWS_MAX : 0; i < last; i++) {
		const struct seen *other = &witness->rows[i % ROWS_MAX];

		if (!other->old && same_key(witness, other, row,
					    index->columns, index->key_count))
			return true;
	}
	return row_exists(witness, row, index->columns, witness->table,
			  index->columns, index->key_count);
}

const struct schema_index *lite_witness_index(const struct witness *witness,
					      const struct schema_table *table)
{
	const struct schema_index *first = NULL;

	if (!last_row(witness) || witness->table != table)
		return NULL;
	for (int i = 0; i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->unique && !index->predicate &&
		    (!first || index->oid < first->oid) &&
		    key_is_taken(witness, index))
			first = index;
	}
	return first;
}

/* --- broken references --------------------------------------------------------------------------- */

static void set_constraint(struct error *error,
			   const struct schema_table *table,
			   const struct schema_constraint *constraint)
{
	error_table(error, table->schema, table->name);
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 constraint->name);
}

static bool check_child(const struct witness *witness, const struct seen *row,
			struct error *error)
{
	const struct schema *schema = witness->session->schema;
	const struct schema_table *table = witness->table;

	for (int i = 0; i < table->constraint_count; i++) {
		const struct schema_constraint *key = &table->constraints[i];
		const struct schema_table *parent;
		struct buffer text = { 0 };

		if (key->kind != CONSTRAINT_FOREIGN ||
		    has_null(witness, row, key->columns, key->column_count))
			continue;
		parent = foreign_table(schema, key);
		if (!parent || row_exists(witness, row, key->columns, parent,
					  key->foreign_columns,
					  key->column_count))
			continue;
		put_key(witness, row, key->columns, key->column_count, &text);
		error_set(error, SQLSTATE_FOREIGN_KEY,
			  "insert or update on table \"%s\" violates foreign "
			  "key constraint \"%s\"", table->name, key->name);
		error_detail(error, "Key %s is not present in table \"%s\".",
			     buffer_cstring(&text), parent->name);
		set_constraint(error, table, key);
		buffer_fini(&text);
		return true;
	}
	return false;
}

/* The rows of `child` that point at this one, as rows of a witness. */
static size_t rows_of_child(const struct witness *witness,
			    const struct seen *row,
			    const struct schema_table *child,
			    const struct schema_constraint *key,
			    struct witness *ret)
{
	sqlite3_stmt *statement =
		find_rows(witness, row, key->foreign_columns, child,
			  key->columns, key->column_count);

	while (statement && ret->count < ROWS_MAX &&
	       sqlite3_step(statement) == SQLITE_ROW) {
		struct seen *found = &ret->rows[ret->count++];

		found->old = true;
		found->values = arena_alloc(&ret->arena,
			(size_t)child->column_count * sizeof(*found->values));
		for (int i = 0; i < child->column_count; i++)
			take_value(ret, sqlite3_column_value(statement, i),
				   &found->values[i]);
	}
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
			    foreign_table(witness->session->schema, older) ==
			    witness->table;

		for (int j = 0; same && j < older->column_count; j++) {
			int from = place_of(child, older->columns[j]);
			int to = place_of(witness->table,
					  older->foreign_columns[j]);

			same = from >= 0 && to >= 0 &&
			       same_value(&found->values[from],
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
	struct buffer text = { 0 };

	if (!is_pointed_at(witness, row, child, key, deleted))
		return false;
	put_key(witness, row, key->foreign_columns, key->column_count, &text);
	error_set(error, SQLSTATE_FOREIGN_KEY,
		  "update or delete on table \"%s\" violates foreign key "
		  "constraint \"%s\" on table \"%s\"", witness->table->name,
		  key->name, child->name);
	error_detail(error, "Key %s is still referenced from table \"%s\".",
		     buffer_cstring(&text), child->name);
	set_constraint(error, child, key);
	buffer_fini(&text);
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

	if (key->kind != CONSTRAINT_FOREIGN ||
	    foreign_table(witness->session->schema, key) != witness->table ||
	    has_null(witness, row, key->foreign_columns, key->column_count) ||
	    (next && same_key(witness, row, next, key->foreign_columns,
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
		other = foreign_table(schema, key);
		if (other && strcmp(other->lite_name, parent) == 0)
			return key;
	}
	return NULL;
}

static bool explain_table(struct lite_session *session,
			  const struct schema_table *table,
			  struct error *error)
{
	struct lite_connection *connection = session->connection;
	const struct schema_constraint *key = NULL;
	char *sql = sqlite3_mprintf("PRAGMA main.foreign_key_check(\"%w\")",
				    table->lite_name);
	sqlite3_stmt *check = NULL;

	connection->trust = LITE_OWN;
	sqlite3_prepare_v2(connection->db, sql, -1, &check, NULL);
	if (check && sqlite3_step(check) == SQLITE_ROW)
		key = key_to(session->schema, table,
			     (const char *)sqlite3_column_text(check, 2));
	sqlite3_finalize(check);
	connection->trust = LITE_CLIENT;
	sqlite3_free(sql);
	if (!key)
		return false;
	error_set(error, SQLSTATE_FOREIGN_KEY,
		  "insert or update on table \"%s\" violates foreign key "
		  "constraint \"%s\"", table->name, key->name);
	set_constraint(error, table, key);
	return true;
}

void lite_explain_deferred(struct lite_session *session, struct error *error)
{
	const struct schema *schema = session->schema;

	for (int i = 0; schema && i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];
		bool has_keys = false;

		for (int j = 0; j < table->constraint_count; j++)
			has_keys |= table->constraints[j].kind ==
				    CONSTRAINT_FOREIGN;
		if (has_keys && !table->catalog &&
		    explain_table(session, table, error))
			return;
	}
}
