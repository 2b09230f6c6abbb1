#include "pool/sqlite/engine_plan.h"

#include <pthread.h>
#include <stdlib.h>

#include "pool/sqlite/engine_inner.h"

/* --- plans -------------------------------------------------------------------- */

struct lite_plans {
	pthread_mutex_t lock;
	struct lite_plan *by_key;
	struct list by_use;	/* the most recently used first */
	unsigned count;
};

static atomic_uint_fast64_t last_id;

struct lite_plan *lite_plan_new(void)
{
	struct lite_plan *plan = must_alloc(sizeof(*plan));

	atomic_init(&plan->references, 1);
	plan->id = atomic_fetch_add(&last_id, 1) + 1;
	list_init(&plan->link);
	plan->read_only = plan->deferrable = -1;
	return plan;
}

struct lite_plan *lite_plan_ref(struct lite_plan *plan)
{
	if (plan)
		atomic_fetch_add(&plan->references, 1);
	return plan;
}

void lite_plan_unref(struct lite_plan **plan_address)
{
	struct lite_plan *plan = *plan_address;

	*plan_address = NULL;
	if (!plan || atomic_fetch_sub(&plan->references, 1) != 1)
		return;
	arena_fini(&plan->arena);
	lite_plan_unref(&plan->inner);
	if (plan->schema)
		schema_unref(&plan->schema);
	free((void *)(uintptr_t)plan->key.at);
	free(plan);
}

struct lite_plans *lite_plans_new(void)
{
	struct lite_plans *plans = must_alloc(sizeof(*plans));

	pthread_mutex_init(&plans->lock, NULL);
	list_init(&plans->by_use);
	return plans;
}

static void drop(struct lite_plans *plans, struct lite_plan *plan)
{
	HASH_DEL(plans->by_key, plan);
	list_remove(&plan->link);
	plans->count--;
	lite_plan_unref(&plan);
}

void lite_plans_free(struct lite_plans **plans_address)
{
	struct lite_plans *plans = *plans_address;
	struct list *link;

	*plans_address = NULL;
	if (!plans)
		return;
	while ((link = list_first(&plans->by_use)))
		drop(plans, LIST_ENTRY(link, struct lite_plan, link));
	pthread_mutex_destroy(&plans->lock);
	free(plans);
}

struct lite_plan *lite_plans_find(struct lite_plans *plans, struct slice key)
{
	struct lite_plan *plan;

	pthread_mutex_lock(&plans->lock);
	HASH_FIND(hh, plans->by_key, key.at, key.length, plan);
	if (plan) {
		list_remove(&plan->link);
		list_prepend(&plans->by_use, &plan->link);
		lite_plan_ref(plan);
	}
	pthread_mutex_unlock(&plans->lock);
	return plan;
}

void lite_plans_keep(struct lite_plans *plans, struct lite_plan *plan,
		     struct slice key)
{
	struct lite_plan *other;

	if (key.length > LITE_PLAN_BYTES_MAX || plan->key.length)
		return;
	pthread_mutex_lock(&plans->lock);
	HASH_FIND(hh, plans->by_key, key.at, key.length, other);
	if (!other) {
		plan->key = slice_make(slice_dup(key), key.length);
		lite_plan_ref(plan);
		HASH_ADD_KEYPTR(hh, plans->by_key, plan->key.at,
				plan->key.length, plan);
		list_prepend(&plans->by_use, &plan->link);
		plans->count++;
	}
	if (plans->count > LITE_PLANS_MAX)
		drop(plans, LIST_ENTRY(plans->by_use.prev, struct lite_plan,
				       link));
	pthread_mutex_unlock(&plans->lock);
}

/* --- what a connection prepared ---------------------------------------------------- */

struct lite_plan_cache {
	struct lite_prepared *by_plan;
	struct list by_use;
	unsigned count;
};

struct lite_plan_cache *lite_plan_cache_new(void)
{
	struct lite_plan_cache *cache = must_alloc(sizeof(*cache));

	list_init(&cache->by_use);
	return cache;
}

static void forget(struct lite_plan_cache *cache,
		   struct lite_prepared *prepared)
{
	HASH_DEL(cache->by_plan, prepared);
	list_remove(&prepared->link);
	cache->count--;
	sqlite3_finalize(prepared->statement);
	free(prepared);
}

void lite_plan_cache_free(struct lite_plan_cache **cache_address)
{
	struct lite_plan_cache *cache = *cache_address;
	struct list *link;

	*cache_address = NULL;
	if (!cache)
		return;
	while ((link = list_first(&cache->by_use)))
		forget(cache, LIST_ENTRY(link, struct lite_prepared, link));
	free(cache);
}

static void shrink(struct lite_plan_cache *cache)
{
	LIST_EACH_SAFE(link, &cache->by_use) {
		struct lite_prepared *oldest =
			LIST_ENTRY(cache->by_use.prev, struct lite_prepared,
				   link);

		if (cache->count <= LITE_PREPARED_MAX || oldest->in_use)
			return;
		forget(cache, oldest);
	}
}

static struct lite_prepared *find(struct lite_plan_cache *cache, uint64_t id)
{
	struct lite_prepared *prepared;

	HASH_FIND(hh, cache->by_plan, &id, sizeof(id), prepared);
	if (!prepared || prepared->in_use)
		return NULL;
	list_remove(&prepared->link);
	list_prepend(&cache->by_use, &prepared->link);
	return prepared;
}

static void keep(struct lite_plan_cache *cache, struct lite_prepared *prepared)
{
	struct lite_prepared *other;

	HASH_FIND(hh, cache->by_plan, &prepared->plan, sizeof(prepared->plan),
		  other);
	if (other)
		return;		/* it is in use: this one is a second copy */
	prepared->kept = true;
	HASH_ADD(hh, cache->by_plan, plan, sizeof(prepared->plan), prepared);
	list_prepend(&cache->by_use, &prepared->link);
	cache->count++;
	shrink(cache);
}

static int prepare(struct lite_connection *connection, const char *sql,
		   sqlite3_stmt **ret_statement)
{
	return sqlite3_prepare_v3(connection->db, sql, -1,
				  SQLITE_PREPARE_PERSISTENT, ret_statement,
				  NULL);
}

/* The authorizer speaks of the schema that SQLite remembers, before it is
 * compared with the file: another program may have taken away what is
 * refused. Running any statement compares. */
static int prepare_anew(struct lite_connection *connection, const char *sql,
			sqlite3_stmt **ret_statement)
{
	sqlite3_exec(connection->db, "SELECT 1 FROM main.sqlite_master LIMIT 1",
		     NULL, NULL, NULL);
	connection->denied[0] = 0;
	return prepare(connection, sql, ret_statement);
}

int lite_prepare(struct lite_connection *connection,
		 const struct lite_plan *plan,
		 struct lite_prepared **ret_prepared)
{
	struct lite_plan_cache *cache = connection->plans;
	struct lite_prepared *prepared = find(cache, plan->id);
	int code;

	if (!prepared) {
		prepared = must_alloc(sizeof(*prepared));
		prepared->plan = plan->id;
		list_init(&prepared->link);
		code = prepare(connection, plan->compiled.sql,
			       &prepared->statement);
		if (code == SQLITE_AUTH)
			code = prepare_anew(connection, plan->compiled.sql,
					    &prepared->statement);
		if (code != SQLITE_OK) {
			free(prepared);
			return code;
		}
		prepared->in_use = true;
		if (plan->key.length)
			keep(cache, prepared);
	}
	prepared->in_use = true;
	*ret_prepared = prepared;
	return SQLITE_OK;
}

void lite_prepared_end(struct lite_prepared **prepared_address)
{
	struct lite_prepared *prepared = *prepared_address;

	*prepared_address = NULL;
	if (!prepared)
		return;
	sqlite3_reset(prepared->statement);
	sqlite3_clear_bindings(prepared->statement);
	prepared->in_use = false;
	if (prepared->kept)
		return;
	sqlite3_finalize(prepared->statement);
	free(prepared);
}
