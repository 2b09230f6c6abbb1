/*
 * Plans: what a statement's text has become. A plan is made once by the
 * compiler and shared by every session and thread; it is immutable and
 * reference counted. Each connection prepares a plan's SQLite text when it
 * first runs it, and keeps what it prepared.
 *
 *    text + types + environment ──► plan (shared) ──► sqlite3_stmt (per
 *                                                     connection)
 *
 * The environment is what else decides the meaning of a text: the schema's
 * generation, the search path, the time zone, who asks.
 */
#ifndef WEIR_POOL_SQLITE_ENGINE_PLAN_H
#define WEIR_POOL_SQLITE_ENGINE_PLAN_H

#include <stdatomic.h>

#include <sqlite3.h>
#include <uthash.h>

#include "protocol/dialect/compile.h"
#include "protocol/list.h"
#include "protocol/sql_facts.h"

#define LITE_PLANS_MAX 2000		/* kept by an engine */
#define LITE_PLAN_BYTES_MAX 65536	/* longer texts are not kept */
#define LITE_PREPARED_MAX 300		/* kept by a connection */

struct lite_connection;
struct lite_plans;

struct lite_plan {
	atomic_int references;
	uint64_t id;
	struct arena arena;
	struct compiled compiled;	/* node is NULL: the tree is gone */
	struct schema *schema;	/* compiled against; its own reference */
	struct lite_plan *inner;	/* of DECLARE and EXPLAIN: the query */
	struct slice text;	/* the statement's own, in the arena */
	const uint32_t *declared;	/* as in the Parse message */
	int declared_count;
	/* of utility statements */
	enum transaction_deed transaction;
	bool chain;		/* COMMIT AND CHAIN */
	const char *name;	/* of the savepoint */
	const char *isolation;	/* of BEGIN; NULL: not said */
	signed char read_only, deferrable;	/* -1: not said */
	bool exits;		/* allowed in a failed transaction */
	bool from_nothing;	/* a SELECT without FROM */
	bool temporary;		/* makes a temporary object */
	bool session_columns;	/* FETCH, EXECUTE: the session knows them */

	/* engine_plan.c's */
	atomic_bool constants_hold;	/* compiled.constants did not fail */
	struct slice key;	/* owned; empty: not in the cache */
	UT_hash_handle hh;
	struct list link;
};

struct lite_plans *lite_plans_new(void);
void lite_plans_free(struct lite_plans **);
/* NULL: not there. The caller gets a reference. */
struct lite_plan *lite_plans_find(struct lite_plans *, struct slice key);
/* Takes its own reference. */
void lite_plans_keep(struct lite_plans *, struct lite_plan *,
		     struct slice key);

struct lite_plan *lite_plan_new(void);
struct lite_plan *lite_plan_ref(struct lite_plan *);
void lite_plan_unref(struct lite_plan **);

/* What one connection prepared. */
struct lite_prepared {
	uint64_t plan;		/* the id */
	sqlite3_stmt *statement;
	bool in_use;
	bool kept;
	UT_hash_handle hh;
	struct list link;
};

struct lite_plan_cache *lite_plan_cache_new(void);
void lite_plan_cache_free(struct lite_plan_cache **);
/* The plan's SQL, ready to be bound; in use until lite_prepared_end(). A
 * SQLite code. */
int lite_prepare(struct lite_connection *, const struct lite_plan *,
		 struct lite_prepared **ret_prepared);
/* Resets it, forgets what was bound. */
void lite_prepared_end(struct lite_prepared **);

#endif
