/*
 * What a session's open transaction has made by its own texts, which no
 * snapshot shows yet: relations by name, and of those that lead to a guarded
 * table (a view on it, a partition, something renamed) which one. A name
 * counts in any schema. What a savepoint takes back stays until the
 * transaction ends: that errs on the safe side.
 */
#ifndef WEIR_PROXY_GUARD_OVERLAY_H
#define WEIR_PROXY_GUARD_OVERLAY_H

#include "protocol/arena.h"

#define OVERLAY_ITEMS_MAX 256

struct overlay_item {
	const char *name;
	const char *table_schema, *table;	/* that it leads to; or NULL */
	bool temporary;		/* outlives the transaction */
};

/* Zeroed is empty. */
struct guard_overlay {
	struct arena arena;
	unsigned count;
	struct overlay_item items[OVERLAY_ITEMS_MAX];
};

/* The graver one of that name, or NULL. */
const struct overlay_item *overlay_find(const struct guard_overlay *,
					const char *name);
/* False: there are too many. */
bool overlay_add(struct guard_overlay *, const struct overlay_item *);
/* The transaction is over; what is temporary stays. */
void overlay_end_transaction(struct guard_overlay *);
void overlay_fini(struct guard_overlay *);

#endif
