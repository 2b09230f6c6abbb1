/*
 * What the compiler makes of a statement, for people: the types it infers,
 * the SQLite text, or the error as a client would get it. `weir explain-sql`
 * prints it (proxy/tool_explain.c).
 *
 * An explainer has a schema: a file's, which is only read, or an empty one in
 * memory, in which DDL takes effect for the statements after it. Used by
 * itself, without an engine.
 */
#ifndef WEIR_POOL_SQLITE_EXPLAIN_H
#define WEIR_POOL_SQLITE_EXPLAIN_H

#include "protocol/bytes.h"
#include "protocol/error.h"

struct explainer;

/* `file` NULL: in memory. NULL: failed, with the error filled. */
struct explainer *explainer_open(const char *file, struct error *);

/* Explains each statement of a text; false if one of them is an error, which
 * is then the last thing said. */
bool explainer_explain(struct explainer *, const char *sql,
		       struct buffer *out);

void explainer_close(struct explainer **);

/* explain_supported.c: what is supported and what is refused, as a part of a
 * manual page: read out of the compiler's tables, and for kinds of statements
 * asked of the compiler. */
void explain_supported(struct buffer *out);

/* The error of a statement, "" for none; for explain_supported(). */
void explainer_ask(struct explainer *, const char *sql, struct error *);

#endif
