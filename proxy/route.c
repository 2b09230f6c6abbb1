#include "proxy/route_inner.h"

#include <stdlib.h>

#include "pool/sqlite/files.h"
#include "proxy/retain_rule.h"

#define ROUTES_MAX 1024		/* users times databases */
#define NEVER UINT64_MAX

/* --- the end of a pool, and its next tick -------------------------------- */

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

static void on_files_closed(void *context)
{
	struct entry *entry = context;
	struct routes *routes = entry->worker->routes;

	entry->files = NULL;
	routes->engines_left--;
	check_all_closed(routes, entry->worker);
}

static void close_engines(struct routes *routes)
{
	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].engine || routes->entries[i].files)
			routes->engines_left++;
	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].files)
			lite_files_close(routes->entries[i].files,
					 on_files_closed);
	for (unsigned i = 0; i < routes->entry_count; i++)
		if (routes->entries[i].engine)
			lite_engine_close(routes->entries[i].engine,
					  on_engine_closed,
					  &routes->entries[i]);
}

void routes_pool_emptied(void *context, struct pool *pool)
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
void routes_wake(void *context, struct pool *pool, uint64_t at_ms)
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

/* --- opening ------------------------------------------------------------ */

#define NOTES_MAX 100		/* lines of one file; the rest is counted */

static void log_note(void *context, const char *object, const char *what)
{
	uint64_t *count = context;

	if ((*count)++ < NOTES_MAX)
		log_warn("not as Postgres would show it", "table", object,
			 "why", what);
}

/* A file of another program's may hold what no client will see. */
static void log_notes(struct lite_engine *engine)
{
	uint64_t count = 0;

	lite_engine_notes(engine, log_note, &count);
	if (count > NOTES_MAX)
		log_warn("more is not as Postgres would show it", "count",
			 count - NOTES_MAX);
}

static void on_engine_failed(void *context, const struct error *error)
{
	const struct entry *entry = context;

	log_error("a database file is served no more", "database",
		  entry->config->name, "sqlstate", error->sqlstate, "error",
		  error->message, "hint", error->hint);
}

static void on_file_opened(void *context, struct lite_engine *engine)
{
	log_notes(engine);
}

static bool is_in(const struct session *session, const struct entry *entry,
		  const char *database)
{
	return session->joined && session->route->entry == entry &&
	       strcmp(session->route->identity->database, database) == 0;
}

static void send_away(const struct entry *entry, const char *database)
{
	LIST_EACH_SAFE(link, &entry->worker->sessions) {
		struct session *session = LIST_ENTRY(link, struct session,
						     link);

		if (is_in(session, entry, database))
			session_end(session, SQLSTATE_ADMIN_SHUTDOWN,
				    "terminating connection due to "
				    "administrator command", NULL);
	}
}

/* A database is being dropped: its clients, where that is forced, and the
 * sessions that wait for some. */
static void on_file_closes(void *context, const char *database)
{
	struct entry *entry = context;
	struct identity *identity, *next;

	send_away(entry, database);
	HASH_ITER(hh, entry->worker->routes->identities, identity, next) {
		if (identity->entry != entry ||
		    strcmp(identity->database, database) != 0)
			continue;
		pool_kill(&identity->pool);
		if (identity->channels)
			pool_kill(&identity->listening);
	}
}

static const struct lite_files_report files_report = {
	.opened = on_file_opened,
	.closes = on_file_closes,
};

/* What of insert-only tables passes all the same; it lives as the entry. */
static void set_sanctions(struct entry *entry, struct lite_options *options)
{
	const struct option_list *rules = &entry->config->audit_retain;
	const struct option_list *users = &entry->config->audit_exempt_users;
	struct arena *arena = &entry->sanctions;
	struct lite_retention *retentions =
		arena_alloc(arena, (rules->count + 1) * sizeof(*retentions));
	const char **names =
		arena_alloc(arena, (users->count + 1) * sizeof(*names));
	struct retain_rule rule;

	for (unsigned i = 0; i < rules->count; i++) {
		if (retain_rule_read(rules->items[i], arena, &rule))
			continue;
		retentions[options->retention_count++] =
			(struct lite_retention){ rule.schema, rule.table,
						 rule.column, rule.age_s };
	}
	for (unsigned i = 0; i < users->count; i++)
		names[i] = arena_text(arena, users->items[i]);
	options->retentions = retentions;
	options->exempt_users = names;
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
		.on_failed = on_engine_failed,
		.context = entry,
	};
	int status;

	set_sanctions(entry, &options);
	for (unsigned i = 0; i < config->audit_tables.count; i++)
		tables[i] = config->audit_tables.items[i];
	if (strstr(config->url.target, FILES_PLACE)) {
		entry->files = lite_files_new(entry->worker->loop, &options,
					      &files_report, entry, error);
		free(tables);
		return entry->files;
	}
	status = lite_engine_open(entry->worker->loop, &options,
				  &entry->engine, error);
	free(tables);
	if (status == 0)
		log_notes(entry->engine);
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
	entry->config = config;
	entry->worker = worker;
	set_bound(entry);
	list_init(&entry->bound.pools);
	if (config->url.kind == BACKEND_URL_SQLITE)
		return open_engine(entry, error);
	return pg_named_read(config->url.target, &entry->named, error);
}

/* What the URL names is there from the start. */
static void warm(struct worker *worker, struct entry *entry)
{
	struct identity *identity;

	if (!entry->named.user ||
	    (entry_takes_any(entry) && !entry->named.database))
		return;
	if (!entry->config->min_pool_size && !entry_keeps_catalog(entry))
		return;
	identity = identity_find(worker, entry, entry->config->name,
				 entry->named.user);
	if (entry->config->min_pool_size)
		pool_warm(&identity->pool);
	identity_use(identity);
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
		if (entry_takes_any(entry))
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
	route->identity = identity_find(worker, entry, database, user);
	route->key = key;
	route->user = key + strlen(database) + 1;
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
	if (entry->files && !lite_files_exists(entry->files, database)) {
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

/* --- what a session asks ------------------------------------------------ */

struct pool *route_pool(struct route *route)
{
	return &route->identity->pool;
}

struct guard *route_guard(struct route *route)
{
	return route->identity->guard;
}

const struct config_database *route_database(const struct route *route)
{
	return route->entry->config;
}

unsigned route_statements_max(const struct route *route)
{
	return route->entry->config->max_prepared_statements;
}

struct channels *route_channels(struct route *route)
{
	return identity_channels(route->identity);
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
		 route->entry->config->name);
}

bool route_keeps_lease(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_SESSION;
}

bool route_is_per_statement(const struct route *route)
{
	return route->entry->config->pool_mode == POOL_MODE_STATEMENT;
}

bool route_is_sqlite(const struct route *route)
{
	return route->entry->config->url.kind == BACKEND_URL_SQLITE;
}

const char *route_role(const struct route *route)
{
	return route->identity->role;
}

const char *const *route_path(const struct route *route, uint32_t *ret_id)
{
	*ret_id = route->identity->path.schemas ? route->identity->path.id : 0;
	return route->identity->path.schemas;
}

uint32_t route_next_path_id(void)
{
	static uint32_t last;

	return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

uint32_t route_learn_path(struct route *route, struct slice value)
{
	return identity_learn_path(route->identity, value);
}

struct parameters *route_welcome(struct route *route,
				 const struct settings *settings)
{
	return identity_welcome(route->identity, settings);
}

void route_learn_welcome(struct route *route, const struct settings *settings,
			 struct parameters *parameters)
{
	identity_learn_welcome(route->identity, settings, parameters);
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
		identity->pool.limits = identity_limits(identity->entry);
}

void routes_tick(struct worker *worker, uint64_t now_ms)
{
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next) {
		pool_tick(&identity->pool, now_ms);
		if (identity->watch)
			catalog_watch_tick(identity->watch, now_ms);
		if (identity->channels)
			pool_tick(&identity->listening, now_ms);
	}
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
	struct identity *identity, *next;

	HASH_ITER(hh, worker->routes->identities, identity, next) {
		if (!limits_leases(identity->entry->config))
			continue;
		LIST_EACH_SAFE(link, &identity->pool.leased)
			visit(LIST_ENTRY(link, struct backend, link), now_ms);
	}
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

	for (unsigned i = 0; i < routes->entry_count; i++) {
		if (routes->entries[i].engine)
			visit(context, routes->entries[i].config->name,
			      routes->entries[i].engine);
		if (routes->entries[i].files)
			lite_files_each_engine(routes->entries[i].files,
					       visit, context);
	}
}

static void stop_pool(struct pool *pool)
{
	pool_stop(pool);
	pool_kill(pool);
}

static void stop_identity(struct identity *identity)
{
	stop_pool(&identity->pool);
	if (identity->watch)
		catalog_watch_stop(identity->watch);
	if (!identity->channels)
		return;
	channels_stop(identity->channels);
	stop_pool(&identity->listening);
}

void routes_close(struct worker *worker, void (*on_all_closed)(struct worker *))
{
	struct routes *routes = worker->routes;
	struct identity *identity, *next;

	routes->on_closed = on_all_closed;
	routes->pools_left = HASH_COUNT(routes->identities);
	HASH_ITER(hh, routes->identities, identity, next)
		routes->pools_left += identity->channels != NULL;
	if (!routes->pools_left) {
		close_engines(routes);
		check_all_closed(routes, worker);
		return;
	}
	HASH_ITER(hh, routes->identities, identity, next)
		stop_identity(identity);
}

static void free_route(struct routes *routes, struct route *route)
{
	HASH_DELETE(hh, routes->by_key, route);
	free(route->key);
	free(route);
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
		identity_free(routes, identity);
	for (unsigned i = 0; i < routes->entry_count; i++) {
		entry_free_guards(&routes->entries[i]);
		arena_fini(&routes->entries[i].sanctions);
		pg_named_fini(&routes->entries[i].named);
	}
	free(routes->entries);
	free(routes);
}
