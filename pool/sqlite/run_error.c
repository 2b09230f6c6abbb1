/*
 * SQLite's errors as Postgres words them. A function of ours that failed has
 * said so itself; constraints are told apart by SQLite's code, and named by
 * looking at the schema.
 *
 *   UNIQUE constraint failed: t.a, t.b        23505, the index over (a, b)
 *   NOT NULL constraint failed: t.a           23502
 *   CHECK constraint failed: name             23514
 *   FOREIGN KEY constraint failed             23503, found by looking
 */
#include "pool/sqlite/run_witness.h"

#include "pool/sqlite/key_queue.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/key_order.h"
#include "protocol/dialect/schema_facts.h"

#define COLUMNS_MAX 32

struct failure {
	const struct schema_table *table;
	int16_t columns[COLUMNS_MAX];
	int count;
};

/* --- finding what was meant -------------------------------------------------------- */

static const struct schema_table *find_lite_table(const struct schema *schema,
						  const char *name,
						  size_t length)
{
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		if (!table->catalog && strlen(table->lite_name) == length &&
		    sqlite3_strnicmp(table->lite_name, name, (int)length) == 0)
			return table;
	}
	return NULL;
}

static const struct schema_column *
column_called(const struct schema_table *table, const char *name,
	      size_t length)
{
	for (int i = 0; i < table->column_count; i++)
		if (strlen(table->columns[i].name) == length &&
		    sqlite3_strnicmp(table->columns[i].name, name,
				     (int)length) == 0)
			return &table->columns[i];
	return NULL;
}

/* "t.a, t.b" after the colon. Names may hold dots: the last one counts. */
static void read_columns(const struct schema *schema, const char *text,
			 struct failure *failure)
{
	const char *dot;

	while (*text && failure->count < COLUMNS_MAX) {
		size_t length = strcspn(text, ",");
		const struct schema_column *column = NULL;

		for (dot = text + length; dot > text && *dot != '.';)
			dot--;
		failure->table = find_lite_table(schema, text,
						 (size_t)(dot - text));
		if (!failure->table)
			return;
		column = column_called(failure->table, dot + 1,
				       (size_t)(text + length - dot - 1));
		if (column)
			failure->columns[failure->count++] = column->number;
		text += length;
		text += strspn(text, ", ");
	}
}

static bool same_set(const int16_t *a, int a_count, const int16_t *b,
		     int b_count)
{
	if (a_count != b_count)
		return false;
	for (int i = 0; i < a_count; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

static const struct schema_index *index_over(const struct failure *failure)
{
	const struct schema_table *table = failure->table;

	for (int i = 0; table && i < table->index_count; i++) {
		const struct schema_index *index = &table->indexes[i];

		if (index->unique && !index->late &&
		    same_set(index->columns, index->key_count,
			     failure->columns, failure->count))
			return index;
	}
	return NULL;
}

static const char *column_name(const struct schema_table *table,
			       int16_t number)
{
	for (int i = 0; i < table->column_count; i++)
		if (table->columns[i].number == number)
			return table->columns[i].name;
	return "?";
}

/* --- wording -------------------------------------------------------------------------- */

static void name_constraint(struct error *error,
			    const struct schema_table *table, const char *name)
{
	if (table)
		error_table(error, table->schema, table->name);
	if (name)
		snprintf(error->constraint, sizeof(error->constraint), "%s",
			 name);
}

static const char *name_of_index(const struct schema_index *index)
{
	return !index ? NULL : index->constraint ? index->constraint :
						   index->name;
}

static const char *after_colon(const char *message)
{
	const char *colon = strstr(message, ": ");

	return colon ? colon + 2 : "";
}

static bool is_called(const struct schema_index *index, const char *name)
{
	size_t length = strlen(FACTS_NULL_ROWS);

	if (strncmp(name, FACTS_NULL_ROWS, length) == 0)
		return strtoul(name + length, NULL, 10) == index->oid;
	return strcmp(index->name, name) == 0;
}

/* "index 'name'": an index over expressions names itself. */
static const struct schema_index *index_named(const struct schema *schema,
					      const char *text,
					      const struct schema_table **table)
{
	char name[128];
	size_t length;

	if (strncmp(text, "index '", 7) != 0)
		return NULL;
	text += 7;
	length = strlen(text);
	if (length == 0 || length >= sizeof(name))
		return NULL;
	memcpy(name, text, length - 1);
	name[length - 1] = 0;
	for (int i = 0; i < schema->table_count; i++)
		for (int j = 0; j < schema->tables[i].index_count; j++) {
			const struct schema_index *index =
				&schema->tables[i].indexes[j];

			if (is_called(index, name)) {
				*table = &schema->tables[i];
				return index;
			}
		}
	return NULL;
}

/* An expression has no column to show. */
static void use_index(const struct schema_index *index,
		      struct failure *failure)
{
	failure->count = 0;
	if (index->key_count > COLUMNS_MAX)
		return;
	for (int i = 0; i < index->key_count; i++)
		if (!index->columns[i])
			return;
	failure->count = index->key_count;
	memcpy(failure->columns, index->columns,
	       sizeof(*index->columns) * (size_t)index->key_count);
}

static void describe_unique(struct lite_session *session, const char *message,
			    const struct lite_plan *plan,
			    const struct witness *witness,
			    struct failure *failure, struct error *error)
{
	const struct schema_index *index, *first;
	const char *name;

	index = index_named(session->schema, after_colon(message),
			    &failure->table);
	if (!index) {
		read_columns(session->schema, after_colon(message), failure);
		index = index_over(failure);
	}
	first = plan && plan->compiled.may_conflict ? NULL :
		lite_witness_index(witness, failure->table);
	if (first && (!index || first->oid <= index->oid))
		index = first;
	if (index)
		use_index(index, failure);
	name = name_of_index(index);
	error_set(error, SQLSTATE_UNIQUE,
		  "duplicate key value violates unique constraint \"%s\"",
		  name ? name : after_colon(message));
	name_constraint(error, failure->table, name);
}

static void describe_not_null(struct lite_session *session,
			      const char *message, struct error *error)
{
	struct failure failure = { 0 };
	const char *column;

	read_columns(session->schema, after_colon(message), &failure);
	column = failure.table && failure.count ?
		column_name(failure.table, failure.columns[0]) :
		after_colon(message);
	error_set(error, SQLSTATE_NOT_NULL,
		  "null value in column \"%s\" of relation \"%s\" violates "
		  "not-null constraint", column,
		  failure.table ? failure.table->name : "?");
	name_constraint(error, failure.table, NULL);
	snprintf(error->column, sizeof(error->column), "%s", column);
}

static bool has_check(const struct schema_table *table, const char *name)
{
	for (int i = 0; i < table->constraint_count; i++)
		if (table->constraints[i].kind == CONSTRAINT_CHECKED &&
		    strcmp(table->constraints[i].name, name) == 0)
			return true;
	return false;
}

/* `written` is the table that the statement writes, or NULL: the CHECKs of
 * another program's are not in the schema. */
static void describe_check(struct lite_session *session,
			   const struct schema_table *written,
			   const char *message, struct error *error)
{
	const char *name = after_colon(message);
	const struct schema_table *table =
		written && has_check(written, name) ? written : NULL;

	/* Checks of several tables may have one name. */
	for (int i = 0; i < session->schema->table_count && !table; i++)
		if (has_check(&session->schema->tables[i], name))
			table = &session->schema->tables[i];
	if (!table)
		table = written;
	error_set(error, SQLSTATE_CHECK,
		  "new row for relation \"%s\" violates check constraint "
		  "\"%s\"", table ? table->name : "?", name);
	name_constraint(error, table, name);
}

static void describe_key(struct lite_session *session,
			 const struct lite_plan *plan, struct error *error)
{
	if (!key_queue_explain(session, plan, error))
		error_set(error, SQLSTATE_FOREIGN_KEY, "%s",
			  "statement violates a foreign key constraint");
}

static void describe_constraint(struct lite_session *session, int code,
				const struct lite_plan *plan,
				const char *message, struct error *error)
{
	struct witness *witness;
	struct failure failure = { 0 };
	const char *table;

	/* It may be what a foreign key changes that is refused: another one,
	 * then, than the first that SQLite comes to. */
	if (plan && plan->compiled.key_order & KEY_ORDER_FAILS &&
	    key_queue_explain(session, plan, error))
		return;
	/* The rows in question, if the statement can be watched failing. */
	witness = lite_witness(session, plan);
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		describe_unique(session, message, plan, witness, &failure,
				error);
		if (failure.count)
			lite_witness_key(witness, failure.columns,
					 failure.count, error);
		break;
	case SQLITE_CONSTRAINT_NOTNULL:
		describe_not_null(session, message, error);
		lite_witness_row(witness, error);
		break;
	case SQLITE_CONSTRAINT_CHECK:
		describe_check(session, lite_witness_table(witness), message,
			       error);
		lite_witness_row(witness, error);
		break;
	case SQLITE_CONSTRAINT_FOREIGNKEY:
		describe_key(session, plan, error);
		break;
	case SQLITE_CONSTRAINT_TRIGGER:
		table = strstr(message, LITE_PROTECTED_MESSAGE);
		if (table) {
			session_describe_refused(
				session, table + strlen(LITE_PROTECTED_MESSAGE),
				plan, error);
			break;
		}
		/* ON DELETE RESTRICT is a trigger inside SQLite. */
		if (strstr(message, "FOREIGN KEY constraint failed")) {
			describe_key(session, plan, error);
			break;
		}
		/* fall through */
	default:
		error_set(error, "23000", "%s", message);
	}
	lite_witness_free(&witness);
}

/* --- everything else ------------------------------------------------------------------------ */

static void describe_denied(struct lite_session *session,
			    const struct lite_plan *plan, struct error *error)
{
	const char *what = session->connection->denied;

	if (what[0] && session->connection->denied_change) {
		session_describe_refused(session, what, plan, error);
		return;
	}
	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied for table %s", what[0] ? what : "?");
}

static void describe_interrupt(struct lite_session *session,
			       struct error *error)
{
	if (session->connection->starved) {
		error_set(error, SQLSTATE_OUT_OF_MEMORY, "%s", "out of memory");
		error_detail(error, "The statement was stopped, because it had "
			     "taken more than %zu MB.",
			     session->engine->options.memory_bytes_max >> 20);
		return;
	}
	if (atomic_load(&session->connection->too_old)) {
		error_set(error, SQLSTATE_SNAPSHOT_TOO_OLD, "%s",
			  "snapshot too old");
		return;
	}
	error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
		  session->connection->timed_out ?
		  "canceling statement due to statement timeout" :
		  "canceling statement due to user request");
}

static bool is_overflow(const char *message)
{
	return strcmp(message, "integer overflow") == 0;
}

static bool is_too_deep(const char *message)
{
	return strstr(message, "parser stack overflow") != NULL ||
	       strncmp(message, "Expression tree is too large", 28) == 0 ||
	       strncmp(message, "too many levels of", 18) == 0;
}

/* What an index or a generated column must not hold, as Postgres says it. */
static const char *not_immutable(const char *message)
{
	static const char prefix[] = "non-deterministic functions prohibited in ";
	static const char *const rows[][2] = {
		{ "index expressions",
		  "functions in index expression must be marked IMMUTABLE" },
		{ "partial index WHERE clauses",
		  "functions in index predicate must be marked IMMUTABLE" },
		{ "generated columns",
		  "generation expression is not immutable" },
	};

	if (strncmp(message, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(message + sizeof(prefix) - 1, rows[i][0]) == 0)
			return rows[i][1];
	return NULL;
}

/* A parameter that says how far a window frame goes. */
static const char *negative_offset(const char *message)
{
	static const char *const rows[][2] = {
		{ "frame starting offset must be a non-negative integer",
		  "frame starting offset must not be negative" },
		{ "frame ending offset must be a non-negative integer",
		  "frame ending offset must not be negative" },
		{ "frame starting offset must be a non-negative number",
		  "invalid preceding or following size in window function" },
		{ "frame ending offset must be a non-negative number",
		  "invalid preceding or following size in window function" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(message, rows[i][0]) == 0)
			return rows[i][1];
	return NULL;
}

static void describe_other(const char *message, struct error *error)
{
	const char *immutable = not_immutable(message);

	if (immutable)
		error_set(error, "42P17", "%s", immutable);
	else if (is_overflow(message))
		error_set(error, SQLSTATE_NUMERIC_OUT_OF_RANGE, "%s",
			  "bigint out of range");
	else if (negative_offset(message))
		error_set(error, "22013", "%s", negative_offset(message));
	else if (is_too_deep(message))
		error_set(error, SQLSTATE_TOO_COMPLEX, "%s",
			  "stack depth limit exceeded");
	else
		error_set(error, SQLSTATE_INTERNAL, "%s", message);
}

void session_describe_error(struct lite_session *session, int code,
			    const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct error *own = &connection->context.error;
	char message[512];

	snprintf(message, sizeof(message), "%s",
		 sqlite3_errmsg(connection->db));
	if (strcmp(own->sqlstate, CONTEXT_STOPPED) == 0) {
		lite_stop_done(connection);
		own->sqlstate[0] = 0;
		describe_interrupt(session, error);
		return;
	}
	if (own->sqlstate[0]) {
		*error = *own;
		return;
	}
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
		describe_constraint(session, code, plan, message, error);
		break;
	case SQLITE_AUTH:
		describe_denied(session, plan, error);
		break;
	case SQLITE_INTERRUPT:
		describe_interrupt(session, error);
		break;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CORRUPT:
	case SQLITE_NOMEM:
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		lite_describe_loss(code, error);
		break;
	case SQLITE_TOOBIG:
		error_set(error, SQLSTATE_LIMIT_EXCEEDED, "%s", message);
		break;
	default:
		describe_other(message, error);
	}
}
