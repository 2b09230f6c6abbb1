/*
 * Where the second arm of a recursive query may name the query itself: once,
 * and not where its rows could be missed. SQLite would answer some of what
 * Postgres refuses.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/with_order.h"

#include "protocol/sql_tree.h"

enum place {
	PLACE_OK,
	PLACE_FIRST_ARM,
	PLACE_SUBQUERY,
	PLACE_OUTER_JOIN,
	PLACE_INTERSECT,
	PLACE_EXCEPT,
	PLACE_OTHER_NAME,	/* a WITH inside means something else by it */
};

static const char *const complaints[] = {
	[PLACE_FIRST_ARM] = "within its non-recursive term",
	[PLACE_SUBQUERY] = "within a subquery",
	[PLACE_OUTER_JOIN] = "within an outer join",
	[PLACE_INTERSECT] = "within INTERSECT",
	[PLACE_EXCEPT] = "within EXCEPT",
};

/* A node below which all is in such a place. */
struct mark {
	struct mark *next;
	const Node *node;
	enum place place;
	int depth;		/* where it was met */
};

struct check {
	struct compile_state *state;
	const char *name;
	enum place outermost;
	struct mark *ahead;	/* not met yet */
	struct mark *around;	/* met, the innermost first */
	int seen;
};

static void expect(struct check *check, const Node *node, enum place place)
{
	struct mark *mark = arena_alloc(check->state->arena, sizeof(*mark));

	if (node == NULL)
		return;
	*mark = (struct mark){ .next = check->ahead, .node = node,
			       .place = place };
	check->ahead = mark;
}

static void expect_in_join(struct check *check, const JoinExpr *join)
{
	if (join->jointype == JOIN_LEFT || join->jointype == JOIN_FULL)
		expect(check, join->rarg, PLACE_OUTER_JOIN);
	if (join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL)
		expect(check, join->larg, PLACE_OUTER_JOIN);
}

static void expect_in_select(struct check *check, SelectStmt *select)
{
	ListCell *cell;

	if (select->op == SETOP_INTERSECT && select->all) {
		expect(check, (Node *)select->larg, PLACE_INTERSECT);
		expect(check, (Node *)select->rarg, PLACE_INTERSECT);
	} else if (select->op == SETOP_EXCEPT) {
		if (select->all)
			expect(check, (Node *)select->larg, PLACE_EXCEPT);
		expect(check, (Node *)select->rarg, PLACE_EXCEPT);
	}
	if (select->withClause == NULL)
		return;
	foreach(cell, select->withClause->ctes) {
		const CommonTableExpr *cte = lfirst(cell);

		if (strcmp(cte->ctename, check->name) == 0)
			expect(check, (Node *)select, PLACE_OTHER_NAME);
	}
}

static void enter(struct check *check, const Node *node, int depth)
{
	while (check->around != NULL && check->around->depth >= depth)
		check->around = check->around->next;
	for (struct mark **at = &check->ahead; *at != NULL;) {
		struct mark *mark = *at;

		if (mark->node != node) {
			at = &mark->next;
			continue;
		}
		*at = mark->next;
		mark->depth = depth;
		mark->next = check->around;
		check->around = mark;
	}
}

static bool complain(struct check *check, const RangeVar *node,
		     const char *where)
{
	return compile_fail(check->state, node->location, "42P19",
			    "recursive reference to query \"%s\" must not appear %s",
			    check->name, where);
}

static bool check_name(struct check *check, const RangeVar *node)
{
	enum place place = check->around != NULL ? check->around->place :
			   check->outermost;

	if (node->schemaname != NULL || place == PLACE_OTHER_NAME ||
	    strcmp(node->relname, check->name) != 0)
		return true;
	if (place != PLACE_OK)
		return complain(check, node, complaints[place]);
	return ++check->seen == 1 || complain(check, node, "more than once");
}

static bool visit(struct Node *node, int depth, void *context)
{
	struct check *check = context;

	if (IsA(node, SelectStmt))
		expect_in_select(check, (SelectStmt *)node);
	enter(check, node, depth);
	if (IsA(node, JoinExpr))
		expect_in_join(check, (JoinExpr *)node);
	if (IsA(node, SubLink))
		expect(check, ((SubLink *)node)->subselect, PLACE_SUBQUERY);
	return !IsA(node, RangeVar) || check_name(check, (RangeVar *)node);
}

static bool check_arm(struct compile_state *state, const char *name, Node *arm,
		      enum place outermost)
{
	struct check check = { .state = state, .name = name,
			       .outermost = outermost };

	return sql_walk(arm, visit, &check, state->error);
}

bool check_recursion(struct compile_state *state, CommonTableExpr *node)
{
	const SelectStmt *select = (const SelectStmt *)node->ctequery;

	return check_arm(state, node->ctename, (Node *)select->larg,
			 PLACE_FIRST_ARM) &&
	       check_arm(state, node->ctename, (Node *)select->rarg, PLACE_OK);
}
