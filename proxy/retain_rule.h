/*
 * One entry of audit_retain: `audit_event.at 365d`, from when on the rows of
 * an insert-only table may be deleted. Table and column are written as in
 * SQL, the table as in audit_tables; the age in hours, days or weeks (h, d,
 * w), at least a day. Behind it the type of the column may be named:
 * timestamptz, timestamp, date, or text (ISO); else it may be any of them.
 */
#ifndef WEIR_PROXY_RETAIN_RULE_H
#define WEIR_PROXY_RETAIN_RULE_H

#include "protocol/arena.h"

#define RETAIN_AGE_MAX_DAYS 36500

enum retain_type {
	RETAIN_ANY,
	RETAIN_TIMESTAMPTZ,
	RETAIN_TIMESTAMP,
	RETAIN_DATE,
	RETAIN_TEXT,
};

struct retain_rule {
	const char *schema;	/* NULL: in any schema */
	const char *table;	/* names as the server stores them */
	const char *column;
	uint64_t age_s;
	enum retain_type type;
};

/* NULL for RETAIN_ANY. */
const char *retain_type_name(enum retain_type);

/* NULL where it is one, and the rule is filled; its names are in the arena.
 * Else what is wrong with it, in words. */
const char *retain_rule_read(const char *entry, struct arena *,
			     struct retain_rule *ret_rule);

#endif
