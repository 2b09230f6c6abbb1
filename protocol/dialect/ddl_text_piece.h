/*
 * What the files that print expressions share (ddl_text.h): a piece of text
 * with what the pieces around it must know of it.
 *
 * A file that includes this includes protocol/sql_nodes.h first.
 */
#ifndef WEIR_PROTOCOL_DIALECT_DDL_TEXT_PIECE_H
#define WEIR_PROTOCOL_DIALECT_DDL_TEXT_PIECE_H

#include "protocol/dialect/ddl_text.h"

/* What a printed piece is, for the question of parentheses. */
enum piece_kind {
	PIECE_SIMPLE,
	PIECE_OPERATOR,
	PIECE_AND,
	PIECE_OR,
	PIECE_NOT,
	PIECE_ANY,		/* x = ANY (array) */
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

/* ddl_text.c. No text: failed, with the error filled. */
struct piece piece_print(struct ddl_text *, Node *);
struct piece piece_of(const char *text, uint32_t type);
struct piece piece_refuse(struct ddl_text *, const char *what);
/* Its text as part of another, in parentheses where they are needed. */
const char *piece_child(struct ddl_text *, struct piece, enum piece_kind parent,
			char operator, bool left);
/* In parentheses of its own, but in pretty mode. */
struct piece piece_closed(struct ddl_text *, enum piece_kind, const char *text,
			  uint32_t type);
struct piece piece_cast(struct ddl_text *, struct piece, uint32_t type,
			const char *type_text);
/* A literal with its type, as get_const_expr() prints one. */
struct piece piece_literal(struct ddl_text *, const char *text, uint32_t type);
/* The piece cast to a type, unless it has it or has none. */
struct piece piece_as(struct ddl_text *, struct piece, uint32_t type);
const char *piece_type_name(struct ddl_text *, uint32_t type);
const char *piece_last_name(List *names);
struct piece piece_constant(struct ddl_text *, A_Const *);

/* ddl_text_operator.c */
struct expr *piece_expr(struct ddl_text *, const struct piece *);
/* int2, int4 ... float8: the wider the higher; 0: no number */
int piece_number_rank(uint32_t type);
struct piece piece_operator(struct ddl_text *, A_Expr *);
struct piece piece_bool(struct ddl_text *, BoolExpr *);
struct piece piece_test(struct ddl_text *, Node *arg, const char *words);
struct piece piece_boolean_test(struct ddl_text *, BooleanTest *);

/* ddl_text_call.c */
const char *piece_relation(struct ddl_text *, const char *name);
struct piece piece_call(struct ddl_text *, FuncCall *);
struct piece piece_value_function(struct ddl_text *, SQLValueFunction *);
struct piece piece_case(struct ddl_text *, CaseExpr *);
struct piece piece_items_call(struct ddl_text *, const char *name, List *args);
struct piece piece_array(struct ddl_text *, A_ArrayExpr *);
struct piece piece_type_cast(struct ddl_text *, TypeCast *);
struct piece piece_column(struct ddl_text *, ColumnRef *);
struct piece piece_subscript(struct ddl_text *, A_Indirection *);
struct piece piece_collate(struct ddl_text *, CollateClause *);

#endif
