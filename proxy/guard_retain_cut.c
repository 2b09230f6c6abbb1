/*
 * When a cut-off is: a constant, a parameter, or the clock less an interval.
 */
#include "proxy/guard_retain_parts.h"

#include "protocol/iso_time.h"

#define EPOCH_2000_US (UNIX_EPOCH_S * SECOND_US)

bool retain_is_plain(const List *names, const char *word)
{
	int count = list_length(names);

	if (!count || count > 2 || strcmp(strVal(llast(names)), word) != 0)
		return false;
	return count == 1 ||
	       strcmp(strVal(linitial(names)), "pg_catalog") == 0;
}

const char *retain_type_of(const TypeName *type)
{
	static const char *const types[] = { "timestamptz", "timestamp",
					     "date", "text", "varchar",
					     "interval" };

	if (type->setof || type->pct_type || type->typmods || type->arrayBounds)
		return "";
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (retain_is_plain(type->names, types[i]))
			return types[i];
	return "";
}

const char *retain_string_of(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	return node && IsA(node, A_Const) && !constant->isnull &&
	       IsA(&constant->val, String) ? constant->val.sval.sval : NULL;
}

bool retain_read_integer(const Node *node, int64_t *ret)
{
	const A_Const *constant = (const A_Const *)node;

	if (!node || !IsA(node, A_Const) || constant->isnull ||
	    !IsA(&constant->val, Integer))
		return false;
	*ret = constant->val.ival.ival;
	return true;
}

/* --- constants and parameters ------------------------------------------------- */

static bool read_open(struct slice text, struct cut *ret_cut)
{
	struct iso_time time;

	if (!iso_time_read(text, &time))
		return false;
	*ret_cut = (struct cut){
		.kind = CUT_OPEN,
		.us = time.us - time.east_s * SECOND_US,
		.shown_us = time.us,
		.has_offset = time.has_offset,
		.is_date = !time.has_time,
	};
	return true;
}

static bool cast(const struct asking *, struct cut *, const char *type);

/* Days or microseconds since 2000, as dates and timestamps are sent. What has
 * no type said could be a text that looks like one: such are all before 2000,
 * or thousands of years ahead. */
static bool read_binary(const struct bound *bound, struct cut *ret_cut)
{
	bool is_date = bound->bytes.length == 4;
	int64_t number;

	if (bound->bytes.length < 4 || !bound_read_number(bound->bytes, &number))
		return false;
	if (bound->type == OID_UNSAID ? number < 0 :
	    (bound->type == OID_DATE) != is_date)
		return false;
	if (number > (is_date ? INT32_MAX - 1 : TIMESTAMP_END) ||
	    number < (is_date ? DATE_FIRST : TIMESTAMP_FIRST))
		return false;
	number = (is_date ? number * DAY_US : number) + EPOCH_2000_US;
	*ret_cut = (struct cut){
		.kind = bound->type == OID_UNSAID ? CUT_TIME_TYPED :
			bound->type == OID_TIMESTAMPTZ ? CUT_AWARE : CUT_NAIVE,
		.us = number, .shown_us = number, .has_offset = true,
		.is_date = is_date,
	};
	return true;
}

/* NULL: none that a cut-off is of. What has no type said becomes one of the
 * column's. */
static const char *type_name(uint32_t type)
{
	switch (type) {
	case OID_TIMESTAMPTZ:
		return "timestamptz";
	case OID_TIMESTAMP:
		return "timestamp";
	case OID_DATE:
		return "date";
	default:
		return type == OID_UNSAID || bound_is_text(type) ? "text" : NULL;
	}
}

static bool read_bound(const struct asking *asking, const struct bound *bound,
		       struct cut *ret_cut)
{
	const char *type = type_name(bound->type);

	if (!type)
		return false;
	if (bound->is_null) {
		*ret_cut = (struct cut){ .nothing = true };
		return true;
	}
	if (bound->binary && !bound_is_text(bound->type) &&
	    !(bound->type == OID_UNSAID &&
	      asking->question->rule.type == RETAIN_TEXT))
		return read_binary(bound, ret_cut);
	return read_open(bound->bytes, ret_cut) && cast(asking, ret_cut, type);
}

/* An argument of EXECUTE becomes what PREPARE, or the Parse message, says it
 * is. */
static bool read_argument(const struct asking *asking, int number,
			  struct cut *ret_cut)
{
	struct retain_question constant = *asking->question;
	const struct asking inside = { .question = &constant };
	uint32_t type;

	constant.values = NULL;
	constant.values_later = false;
	if (number < 1 || number > list_length(asking->arguments) ||
	    !retain_read_cut(&inside, list_nth(asking->arguments, number - 1),
			     0, ret_cut))
		return false;
	if (number <= list_length(asking->types))
		return cast(asking, ret_cut,
			    retain_type_of(list_nth(asking->types, number - 1)));
	type = bound_declared_type(asking->question->values->types, number);
	if (type == OID_UNSAID)
		return true;
	return type_name(type) && cast(asking, ret_cut, type_name(type));
}

static bool read_parameter(const struct asking *asking, const ParamRef *ref,
			   struct cut *ret_cut)
{
	const struct retain_question *question = asking->question;
	struct bound bound;

	if (!question->values) {
		*ret_cut = (struct cut){ .nothing = true };
		return question->values_later;
	}
	if (question->values->executes)
		return read_argument(asking, ref->number, ret_cut);
	return !asking->types &&
	       bound_find(question->values, ref->number, &bound) &&
	       read_bound(asking, &bound, ret_cut);
}

/* --- casts, the clock and what is taken from it ------------------------------------ */

static bool cast(const struct asking *asking, struct cut *cut,
		 const char *type)
{
	int64_t slack = asking->question->zone_slack_us;
	bool open = cut->kind == CUT_OPEN || cut->kind == CUT_TIME_TYPED;

	if (cut->nothing)
		return *type && strcmp(type, "interval") != 0;
	if (strcmp(type, "text") == 0 || strcmp(type, "varchar") == 0)
		return cut->kind == CUT_OPEN;
	if (strcmp(type, "timestamptz") == 0) {
		if (cut->kind == CUT_NAIVE || (open && !cut->has_offset))
			cut->us += slack;
		cut->kind = CUT_AWARE;
		cut->is_date = false;
		return true;
	}
	if (strcmp(type, "timestamp") != 0 && strcmp(type, "date") != 0)
		return false;
	if (open)
		cut->us = cut->shown_us;
	cut->kind = open ? CUT_NAIVE :
		    cut->kind == CUT_AWARE ? CUT_LOCAL : cut->kind;
	cut->is_date = strcmp(type, "date") == 0;
	return true;
}

static bool read_now(const struct asking *asking, enum cut_kind kind,
		     bool is_date, struct cut *ret_cut)
{
	*ret_cut = (struct cut){ .kind = kind,
				 .us = asking->question->now_us,
				 .is_date = is_date };
	return true;
}

static bool read_clock(const struct asking *asking, const SQLValueFunction *of,
		       struct cut *ret_cut)
{
	switch (of->op) {
	case SVFOP_CURRENT_TIMESTAMP:
		return read_now(asking, CUT_AWARE, false, ret_cut);
	case SVFOP_LOCALTIMESTAMP:
		return read_now(asking, CUT_LOCAL, false, ret_cut);
	case SVFOP_CURRENT_DATE:
		return read_now(asking, CUT_LOCAL, true, ret_cut);
	default:
		return false;
	}
}

/* now(), and date_trunc() of a moment, which is no later than it. */
static bool read_call(const struct asking *asking, const FuncCall *call,
		      int depth, struct cut *ret_cut)
{
	static const char *const clocks[] = { "now", "transaction_timestamp",
					      "statement_timestamp" };

	if (call->over || call->agg_filter || call->agg_order ||
	    call->agg_star || call->agg_distinct || call->func_variadic)
		return false;
	for (size_t i = 0; i < sizeof(clocks) / sizeof(*clocks); i++)
		if (!call->args && retain_is_plain(call->funcname, clocks[i]))
			return read_now(asking, CUT_AWARE, false, ret_cut);
	return retain_is_plain(call->funcname, "date_trunc") &&
	       list_length(call->args) == 2 &&
	       retain_string_of(linitial(call->args)) &&
	       retain_read_cut(asking, lsecond(call->args), depth + 1, ret_cut) &&
	       !ret_cut->nothing && !ret_cut->is_date &&
	       (ret_cut->kind == CUT_AWARE || ret_cut->kind == CUT_LOCAL);
}

static bool read_minus(const struct asking *asking, const A_Expr *expr,
		       int depth, struct cut *ret_cut)
{
	struct interval interval;
	int64_t length;

	if (expr->kind != AEXPR_OP || !retain_is_plain(expr->name, "-") ||
	    !expr->lexpr || !expr->rexpr ||
	    !retain_read_cut(asking, expr->lexpr, depth + 1, ret_cut) ||
	    ret_cut->kind == CUT_OPEN || ret_cut->kind == CUT_TIME_TYPED)
		return false;
	if (ret_cut->is_date && retain_read_integer(expr->rexpr, &length)) {
		if (length < 0 || length > RETAIN_DAYS_MAX)
			return false;
		ret_cut->us -= length * DAY_US;
		return true;
	}
	ret_cut->is_date = false;
	if (!retain_read_interval(asking, expr->rexpr, depth + 1, &interval) ||
	    !retain_read_length(&interval, &length))
		return false;
	ret_cut->us -= length;
	return true;
}

static bool read_cast(const struct asking *asking, const TypeCast *type_cast,
		      int depth, struct cut *ret_cut)
{
	return retain_read_cut(asking, type_cast->arg, depth + 1, ret_cut) &&
	       cast(asking, ret_cut, retain_type_of(type_cast->typeName));
}

bool retain_read_cut(const struct asking *asking, Node *node, int depth,
		     struct cut *ret_cut)
{
	if (!node || depth > 2 * RETAIN_DEPTH_MAX)
		return false;
	if (retain_string_of(node))
		return read_open(slice_text(retain_string_of(node)), ret_cut);
	switch (nodeTag(node)) {
	case T_ParamRef:
		return read_parameter(asking, (ParamRef *)node, ret_cut);
	case T_TypeCast:
		return read_cast(asking, (TypeCast *)node, depth, ret_cut);
	case T_SQLValueFunction:
		return read_clock(asking, (SQLValueFunction *)node, ret_cut);
	case T_FuncCall:
		return read_call(asking, (FuncCall *)node, depth, ret_cut);
	case T_A_Expr:
		return read_minus(asking, (A_Expr *)node, depth, ret_cut);
	default:
		return false;
	}
}
