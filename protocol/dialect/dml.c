/* What INSERT, UPDATE and DELETE share: defaults, RETURNING. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/dml.h"
#include "protocol/dialect/domain.h"
#include "protocol/dialect/foreign.h"
#include "protocol/dialect/key_order.h"

/* Of several parts all must have run before any key is followed. */
static void note_changed(struct compile_state *state,
			 const struct schema_table *table)
{
	for (int i = 0; i < state->changed_count; i++) {
		if (state->changed[i] == table->oid)
			return;
	}
	if ((state->changed_count & (state->changed_count - 1)) == 0) {
		uint32_t *more = arena_alloc(state->arena, sizeof(*more) * 2 *
			((size_t)state->changed_count + 1));

		if (state->changed_count > 0)
			memcpy(more, state->changed, sizeof(*more) *
						     (size_t)state->changed_count);
		state->changed = more;
	}
	state->changed[state->changed_count++] = table->oid;
	if ((state->in_part || state->changed_count > 1) &&
	    key_touches(state->schema, table))
		state->key_order |= KEY_ORDER_SHOWS;
}

void note_key_order(struct compile_state *state,
		    const struct schema_table *table, List *targets)
{
	int16_t *set = arena_alloc(state->arena, sizeof(*set) *
						 (size_t)(table->column_count +
							  list_length(targets)));
	ListCell *cell;
	int count = 0;

	foreach(cell, targets) {
		const struct schema_column *column = schema_find_column(
			table, ((ResTarget *)lfirst(cell))->name);

		if (column != NULL)
			set[count++] = column->number;
	}
	for (int i = 0; count > 0 && i < table->column_count; i++) {
		if (table->columns[i].generated != 0)
			set[count++] = table->columns[i].number;
	}
	state->key_order |= targets == NIL ?
		key_order_of_delete(state->schema, table) :
		key_order_of_update(state->schema, table, set, count);
}

bool check_writable(struct compile_state *state,
		    const struct schema_table *table, const char *what,
		    int location)
{
	if (table->catalog)
		return compile_fail(state, location,
				    SQLSTATE_INSUFFICIENT_PRIVILEGE,
				    "permission denied for table %s",
				    table->name);
	if (table->kind == 'm')
		return compile_fail(state, -1, "42809",
				    "cannot change materialized view \"%s\"",
				    table->name);
	if (table->kind == 'v')
		return compile_fail(state, location,
				    SQLSTATE_FEATURE_NOT_SUPPORTED,
				    "cannot %s view \"%s\" on SQLite", what,
				    table->name);
	state->writes = true;
	note_changed(state, table);
	return true;
}

static const char *next_value(struct compile_state *state,
			      const struct schema_table *table,
			      const struct schema_column *column)
{
	const struct schema_sequence *sequence =
		schema_find_sequence(state->schema, table->schema,
				     column->sequence);

	if (sequence == NULL) {
		compile_fail(state, -1, SQLSTATE_UNDEFINED_TABLE,
			     "relation \"%s\" does not exist",
			     column->sequence);
		return NULL;
	}
	return arena_printf(state->arena, "pg_nextval(%u)", sequence->oid);
}

static const char *in_domain(struct compile_state *state,
			     const struct schema_column *column,
			     const char *sql)
{
	struct expr *value;

	if (sql == NULL || column->domain == 0)
		return sql;
	value = domain_coerce(state, expr_new(state, column->type, sql),
			      column->domain);
	return value == NULL ? NULL : value->sql;
}

/* A default is read by itself: no names, no parameters, no positions. */
const char *default_value(struct compile_state *state,
			  const struct schema_table *table,
			  const struct schema_column *column)
{
	const char *default_text = column->domain_default;
	struct slice text = state->text;
	struct sql_tree *tree;
	Node *node;
	const char *sql = NULL;

	if (column->lite_default) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "DEFAULT for column \"%s\" is not supported: its default is an expression of SQLite's",
			     column->name);
		error_hint(state->error, "Leave the column out of the INSERT.");
		return NULL;
	}
	if (column->default_text != NULL)
		default_text = column->default_text;
	if (default_text == NULL)
		return in_domain(state, column, column->sequence != NULL ?
				 next_value(state, table, column) : "NULL");
	tree = parse_expression(state, default_text, &node);
	if (tree == NULL)
		return NULL;
	state->text = slice_make(NULL, 0);
	state->kept_depth++;
	if (!compile_value_expr(state, node, NULL, column->type,
				column->typmod, "DEFAULT expressions", &sql))
		sql = NULL;
	state->kept_depth--;
	state->text = text;
	sql_tree_free(&tree);
	sql = in_domain(state, column, sql);
	return sql == NULL ? NULL :
	       foreign_write_sql(state->arena, column, sql);
}

bool has_default(const struct schema_column *column)
{
	/* A domain may have one, or refuse NULL. */
	return column->default_text != NULL || column->sequence != NULL ||
	       column->identity != 0 || column->domain != 0;
}

/* NULL: there is none; false: failed. */
bool returning_clause(struct compile_state *state, struct scope *scope,
		      List *list, struct compiled *out, const char **ret_sql)
{
	struct expr_list targets = { .count = 0 };
	struct buffer sql = { 0 };
	bool read;

	*ret_sql = "";
	if (list == NIL)
		return true;
	scope->no_aggregates = scope->no_windows = "RETURNING";
	scope->no_sets = "RETURNING";
	state->changing = scope->range_count > 0 ? scope->ranges[0]->table :
			  NULL;
	read = read_targets(state, scope, list, &targets);
	state->changing = NULL;
	if (!read)
		return false;
	for (int i = 0; i < targets.count; i++) {
		targets.items[i] = settle(state, targets.items[i]);
		if (targets.items[i] == NULL) {
			buffer_fini(&sql);
			return false;
		}
		buffer_put_text(&sql, i == 0 ? " RETURNING " : ", ");
		buffer_put_text(&sql, targets.items[i]->sql);
	}
	out->columns = columns_of(state, &targets);
	out->column_count = targets.count;
	*ret_sql = arena_text(state->arena, buffer_cstring(&sql));
	buffer_fini(&sql);
	return true;
}
