#include "pool/sqlite/key_queue_inner.h"

#include "pool/sqlite/names.h"
#include "pool/sqlite/run_witness_inner.h"
#include "pool/sqlite/session_constraints.h"
#include "protocol/foreign_value.h"

#define KEY_COLUMNS_MAX 32	/* as in Postgres */

/* --- what is said of a broken key ------------------------------------------------- */

/* A row as a witness would have it, of the columns that are known. */
static struct seen whole_row(struct key_queue *queue,
			     const struct watched *watched,
			     const struct value *values)
{
	const struct schema_table *table = watched->table;
	struct seen row = { .values = arena_alloc(&queue->arena,
				sizeof(*row.values) *
				((size_t)table->column_count + 1)) };

	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];
		int place = key_place(watched, column->number);
		struct error ignored;

		row.values[i].kind = VALUE_NULL;
		if (place < 0 || values[place].kind == VALUE_NULL)
			continue;
		if (!column->foreign ||
		    !foreign_read(column->type, column->typmod, &values[place],
				  &queue->arena, &row.values[i], &ignored))
			row.values[i] = values[place];
	}
	return row;
}

static bool tell_parent(struct key_queue *queue, const struct change *change,
			const struct key *key, struct error *error)
{
	struct witness witness = { .session = queue->session,
				   .table = key->parent };
	struct seen row = whole_row(queue, change->watched, change->before);

	witness_tell_parent(&witness, &row, key->child, key->constraint, error);
	return false;
}

static bool tell_child(struct key_queue *queue, const struct change *change,
		       const struct key *key, struct error *error)
{
	struct witness witness = { .session = queue->session,
				   .table = key->child };
	struct seen row = whole_row(queue, change->watched, change->after);

	witness_tell_child(&witness, &row, key->constraint, error);
	return false;
}

/* --- the statements of a key ---------------------------------------------------------- */

static void put_where(struct buffer *sql, const struct schema_table *table,
		      const int16_t *columns, int count)
{
	for (int i = 0; i < count; i++) {
		put_names(sql, i ? " AND \"%w\"" : " WHERE \"%w\"",
			   name_of(table, columns[i]), NULL);
		buffer_printf(sql, " = ?%d", i + 1);
	}
}

/* What the verb sets the key's columns to. */
static bool put_set(struct key_queue *queue, const struct key *key,
		    enum key_verb verb, struct buffer *sql, struct error *error)
{
	const struct schema_constraint *constraint = key->constraint;
	char action = verb == KEY_CLEAR_DELETED ? constraint->on_delete :
						  constraint->on_update;
	const char *list;

	if (!compile_key_action(queue->session->schema,
				&queue->session->compile, key->child,
				key->parent, constraint, action, &queue->arena,
				&list, error))
		return false;
	buffer_put_text(sql, list);
	return true;
}

static bool put_verb(struct key_queue *queue, const struct key *key,
		     enum key_verb verb, struct buffer *sql,
		     struct error *error)
{
	const struct schema_constraint *constraint = key->constraint;
	const struct schema_table *table = verb == KEY_FIND_PARENT ?
						   key->parent : key->child;
	const int16_t *columns = verb == KEY_FIND_PARENT ?
					 constraint->foreign_columns :
					 constraint->columns;
	bool changes = verb == KEY_CLEAR_DELETED || verb == KEY_CLEAR_CHANGED ||
		       verb == KEY_MOVE;

	put_names(sql, changes ? "UPDATE \"%w\".\"%w\" SET " :
			verb == KEY_DELETE ? "DELETE FROM \"%w\".\"%w\"" :
					     "SELECT 1 FROM \"%w\".\"%w\"",
		   table->lite_database, table->lite_name);
	if (changes && !put_set(queue, key, verb, sql, error))
		return false;
	put_where(sql, table, columns, constraint->column_count);
	if (verb == KEY_FIND_PARENT || verb == KEY_FIND_CHILD)
		buffer_put_text(sql, " LIMIT 1");
	return true;
}

/* What went wrong is looked for by running it, as of a client's statement. */
static bool fail_verb(struct key_queue *queue, const char *sql,
		      const struct value *values, int count, int code,
		      struct error *error)
{
	struct lite_session *session = queue->session;
	const struct value *before = session->bound;
	struct lite_plan part = {
		.compiled = { .kind = COMPILED_UPDATE, .sql = sql,
			      .parameter_count = count },
	};

	queue->deaf = true;
	session->bound = values;
	session_describe_error(session, code, &part, error);
	session->bound = before;
	lite_check_loss(session->connection, code);
	return false;
}

static bool prepare_verb(struct key_queue *queue, struct key *key,
			 enum key_verb verb, struct error *error)
{
	sqlite3 *db = queue->session->connection->db;
	struct buffer sql = { 0 };
	int code = SQLITE_ERROR;
	bool made = put_verb(queue, key, verb, &sql, error);

	if (made)
		code = sqlite3_prepare_v2(db, buffer_cstring(&sql), -1,
					  &key->verbs[verb], NULL);
	if (made && code != SQLITE_OK)
		fail_verb(queue, buffer_cstring(&sql), NULL, 0, code, error);
	buffer_fini(&sql);
	return code == SQLITE_OK;
}

static bool run_verb(struct key_queue *queue, struct key *key,
		     enum key_verb verb, const struct value *values, int count,
		     bool *ret_found, struct error *error)
{
	struct lite_session *session = queue->session;
	sqlite3_stmt *statement;
	int code;

	if (!key->verbs[verb] && !prepare_verb(queue, key, verb, error))
		return false;
	statement = key->verbs[verb];
	if (!session_bind_values(session, statement, values, count, error))
		return false;
	session->connection->context.error.sqlstate[0] = 0;
	code = sqlite3_step(statement);
	*ret_found = code == SQLITE_ROW;
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return fail_verb(queue, sqlite3_sql(statement), values, count,
				 code, error);
	sqlite3_reset(statement);
	return true;
}

/* --- what one key makes of one change --------------------------------------------------- */

static void pick(const struct watched *watched, const struct value *row,
		 const int16_t *columns, int count, struct value *to)
{
	for (int i = 0; i < count; i++)
		to[i] = row[key_place(watched, columns[i])];
}

static bool has_null(const struct value *values, int count)
{
	for (int i = 0; i < count; i++)
		if (values[i].kind == VALUE_NULL)
			return true;
	return false;
}

static bool same_values(const struct value *a, const struct value *b, int count)
{
	for (int i = 0; i < count; i++)
		if (!witness_same_value(&a[i], &b[i]))
			return false;
	return true;
}

/* It may go if another row has its key now, or nothing points at it. */
static bool check_missed(struct key_queue *queue, const struct change *change,
			 struct key *key, const struct value *old,
			 bool replaceable, struct error *error)
{
	int count = key->constraint->column_count;
	bool found = false;

	if (replaceable && !run_verb(queue, key, KEY_FIND_PARENT, old, count,
				     &found, error))
		return false;
	if (found)
		return true;
	if (!run_verb(queue, key, KEY_FIND_CHILD, old, count, &found, error))
		return false;
	return !found || tell_parent(queue, change, key, error);
}

static bool change_children(struct key_queue *queue, struct key *key,
			    enum key_verb verb, const struct value *values,
			    int count, struct error *error)
{
	bool unused;

	return key_queue_watch(queue, key->child, error) &&
	       run_verb(queue, key, verb, values, count, &unused, error);
}

static bool clear_children(struct key_queue *queue, const struct change *change,
			   struct key *key, const struct value *old,
			   char action, struct error *error)
{
	if (!change_children(queue, key, change->after ? KEY_CLEAR_CHANGED :
							 KEY_CLEAR_DELETED,
			     old, key->constraint->column_count, error))
		return false;
	/* The default may be what went. */
	return action == 'n' ||
	       check_missed(queue, change, key, old, true, error);
}

/* A row that was pointed at has changed. */
static bool follow_down(struct key_queue *queue, const struct change *change,
			struct key *key, struct error *error)
{
	const struct schema_constraint *constraint = key->constraint;
	int count = constraint->column_count;
	struct value values[KEY_COLUMNS_MAX * 2];
	char action = change->after ? constraint->on_update :
				      constraint->on_delete;

	if (!change->before || count > KEY_COLUMNS_MAX)
		return true;
	pick(change->watched, change->before, constraint->foreign_columns,
	     count, values);
	if (change->after)
		pick(change->watched, change->after,
		     constraint->foreign_columns, count, values + count);
	if (has_null(values, count) ||
	    (change->after && same_values(values, values + count, count)))
		return true;
	switch (action) {
	case 'c':
		return change_children(queue, key, change->after ? KEY_MOVE :
								   KEY_DELETE,
				       values, change->after ? count * 2 :
							       count, error);
	case 'n':
	case 'd':
		return clear_children(queue, change, key, values, action,
				      error);
	case 'r':
		return check_missed(queue, change, key, values, false, error);
	default:
		key->put_off |= session_defers(queue->session, constraint);
		return session_defers(queue->session, constraint) ||
		       check_missed(queue, change, key, values, true, error);
	}
}

/* A row that points somewhere has come to be, if it is still there; an earlier
 * one of the same statement was looked at only if nothing became of it. */
static bool follow_up(struct key_queue *queue, const struct change *change,
		      size_t number, struct key *key, struct error *error)
{
	const struct schema_constraint *constraint = key->constraint;
	int count = constraint->column_count;
	struct value values[KEY_COLUMNS_MAX], old[KEY_COLUMNS_MAX];
	bool found;

	if (!change->after || count > KEY_COLUMNS_MAX)
		return true;
	pick(change->watched, change->after, constraint->columns, count,
	     values);
	if (has_null(values, count))
		return true;
	if (change->before)
		pick(change->watched, change->before, constraint->columns,
		     count, old);
	if (change->before && !change->ours && same_values(old, values, count))
		return true;
	if (session_defers(queue->session, constraint)) {
		key->put_off = true;
		return true;
	}
	if (key_row_change(queue, change->watched, change->after_rowid) !=
	    number + 1)
		return true;
	if (!run_verb(queue, key, KEY_FIND_PARENT, values, count, &found,
		      error))
		return false;
	return found || tell_child(queue, change, key, error);
}

/* --- the queue ------------------------------------------------------------------------------ */

static bool may_go_on(struct key_queue *queue, struct error *error)
{
	struct lite_session *session = queue->session;
	bool cancelled = atomic_load(&session->job.cancelled);

	if (queue->full) {
		error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			  "the rows that the statement changes take more than "
			  "%zu bytes, and must be kept in memory for their "
			  "foreign keys",
			  session->engine->options.memory_bytes_max);
		error_hint(error, "%s", "Change fewer rows at once.");
		return false;
	}
	if (!cancelled && !session_too_late(&session->connection->context))
		return true;
	return error_set(error, SQLSTATE_QUERY_CANCELED, "%s", cancelled ?
			 "canceling statement due to user request" :
			 "canceling statement due to statement timeout");
}

static bool follow_change(struct key_queue *queue, size_t number,
			  struct error *error)
{
	/* What follows may move the list. */
	struct change change = queue->changes[number];
	const struct watched *watched = change.watched;

	for (int i = 0; i < watched->above_count; i++)
		if (!follow_down(queue, &change, watched->above[i], error))
			return false;
	for (int i = 0; i < watched->own_count; i++)
		if (!follow_up(queue, &change, number, watched->own[i], error))
			return false;
	return true;
}

/* SQLite does not know what the statement has broken for a while. */
static bool nothing_put_off(struct key_queue *queue, struct error *error)
{
	for (int i = 0; i < queue->key_count; i++) {
		const struct key *key = queue->keys[i];

		if (key->put_off &&
		    session_is_broken(queue->session, key->child,
				      key->constraint, &(int64_t){ 0 }))
			return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
					 "breaking the deferred foreign key "
					 "\"%s\" by a statement whose foreign "
					 "keys act in the order in which they "
					 "were made is not supported on SQLite",
					 key->constraint->name);
	}
	return true;
}

bool key_follow(struct key_queue *queue, struct error *error)
{
	for (size_t i = 0; i < queue->change_count; i++)
		if (!may_go_on(queue, error) ||
		    !follow_change(queue, i, error))
			return false;
	return may_go_on(queue, error) && nothing_put_off(queue, error);
}

/* --- learning what failed -------------------------------------------------------------------- */

bool key_queue_explain(struct lite_session *session,
		       const struct lite_plan *plan, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct error found = { 0 };
	bool done = true;

	if (!connection->is_writer || !connection->member || connection->keys ||
	    !plan || !plan->compiled.sql || session->replaying ||
	    lite_run_own(connection, "SAVEPOINT _weir_k") != SQLITE_OK)
		return false;
	if (key_queue_begin(session, &plan->compiled, &found) &&
	    lite_run_again(session, plan))
		done = key_follow(connection->keys, &found);
	lite_run_own(connection, "ROLLBACK TO _weir_k; RELEASE _weir_k");
	key_queue_close(connection);
	if (done || strcmp(found.sqlstate, SQLSTATE_FEATURE_NOT_SUPPORTED) == 0)
		return false;
	*error = found;
	return true;
}
