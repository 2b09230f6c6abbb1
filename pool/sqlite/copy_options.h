/*
 * The options of a COPY, read and held against one another as Postgres does
 * when the COPY begins.
 */
#ifndef WEIR_POOL_SQLITE_COPY_OPTIONS_H
#define WEIR_POOL_SQLITE_COPY_OPTIONS_H

#include "pool/sqlite/copy.h"
#include "protocol/dialect/compile.h"

/* `text` is the COPY's own, `columns` what it copies. What the format points
 * at lives in the arena. */
bool copy_read_options(struct slice text, const struct schema *,
		       const struct compiled *columns, struct arena *,
		       struct copy_format *ret_format, struct error *);

#endif
