#include "protocol/dialect/function_table.h"

#include <string.h>

static const struct {
	const struct call_row *rows;
	const size_t *count;
} tables[] = {
	{ function_rows_a, &function_rows_a_count },
	{ function_rows_k, &function_rows_k_count },
	{ function_rows_catalog, &function_rows_catalog_count },
	{ function_rows_aggregate, &function_rows_aggregate_count },
};

#define TABLES (sizeof(tables) / sizeof(tables[0]))

static size_t first_of(const struct call_row *rows, size_t count,
		       const char *name)
{
	size_t low = 0;
	size_t high = count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(rows[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct call_row *function_find(const char *name, int *ret_count)
{
	for (size_t i = 0; i < TABLES; i++) {
		const struct call_row *rows = tables[i].rows;
		size_t count = *tables[i].count;
		size_t first = first_of(rows, count, name);
		size_t end = first;

		while (end < count && strcmp(rows[end].name, name) == 0)
			end++;
		if (end > first) {
			*ret_count = (int)(end - first);
			return &rows[first];
		}
	}
	*ret_count = 0;
	return NULL;
}

const struct call_row *function_at(size_t index)
{
	for (size_t i = 0; i < TABLES; i++) {
		if (index < *tables[i].count)
			return &tables[i].rows[index];
		index -= *tables[i].count;
	}
	return NULL;
}
