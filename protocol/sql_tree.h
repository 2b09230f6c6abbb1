/*
 * The only door to libpg_query: text to tree. A tree is Postgres's own raw
 * parse tree (protocol/sql_nodes.h has the node structs, for the few files
 * that walk them); it lives until sql_tree_free(), in the thread that made
 * it. Never crashes on any text: length and depth are limited here.
 *
 * Calls of one thread must be properly nested: free in reverse order.
 */
#ifndef WEIR_PROTOCOL_SQL_TREE_H
#define WEIR_PROTOCOL_SQL_TREE_H

#include "protocol/bytes.h"
#include "protocol/error.h"

#define SQL_TEXT_BYTES_MAX ((size_t)1 << 20)	/* longer: 54000 */
#define SQL_DEPTH_MAX 1000			/* deeper: 54001 */

struct sql_tree;	/* opaque */
struct Node;		/* Postgres's */

struct sql_statement {
	struct Node *node;	/* the statement inside its RawStmt */
	struct slice text;	/* its part of the text, without ';' */
	size_t offset;		/* of that part, in bytes */
};

/*
 * Parses a text of any number of statements (none: an empty query). On
 * failure fills the error as Postgres would word it (42601 with position,
 * 54000, 54001) and returns NULL. The text must not contain a zero byte and
 * must outlive the tree.
 */
struct sql_tree *sql_tree_new(struct slice text, struct error *);
size_t sql_tree_count(const struct sql_tree *);
struct sql_statement sql_tree_statement(const struct sql_tree *, size_t index);
void sql_tree_free(struct sql_tree **);

/*
 * Walks a node and everything below it, parents first, through a table of
 * every node kind the raw parser makes. The visitor returns false to stop
 * the walk, which then returns false. A kind that is not in the table, or
 * depth above SQL_DEPTH_MAX, fills the error and returns false.
 */
typedef bool sql_visit(struct Node *, int depth, void *context);
bool sql_walk(struct Node *, sql_visit *, void *context, struct error *);

#endif
