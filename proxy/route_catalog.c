/*
 * What a session knows of its database's catalog: the watch is its
 * identity's.
 */
#include "proxy/route_inner.h"

#include "proxy/guard.h"

bool entry_keeps_catalog(const struct entry *entry)
{
	return entry->config->audit_tables.count &&
	       entry->config->url.kind == BACKEND_URL_POSTGRES;
}

static uint64_t now_of(void *context)
{
	return worker_now(((struct identity *)context)->worker);
}

static void on_home(void *context, const char *home)
{
	struct identity *identity = context;

	entry_learn_home(identity->entry, identity->database, home);
}

void identity_use(struct identity *identity)
{
	static const struct catalog_keeper keeper = { now_of, on_home };

	if (!entry_keeps_catalog(identity->entry))
		return;
	if (!identity->watch)
		identity->watch = catalog_watch_new(
			identity_channels(identity), identity->guard,
			identity->entry->config,
			&(struct catalog_place){ .database = identity->database,
						 .role = identity->role,
						 .pool = identity->pool.name },
			&keeper, identity);
	catalog_watch_use(identity->watch);
}

void identity_leave(struct identity *identity)
{
	if (identity->watch)
		catalog_watch_leave(identity->watch);
}

/* A server that takes no more connections of this role or to this database
 * has none to spare for a watch. */
void identity_opening_failed(struct identity *identity,
			     const struct pool *pool,
			     const struct error *error)
{
	struct identity *each, *next;

	if (pool == &identity->listening) {
		if (identity->watch)
			catalog_watch_lacks(identity->watch, error);
		return;
	}
	if (!error_is(error, SQLSTATE_TOO_MANY_CONNECTIONS))
		return;
	HASH_ITER(hh, identity->worker->routes->identities, each, next) {
		if (!each->watch || each->entry != identity->entry)
			continue;
		pool_reconnect(&each->listening, now_of(each));
		catalog_watch_yield(each->watch);
	}
}

bool route_keeps_catalog(const struct route *route)
{
	return route->identity->watch;
}

struct guard_catalog *route_catalog(struct route *route)
{
	struct catalog_watch *watch = route->identity->watch;

	return watch ? catalog_watch_catalog(watch) : NULL;
}

bool route_lacks_catalog(const struct route *route)
{
	const struct catalog_watch *watch = route->identity->watch;

	return watch && catalog_watch_is_blind(watch);
}

void route_await_catalog(struct route *route, struct catalog_wait *wait)
{
	catalog_watch_await(route->identity->watch, wait);
}

static struct catalog_watch *find_older(const struct route *route,
					uint64_t look)
{
	struct routes *routes = route->identity->worker->routes;
	struct identity *each, *next;

	HASH_ITER(hh, routes->identities, each, next)
		if (each->watch &&
		    guard_is_joined(each->guard, route->identity->guard) &&
		    catalog_watch_is_older(each->watch, look))
			return each->watch;
	return NULL;
}

bool route_has_older(const struct route *route, uint64_t look)
{
	return find_older(route, look);
}

bool route_await_older(struct route *route, uint64_t look,
		       struct catalog_wait *wait)
{
	struct catalog_watch *older = find_older(route, look);

	if (older)
		catalog_watch_await(older, wait);
	return older;
}

void routes_each_watch(struct worker *worker,
		       void (*visit)(void *context, const char *database,
				     const struct catalog_watch *),
		       void *context)
{
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next)
		if (identity->watch)
			visit(context, identity->database, identity->watch);
}
