#include "pool/sqlite/touched.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"

void touched_fini(struct touched *touched)
{
	free(touched->slots);
	free(touched->used);
	memset(touched, 0, sizeof(*touched));
}

void touched_start(struct touched *touched, const char *table)
{
	if (touched->count)
		touched_fini(touched);
	touched->table = table;
}

/* Where the rowid is, or would be. */
static size_t place_of(const struct touched *touched, int64_t rowid)
{
	size_t place = (size_t)((uint64_t)rowid * 0x9E3779B97F4A7C15u >> 20) &
		       (touched->capacity - 1);

	while (touched->used[place] && touched->slots[place] != rowid)
		place = (place + 1) & (touched->capacity - 1);
	return place;
}

bool touched_has(const struct touched *touched, int64_t rowid)
{
	return touched->capacity && touched->used[place_of(touched, rowid)];
}

static void put(struct touched *touched, int64_t rowid)
{
	size_t place = place_of(touched, rowid);

	touched->count += !touched->used[place];
	touched->used[place] = true;
	touched->slots[place] = rowid;
}

static void grow(struct touched *touched)
{
	struct touched old = *touched;

	touched->capacity = old.capacity ? old.capacity * 2 : 64;
	touched->slots = must_alloc(touched->capacity * sizeof(int64_t));
	touched->used = must_alloc(touched->capacity);
	touched->count = 0;
	for (size_t i = 0; i < old.capacity; i++) {
		if (old.used[i])
			put(touched, old.slots[i]);
	}
	free(old.slots);
	free(old.used);
}

void touched_note(struct touched *touched, int operation, const char *table,
		  int64_t rowid)
{
	if (!touched->table || operation == SQLITE_DELETE ||
	    sqlite3_stricmp(table, touched->table) != 0)
		return;
	touched->updated = operation == SQLITE_UPDATE;
	if (touched->count * 2 >= touched->capacity)
		grow(touched);
	put(touched, rowid);
}
