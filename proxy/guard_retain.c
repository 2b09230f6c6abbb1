#include "protocol/sql_nodes.h"

#include "proxy/guard_retain.h"

#include <stdlib.h>

#include "protocol/datetime.h"
#include "protocol/iso_time.h"
#include "protocol/sql_reading.h"

#define EPOCH_2000_US (UNIX_EPOCH_S * SECOND_US)
#define MONTHS_MAX 12000
#define DAYS_MAX 400000
#define DEPTH_MAX 20

#define OID_UNSAID 0u	/* of a parameter, in a Parse message */

enum cut_kind {
	CUT_AWARE,		/* a moment */
	CUT_LOCAL,		/* a moment, as the session's clock shows it */
	CUT_NAIVE,		/* what some clock shows */
	CUT_OPEN,		/* becomes what the column is */
	CUT_TIME_TYPED,		/* the same, but certainly no text */
};

/* A cut-off: it is no later than this. */
struct cut {
	enum cut_kind kind;
	int64_t us;		/* since 1970; of NAIVE read as UTC */
	int64_t shown_us;	/* OPEN: without its offset */
	bool has_offset;
	bool is_date;
	bool nothing;		/* NULL: no row is before it; or not known yet,
				   and to be judged then */
};

struct asking {
	const struct retain_question *question;
	const RangeVar *target;
	bool joined;		/* there is a USING */
	const List *arguments;	/* of the EXECUTE */
	const List *types;	/* that PREPARE gives its parameters */
};

/* --- names ------------------------------------------------------------------ */

static bool is_plain(const List *names, const char *word)
{
	int count = list_length(names);

	if (!count || count > 2 || strcmp(strVal(llast(names)), word) != 0)
		return false;
	return count == 1 ||
	       strcmp(strVal(linitial(names)), "pg_catalog") == 0;
}

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

static const char *type_of(const TypeName *type)
{
	static const char *const types[] = { "timestamptz", "timestamp",
					     "date", "text", "varchar",
					     "interval" };

	if (type->setof || type->pct_type || type->typmods || type->arrayBounds)
		return "";
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (is_plain(type->names, types[i]))
			return types[i];
	return "";
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

static const char *string_of(const Node *node)
{
	const A_Const *constant = (const A_Const *)node;

	return node && IsA(node, A_Const) && !constant->isnull &&
	       IsA(&constant->val, String) ? constant->val.sval.sval : NULL;
}

static bool read_integer(const Node *node, int64_t *ret)
{
	const A_Const *constant = (const A_Const *)node;

	if (!node || !IsA(node, A_Const) || constant->isnull ||
	    !IsA(&constant->val, Integer))
		return false;
	*ret = constant->val.ival.ival;
	return true;
}

/* One value of a Bind message. */
struct bound {
	uint32_t type;
	bool binary;
	bool is_null;
	struct slice bytes;
};

static uint32_t declared_type(struct slice types, int number)
{
	struct reader reader = reader_make(types);
	int count = read_u16(&reader);
	uint32_t type = OID_UNSAID;

	for (int i = 0; i < count && i < number; i++)
		type = read_u32(&reader);
	return number <= count && !reader.failed ? type : OID_UNSAID;
}

static bool read_formats(struct reader *reader, int number, bool *ret_binary)
{
	int count = read_u16(reader);
	uint16_t format = 0;

	for (int i = 0; i < count && !reader->failed; i++) {
		uint16_t each = read_u16(reader);

		if (count == 1 || i == number - 1)
			format = each;
	}
	*ret_binary = format == 1;
	return format < 2 && !reader->failed;
}

static bool find_bound(const struct retain_values *values, int number,
		       struct bound *ret_bound)
{
	struct reader reader = reader_make(values->bound);
	struct bound bound = { .type = declared_type(values->types, number) };
	int count;

	if (!values->whole || number < 1 ||
	    !read_formats(&reader, number, &bound.binary))
		return false;
	count = read_u16(&reader);
	for (int i = 0; i < count && i < number && !reader.failed; i++) {
		uint32_t length = read_u32(&reader);

		bound.is_null = length == UINT32_MAX;
		bound.bytes = bound.is_null ? slice_make(NULL, 0) :
					      read_bytes(&reader, length);
	}
	*ret_bound = bound;
	return number <= count && !reader.failed;
}

static bool is_texts(uint32_t type)
{
	return type == OID_TEXT || type == OID_VARCHAR || type == OID_UNKNOWN;
}

static bool read_number(struct slice bytes, int64_t *ret)
{
	struct reader reader = reader_make(bytes);

	switch (bytes.length) {
	case 2:
		*ret = (int16_t)read_u16(&reader);
		return true;
	case 4:
		*ret = (int32_t)read_u32(&reader);
		return true;
	case 8:
		*ret = (int64_t)((uint64_t)read_u32(&reader) << 32);
		*ret |= (int64_t)read_u32(&reader);
		return true;
	default:
		return false;
	}
}

/* Days or microseconds since 2000, as dates and timestamps are sent. What has
 * no type said could be a text that looks like one: such are all before 2000,
 * or thousands of years ahead. */
static bool read_binary(const struct bound *bound, struct cut *ret_cut)
{
	bool is_date = bound->bytes.length == 4;
	int64_t number;

	if (bound->bytes.length < 4 || !read_number(bound->bytes, &number))
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
		return type == OID_UNSAID || is_texts(type) ? "text" : NULL;
	}
}

static bool cast(const struct asking *, struct cut *, const char *type);

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
	if (bound->binary && !is_texts(bound->type) &&
	    !(bound->type == OID_UNSAID &&
	      asking->question->rule.type == RETAIN_TEXT))
		return read_binary(bound, ret_cut);
	return read_open(bound->bytes, ret_cut) && cast(asking, ret_cut, type);
}

static bool read_cut(const struct asking *, Node *, int depth, struct cut *);

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
	    !read_cut(&inside, list_nth(asking->arguments, number - 1), 0,
		      ret_cut))
		return false;
	if (number <= list_length(asking->types))
		return cast(asking, ret_cut,
			    type_of(list_nth(asking->types, number - 1)));
	type = declared_type(asking->question->values->types, number);
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
	return !asking->types && find_bound(question->values, ref->number, &bound) &&
	       read_bound(asking, &bound, ret_cut);
}

/* --- intervals -------------------------------------------------------------------- */

/* The fewest days that so many months, one after the other, can have. */
static int64_t fewest_days(int32_t months)
{
	static const int16_t days[] = { 0, 28, 59, 89, 120, 150, 181, 212, 242,
					273, 303, 334 };

	return (int64_t)months / 12 * 365 + days[months % 12];
}

static bool length_of(const struct interval *interval, int64_t *ret_us)
{
	if (interval->months < 0 || interval->days < 0 || interval->us < 0 ||
	    interval->months > MONTHS_MAX || interval->days > DAYS_MAX ||
	    interval->us > DAYS_MAX * DAY_US)
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
	if (bound->bytes.length != 16 || is_texts(bound->type))
		return false;
	read_number(slice_make(bound->bytes.at, 8), &ret->us);
	read_number(slice_make(bound->bytes.at + 8, 4), &days);
	read_number(slice_make(bound->bytes.at + 12, 4), &months);
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

	*ret = (struct interval){ .days = DAYS_MAX };
	if (!question->values)
		return question->values_later;
	if (question->values->executes || asking->types ||
	    !find_bound(question->values, ref->number, &bound))
		return false;
	if (bound.type != OID_INTERVAL &&
	    !(typed && (bound.type == OID_UNSAID || is_texts(bound.type))))
		return false;
	return read_interval_bound(&bound, ret);
}

static bool read_whole(const struct asking *asking, const Node *node,
		       int64_t *ret)
{
	const struct retain_question *question = asking->question;
	struct bound bound;
	char digits[16];

	if (read_integer(node, ret))
		return true;
	if (!IsA(node, ParamRef))
		return false;
	*ret = DAYS_MAX;
	if (!question->values)
		return question->values_later;
	if (question->values->executes || asking->types ||
	    !find_bound(question->values, ((const ParamRef *)node)->number,
			&bound) || bound.is_null ||
	    (bound.type != OID_UNSAID && bound.type != OID_INT2 &&
	     bound.type != OID_INT4 && bound.type != OID_INT8))
		return false;
	if (bound.binary)
		return read_number(bound.bytes, ret);
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

	if (!is_plain(call->funcname, "make_interval") ||
	    list_length(call->args) != 1 || call->func_variadic ||
	    call->over || call->agg_filter || call->agg_order ||
	    call->agg_star || call->agg_distinct)
		return false;
	argument = linitial(call->args);
	if (!IsA(argument, NamedArgExpr) ||
	    !read_whole(asking, (const Node *)argument->arg, &number) ||
	    number < 0 || number > DAYS_MAX)
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

static bool read_interval(const struct asking *, const Node *, int depth,
			  struct interval *);

/* interval '1 day' * 365 */
static bool read_product(const struct asking *asking, const A_Expr *expr,
			 int depth, struct interval *ret)
{
	int64_t factor;
	bool right = expr->rexpr && read_whole(asking, expr->rexpr, &factor);

	if (!is_plain(expr->name, "*") || !expr->lexpr || !expr->rexpr ||
	    (!right && !read_whole(asking, expr->lexpr, &factor)) ||
	    !read_interval(asking, right ? expr->lexpr : expr->rexpr,
			   depth + 1, ret) ||
	    factor < 0 || factor > DAYS_MAX)
		return false;
	if (ret->months < 0 || ret->days < 0 || ret->us < 0 ||
	    ret->months * factor > MONTHS_MAX || ret->days * factor > DAYS_MAX ||
	    ret->us / DAY_US * factor > DAYS_MAX)
		return false;
	ret->months *= (int32_t)factor;
	ret->days *= (int32_t)factor;
	ret->us *= factor;
	return true;
}

static bool read_interval(const struct asking *asking, const Node *node,
			  int depth, struct interval *ret)
{
	const TypeCast *type_cast = (const TypeCast *)node;
	struct error ignored;
	const char *text;

	if (!node || depth > DEPTH_MAX)
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
	    strcmp(type_of(type_cast->typeName), "interval") != 0)
		return false;
	if (IsA(type_cast->arg, ParamRef))
		return read_interval_parameter(
			asking, (const ParamRef *)type_cast->arg, true, ret);
	text = string_of(type_cast->arg);
	return text && interval_parse(slice_text(text), -1, ret, &ignored);
}

/* --- cut-offs ----------------------------------------------------------------------- */

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
		if (!call->args && is_plain(call->funcname, clocks[i]))
			return read_now(asking, CUT_AWARE, false, ret_cut);
	return is_plain(call->funcname, "date_trunc") &&
	       list_length(call->args) == 2 && string_of(linitial(call->args)) &&
	       read_cut(asking, lsecond(call->args), depth + 1, ret_cut) &&
	       !ret_cut->nothing && !ret_cut->is_date &&
	       (ret_cut->kind == CUT_AWARE || ret_cut->kind == CUT_LOCAL);
}

static bool read_minus(const struct asking *asking, const A_Expr *expr,
		       int depth, struct cut *ret_cut)
{
	struct interval interval;
	int64_t length;

	if (expr->kind != AEXPR_OP || !is_plain(expr->name, "-") ||
	    !expr->lexpr || !expr->rexpr ||
	    !read_cut(asking, expr->lexpr, depth + 1, ret_cut) ||
	    ret_cut->kind == CUT_OPEN || ret_cut->kind == CUT_TIME_TYPED)
		return false;
	if (ret_cut->is_date && read_integer(expr->rexpr, &length)) {
		if (length < 0 || length > DAYS_MAX)
			return false;
		ret_cut->us -= length * DAY_US;
		return true;
	}
	ret_cut->is_date = false;
	if (!read_interval(asking, expr->rexpr, depth + 1, &interval) ||
	    !length_of(&interval, &length))
		return false;
	ret_cut->us -= length;
	return true;
}

static bool read_cast(const struct asking *asking, const TypeCast *type_cast,
		      int depth, struct cut *ret_cut)
{
	return read_cut(asking, type_cast->arg, depth + 1, ret_cut) &&
	       cast(asking, ret_cut, type_of(type_cast->typeName));
}

static bool read_cut(const struct asking *asking, Node *node, int depth,
		     struct cut *ret_cut)
{
	if (!node || depth > 2 * DEPTH_MAX)
		return false;
	if (string_of(node))
		return read_open(slice_text(string_of(node)), ret_cut);
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
	       read_cut(asking, value, 0, &cut) && is_old(asking, &cut);
}

static bool is_cut_off(const struct asking *asking, const A_Expr *expr)
{
	if (expr->kind == AEXPR_BETWEEN && IsA(expr->rexpr, List) &&
	    list_length((List *)expr->rexpr) == 2)
		return cuts(asking, expr->lexpr, lsecond((List *)expr->rexpr));
	if (expr->kind != AEXPR_OP)
		return false;
	if (is_plain(expr->name, "<") || is_plain(expr->name, "<="))
		return cuts(asking, expr->lexpr, expr->rexpr);
	if (is_plain(expr->name, ">") || is_plain(expr->name, ">="))
		return cuts(asking, expr->rexpr, expr->lexpr);
	return false;
}

static bool is_limited(const struct asking *asking, Node *condition, int depth)
{
	const BoolExpr *all = (const BoolExpr *)condition;
	ListCell *cell;

	if (!condition || depth > DEPTH_MAX)
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
