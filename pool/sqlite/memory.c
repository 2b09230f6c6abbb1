#include "pool/sqlite/memory.h"

#include <malloc.h>
#include <stdlib.h>

#include <sqlite3.h>

static _Thread_local int64_t held;

static int size_of(void *memory)
{
	return memory ? (int)malloc_usable_size(memory) : 0;
}

static void *take(int size)
{
	void *memory = malloc((size_t)size);

	held += size_of(memory);
	return memory;
}

static void give_back(void *memory)
{
	held -= size_of(memory);
	free(memory);
}

static void *resize(void *memory, int size)
{
	int before = size_of(memory);
	void *moved = realloc(memory, (size_t)size);

	if (moved)
		held += size_of(moved) - before;
	return moved;
}

static int round_up(int size)
{
	return (size + 7) & ~7;
}

static int start(void *unused)
{
	return SQLITE_OK;
}

static void stop(void *unused)
{
}

void lite_memory_init(void)
{
	static const struct sqlite3_mem_methods methods = {
		.xMalloc = take, .xFree = give_back, .xRealloc = resize,
		.xSize = size_of, .xRoundup = round_up, .xInit = start,
		.xShutdown = stop,
	};

	/* Both refuse once SQLite is in use. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

int64_t lite_memory_held(void)
{
	return held;
}
