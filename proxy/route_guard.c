/*
 * The guard of a database. What it remembers of verdicts counts in that
 * database alone, though an entry may serve many; and for all roles there,
 * since what one of them makes another may be waiting for.
 *
 * Several entries may lead to one database, each with a guard of its own: what
 * open transactions have made counts for all of them. That they lead there
 * their URLs tell; or the server does, as soon as it was first asked, whatever
 * names it goes by. Those who were found to be of one database stay so.
 */
#include "proxy/route_inner.h"

#include <assert.h>
#include <stdlib.h>

#include "pool/postgres/servers.h"
#include "proxy/config_twin.h"
#include "proxy/log.h"

struct database_guard {
	const struct entry *entry;
	char *database;
	char *home;		/* as the server says; NULL: not known yet */
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

/* --- of one database --------------------------------------------------------- */

static const char *name_on_server(const struct database_guard *guard)
{
	const char *named = guard->entry->named.database;

	return named ? named : guard->database;
}

static bool is_same_by_url(const struct database_guard *guard,
			   const struct database_guard *other)
{
	return strcmp(name_on_server(guard), name_on_server(other)) == 0 &&
	       pg_servers_meet(guard->entry->named.servers,
			       other->entry->named.servers);
}

static bool is_same_by_server(const struct database_guard *guard,
			      const struct database_guard *other)
{
	return guard->home && other->home &&
	       strcmp(guard->home, other->home) == 0;
}

/* Their URLs did not tell, so the configuration was not checked for that. */
static void warn_of_less(const struct entry *entry, const struct entry *other)
{
	const char *lacking = config_lacks(entry->config, other->config);

	if (lacking)
		log_warn("two databases are the same one, and only one of them "
			 "guards a table", "database", entry->config->name,
			 "table", lacking, "guarded", other->config->name);
}

static void join(struct database_guard *guard, struct database_guard *other)
{
	if (guard_is_joined(guard->guard, other->guard))
		return;
	guard_join(guard->guard, other->guard);
	if (is_same_by_url(guard, other))
		return;
	warn_of_less(guard->entry, other->entry);
	warn_of_less(other->entry, guard->entry);
}

static void join_all(struct entry *entry, struct database_guard *guard,
		     bool (*are_same)(const struct database_guard *,
				      const struct database_guard *))
{
	struct routes *routes = entry->worker->routes;

	for (unsigned i = 0; i < routes->entry_count; i++) {
		struct database_guard *each, *next;

		HASH_ITER(hh, routes->entries[i].guards, each, next)
			if (are_same(guard, each))
				join(guard, each);
	}
}

void entry_learn_home(struct entry *entry, const char *database,
		      const char *home)
{
	struct database_guard *guard;

	HASH_FIND_STR(entry->guards, database, guard);
	if (!guard || (guard->home && strcmp(guard->home, home) == 0))
		return;
	free(guard->home);
	guard->home = must_dup(home);
	join_all(entry, guard, is_same_by_server);
}

/* --- its life ----------------------------------------------------------------- */

struct guard *entry_guard(struct entry *entry, const char *database)
{
	struct database_guard *found;

	if (!entry->config->audit_tables.count)
		return NULL;
	HASH_FIND_STR(entry->guards, database, found);
	if (found)
		return found->guard;
	found = must_alloc(sizeof(*found));
	found->entry = entry;
	found->database = must_dup(database);
	found->guard = make_guard(entry->config);
	HASH_ADD_KEYPTR(hh, entry->guards, found->database,
			strlen(found->database), found);
	join_all(entry, found, is_same_by_url);
	return found->guard;
}

void entry_free_guards(struct entry *entry)
{
	struct database_guard *each, *next;

	HASH_ITER(hh, entry->guards, each, next) {
		HASH_DELETE(hh, entry->guards, each);
		guard_free(&each->guard);
		free(each->database);
		free(each->home);
		free(each);
	}
}
