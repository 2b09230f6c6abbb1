#include "protocol/dialect/index_name.h"

#include <string.h>

#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"

static const char *expression_name(struct arena *arena, const char *text)
{
	struct error ignored = { 0 };
	struct sql_tree *tree = sql_tree_new(slice_text(
		arena_printf(arena, "SELECT %s", text)), &ignored);
	const char *name = "expr";
	SelectStmt *select;
	ResTarget *target;

	if (!tree)
		return name;
	select = (SelectStmt *)sql_tree_statement(tree, 0).node;
	target = linitial(select->targetList);
	name = column_name_or(arena, target->val, name);
	sql_tree_free(&tree);
	return name;
}

static bool is_among(const char **names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

void index_tell_apart(struct arena *arena, const char **names, int count)
{
	for (int i = 0; i < count; i++) {
		const char *first = names[i];

		for (int n = 1; is_among(names, i, names[i]); n++)
			names[i] = arena_printf(arena, "%s%d", first, n);
	}
}

const char **index_column_names(struct arena *arena,
				const struct schema_table *table,
				const struct schema_index *row)
{
	const char **names = arena_alloc(arena,
					 ((size_t)row->column_count + 1) *
					 sizeof(*names));

	for (int i = 0; i < row->column_count; i++)
		names[i] = row->columns[i] ?
			table->columns[row->columns[i] - 1].name :
			expression_name(arena, row->expressions[i]);
	index_tell_apart(arena, names, row->column_count);
	return names;
}

const char *index_join_names(struct arena *arena, const char *const *names,
			     int count)
{
	const char *text = names[0];

	for (int i = 1; i < count; i++)
		text = arena_printf(arena, "%s_%s", text, names[i]);
	return text;
}
