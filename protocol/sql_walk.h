/*
 * The table of node kinds: for each kind the raw parser makes, its name and
 * where in its struct the children and the texts are. The walker descends by
 * it, the facts name kinds by it, and a test holds it against the library's
 * own printer. For files that include sql_nodes.h.
 */
#ifndef WEIR_PROTOCOL_SQL_WALK_H
#define WEIR_PROTOCOL_SQL_WALK_H

#include <stdint.h>

enum sql_field_kind {
	FIELD_END,
	FIELD_CHILD,	/* a pointer to a node or a list, may be NULL */
	FIELD_INSIDE,	/* a node that lies inside the struct */
	FIELD_TEXT,	/* a char pointer, may be NULL */
};

struct sql_field {
	uint8_t kind;
	uint16_t offset;
};

struct sql_kind {
	const char *name;	/* "SelectStmt"; NULL: not of a raw tree */
	const struct sql_field *fields;	/* up to FIELD_END */
};

/* The row of a NodeTag, or NULL where the raw parser makes no such node.
 * Lists have none: a walk goes through them. */
const struct sql_kind *sql_kind_find(int tag);

#endif
