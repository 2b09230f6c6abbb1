/* Functions in FROM: the table-valued ones of ours, WITH ORDINALITY, column
 * definition lists, several arrays side by side. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/from.h"

static struct range_column plain_column(const char *name, const char *sql,
					uint32_t type)
{
	return (struct range_column){ .name = name, .sql = sql, .type = type,
				      .typmod = -1 };
}

/* Splits "key,value" and makes a column of each. */
static void record_columns(struct compile_state *state, struct range *range,
			   const struct call_row *row, const char *alias)
{
	const char *at = row->columns;

	range->column_count = 0;
	while (at != NULL && *at != '\0') {
		const char *end = strchr(at, ',');
		size_t length = end != NULL ? (size_t)(end - at) : strlen(at);
		const char *name = arena_dup(state->arena,
					     slice_make(at, length));

		range->columns[range->column_count] = plain_column(name,
			arena_printf(state->arena, "%s.%s", alias,
				     print_name(state->arena, name)),
			row->column_types[range->column_count]);
		range->column_count++;
		at = end != NULL ? end + 1 : NULL;
	}
}

static void add_ordinality(struct compile_state *state, struct range *range,
			   const char *alias)
{
	range->columns[range->column_count++] = plain_column("ordinality",
		arena_printf(state->arena, "%s.ordinality", alias), OID_INT8);
}

static bool finish(struct compile_state *state, struct scope *scope,
		   struct range *range, Alias *alias)
{
	if (alias != NULL && alias->colnames != NIL &&
	    !rename_columns(state, range, alias->colnames))
		return false;
	return scope_add(state, scope, range, -1) != NULL;
}

/* json_to_recordset(...) AS x(a int, b text) */
static const char *from_record(struct compile_state *state,
			       struct scope *scope, RangeFunction *node,
			       FuncCall *call, List *definitions)
{
	const char *name = call_name(state, call);
	bool is_jsonb, is_set;
	struct expr **arguments;
	struct range *range;
	const char *alias = new_alias(state);
	ListCell *cell;
	int count;

	if (name == NULL ||
	    !read_arguments(state, scope, call, &arguments, &count))
		return NULL;
	is_jsonb = strncmp(name, "jsonb_", 6) == 0;
	is_set = strcmp(name, "json_to_recordset") == 0 ||
		 strcmp(name, "jsonb_to_recordset") == 0;
	if (count != 1 || (!is_set && strcmp(name, "json_to_record") != 0 &&
			   strcmp(name, "jsonb_to_record") != 0)) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "%s() with a column definition list is not supported on SQLite",
			     name);
		return NULL;
	}
	arguments[0] = coerce(state, arguments[0], is_jsonb ? OID_JSONB :
			      OID_JSON, -1, 'i', call->location);
	if (arguments[0] == NULL)
		return NULL;
	range = range_new(state, node->alias->aliasname,
			  list_length(definitions) + 1);
	range->column_count = 0;
	range->present = arena_printf(state->arena,
				      "(%s.ordinality IS NOT NULL)", alias);
	foreach(cell, definitions) {
		ColumnDef *definition = lfirst(cell);
		uint32_t type;
		int32_t typmod;

		if (!compile_type_name(state, definition->typeName, &type,
				       &typmod))
			return NULL;
		if (type_element(state->schema, type) != 0) {
			compile_fail(state, definition->location,
				     SQLSTATE_FEATURE_NOT_SUPPORTED,
				     "arrays out of JSON records are not supported on SQLite");
			return NULL;
		}
		range->columns[range->column_count] = plain_column(
			definition->colname, arena_printf(state->arena,
			type == OID_JSON || type == OID_JSONB ?
			"pg_cast(nullif(pg_json_get(%s.value, %s, %d), 'null'), 25, %u, %d, 1)" :
			"pg_cast(pg_json_get_text(%s.value, %s, %d), 25, %u, %d, 1)",
			alias, print_text(state->arena, definition->colname),
			is_jsonb, type, (int)typmod), type);
		range->columns[range->column_count++].typmod = typmod;
	}
	if (!finish(state, scope, range, NULL))
		return NULL;
	return arena_printf(state->arena, "%s(%s) AS %s", !is_set ?
			    "pg_json_record" : is_jsonb ?
			    "pg_jsonb_recordset" : "pg_json_recordset",
			    arguments[0]->sql, alias);
}

/* unnest(a, b): as long as the longest, side by side. */
static const char *from_arrays(struct compile_state *state,
			       struct scope *scope, RangeFunction *node,
			       struct expr **arguments, int count)
{
	const char *driver = new_alias(state);
	const char *name = node->alias != NULL ? node->alias->aliasname :
			   "unnest";
	struct range *range = range_new(state, name, count + 1);
	const char *lengths = "";
	const char *joins = "";
	bool lateral = false;

	range->column_count = 0;
	range->present = arena_printf(state->arena, "(%s.value IS NOT NULL)",
				      driver);
	for (int i = 0; i < count; i++) {
		const char *alias = new_alias(state);
		uint32_t element = type_element(state->schema,
						arguments[i]->type);
		const char *array = array_text(state, arguments[i]);

		if (element == 0) {
			compile_fail(state, arguments[i]->location,
				     SQLSTATE_UNDEFINED_FUNCTION,
				     "function unnest(%s) does not exist",
				     type_text(state, arguments[i]->type, -1));
			return NULL;
		}
		lateral |= arguments[i]->loose != NULL;
		lengths = arena_printf(state->arena,
			"%s%scoalesce(pg_cardinality(%s), 0)", lengths,
			i > 0 ? ", " : "", array);
		joins = arena_printf(state->arena,
			"%s LEFT JOIN pg_unnest(%s, %u) AS %s ON %s.ordinality = %s.value",
			joins, array, element, alias, alias, driver);
		range->columns[range->column_count++] = plain_column("unnest",
			arena_printf(state->arena, "%s.value", alias),
			element);
	}
	if (node->ordinality)
		range->columns[range->column_count++] = plain_column(
			"ordinality", arena_printf(state->arena, "%s.value",
						   driver), OID_INT8);
	if (!finish(state, scope, range, node->alias))
		return NULL;
	/* in parentheses SQLite sees no other table's columns */
	return arena_printf(state->arena, lateral ?
			    "pg_generate_series(1, max(%s), 1) AS %s%s" :
			    "(pg_generate_series(1, max(%s), 1) AS %s%s)",
			    lengths, driver, joins);
}

static const char *from_call(struct compile_state *state, struct scope *scope,
			     RangeFunction *node, const char *name,
			     const struct call_row *row,
			     struct expr **arguments, int count,
			     uint32_t result)
{
	const char *alias = new_alias(state);
	const char *shown = node->alias != NULL ? node->alias->aliasname : name;
	struct range *range = range_new(state, shown, FUNCTION_COLUMNS_MAX + 1);
	const char *sql = print_call(state, row->print, arguments, count,
				     result);

	if (sql == NULL)
		return NULL;
	range->alias = alias;
	range->present = arena_printf(state->arena,
				      "(%s.ordinality IS NOT NULL)", alias);
	if (row->column_types[0] != 0) {
		record_columns(state, range, row, alias);
	} else {
		range->column_count = 1;
		range->is_value = true;
		range->columns[0] = plain_column(row->columns != NULL &&
			strchr(row->columns, ',') == NULL ? row->columns :
			shown, arena_printf(state->arena, "%s.value", alias),
			result);
	}
	if (node->ordinality)
		add_ordinality(state, range, alias);
	if (!finish(state, scope, range, node->alias))
		return NULL;
	if (row->flags & CALL_SET)
		return arena_printf(state->arena, "%s AS %s", sql, alias);
	return arena_printf(state->arena,
			    "(SELECT %s AS value, 1 AS ordinality) AS %s",
			    sql, alias);
}

/* CURRENT_DATE and other values written like functions. */
static const char *from_value(struct compile_state *state,
			      struct scope *scope, RangeFunction *node,
			      Node *function)
{
	const char *alias = new_alias(state);
	const char *name = node->alias != NULL ? node->alias->aliasname :
			   column_name(state, function);
	struct expr *value = expr_read(state, scope, function);
	struct range *range = range_new(state, name, 2);

	if (value == NULL || (value = settle(state, value)) == NULL)
		return NULL;
	range->column_count = 1;
	range->is_value = true;
	range->columns[0] = plain_column(name, arena_printf(state->arena,
					 "%s.value", alias), value->type);
	if (node->ordinality)
		add_ordinality(state, range, alias);
	if (!finish(state, scope, range, node->alias))
		return NULL;
	return arena_printf(state->arena,
			    "(SELECT %s AS value, 1 AS ordinality) AS %s",
			    value->sql, alias);
}

const char *from_function(struct compile_state *state, struct scope *scope,
			  RangeFunction *node)
{
	List *pair = linitial(node->functions);
	FuncCall *call = linitial(pair);
	List *definitions = node->coldeflist != NIL ? node->coldeflist :
			    (List *)lsecond(pair);
	struct expr **arguments;
	const struct call_row *row;
	const char *name;
	uint32_t result;
	int count;

	if (list_length(node->functions) != 1) {
		compile_fail(state, -1, SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "ROWS FROM with several functions is not supported on SQLite");
		return NULL;
	}
	if (!IsA(call, FuncCall))
		return from_value(state, scope, node, (Node *)call);
	if (definitions != NIL)
		return from_record(state, scope, node, call, definitions);
	name = call_name(state, call);
	if (name == NULL)
		return NULL;
	if (!read_arguments(state, scope, call, &arguments, &count))
		return NULL;
	for (int i = 0; i < count; i++) {
		if (!stays_inside(state, scope, arguments[i]->loose, NULL))
			return NULL;
	}
	if (strcmp(name, "unnest") == 0 && count > 1)
		return from_arrays(state, scope, node, arguments, count);
	row = call_choose(state, name, arguments, &count, call->location,
			  &result);
	if (row == NULL)
		return NULL;
	if (row->flags & (CALL_AGGREGATE | CALL_WINDOW)) {
		compile_fail(state, call->location, SQLSTATE_GROUPING,
			     "aggregate functions are not allowed in functions in FROM");
		return NULL;
	}
	if (!(row->flags & CALL_SET))
		return from_value(state, scope, node, (Node *)call);
	return from_call(state, scope, node, name, row, arguments, count,
			 result);
}
