#include "protocol/dialect/catalog_facts.h"

#include <stdlib.h>
#include <string.h>

#define FACTS(row) \
	row(pg_type) row(pg_range) row(pg_constraint) row(pg_proc) row(pg_operator) row(pg_am) \
	row(pg_opclass) row(pg_opfamily) row(pg_amop) row(pg_amproc) \
	row(pg_aggregate) row(pg_cast) row(pg_language) row(pg_tablespace) \
	row(pg_conversion) row(pg_collation) row(pg_ts_config) \
	row(pg_ts_config_map) row(pg_ts_dict) row(pg_ts_parser) \
	row(pg_ts_template) row(pg_extension) row(pg_get_keywords) \
	row(pg_description) \
	row(pg_authid) row(pg_auth_members)

#define DECLARE(name) extern const struct catalog_facts facts_##name;
FACTS(DECLARE)
#undef DECLARE

#define LIST(name) &facts_##name,
const struct catalog_facts *const catalog_facts[] = { FACTS(LIST) NULL };
#undef LIST

const struct catalog_facts *catalog_facts_of(const char *table)
{
	for (const struct catalog_facts *const *at = catalog_facts; *at; at++)
		if (strcmp((*at)->table, table) == 0)
			return *at;
	return NULL;
}

int catalog_facts_column(const struct catalog_facts *facts, const char *name)
{
	const char *at = facts->columns;
	size_t length = strlen(name);

	for (int i = 0;; i++) {
		size_t here = strcspn(at, " ");

		if (here == length && memcmp(at, name, length) == 0)
			return i;
		if (!at[here])
			return -1;
		at += here + 1;
	}
}

uint32_t catalog_facts_number(const char *row)
{
	return (uint32_t)strtoul(row, NULL, 10);
}

size_t catalog_facts_first(const struct catalog_facts *facts, uint32_t number)
{
	size_t low = 0, high = facts->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (catalog_facts_number(facts->rows[middle]) < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const char *catalog_facts_row(const struct catalog_facts *facts,
			      uint32_t number)
{
	size_t at = catalog_facts_first(facts, number);

	return at < facts->count &&
	       catalog_facts_number(facts->rows[at]) == number ?
	       facts->rows[at] : NULL;
}

struct slice catalog_facts_cell(const char *row, int column)
{
	size_t length;

	for (; column > 0; column--) {
		row = strchr(row, '\t');
		if (!row)
			return (struct slice){ 0 };
		row++;
	}
	length = strcspn(row, "\t");
	if (length == 2 && memcmp(row, "\\N", 2) == 0)
		return (struct slice){ 0 };
	return slice_make(row, length);
}
