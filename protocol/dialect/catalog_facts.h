/*
 * Rows of pg_catalog that are the same in every database of Postgres 15: its
 * own types, functions, operators, casts, access methods. Read by the
 * catalogs, which show them, and by the names of functions (regproc). Nobody
 * owns them and nothing changes them.
 *
 * A row is one text: the cells are separated by tabs, and \N is NULL, as in
 * COPY. Rows stand in the order of their first column, mostly the OID.
 */
#ifndef WEIR_PROTOCOL_DIALECT_CATALOG_FACTS_H
#define WEIR_PROTOCOL_DIALECT_CATALOG_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/bytes.h"

struct catalog_facts {
	const char *table;
	const char *columns;	/* "oid proname ..."; others have what they
				   have by default */
	const char *const *rows;
	size_t count;
};

/* Ends with NULL. */
extern const struct catalog_facts *const catalog_facts[];

/* Of a table of pg_catalog; NULL: it has none. */
const struct catalog_facts *catalog_facts_of(const char *table);
/* A column's place in the rows, -1: not there. */
int catalog_facts_column(const struct catalog_facts *, const char *name);
/* The place of the first row whose first column is this number or more. */
size_t catalog_facts_first(const struct catalog_facts *, uint32_t number);
/* The row whose first column is this number; NULL: none. */
const char *catalog_facts_row(const struct catalog_facts *, uint32_t number);
/* A cell of a row; at NULL where it is NULL. */
struct slice catalog_facts_cell(const char *row, int column);
/* The first cell, as the number it is. */
uint32_t catalog_facts_number(const char *row);

#endif
