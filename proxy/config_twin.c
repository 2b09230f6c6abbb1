#include "proxy/config_twin.h"

#include <string.h>

#include "pool/postgres/servers.h"
#include "proxy/retain_rule.h"

/* --- what is guarded -------------------------------------------------------- */

static bool read_table(const char *name, struct arena *arena,
		       struct retain_rule *ret_table)
{
	return !retain_rule_read(arena_printf(arena, "%s.c 1d", name), arena,
				 ret_table);
}

static bool covers(const struct retain_rule *table,
		   const struct retain_rule *rule)
{
	return strcmp(table->table, rule->table) == 0 &&
	       (!table->schema ||
		(rule->schema && strcmp(table->schema, rule->schema) == 0));
}

bool config_audits(const struct config_database *entry,
		   const struct retain_rule *rule)
{
	const struct option_list *tables = &entry->audit_tables;
	struct arena arena = { 0 };
	bool found = false;

	for (unsigned i = 0; i < tables->count && !found; i++) {
		struct retain_rule table;

		found = read_table(tables->items[i], &arena, &table) &&
			covers(&table, rule);
	}
	arena_fini(&arena);
	return found;
}

const char *config_lacks(const struct config_database *entry,
			 const struct config_database *guarded)
{
	const struct option_list *tables = &guarded->audit_tables;
	struct arena arena = { 0 };
	const char *lacking = NULL;

	for (unsigned i = 0; i < tables->count && !lacking; i++) {
		struct retain_rule table;

		if (read_table(tables->items[i], &arena, &table) &&
		    !config_audits(entry, &table))
			lacking = tables->items[i];
	}
	arena_fini(&arena);
	return lacking;
}

/* --- where they lead -------------------------------------------------------- */

/* NULL: to whichever a client asks for. */
static const char *database_of(const struct config_database *entry,
			       const struct pg_named *named)
{
	return named->database ? named->database :
	       strcmp(entry->name, "*") == 0 ? NULL : entry->name;
}

/* Who asks for it by its name comes to the entry that is called so. */
static bool is_left_to_any(const struct config *config, const char *database)
{
	const struct config_database *found = config_database(config, database);

	return found && strcmp(found->name, "*") == 0;
}

static bool same_database(const struct config *config, const char *a,
			  const char *b)
{
	if (a && b)
		return strcmp(a, b) == 0;
	return (a || b) && is_left_to_any(config, a ? a : b);
}

static bool lead_to_one(const struct config *config,
			const struct config_database *a,
			const struct config_database *b)
{
	struct pg_named one = { 0 }, other = { 0 };
	struct error error;
	bool same = pg_named_read(a->url.target, &one, &error) &&
		    pg_named_read(b->url.target, &other, &error) &&
		    pg_servers_meet(one.servers, other.servers) &&
		    same_database(config, database_of(a, &one),
				  database_of(b, &other));

	pg_named_fini(&one);
	pg_named_fini(&other);
	return same;
}

bool config_are_twins(const struct config *config,
		      const struct config_database *a,
		      const struct config_database *b)
{
	return a != b && a->url.kind == BACKEND_URL_POSTGRES &&
	       b->url.kind == BACKEND_URL_POSTGRES &&
	       lead_to_one(config, a, b);
}
