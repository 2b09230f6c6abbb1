/*
 * Operators and conditions of kept expressions, with the casts that Postgres's
 * analysis would have added.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_text_piece.h"

#include "protocol/dialect/expr.h"
#include "protocol/dialect/operator_table.h"
#include "protocol/type.h"

/* --- types of operands -------------------------------------------------- */

static bool is_text_like(uint32_t type)
{
	return type == OID_VARCHAR || type == OID_TEXT || type == OID_NAME;
}

int piece_number_rank(uint32_t type)
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

/* Only a first printing, against a table, adds what Postgres's analysis
 * would have added; what was printed once has it. */
static void balance(struct ddl_text *print, const char *operator,
		    struct piece *left, struct piece *right)
{
	int l = piece_number_rank(left->type), r = piece_number_rank(right->type);

	if (!print->table)
		return;
	if ((is_text_like(left->type) || left->literal) &&
	    (is_text_like(right->type) || right->literal)) {
		*left = piece_as(print, *left, OID_TEXT);
		*right = piece_as(print, *right, OID_TEXT);
	} else if (operator[0] == '-' && operator[1] == '>' &&
		   right->literal) {
		*right = piece_as(print, *right, OID_TEXT);
	} else if (left->literal) {
		*left = piece_as(print, *left, right->type);
	} else if (right->literal) {
		*right = piece_as(print, *right, left->type);
	} else if (l && r && l != r && (l > 3 || r > 3)) {
		/* integers of all sizes have operators among themselves */
		uint32_t wide = l > r ? left->type : right->type;

		/* float4 has operators with float8, not with the others */
		if (wide == OID_FLOAT4)
			wide = OID_FLOAT8;
		if (left->type != OID_FLOAT4)
			*left = piece_as(print, *left, wide);
		if (right->type != OID_FLOAT4)
			*right = piece_as(print, *right, wide);
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
	int l = piece_number_rank(left->type), r = piece_number_rank(right->type);

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

/* A piece as overload resolution sees it; NULL: its type is not known. */
struct expr *piece_expr(struct ddl_text *print, const struct piece *piece)
{
	bool unknown = piece->literal || strcmp(piece->text, "NULL") == 0;
	struct expr *expr;

	if (!unknown && !piece->type)
		return NULL;
	expr = expr_new(print->state, unknown ? OID_UNKNOWN : piece->type, "");
	if (unknown) {
		expr->kind = EXPR_UNKNOWN;
		expr->literal = piece->literal;
	}
	return expr;
}

static bool choose(struct ddl_text *print, const char *operator,
		   struct expr **operands, uint32_t *actual,
		   uint32_t *ret_result)
{
	const struct operator_row *row = operator_choose(
		print->state, operator, operands[0], operands[1], -1);
	int first = operands[0] == NULL;

	return row && resolve_polymorphic(
		print->state, operands + first, 2 - first,
		(uint32_t[]){ row->left, row->right } + first, row->result,
		actual + first, ret_result);
}

/* What the operator takes, in a first printing; 0: not known. `left` without
 * text: a prefix operator. */
static uint32_t coerce_operands(struct ddl_text *print, const char *operator,
				struct piece *left, struct piece *right)
{
	struct expr *operands[2] = { NULL, NULL };
	struct error before;
	uint32_t actual[2] = { 0 }, result;

	if (!print->state || (left->text &&
			      !(operands[0] = piece_expr(print, left))) ||
	    !(operands[1] = piece_expr(print, right)))
		return 0;
	before = *print->state->error;
	if (!choose(print, operator, operands, actual, &result)) {
		*print->state->error = before;
		return 0;
	}
	if (left->text && actual[0] != OID_ANYENUM && actual[0] != OID_ANY)
		*left = piece_as(print, *left, actual[0]);
	if (actual[1] == OID_ANYENUM)
		actual[1] = left->type;
	*right = piece_as(print, *right, actual[1]);
	return result;
}

/* --- operators ---------------------------------------------------------- */

static struct piece print_binary(struct ddl_text *print, const char *operator,
				 Node *left_node, Node *right_node)
{
	struct piece left = piece_print(print, left_node);
	struct piece right = piece_print(print, right_node);
	char sign = operator[1] ? 0 : operator[0];
	struct piece made;
	const char *after;	/* CASE begins a line */
	uint32_t result;

	if (!left.text || !right.text)
		return (struct piece){ 0 };
	result = coerce_operands(print, operator, &left, &right);
	if (!result) {
		balance(print, operator, &left, &right);
		result = result_type(operator, &left, &right);
	}
	after = piece_child(print, right, PIECE_OPERATOR, sign, false);
	made = piece_closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s%s%s",
				   piece_child(print, left, PIECE_OPERATOR, sign,
					 true), operator,
				   *after == '\n' ? "" : " ", after),
		      result);
	made.operator = sign;
	return made;
}

static struct piece print_unary(struct ddl_text *print, const char *operator,
				Node *node)
{
	struct piece right = piece_print(print, node);

	if (!right.text)
		return (struct piece){ 0 };
	coerce_operands(print, operator, &(struct piece){ 0 }, &right);
	return piece_closed(print, PIECE_OPERATOR,
		      arena_printf(print->arena, "%s %s", operator,
				   piece_child(print, right, PIECE_OPERATOR, 0,
					 false)), right.type);
}

/* x IN (a, b) is kept as x = ANY (ARRAY[a, b]). */
static struct piece print_in(struct ddl_text *print, A_Expr *node)
{
	struct piece left = piece_print(print, node->lexpr);
	bool negated = strcmp(piece_last_name(node->name), "<>") == 0;
	bool varying = print->table && left.type == OID_VARCHAR;
	const char *items = NULL;
	ListCell *cell;

	if (!left.text || !IsA(node->rexpr, List))
		return left.text ? piece_refuse(print, "subquery") : (struct piece){ 0 };
	foreach(cell, (List *)node->rexpr) {
		struct piece item = piece_print(print, lfirst(cell));

		if (!item.text)
			return (struct piece){ 0 };
		if (print->table && item.literal)
			item = piece_as(print, item, left.type);
		items = items ? arena_printf(print->arena, "%s, %s", items,
					     item.text) : item.text;
	}
	if (list_length((List *)node->rexpr) == 1 && print->table)
		return print_binary(print, negated ? "<>" : "=", node->lexpr,
				    linitial((List *)node->rexpr));
	if (varying)
		left = piece_as(print, left, OID_TEXT);
	items = arena_printf(print->arena, "ARRAY[%s]", items ? items : "");
	if (varying)
		items = arena_printf(print->arena, print->pretty ?
				     "%s::text[]" : "(%s)::text[]", items);
	return piece_closed(print, PIECE_ANY,
		      arena_printf(print->arena, "%s %s (%s)",
				   piece_child(print, left, PIECE_OPERATOR, 0, true),
				   negated ? "<> ALL" : "= ANY", items),
		      OID_BOOL);
}

/* x = ANY (array): as if x stood beside an element. */
static void balance_array(struct ddl_text *print, const char *operator,
			  struct piece *left, struct piece *right)
{
	const struct type *array = type_by_oid(right->type);
	struct piece element = { .text = "" };

	if (!print->state)
		return;
	if (right->literal && left->type && type_by_oid(left->type))
		*right = piece_as(print, *right, left->type == OID_VARCHAR ?
				  OID_TEXT_ARRAY :
				  type_by_oid(left->type)->array);
	else if (right->type)
		element.type = array ? array->element :
			       type_element(print->state->schema, right->type);
	if (element.type)
		coerce_operands(print, operator, left, &element);
}

static struct piece print_any(struct ddl_text *print, A_Expr *node,
			      const char *word)
{
	struct piece left = piece_print(print, node->lexpr);
	struct piece right = piece_print(print, node->rexpr);

	if (!left.text || !right.text)
		return (struct piece){ 0 };
	balance_array(print, piece_last_name(node->name), &left, &right);
	if (print->table && left.literal && type_by_oid(right.type))
		left = piece_as(print, left, type_by_oid(right.type)->element);
	return piece_closed(print, PIECE_ANY,
		      arena_printf(print->arena, "%s %s %s (%s)",
				   piece_child(print, left, PIECE_OPERATOR, 0, true),
				   piece_last_name(node->name), word,
				   piece_child(print, right, PIECE_CALL, 0, false)),
		      OID_BOOL);
}

static struct piece join_pieces(struct ddl_text *print, enum piece_kind kind,
				const char *word, struct piece *pieces,
				int count)
{
	const char *text = piece_child(print, pieces[0], kind, 0, true);

	for (int i = 1; i < count; i++)
		text = arena_printf(print->arena, "%s %s %s", text, word,
				    piece_child(print, pieces[i], kind, 0, false));
	return piece_closed(print, kind, text, OID_BOOL);
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
		return (struct piece){ 0 };
	return join_pieces(print, negated ? PIECE_OR : PIECE_AND,
			   negated ? "OR" : "AND", sides, 2);
}

static struct piece print_distinct(struct ddl_text *print, A_Expr *node)
{
	struct piece left = piece_print(print, node->lexpr);
	struct piece right = piece_print(print, node->rexpr);
	struct piece made;

	if (!left.text || !right.text)
		return (struct piece){ 0 };
	if (!coerce_operands(print, "=", &left, &right))
		balance(print, "=", &left, &right);
	made = piece_closed(print, PIECE_TEST,
		      arena_printf(print->arena, "%s IS DISTINCT FROM %s",
				   piece_child(print, left, PIECE_OPERATOR, 0, true),
				   piece_child(print, right, PIECE_OPERATOR, 0,
					 false)), OID_BOOL);
	if (node->kind == AEXPR_DISTINCT)
		return made;
	return piece_closed(print, PIECE_NOT,
		      arena_printf(print->arena, "NOT %s",
				   piece_child(print, made, PIECE_NOT, 0, false)),
		      OID_BOOL);
}

static struct piece print_nullif(struct ddl_text *print, A_Expr *node)
{
	struct piece left = piece_print(print, node->lexpr);
	struct piece right = piece_print(print, node->rexpr);

	if (!left.text || !right.text)
		return (struct piece){ 0 };
	if (!coerce_operands(print, "=", &left, &right))
		balance(print, "=", &left, &right);
	return piece_of(arena_printf(print->arena, "NULLIF(%s, %s)", left.text,
				  right.text), left.type);
}

struct piece piece_operator(struct ddl_text *print, A_Expr *node)
{
	switch (node->kind) {
	case AEXPR_OP:
	case AEXPR_LIKE:
	case AEXPR_ILIKE:
		if (!node->lexpr)
			return print_unary(print, piece_last_name(node->name),
					   node->rexpr);
		return print_binary(print, piece_last_name(node->name), node->lexpr,
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
		return piece_refuse(print, "this operator");
	}
}

struct piece piece_bool(struct ddl_text *print, BoolExpr *node)
{
	int count = list_length(node->args);
	struct piece *pieces = arena_alloc(print->arena, (size_t)count *
							 sizeof(*pieces));

	for (int i = 0; i < count; i++) {
		pieces[i] = piece_print(print, list_nth(node->args, i));
		if (!pieces[i].text)
			return (struct piece){ 0 };
	}
	if (node->boolop == NOT_EXPR)
		return piece_closed(print, PIECE_NOT,
			      arena_printf(print->arena, "NOT %s",
					   piece_child(print, pieces[0], PIECE_NOT,
						 0, false)), OID_BOOL);
	if (node->boolop == AND_EXPR)
		return join_pieces(print, PIECE_AND, "AND", pieces, count);
	return join_pieces(print, PIECE_OR, "OR", pieces, count);
}

struct piece piece_test(struct ddl_text *print, Node *arg,
			       const char *words)
{
	struct piece inner = piece_print(print, arg);

	if (!inner.text)
		return (struct piece){ 0 };
	return piece_closed(print, PIECE_TEST,
		      arena_printf(print->arena, "%s %s",
				   piece_child(print, inner, PIECE_TEST, 0, true),
				   words), OID_BOOL);
}

struct piece piece_boolean_test(struct ddl_text *print,
				       BooleanTest *node)
{
	static const char *const words[] = {
		[IS_TRUE] = "IS TRUE", [IS_NOT_TRUE] = "IS NOT TRUE",
		[IS_FALSE] = "IS FALSE", [IS_NOT_FALSE] = "IS NOT FALSE",
		[IS_UNKNOWN] = "IS UNKNOWN",
		[IS_NOT_UNKNOWN] = "IS NOT UNKNOWN",
	};

	return piece_test(print, (Node *)node->arg,
			  words[node->booltesttype]);
}
