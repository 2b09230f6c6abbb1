/*
 * The findings in words, and the script that closes them. Pure.
 */
#ifndef WEIR_PROXY_AUDIT_SCRIPT_H
#define WEIR_PROXY_AUDIT_SCRIPT_H

#include "proxy/audit_ask.h"

/* What `weir audit check` says of a database. */
void audit_report_print(const struct audit_report *, struct buffer *out);

/* One transaction of plain SQL that applies each remedy once, in the order
 * of their steps; what a human has to decide stands at its end as comments.
 * No statement at all when there is nothing to apply. */
void audit_script_print(const struct audit_report *, const char *owner,
			struct buffer *out);

#endif
