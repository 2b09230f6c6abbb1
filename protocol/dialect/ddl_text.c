#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_text.h"

#include <ctype.h>

#include "protocol/dialect/schema_name.h"
#include "protocol/sql_tree.h"
#include "protocol/type.h"

#define TEXT_DEPTH_MAX 200

/* What a printed piece is, for the question of parentheses. */
enum piece_kind {
	PIECE_SIMPLE,
	PIECE_OPERATOR,
	PIECE_AND,
	PIECE_OR,
	PIECE_NOT,
	PIECE_TEST,		/* IS NULL, IS DISTINCT FROM ... */
	PIECE_CAST,
	PIECE_CALL,		/* as a parent: has parentheses of its own */
};

struct piece {
	const char *text;
	uint32_t type;		/* 0: not known */
	enum piece_kind kind;
	char operator;		/* + - * / % of PIECE_OPERATOR, else 0 */
	const char *literal;	/* a quoted literal without a type */
};

static struct piece print_node(struct ddl_text *, Node *);

static const struct piece failure;

static struct piece piece(const char *text, uint32_t type)
{
	return (struct piece){ .text = text, .type = type };
}

static struct piece refuse(struct ddl_text *print, const char *what)
{
	if (!print->error->sqlstate[0])
		error_set(print->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot use %s in this expression", what);
	return failure;
}

static const char *quoted(struct ddl_text *print, const char *text)
{
	char *out = arena_alloc(print->arena, strlen(text) * 2 + 4);
	char *at = out;

	if (strchr(text, '\\'))
		*at++ = 'E';
	*at++ = '\'';
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			*at++ = *text;
		*at++ = *text;
	}
	*at = '\'';
	return out;
}

static const char *name_of_type(struct ddl_text *print, uint32_t type,
				int32_t typmod)
{
	static const char *const path[] = { "public", NULL };
	static const struct schema empty;

	return type_name_text(print->arena,
			      print->schema ? print->schema : &empty, path,
			      type, typmod);
}

/* --- parentheses -------------------------------------------------------- */

static int strength(char operator)
{
	switch (operator) {
	case '+':
	case '-':
		return 1;
	case '*':
	case '/':
	case '%':
		return 2;
	default:
		return 0;
	}
}

/* isSimpleNode() of Postgres's ruleutils.c, by kinds. */
static bool stands_bare(const struct piece *child, enum piece_kind parent,
			char operator, bool left)
{
	switch (child->kind) {
	case PIECE_SIMPLE:
	case PIECE_CALL:
	case PIECE_CAST:
		return true;
	case PIECE_OPERATOR:
		if (parent == PIECE_OPERATOR && strength(operator) &&
		    strength(child->operator))
			return strength(child->operator) > strength(operator)
			       || (left && strength(child->operator) ==
					   strength(operator));
		return parent == PIECE_AND || parent == PIECE_OR ||
		       parent == PIECE_NOT || parent == PIECE_CALL;
	case PIECE_TEST:
		return parent == PIECE_AND || parent == PIECE_OR ||
		       parent == PIECE_NOT || parent == PIECE_CALL;
	case PIECE_NOT:
	case PIECE_AND:
		return parent == PIECE_AND || parent == PIECE_OR ||
		       parent == PIECE_CALL;
	case PIECE_OR:
		return parent == PIECE_OR || parent == PIECE_CALL;
	}
	return false;
}

static const char *child(struct ddl_text *print, struct piece piece,
			 enum piece_kind parent, char operator, bool left)
{
	if (!print->pretty || stands_bare(&piece, parent, operator, left))
		return piece.text;
	return arena_printf(print->arena, "(%s)", piece.text);
}

/* Outside of pretty mode everything that is not simple brings its own. */
static struct piece closed(struct ddl_text *print, enum piece_kind kind,
			   const char *text, uint32_t type)
{
	struct piece made = { .kind = kind, .type = type, .text = text };

	if (!print->pretty)
		made.text = arena_printf(print->arena, "(%s)", text);
	return made;
}

static struct piece cast(struct ddl_text *print, struct piece inner,
			 uint32_t type, const char *type_text)
{
	struct piece made = { .kind = PIECE_CAST, .type = type };

	if (print->pretty)
		made.text = arena_printf(print->arena, "%s::%s",
					 child(print, inner, PIECE_CAST, 0,
					       true), type_text);
	else
		made.text = arena_printf(print->arena, "(%s)::%s", inner.text,
					 type_text);
	return made;
}

/* --- literals ----------------------------------------------------------- */

static bool has_point(const char *text)
{
	return isdigit((unsigned char)text[0]) &&
	       strcspn(text, "eE.") != strlen(text);
}

/* A literal with its type, as get_const_expr() prints one. */
static struct piece typed_literal(struct ddl_text *print, const char *text,
				  uint32_t type)
{
	struct piece made = { .type = type };

	if (type == OID_BOOL)
		made.text = strchr("tTyY1", text[0]) && text[0] ? "true" :
			    strcasecmp(text, "on") == 0 ? "true" : "false";
	else if (type == OID_INT4 && isdigit((unsigned char)text[0]))
		made.text = text;
	else if (type == OID_NUMERIC && has_point(text))
		made.text = text;
	else
		made.text = arena_printf(print->arena, "%s::%s",
					 quoted(print, text),
					 name_of_type(print, type, -1));
	return made;
}

static uint32_t integer_type(const char *digits)
{
	size_t length = strlen(digits);

	if (length > 19 || (length == 19 &&
			    strcmp(digits, "9223372036854775807") > 0))
		return OID_NUMERIC;
	return OID_INT8;
}

static struct piece number(struct ddl_text *print, const char *digits,
			   uint32_t type)
{
	struct piece made = { .type = type, .text = digits };

	/* print->table tells a first printing from a later one: there a
	 * number is always what it says */
	if (type == OID_INT4 ? digits[0] == '-' : !has_point(digits))
		made.text = arena_printf(print->arena, "'%s'::%s", digits,
					 name_of_type(print, type, -1));
	return made;
}

static struct piece print_constant(struct ddl_text *print, A_Const *node)
{
	struct piece made = { .text = "NULL" };

	if (node->isnull)
		return made;
	switch (nodeTag(&node->val)) {
	case T_Integer:
		return number(print, arena_printf(print->arena, "%d",
						  node->val.ival.ival),
			      OID_INT4);
	case T_Float:
		if (strcspn(node->val.fval.fval, "eE.") !=
		    strlen(node->val.fval.fval))
			return number(print, node->val.fval.fval, OID_NUMERIC);
		return number(print, node->val.fval.fval,
			      integer_type(node->val.fval.fval));
	case T_Boolean:
		return piece(node->val.boolval.boolval ? "true" : "false",
			     OID_BOOL);
	case T_String:
		made.literal = node->val.sval.sval;
		made.text = quoted(print, made.literal);
		return made;
	default:
		return refuse(print, "a bit string");
	}
}

/* --- types of operands -------------------------------------------------- */

static bool is_text_like(uint32_t type)
{
	return type == OID_VARCHAR || type == OID_TEXT || type == OID_NAME;
}

static int number_rank(uint32_t type)
{
	switch (type) {
	case OID_INT2:
		return 1;
	case OID_INT4:
		return 2;
	case OID_INT8:
		return 3;
	case OID_NUMERIC:
		return 4;
	case OID_FLOAT4:
		return 5;
	case OID_FLOAT8:
		return 6;
	default:
		return 0;
	}
}

static struct piece as_type(struct ddl_text *print, struct piece piece,
			    uint32_t type)
{
	if (!type || piece.type == type || (!piece.type && !piece.literal))
		return piece;
	if (piece.literal)
		return typed_literal(print, piece.literal, type);
	return cast(print, piece, type, name_of_type(print, type, -1));
}

/* Only a first printing, against a table, adds what Postgres's analysis
 * would have added; what was printed once has it. */
static void balance(struct ddl_text *print, const char *operator,
		    struct piece *left, struct piece *right)
{
	int l = number_rank(left->type), r = number_rank(right->type);

	if (!print->table)
		return;
	if ((is_text_like(left->type) || left->literal) &&
	    (is_text_like(right->type) || right->literal)) {
		*left = as_type(print, *left, OID_TEXT);
		*right = as_type(print, *right, OID_TEXT);
	} else if (operator[0] == '-' && operator[1] == '>' &&
		   right->literal) {
		*right = as_type(print, *right, OID_TEXT);
	} else if (left->literal) {
		*left = as_type(print, *left, right->type);
	} else if (right->literal) {
		*right = as_type(print, *right, left->type);
	} else if (l && r && l != r && (l > 3 || r > 3)) {
		/* integers of all sizes have operators among themselves */
		uint32_t wide = l > r ? left->type : right->type;

		if (wide == OID_FLOAT4)
			wide = OID_FLOAT8;
		*left = as_type(print, *left, wide);
		*right = as_type(print, *right, wide);
	}
}

static bool is_comparison(const char *operator)
{
	static const char *const names[] = {
		"=", "<>", "<", ">", "<=", ">=", "~~", "!~~", "~~*", "!~~*",
		"~", "!~", "~*", "!~*", "@>", "<@", "?", "?|", "?&", "&&",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], operator) == 0)
			return true;
	return false;
}

static uint32_t result_type(const char *operator, const struct piece *left,
			    const struct piece *right)
{
	int l = number_rank(left->type), r = number_rank(right->type);

	if (is_comparison(operator))
		return OID_BOOL;
	if (strcmp(operator, "->>") == 0 || strcmp(operator, "#>>") == 0)
		return OID_TEXT;
	if (strcmp(operator, "->") == 0 || strcmp(operator, "#>") == 0)
		return left->type;
	if (strcmp(operator, "||") == 0)
		return is_text_like(left->type) ? OID_TEXT : left->type;
	if (l && r)
		return l > r ? left->type : right->type;
	return 0;
}

/* --- operators ---------------------------------------------------------- */

static const char *last_name(List *names)
{
	return names ? strVal(llast(names)) : "";
}

static struct piece print_binary(struct ddl_text *print, const char *operator,
				 Node *left_node, Node *right_node)
{
	struct piece left = print_node(print, left_node);
	struct piece right = print_node(print, right_node);
	char sign = operator[1] ? 0 : operator[0];
	struct piece made;

	if (!left.text || !right.text)
		return failure;
	balance(print, operator, &left, &right);
	made = closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s %s",
				   child(print, left, PIECE_OPERATOR, sign,
					 true), operator,
				   child(print, right, PIECE_OPERATOR, sign,
					 false)),
		      result_type(operator, &left, &right));
	made.operator = sign;
	return made;
}

static struct piece print_unary(struct ddl_text *print, const char *operator,
				Node *node)
{
	struct piece right = print_node(print, node);

	if (!right.text)
		return failure;
	return closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s", operator,
				   child(print, right, PIECE_OPERATOR, 0,
					 false)), right.type);
}

/* x IN (a, b) is kept as x = ANY (ARRAY[a, b]). */
static struct piece print_in(struct ddl_text *print, A_Expr *node)
{
	struct piece left = print_node(print, node->lexpr);
	bool negated = strcmp(last_name(node->name), "<>") == 0;
	bool varying = print->table && left.type == OID_VARCHAR;
	const char *items = NULL;
	ListCell *cell;

	if (!left.text || !IsA(node->rexpr, List))
		return left.text ? refuse(print, "subquery") : failure;
	foreach(cell, (List *)node->rexpr) {
		struct piece item = print_node(print, lfirst(cell));

		if (!item.text)
			return failure;
		if (print->table && item.literal)
			item = as_type(print, item, left.type);
		items = items ? arena_printf(print->arena, "%s, %s", items,
					     item.text) : item.text;
	}
	if (list_length((List *)node->rexpr) == 1 && print->table)
		return print_binary(print, negated ? "<>" : "=", node->lexpr,
				    linitial((List *)node->rexpr));
	if (varying)
		left = as_type(print, left, OID_TEXT);
	items = arena_printf(print->arena, "ARRAY[%s]", items ? items : "");
	if (varying)
		items = arena_printf(print->arena, print->pretty ?
				     "%s::text[]" : "(%s)::text[]", items);
	if (varying && !print->pretty)
		items = arena_printf(print->arena, "(%s)", items);
	return closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s (%s)",
				   child(print, left, PIECE_OPERATOR, 0, true),
				   negated ? "<> ALL" : "= ANY", items),
		      OID_BOOL);
}

static struct piece print_any(struct ddl_text *print, A_Expr *node,
			      const char *word)
{
	struct piece left = print_node(print, node->lexpr);
	struct piece right = print_node(print, node->rexpr);

	if (!left.text || !right.text)
		return failure;
	return closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s %s (%s)",
				   child(print, left, PIECE_OPERATOR, 0, true),
				   last_name(node->name), word,
				   child(print, right, PIECE_CALL, 0, false)),
		      OID_BOOL);
}

static struct piece join_pieces(struct ddl_text *print, enum piece_kind kind,
				const char *word, struct piece *pieces,
				int count)
{
	const char *text = child(print, pieces[0], kind, 0, true);

	for (int i = 1; i < count; i++)
		text = arena_printf(print->arena, "%s %s %s", text, word,
				    child(print, pieces[i], kind, 0, false));
	return closed(print, kind, text, OID_BOOL);
}

static struct piece print_between(struct ddl_text *print, A_Expr *node)
{
	List *bounds = (List *)node->rexpr;
	bool negated = node->kind == AEXPR_NOT_BETWEEN;
	struct piece sides[2] = {
		print_binary(print, negated ? "<" : ">=", node->lexpr,
			     linitial(bounds)),
		print_binary(print, negated ? ">" : "<=", node->lexpr,
			     lsecond(bounds)),
	};

	if (!sides[0].text || !sides[1].text)
		return failure;
	return join_pieces(print, negated ? PIECE_OR : PIECE_AND,
			   negated ? "OR" : "AND", sides, 2);
}

static struct piece print_distinct(struct ddl_text *print, A_Expr *node)
{
	struct piece left = print_node(print, node->lexpr);
	struct piece right = print_node(print, node->rexpr);
	struct piece made;

	if (!left.text || !right.text)
		return failure;
	balance(print, "=", &left, &right);
	made = closed(print, PIECE_TEST,
		      arena_printf(print->arena, "%s IS DISTINCT FROM %s",
				   child(print, left, PIECE_OPERATOR, 0, true),
				   child(print, right, PIECE_OPERATOR, 0,
					 false)), OID_BOOL);
	if (node->kind == AEXPR_DISTINCT)
		return made;
	return closed(print, PIECE_NOT,
		      arena_printf(print->arena, "NOT %s",
				   child(print, made, PIECE_NOT, 0, false)),
		      OID_BOOL);
}

static struct piece print_nullif(struct ddl_text *print, A_Expr *node)
{
	struct piece left = print_node(print, node->lexpr);
	struct piece right = print_node(print, node->rexpr);

	if (!left.text || !right.text)
		return failure;
	balance(print, "=", &left, &right);
	return piece(arena_printf(print->arena, "NULLIF(%s, %s)", left.text,
				  right.text), left.type);
}

static struct piece print_operator(struct ddl_text *print, A_Expr *node)
{
	switch (node->kind) {
	case AEXPR_OP:
	case AEXPR_LIKE:
	case AEXPR_ILIKE:
		if (!node->lexpr)
			return print_unary(print, last_name(node->name),
					   node->rexpr);
		return print_binary(print, last_name(node->name), node->lexpr,
				    node->rexpr);
	case AEXPR_OP_ANY:
		return print_any(print, node, "ANY");
	case AEXPR_OP_ALL:
		return print_any(print, node, "ALL");
	case AEXPR_IN:
		return print_in(print, node);
	case AEXPR_BETWEEN:
	case AEXPR_NOT_BETWEEN:
		return print_between(print, node);
	case AEXPR_DISTINCT:
	case AEXPR_NOT_DISTINCT:
		return print_distinct(print, node);
	case AEXPR_NULLIF:
		return print_nullif(print, node);
	default:
		return refuse(print, "this operator");
	}
}

static struct piece print_bool(struct ddl_text *print, BoolExpr *node)
{
	int count = list_length(node->args);
	struct piece *pieces = arena_alloc(print->arena, (size_t)count *
							 sizeof(*pieces));

	for (int i = 0; i < count; i++) {
		pieces[i] = print_node(print, list_nth(node->args, i));
		if (!pieces[i].text)
			return failure;
	}
	if (node->boolop == NOT_EXPR)
		return closed(print, PIECE_NOT,
			      arena_printf(print->arena, "NOT %s",
					   child(print, pieces[0], PIECE_NOT,
						 0, false)), OID_BOOL);
	if (node->boolop == AND_EXPR)
		return join_pieces(print, PIECE_AND, "AND", pieces, count);
	return join_pieces(print, PIECE_OR, "OR", pieces, count);
}

static struct piece print_test(struct ddl_text *print, Node *arg,
			       const char *words)
{
	struct piece inner = print_node(print, arg);

	if (!inner.text)
		return failure;
	return closed(print, PIECE_TEST,
		      arena_printf(print->arena, "%s %s",
				   child(print, inner, PIECE_TEST, 0, true),
				   words), OID_BOOL);
}

static struct piece print_boolean_test(struct ddl_text *print,
				       BooleanTest *node)
{
	static const char *const words[] = {
		[IS_TRUE] = "IS TRUE", [IS_NOT_TRUE] = "IS NOT TRUE",
		[IS_FALSE] = "IS FALSE", [IS_NOT_FALSE] = "IS NOT FALSE",
		[IS_UNKNOWN] = "IS UNKNOWN",
		[IS_NOT_UNKNOWN] = "IS NOT UNKNOWN",
	};

	return print_test(print, (Node *)node->arg,
			  words[node->booltesttype]);
}

/* --- calls and constructs ----------------------------------------------- */

static const char *print_items(struct ddl_text *print, List *list,
			       uint32_t literals)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, list) {
		struct piece item = print_node(print, lfirst(cell));

		if (!item.text)
			return NULL;
		if (print->table && item.literal && literals)
			item = as_type(print, item, literals);
		text = arena_printf(print->arena, "%s%s%s", text,
				    *text ? ", " : "",
				    child(print, item, PIECE_CALL, 0, false));
	}
	return text;
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
		{ "gen_random_uuid", OID_UUID }, { "random", OID_FLOAT8 },
		{ "jsonb_typeof", OID_TEXT }, { "date_part", OID_FLOAT8 },
		{ "array_length", OID_INT4 }, { "cardinality", OID_INT4 },
		{ "extract", OID_NUMERIC },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return rows[i].type;
	return 0;
}

static struct piece print_argument(struct ddl_text *print, const char *name,
				   Node *node)
{
	struct piece item = print_node(print, node);

	if (!item.text || !print->table || !takes_text(name))
		return item;
	if (strcmp(name, "nextval") == 0 || strcmp(name, "currval") == 0 ||
	    strcmp(name, "setval") == 0)
		return item.literal ? as_type(print, item, OID_REGCLASS) : item;
	if (item.literal || item.type == OID_VARCHAR ||
	    item.type == OID_BPCHAR)
		return as_type(print, item, OID_TEXT);
	return item;
}

static struct piece print_special_call(struct ddl_text *print,
				       const char *name, FuncCall *node)
{
	struct piece first = print_argument(print, name, linitial(node->args));
	struct piece second = print_argument(print, name, lsecond(node->args));

	if (!first.text || !second.text)
		return failure;
	if (strcmp(name, "timezone") == 0)	/* AT TIME ZONE */
		return closed(print, PIECE_OPERATOR,
			      arena_printf(print->arena, "%s AT TIME ZONE %s",
					   second.text, first.text),
			      second.type == OID_TIMESTAMPTZ ? OID_TIMESTAMP :
							      OID_TIMESTAMPTZ);
	if (IsA(linitial(node->args), A_Const))
		return piece(arena_printf(print->arena, "EXTRACT(%s FROM %s)",
					  strVal(&((A_Const *)linitial(
						node->args))->val),
					  second.text), OID_NUMERIC);
	return refuse(print, "EXTRACT of an expression");
}

static struct piece print_call(struct ddl_text *print, FuncCall *node)
{
	const char *name = last_name(node->funcname);
	const char *text = "";
	const char *printed = name_quoted(print->arena, name);
	ListCell *cell;

	if (node->over || node->agg_filter || node->agg_order ||
	    node->agg_star || node->agg_distinct)
		return refuse(print, "an aggregate or window function");
	if (node->funcformat == COERCE_SQL_SYNTAX &&
	    list_length(node->args) == 2 &&
	    (strcmp(name, "timezone") == 0 || strcmp(name, "extract") == 0))
		return print_special_call(print, name, node);
	foreach(cell, node->args) {
		struct piece item = print_argument(print, name, lfirst(cell));

		if (!item.text)
			return failure;
		text = arena_printf(print->arena, "%s%s%s", text,
				    *text ? ", " : "",
				    child(print, item, PIECE_CALL, 0, false));
	}
	return (struct piece){
		.kind = PIECE_CALL, .type = call_type(name),
		.text = arena_printf(print->arena, "%s(%s)", printed, text),
	};
}

static struct piece print_value_function(SQLValueFunction *node)
{
	switch (node->op) {
	case SVFOP_CURRENT_DATE:
		return piece("CURRENT_DATE", OID_DATE);
	case SVFOP_CURRENT_TIME:
		return piece("CURRENT_TIME", OID_TIMETZ);
	case SVFOP_CURRENT_TIMESTAMP:
	case SVFOP_CURRENT_TIMESTAMP_N:
		return piece("CURRENT_TIMESTAMP", OID_TIMESTAMPTZ);
	case SVFOP_LOCALTIME:
		return piece("LOCALTIME", OID_TIME);
	case SVFOP_LOCALTIMESTAMP:
	case SVFOP_LOCALTIMESTAMP_N:
		return piece("LOCALTIMESTAMP", OID_TIMESTAMP);
	case SVFOP_CURRENT_USER:
		return piece("CURRENT_USER", OID_NAME);
	case SVFOP_SESSION_USER:
		return piece("SESSION_USER", OID_NAME);
	case SVFOP_CURRENT_ROLE:
		return piece("CURRENT_ROLE", OID_NAME);
	case SVFOP_USER:
		return piece("USER", OID_NAME);
	case SVFOP_CURRENT_CATALOG:
		return piece("CURRENT_CATALOG", OID_NAME);
	case SVFOP_CURRENT_SCHEMA:
		return piece("CURRENT_SCHEMA", OID_NAME);
	default:
		return failure;
	}
}

static struct piece print_case(struct ddl_text *print, CaseExpr *node)
{
	const char *text = "CASE";
	uint32_t type = 0;
	ListCell *cell;

	if (node->arg) {
		struct piece arg = print_node(print, (Node *)node->arg);

		if (!arg.text)
			return failure;
		text = arena_printf(print->arena, "CASE %s", arg.text);
	}
	foreach(cell, node->args) {
		CaseWhen *when = lfirst(cell);
		struct piece test = print_node(print, (Node *)when->expr);
		struct piece value = print_node(print, (Node *)when->result);

		if (!test.text || !value.text)
			return failure;
		if (print->table && value.literal)
			value = as_type(print, value, OID_TEXT);
		type = value.type;
		text = arena_printf(print->arena, "%s%s WHEN %s THEN %s", text,
				    print->pretty ? "\n   " : "", test.text,
				    value.text);
	}
	if (node->defresult) {
		struct piece value = print_node(print,
						(Node *)node->defresult);

		if (!value.text)
			return failure;
		if (print->table && value.literal)
			value = as_type(print, value, OID_TEXT);
		text = arena_printf(print->arena, "%s%s ELSE %s", text,
				    print->pretty ? "\n   " : "", value.text);
	} else {
		text = arena_printf(print->arena, "%s%s ELSE NULL%s", text,
				    print->pretty ? "\n   " : "",
				    print->table && type ? arena_printf(
					print->arena, "::%s",
					name_of_type(print, type, -1)) : "");
	}
	return piece(arena_printf(print->arena, "%s%sEND", text,
				  print->pretty ? "\n" : " "), type);
}

static struct piece print_items_call(struct ddl_text *print, const char *name,
				     List *args)
{
	struct piece first = args ? print_node(print, linitial(args)) : failure;
	uint32_t type = first.type == OID_VARCHAR ? OID_VARCHAR : first.type;
	const char *items = print_items(print, args, type ? type : OID_TEXT);

	if (!items)
		return failure;
	return piece(arena_printf(print->arena, "%s(%s)", name, items), type);
}

static struct piece print_array(struct ddl_text *print, A_ArrayExpr *node)
{
	const char *items = print_items(print, node->elements, OID_TEXT);

	if (!items)
		return failure;
	return piece(arena_printf(print->arena, "ARRAY[%s]", items), 0);
}

static const char *type_name_as_written(struct ddl_text *print, TypeName *name)
{
	const char *text = "";
	const char *mods = "";
	ListCell *cell;

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

	*ret_text = type ? name_of_type(print, type, -1) : written;
	if (type && open && !strchr(*ret_text, ' '))
		*ret_text = arena_printf(print->arena, "%s%.*s", *ret_text,
					 (int)(strcspn(open, ")") + 1), open);
	else if (type && open && type == OID_VARCHAR)
		*ret_text = arena_printf(print->arena, "character varying%.*s",
					 (int)(strcspn(open, ")") + 1), open);
	return type;
}

static struct piece print_cast(struct ddl_text *print, TypeCast *node)
{
	struct piece inner = print_node(print, node->arg);
	const char *text;
	uint32_t type = cast_type(print, node->typeName, &text);

	if (!inner.text)
		return failure;
	if (type == OID_BOOL && inner.literal)
		return typed_literal(print, inner.literal, type);
	if (inner.literal) {
		inner.literal = NULL;
		inner.type = type;
		if (type != OID_INT4 || !print->table ||
		    !isdigit((unsigned char)inner.text[1]))
			inner.text = arena_printf(print->arena, "%s::%s",
						  inner.text, text);
		else
			return typed_literal(print, strVal(&((A_Const *)
						node->arg)->val), type);
		return inner;
	}
	if (print->table && inner.type && inner.type == type)
		return inner;
	return cast(print, inner, type, text);
}

static struct piece print_column(struct ddl_text *print, ColumnRef *node)
{
	const struct schema_column *column = NULL;
	const char *name;

	if (!IsA(llast(node->fields), String))
		return refuse(print, "a whole row");
	name = last_name(node->fields);
	if (print->table)
		column = schema_find_column(print->table, name);
	if (print->from && strcmp(name, print->from) == 0)
		name = print->to;
	return piece(name_quoted(print->arena, name),
		     column ? column->type : 0);
}

static struct piece print_subscript(struct ddl_text *print,
				    A_Indirection *node)
{
	struct piece inner = print_node(print, node->arg);
	const char *text = inner.text;
	ListCell *cell;

	if (!text)
		return failure;
	if (!IsA(node->arg, ColumnRef))
		text = arena_printf(print->arena, "(%s)", text);
	foreach(cell, node->indirection) {
		A_Indices *indices = lfirst(cell);
		struct piece at;

		if (!IsA(indices, A_Indices) || indices->is_slice)
			return refuse(print, "a slice or field");
		at = print_node(print, indices->uidx);
		if (!at.text)
			return failure;
		text = arena_printf(print->arena, "%s[%s]", text, at.text);
	}
	return piece(text, 0);
}

static struct piece print_collate(struct ddl_text *print, CollateClause *node)
{
	struct piece inner = print_node(print, node->arg);

	if (!inner.text)
		return failure;
	return closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s COLLATE %s", inner.text,
				   name_quoted(print->arena,
					       last_name(node->collname))),
		      inner.type);
}

static struct piece print_any_node(struct ddl_text *print, Node *node)
{
	switch (nodeTag(node)) {
	case T_A_Const:
		return print_constant(print, (A_Const *)node);
	case T_ColumnRef:
		return print_column(print, (ColumnRef *)node);
	case T_A_Expr:
		return print_operator(print, (A_Expr *)node);
	case T_BoolExpr:
		return print_bool(print, (BoolExpr *)node);
	case T_NullTest:
		return print_test(print, (Node *)((NullTest *)node)->arg,
				  ((NullTest *)node)->nulltesttype == IS_NULL ?
				  "IS NULL" : "IS NOT NULL");
	case T_BooleanTest:
		return print_boolean_test(print, (BooleanTest *)node);
	case T_FuncCall:
		return print_call(print, (FuncCall *)node);
	case T_TypeCast:
		return print_cast(print, (TypeCast *)node);
	case T_SQLValueFunction:
		return print_value_function((SQLValueFunction *)node);
	case T_CaseExpr:
		return print_case(print, (CaseExpr *)node);
	case T_CoalesceExpr:
		return print_items_call(print, "COALESCE",
					((CoalesceExpr *)node)->args);
	case T_MinMaxExpr:
		return print_items_call(print, ((MinMaxExpr *)node)->op ==
					IS_GREATEST ? "GREATEST" : "LEAST",
					((MinMaxExpr *)node)->args);
	case T_A_ArrayExpr:
		return print_array(print, (A_ArrayExpr *)node);
	case T_A_Indirection:
		return print_subscript(print, (A_Indirection *)node);
	case T_CollateClause:
		return print_collate(print, (CollateClause *)node);
	case T_SubLink:
		return refuse(print, "subquery");
	default:
		return refuse(print, "this construct");
	}
}

static struct piece print_node(struct ddl_text *print, Node *node)
{
	struct piece made;

	if (!node)
		return refuse(print, "nothing");
	if (++print->depth > TEXT_DEPTH_MAX) {
		error_set(print->error, SQLSTATE_TOO_COMPLEX,
			  "stack depth limit exceeded");
		return failure;
	}
	made = print_any_node(print, node);
	print->depth--;
	return made;
}

/* --- the whole ---------------------------------------------------------- */

const char *ddl_text_print(struct ddl_text *print, Node *node, uint32_t type)
{
	struct piece made = print_node(print, node);

	if (!made.text) {
		refuse(print, "this construct");
		return NULL;
	}
	if (made.literal && type)
		made = typed_literal(print, made.literal, type);
	else if (strcmp(made.text, "NULL") == 0 && type)
		made.text = arena_printf(print->arena, "NULL::%s",
					 name_of_type(print, type, -1));
	return made.text;
}

static struct sql_tree *parse(struct arena *arena, const char *text,
			      Node **ret_node)
{
	struct error error = { 0 };
	const char *query = arena_printf(arena, "SELECT %s", text);
	struct sql_tree *tree = sql_tree_new(slice_text(query), &error);
	SelectStmt *select;
	ResTarget *target;

	if (!tree)
		return NULL;
	select = sql_tree_count(tree) == 1 ?
		 (SelectStmt *)sql_tree_statement(tree, 0).node : NULL;
	if (select && IsA(select, SelectStmt) &&
	    list_length(select->targetList) == 1) {
		target = linitial(select->targetList);
		*ret_node = target->val;
		return tree;
	}
	sql_tree_free(&tree);
	return NULL;
}

const char *ddl_text_again(struct ddl_text *print, const char *text)
{
	Node *node;
	struct sql_tree *tree = parse(print->arena, text, &node);
	const char *made;

	if (!tree)
		return text;
	made = ddl_text_print(print, node, 0);
	sql_tree_free(&tree);
	*print->error = (struct error){ 0 };
	return made ? made : text;
}

struct column_walk {
	ddl_text_visit *visit;
	void *context;
};

static bool visit_column(Node *node, int depth, void *context)
{
	struct column_walk *walk = context;
	ColumnRef *column = (ColumnRef *)node;

	if (IsA(node, ColumnRef) && IsA(llast(column->fields), String))
		walk->visit(strVal(llast(column->fields)), walk->context);
	return true;
}

void ddl_text_columns(const char *text, ddl_text_visit *visit, void *context)
{
	struct column_walk walk = { visit, context };
	struct arena arena = { 0 };
	struct error error = { 0 };
	Node *node;
	struct sql_tree *tree = parse(&arena, text, &node);

	if (tree)
		sql_walk(node, visit_column, &walk, &error);
	sql_tree_free(&tree);
	arena_fini(&arena);
}
