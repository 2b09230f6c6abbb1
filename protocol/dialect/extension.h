/*
 * Extensions that may be created: migrations ask for them, and many need no
 * more than that. What one brings and SQLite has not is refused where it is
 * used.
 */
#ifndef WEIR_PROTOCOL_DIALECT_EXTENSION_H
#define WEIR_PROTOCOL_DIALECT_EXTENSION_H

#include "protocol/dialect/function_table.h"
#include "protocol/dialect/operator_table.h"
#include "protocol/dialect/schema.h"

struct extension_row {
	const char *name;
	const char *version;	/* Postgres 15's */
	const char *comment;
	const char *type;	/* that it brings and that is refused, or NULL */
	const struct call_row *calls;	/* its functions, up to one without a
					   name; or NULL */
	const struct operator_row *operators;	/* so are its operators */
};

/* NULL: not available. */
const struct extension_row *extension_find(const char *name);
/* All of them, by index; NULL past the end. */
const struct extension_row *extension_at(size_t index);
/* The functions of that name that an extension of the schema brings; those
 * without a text are refused. NULL: none. */
const struct call_row *extension_calls(const struct schema *, const char *name,
				       int *ret_count);
/* The operator of that name that an extension of the schema brings, or NULL. */
const struct operator_row *extension_operator(const struct schema *,
					      const char *name);
/* The extension of the schema that brings a type of this name, or NULL. */
const struct extension_row *extension_of_type(const struct schema *,
					      const char *type);

#endif
