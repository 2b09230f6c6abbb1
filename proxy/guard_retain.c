/*
 * Whether a DELETE takes old rows only: its condition, or a part of it that an
 * AND joins to the rest, compares the column with a cut-off that is old enough.
 */
#include "proxy/guard_retain_parts.h"

#include "protocol/sql_reading.h"

/* --- names ------------------------------------------------------------------ */

static bool same(const struct asking *asking, const char *a, const char *b)
{
	return a && b && (asking->question->fold_case ? strcasecmp(a, b) :
							strcmp(a, b)) == 0;
}

static const char *word_of(const Node *string)
{
	return ((const String *)string)->sval;
}

static bool is_target(const struct asking *asking, const List *fields)
{
	const RangeVar *target = asking->target;
	const Node *first = linitial(fields), *second = lsecond(fields);

	if (!IsA(first, String) || !IsA(second, String))
		return false;
	if (list_length(fields) == 2)
		return same(asking, word_of(first), target->alias ?
			    target->alias->aliasname : target->relname);
	return list_length(fields) == 3 && !target->alias &&
	       same(asking, word_of(first), target->schemaname) &&
	       same(asking, word_of(second), target->relname);
}

static bool is_column(const struct asking *asking, const Node *node)
{
	const List *fields;

	if (!node || !IsA(node, ColumnRef))
		return false;
	fields = ((const ColumnRef *)node)->fields;
	if (!IsA(llast(fields), String) ||
	    !same(asking, strVal(llast(fields)),
		  asking->question->rule.column))
		return false;
	return list_length(fields) == 1 ? !asking->joined :
					  is_target(asking, fields);
}

/* --- how late a cut-off can be --------------------------------------------------------- */

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Against a timestamp with time zone. */
static int64_t as_moment(const struct cut *cut, int64_t slack)
{
	bool unsure = cut->kind == CUT_NAIVE ||
		      (cut->kind == CUT_OPEN && !cut->has_offset);

	return cut->us + (unsure ? slack : 0);
}

/* Against a date, or a timestamp without, whose values count as UTC. */
static int64_t as_shown(const struct cut *cut, int64_t slack)
{
	if (cut->kind == CUT_OPEN || cut->kind == CUT_TIME_TYPED)
		return cut->shown_us;
	return cut->us + (cut->kind == CUT_NAIVE ? 0 : slack);
}

/* Against ISO text, letter by letter: only the day is sure to be compared as
 * time goes, however texts go on behind it. */
static int64_t as_text(const struct cut *cut)
{
	int64_t day = cut->shown_us / DAY_US * DAY_US;

	if (cut->kind != CUT_OPEN)
		return INT64_MIN;	/* the server knows no such operator */
	return cut->is_date ? day : day + DAY_US;
}

/* Where the column may be of any type, one without a zone counts as being in
 * the session's, as the server compares it, if that is one of the world's. */
static int64_t as_any(const struct cut *cut, int64_t slack)
{
	int64_t shown = as_shown(cut, slack > RETAIN_ZONE_BOUND_US ? slack : 0);

	return later(later(as_moment(cut, slack), shown), as_text(cut));
}

static bool is_old(const struct asking *asking, const struct cut *cut)
{
	const struct retain_question *question = asking->question;
	int64_t slack = question->zone_slack_us, latest;

	if (cut->nothing)
		return true;
	switch (question->rule.type) {
	case RETAIN_TIMESTAMPTZ:
		latest = as_moment(cut, slack);
		break;
	case RETAIN_TIMESTAMP:
	case RETAIN_DATE:
		latest = as_shown(cut, slack);
		break;
	case RETAIN_TEXT:
		latest = cut->kind == CUT_OPEN ? as_text(cut) : INT64_MAX;
		break;
	default:
		latest = as_any(cut, slack);
	}
	return latest <= question->now_us -
				 (int64_t)question->rule.age_s * SECOND_US;
}

/* --- the condition ------------------------------------------------------------------------ */

static bool cuts(const struct asking *asking, const Node *column, Node *value)
{
	struct cut cut;

	return is_column(asking, column) &&
	       retain_read_cut(asking, value, 0, &cut) && is_old(asking, &cut);
}

static bool is_cut_off(const struct asking *asking, const A_Expr *expr)
{
	if (expr->kind == AEXPR_BETWEEN && IsA(expr->rexpr, List) &&
	    list_length((List *)expr->rexpr) == 2)
		return cuts(asking, expr->lexpr, lsecond((List *)expr->rexpr));
	if (expr->kind != AEXPR_OP)
		return false;
	if (retain_is_plain(expr->name, "<") ||
	    retain_is_plain(expr->name, "<="))
		return cuts(asking, expr->lexpr, expr->rexpr);
	if (retain_is_plain(expr->name, ">") ||
	    retain_is_plain(expr->name, ">="))
		return cuts(asking, expr->rexpr, expr->lexpr);
	return false;
}

static bool is_limited(const struct asking *asking, Node *condition, int depth)
{
	const BoolExpr *all = (const BoolExpr *)condition;
	ListCell *cell;

	if (!condition || depth > RETAIN_DEPTH_MAX)
		return false;
	if (IsA(condition, A_Expr))
		return is_cut_off(asking, (A_Expr *)condition);
	if (!IsA(condition, BoolExpr) || all->boolop != AND_EXPR)
		return false;
	foreach (cell, all->args)
		if (is_limited(asking, lfirst(cell), depth + 1))
			return true;
	return false;
}

/* --- the statement ------------------------------------------------------------------------- */

static bool is_joined_plainly(const List *relations)
{
	ListCell *cell;

	foreach (cell, relations)
		if (!IsA(lfirst(cell), RangeVar))
			return false;
	return true;
}

/* A node, or what an EXPLAIN is of. */
static const Node *explained(const Node *node)
{
	return node && IsA(node, ExplainStmt) ?
		       ((const ExplainStmt *)node)->query : node;
}

/* The DELETE in it, if it is nothing but that and what is done with it. */
static const DeleteStmt *find_delete(const Node *node, struct asking *asking)
{
	node = explained(node);
	if (node && IsA(node, PrepareStmt)) {
		asking->types = ((const PrepareStmt *)node)->argtypes;
		node = ((const PrepareStmt *)node)->query;
	} else if (node && IsA(node, CopyStmt)) {
		node = ((const CopyStmt *)node)->query;
	}
	return node && IsA(node, DeleteStmt) ? (const DeleteStmt *)node : NULL;
}

static bool allows(struct asking *asking, const Node *node)
{
	const DeleteStmt *statement = find_delete(node, asking);

	if (!statement || !statement->relation || statement->withClause)
		return false;
	asking->target = statement->relation;
	asking->joined = statement->usingClause;
	return same(asking, statement->relation->relname,
		    asking->question->rule.table) &&
	       is_joined_plainly(statement->usingClause) &&
	       is_limited(asking, statement->whereClause, 0);
}

/* The tree of an EXECUTE, whose arguments are used as long as it lives. */
static struct sql_tree *read_execute(struct asking *asking)
{
	const struct retain_values *values = asking->question->values;
	struct error ignored;
	struct sql_tree *tree;
	const Node *node;

	if (!values || !values->executes || sql_is_long(values->execute))
		return NULL;
	tree = sql_tree_new(values->execute, &ignored);
	if (!tree || sql_tree_count(tree) != 1)
		return tree;
	node = explained(sql_tree_statement(tree, 0).node);
	if (node && IsA(node, ExecuteStmt))
		asking->arguments = ((const ExecuteStmt *)node)->params;
	return tree;
}

bool retain_allows(const struct retain_question *question,
		   const struct sql_tree *tree, int statement)
{
	struct asking asking = { .question = question };
	struct sql_tree *execute = read_execute(&asking);
	bool allowed = (size_t)statement < sql_tree_count(tree) &&
		       allows(&asking,
			      sql_tree_statement(tree, (size_t)statement).node);

	sql_tree_free(&execute);
	return allowed;
}

/* Letters, '_' and '/' make a name of the database of zones, for a zone of
 * POSIX's making has a number in it. */
int64_t retain_zone_slack_us(struct slice name)
{
	static const char *const exact[] = { "UTC", "Etc/UTC", "GMT", "UCT",
					     "Etc/GMT", "Zulu" };

	for (size_t i = 0; i < sizeof(exact) / sizeof(*exact); i++)
		if (slice_is(name, exact[i]))
			return 0;
	for (size_t i = 0; i < name.length; i++) {
		uint8_t c = name.at[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    c != '_' && c != '/')
			return RETAIN_ZONE_ANY_US;
	}
	return name.length ? RETAIN_ZONE_BOUND_US : RETAIN_ZONE_ANY_US;
}
