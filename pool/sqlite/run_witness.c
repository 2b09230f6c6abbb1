#include "pool/sqlite/run_witness_inner.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/foreign.h"

#define KEY_MAX 32		/* columns of a key */
#define SHOWN_BYTES 64		/* of one value, as in Postgres */

/* --- watching --------------------------------------------------------------------------- */

void witness_take(struct arena *arena, sqlite3_value *from,
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
		to->bytes = slice_make(arena_dup(arena, bytes),
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
		witness_take(&witness->arena, values[i], &row->values[i - 1]);
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

static bool run_again(struct lite_session *session,
		      const struct lite_plan *plan)
{
	const struct compiled *compiled = &plan->compiled;
	int count = compiled->kind == COMPILED_COPY_IN ?
			    compiled->column_count :
			    compiled->parameter_count;
	sqlite3_stmt *statement = NULL;
	struct error ignored;
	int code = SQLITE_ERROR;

	session_watch_rows(session, compiled->once);
	sqlite3_prepare_v2(session->connection->db, compiled->sql, -1,
			   &statement, NULL);
	if (statement && session_bind_values(session, statement,
					     session->bound, count, &ignored))
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			;
	sqlite3_finalize(statement);
	return code == SQLITE_DONE;
}

bool lite_run_again(struct lite_session *session, const struct lite_plan *plan)
{
	struct lite_connection *connection = session->connection;
	bool interruptible = connection->interruptible, done;

	/* An interrupt would end more than this. */
	connection->interruptible = false;
	session->replaying = true;
	session->replayed = 0;
	done = run_again(session, plan);
	session->replaying = false;
	connection->interruptible = interruptible;
	return done;
}

static void watch(struct witness *witness, const struct lite_plan *plan)
{
	struct lite_session *session = witness->session;
	struct lite_connection *connection = session->connection;

	if (lite_run_own(connection, "SAVEPOINT _weir_w") != SQLITE_OK)
		return;
	connection->witness = witness;
	if (put_triggers(witness))
		lite_run_again(session, plan);
	connection->witness = NULL;
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

int witness_place(const struct schema_table *table, int16_t number)
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

void witness_put_key(const struct witness *witness, const struct seen *row,
		     const int16_t *columns, int count, struct buffer *out)
{
	buffer_put_u8(out, '(');
	for (int i = 0; i < count; i++) {
		int place = witness_place(witness->table, columns[i]);

		buffer_printf(out, "%s%s", i ? ", " : "", place < 0 ? "?" :
			      witness->table->columns[place].name);
	}
	buffer_put_text(out, ")=(");
	for (int i = 0; i < count; i++) {
		int place = witness_place(witness->table, columns[i]);

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
	witness_put_key(witness, row, columns, count, &text);
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

const struct schema_table *
witness_foreign_table(const struct schema *schema,
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

void witness_put_select(const struct schema_table *table, struct buffer *sql)
{
	buffer_put_text(sql, "SELECT ");
	for (int i = 0; i < table->column_count; i++)
		put_name(sql, i ? ", " : "", table->columns[i].name);
	put_name(sql, " FROM ", table->lite_database);
	put_name(sql, ".", table->lite_name);
}

sqlite3_stmt *witness_find_rows(const struct witness *witness,
				const struct seen *row, const int16_t *from,
				const struct schema_table *table,
				const int16_t *columns, int count)
{
	sqlite3 *db = witness->session->connection->db;
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	struct value values[KEY_MAX] = { 0 };
	struct error ignored;

	witness_put_select(table, &sql);
	for (int i = 0; i < count; i++) {
		int place = witness_place(table, columns[i]);

		put_name(&sql, i ? " AND " : " WHERE ",
			 place < 0 ? "" : table->columns[place].name);
		buffer_printf(&sql, " IS ?%d", i + 1);
		values[i] = row->values[witness_place(witness->table, from[i])];
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

bool witness_row_exists(const struct witness *witness, const struct seen *row,
			const int16_t *from, const struct schema_table *table,
			const int16_t *columns, int count)
{
	sqlite3_stmt *statement =
		witness_find_rows(witness, row, from, table, columns, count);
	bool found = !statement || sqlite3_step(statement) == SQLITE_ROW;

	sqlite3_finalize(statement);
	return found;
}

bool witness_has_null(const struct witness *witness, const struct seen *row,
		      const int16_t *columns, int count)
{
	for (int i = 0; i < count; i++) {
		int place = witness_place(witness->table, columns[i]);

		if (place < 0 || row->values[place].kind == VALUE_NULL)
			return true;
	}
	return count > KEY_MAX;
}

/* --- unique keys ------------------------------------------------------------------------------- */

bool witness_same_value(const struct value *a, const struct value *b)
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

bool witness_same_key(const struct witness *witness, const struct seen *a,
		      const struct seen *b, const int16_t *columns, int count)
{
	for (int i = 0; i < count; i++) {
		int place = witness_place(witness->table, columns[i]);

		if (place < 0 || !witness_same_value(&a->values[place],
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

static bool is_plain(const struct schema_index *index)
{
	for (int i = 0; i < index->key_count; i++)
		if (!index->columns[i])
			return false;
	return index->unique && !index->late && !index->predicate;
}

/* Whether the last row's key is taken: in the table, or by a row that came
 * before it in the same statement. */
static bool key_is_taken(const struct witness *witness,
			 const struct schema_index *index)
{
	size_t last = witness->count - 1;
	const struct seen *row = &witness->rows[last % ROWS_MAX];
	const struct seen *old = row_before(witness, last);

	if (!is_plain(index) ||
	    (!index->nulls_equal &&
	     witness_has_null(witness, row, index->columns,
			      index->key_count)) ||
	    (old && witness_same_key(witness, old, row, index->columns,
				     index->key_count)))
		return false;
	for (size_t i = witness->count > ROWS_MAX ?
			witness->count - ROWS_MAX : 0; i < last; i++) {
		const struct seen *other = &witness->rows[i % ROWS_MAX];

		if (!other->old && witness_same_key(witness, other, row,
						    index->columns,
						    index->key_count))
			return true;
	}
	return witness_row_exists(witness, row, index->columns, witness->table,
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

		if ((!first || index->oid < first->oid) &&
		    key_is_taken(witness, index))
			first = index;
	}
	return first;
}
