/*
 * What a server has reported of its session (ParameterStatus): TimeZone,
 * client_encoding and the like, by name.
 *
 * A `struct parameters` is immutable and reference counted, because the same
 * set is held in many places: by the backend that reported it, by every
 * session that was told it, by the welcomes of a route. Two holders of one
 * set compare two pointers. NULL is the empty set.
 */
#ifndef WEIR_POOL_PARAMETER_H
#define WEIR_POOL_PARAMETER_H

#include "protocol/bytes.h"

struct parameters;

/* The set of name\0value\0 pairs, in their order; the caller's. */
struct parameters *parameters_new(struct slice pairs);
struct parameters *parameters_ref(struct parameters *);
void parameters_unref(struct parameters **);

/* The set with one value reported; the old one loses the caller's reference.
 * Past PARAMETERS_BYTES_MAX it stays as it is. */
void parameters_put(struct parameters **, struct slice name,
		    struct slice value);

/* A value, or a slice with at == NULL. */
struct slice parameters_find(const struct parameters *, struct slice name);
/* All of them as name\0value\0 pairs. */
struct slice parameters_pairs(const struct parameters *);
bool parameters_equal(const struct parameters *, const struct parameters *);

/* Appends the pairs of `now` that differ from those of `before`. */
void parameters_changed(const struct parameters *before,
			const struct parameters *now, struct buffer *pairs);

#endif
