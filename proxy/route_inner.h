/*
 * Between the files of routes: which structs there are. An entry is one
 * configured database; an identity is who weir is to its server; a route is
 * one client user's way to an identity.
 *
 *     entry ──< identity ──< route ──< sessions
 *               pool         queue
 */
#ifndef WEIR_PROXY_ROUTE_INNER_H
#define WEIR_PROXY_ROUTE_INNER_H

#include <string.h>

#include <uthash.h>
#include <uv.h>

#include "pool/channel.h"
#include "pool/postgres/server.h"
#include "protocol/arena.h"
#include "proxy/catalog_watch.h"
#include "proxy/config.h"
#include "proxy/route.h"

/* One configured database. */
struct entry {
	const struct config_database *config;
	struct worker *worker;
	struct pool_bound bound;
	struct database_guard *guards;	/* a hash table, by database */
	struct lite_engine *engine;	/* of one SQLite file, or NULL */
	struct lite_files *files;	/* of many, or NULL */
	struct arena sanctions;	/* what their options say of that */
	unsigned sessions;	/* that have joined, over all its routes */
	struct pg_named named;	/* by its URL; nothing for SQLite */
	bool follows_sequences;	/* sessions are pinned for currval's sake */
};

/* Who weir is to the server: a role in a database. All its servers are alike,
 * so all clients that come to the same identity share one pool. */
struct identity {
	struct entry *entry;
	struct worker *worker;
	char *key;		/* "entry\ndatabase\nrole" */
	char *database, *role;
	struct pool pool;
	struct channels *channels;	/* NULL: nobody ever listened */
	struct pool listening;	/* of the one connection for that */
	struct pool_bound listening_bound;
	struct guard *guard;	/* of the database; NULL: nothing is guarded */
	struct catalog_watch *watch;	/* NULL: none is kept, or nobody has
					   used it yet */
	struct list welcomes;	/* what its servers report at login */
	unsigned welcome_count;
	struct {
		char *value;	/* NULL: no server was asked yet */
		struct arena arena;
		const char *const *schemas;
		uint32_t id;
	} path;			/* which its servers start with */
	UT_hash_handle hh;
};

struct route {
	struct entry *entry;
	struct identity *identity;
	struct pool_queue queue;	/* of this client user */
	char *key;		/* "database\nuser" */
	const char *user;	/* within the key */
	unsigned sessions;	/* that have joined: route_join.c */
	UT_hash_handle hh;
};

struct routes {
	struct route *by_key;
	struct identity *identities;
	struct entry *entries;
	unsigned entry_count;
	uv_timer_t wake;	/* when a pool has asked for a tick */
	bool wake_open;
	uint64_t wake_at_ms;	/* NEVER: not running */
	unsigned pools_left;	/* while closing */
	unsigned engines_left;
	void (*on_closed)(struct worker *);	/* set: closing */
};

static inline bool entry_takes_any(const struct entry *entry)
{
	return strcmp(entry->config->name, "*") == 0;
}

/* --- route_identity.c --------------------------------------------------- */

/* That of a client: what the URL names counts, else what the client said. */
struct identity *identity_find(struct worker *, struct entry *,
			       const char *database, const char *user);
void identity_free(struct routes *, struct identity *);
struct pool_limits identity_limits(const struct entry *);

/* As route_welcome() and route_learn_welcome(). */
struct parameters *identity_welcome(struct identity *,
				    const struct settings *);
void identity_learn_welcome(struct identity *, const struct settings *,
			    struct parameters *);
/* As route_learn_path(). */
uint32_t identity_learn_path(struct identity *, struct slice value);
/* As route_channels(). */
struct channels *identity_channels(struct identity *);

/* --- route_guard.c ------------------------------------------------------ */

struct guard *entry_guard(struct entry *, const char *database);
void entry_free_guards(struct entry *);
/* What its server says which one the database is: a text that no other has. */
void entry_learn_home(struct entry *, const char *database, const char *home);

/* --- route_catalog.c ---------------------------------------------------- */

bool entry_keeps_catalog(const struct entry *);
/* One more session, or one fewer. */
void identity_use(struct identity *);
void identity_leave(struct identity *);
/* One of its pools could not open a backend. */
void identity_opening_failed(struct identity *, const struct pool *,
			     const struct error *);

/* --- route.c: reports of a pool, whose context is an identity ------------ */

void routes_pool_emptied(void *context, struct pool *);
void routes_wake(void *context, struct pool *, uint64_t at_ms);

#endif
