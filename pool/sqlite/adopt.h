/*
 * Which Postgres types the columns of another program's file could have: the
 * file is read through, every candidate is tried on every value, and what all
 * values fit is proposed. Applying writes the declarations into a table of
 * their own, _weir_declared; the program's schema and rows stay as they are,
 * so that it goes on reading and writing the file. `weir adopt` prints what
 * comes of it (proxy/tool_adopt.c).
 *
 * Used by itself, without an engine.
 */
#ifndef WEIR_POOL_SQLITE_ADOPT_H
#define WEIR_POOL_SQLITE_ADOPT_H

#include <sqlite3.h>

#include "protocol/dialect/schema.h"
#include "protocol/error.h"

enum adopt_verdict {
	ADOPT_PROPOSED,
	ADOPT_UNFIT,		/* most values fit, but not all */
	ADOPT_POSSIBLE,		/* all fit, but nothing says that it is meant */
	ADOPT_BROKEN,		/* values do not fit the type it has now */
	ADOPT_UNREADABLE,	/* the whole table: unfit_why says why */
};

/* What was found about one column. */
struct adopt_finding {
	const char *table;
	const char *column;
	const char *declared;	/* in CREATE TABLE; "" for none */
	const char *type;	/* the one it would have, in words */
	enum adopt_verdict verdict;
	int64_t values;		/* not NULL */
	int64_t fit;
	const char *evidence;	/* besides the values, or NULL */
	const char *unfit_row;	/* of the first that does not fit, or NULL */
	const char *unfit_why;
};

/* The type the user wants for a column, whatever the values suggest. */
struct adopt_wish {
	const char *table;
	const char *column;
	const char *type;
};

struct adopt_options {
	bool naive;		/* times are proposed without a time zone */
	const struct adopt_wish *wishes;
	int wish_count;
};

struct adopt_report {
	int table_count;	/* made by another program */
	struct adopt_finding *findings;	/* table by table */
	int finding_count;
	int proposed_count;	/* of them */
	const struct schema_note *notes;	/* see struct schema */
	int note_count;
	const char *copy;	/* applied: the path of the copy */
};

/* Looks through the file and changes nothing. What is returned lives in the
 * arena. False: it cannot be read, or a wish names no column or type. */
bool adopt_look(const char *path, const struct adopt_options *,
		struct arena *, struct adopt_report *ret_report,
		struct error *);

/*
 * Looks, copies the file to `copy` (which must not be there), then writes
 * what is proposed. Refused (55006) while a weir serves the file or another
 * process has it open, and (22000) when a wish does not fit every value.
 */
bool adopt_apply(const char *path, const char *copy,
		 const struct adopt_options *, struct arena *,
		 struct adopt_report *ret_report, struct error *);

/* adopt_look.c: the same on a connection that is open. */
bool adopt_examine(sqlite3 *, const struct adopt_options *, struct arena *,
		   struct adopt_report *ret_report, struct error *);

/* adopt_check.c: whether a CREATE TABLE has any CHECK; one that makes the
 * column hold JSON; or one that allows only 0 and 1. */
bool adopt_checks_any(const char *create_table);
bool adopt_checks_json(const char *create_table, const char *column);
bool adopt_checks_bool(const char *create_table, const char *column);

#endif
