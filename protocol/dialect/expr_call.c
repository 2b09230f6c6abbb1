/* Function calls: their arguments read, the row's template printed. */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/expr_call.h"
#include "protocol/dialect/fold.h"
#include "protocol/dialect/immutable.h"

/* The name without pg_catalog; another schema has no functions. */
const char *call_name(struct compile_state *state, FuncCall *call)
{
	int count = list_length(call->funcname);
	const char *schema = count > 1 ?
			     strVal(list_nth(call->funcname, count - 2)) : NULL;
	const char *name = strVal(llast(call->funcname));

	if (schema == NULL || strcmp(schema, "pg_catalog") == 0 ||
	    strcmp(schema, "public") == 0 ||
	    strcmp(name, EXPAND_ARRAY) == 0)
		return name;
	compile_fail(state, call->location, SQLSTATE_INVALID_SCHEMA,
		     "function %s.%s does not exist on SQLite", schema, name);
	return NULL;
}

/* CASE x WHEN 'sad' THEN 1 ... END */
const char *enum_place(struct compile_state *state, const char *sql,
		       uint32_t type)
{
	const struct schema_enum *labels = schema_enum_by_oid(state->schema,
							      type);
	struct buffer out = { 0 };
	const char *text;

	if (labels == NULL)
		return sql;
	buffer_printf(&out, "(CASE %s", sql);
	for (int i = 0; i < labels->label_count; i++)
		buffer_printf(&out, " WHEN %s THEN %d",
			      print_text(state->arena, labels->labels[i]),
			      i + 1);
	buffer_put_text(&out, " END)");
	text = arena_text(state->arena, buffer_cstring(&out));
	buffer_fini(&out);
	return text;
}

static const char *as_text(struct compile_state *state,
			   const struct expr *argument)
{
	struct expr copy = *argument;
	struct expr *text = coerce(state, &copy, OID_TEXT, -1, 'e', -1);

	return text != NULL ? text->sql : NULL;
}

static void put_all(struct compile_state *state, struct buffer *out,
		    struct expr **arguments, int count, bool with_types)
{
	for (int i = 0; i < count; i++) {
		buffer_put_text(out, i > 0 ? ", " : "");
		buffer_put_text(out, array_text(state, arguments[i]));
		if (with_types)
			buffer_printf(out, ", %u", arguments[i]->type);
	}
}

/* One word of a template; the characters it took, 0: failed. */
static size_t put_word(struct compile_state *state, struct buffer *out,
		       const char *word, struct expr **arguments, int count,
		       uint32_t result)
{
	int index = word[1] >= '1' && word[1] <= '9' ? word[1] - '1' :
		    word[1] != '\0' && word[2] >= '1' && word[2] <= '9' ?
		    word[2] - '1' : -1;
	struct expr *argument = index >= 0 && index < count ?
				arguments[index] : NULL;
	const char *text;

	switch (word[1]) {
	case '*':
		put_all(state, out, arguments, count, false);
		return 2;
	case 'v':
		put_all(state, out, arguments, count, true);
		return 2;
	case 'r':
		buffer_printf(out, "%u", result);
		return 2;
	case 'w':
		buffer_put_text(out, "pg_array_build(25, ");
		put_all(state, out, arguments + index, count - index, false);
		buffer_put_text(out, ")");
		return 3;
	default:
		break;
	}
	if (argument == NULL) {
		compile_fail(state, -1, SQLSTATE_INTERNAL,
			     "a function's template names a missing argument");
		return 0;
	}
	switch (word[1]) {
	case 't':
		buffer_printf(out, "%u", argument->type);
		return 3;
	case 'e':
		buffer_printf(out, "%u", type_element(state->schema,
						      argument->type));
		return 3;
	case 'x':
		text = as_text(state, argument);
		if (text == NULL)
			return 0;
		buffer_put_text(out, text);
		return 3;
	case 'n':
		buffer_put_text(out, enum_place(state, argument->sql,
						argument->type));
		return 3;
	default:
		buffer_put_text(out, array_text(state, argument));
		return 2;
	}
}

const char *print_call(struct compile_state *state, const char *print,
		       struct expr **arguments, int count, uint32_t result)
{
	struct buffer out = { 0 };
	const char *text;

	while (*print != '\0') {
		const char *word = strchr(print, '$');
		size_t taken;

		if (word == NULL) {
			buffer_put_text(&out, print);
			break;
		}
		buffer_put(&out, print, (size_t)(word - print));
		taken = put_word(state, &out, word, arguments, count, result);
		if (taken == 0) {
			buffer_fini(&out);
			return NULL;
		}
		print = word + taken;
	}
	/* "$*,$t1" without arguments would leave a comma; no row does. */
	text = arena_text(state->arena, buffer_cstring(&out));
	buffer_fini(&out);
	return text;
}

static const char *if_present(struct compile_state *state,
			      const struct expr *row, const char *sql)
{
	return row->present == NULL ? sql :
	       arena_printf(state->arena, "iif(%s, %s, NULL)", row->present,
			    sql);
}

/* {"name": value ...} of a row. */
struct expr *row_as_json(struct compile_state *state, struct expr *row,
			 bool is_jsonb)
{
	struct expr *json = expr_new(state, is_jsonb ? OID_JSONB : OID_JSON,
				     "");
	struct buffer out = { 0 };

	buffer_put_text(&out, is_jsonb ? "pg_jsonb_build_object(" :
			"pg_row_to_json(");
	for (int i = 0; i < row->item_count; i++) {
		struct expr *item = row->items[i];
		const char *name = row->names != NULL ? row->names[i] :
			arena_printf(state->arena, "f%d", i + 1);

		if (item->kind == EXPR_ROW)
			item = row_as_json(state, item, is_jsonb);
		else
			item = settle(state, item);
		if (item == NULL) {
			buffer_fini(&out);
			return NULL;
		}
		buffer_printf(&out, "%s%s, 25, ", i > 0 ? ", " : "",
			      print_text(state->arena, name));
		buffer_put_text(&out, item->sql);
		buffer_printf(&out, ", %u", item->type);
	}
	buffer_put_text(&out, ")");
	json->sql = if_present(state, row, arena_text(state->arena,
						buffer_cstring(&out)));
	buffer_fini(&out);
	expr_inherit(json, row);
	return json;
}

/* Rows go into the JSON functions as objects, into count() as themselves. */
static bool settle_rows(struct compile_state *state, const FuncCall *call,
			const char *name, struct expr **arguments, int count)
{
	int location = call->location;

	for (int i = 0; i < count; i++) {
		if (arguments[i]->kind != EXPR_ROW)
			continue;
		if (strcmp(name, "count") == 0 && !call->agg_distinct) {
			struct expr *one = expr_int(state, 1);

			one->sql = if_present(state, arguments[i], one->sql);
			expr_inherit(one, arguments[i]);
			arguments[i] = one;
			continue;
		}
		if (strstr(name, "json") == NULL) {
			return compile_fail(state, location,
					    SQLSTATE_FEATURE_NOT_SUPPORTED,
					    "row values as arguments of %s() are not supported on SQLite",
					    name);
		}
		arguments[i] = row_as_json(state, arguments[i],
					   strstr(name, "jsonb") != NULL);
		if (arguments[i] == NULL)
			return false;
		/* json_agg() begins a line with each of them */
		if (strcmp(name, "row_to_json") == 0 ||
		    strcmp(name, "json_agg") == 0)
			arguments[i]->type = OID_RECORD;
	}
	return true;
}

static int argument_place(const char *names, const char *name)
{
	size_t length = strlen(name);
	int place = 0;

	for (const char *at = names; at != NULL && *at != '\0'; place++) {
		const char *end = strchr(at, ',');
		size_t width = end != NULL ? (size_t)(end - at) : strlen(at);

		if (width == length && memcmp(at, name, length) == 0)
			return place;
		at = end != NULL ? end + 1 : NULL;
	}
	return -1;
}

/* What make_interval(days => 1) leaves out is zero. */
static bool place_named(struct compile_state *state, FuncCall *call,
			const char *name, struct expr **arguments, int *count)
{
	int row_count;
	const struct call_row *rows = function_find(name, &row_count);
	struct expr *placed[FUNCTION_ARGUMENTS_MAX] = { NULL };
	int most = 0;
	int i = 0;
	ListCell *cell;

	foreach(cell, call->args) {
		NamedArgExpr *named = lfirst(cell);
		int place = i;

		if (IsA(named, NamedArgExpr))
			place = rows == NULL ? -1 :
				argument_place(rows[0].names, named->name);
		if (place < 0 || place >= FUNCTION_ARGUMENTS_MAX) {
			no_function(state, name, arguments, *count,
				    call->location, false);
			return false;
		}
		placed[place] = arguments[i++];
		if (place + 1 > most)
			most = place + 1;
	}
	for (int at = 0; at < most; at++) {
		if (placed[at] == NULL)
			placed[at] = expr_int(state, 0);
		arguments[at] = placed[at];
	}
	*count = most;
	return true;
}

bool read_arguments(struct compile_state *state, struct scope *scope,
		    FuncCall *call, struct expr ***ret_arguments,
		    int *ret_count)
{
	int count = list_length(call->args);
	struct expr **arguments =
		arena_alloc(state->arena, sizeof(*arguments) *
			    (size_t)(count + FUNCTION_ARGUMENTS_MAX + 1));
	bool named = false;
	int at = 0;
	const char *name = call_name(state, call);
	ListCell *cell;

	if (name == NULL)
		return false;
	if (count > CALL_ARGUMENTS_MAX)
		return compile_fail(state, call->location, "54023",
				    "cannot pass more than %d arguments to a function",
				    CALL_ARGUMENTS_MAX);
	foreach(cell, call->args) {
		Node *node = lfirst(cell);

		if (IsA(node, NamedArgExpr)) {
			named = true;
			node = (Node *)((NamedArgExpr *)node)->arg;
		}
		arguments[at] = expr_read(state, scope, node);
		if (arguments[at++] == NULL)
			return false;
	}
	if (named && !place_named(state, call, name, arguments, &count))
		return false;
	if (!settle_rows(state, call, name, arguments, count))
		return false;
	*ret_arguments = arguments;
	*ret_count = count;
	return true;
}

/* As the output function prints it, which is not what a cast gives: the first
 * letter of a boolean's words, and all of a character's blanks. */
static struct expr *as_printed(struct compile_state *state,
			       struct expr *argument)
{
	uint32_t type = argument->type;
	struct expr *text;

	if (type == OID_BPCHAR)
		return expr_new(state, OID_TEXT, argument->sql);
	text = coerce(state, argument, OID_TEXT, -1, 'e', argument->location);
	if (text != NULL && type == OID_BOOL)
		text->sql = arena_printf(state->arena, "substr(%s, 1, 1)",
					 text->sql);
	return text;
}

/* concat(), concat_ws() and format() take anything. */
static bool all_as_text(struct compile_state *state, const char *name,
			struct expr **arguments, int count)
{
	if (strcmp(name, "concat") != 0 && strcmp(name, "concat_ws") != 0 &&
	    strcmp(name, "format") != 0)
		return true;
	for (int i = 0; i < count; i++) {
		arguments[i] = as_printed(state, arguments[i]);
		if (arguments[i] == NULL)
			return false;
	}
	return true;
}

static struct expr *print_row(struct compile_state *state,
			      const struct call_row *row,
			      struct expr **arguments, int count,
			      uint32_t result)
{
	struct expr *expr = expr_new(state, result, "");
	const char *print = row->print;
	bool is_label = print[0] == '$' && print[1] == 'm';
	struct nesting nesting;

	if (strcmp(row->print, "$c") == 0)
		return coerce_explicit(state, arguments[0], result, -1, -1);
	for (int i = 0; i < count; i++)
		expr_inherit(expr, arguments[i]);
	immutable_note_call(state, row, arguments, count);
	if (row->flags & CALL_VOLATILE)
		state->writes |= strcmp(row->name, "nextval") == 0 ||
				 strcmp(row->name, "setval") == 0;
	nesting_open(state, &nesting, arguments, count);
	expr->sql = print_call(state, is_label ? print + 2 : print, arguments,
			       count, result);
	if (expr->sql == NULL)
		return NULL;
	if (strstr(expr->sql, "(") == NULL || expr->sql[0] == '(' ||
	    expr->sql[0] < 'a' || strstr(print, " ") != NULL)
		expr->sql = arena_printf(state->arena, "(%s)", expr->sql);
	nesting_close(state, &nesting, expr);
	fold_call(state, row, arguments, count, expr);
	return expr;
}

/* A call by name with arguments already read; no aggregates. */
struct expr *call_make(struct compile_state *state, const char *name,
		       struct expr **arguments, int count, int location)
{
	uint32_t result;
	const struct call_row *row = call_choose(state, name, arguments,
						 &count, location, &result);

	if (row == NULL || !all_as_text(state, name, arguments, count))
		return NULL;
	return print_row(state, row, arguments, count, result);
}

/* text(x), date('...'): the name of a type called as a function, where there
 * is no function and the cast costs nothing or goes through text. */
static struct expr *call_as_cast(struct compile_state *state,
				 const char *name, struct expr *argument,
				 int location)
{
	const struct type *type = type_by_name(slice_text(name));
	const struct cast_row *row;

	if (type == NULL || call_is_exact(name, &argument, 1))
		return NULL;
	row = cast_find(argument->type, type->oid);
	if (row != NULL ? row->method == 'f' :
	    !can_coerce(state, argument->type, type->oid, 'e'))
		return NULL;
	return coerce_explicit(state, argument, type->oid, -1, location);
}

static bool is_flag(const char *name, int flag)
{
	int count;
	const struct call_row *rows = function_find(name, &count);

	if (rows == NULL)
		rows = function_find_absent(name, &count);
	for (int i = 0; i < count; i++) {
		if (rows[i].flags & flag)
			return true;
	}
	return false;
}

static struct expr *type_of(struct compile_state *state, struct expr *argument)
{
	const struct schema_table *table = argument->table == 0 ? NULL :
		schema_table_by_oid(state->schema, argument->table);
	uint32_t type = argument->type;
	struct expr *expr;

	for (int i = 0; table != NULL && i < table->column_count; i++) {
		if (table->columns[i].attribute == argument->number &&
		    table->columns[i].domain != 0)
			type = table->columns[i].domain;
	}
	expr = expr_new(state, OID_REGTYPE,
			arena_printf(state->arena, "%u", type));
	expr->loose = argument->loose;
	expr->aggregates = argument->aggregates;
	return expr;
}

static bool check_plain(struct compile_state *state, FuncCall *call,
			const char *name)
{
	if (call->agg_star || call->agg_distinct || call->agg_order != NIL ||
	    call->agg_filter != NULL || call->agg_within_group)
		return compile_fail(state, call->location, "42809",
				    "%s is not an aggregate function", name);
	if (call->over != NULL)
		return compile_fail(state, call->location, "42809",
				    "OVER specified, but %s is not a window function nor an aggregate function",
				    name);
	return true;
}

struct expr *read_call(struct compile_state *state, struct scope *scope,
		       FuncCall *call)
{
	const char *name = call_name(state, call);
	struct expr **arguments;
	const struct call_row *row;
	struct expr *expr;
	uint32_t result;
	int count;

	if (name == NULL)
		return NULL;
	if (call->agg_within_group ||
	    is_flag(name, CALL_AGGREGATE | CALL_WINDOW))
		return read_aggregate(state, scope, call, name);
	if (call->func_variadic) {
		compile_fail(state, call->location,
			     SQLSTATE_FEATURE_NOT_SUPPORTED,
			     "VARIADIC arguments are not supported on SQLite");
		return NULL;
	}
	if (!read_arguments(state, scope, call, &arguments, &count) ||
	    !check_plain(state, call, name))
		return NULL;
	if (count == 1 && arguments[0]->kind != EXPR_ROW) {
		expr = call_as_cast(state, name, arguments[0], call->location);
		if (expr != NULL || state->error->sqlstate[0] != '\0')
			return expr;
	}
	if (strcmp(name, EXPAND_ARRAY) == 0 && count == 1)
		return expand_array(state, scope, call, arguments[0]);
	if (strcmp(name, "pg_typeof") == 0 && count == 1)
		return type_of(state, arguments[0]);
	row = call_choose(state, name, arguments, &count, call->location,
			  &result);
	if (row == NULL || !all_as_text(state, name, arguments, count))
		return NULL;
	if (row->flags & CALL_SET)
		return read_set_call(state, scope, call, row, arguments, count,
				     result);
	return print_row(state, row, arguments, count, result);
}
