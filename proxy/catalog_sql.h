/*
 * What the watch on a catalog asks the server. Both texts are simple queries
 * of several statements: what they set, they set for themselves.
 */
#ifndef WEIR_PROXY_CATALOG_SQL_H
#define WEIR_PROXY_CATALOG_SQL_H

#include "protocol/bytes.h"

struct audit_subject;
struct guard;

/* One row with one text that changes when anything is made, changed or
 * dropped that the guard has to know of. */
void catalog_sql_number(const struct guard *, struct buffer *out);

/* Everything the guard has to know, as catalog_derive() reads it. The last
 * statement is that of audit_findings.h. */
void catalog_sql_load(const struct guard *, const struct audit_subject *,
		      struct buffer *out);

#endif
