/*
 * The only door to libpg_query: text to tree. A tree is Postgres's own raw
 * parse tree (protocol/sql_nodes.h has the node structs, for the few files
 * that walk them); it lives until sql_tree_free(), in the thread that made
 * it. Never crashes on any text: length and depth are limited here, so those
 * who walk a tree afterwards may recurse.
 *
 * Several trees may live at once, in any thread; each is freed in the thread
 * that made it.
 *
 * What may be relied on in a tree: the `location` fields of nodes (TypeName,
 * ColumnRef, RangeVar, A_Expr, FuncCall, ParamRef, A_Const ...) are byte
 * offsets in the text given to sql_tree_new(), from 0; -1 means unknown. A
 * reported position (struct error) counts characters, from 1. Identifiers
 * are folded, unquoted and cut to 63 bytes as Postgres does; only "public",
 * "*" and the like are no strings but roles and A_Star.
 */
#ifndef WEIR_PROTOCOL_SQL_TREE_H
#define WEIR_PROTOCOL_SQL_TREE_H

#include "protocol/bytes.h"
#include "protocol/error.h"

#define SQL_TEXT_BYTES_MAX ((size_t)1 << 20)	/* longer: 54000 */
#define SQL_DEPTH_MAX 2000			/* deeper: 54001 */

struct sql_tree;	/* opaque */
struct Node;		/* Postgres's */

struct sql_statement {
	struct Node *node;	/* the statement inside its RawStmt */
	struct slice text;	/* its part of the text, without ';' and the
				   spaces around; comments are kept */
	size_t offset;		/* of that part, in bytes */
};

/*
 * Parses a text of any number of statements (none: an empty query). On
 * failure fills the error as Postgres would word it (42601 with position,
 * 54000, 54001; 22021 for a zero byte) and returns NULL. Whether the text is
 * sound UTF-8 is not looked at. It must outlive the tree.
 */
struct sql_tree *sql_tree_new(struct slice text, struct error *);
size_t sql_tree_count(const struct sql_tree *);
struct sql_statement sql_tree_statement(const struct sql_tree *, size_t index);
void sql_tree_free(struct sql_tree **);

/* The character number, from 1, of a byte offset in the text: what a
 * location becomes in struct error. 0 for -1. */
int sql_position(struct slice text, int location);

/*
 * Walks a node and everything below it, parents first, through a table of
 * every node kind the raw parser makes. The visitor returns false to stop
 * the walk, which then returns false. A kind that is not in the table, or
 * depth above SQL_DEPTH_MAX, fills the error and returns false. Lists are
 * gone through, not visited; the value inside a constant is visited.
 */
typedef bool sql_visit(struct Node *, int depth, void *context);
bool sql_walk(struct Node *, sql_visit *, void *context, struct error *);
/* The same, but not below a ColumnRef or an A_Const: there are only names, and
 * a value. */
bool sql_walk_outline(struct Node *, sql_visit *, void *context,
		      struct error *);

#endif
