/*
 * The second lock: what weir's own role could do to the guarded tables if it
 * came without weir. Asked of the database with one statement, by `weir audit
 * check`, at start, and by the watch on the catalog (catalog_watch.h).
 */
#ifndef WEIR_PROXY_AUDIT_FINDINGS_H
#define WEIR_PROXY_AUDIT_FINDINGS_H

#include "protocol/bytes.h"

#define AUDIT_OWNER "audit_owner"

/* Names as the server stores them. */
struct audit_table {
	const char *schema;	/* NULL: in every schema */
	const char *name;
	/* Rows may be deleted whose value here is older than so long; NULL:
	 * none may. */
	const char *retain_column;
	uint64_t retain_ms;
};

struct audit_subject {
	const char *role;	/* weir's, at the database */
	const char *owner;	/* who shall own the tables; NULL: AUDIT_OWNER */
	const struct audit_table *tables;
	unsigned count;
};

/* To be sent before the statement, in the same simple Query or an earlier one:
 * names are then written with their schemas and nobody's functions stand
 * before Postgres's own; and a plan of that size is not worth compiling. */
#define AUDIT_FINDINGS_BEGIN \
	"BEGIN READ ONLY; SET LOCAL search_path = pg_catalog;" \
	" SET LOCAL jit = off; "

/*
 * Writes the statement that asks, names as SQL literals: it can go in a simple
 * Query, on Postgres 13 and later. Its rows, by severity:
 *
 *   severity  'critical' | 'high' | 'medium' | 'info'
 *   finding   a stable word: 'owns the table'
 *   object    what it is about
 *   table     which guarded table, as SQL, or ''
 *   remedy    statements that close it; '' where a human has to decide
 *   step      remedies are to be applied by this number, lowest first
 *
 * No critical and no high row: the database is closed, and stops by itself
 * whatever code that runs there might try.
 */
void audit_findings_sql(const struct audit_subject *, struct buffer *out);

#endif
