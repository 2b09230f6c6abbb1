/*
 * Postgres's own types as data: generated, searched by type.c only.
 */
#ifndef WEIR_PROTOCOL_TYPE_TABLE_H
#define WEIR_PROTOCOL_TYPE_TABLE_H

#include "protocol/type.h"

struct type_spelling {
	const char *name; /* "int", "integer", "int4", "_int4" */
	uint32_t oid;
};

extern const struct type type_table[]; /* in OID order */
extern const size_t type_table_count;
extern const struct type_spelling type_spellings[]; /* in byte order */
extern const size_t type_spelling_count;

#endif
