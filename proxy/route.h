/*
 * From database and user to a pool: the only file that knows which kind of
 * backend serves what. A route is one configured database as one client
 * reaches it: its pool, its guard, its limits. Routes live as long as the
 * worker; a session holds one from its startup packet on.
 */
#ifndef WEIR_PROXY_ROUTE_H
#define WEIR_PROXY_ROUTE_H

#include "pool/parameter.h"
#include "pool/pool.h"
#include "proxy/guard.h"
#include "proxy/session.h"
#include "proxy/worker.h"

struct catalog_watch;
struct channels;
struct config_database;
struct lite_engine;
struct route;
struct routes;

/* Opens what must be open before anybody is served (SQLite files). On failure
 * the error says what to do. */
bool routes_open(struct worker *, struct routes **ret_routes, struct error *);

/* The route of a session, by its database and user; NULL with an error
 * (3D000) when there is none. */
struct route *route_find(struct worker *, const char *database,
			 const char *user, struct error *);
/* Lets a session in that has proved who it is, unless there are too many
 * already (53300); leaves again when the session ends. */
bool route_join(struct session *, struct route *, struct error *);
void route_leave(struct session *);

struct pool *route_pool(struct route *);
struct guard *route_guard(struct route *);	/* NULL: nothing is guarded */
/* Who weir is to the server. */
const char *route_role(const struct route *);
/* The search path that servers were found to start with, NULL while none was
 * asked, and its id: a number that no other path has. */
const char *const *route_path(const struct route *, uint32_t *ret_id);
/* One was found to start with this; its id. */
uint32_t route_learn_path(struct route *, struct slice value);
uint32_t route_next_path_id(void);
bool route_is_sqlite(const struct route *);
const struct config_database *route_database(const struct route *);
unsigned route_statements_max(const struct route *);
/* Who listens to what in this database. */
struct channels *route_channels(struct route *);
/* Whether sessions are pinned for what currval and lastval remember: from the
 * start, or since somebody was seen to ask for it. */
bool route_follows_sequences(const struct route *);
void route_learn_sequences(struct route *);
bool route_keeps_lease(const struct route *);	/* session mode */
bool route_is_per_statement(const struct route *);	/* statement mode */

/* What a server reported at login to a session with these settings, borrowed;
 * NULL when not known yet. */
struct parameters *route_welcome(struct route *, const struct settings *);
void route_learn_welcome(struct route *, const struct settings *,
			 struct parameters *);

/* The limits of a new configuration hold from now on. */
void routes_reload(struct worker *, const struct config *);

/* A few times a second. */
void routes_tick(struct worker *, uint64_t now_ms);

/* Every backend that is leased, of databases that limit how long that may be;
 * the lease may end during the visit. */
void routes_each_lease(struct worker *,
		       void (*visit)(struct backend *, uint64_t now_ms),
		       uint64_t now_ms);

/* Whether every database can be reached, for /readiness. */
bool routes_ready(struct worker *);

/* Every pool, for metrics. */
void routes_each_pool(struct worker *,
		      void (*visit)(void *context, const char *database,
				    const struct pool *),
		      void *context);

/* Every watch on a catalog, for metrics. */
void routes_each_watch(struct worker *,
		       void (*visit)(void *context, const char *database,
				     const struct catalog_watch *),
		       void *context);

/* Every open SQLite file, for metrics. */
void routes_each_engine(struct worker *,
			void (*visit)(void *context, const char *database,
				      struct lite_engine *),
			void *context);

/* Closes every pool and engine; calls back from the loop when all is gone. */
void routes_close(struct worker *, void (*on_closed)(struct worker *));
/* After that. */
void routes_free(struct routes **);

#endif
