/*
 * Foreign keys: what is done to the table they refer to is done, by their
 * action, to their own. A change of it counts where it assigns the key, or
 * where a trigger may do that before it.
 */
#include "proxy/catalog_derive_parts.h"

#include <string.h>

#include "proxy/code_assign.h"

/* CASCADE, SET NULL, SET DEFAULT */
static bool acts(char action)
{
	return action == 'c' || action == 'n' || action == 'd';
}

static bool is_reached_by(const struct thing *thing, const struct name *names)
{
	if (!(thing->refused & BIT(UPDATE)))
		return false;
	if (thing->any_column || !names)
		return true;
	for (; names; names = names->next)
		if (names_have(thing->columns, names->text))
			return true;
	return false;
}

/* Whether rows of the referencing table that are deleted, or whose key is
 * changed, by the key's action end in a guarded table. */
static bool delete_matters(const struct edge *key)
{
	char action = key->letters[0];

	if (!acts(action))
		return false;
	if (thing_is_family(key->from))
		return true;
	return action == 'c' ? (key->from->refused & BIT(DELETE)) != 0 :
			       is_reached_by(key->from, key->from_columns);
}

static bool update_matters(const struct edge *key)
{
	return acts(key->letters[1]) &&
	       (thing_is_family(key->from) ||
		is_reached_by(key->from, key->from_columns));
}

static const char *action_name(char action)
{
	return action == 'c' ? "CASCADE" :
	       action == 'n' ? "SET NULL" : "SET DEFAULT";
}

static const char *name_key(struct derive *derive, const struct edge *key,
			    const char *event, char action)
{
	return arena_printf(&derive->rows->arena,
			    "foreign key %s of %s.%s (%s%s%s)", key->name,
			    key->from->schema, key->from->name, event,
			    action ? " " : "",
			    action ? action_name(action) : "");
}

void derive_key(struct derive *derive, const struct edge *key)
{
	struct reason reason = { thing_table(key->from), NULL, NULL };

	if (delete_matters(key)) {
		reason.through = name_key(derive, key, "ON DELETE",
					  key->letters[0]);
		derive_refuse(derive, key->to, BIT(DELETE) | BIT(MERGE), 0,
			      &reason);
	}
	if (update_matters(key)) {
		reason.through = name_key(derive, key, "ON UPDATE",
					  key->letters[1]);
		reason.columns = key->to_columns;
		derive_refuse(derive, key->to, ASSIGNS | BIT(MERGE), 0,
			      &reason);
	}
	/* TRUNCATE ... CASCADE asks no action; of a partition's keys it is the
	 * whole table's */
	if (thing_is_family(key->from) ||
	    ((key->from->cascading | key->from->refused) & BIT(TRUNCATE))) {
		reason.through = name_key(derive, key, "TRUNCATE CASCADE", 0);
		derive_refuse(derive, key->to, 0, BIT(TRUNCATE), &reason);
	}
}

bool derive_acts(const struct edge *key)
{
	return acts(key->letters[0]) || acts(key->letters[1]);
}

/* --- triggers before an UPDATE -------------------------------------------------------- */

/* What is done to the row by such as are not written in PL/pgSQL: of Postgres's
 * own and of its extensions'. */
static const struct native {
	const char *symbol;
	bool assigns;		/* the column that their argument names; else
				   none */
} natives[] = {
	{ "insert_username.insert_username", true },
	{ "lo.lo_manage", false },
	{ "moddatetime.moddatetime", true },
	{ "suppress_redundant_updates_trigger", false },
	{ "tsvector_update_trigger_bycolumn", true },
	{ "tsvector_update_trigger_byid", true },
};

static bool names_native(const struct edge *mover)
{
	for (size_t i = 0; i < sizeof(natives) / sizeof(*natives); i++) {
		if (strcmp(mover->text, natives[i].symbol) != 0)
			continue;
		return !natives[i].assigns || mover->to_columns;
	}
	return false;
}

/* A type of the users' may be meant by the word, if it is in front of
 * pg_catalog. */
static bool has_other_record(const struct derive *derive)
{
	static const enum thing_kind kinds[] = { THING_RELATION, THING_TYPE };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		struct thing *thing, *next;

		HASH_ITER(hh, derive->rows->things[kinds[i]], thing, next)
			if (strcmp(thing->name, "record") == 0)
				return true;
	}
	return false;
}

static bool names_assigned(struct derive *derive, struct edge *mover,
			   bool copies)
{
	const struct thing *function = mover->to;
	const char *const *columns;

	mover->to_columns = NULL;
	if (!function || !function->body || !function->language ||
	    !function->plain_settings ||
	    strcmp(function->language, "plpgsql") != 0)
		return false;
	columns = code_assigned(function->body, copies, &derive->rows->arena);
	for (unsigned i = 0; columns && columns[i]; i++)
		derive_add_name(derive, &mover->to_columns, columns[i]);
	return columns;
}

static bool is_assigned(const struct edge *mover, const struct name *key)
{
	for (; key; key = key->next)
		if (names_have(mover->to_columns, key->text))
			return true;
	return false;
}

/* `own` columns of the key change with what such a trigger waits for. */
static void widen_key(struct derive *derive, struct edge *key,
		      const struct name *own, const struct edge *mover)
{
	const struct name *name;

	if (!key->to_columns || (mover->named && !is_assigned(mover, own)))
		return;
	if (!mover->from_columns)
		key->to_columns = NULL;
	for (name = mover->from_columns; name; name = name->next)
		derive_add_name(derive, &key->to_columns, name->text);
}

void derive_movers(struct derive *derive)
{
	struct edge *movers = derive->rows->edges[EDGE_MOVE], *mover, *key;
	bool copies = !has_other_record(derive);

	for (mover = movers; mover; mover = mover->next) {
		mover->named = mover->text ? names_native(mover) :
					     names_assigned(derive, mover, copies);
		mover->beside = mover->from->movers;
		mover->from->movers = mover;
	}
	for (key = derive->rows->edges[EDGE_KEY]; key; key = key->next) {
		const struct name *own = key->to_columns;

		for (mover = acts(key->letters[1]) ? key->to->movers : NULL;
		     mover; mover = mover->beside)
			widen_key(derive, key, own, mover);
	}
}
