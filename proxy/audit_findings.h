/*
 * The second lock: what weir's own role could do to the guarded tables if it
 * came without weir. Asked of the database with one statement, by `weir audit
 * check` and by the watch on the catalog (catalog_watch.h).
 */
#ifndef WEIR_PROXY_AUDIT_FINDINGS_H
#define WEIR_PROXY_AUDIT_FINDINGS_H

#include "protocol/bytes.h"

/*
 * Writes the statement for the role `role` and the configured tables, names
 * as SQL literals: it can go in a simple Query. `names` are as in audit_tables,
 * split: schemas[i] NULL means every schema. Its rows, by severity:
 *
 *   severity  'critical' | 'high' | 'medium' | 'info'
 *   finding   a stable word: 'owns the table'
 *   object    what it is about
 *   table     which guarded table, as SQL, or ''
 *   remedy    statements that close it; '' where a human has to decide
 *
 * No critical and no high row: the database is closed, and stops by itself
 * whatever code that runs there might try.
 */
void audit_findings_sql(const char *role, const char *const *schemas,
			const char *const *names, unsigned count,
			struct buffer *out);

#endif
