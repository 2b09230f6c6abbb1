/*
 * The shape of a prepared statement: which parameters it takes and which
 * columns it gives, as a server told when it read the text.
 *
 * Two readings of one text have different shapes when tables have changed in
 * between. Postgres then fails with "cached plan must not change result type",
 * and drivers rely on it, for they remember the columns.
 *
 * Immutable and reference counted.
 */
#ifndef WEIR_POOL_SHAPE_H
#define WEIR_POOL_SHAPE_H

#include "protocol/bytes.h"

struct shape;

/* From whole messages: a ParameterDescription, then a RowDescription or
 * NoData. NULL if they are not. The caller's. */
struct shape *shape_new(struct slice messages);
struct shape *shape_ref(struct shape *);
void shape_unref(struct shape **);

/* The types of the parameters as at the end of a Parse: count and OIDs. */
struct slice shape_types(const struct shape *);
/* It gives rows. */
bool shape_has_columns(const struct shape *);
/* As Postgres compares: names, types and modifiers, not where they are from. */
bool shape_same_columns(const struct shape *, const struct shape *);

#endif
