#include "protocol/dialect/function_table.h"

#include <string.h>

#include "protocol/bytes.h"

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

static const struct call_row *find(const struct call_row *rows, size_t count,
				   const char *name, int *ret_count)
{
	size_t first = first_of(rows, count, name);
	size_t end = first;

	while (end < count && strcmp(rows[end].name, name) == 0)
		end++;
	*ret_count = (int)(end - first);
	return end > first ? &rows[first] : NULL;
}

const struct call_row *function_find(const char *name, int *ret_count)
{
	for (size_t i = 0; i < TABLES; i++) {
		const struct call_row *rows =
			find(tables[i].rows, *tables[i].count, name, ret_count);

		if (rows != NULL)
			return rows;
	}
	*ret_count = 0;
	return NULL;
}

const struct call_row *function_find_absent(const char *name, int *ret_count)
{
	return find(function_rows_absent, function_rows_absent_count, name,
		    ret_count);
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

const char *moving_print(struct arena *arena, const char *print)
{
	return arena_printf(arena, "pg_moving_%s", print + strlen("pg_"));
}
