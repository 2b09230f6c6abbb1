#include "proxy/route.h"

#include <assert.h>
#include <stdlib.h>

#include <uthash.h>

#include "pool/channel.h"
#include "pool/postgres/server.h"
#include "pool/sqlite/engine.h"
#include "proxy/config.h"
#include "proxy/log.h"

#define WELCOMES_MAX 64		/* kinds of startup settings remembered */
#define ROUTES_MAX 1024		/* users times databases */
#define CLEAN_TIMEOUT_MS 5000	/* to bring an abandoned backend back */

/* What a server reported to a session that asked for these settings. */
struct welcome {
	struct settings *settings;
	struct parameters *parameters;
	struct list link;	/* by use, the oldest first */
};

/* One configured database. */
struct entry {
	const struct config_database *config;
	struct worker *worker;
	struct pool_bound bound;
	struct guard *guard;
	struct lite_engine *engine;	/* NULL: Postgres */
	bool has_user, has_database;	/* its URL names one */
	unsigned sessions;	/* that have joined, over all its routes */
	bool follows_sequences;
};

struct route {
	struct entry *entry;
	struct worker *worker;
	char *key;		/* "database\nuser" */
	char *database, *user;
	struct pool pool;
	struct channels *channels;	/* NULL: nobody ever listened */
	struct pool listening;	/* of the one connection for that */
	struct pool_bound listening_bound;
	struct list welcomes;
	unsigned welcome_count;
	unsigned sessions;
	UT_hash_handle hh;
};

struct routes {
	struct route *by_key;
	struct entry *entries;
	unsigned entry_count;
	unsigned pools_left;	/* while closing */
	unsigned engines_left;
	void (*on_closed)(struct worker *);
};

/* --- reports ------------------------------------------------------------ */

static void forget_welcome(struct route *route, struct welcome *welcome)
{
	list_remove(&welcome->link);
	route->welcome_count--;
	settings_unref(&welcome->settings);
	parameters_unref(&welcome->parameters);
	free(welcome);
}

static void forget_welcomes(struct route *route)
{
	while (!list_empty(&route->welcomes))
		forget_welcome(route, LIST_ENTRY(list_first(&route->welcomes),
						 struct welcome, link));
}

/* A server that was changed or replaced says other things than before. */
static void check_welcomes(struct route *route, const struct backend *backend)
{
	const struct parameters *known = route_welcome(route, NULL);

	if (known && !parameters_equal(known, backend->parameters))
		forget_welcomes(route);
}

static void on_opened(void *context, struct pool *pool,
		      struct backend *backend)
{
	struct route *route = context;

	check_welcomes(route, backend);
	route->worker->counters.servers_opened++;
	log_debug("server connected", "pool", pool->name, "server",
		  backend->id);
}

static void on_open_failed(void *context, struct pool *pool,
			   const struct error *error, uint64_t retry_ms)
{
	struct route *route = context;

	route->worker->counters.servers_failed++;
	log_warn("cannot connect to the database", "pool", pool->name,
		 "sqlstate", error->sqlstate, "error", error->message,
		 "retry_ms", retry_ms);
}

static void on_closed(void *context, struct pool *pool,
		      struct backend *backend, enum close_reason reason)
{
	static const char *const words[] = {
		[CLOSE_LOST] = "lost", [CLOSE_LIFETIME] = "lifetime",
		[CLOSE_IDLE] = "idle", [CLOSE_UNCLEAN] = "unclean",
		[CLOSE_EVICTED] = "evicted", [CLOSE_STOPPING] = "stopping",
	};
	struct route *route = context;

	route->worker->counters.servers_closed++;
	log_debug("server closed", "pool", pool->name, "server", backend->id,
		  "reason", words[reason]);
}

static void on_leased(void *context, struct pool *pool, uint64_t waited_ms)
{
	struct counters *counters = &((struct route *)context)->worker->counters;

	counters->leases++;
	counters->lease_wait_ms += waited_ms;
	if (waited_ms > counters->lease_wait_max_ms)
		counters->lease_wait_max_ms = waited_ms;
}

static void on_queue_timeout(void *context, struct pool *pool,
			     uint64_t waited_ms)
{
	struct route *route = context;

	route->worker->counters.queue_timeouts++;
	log_warn("a client waited too long for a server", "pool", pool->name,
		 "waited_ms", waited_ms, "waiting",
		 (uint64_t)pool->waiting_count);
}

static void check_all_closed(struct routes *routes, struct worker *worker)
{
	if (!routes->pools_left && !routes->engines_left && routes->on_closed)
		routes->on_closed(worker);
}

static void on_engine_closed(void *context)
{
	struct entry *entry = context;
	struct routes *routes = entry->worker->routes;

	entry->engine = NULL;
	routes->engines_left--;
	check_all_closed(routes, entry->worker);
}

static void close_engines(struct routes *routes)
{
	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].engine)
			routes->engines_left++;
	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].engine)
			lite_engine_close(routes->entries[i].engine,
					  on_engine_closed,
					  &routes->entries[i]);
}

static void on_emptied(void *context, struct pool *pool)
{
	struct route *route = context;
	struct routes *routes = route->worker->routes;

	if (--routes->pools_left)
		return;
	close_engines(routes);
	check_all_closed(routes, route->worker);
}

static const struct pool_report report = {
	.opened = on_opened,
	.open_failed = on_open_failed,
	.closed = on_closed,
	.leased = on_leased,
	.queue_timeout = on_queue_timeout,
	.emptied = on_emptied,
};

/* --- opening ------------------------------------------------------------ */

static struct backend *open_backend(void *opener, struct pool *pool,
				    struct error *error)
{
	struct route *route = opener;
	const struct config_database *config = route->entry->config;
	struct pg_target target = {
		.conninfo = config->url.target,
		.user = route->entry->has_user ? NULL : route->user,
		.database = route->entry->has_database ? NULL :
			    route->database,
		.connect_timeout_ms = config->server_connect_timeout_ms,
		.production = route->worker->config->environment ==
			      ENVIRONMENT_PRODUCTION,
	};

	if (route->entry->engine)
		return lite_backend_new(route->entry->engine, pool,
					route->user, route->database);
	return pg_server_open(route->worker->loop, pool, &target,
			      &route->worker->shared, error);
}

static bool open_engine(struct entry *entry, struct error *error)
{
	const struct config_database *config = entry->config;
	const char **tables = must_alloc((config->audit_tables.count + 1) *
					 sizeof(*tables));
	struct lite_options options = {
		.path = config->url.target,
		.readers = config->sqlite_readers,
		.protected_tables = tables,
	};
	int status;

	for (unsigned i = 0; i < config->audit_tables.count; i++)
		tables[i] = config->audit_tables.items[i];
	status = lite_engine_open(entry->worker->loop, &options,
				  &entry->engine, error);
	free(tables);
	return status == 0;
}

static bool open_entry(struct entry *entry, struct worker *worker,
		       const struct config_database *config,
		       struct error *error)
{
	bool sqlite = config->url.kind == BACKEND_URL_SQLITE;

	entry->config = config;
	entry->worker = worker;
	entry->bound.backends_max = config->pool_size;
	list_init(&entry->bound.pools);
	if (config->audit_tables.count) {
		entry->guard = guard_new(
			(const char *const *)config->audit_tables.items,
			config->audit_tables.count, sqlite, error);
		if (!entry->guard)
			return false;
	}
	if (sqlite)
		return open_engine(entry, error);
	return pg_conninfo_check(config->url.target, &entry->has_user,
				 &entry->has_database, error);
}

bool routes_open(struct worker *worker, struct routes **ret_routes,
		 struct error *error)
{
	const struct config *config = worker->config;
	struct routes *routes = must_alloc(sizeof(*routes));

	*ret_routes = routes;
	routes->entries = must_alloc(config->database_count *
				     sizeof(*routes->entries));
	for (unsigned i = 0; i < config->database_count; i++) {
		routes->entry_count++;
		if (!open_entry(&routes->entries[i], worker,
				&config->databases[i], error))
			return false;
	}
	return true;
}

/* --- finding ------------------------------------------------------------ */

static struct entry *find_entry(struct routes *routes, const char *database)
{
	struct entry *any = NULL;

	for (unsigned i = 0; i < routes->entry_count; i++) {
		struct entry *entry = &routes->entries[i];

		if (strcmp(entry->config->name, database) == 0)
			return entry;
		if (strcmp(entry->config->name, "*") == 0)
			any = entry;
	}
	return any;
}

static struct pool_limits limits_of(const struct config_database *config)
{
	return (struct pool_limits){
		.backends_min = config->min_pool_size,
		.queue_timeout_ms = config->queue_timeout_ms,
		.lifetime_ms = config->server_lifetime_ms,
		.idle_timeout_ms = config->server_idle_timeout_ms,
		.clean_timeout_ms = CLEAN_TIMEOUT_MS,
		.reset_on_release = config->pool_mode == POOL_MODE_SESSION,
		.rotate = config->strict_dev,
	};
}

static struct route *add_route(struct worker *worker, struct entry *entry,
			       const char *database, const char *user,
			       char *key)
{
	const struct config_database *config = entry->config;
	struct route *route = must_alloc(sizeof(*route));
	struct buffer name = { 0 };
	struct pool_limits limits = limits_of(config);

	route->entry = entry;
	route->worker = worker;
	route->key = key;
	route->database = must_dup(database);
	route->user = must_dup(user);
	list_init(&route->welcomes);
	buffer_printf(&name, "%s/%s", database, user);
	pool_init(&route->pool, buffer_cstring(&name), &limits, &entry->bound,
		  &report, route);
	buffer_fini(&name);
	route->pool.open = open_backend;
	route->pool.opener = route;
	HASH_ADD_KEYPTR(hh, worker->routes->by_key, route->key,
			strlen(route->key), route);
	return route;
}

struct route *route_find(struct worker *worker, const char *database,
			 const char *user, struct error *error)
{
	struct routes *routes = worker->routes;
	struct entry *entry = find_entry(routes, database);
	struct buffer key = { 0 };
	struct route *route;

	if (!entry) {
		error_set(error, SQLSTATE_INVALID_DATABASE,
			  "database \"%.63s\" does not exist", database);
		return NULL;
	}
	buffer_printf(&key, "%s\n%s", database, user);
	HASH_FIND(hh, routes->by_key, key.bytes, key.length, route);
	if (!route && HASH_COUNT(routes->by_key) >= ROUTES_MAX) {
		error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
			  "too many different users and databases");
	} else if (!route) {
		route = add_route(worker, entry, database, user,
				  slice_dup(buffer_slice(&key)));
	}
	buffer_fini(&key);
	return route;
}

/* --- limits on clients --------------------------------------------------- */

/* The entry "*" has routes of one user to several databases. */
static unsigned sessions_of_user(const struct route *route)
{
	struct route *each, *next;
	unsigned count = 0;

	HASH_ITER(hh, route->worker->routes->by_key, each, next)
		if (each->entry == route->entry &&
		    strcmp(each->user, route->user) == 0)
			count += each->sessions;
	return count;
}

static bool has_room(const struct route *route, struct error *error)
{
	const struct config_database *limits = route->entry->config;
	const struct worker *worker = route->worker;

	if (worker->client_count >= worker->config->max_client_conn)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "sorry, too many clients already");
	if (limits->max_db_client_connections &&
	    route->entry->sessions >= limits->max_db_client_connections)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "too many connections for database \"%.63s\"",
				 route->database);
	if (limits->max_user_client_connections &&
	    sessions_of_user(route) >= limits->max_user_client_connections)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "too many connections for role \"%.63s\"",
				 route->user);
	return true;
}

bool route_join(struct session *session, struct route *route,
		struct error *error)
{
	if (!has_room(route, error)) {
		route->worker->counters.sessions_refused++;
		return false;
	}
	session->route = route;
	session->joined = true;
	route->sessions++;
	route->entry->sessions++;
	route->worker->client_count++;
	return true;
}

/* The pointer stays for what is still to be done with a closing session. */
void route_leave(struct session *session)
{
	struct route *route = session->route;

	if (!session->joined)
		return;
	session->joined = false;
	route->sessions--;
	route->entry->sessions--;
	route->worker->client_count--;
}

/* --- what a session asks ------------------------------------------------ */

struct pool *route_pool(struct route *route)
{
	return &route->pool;
}

struct guard *route_guard(struct route *route)
{
	return route->entry->guard;
}

const struct config_database *route_database(const struct route *route)
{
	return route->entry->config;
}

unsigned route_statements_max(const struct route *route)
{
	return route->entry->config->max_prepared_statements;
}

static uint64_t now_of(void *context)
{
	return worker_now(((struct route *)context)->worker);
}

/* Outside the bound of the database, as the manual says. */
struct channels *route_channels(struct route *route)
{
	struct pool_limits limits = route->pool.limits;

	if (route->channels)
		return route->channels;
	limits.backends_min = 0;
	limits.reset_on_release = false;
	limits.lifetime_ms = 0;
	route->listening_bound.backends_max = 1;
	list_init(&route->listening_bound.pools);
	pool_init(&route->listening, route->pool.name, &limits,
		  &route->listening_bound, &report, route);
	route->listening.open = open_backend;
	route->listening.opener = route;
	route->channels = channels_new(&route->listening, now_of, route);
	return route->channels;
}

bool route_follows_sequences(const struct route *route)
{
	return route->entry->follows_sequences ||
	       route->entry->config->sequence_state == SEQUENCE_STATE_PIN;
}

void route_learn_sequences(struct route *route)
{
	if (route_follows_sequences(route))
		return;
	route->entry->follows_sequences = true;
	log_info("currval or lastval was asked for: sessions that advance a "
		 "sequence are pinned from now on", "database",
		 route->database);
}

bool route_keeps_lease(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_SESSION;
}

bool route_is_per_statement(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_STATEMENT;
}

/* --- welcomes ----------------------------------------------------------- */

struct parameters *route_welcome(struct route *route,
				 const struct settings *settings)
{
	LIST_EACH(link, &route->welcomes) {
		struct welcome *welcome = LIST_ENTRY(link, struct welcome,
						     link);

		if (!settings_equal(welcome->settings, settings))
			continue;
		list_remove(&welcome->link);
		list_append(&route->welcomes, &welcome->link);
		return welcome->parameters;
	}
	return NULL;
}

void route_learn_welcome(struct route *route, const struct settings *settings,
			 struct parameters *parameters)
{
	struct welcome *welcome = must_alloc(sizeof(*welcome));

	if (route->welcome_count >= WELCOMES_MAX)
		forget_welcome(route, LIST_ENTRY(list_first(&route->welcomes),
						 struct welcome, link));
	welcome->settings = settings_ref((struct settings *)(uintptr_t)
					 settings);
	welcome->parameters = parameters_ref(parameters);
	list_append(&route->welcomes, &welcome->link);
	route->welcome_count++;
}

/* --- all of them -------------------------------------------------------- */

void routes_reload(struct worker *worker, const struct config *config)
{
	struct routes *routes = worker->routes;
	struct route *route, *next;

	for (unsigned i = 0; i < routes->entry_count; i++) {
		struct entry *entry = &routes->entries[i];
		const struct config_database *found =
			config_database(config, entry->config->name);

		if (!found)
			continue;	/* needs a restart; the log said so */
		entry->config = found;
		entry->bound.backends_max = found->pool_size;
	}
	HASH_ITER(hh, routes->by_key, route, next)
		route->pool.limits = limits_of(route->entry->config);
}

static void tick_route(struct route *route, uint64_t now_ms)
{
	pool_tick(&route->pool, now_ms);
	if (route->channels)
		pool_tick(&route->listening, now_ms);
}

void routes_tick(struct worker *worker, uint64_t now_ms)
{
	struct route *route, *next;

	HASH_ITER(hh, worker->routes->by_key, route, next)
		tick_route(route, now_ms);
}

static bool limits_leases(const struct config_database *limits)
{
	return limits->query_timeout_ms || limits->transaction_timeout_ms ||
	       limits->idle_transaction_timeout_ms;
}

void routes_each_lease(struct worker *worker,
		       void (*visit)(struct backend *, uint64_t now_ms),
		       uint64_t now_ms)
{
	struct route *route, *next;

	HASH_ITER(hh, worker->routes->by_key, route, next) {
		if (!limits_leases(route->entry->config))
			continue;
		LIST_EACH_SAFE(link, &route->pool.leased)
			visit(LIST_ENTRY(link, struct backend, link), now_ms);
	}
}

bool routes_ready(struct worker *worker)
{
	struct route *route, *next;

	HASH_ITER(hh, worker->routes->by_key, route, next)
		if (route->pool.backoff_ms && !route->pool.backend_count)
			return false;
	return true;
}

void routes_each_pool(struct worker *worker,
		      void (*visit)(void *context, const char *database,
				    const struct pool *),
		      void *context)
{
	struct route *route, *next;

	HASH_ITER(hh, worker->routes->by_key, route, next)
		visit(context, route->database, &route->pool);
}

void routes_each_engine(struct worker *worker,
			void (*visit)(void *context, const char *database,
				      struct lite_engine *),
			void *context)
{
	struct routes *routes = worker->routes;

	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].engine)
			visit(context, routes->entries[i].config->name,
			      routes->entries[i].engine);
}

static void stop_pool(struct pool *pool)
{
	pool_stop(pool);
	pool_kill(pool);
}

static void stop_route(struct route *route)
{
	stop_pool(&route->pool);
	if (!route->channels)
		return;
	channels_stop(route->channels);
	stop_pool(&route->listening);
}

void routes_close(struct worker *worker, void (*on_all_closed)(struct worker *))
{
	struct routes *routes = worker->routes;
	struct route *route, *next;

	routes->on_closed = on_all_closed;
	routes->pools_left = HASH_COUNT(routes->by_key);
	HASH_ITER(hh, routes->by_key, route, next)
		routes->pools_left += route->channels != NULL;
	if (!routes->pools_left) {
		close_engines(routes);
		check_all_closed(routes, worker);
		return;
	}
	HASH_ITER(hh, routes->by_key, route, next)
		stop_route(route);
}

static void free_route(struct routes *routes, struct route *route)
{
	HASH_DELETE(hh, routes->by_key, route);
	forget_welcomes(route);
	if (route->channels)
		pool_fini(&route->listening);
	channels_free(&route->channels);
	pool_fini(&route->pool);
	free(route->key);
	free(route->database);
	free(route->user);
	free(route);
}

void routes_free(struct routes **pointer)
{
	struct routes *routes = *pointer;
	struct route *route, *next;

	*pointer = NULL;
	HASH_ITER(hh, routes->by_key, route, next)
		free_route(routes, route);
	for (unsigned i = 0; i < routes->entry_count; i++)
		guard_free(&routes->entries[i].guard);
	free(routes->entries);
	free(routes);
}
