/*
 * What a text may run that it neither calls nor names. Postgres takes a
 * constant for a value of the type of what stands beside it: in CASE, UNION,
 * comparisons of arrays, functions for any type. And what looks like the
 * column of a row may be a function of the row.
 */
#ifndef WEIR_PROTOCOL_SQL_COERCION_H
#define WEIR_PROTOCOL_SQL_COERCION_H

#include "protocol/arena.h"
#include "protocol/bytes.h"

struct sql_coercion {
	/* Something may become a value of a type that a relation of the text
	 * shows: it has a row as a whole, makes an array, or calls one of
	 * Postgres's own functions that make rows. Functions and operators of
	 * users are not looked at, nor columns that are rows or arrays. */
	bool adapts;
	/* What stands behind a relation's name, and may be a function of a
	 * row. */
	const char **attributes;
	int attribute_count;
};

/* False: the text cannot be read. */
bool sql_coercion_read(struct slice text, struct arena *,
		       struct sql_coercion *);

#endif
