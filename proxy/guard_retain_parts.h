/*
 * Between the files of guard_retain: what is asked, cut-offs, and what they are
 * made of.
 */
#ifndef WEIR_PROXY_GUARD_RETAIN_PARTS_H
#define WEIR_PROXY_GUARD_RETAIN_PARTS_H

#include "protocol/sql_nodes.h"

#include "protocol/datetime.h"
#include "proxy/guard_retain.h"

#define RETAIN_DAYS_MAX 400000
#define RETAIN_DEPTH_MAX 20

#define OID_UNSAID 0u	/* of a parameter, in a Parse message */

enum cut_kind {
	CUT_AWARE,		/* a moment */
	CUT_LOCAL,		/* a moment, as the session's clock shows it */
	CUT_NAIVE,		/* what some clock shows */
	CUT_OPEN,		/* becomes what the column is */
	CUT_TIME_TYPED,		/* the same, but certainly no text */
};

/* A cut-off: it is no later than this. */
struct cut {
	enum cut_kind kind;
	int64_t us;		/* since 1970; of NAIVE read as UTC */
	int64_t shown_us;	/* OPEN: without its offset */
	bool has_offset;
	bool is_date;
	bool nothing;		/* NULL: no row is before it; or not known yet,
				   and to be judged then */
};

struct asking {
	const struct retain_question *question;
	const RangeVar *target;
	bool joined;		/* there is a USING */
	const List *arguments;	/* of the EXECUTE */
	const List *types;	/* that PREPARE gives its parameters */
};

/* One value of a Bind message. */
struct bound {
	uint32_t type;
	bool binary;
	bool is_null;
	struct slice bytes;
};

/* --- guard_retain_bound.c --------------------------------------------------- */

/* What a Parse message says of a parameter, from 1. */
uint32_t bound_declared_type(struct slice types, int number);
bool bound_find(const struct retain_values *, int number,
		struct bound *ret_bound);
bool bound_is_text(uint32_t type);
/* Of 2, 4 or 8 bytes. */
bool bound_read_number(struct slice bytes, int64_t *ret);

/* --- guard_retain_interval.c ------------------------------------------------ */

bool retain_read_interval(const struct asking *, const Node *, int depth,
			  struct interval *ret);
/* The least that it can be; false: it is not to be reckoned with. */
bool retain_read_length(const struct interval *, int64_t *ret_us);

/* --- guard_retain_cut.c ----------------------------------------------------- */

/* Whether it is this name of Postgres's own. */
bool retain_is_plain(const List *names, const char *word);
/* One of the types that a cut-off is made with; "": another. */
const char *retain_type_of(const TypeName *);
/* Of a constant; NULL: it is none. */
const char *retain_string_of(const Node *);
bool retain_read_integer(const Node *, int64_t *ret);
bool retain_read_cut(const struct asking *, Node *, int depth,
		     struct cut *ret_cut);

#endif
