/* Any text as SQL: parsed or refused with a reason, and every tree that was
 * made can be walked to its end; no text runs too deep. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/sql_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool count_node(struct Node *node, int depth, void *context)
{
	if (depth > SQL_DEPTH_MAX)
		abort();
	++*(unsigned *)context;
	return true;
}

static void walk_all(const struct sql_tree *tree, struct slice text)
{
	for (size_t i = 0; i < sql_tree_count(tree); i++) {
		struct sql_statement statement = sql_tree_statement(tree, i);
		struct error error = { .sqlstate = "" };
		unsigned nodes = 0;

		if (statement.text.length > text.length)
			abort();
		if (!sql_walk(statement.node, count_node, &nodes, &error) &&
		    !error.sqlstate[0])
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct error error = { .sqlstate = "" };
	struct sql_tree *tree;

	if (size > 4096)
		return 0;
	tree = sql_tree_new(text, &error);
	if (tree)
		walk_all(tree, text);
	else if (!error.sqlstate[0])
		abort();
	sql_tree_free(&tree);
	return 0;
}
