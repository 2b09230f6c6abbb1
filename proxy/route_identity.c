/*
 * Identities: the pool of a server role in a database, what opens its
 * backends, what it reports, and what its servers say to new clients.
 */
#include "proxy/route_inner.h"

#include <stdlib.h>

#include "pool/sqlite/files.h"
#include "protocol/search_path.h"
#include "proxy/log.h"

#define WELCOMES_MAX 64		/* kinds of startup settings remembered */
#define CLEAN_TIMEOUT_MS 5000	/* to bring an abandoned backend back */

/* What a server reported to a session that asked for these settings. */
struct welcome {
	struct settings *settings;
	struct parameters *parameters;
	struct list link;	/* by use, the oldest first */
};

/* --- welcomes ----------------------------------------------------------- */

static void forget_welcome(struct identity *identity, struct welcome *welcome)
{
	list_remove(&welcome->link);
	identity->welcome_count--;
	settings_unref(&welcome->settings);
	parameters_unref(&welcome->parameters);
	free(welcome);
}

static void forget_welcomes(struct identity *identity)
{
	struct list *first;

	while ((first = list_first(&identity->welcomes)))
		forget_welcome(identity, LIST_ENTRY(first, struct welcome,
						    link));
}

struct parameters *identity_welcome(struct identity *identity,
				    const struct settings *settings)
{
	LIST_EACH(link, &identity->welcomes) {
		struct welcome *welcome = LIST_ENTRY(link, struct welcome,
						     link);

		if (!settings_equal(welcome->settings, settings))
			continue;
		list_remove(&welcome->link);
		list_append(&identity->welcomes, &welcome->link);
		return welcome->parameters;
	}
	return NULL;
}

/* A server that was changed or replaced says other things than before. */
static void check_welcomes(struct identity *identity,
			   const struct backend *backend)
{
	const struct parameters *known = identity_welcome(identity, NULL);

	if (known && !parameters_equal(known, backend->parameters))
		forget_welcomes(identity);
}

void identity_learn_welcome(struct identity *identity,
			    const struct settings *settings,
			    struct parameters *parameters)
{
	struct welcome *welcome = must_alloc(sizeof(*welcome));

	if (identity->welcome_count >= WELCOMES_MAX)
		forget_welcome(identity,
			       LIST_ENTRY(list_first(&identity->welcomes),
					  struct welcome, link));
	welcome->settings = settings_ref((struct settings *)(uintptr_t)
					 settings);
	welcome->parameters = parameters_ref(parameters);
	list_append(&identity->welcomes, &welcome->link);
	identity->welcome_count++;
}

/* --- the search path its servers start with ----------------------------- */

uint32_t identity_learn_path(struct identity *identity, struct slice value)
{
	char *text = slice_dup(value);

	if (identity->path.value && strcmp(identity->path.value, text) == 0) {
		free(text);
		return identity->path.id;
	}
	free(identity->path.value);
	identity->path.value = text;
	arena_reset(&identity->path.arena);
	identity->path.schemas = search_path_split(text, identity->role,
						   &identity->path.arena);
	identity->path.id = route_next_path_id();
	return identity->path.id;
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
	identity_opening_failed(identity, pool, error);
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

static const struct pool_report report = {
	.opened = on_opened,
	.open_failed = on_open_failed,
	.closed = on_closed,
	.leased = on_leased,
	.queue_timeout = on_queue_timeout,
	.emptied = routes_pool_emptied,
	.wake = routes_wake,
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
	struct lite_engine *engine = entry->engine;
	struct pg_target target;

	if (entry->files) {
		engine = lite_files_engine(entry->files, identity->database,
					   error);
		if (!engine)
			return NULL;
	}
	if (engine)
		return lite_backend_new(engine, pool, identity->role,
					identity->database);
	target = target_of(identity);
	return pg_server_open(worker->loop, pool, &target, &worker->shared,
			      error);
}

/* --- identities --------------------------------------------------------- */

struct pool_limits identity_limits(const struct entry *entry)
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
	struct pool_limits limits = identity_limits(entry);

	identity->entry = entry;
	identity->worker = worker;
	identity->key = key;
	identity->database = must_dup(database);
	identity->role = must_dup(role);
	identity->guard = entry_guard(entry, database);
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

struct identity *identity_find(struct worker *worker, struct entry *entry,
			       const char *database, const char *user)
{
	const struct pg_named *named = &entry->named;
	struct routes *routes = worker->routes;
	struct identity *identity;
	struct buffer key = { 0 };

	if (entry_takes_any(entry) && named->database)
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

/* --- listening ---------------------------------------------------------- */

static uint64_t now_of(void *context)
{
	return worker_now(((struct identity *)context)->worker);
}

/* Outside the bound of the database, as the manual says. */
struct channels *identity_channels(struct identity *identity)
{
	struct pool_limits limits = identity_limits(identity->entry);

	if (identity->channels)
		return identity->channels;
	limits.backends_min = 0;
	limits.reset_on_release = limits.rotate = false;
	limits.lifetime_ms = 0;
	identity->listening_bound.backends_max = 1;
	list_init(&identity->listening_bound.pools);
	pool_init(&identity->listening, identity->pool.name, &limits,
		  &identity->listening_bound, &report, identity);
	identity->listening.open = open_backend;
	identity->listening.opener = identity;
	identity->channels = channels_new(&identity->listening, now_of,
					  identity);
	return identity->channels;
}

void identity_free(struct routes *routes, struct identity *identity)
{
	HASH_DELETE(hh, routes->identities, identity);
	forget_welcomes(identity);
	catalog_watch_free(&identity->watch);
	if (identity->channels)
		pool_fini(&identity->listening);
	channels_free(&identity->channels);
	pool_fini(&identity->pool);
	free(identity->key);
	free(identity->database);
	free(identity->role);
	free(identity->path.value);
	arena_fini(&identity->path.arena);
	free(identity);
}
