/*
 * What a session's open transaction has made by its own texts, which no
 * snapshot shows yet: relations and functions by name, and of those that lead
 * to a guarded table (a view on it, a partition, something renamed) which one;
 * and names that were taken away, so that they may mean something else now. A
 * name counts in any schema and any case. What a savepoint or an error takes
 * back stays until the transaction ends: that errs on the safe side.
 */
#ifndef WEIR_PROXY_GUARD_OVERLAY_H
#define WEIR_PROXY_GUARD_OVERLAY_H

#include <uthash.h>

#include "protocol/arena.h"
#include "protocol/list.h"
#include "proxy/guard_catalog.h"

#define OVERLAY_ITEMS_MAX 4096
#define OVERLAY_ONWARD_MAX 16384

struct overlay_item {
	const char *name;	/* in small letters */
	uint32_t refused;	/* CATALOG_BIT()s; 0: it leads nowhere */
	uint32_t fresh;		/* of these, what it did not do before under
				   another name */
	const char *table_schema, *table;	/* that it leads to; or NULL */
	bool temporary;		/* outlives the transaction */
	bool shared;		/* not only that: other sessions may come to
				   see it */
	bool made;		/* a relation, or a function */
	bool gone;		/* dropped, renamed or moved */
	bool targeted;		/* code changes what is called so */
	const struct onward *onward;	/* by what was made */
	UT_hash_handle hh;
};

/* Zeroed is empty. */
struct guard_overlay {
	struct arena arena;
	struct overlay_item *by_name;
	unsigned count, onward_count;
	unsigned telling;	/* items that refuse something or are gone */
	unsigned loud;		/* of these, shared ones */
	unsigned calling;	/* items that refuse CATALOG_CALL */
	bool all_targeted;	/* more than could be counted */
	bool all_onward;	/* the same */
	bool schemas_gone;	/* a whole schema was, or too many to count */
};

/* One that the guard asks about every text, whosever it is. */
struct kept_overlay {
	struct list link;	/* of its database's: guard_give_made() */
	struct guard_overlay overlay;
};

/* What all sessions of a database have made, whichever of its guards they
 * come by. */
struct kept_overlays {
	struct list kept;	/* kept_overlay's */
	struct list guards;
};

/* NULL: nothing of that name. */
const struct overlay_item *overlay_find(const struct guard_overlay *,
					const char *name);
/* Adds up with what is known of that name. False: there are too many. */
bool overlay_add(struct guard_overlay *, const struct overlay_item *);
/* Whether values of what is called so, where it is a type, may run code that
 * could do harm. Of an array's name only the beginning is known: "_". */
bool overlay_calls(const struct guard_overlay *, const char *name);
/* What is done to the one is from now on done to the other. */
void overlay_add_onward(struct guard_overlay *, const char *name,
			enum onward_kind, const char *to);
void overlay_add_all(struct guard_overlay *, const struct guard_overlay *from);
/* Whether what it holds could turn a yes into a no. */
bool overlay_is_telling(const struct guard_overlay *);
/* The same for sessions that did not make it. */
bool overlay_is_loud(const struct guard_overlay *);
/* The transaction is over; what is temporary stays. */
void overlay_end_transaction(struct guard_overlay *);
void overlay_fini(struct guard_overlay *);

#endif
