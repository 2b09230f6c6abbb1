/*
 * Calls, casts and other constructs of kept expressions.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_text_piece.h"

#include <ctype.h>

#include "protocol/dialect/expr.h"
#include "protocol/dialect/expr_call.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/view_text_inner.h"
#include "protocol/type.h"

/* --- calls and constructs ----------------------------------------------- */

/* Text where all are literals, else what the first known has or, with a
 * compiler at hand, what Postgres finds in common. */
static uint32_t common_of(struct ddl_text *print, const struct piece *items,
			  int count)
{
	struct expr **all = arena_alloc(print->arena, ((size_t)count + 1) *
						      sizeof(*all));
	uint32_t type = 0;

	for (int i = 0; i < count; i++) {
		all[i] = print->state ? piece_expr(print, &items[i]) : NULL;
		if (!all[i] && items[i].type)
			return items[i].type;
		if (!all[i])
			return 0;
	}
	type = common_type(print->state, all, count, NULL);
	return type == OID_UNKNOWN ? OID_TEXT : type;
}

/* Functions that take text, of those that default and index expressions use:
 * their arguments are shown cast to it. */
static bool takes_text(const char *name)
{
	static const char *const names[] = {
		"lower", "upper", "length", "char_length", "btrim", "ltrim",
		"rtrim", "substring", "substr", "replace", "md5", "initcap",
		"strpos", "position", "to_tsvector", "date_trunc", "timezone",
		"regexp_replace", "split_part", "reverse", "left", "right",
		"nextval", "currval", "setval", "date_part", "octet_length",
		"to_char", "encode", "decode", "immutable_unaccent",
		"current_setting", "starts_with", "concat_ws", "lpad", "rpad",
		"max", "min", "string_agg",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static uint32_t call_type(const char *name)
{
	static const struct {
		const char *name;
		uint32_t type;
	} rows[] = {
		{ "lower", OID_TEXT }, { "upper", OID_TEXT },
		{ "btrim", OID_TEXT }, { "replace", OID_TEXT },
		{ "substring", OID_TEXT }, { "substr", OID_TEXT },
		{ "concat", OID_TEXT }, { "md5", OID_TEXT },
		{ "length", OID_INT4 }, { "char_length", OID_INT4 },
		{ "octet_length", OID_INT4 }, { "strpos", OID_INT4 },
		{ "now", OID_TIMESTAMPTZ }, { "nextval", OID_INT8 },
		{ "gen_random_uuid", OID_UUID }, { "uuid_generate_v4", OID_UUID },
		{ "uuid_nil", OID_UUID }, { "random", OID_FLOAT8 },
		{ "jsonb_typeof", OID_TEXT }, { "date_part", OID_FLOAT8 },
		{ "array_length", OID_INT4 }, { "cardinality", OID_INT4 },
		{ "extract", OID_NUMERIC },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].type;
	return 0;
}

/* What is cast to text where the function itself is not known. */
static struct piece guess_argument(struct ddl_text *print, const char *name,
				   struct piece item)
{
	if (!print->table || !takes_text(name))
		return item;
	if (strcmp(name, "nextval") == 0 || strcmp(name, "currval") == 0 ||
	    strcmp(name, "setval") == 0)
		return item.literal ? piece_as(print, item, OID_REGCLASS) : item;
	if (item.literal || item.type == OID_VARCHAR ||
	    item.type == OID_BPCHAR)
		return piece_as(print, item, OID_TEXT);
	return item;
}

static struct piece print_argument(struct ddl_text *print, const char *name,
				   Node *node)
{
	struct piece item = piece_print(print, node);

	return item.text ? guess_argument(print, name, item) : item;
}

static struct piece print_special_call(struct ddl_text *print,
				       const char *name, FuncCall *node)
{
	struct piece first = print_argument(print, name, linitial(node->args));
	struct piece second = print_argument(print, name, lsecond(node->args));

	if (!first.text || !second.text)
		return (struct piece){ 0 };
	if (strcmp(name, "timezone") == 0)	/* AT TIME ZONE */
		return piece_of(arena_printf(print->arena,
					     "(%s AT TIME ZONE %s)",
					     second.text, first.text),
			      second.type == OID_TIMESTAMPTZ ? OID_TIMESTAMP :
							      OID_TIMESTAMPTZ);
	if (IsA(linitial(node->args), A_Const))
		return piece_of(arena_printf(print->arena, "EXTRACT(%s FROM %s)",
					  strVal(&((A_Const *)linitial(
						node->args))->val),
					  second.text), OID_NUMERIC);
	return piece_refuse(print, "EXTRACT of an expression");
}

/* The arguments as the function takes them; its result, 0: not known. */
static uint32_t coerce_arguments(struct ddl_text *print, const char *name,
				 struct piece *items, int count)
{
	struct expr *arguments[CALL_ARGUMENTS_MAX];
	uint32_t result = 0;
	const struct call_row *row;
	struct error before;
	int all = count;

	if (!print->state || count > CALL_ARGUMENTS_MAX)
		return 0;
	for (int i = 0; i < count; i++)
		if (!(arguments[i] = piece_expr(print, &items[i])))
			return 0;
	before = *print->state->error;
	row = call_choose(print->state, name, arguments, &all, -1, &result);
	if (!row) {
		*print->state->error = before;
		return 0;
	}
	for (int i = 0; i < count; i++)
		if (row->types[i < row->arguments ? i : row->arguments - 1] !=
		    OID_ANY)
			items[i] = piece_as(print, items[i],
					    arguments[i]->type);
	return result;
}

/* "$1" to "$4" stand for the texts. */
static const char *fill_format(struct arena *arena, const char *format,
			       const char *const *texts)
{
	struct buffer out = { 0 };
	const char *text;

	for (; *format; format++)
		if (*format == '$')
			buffer_put_text(&out, texts[*++format - '1']);
		else
			buffer_put_u8(&out, (uint8_t)*format);
	text = arena_text(arena, buffer_cstring(&out));
	buffer_fini(&out);
	return text;
}

/* Functions that the grammar makes of words are shown with them
 * (get_func_sql_syntax() of ruleutils.c). */
static bool print_syntax(struct ddl_text *print, const char *name,
			 const struct piece *items, int count,
			 const char **ret_text)
{
	static const struct {
		const char *name;
		int count;
		const char *format;	/* of the arguments in their order */
	} rows[] = {
		{ "btrim", 1, "TRIM(BOTH FROM $1)" },
		{ "ltrim", 1, "TRIM(LEADING FROM $1)" },
		{ "rtrim", 1, "TRIM(TRAILING FROM $1)" },
		{ "substring", 2, "SUBSTRING($1 FROM $2)" },
		{ "substring", 3, "SUBSTRING($1 FROM $2 FOR $3)" },
		{ "overlay", 3, "OVERLAY($1 PLACING $2 FROM $3)" },
		{ "overlay", 4, "OVERLAY($1 PLACING $2 FROM $3 FOR $4)" },
		{ "btrim", 2, "TRIM(BOTH $2 FROM $1)" },
		{ "ltrim", 2, "TRIM(LEADING $2 FROM $1)" },
		{ "rtrim", 2, "TRIM(TRAILING $2 FROM $1)" },
		{ "position", 2, "POSITION(($2) IN ($1))" },
	};
	const char *texts[4] = { "", "", "", "" };

	for (int i = 0; i < count && i < 4; i++)
		texts[i] = items[i].text;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].count != count || strcmp(rows[i].name, name) != 0)
			continue;
		*ret_text = fill_format(print->arena, rows[i].format, texts);
		return true;
	}
	return false;
}

/* As the function takes them; among words only literals show their types. */
static uint32_t cast_arguments(struct ddl_text *print, const char *name,
			       struct piece *items, int count, bool words)
{
	struct piece *before = arena_alloc(print->arena, ((size_t)count + 1) *
							 sizeof(*before));
	uint32_t type;

	memcpy(before, items, (size_t)count * sizeof(*before));
	type = coerce_arguments(print, name, items, count);
	for (int i = 0; i < count; i++) {
		if (!type)
			items[i] = guess_argument(print, name, items[i]);
		if (words && !before[i].literal)
			items[i] = before[i];
	}
	return type;
}

struct piece piece_call(struct ddl_text *print, FuncCall *node)
{
	const char *name = piece_last_name(node->funcname);
	const char *text = "";
	const char *printed = name_quoted(print->arena, name);
	int count = list_length(node->args);
	struct piece *items;
	uint32_t type;

	if (!print->view && (node->over || node->agg_filter || node->agg_order ||
	    node->agg_star || node->agg_distinct))
		return piece_refuse(print, "an aggregate or window function");
	if (node->funcformat == COERCE_SQL_SYNTAX &&
	    list_length(node->args) == 2 &&
	    (strcmp(name, "timezone") == 0 || strcmp(name, "extract") == 0))
		return print_special_call(print, name, node);
	items = arena_alloc(print->arena, ((size_t)count + 1) * sizeof(*items));
	for (int i = 0; i < count; i++) {
		items[i] = piece_print(print, list_nth(node->args, i));
		if (!items[i].text)
			return (struct piece){ 0 };
	}
	type = cast_arguments(print, name, items, count,
			      node->funcformat == COERCE_SQL_SYNTAX);
	if (node->funcformat == COERCE_SQL_SYNTAX &&
	    print_syntax(print, name, items, count, &text))
		return (struct piece){ .kind = PIECE_CALL, .text = text,
				       .type = type ? type : call_type(name) };
	for (int i = 0; i < count; i++)
		text = arena_printf(print->arena, "%s%s%s", text,
				    *text ? ", " : "",
				    piece_child(print, items[i], PIECE_CALL, 0,
						false));
	if (print->view && (node->over || node->agg_filter ||
			    node->agg_order || node->agg_star ||
			    node->agg_distinct || !(type || call_type(name))))
		return view_finish_call(print->view, node, name, text,
					count ? items[0].type : 0);
	return (struct piece){
		.kind = PIECE_CALL, .type = type ? type : call_type(name),
		.text = arena_printf(print->arena, "%s(%s)", printed, text),
	};
}

static struct piece with_precision(struct ddl_text *print, const char *word,
				   const SQLValueFunction *node, uint32_t type)
{
	if (node->typmod >= 0)
		word = arena_printf(print->arena, "%s(%d)", word,
				    node->typmod);
	return piece_of(word, type);
}

struct piece piece_value_function(struct ddl_text *print,
				  SQLValueFunction *node)
{
	switch (node->op) {
	case SVFOP_CURRENT_DATE:
		return piece_of("CURRENT_DATE", OID_DATE);
	case SVFOP_CURRENT_TIME:
	case SVFOP_CURRENT_TIME_N:
		return with_precision(print, "CURRENT_TIME", node, OID_TIMETZ);
	case SVFOP_CURRENT_TIMESTAMP:
	case SVFOP_CURRENT_TIMESTAMP_N:
		return with_precision(print, "CURRENT_TIMESTAMP", node,
				      OID_TIMESTAMPTZ);
	case SVFOP_LOCALTIME:
	case SVFOP_LOCALTIME_N:
		return with_precision(print, "LOCALTIME", node, OID_TIME);
	case SVFOP_LOCALTIMESTAMP:
	case SVFOP_LOCALTIMESTAMP_N:
		return with_precision(print, "LOCALTIMESTAMP", node,
				      OID_TIMESTAMP);
	case SVFOP_CURRENT_USER:
		return piece_of("CURRENT_USER", OID_NAME);
	case SVFOP_SESSION_USER:
		return piece_of("SESSION_USER", OID_NAME);
	case SVFOP_CURRENT_ROLE:
		return piece_of("CURRENT_ROLE", OID_NAME);
	case SVFOP_USER:
		return piece_of("USER", OID_NAME);
	case SVFOP_CURRENT_CATALOG:
		return piece_of("CURRENT_CATALOG", OID_NAME);
	case SVFOP_CURRENT_SCHEMA:
		return piece_of("CURRENT_SCHEMA", OID_NAME);
	default:
		return (struct piece){ 0 };
	}
}

/* What the literals among the results become: the type of the others. */
static uint32_t case_type(struct ddl_text *print, CaseExpr *node)
{
	uint32_t type = 0;
	ListCell *cell;

	foreach(cell, node->args)
		if (!type)
			type = piece_print(print, (Node *)((CaseWhen *)
						lfirst(cell))->result).type;
	if (!type && node->defresult)
		type = piece_print(print, (Node *)node->defresult).type;
	return type ? type : OID_TEXT;
}

struct piece piece_case(struct ddl_text *print, CaseExpr *node)
{
	/* ruleutils.c begins lines, too */
	const char *line = arena_printf(print->arena, "\n%*s", print->view ?
					view_indent(print->view) : 0, "");
	const char *text = arena_printf(print->arena, "%sCASE", line);
	uint32_t type = 0, literals = case_type(print, node);
	ListCell *cell;

	if (node->arg) {
		struct piece arg = piece_print(print, (Node *)node->arg);

		if (!arg.text)
			return (struct piece){ 0 };
		text = arena_printf(print->arena, "%s %s", text, arg.text);
	}
	foreach(cell, node->args) {
		CaseWhen *when = lfirst(cell);
		struct piece test = piece_print(print, (Node *)when->expr);
		struct piece value = piece_print(print, (Node *)when->result);

		if (!test.text || !value.text)
			return (struct piece){ 0 };
		if (print->table && value.literal)
			value = piece_as(print, value, literals);
		type = value.type;
		text = arena_printf(print->arena, "%s%s    WHEN %s THEN %s",
				    text, line, test.text, value.text);
	}
	if (node->defresult) {
		struct piece value = piece_print(print,
						(Node *)node->defresult);

		if (!value.text)
			return (struct piece){ 0 };
		if (print->table && value.literal)
			value = piece_as(print, value, literals);
		text = arena_printf(print->arena, "%s%s    ELSE %s", text, line,
				    value.text);
	} else {
		text = arena_printf(print->arena, "%s%s    ELSE NULL%s", text,
				    line, print->table && type ? arena_printf(
					print->arena, "::%s",
					piece_type_name(print, type)) : "");
	}
	return piece_of(arena_printf(print->arena, "%s%sEND", text, line),
			type);
}

/* COALESCE and its kin: all of the type that they have in common. */
struct piece piece_items_call(struct ddl_text *print, const char *name,
			      List *args)
{
	int count = list_length(args);
	struct piece *items = arena_alloc(print->arena, ((size_t)count + 1) *
							sizeof(*items));
	uint32_t type = 0;
	const char *text = "";

	for (int i = 0; i < count; i++) {
		items[i] = piece_print(print, list_nth(args, i));
		if (!items[i].text)
			return (struct piece){ 0 };
	}
	if (print->table)
		type = common_of(print, items, count);
	for (int i = 0; i < count; i++) {
		items[i] = piece_as(print, items[i], type);
		text = arena_printf(print->arena, "%s%s%s", text, i ? ", " : "",
				    piece_child(print, items[i], PIECE_CALL, 0,
						false));
	}
	return piece_of(arena_printf(print->arena, "%s(%s)", name, text),
			type ? type : count ? items[0].type : 0);
}

static uint32_t element_of(const struct ddl_text *print, uint32_t array)
{
	const struct type *type = type_by_oid(array);

	if (type)
		return type->category == 'A' ? type->element : 0;
	return print->schema ? type_element(print->schema, array) : 0;
}

/* What a first printing makes of elements of several types: the widest of
 * numbers, text of literals alone. */
static uint32_t common_element(struct ddl_text *print, List *elements)
{
	uint32_t common = 0;
	ListCell *cell;

	foreach(cell, elements) {
		struct piece item = piece_print(print, lfirst(cell));
		int rank = piece_number_rank(item.type);

		if (item.literal)
			continue;
		if (!common || (rank && rank > piece_number_rank(common)))
			common = item.type;
	}
	return common ? common : OID_TEXT;
}

/* ARRAY[...]; `array` is the type it is cast to at once, which becomes that
 * of its elements. 0: none. */
static struct piece print_array(struct ddl_text *print, A_ArrayExpr *node,
				uint32_t array)
{
	uint32_t element = array ? element_of(print, array) :
			   print->table ? common_element(print, node->elements)
					: 0;
	const char *text = "";
	ListCell *cell;

	foreach(cell, node->elements) {
		struct piece item = IsA(lfirst(cell), A_ArrayExpr) ?
			print_array(print, lfirst(cell), array) :
			piece_print(print, lfirst(cell));

		if (!item.text)
			return (struct piece){ 0 };
		if (print->table && !IsA(lfirst(cell), A_ArrayExpr))
			item = piece_as(print, item, element);
		text = arena_printf(print->arena, "%s%s%s", text,
				    *text ? ", " : "",
				    piece_child(print, item, PIECE_CALL, 0,
						false));
	}
	if (!array && element && type_by_oid(element))
		array = type_by_oid(element)->array;
	return piece_of(arena_printf(print->arena, "ARRAY[%s]", text), array);
}

struct piece piece_array(struct ddl_text *print, A_ArrayExpr *node)
{
	return print_array(print, node, 0);
}

static const char *type_name_as_written(struct ddl_text *print, TypeName *name)
{
	const char *text = "";
	const char *mods = "";
	ListCell *cell;

	if (list_length(name->names) == 1 &&
	    strcmp(strVal(linitial(name->names)), "char") == 0)
		return "\"char\"";	/* char without quotes is bpchar */
	foreach(cell, name->names)
		if (strcmp(strVal(lfirst(cell)), "pg_catalog") != 0 &&
		    strcmp(strVal(lfirst(cell)), "public") != 0)
			text = arena_printf(print->arena, "%s%s%s", text,
					    *text ? "." : "",
					    strVal(lfirst(cell)));
	foreach(cell, name->typmods)
		if (IsA(lfirst(cell), A_Const))
			mods = arena_printf(print->arena, "%s%s%d", mods,
					    *mods ? "," : "",
					    intVal(&((A_Const *)
						     lfirst(cell))->val));
	return arena_printf(print->arena, "%s%s%s%s%s", text,
			    *mods ? "(" : "", mods, *mods ? ")" : "",
			    name->arrayBounds ? "[]" : "");
}

/* The type a cast names, and how it is printed; lengths are kept. */
static uint32_t cast_type(struct ddl_text *print, TypeName *name,
			  const char **ret_text)
{
	static const char *const path[] = { "public", NULL };
	static const struct schema empty;
	const char *written = type_name_as_written(print, name);
	uint32_t type = type_name_oid(print->schema ? print->schema : &empty,
				      path, slice_text(written));
	const char *open = strchr(written, '(');

	*ret_text = type ? piece_type_name(print, type) : written;
	if (type && open && !strchr(*ret_text, ' '))
		*ret_text = arena_printf(print->arena, "%s%.*s", *ret_text,
					 (int)(strcspn(open, ")") + 1), open);
	else if (type && open && type == OID_VARCHAR)
		*ret_text = arena_printf(print->arena, "character varying%.*s",
					 (int)(strcspn(open, ")") + 1), open);
	return type;
}

/* The relation that a name means on the path it was written for, as it is
 * called on the path it is shown for. */
const char *piece_relation(struct ddl_text *print, const char *name)
{
	static const char *const kept_path[] = { "public", NULL };
	const struct compile_session kept = { .search_path = kept_path };
	const struct compile_session shown = {
		.search_path = print->path ? print->path : kept_path };
	struct error ignored = { 0 };
	uint32_t oid;

	if (!reg_read(print->schema, print->state ? print->state->session :
		      &kept, OID_REGCLASS, slice_text(name), print->arena, &oid,
		      &ignored))
		return name;
	return reg_text(print->schema, &shown, OID_REGCLASS, oid,
			print->arena);
}

struct piece piece_type_cast(struct ddl_text *print, TypeCast *node)
{
	const char *text;
	uint32_t type = cast_type(print, node->typeName, &text);
	A_ArrayExpr *array = (A_ArrayExpr *)node->arg;
	struct piece inner;

	if (IsA(array, A_ArrayExpr) && type && !array->elements)
		return piece_of(arena_printf(print->arena, "ARRAY[]::%s", text),
				type);
	if (IsA(array, A_ArrayExpr) && type && print->table)
		return print_array(print, array, type);
	inner = piece_print(print, node->arg);

	if (!inner.text)
		return (struct piece){ 0 };
	if (type == OID_BOOL && inner.literal)
		return piece_literal(print, inner.literal, type);
	if (inner.literal && type == OID_REGCLASS && print->path)
		return piece_literal(print, inner.literal, type);
	if (inner.literal && print->table && type && !node->typeName->typmods)
		return piece_literal(print, inner.literal, type);
	if (inner.literal) {
		inner.literal = NULL;
		inner.type = type;
		inner.text = arena_printf(print->arena, "%s::%s", inner.text,
					  text);
		return inner;
	}
	if (strcmp(inner.text, "NULL") == 0)
		return piece_of(arena_printf(print->arena, "NULL::%s", text),
				type);
	if (print->table && inner.type && inner.type == type &&
	    !node->typeName->typmods)
		return inner;
	return piece_cast(print, inner, type, text);
}

struct piece piece_column(struct ddl_text *print, ColumnRef *node)
{
	const struct schema_column *column = NULL;
	const char *name;

	if (print->view)
		return view_column(print->view, node);
	if (!IsA(llast(node->fields), String))
		return piece_refuse(print, "a whole row");
	name = piece_last_name(node->fields);
	if (print->table)
		column = schema_find_column(print->table, name);
	if (print->from && strcmp(name, print->from) == 0)
		name = print->to;
	return piece_of(name_quoted(print->arena, name),
		     column ? column->type : 0);
}

struct piece piece_subscript(struct ddl_text *print,
				    A_Indirection *node)
{
	struct piece inner = piece_print(print, node->arg);
	const char *text = inner.text;
	ListCell *cell;

	if (!text)
		return (struct piece){ 0 };
	if (!IsA(node->arg, ColumnRef))
		text = arena_printf(print->arena, "(%s)", text);
	foreach(cell, node->indirection) {
		A_Indices *indices = lfirst(cell);
		struct piece at;

		if (!IsA(indices, A_Indices) || indices->is_slice)
			return piece_refuse(print, "a slice or field");
		at = piece_print(print, indices->uidx);
		if (!at.text)
			return (struct piece){ 0 };
		text = arena_printf(print->arena, "%s[%s]", text, at.text);
	}
	return piece_of(text, 0);
}

struct piece piece_collate(struct ddl_text *print, CollateClause *node)
{
	struct piece inner = piece_print(print, node->arg);

	if (!inner.text)
		return (struct piece){ 0 };
	return piece_closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s COLLATE %s", inner.text,
				   name_quoted(print->arena,
					       piece_last_name(node->collname))),
		      inner.type);
}
