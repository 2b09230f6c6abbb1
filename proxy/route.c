#include "proxy/route.h"

#include <assert.h>
#include <stdlib.h>

#include <uthash.h>

#include "pool/postgres/server.h"
#include "pool/sqlite/engine.h"
#include "proxy/config.h"
#include "proxy/log.h"

#define WELCOMES_MAX 64		/* kinds of startup settings remembered */
#define ROUTES_MAX 1024		/* users times databases */
#define CLEAN_TIMEOUT_MS 5000	/* to bring an abandoned backend back */
#define NEVER UINT64_MAX

/* What a server reported to a session that asked for these settings. */
struct welcome {
	struct settings *settings;
	struct buffer parameters;
	struct list link;	/* by use, the oldest first */
};

/* One configured database. */
struct entry {
	const struct config_database *config;
	struct worker *worker;
	struct pool_bound bound;
	struct guard *guard;
	struct lite_engine *engine;	/* NULL: Postgres */
	struct pg_named named;	/* by its URL; nothing for SQLite */
};

/* Who weir is to the server: a role in a database. All its servers are alike,
 * so all clients that come to the same identity share one pool. */
struct identity {
	struct entry *entry;
	struct worker *worker;
	char *key;		/* "entry\ndatabase\nrole" */
	char *database, *role;
	struct pool pool;
	struct list welcomes;
	unsigned welcome_count;
	UT_hash_handle hh;
};

struct route {
	struct entry *entry;
	struct identity *identity;
	struct pool_queue queue;	/* of this client user */
	char *key;		/* "database\nuser" */
	unsigned sessions;
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

/* --- welcomes ----------------------------------------------------------- */

static void forget_welcome(struct identity *identity, struct welcome *welcome)
{
	list_remove(&welcome->link);
	identity->welcome_count--;
	settings_unref(&welcome->settings);
	buffer_fini(&welcome->parameters);
	free(welcome);
}

static void forget_welcomes(struct identity *identity)
{
	struct list *first;

	while ((first = list_first(&identity->welcomes)))
		forget_welcome(identity, LIST_ENTRY(first, struct welcome,
						    link));
}

static const struct buffer *find_welcome(struct identity *identity,
					 const struct settings *settings)
{
	LIST_EACH(link, &identity->welcomes) {
		struct welcome *welcome = LIST_ENTRY(link, struct welcome,
						     link);

		if (!settings_equal(welcome->settings, settings))
			continue;
		list_remove(&welcome->link);
		list_append(&identity->welcomes, &welcome->link);
		return &welcome->parameters;
	}
	return NULL;
}

/* A server that was changed or replaced says other things than before. */
static void check_welcomes(struct identity *identity,
			   const struct backend *backend)
{
	const struct buffer *known = find_welcome(identity, NULL);

	if (known && !slice_equal(buffer_slice(known),
				  buffer_slice(&backend->parameters)))
		forget_welcomes(identity);
}

const struct buffer *route_welcome(struct route *route,
				   const struct settings *settings)
{
	return find_welcome(route->identity, settings);
}

void route_learn_welcome(struct route *route, const struct settings *settings,
			 const struct buffer *parameters)
{
	struct identity *identity = route->identity;
	struct welcome *welcome = must_alloc(sizeof(*welcome));

	if (identity->welcome_count >= WELCOMES_MAX)
		forget_welcome(identity,
			       LIST_ENTRY(list_first(&identity->welcomes),
					  struct welcome, link));
	welcome->settings = settings_ref((struct settings *)(uintptr_t)
					 settings);
	buffer_put_slice(&welcome->parameters, buffer_slice(parameters));
	list_append(&identity->welcomes, &welcome->link);
	identity->welcome_count++;
}

/* --- reports ------------------------------------------------------------ */

static void on_opened(void *context, struct pool *pool,
		      struct backend *backend)
{
	struct identity *identity = context;

	check_welcomes(identity, backend);
	identity->worker->counters.servers_opened++;
	log_debug("server connected", "pool", pool->name, "server",
		  backend->id);
}

static void on_open_failed(void *context, struct pool *pool,
			   const struct error *error, uint64_t retry_ms)
{
	struct identity *identity = context;

	identity->worker->counters.servers_failed++;
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
		[CLOSE_EVICTED] = "evicted", [CLOSE_SURPLUS] = "surplus",
		[CLOSE_OUTDATED] = "outdated", [CLOSE_PAUSED] = "paused",
		[CLOSE_KILLED] = "killed", [CLOSE_STOPPING] = "stopping",
	};
	struct identity *identity = context;

	identity->worker->counters.servers_closed++;
	log_debug("server closed", "pool", pool->name, "server", backend->id,
		  "reason", words[reason]);
}

static void on_leased(void *context, struct pool *pool, uint64_t waited_ms)
{
	struct identity *identity = context;
	struct counters *counters = &identity->worker->counters;

	counters->leases++;
	counters->lease_wait_ms += waited_ms;
	if (waited_ms > counters->lease_wait_max_ms)
		counters->lease_wait_max_ms = waited_ms;
}

static void on_queue_timeout(void *context, struct pool *pool,
			     uint64_t waited_ms)
{
	struct identity *identity = context;

	identity->worker->counters.queue_timeouts++;
	log_warn("a client waited too long for a server", "pool", pool->name,
		 "waited_ms", waited_ms, "waiting",
		 (uint64_t)pool->waiting_count);
}

static void check_all_closed(struct routes *routes, struct worker *worker)
{
	if (routes->pools_left || routes->engines_left || !routes->on_closed)
		return;
	if (routes->wake_open)
		uv_close((uv_handle_t *)&routes->wake, NULL);
	routes->wake_open = false;
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
	struct identity *identity = context;
	struct routes *routes = identity->worker->routes;

	if (--routes->pools_left)
		return;
	close_engines(routes);
	check_all_closed(routes, identity->worker);
}

static void on_wake(uv_timer_t *timer)
{
	struct worker *worker = timer->data;

	worker->routes->wake_at_ms = NEVER;
	routes_tick(worker, worker_now(worker));
}

/* One timer for all pools, at the earliest time that one has asked for. */
static void on_pool_wake(void *context, struct pool *pool, uint64_t at_ms)
{
	struct identity *identity = context;
	struct worker *worker = identity->worker;
	struct routes *routes = worker->routes;
	uint64_t now_ms = worker_now(worker);

	if (at_ms >= routes->wake_at_ms || routes->on_closed)
		return;
	if (!routes->wake_open) {
		uv_timer_init(worker->loop, &routes->wake);
		routes->wake.data = worker;
		routes->wake_open = true;
	}
	routes->wake_at_ms = at_ms;
	uv_timer_start(&routes->wake, on_wake,
		       at_ms > now_ms ? at_ms - now_ms : 0, 0);
}

static const struct pool_report report = {
	.opened = on_opened,
	.open_failed = on_open_failed,
	.closed = on_closed,
	.leased = on_leased,
	.queue_timeout = on_queue_timeout,
	.emptied = on_emptied,
	.wake = on_pool_wake,
};

/* --- opening ------------------------------------------------------------ */

static unsigned seconds_of(uint64_t ms)
{
	return (unsigned)((ms + 999) / 1000);
}

static struct pg_target target_of(const struct identity *identity)
{
	const struct entry *entry = identity->entry;
	const struct config_database *config = entry->config;

	return (struct pg_target){
		.conninfo = config->url.target,
		.user = entry->named.user ? NULL : identity->role,
		.database = entry->named.database ? NULL : identity->database,
		.connect_timeout_ms = config->server_connect_timeout_ms,
		.production = identity->worker->config->environment ==
			      ENVIRONMENT_PRODUCTION,
		.without_keepalive = !config->tcp_keepalive,
		.keepalive_idle_s = seconds_of(config->tcp_keepidle_ms),
		.keepalive_interval_s = seconds_of(config->tcp_keepintvl_ms),
		.keepalive_count = config->tcp_keepcnt,
		.user_timeout_ms = (unsigned)config->tcp_user_timeout_ms,
	};
}

static struct backend *open_backend(void *opener, struct pool *pool,
				    struct error *error)
{
	struct identity *identity = opener;
	struct entry *entry = identity->entry;
	struct worker *worker = identity->worker;
	struct pg_target target;

	if (entry->engine)
		return lite_backend_new(entry->engine, pool, identity->role,
					identity->database);
	target = target_of(identity);
	return pg_server_open(worker->loop, pool, &target, &worker->shared,
			      error);
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

static void set_bound(struct entry *entry)
{
	entry->bound.backends_max = entry->config->pool_size;
	entry->bound.reserve_max = entry->config->reserve_pool_size;
	entry->bound.pinned_max = entry->config->max_pinned_servers;
}

static bool open_entry(struct entry *entry, struct worker *worker,
		       const struct config_database *config,
		       struct error *error)
{
	bool sqlite = config->url.kind == BACKEND_URL_SQLITE;

	entry->config = config;
	entry->worker = worker;
	set_bound(entry);
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
	return pg_named_read(config->url.target, &entry->named, error);
}

/* --- identities --------------------------------------------------------- */

static bool takes_any(const struct entry *entry)
{
	return strcmp(entry->config->name, "*") == 0;
}

static struct pool_limits limits_of(const struct entry *entry)
{
	const struct config_database *config = entry->config;

	return (struct pool_limits){
		.backends_min = config->min_pool_size,
		.queue_timeout_ms = config->queue_timeout_ms,
		.reserve_timeout_ms = config->reserve_pool_timeout_ms,
		.lifetime_ms = config->server_lifetime_ms,
		.idle_timeout_ms = config->server_idle_timeout_ms,
		.clean_timeout_ms = CLEAN_TIMEOUT_MS,
		.reset_on_release = config->pool_mode == POOL_MODE_SESSION,
		.rotate = config->strict_dev,
		.follow_primary = entry->named.primary,
	};
}

static struct identity *add_identity(struct worker *worker,
				     struct entry *entry, const char *database,
				     const char *role, char *key)
{
	struct identity *identity = must_alloc(sizeof(*identity));
	struct buffer name = { 0 };
	struct pool_limits limits = limits_of(entry);

	identity->entry = entry;
	identity->worker = worker;
	identity->key = key;
	identity->database = must_dup(database);
	identity->role = must_dup(role);
	list_init(&identity->welcomes);
	buffer_printf(&name, "%s/%s", database, role);
	pool_init(&identity->pool, buffer_cstring(&name), &limits,
		  &entry->bound, &report, identity);
	buffer_fini(&name);
	identity->pool.open = open_backend;
	identity->pool.opener = identity;
	uv_random(NULL, NULL, &identity->pool.chance,
		  sizeof(identity->pool.chance), 0, NULL);
	HASH_ADD_KEYPTR(hh, worker->routes->identities, identity->key,
			strlen(identity->key), identity);
	return identity;
}

/* That of a client: what the URL names counts, else what the client said. */
static struct identity *find_identity(struct worker *worker,
				      struct entry *entry,
				      const char *database, const char *user)
{
	const struct pg_named *named = &entry->named;
	struct routes *routes = worker->routes;
	struct identity *identity;
	struct buffer key = { 0 };

	if (takes_any(entry) && named->database)
		database = named->database;
	if (named->user)
		user = named->user;
	buffer_printf(&key, "%s\n%s\n%s", entry->config->name, database,
		      user);
	HASH_FIND(hh, routes->identities, key.bytes, key.length, identity);
	if (!identity)
		identity = add_identity(worker, entry, database, user,
					slice_dup(buffer_slice(&key)));
	buffer_fini(&key);
	return identity;
}

/* Where it is known who weir will be, min_pool_size needs no client. */
static void warm(struct worker *worker, struct entry *entry)
{
	if (!entry->config->min_pool_size || !entry->named.user ||
	    (takes_any(entry) && !entry->named.database))
		return;
	pool_warm(&find_identity(worker, entry, entry->config->name,
				 entry->named.user)->pool);
}

bool routes_open(struct worker *worker, struct routes **ret_routes,
		 struct error *error)
{
	const struct config *config = worker->config;
	struct routes *routes = must_alloc(sizeof(*routes));

	*ret_routes = routes;
	routes->wake_at_ms = NEVER;
	routes->entries = must_alloc(config->database_count *
				     sizeof(*routes->entries));
	for (unsigned i = 0; i < config->database_count; i++) {
		routes->entry_count++;
		if (!open_entry(&routes->entries[i], worker,
				&config->databases[i], error))
			return false;
		warm(worker, &routes->entries[i]);
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
		if (takes_any(entry))
			any = entry;
	}
	return any;
}

static struct route *add_route(struct worker *worker, struct entry *entry,
			       const char *database, const char *user,
			       char *key)
{
	struct route *route = must_alloc(sizeof(*route));

	route->entry = entry;
	route->identity = find_identity(worker, entry, database, user);
	route->key = key;
	pool_queue_init(&route->queue);
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

void route_join(struct session *session, struct route *route)
{
	session->route = route;
	session->want.queue = &route->queue;
	route->sessions++;
}

void route_leave(struct session *session)
{
	if (session->route)
		session->route->sessions--;
	session->route = NULL;
}

/* --- what a session asks ------------------------------------------------ */

struct pool *route_pool(struct route *route)
{
	return &route->identity->pool;
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

bool route_keeps_lease(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_SESSION;
}

bool route_is_per_statement(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_STATEMENT;
}

/* --- all of them -------------------------------------------------------- */

void routes_reload(struct worker *worker, const struct config *config)
{
	struct routes *routes = worker->routes;
	struct identity *identity, *next;

	for (unsigned i = 0; i < routes->entry_count; i++) {
		struct entry *entry = &routes->entries[i];
		const struct config_database *found =
			config_database(config, entry->config->name);

		if (!found)
			continue;	/* needs a restart; the log said so */
		entry->config = found;
		set_bound(entry);
	}
	HASH_ITER(hh, routes->identities, identity, next)
		identity->pool.limits = limits_of(identity->entry);
}

void routes_tick(struct worker *worker, uint64_t now_ms)
{
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next)
		pool_tick(&identity->pool, now_ms);
}

bool routes_ready(struct worker *worker)
{
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next)
		if (identity->pool.backoff_ms && !identity->pool.backend_count)
			return false;
	return true;
}

void routes_each_pool(struct worker *worker,
		      void (*visit)(void *context, const char *database,
				    const struct pool *),
		      void *context)
{
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next)
		visit(context, identity->database, &identity->pool);
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

void routes_close(struct worker *worker, void (*on_all_closed)(struct worker *))
{
	struct routes *routes = worker->routes;
	struct identity *identity, *next;

	routes->on_closed = on_all_closed;
	routes->pools_left = HASH_COUNT(routes->identities);
	if (!routes->pools_left) {
		close_engines(routes);
		check_all_closed(routes, worker);
		return;
	}
	HASH_ITER(hh, routes->identities, identity, next)
		pool_stop(&identity->pool);
	HASH_ITER(hh, routes->identities, identity, next)
		pool_kill(&identity->pool);
}

static void free_route(struct routes *routes, struct route *route)
{
	HASH_DELETE(hh, routes->by_key, route);
	free(route->key);
	free(route);
}

static void free_identity(struct routes *routes, struct identity *identity)
{
	HASH_DELETE(hh, routes->identities, identity);
	forget_welcomes(identity);
	pool_fini(&identity->pool);
	free(identity->key);
	free(identity->database);
	free(identity->role);
	free(identity);
}

void routes_free(struct routes **pointer)
{
	struct routes *routes = *pointer;
	struct route *route, *next_route;
	struct identity *identity, *next;

	*pointer = NULL;
	HASH_ITER(hh, routes->by_key, route, next_route)
		free_route(routes, route);
	HASH_ITER(hh, routes->identities, identity, next)
		free_identity(routes, identity);
	for (unsigned i = 0; i < routes->entry_count; i++) {
		guard_free(&routes->entries[i].guard);
		pg_named_fini(&routes->entries[i].named);
	}
	free(routes->entries);
	free(routes);
}
