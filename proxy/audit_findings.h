/*
 * The second lock: what weir's own role could do to the guarded tables if it
 * came without weir. Asked of the database with one statement, by `weir audit
 * check`, at start, and by the watch on the catalog (catalog_watch.h).
 */
#ifndef WEIR_PROXY_AUDIT_FINDINGS_H
#define WEIR_PROXY_AUDIT_FINDINGS_H

#include "protocol/bytes.h"

struct arena;
struct config_database;

#define AUDIT_OWNER "audit_owner"

enum severity {
	SEVERITY_CRITICAL,
	SEVERITY_HIGH,
	SEVERITY_MEDIUM,
	SEVERITY_INFO,
	SEVERITIES,
};

/* As they stand in the rows. */
extern const char *const severity_words[SEVERITIES];

/* Names as the server stores them. */
struct audit_table {
	const char *schema;	/* NULL: in every schema */
	const char *name;
	/* Rows may be deleted whose value here is older than so long; NULL:
	 * none may. A table with rules stands here once more for each. */
	const char *retain_column;
	uint64_t retain_s;
	const char *retain_type;	/* as the rule names it; NULL: any */
};

struct audit_subject {
	const char *role;	/* weir's, at the database */
	const char *owner;	/* who shall own the tables; NULL: AUDIT_OWNER */
	const struct audit_table *tables;
	unsigned count;
};

/* The tables of audit_tables and the rules of audit_retain; their names are in
 * the arena. Role and owner are left to be filled in. */
void audit_subject_of(const struct config_database *, struct arena *,
		      struct audit_subject *ret);

/*
 * Writes the statement that asks, names as SQL literals: it can go in a simple
 * Query, on Postgres 13 and later. search_path has to be pg_catalog: names are
 * then written with their schemas, and nobody's functions stand before
 * Postgres's own. jit should be off: planning is most of it. Its rows, by
 * severity:
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

/* NULL, or a literal that means the same under any settings. */
void audit_put_literal(struct buffer *, const char *text);

#endif
