/*
 * A look at a database: whether its catalog is as it was, and which database
 * it is at all.
 */
#ifndef WEIR_PROXY_CATALOG_LOOK_H
#define WEIR_PROXY_CATALOG_LOOK_H

#include "protocol/bytes.h"

struct guard;

/* The caller's to free. */
struct catalog_look {
	char *number;		/* as catalog_sql_number(); or NULL */
	char *home;		/* no other database says this; or NULL */
};

void catalog_look_sql(const struct guard *, struct buffer *out);
void catalog_look_read(struct slice messages, struct catalog_look *ret_look);

#endif
