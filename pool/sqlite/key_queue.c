#include "pool/sqlite/key_queue_inner.h"

#include <stdlib.h>

#include "pool/sqlite/run_witness_inner.h"
#include "protocol/dialect/key_order.h"

#define ARGUMENTS_MAX 120	/* of one SQL function */

/* --- rows ------------------------------------------------------------------------- */

static struct row_slot *slot_of(const struct key_queue *queue,
				const struct watched *watched, int64_t rowid)
{
	size_t mask = queue->row_capacity - 1;
	size_t place = (size_t)(((uint64_t)rowid ^ (uintptr_t)watched) *
				0x9E3779B97F4A7C15u >> 20) & mask;

	while (queue->rows[place].watched &&
	       (queue->rows[place].watched != watched ||
		queue->rows[place].rowid != rowid))
		place = (place + 1) & mask;
	return &queue->rows[place];
}

static void grow_rows(struct key_queue *queue)
{
	struct row_slot *old = queue->rows;
	size_t count = queue->row_capacity;

	queue->row_capacity = count ? count * 2 : 64;
	queue->rows = must_alloc(queue->row_capacity * sizeof(*queue->rows));
	for (size_t i = 0; i < count; i++)
		if (old[i].watched)
			*slot_of(queue, old[i].watched, old[i].rowid) = old[i];
	free(old);
}

static void note_row(struct key_queue *queue, const struct watched *watched,
		     int64_t rowid, size_t change)
{
	struct row_slot *slot;

	if (queue->row_count * 2 >= queue->row_capacity)
		grow_rows(queue);
	slot = slot_of(queue, watched, rowid);
	queue->row_count += !slot->watched;
	*slot = (struct row_slot){ watched, rowid, change };
}

size_t key_row_change(const struct key_queue *queue,
		      const struct watched *watched, int64_t rowid)
{
	return queue->row_capacity ? slot_of(queue, watched, rowid)->change : 0;
}

static struct value *take_values(struct key_queue *queue, int count,
				 sqlite3_value **from)
{
	struct value *values = arena_alloc(&queue->arena, sizeof(*values) *
						 (size_t)(count + 1));

	for (int i = 0; i < count; i++)
		witness_take(&queue->arena, from[i], &values[i]);
	return values;
}

static void note_change(struct key_queue *queue, struct change change)
{
	if (queue->change_count == queue->change_capacity) {
		queue->change_capacity = queue->change_capacity * 2 + 64;
		queue->changes = must_realloc(queue->changes,
					      queue->change_capacity *
					      sizeof(*queue->changes));
	}
	queue->changes[queue->change_count++] = change;
	if (change.before)
		note_row(queue, change.watched, change.before_rowid, 0);
	if (change.after)
		note_row(queue, change.watched, change.after_rowid,
			 queue->change_count);
}

/* weir_changed(table, rowid before, rowid after, values before and after) of
 * those that there are: a rowid is NULL where the row was not or is not. */
static void on_change(sqlite3_context *call, int count, sqlite3_value **values)
{
	struct lite_connection *connection = sqlite3_user_data(call);
	struct key_queue *queue = connection->keys;
	struct change change = { 0 };
	int columns, number = count > 2 ? sqlite3_value_int(values[0]) : -1;

	if (!queue || queue->deaf || number < 0 ||
	    number >= queue->watched_count)
		return;
	if (queue->arena.bytes + queue->change_count * sizeof(change) >
	    queue->session->engine->options.memory_bytes_max) {
		queue->full = true;
		return;
	}
	change.watched = queue->watched[number];
	columns = change.watched->column_count;
	if (sqlite3_value_type(values[1]) != SQLITE_NULL) {
		change.before_rowid = sqlite3_value_int64(values[1]);
		change.before = take_values(queue, columns, values + 3);
		change.ours = key_row_change(queue, change.watched,
					     change.before_rowid) != 0;
	}
	if (sqlite3_value_type(values[2]) != SQLITE_NULL) {
		change.after_rowid = sqlite3_value_int64(values[2]);
		change.after = take_values(queue, columns, values +
					   count - columns);
	}
	/* Nobody can miss it. */
	if (!change.after && !change.watched->above_count) {
		if (change.ours)
			note_row(queue, change.watched, change.before_rowid,
				 0);
		return;
	}
	note_change(queue, change);
}

int key_queue_register(struct lite_connection *connection)
{
	return sqlite3_create_function(connection->db, "weir_changed", -1,
				       SQLITE_UTF8 | SQLITE_INNOCUOUS,
				       connection, on_change, NULL, NULL);
}

/* --- tables --------------------------------------------------------------------------- */

int key_place(const struct watched *watched, int16_t column)
{
	for (int i = 0; i < watched->column_count; i++)
		if (watched->columns[i] == column)
			return i;
	return -1;
}

static void add_columns(struct watched *watched, const int16_t *columns,
			int count)
{
	for (int i = 0; i < count; i++)
		if (key_place(watched, columns[i]) < 0)
			watched->columns[watched->column_count++] = columns[i];
}

static struct key *make_key(struct key_queue *queue,
			    const struct schema_constraint *constraint,
			    const struct schema_table *child,
			    const struct schema_table *parent)
{
	struct key *key;

	for (int i = 0; i < queue->key_count; i++)
		if (queue->keys[i]->constraint == constraint)
			return queue->keys[i];
	key = arena_alloc(&queue->arena, sizeof(*key));
	key->constraint = constraint;
	key->child = child;
	key->parent = parent;
	queue->keys = must_realloc(queue->keys,
				   ((size_t)queue->key_count + 1) *
				   sizeof(*queue->keys));
	queue->keys[queue->key_count++] = key;
	return key;
}

/* By age. */
static void add_key(struct arena *arena, struct key ***list, int *count,
		    struct key *key)
{
	struct key **longer = arena_alloc(arena, ((size_t)*count + 1) *
						 sizeof(*longer));
	int at = *count;

	for (; at > 0 && (*list)[at - 1]->constraint->oid >
			 key->constraint->oid; at--)
		longer[at] = (*list)[at - 1];
	longer[at] = key;
	while (at-- > 0)
		longer[at] = (*list)[at];
	*list = longer;
	++*count;
}

static void find_keys(struct key_queue *queue, struct watched *watched)
{
	const struct schema *schema = queue->session->schema;
	const struct schema_table *table = watched->table;

	watched->columns = arena_alloc(&queue->arena,
				       sizeof(*watched->columns) *
				       ((size_t)table->column_count + 1));
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *child = &schema->tables[i];

		for (int j = 0; j < child->constraint_count; j++) {
			const struct schema_constraint *each =
				&child->constraints[j];

			if (!key_points_at(each, table))
				continue;
			add_columns(watched, each->foreign_columns,
				    each->column_count);
			add_key(&queue->arena, &watched->above,
				&watched->above_count,
				make_key(queue, each, child, table));
		}
	}
	for (int j = 0; j < table->constraint_count; j++) {
		const struct schema_constraint *each = &table->constraints[j];
		const struct schema_table *parent;

		if (each->kind != CONSTRAINT_FOREIGN)
			continue;
		parent = schema_find_table(schema, NULL, each->foreign_schema,
					   each->foreign_table);
		if (!parent)
			continue;
		add_columns(watched, each->columns, each->column_count);
		add_key(&queue->arena, &watched->own, &watched->own_count,
			make_key(queue, each, table, parent));
	}
}

static void put_values(struct buffer *sql, const struct watched *watched,
		       const char *which)
{
	for (int i = 0; i < watched->column_count; i++) {
		const struct schema_table *table = watched->table;
		const char *name = "";
		char *quoted;

		for (int j = 0; j < table->column_count; j++)
			if (table->columns[j].number == watched->columns[i])
				name = table->columns[j].name;
		quoted = sqlite3_mprintf(", %s.\"%w\"", which, name);
		buffer_put_text(sql, quoted);
		sqlite3_free(quoted);
	}
}

static void put_trigger(struct buffer *sql, const struct watched *watched,
			int number, int event)
{
	static const char *const events[] = { "INSERT", "UPDATE", "DELETE" };
	char *head = sqlite3_mprintf("CREATE TEMP TRIGGER _weir_key_%d_%d "
				     "AFTER %s ON \"%w\".\"%w\" BEGIN SELECT "
				     "weir_changed(%d, %s, %s", number, event,
				     events[event],
				     watched->table->lite_database,
				     watched->table->lite_name, number,
				     event == 0 ? "NULL" : "OLD.rowid",
				     event == 2 ? "NULL" : "NEW.rowid");

	buffer_put_text(sql, head);
	sqlite3_free(head);
	if (event != 0)
		put_values(sql, watched, "OLD");
	if (event != 2)
		put_values(sql, watched, "NEW");
	buffer_put_text(sql, "); END; ");
}

/* Rows are told apart by their rowid. */
static bool has_rowid(const struct key_queue *queue,
		      const struct schema_table *table)
{
	char *sql = sqlite3_mprintf("SELECT rowid FROM \"%w\".\"%w\"",
				    table->lite_database, table->lite_name);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(queue->session->connection->db, sql, -1,
				      &statement, NULL);

	sqlite3_finalize(statement);
	sqlite3_free(sql);
	return code == SQLITE_OK;
}

static bool put_triggers(struct key_queue *queue, struct watched *watched)
{
	struct buffer sql = { 0 };
	int code;

	for (int event = 0; event < 3; event++)
		put_trigger(&sql, watched, queue->watched_count - 1, event);
	code = lite_run_own(queue->session->connection, buffer_cstring(&sql));
	buffer_fini(&sql);
	return code == SQLITE_OK;
}

struct watched *key_queue_watch(struct key_queue *queue,
				const struct schema_table *table,
				struct error *error)
{
	struct watched *watched;

	for (int i = 0; i < queue->watched_count; i++)
		if (queue->watched[i]->table == table)
			return queue->watched[i];
	watched = arena_alloc(&queue->arena, sizeof(*watched));
	watched->table = table;
	find_keys(queue, watched);
	queue->watched = must_realloc(queue->watched,
				      ((size_t)queue->watched_count + 1) *
				      sizeof(*queue->watched));
	queue->watched[queue->watched_count++] = watched;
	if (watched->column_count == 0)
		return watched;
	if (watched->column_count * 2 + 3 <= ARGUMENTS_MAX &&
	    has_rowid(queue, table) && put_triggers(queue, watched))
		return watched;
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "following the foreign keys of table \"%s\" in Postgres's "
		  "order is not supported on SQLite", table->name);
	return NULL;
}

/* --- life ------------------------------------------------------------------------------- */

bool key_queue_begin(struct lite_session *session,
		     const struct compiled *compiled, struct error *error)
{
	struct lite_connection *connection = session->connection;
	struct key_queue *queue = must_alloc(sizeof(*queue));

	queue->session = session;
	connection->keys = queue;
	sqlite3_db_config(connection->db, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
	for (int i = 0; i < compiled->changed_count; i++) {
		const struct schema_table *table = schema_table_by_oid(
			session->schema, compiled->changed[i]);

		if (table && !key_queue_watch(queue, table, error))
			return false;
	}
	return true;
}

bool key_queue_open(struct lite_session *session,
		    const struct compiled *compiled, struct error *error)
{
	/* SQLite lets RESTRICT wait with the others. */
	unsigned needed = KEY_ORDER_SHOWS | (session->connection->defers ?
					     KEY_ORDER_RESTRICTS : 0);

	if (!(compiled->key_order & needed) || session->replaying)
		return true;
	if (lite_is_broken(session->connection)) {
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
			  "a statement whose foreign keys act in the order "
			  "in which they were made is not supported on "
			  "SQLite while a deferred one is broken");
		error_hint(error, "%s", "SET CONSTRAINTS ALL IMMEDIATE would "
			   "tell which.");
		return false;
	}
	return key_queue_begin(session, compiled, error);
}

bool key_queue_settle(struct lite_session *session, struct error *error)
{
	struct key_queue *queue = session->connection->keys;

	return !queue || key_follow(queue, error);
}

static void drop_triggers(struct key_queue *queue)
{
	struct buffer sql = { 0 };

	for (int i = 0; i < queue->watched_count; i++)
		for (int event = 0; event < 3; event++)
			buffer_printf(&sql, "DROP TRIGGER IF EXISTS "
					    "temp._weir_key_%d_%d; ", i, event);
	lite_run_own(queue->session->connection, buffer_cstring(&sql));
	buffer_fini(&sql);
}

static void free_queue(struct key_queue *queue)
{
	for (int i = 0; i < queue->key_count; i++)
		for (int verb = 0; verb < KEY_VERBS; verb++)
			sqlite3_finalize(queue->keys[i]->verbs[verb]);
	free(queue->keys);
	free(queue->watched);
	free(queue->changes);
	free(queue->rows);
	arena_fini(&queue->arena);
	free(queue);
}

void key_queue_close(struct lite_connection *connection)
{
	struct key_queue *queue = connection->keys;

	if (!queue)
		return;
	drop_triggers(queue);
	free_queue(queue);
	connection->keys = NULL;
	sqlite3_db_config(connection->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
}
