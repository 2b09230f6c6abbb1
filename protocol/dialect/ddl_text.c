#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_text_piece.h"

#include <ctype.h>

#include "protocol/dialect/cast_table.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/dialect/view_text_inner.h"
#include "protocol/sql_tree.h"
#include "protocol/type.h"

#define TEXT_DEPTH_MAX 200

struct piece piece_of(const char *text, uint32_t type)
{
	return (struct piece){ .text = text, .type = type };
}

struct piece piece_refuse(struct ddl_text *print, const char *what)
{
	if (!print->error->sqlstate[0])
		error_set(print->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "cannot use %s in this expression", what);
	return (struct piece){ 0 };
}

/* With standard_conforming_strings, which is always on, a backslash is one. */
static const char *quoted(struct ddl_text *print, const char *text)
{
	char *out = arena_alloc(print->arena, strlen(text) * 2 + 3);
	char *at = out;

	*at++ = '\'';
	for (; *text; text++) {
		if (*text == '\'')
			*at++ = *text;
		*at++ = *text;
	}
	*at = '\'';
	return out;
}

const char *piece_type_name(struct ddl_text *print, uint32_t type)
{
	static const char *const path[] = { "public", NULL };
	static const struct schema empty;

	if (print->type_to && type == print->type_from->oid)
		return print->type_to;
	if (print->type_to && type == print->type_from->array_oid)
		return arena_printf(print->arena, "%s[]", print->type_to);
	return type_name_text(print->arena,
			      print->schema ? print->schema : &empty,
			      print->path ? print->path : path, type, -1);
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
	case PIECE_ANY:
		return parent == PIECE_CALL;
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

const char *piece_child(struct ddl_text *print, struct piece piece,
			 enum piece_kind parent, char operator, bool left)
{
	if (!print->pretty || stands_bare(&piece, parent, operator, left))
		return piece.text;
	return arena_printf(print->arena, "(%s)", piece.text);
}

/* Outside of pretty mode everything that is not simple brings its own. */
struct piece piece_closed(struct ddl_text *print, enum piece_kind kind,
			   const char *text, uint32_t type)
{
	struct piece made = { .kind = kind, .type = type, .text = text };

	if (!print->pretty)
		made.text = arena_printf(print->arena, "(%s)", text);
	return made;
}

struct piece piece_cast(struct ddl_text *print, struct piece inner,
			 uint32_t type, const char *type_text)
{
	struct piece made = { .kind = PIECE_CAST, .type = type };
	const struct cast_row *row = cast_find(inner.type, type);

	/* what no function converts is as simple as what it converts */
	if ((!row || row->method != 'f') &&
	    !stands_bare(&inner, PIECE_CAST, 0, true))
		made.kind = PIECE_ANY;
	if (print->pretty)
		made.text = arena_printf(print->arena, "%s::%s",
					 piece_child(print, inner, PIECE_CAST, 0,
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

/* '12:00'::time is kept as '12:00:00'. */
static const char *as_printed(struct ddl_text *print, const char *text,
			      uint32_t type)
{
	struct buffer out = { 0 };
	struct error ignored;
	struct value value;

	if (type == OID_REGCLASS && (print->state || print->path))
		return piece_relation(print, text);
	if (!print->types || !type_by_oid(type) || reg_is(type))
		return text;
	if (type_read(type, -1, WIRE_TEXT, slice_text(text), print->types,
		      print->arena, &value, &ignored) &&
	    type_write(type, -1, WIRE_TEXT, &value, print->types, &out,
		       &ignored))
		text = arena_text(print->arena, buffer_cstring(&out));
	buffer_fini(&out);
	return text;
}

/* A literal with its type, as get_const_expr() prints one. */
struct piece piece_literal(struct ddl_text *print, const char *text,
				  uint32_t type)
{
	struct piece made = { .type = type };

	text = as_printed(print, text, type);
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
					 piece_type_name(print, type));
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
					 piece_type_name(print, type));
	return made;
}

struct piece piece_constant(struct ddl_text *print, A_Const *node)
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
			return number(print, as_printed(print,
					node->val.fval.fval, OID_NUMERIC),
				      OID_NUMERIC);
		return number(print, node->val.fval.fval,
			      integer_type(node->val.fval.fval));
	case T_Boolean:
		return piece_of(node->val.boolval.boolval ? "true" : "false",
			     OID_BOOL);
	case T_String:
		made.literal = node->val.sval.sval;
		made.text = quoted(print, made.literal);
		return made;
	default:
		return piece_refuse(print, "a bit string");
	}
}

struct piece piece_as(struct ddl_text *print, struct piece piece,
			    uint32_t type)
{
	if (type && strcmp(piece.text, "NULL") == 0)
		return piece_of(arena_printf(print->arena, "NULL::%s",
					     piece_type_name(print, type)),
				type);
	if (!type || piece.type == type || (!piece.type && !piece.literal))
		return piece;
	if (piece.literal)
		return piece_literal(print, piece.literal, type);
	return piece_cast(print, piece, type, piece_type_name(print, type));
}

const char *piece_last_name(List *names)
{
	return names ? strVal(llast(names)) : "";
}

static struct piece print_any_node(struct ddl_text *print, Node *node)
{
	switch (nodeTag(node)) {
	case T_A_Const:
		return piece_constant(print, (A_Const *)node);
	case T_ColumnRef:
		return piece_column(print, (ColumnRef *)node);
	case T_A_Expr:
		return piece_operator(print, (A_Expr *)node);
	case T_BoolExpr:
		return piece_bool(print, (BoolExpr *)node);
	case T_NullTest:
		return piece_test(print, (Node *)((NullTest *)node)->arg,
				  ((NullTest *)node)->nulltesttype == IS_NULL ?
				  "IS NULL" : "IS NOT NULL");
	case T_BooleanTest:
		return piece_boolean_test(print, (BooleanTest *)node);
	case T_FuncCall:
		return piece_call(print, (FuncCall *)node);
	case T_TypeCast:
		return piece_type_cast(print, (TypeCast *)node);
	case T_SQLValueFunction:
		return piece_value_function(print, (SQLValueFunction *)node);
	case T_CaseExpr:
		return piece_case(print, (CaseExpr *)node);
	case T_CoalesceExpr:
		return piece_items_call(print, "COALESCE",
					((CoalesceExpr *)node)->args);
	case T_MinMaxExpr:
		return piece_items_call(print, ((MinMaxExpr *)node)->op ==
					IS_GREATEST ? "GREATEST" : "LEAST",
					((MinMaxExpr *)node)->args);
	case T_A_ArrayExpr:
		return piece_array(print, (A_ArrayExpr *)node);
	case T_A_Indirection:
		return piece_subscript(print, (A_Indirection *)node);
	case T_CollateClause:
		return piece_collate(print, (CollateClause *)node);
	case T_SubLink:
		return print->view ? view_sublink(print->view,
						  (SubLink *)node) :
				     piece_refuse(print, "subquery");
	default:
		return piece_refuse(print, "this construct");
	}
}

struct piece piece_print(struct ddl_text *print, Node *node)
{
	struct piece made;

	if (!node)
		return piece_refuse(print, "nothing");
	if (++print->depth > TEXT_DEPTH_MAX) {
		error_set(print->error, SQLSTATE_TOO_COMPLEX,
			  "stack depth limit exceeded");
		return (struct piece){ 0 };
	}
	made = print_any_node(print, node);
	print->depth--;
	return made;
}

/* --- the whole ---------------------------------------------------------- */

const char *ddl_text_print(struct ddl_text *print, Node *node, uint32_t type)
{
	struct piece made = piece_print(print, node);

	if (!made.text) {
		piece_refuse(print, "this construct");
		return NULL;
	}
	if (made.literal && type)
		made = piece_literal(print, made.literal, type);
	else if (strcmp(made.text, "NULL") == 0 && type)
		made.text = arena_printf(print->arena, "NULL::%s",
					 piece_type_name(print, type));
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

bool ddl_text_is_call(const char *text)
{
	struct arena arena = { 0 };
	Node *node;
	struct sql_tree *tree = parse(&arena, text, &node);
	bool is_call = tree && (IsA(node, FuncCall) || IsA(node, CoalesceExpr) ||
				IsA(node, MinMaxExpr) ||
				IsA(node, SQLValueFunction) ||
				(IsA(node, A_Expr) && ((A_Expr *)node)->kind ==
						      AEXPR_NULLIF));

	sql_tree_free(&tree);
	arena_fini(&arena);
	return is_call;
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
