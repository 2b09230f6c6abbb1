/*
 * How much older than the clock a cut-off says it is: a constant, a parameter,
 * or a number of days.
 */
#include "proxy/guard_retain_parts.h"

#include <stdlib.h>

#define MONTHS_MAX 12000

/* The fewest days that so many months, one after the other, can have. */
static int64_t fewest_days(int32_t months)
{
	static const int16_t days[] = { 0, 28, 59, 89, 120, 150, 181, 212, 242,
					273, 303, 334 };

	return (int64_t)months / 12 * 365 + days[months % 12];
}

bool retain_read_length(const struct interval *interval, int64_t *ret_us)
{
	if (interval->months < 0 || interval->days < 0 || interval->us < 0 ||
	    interval->months > MONTHS_MAX || interval->days > RETAIN_DAYS_MAX ||
	    interval->us > RETAIN_DAYS_MAX * DAY_US)
		return false;
	*ret_us = (fewest_days(interval->months) + interval->days) * DAY_US +
		  interval->us;
	return true;
}

static bool read_interval_bound(const struct bound *bound,
				struct interval *ret)
{
	struct error ignored;
	int64_t days, months;

	if (bound->is_null)
		return false;
	if (!bound->binary)
		return interval_parse(bound->bytes, -1, ret, &ignored);
	if (bound->bytes.length != 16 || bound_is_text(bound->type))
		return false;
	bound_read_number(slice_make(bound->bytes.at, 8), &ret->us);
	bound_read_number(slice_make(bound->bytes.at + 8, 4), &days);
	bound_read_number(slice_make(bound->bytes.at + 12, 4), &months);
	ret->days = (int32_t)days;
	ret->months = (int32_t)months;
	return true;
}

/* `typed`: a cast says that it is one; else its type does. */
static bool read_interval_parameter(const struct asking *asking,
				    const ParamRef *ref, bool typed,
				    struct interval *ret)
{
	const struct retain_question *question = asking->question;
	struct bound bound;

	*ret = (struct interval){ .days = RETAIN_DAYS_MAX };
	if (!question->values)
		return question->values_later;
	if (question->values->executes || asking->types ||
	    !bound_find(question->values, ref->number, &bound))
		return false;
	if (bound.type != OID_INTERVAL &&
	    !(typed && (bound.type == OID_UNSAID || bound_is_text(bound.type))))
		return false;
	return read_interval_bound(&bound, ret);
}

static bool read_whole(const struct asking *asking, const Node *node,
		       int64_t *ret)
{
	const struct retain_question *question = asking->question;
	struct bound bound;
	char digits[16];

	if (retain_read_integer(node, ret))
		return true;
	if (!IsA(node, ParamRef))
		return false;
	*ret = RETAIN_DAYS_MAX;
	if (!question->values)
		return question->values_later;
	if (question->values->executes || asking->types ||
	    !bound_find(question->values, ((const ParamRef *)node)->number,
			&bound) || bound.is_null ||
	    (bound.type != OID_UNSAID && bound.type != OID_INT2 &&
	     bound.type != OID_INT4 && bound.type != OID_INT8))
		return false;
	if (bound.binary)
		return bound_read_number(bound.bytes, ret);
	if (!bound.bytes.length || bound.bytes.length >= 9)
		return false;
	memcpy(digits, bound.bytes.at, bound.bytes.length);
	digits[bound.bytes.length] = 0;
	if (strspn(digits, "0123456789") != bound.bytes.length)
		return false;
	*ret = atoi(digits);
	return true;
}

/* make_interval(days => 365) */
static bool read_make(const struct asking *asking, const FuncCall *call,
		      struct interval *ret)
{
	const NamedArgExpr *argument;
	int64_t number;

	if (!retain_is_plain(call->funcname, "make_interval") ||
	    list_length(call->args) != 1 || call->func_variadic ||
	    call->over || call->agg_filter || call->agg_order ||
	    call->agg_star || call->agg_distinct)
		return false;
	argument = linitial(call->args);
	if (!IsA(argument, NamedArgExpr) ||
	    !read_whole(asking, (const Node *)argument->arg, &number) ||
	    number < 0 || number > RETAIN_DAYS_MAX)
		return false;
	*ret = (struct interval){ 0 };
	if (strcmp(argument->name, "days") == 0)
		ret->days = (int32_t)number;
	else if (strcmp(argument->name, "weeks") == 0)
		ret->days = (int32_t)number * 7;
	else if (strcmp(argument->name, "months") == 0)
		ret->months = (int32_t)number;
	else if (strcmp(argument->name, "years") == 0)
		ret->months = (int32_t)number * 12;
	else if (strcmp(argument->name, "hours") == 0)
		ret->us = number * HOUR_US;
	else
		return false;
	return true;
}

/* interval '1 day' * 365 */
static bool read_product(const struct asking *asking, const A_Expr *expr,
			 int depth, struct interval *ret)
{
	int64_t factor;
	bool right = expr->rexpr && read_whole(asking, expr->rexpr, &factor);

	if (!retain_is_plain(expr->name, "*") || !expr->lexpr || !expr->rexpr ||
	    (!right && !read_whole(asking, expr->lexpr, &factor)) ||
	    !retain_read_interval(asking, right ? expr->lexpr : expr->rexpr,
				  depth + 1, ret) ||
	    factor < 0 || factor > RETAIN_DAYS_MAX)
		return false;
	if (ret->months < 0 || ret->days < 0 || ret->us < 0 ||
	    ret->months * factor > MONTHS_MAX || ret->days * factor > RETAIN_DAYS_MAX ||
	    ret->us / DAY_US * factor > RETAIN_DAYS_MAX)
		return false;
	ret->months *= (int32_t)factor;
	ret->days *= (int32_t)factor;
	ret->us *= factor;
	return true;
}

bool retain_read_interval(const struct asking *asking, const Node *node,
			  int depth, struct interval *ret)
{
	const TypeCast *type_cast = (const TypeCast *)node;
	struct error ignored;
	const char *text;

	if (!node || depth > RETAIN_DEPTH_MAX)
		return false;
	if (IsA(node, ParamRef))
		return read_interval_parameter(asking, (const ParamRef *)node,
					       false, ret);
	if (IsA(node, FuncCall))
		return read_make(asking, (const FuncCall *)node, ret);
	if (IsA(node, A_Expr))
		return ((const A_Expr *)node)->kind == AEXPR_OP &&
		       read_product(asking, (const A_Expr *)node, depth, ret);
	if (!IsA(node, TypeCast) ||
	    strcmp(retain_type_of(type_cast->typeName), "interval") != 0)
		return false;
	if (IsA(type_cast->arg, ParamRef))
		return read_interval_parameter(
			asking, (const ParamRef *)type_cast->arg, true, ret);
	text = retain_string_of(type_cast->arg);
	return text && interval_parse(slice_text(text), -1, ret, &ignored);
}
