#include "protocol/sql_nodes.h"

#include "protocol/sql_tree.h"
#include "protocol/sql_walk.h"

struct walk {
	sql_visit *visit;
	void *context;
	struct error *error;
	bool outline;	/* not below what consists of names or a value */
};

/* Of a node that is there: most fields are empty, and cost no call. */
static bool walk_node(const struct walk *, Node *, int depth);

static bool walk_list(const struct walk *walk, const List *list, int depth)
{
	for (int i = 0; i < list->length; i++) {
		Node *node = list->elements[i].ptr_value;

		if (node && !walk_node(walk, node, depth))
			return false;
	}
	return true;
}

static bool walk_child(const struct walk *walk, Node *child, int depth)
{
	return IsA(child, List) ?
		       walk_list(walk, (List *)child, depth + 1) :
		       walk_node(walk, child, depth);
}

static bool walk_fields(const struct walk *walk, Node *node,
			const struct sql_field *field, int depth)
{
	for (; field->kind != FIELD_END; field++) {
		char *at = (char *)node + field->offset;
		Node *child = NULL;

		if (field->kind == FIELD_CHILD)
			child = *(Node **)(void *)at;
		else if (field->kind == FIELD_INSIDE && nodeTag(at) != T_Invalid)
			child = (Node *)(void *)at;	/* not a NULL's */
		if (child && !walk_child(walk, child, depth))
			return false;
	}
	return true;
}

static bool refuse_depth(const struct walk *walk)
{
	error_set(walk->error, SQLSTATE_TOO_COMPLEX,
		  "stack depth limit exceeded");
	error_hint(walk->error,
		   "The statement nests more than %d levels deep.",
		   SQL_DEPTH_MAX);
	return false;
}

static bool is_plain(const Node *node)
{
	return IsA(node, ColumnRef) || IsA(node, A_Const);
}

static bool walk_node(const struct walk *walk, Node *node, int depth)
{
	const struct sql_kind *kind;

	if (depth > SQL_DEPTH_MAX)
		return refuse_depth(walk);
	if (IsA(node, List))
		return walk_list(walk, (List *)node, depth + 1);
	kind = sql_kind_find(nodeTag(node));
	if (!kind)
		return error_set(walk->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "node kind %d is not known to weir",
				 (int)nodeTag(node));
	if (!walk->visit(node, depth, walk->context))
		return false;
	return (walk->outline && is_plain(node)) ||
	       walk_fields(walk, node, kind->fields, depth + 1);
}

bool sql_walk(struct Node *node, sql_visit *visit, void *context,
	      struct error *error)
{
	struct walk walk = { visit, context, error, false };

	return !node || walk_node(&walk, node, 0);
}

bool sql_walk_outline(struct Node *node, sql_visit *visit, void *context,
		      struct error *error)
{
	struct walk walk = { visit, context, error, true };

	return !node || walk_node(&walk, node, 0);
}
