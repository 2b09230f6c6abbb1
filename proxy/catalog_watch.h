/*
 * The watch on a database's catalog: it keeps what the guard knows of it
 * (guard_catalog.h) as new as the last look, for one identity: a server role
 * in a database. Postgres only, and only where tables are guarded.
 *
 * Once a second, or when somebody asks, it has a number computed from the
 * rows of the system catalogs that matter; when that is not the number of
 * before, everything is read again. All on the connection that also listens
 * (pool/channel.h), outside the pool's bound; where the server has no place
 * for it, the pool's servers come first, and the log says what is missing.
 * What weir's role could do without weir (audit_report.h) is read with it, and
 * told when it has changed.
 *
 *     RESTING ── a second, a wait, DDL ──► COMPARING ── as before ──► RESTING
 *                                              │ other
 *                                              └──► LOADING ────────► RESTING
 *
 * Everything on the loop thread.
 */
#ifndef WEIR_PROXY_CATALOG_WATCH_H
#define WEIR_PROXY_CATALOG_WATCH_H

#include "pool/channel.h"
#include "proxy/audit_findings.h"
#include "proxy/guard_catalog.h"

struct catalog_watch;
struct guard;
struct route;

/* --- for sessions (route_catalog.c) --------------------------------------- */

struct catalog_wait {
	struct list link;	/* zeroed: waiting for nothing */
	void *holder;
	/* Called from the loop. `loaded`: what is known now was read after
	 * the wait began; else it could not be had. */
	void (*on_ready)(struct catalog_wait *, bool loaded);
};

/* Whether a catalog is kept for this route, be it loaded or not. */
bool route_keeps_catalog(const struct route *);
/* What is known, borrowed: hold it by catalog_ref(). NULL: none is kept, or
 * none was loaded yet. */
struct guard_catalog *route_catalog(struct route *);
/* None was loaded, and there is no connection for it at present: nobody need
 * wait. */
bool route_lacks_catalog(const struct route *);
/* Only where one is kept. Those who wait share one reading. */
void route_await_catalog(struct route *, struct catalog_wait *);
/* The last look at any database that was begun: they are numbered. */
uint64_t catalog_last_look(void);
/* The same for what any role of this database, by whichever entry, knows by
 * that look or an earlier one. False: there is nothing of the kind. */
bool route_await_older(struct route *, uint64_t look, struct catalog_wait *);
bool route_has_older(const struct route *, uint64_t look);
void catalog_unwait(struct catalog_wait *);

/* --- for routes ------------------------------------------------------------ */

/* Where it looks, for the log; borrowed. */
struct catalog_place {
	const char *database;
	const char *role;	/* whom the database knows */
	const char *pool;
};

struct catalog_keeper {
	uint64_t (*now_ms)(void *context);
	/* Which database the server says this is: a text that no other has,
	 * as of every look. */
	void (*found)(void *context, const char *home);
};

struct catalog_watch *catalog_watch_new(struct channels *, struct guard *,
					const struct config_database *,
					const struct catalog_place *,
					const struct catalog_keeper *,
					void *context);
/* One more or one fewer uses it. It looks only while it is used, and a while
 * longer. */
void catalog_watch_use(struct catalog_watch *);
void catalog_watch_leave(struct catalog_watch *);
void catalog_watch_tick(struct catalog_watch *, uint64_t now_ms);
/* Its connection could not be opened. */
void catalog_watch_lacks(struct catalog_watch *, const struct error *);
/* The server has no place for another connection of the pool: the watch gives
 * up its own for a while. */
void catalog_watch_yield(struct catalog_watch *);
/* Nothing is looked at any more; who waits is told so. */
void catalog_watch_stop(struct catalog_watch *);
void catalog_watch_free(struct catalog_watch **);

struct guard_catalog *catalog_watch_catalog(const struct catalog_watch *);
bool catalog_watch_is_blind(const struct catalog_watch *);
void catalog_watch_await(struct catalog_watch *, struct catalog_wait *);
/* What it knows, or is about to, is by that look or an earlier one. */
bool catalog_watch_is_older(const struct catalog_watch *, uint64_t look);

/* For metrics: false before the first was loaded. */
bool catalog_watch_age(const struct catalog_watch *, uint64_t *ret_age_ms);
/* Whether the database was asked for findings. */
bool catalog_watch_knows_findings(const struct catalog_watch *);
uint64_t catalog_watch_findings(const struct catalog_watch *, enum severity);

#endif
