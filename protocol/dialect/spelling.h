/*
 * SQLite's spellings that slip into SQL for Postgres: what Postgres says to
 * them is what clients get, with a hint that names Postgres's own form.
 * Pure: texts in, hints out.
 */
#ifndef WEIR_PROTOCOL_DIALECT_SPELLING_H
#define WEIR_PROTOCOL_DIALECT_SPELLING_H

#include "protocol/bytes.h"
#include "protocol/error.h"

/* Adds a hint to a syntax error, where one of them is the likely cause. */
void spelling_hint_syntax(struct slice text, struct error *);

/* What Postgres has instead of a function or a type; NULL: nothing is known. */
const char *spelling_of_function(const char *name, int arguments);
const char *spelling_of_type(const char *name);

/* For a column that is not there and was written with double quotes at that
 * byte of the text; else NULL. */
const char *spelling_of_column(struct slice text, int location);

#endif
