/*
 * Retention: whether a DELETE provably touches only rows that are old enough.
 *
 * Its condition must have, among what is joined by AND at its top, a
 * comparison of the rule's column with a *cut-off*: col < X, col <= X, X > col
 * or BETWEEN. X is a constant, a parameter, or a time of now less an interval;
 * whatever else stands in the condition can only spare more rows. The latest
 * moment that X can be, in whatever zone the server may read it, is compared
 * with the clock. All else is no.
 *
 * Pure: text, rules, clock and values come in, a verdict goes out.
 */
#ifndef WEIR_PROXY_GUARD_RETAIN_H
#define WEIR_PROXY_GUARD_RETAIN_H

#include "protocol/bytes.h"
#include "proxy/retain_rule.h"

#define RETAIN_ZONE_BOUND_US (INT64_C(15) * 3600 * 1000000)	/* the world's */
#define RETAIN_ZONE_ANY_US (INT64_C(192) * 3600 * 1000000)	/* Postgres's */

struct sql_tree;

/* What parameters are bound to: the end of a Bind message, and of the Parse
 * message that belongs to it; or what an EXECUTE says. */
struct retain_values {
	struct slice types;	/* count and OIDs */
	struct slice bound;	/* formats and values, each with its count */
	bool whole;		/* the message is all there */
	bool executes;		/* then there is no Bind, but */
	struct slice execute;	/* the text, an EXECUTE and nothing more */
};

struct retain_question {
	struct retain_rule rule;
	bool fold_case;		/* names in any case are the same */
	int64_t now_us;		/* since 1970 */
	int64_t zone_slack_us;	/* the session's zone is no further from UTC;
				   RETAIN_ZONE_ANY_US where it is not known */
	const struct retain_values *values;	/* NULL: none yet */
	bool values_later;	/* they will be judged when they come */
};

/* Whether that statement of a text, an only DELETE on the rule's table, may
 * pass. */
bool retain_allows(const struct retain_question *, const struct sql_tree *,
		   int statement);

/* How far from UTC a zone of that name can be. */
int64_t retain_zone_slack_us(struct slice name);

#endif
