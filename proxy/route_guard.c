/*
 * The guard of a database. What it remembers, of verdicts and of what open
 * transactions have made, counts in that database alone, though an entry may
 * serve many; and for all roles there, since what one of them makes another
 * may be waiting for.
 */
#include "proxy/route_inner.h"

#include <assert.h>
#include <stdlib.h>

struct database_guard {
	char *database;
	struct guard *guard;
	UT_hash_handle hh;
};

/* The names are such as the configuration was checked for. */
static struct guard *make_guard(const struct config_database *config)
{
	const struct option_list *tables = &config->audit_tables;
	const struct option_list *rules = &config->audit_retain;
	struct error error;
	struct guard *guard = guard_new(
		(const char *const *)tables->items, tables->count,
		config->url.kind == BACKEND_URL_SQLITE, &error);
	bool good = guard && guard_retain(guard,
					  (const char *const *)rules->items,
					  rules->count, &error);

	assert(good);
	return guard;
}

struct guard *entry_guard(struct entry *entry, const char *database)
{
	struct database_guard *found;

	if (!entry->config->audit_tables.count)
		return NULL;
	HASH_FIND_STR(entry->guards, database, found);
	if (found)
		return found->guard;
	found = must_alloc(sizeof(*found));
	found->database = must_dup(database);
	found->guard = make_guard(entry->config);
	HASH_ADD_KEYPTR(hh, entry->guards, found->database,
			strlen(found->database), found);
	return found->guard;
}

void entry_free_guards(struct entry *entry)
{
	struct database_guard *each, *next;

	HASH_ITER(hh, entry->guards, each, next) {
		HASH_DELETE(hh, entry->guards, each);
		guard_free(&each->guard);
		free(each->database);
		free(each);
	}
}
