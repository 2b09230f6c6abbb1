/*
 * The table of casts: which type becomes which, and when Postgres does it
 * unasked.
 */
#ifndef WEIR_PROTOCOL_DIALECT_CAST_TABLE_H
#define WEIR_PROTOCOL_DIALECT_CAST_TABLE_H

#include "protocol/type.h"

struct cast_row {
	uint32_t source;
	uint32_t target;
	char context;		/* i implicit, a assignment, e explicit */
	char method;		/* b same bits, f function, i through text */
};

const struct cast_row *cast_find(uint32_t source, uint32_t target);

/* By index, NULL past the end. */
const struct cast_row *cast_at(size_t index);

#endif
