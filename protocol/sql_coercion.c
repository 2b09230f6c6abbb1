#include "protocol/sql_nodes.h"

#include <stdlib.h>

#include "protocol/sql_coercion.h"
#include "protocol/sql_tree.h"

struct names {
	const char **items;
	int count, max;
};

struct reading {
	struct arena *arena;
	struct names rows;	/* what a row as a whole may be called */
	struct names bare;	/* columns, or such rows */
	struct names attributes;
	const Node *listed;	/* what stands by itself in a list of columns */
	bool adapts;
};

static void add(struct reading *reading, struct names *names, const char *name)
{
	if (names->count == names->max) {
		const char **more;

		names->max = names->max ? names->max * 2 : 16;
		more = arena_alloc(reading->arena, (size_t)names->max *
							   sizeof(*more));
		if (names->count)
			memcpy(more, names->items,
			       (size_t)names->count * sizeof(*more));
		names->items = more;
	}
	names->items[names->count++] = arena_text(reading->arena, name);
}

/* By what else they are given they take a constant for a row or an array. */
static bool is_adapting(const char *name)
{
	static const char *const names[] = {
		"array_agg", "array_append", "array_cat", "array_fill",
		"array_position", "array_positions", "array_prepend",
		"array_remove", "array_replace", "json_populate_record",
		"json_populate_recordset", "jsonb_populate_record",
		"jsonb_populate_record_valid", "jsonb_populate_recordset",
		"percentile_disc",
	};

	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static bool is_constant(const Node *node)
{
	const A_ArrayExpr *array = (const A_ArrayExpr *)node;
	ListCell *cell;

	while (IsA(node, TypeCast))
		node = ((const TypeCast *)node)->arg;
	if (!IsA(node, A_ArrayExpr))
		return IsA(node, A_Const) || IsA(node, ParamRef);
	array = (const A_ArrayExpr *)node;
	foreach (cell, array->elements)
		if (!is_constant(lfirst(cell)))
			return false;
	return true;
}

static void read_column(struct reading *reading, const ColumnRef *column)
{
	const Node *last = llast(column->fields);

	if (IsA(last, A_Star))
		reading->adapts |= list_length(column->fields) > 1 &&
				   reading->listed != (const Node *)column;
	else
		add(reading, list_length(column->fields) > 1 ?
				     &reading->attributes : &reading->bare,
		    ((const String *)last)->sval);
}

static bool visit(Node *node, int depth, void *context)
{
	struct reading *reading = context;
	const RangeVar *relation = (const RangeVar *)node;

	switch (nodeTag(node)) {
	case T_RangeVar:
		add(reading, &reading->rows,
		    relation->alias ? relation->alias->aliasname :
				      relation->relname);
		break;
	case T_ResTarget:
		reading->listed = ((const ResTarget *)node)->val;
		break;
	case T_ColumnRef:
		read_column(reading, (const ColumnRef *)node);
		break;
	case T_A_ArrayExpr:
		reading->adapts |= !is_constant(node);
		break;
	case T_SubLink:
		reading->adapts |= ((const SubLink *)node)->subLinkType ==
				   ARRAY_SUBLINK;
		break;
	case T_FuncCall:
		reading->adapts |= is_adapting(
			strVal(llast(((const FuncCall *)node)->funcname)));
		break;
	default:
		break;
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In rules and triggers there are rows that no FROM names. */
static bool has_row(struct reading *reading)
{
	struct names *rows = &reading->rows;

	add(reading, rows, "old");
	add(reading, rows, "new");
	qsort(rows->items, (size_t)rows->count, sizeof(*rows->items), compare);
	for (int i = 0; i < reading->bare.count; i++)
		if (bsearch(&reading->bare.items[i], rows->items,
			    (size_t)rows->count, sizeof(*rows->items), compare))
			return true;
	return false;
}

bool sql_coercion_read(struct slice text, struct arena *arena,
		       struct sql_coercion *coercion)
{
	struct reading reading = { .arena = arena };
	struct error ignored;
	struct sql_tree *tree = sql_tree_new(text, &ignored);
	bool read = tree;

	for (size_t i = 0; read && i < sql_tree_count(tree); i++)
		read = sql_walk(sql_tree_statement(tree, i).node, visit,
				&reading, &ignored);
	sql_tree_free(&tree);
	*coercion = (struct sql_coercion){
		.adapts = reading.adapts || has_row(&reading),
		.attributes = reading.attributes.items,
		.attribute_count = reading.attributes.count,
	};
	return read;
}
