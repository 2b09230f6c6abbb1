#include "proxy/catalog_watch.h"

#include <stdlib.h>

#include "proxy/catalog_derive.h"
#include "proxy/catalog_look.h"
#include "proxy/catalog_sql.h"
#include "proxy/guard.h"
#include "proxy/log.h"

#define LOOK_EVERY_MS 1000
#define LOOKS_SHARE 10	/* of the time at most a tenth, */
#define REST_MAX_MS 5000	/* but not so seldom as this */
#define YIELD_MS 10000		/* before a place is asked for again */
#define READING_MAX_MS 15000
#define UNUSED_MAX_MS 60000	/* then it looks no more */

enum watch_state { WATCH_RESTING, WATCH_COMPARING, WATCH_LOADING };

struct catalog_watch {
	struct channels *channels;
	struct guard *guard;
	struct audit_subject subject;
	struct arena arena;	/* of the subject */
	struct catalog_place place;
	const struct catalog_keeper *keeper;
	void *context;

	enum watch_state state;
	struct inquiry inquiry;
	struct guard_catalog *catalog;	/* NULL: none was loaded yet */
	char *loaded, *seen;	/* numbers of the catalogs, as text */
	struct list waiting;	/* for the next reading */
	struct list served;	/* by the one that was begun */
	bool findings_known;
	struct audit_report report;	/* of the grave ones; see
					   catalog_derive.h */

	uint64_t begun_ms;	/* the reading */
	uint64_t begun_look;
	uint64_t look_ms;	/* how long the last look took */
	uint64_t confirmed_ms;	/* when one was begun that found the catalog
				   as it is known, or loaded it */
	uint64_t confirmed_look;
	uint64_t due_ms;	/* the next look */
	uint64_t unused_ms;	/* since when */
	unsigned users;
	uint64_t yielded_until_ms;	/* no connection before */
	struct error trouble;	/* why it has none; the next tick tells */
	bool troubled;
	bool lost;		/* with the connection; the next tick asks
				   again */
	bool asked_again;	/* so a second time it fails */
	bool complained;	/* of what stands in its way */
	bool stopped;
};

static uint64_t now_of(const struct catalog_watch *watch)
{
	return watch->keeper->now_ms(watch->context);
}

static void move_all(struct list *to, struct list *from)
{
	struct list *first;

	while ((first = list_first(from))) {
		list_remove(first);
		list_append(to, first);
	}
}

/* --- reading --------------------------------------------------------------- */

static void inquire(struct catalog_watch *watch, enum watch_state state,
		    struct buffer *sql)
{
	watch->state = state;
	channels_inquire(watch->channels, &watch->inquiry, buffer_slice(sql));
	buffer_fini(sql);
}

static void compare(struct catalog_watch *watch)
{
	struct buffer sql = { 0 };

	catalog_look_sql(watch->guard, &sql);
	inquire(watch, WATCH_COMPARING, &sql);
}

/* Times are not exact enough to tell which of two things came first. */
static uint64_t last_look;

static uint64_t next_look(void)
{
	return __atomic_add_fetch(&last_look, 1, __ATOMIC_RELAXED);
}

uint64_t catalog_last_look(void)
{
	return __atomic_load_n(&last_look, __ATOMIC_RELAXED);
}

static void begin(struct catalog_watch *watch)
{
	if (watch->stopped || now_of(watch) < watch->yielded_until_ms)
		return;
	move_all(&watch->served, &watch->waiting);
	watch->begun_ms = now_of(watch);
	watch->begun_look = next_look();
	watch->asked_again = false;
	channels_keep(watch->channels, true);
	compare(watch);
}

static void tell(struct list *waits, bool loaded)
{
	struct list *first;

	while ((first = list_first(waits))) {
		struct catalog_wait *wait =
			LIST_ENTRY(first, struct catalog_wait, link);

		list_remove(&wait->link);
		wait->on_ready(wait, loaded);
	}
}

/* In a catalog that is large enough the look itself costs something. */
static uint64_t rest_of(const struct catalog_watch *watch)
{
	uint64_t rest_ms = watch->look_ms * LOOKS_SHARE;

	if (rest_ms < LOOK_EVERY_MS)
		return LOOK_EVERY_MS;
	return rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS;
}

static void finish(struct catalog_watch *watch, bool loaded)
{
	struct list served;

	list_init(&served);
	move_all(&served, &watch->served);
	watch->state = WATCH_RESTING;
	watch->due_ms = now_of(watch) + rest_of(watch);
	if (loaded) {
		watch->confirmed_ms = watch->begun_ms;
		watch->confirmed_look = watch->begun_look;
		if (watch->complained)
			log_info("the catalog is read again", "pool",
				 watch->place.pool);
		watch->complained = false;
	}
	tell(&served, loaded);
	if (watch->state == WATCH_RESTING && !list_empty(&watch->waiting))
		begin(watch);
}

static void complain(struct catalog_watch *watch, const struct error *error)
{
	bool full = error_is(error, SQLSTATE_TOO_MANY_CONNECTIONS);

	if (watch->complained)
		return;
	watch->complained = true;
	log_warn("the catalog of a guarded database cannot be read", "pool",
		 watch->place.pool, "sqlstate", error->sqlstate, "error",
		 error->message, "known", (bool)watch->catalog, "hint",
		 full ? "the role, its database and the server must allow one "
			"connection more than pool_size" : NULL);
}

/* Classes 08, connection exception, and 57, operator intervention, less the
 * timeout of a statement. */
static bool is_of_connection(const struct error *error)
{
	return strncmp(error->sqlstate, "08", 2) == 0 ||
	       strncmp(error->sqlstate, "57P", 3) == 0;
}

static void fail(struct catalog_watch *watch, const struct error *error)
{
	complain(watch, error);
	watch->troubled = watch->lost = false;
	inquiry_withdraw(&watch->inquiry);
	finish(watch, false);
}

/* A server that was ended may be back in a moment. */
static void on_failed(void *holder, const struct error *error)
{
	struct catalog_watch *watch = holder;

	if (!watch->asked_again && is_of_connection(error))
		watch->lost = true;
	else
		fail(watch, error);
}

static void load(struct catalog_watch *watch)
{
	struct buffer sql = { 0 };

	catalog_sql_load(watch->guard, &watch->subject, &sql);
	inquire(watch, WATCH_LOADING, &sql);
}

static void on_compared(struct catalog_watch *watch, struct slice messages)
{
	struct catalog_look look;

	watch->look_ms = now_of(watch) - watch->begun_ms;
	catalog_look_read(messages, &look);
	free(watch->seen);
	watch->seen = look.number;
	if (look.home)
		watch->keeper->found(watch->context, look.home);
	free(look.home);
	if (watch->catalog && watch->loaded && watch->seen &&
	    strcmp(watch->loaded, watch->seen) == 0)
		finish(watch, true);
	else
		load(watch);
}

/* The log hears of them at first, and when they have changed. */
static void take_findings(struct catalog_watch *watch,
			  struct catalog_load *load)
{
	bool same = watch->findings_known &&
		    audit_report_same(&watch->report, &load->report);

	audit_report_fini(&watch->report);
	watch->report = load->report;
	watch->report.database = watch->place.database;
	watch->report.role = watch->place.role;
	watch->findings_known = true;
	if (!same)
		audit_report_log(&watch->report);
}

static void take(struct catalog_watch *watch, struct catalog_load *load)
{
	catalog_unref(&watch->catalog);
	watch->catalog = load->catalog;
	if (load->findings_known)
		take_findings(watch, load);
	catalog_set_epoch(watch->catalog, guard_next_epoch(watch->guard));
	catalog_set_closed(watch->catalog, load->findings_known &&
			   audit_report_is_closed(&watch->report));
	free(watch->loaded);
	watch->loaded = watch->seen;
	watch->seen = NULL;
}

static void on_loaded(struct catalog_watch *watch, struct slice messages)
{
	struct catalog_load load = { 0 };
	struct error error;

	if (!catalog_derive(watch->guard, messages, &load)) {
		error_set(&error, SQLSTATE_PROTOCOL_VIOLATION,
			  "the answer is not what was asked for");
		fail(watch, &error);
		return;
	}
	take(watch, &load);
	log_debug("catalog read", "pool", watch->place.pool, "epoch",
		  catalog_epoch(watch->catalog), "bytes", messages.length, "ms",
		  now_of(watch) - watch->begun_ms);
	finish(watch, true);
}

static void on_rows(void *holder, struct slice messages)
{
	struct catalog_watch *watch = holder;

	if (watch->state == WATCH_COMPARING)
		on_compared(watch, messages);
	else
		on_loaded(watch, messages);
}

/* --- asking ---------------------------------------------------------------- */

struct guard_catalog *catalog_watch_catalog(const struct catalog_watch *watch)
{
	return watch->catalog;
}

bool catalog_watch_is_blind(const struct catalog_watch *watch)
{
	return !watch->catalog && now_of(watch) < watch->yielded_until_ms;
}

bool catalog_watch_is_older(const struct catalog_watch *watch,
			    uint64_t look)
{
	return !watch->stopped && watch->confirmed_look <= look &&
	       (watch->catalog || watch->state != WATCH_RESTING);
}

void catalog_watch_await(struct catalog_watch *watch,
			 struct catalog_wait *wait)
{
	list_append(&watch->waiting, &wait->link);
	if (watch->state == WATCH_RESTING)
		begin(watch);
}

void catalog_unwait(struct catalog_wait *wait)
{
	if (wait->link.next)
		list_remove(&wait->link);
}

bool catalog_watch_age(const struct catalog_watch *watch,
		       uint64_t *ret_age_ms)
{
	if (!watch->catalog)
		return false;
	*ret_age_ms = now_of(watch) - watch->confirmed_ms;
	return true;
}

bool catalog_watch_knows_findings(const struct catalog_watch *watch)
{
	return watch->findings_known;
}

uint64_t catalog_watch_findings(const struct catalog_watch *watch,
				enum severity severity)
{
	return watch->report.counts[severity];
}

/* --- its connection -------------------------------------------------------- */

static void let_go(struct catalog_watch *watch)
{
	inquiry_withdraw(&watch->inquiry);
	channels_keep(watch->channels, false);
}

/* Nobody is told from inside: this may be called by what they are doing. */
static void note_trouble(struct catalog_watch *watch,
			 const struct error *error)
{
	watch->trouble = *error;
	watch->troubled = true;
}

static void yield(struct catalog_watch *watch, const struct error *error)
{
	note_trouble(watch, error);
	watch->yielded_until_ms = now_of(watch) + YIELD_MS;
	let_go(watch);
}

void catalog_watch_yield(struct catalog_watch *watch)
{
	struct error error;

	if (watch->stopped || now_of(watch) < watch->yielded_until_ms)
		return;
	error_set(&error, SQLSTATE_TOO_MANY_CONNECTIONS,
		  "the server has no place for the pool and its watch");
	yield(watch, &error);
}

void catalog_watch_lacks(struct catalog_watch *watch,
			 const struct error *error)
{
	if (watch->state == WATCH_RESTING || watch->stopped)
		return;
	if (error_is(error, SQLSTATE_TOO_MANY_CONNECTIONS))
		yield(watch, error);
	else
		note_trouble(watch, error);
}

/* --- time ------------------------------------------------------------------ */

void catalog_watch_use(struct catalog_watch *watch)
{
	watch->users++;		/* the next tick looks */
}

void catalog_watch_leave(struct catalog_watch *watch)
{
	if (!--watch->users)
		watch->unused_ms = now_of(watch);
}

/* What is not looked at any more is not known any more. */
static void forget(struct catalog_watch *watch)
{
	let_go(watch);
	catalog_unref(&watch->catalog);
	finish(watch, false);
}

static void ask_again(struct catalog_watch *watch)
{
	watch->lost = false;
	watch->asked_again = true;
	compare(watch);
}

static void check_reading(struct catalog_watch *watch, uint64_t now_ms)
{
	struct error error;

	if (now_ms < watch->begun_ms + READING_MAX_MS)
		return;
	error_set(&error, SQLSTATE_QUERY_CANCELED, "it takes too long");
	fail(watch, &error);
}

static void check_rest(struct catalog_watch *watch, uint64_t now_ms)
{
	if (now_ms < watch->yielded_until_ms)
		tell(&watch->waiting, false);
	else if (!watch->users &&
		 now_ms >= watch->unused_ms + UNUSED_MAX_MS)
		forget(watch);
	else if (now_ms >= watch->due_ms)
		begin(watch);
}

void catalog_watch_tick(struct catalog_watch *watch, uint64_t now_ms)
{
	if (watch->stopped)
		return;
	if (watch->troubled)
		fail(watch, &watch->trouble);
	else if (watch->lost)
		ask_again(watch);
	else if (watch->state != WATCH_RESTING)
		check_reading(watch, now_ms);
	else if (watch->users || watch->catalog)
		check_rest(watch, now_ms);
}

/* --- life ------------------------------------------------------------------- */

struct catalog_watch *catalog_watch_new(struct channels *channels,
					struct guard *guard,
					const struct config_database *config,
					const struct catalog_place *place,
					const struct catalog_keeper *keeper,
					void *context)
{
	struct catalog_watch *watch = must_alloc(sizeof(*watch));

	audit_subject_of(config, &watch->arena, &watch->subject);
	watch->subject.role = place->role;
	watch->place = *place;
	watch->channels = channels;
	watch->guard = guard;
	watch->keeper = keeper;
	watch->context = context;
	watch->inquiry.holder = watch;
	watch->inquiry.on_rows = on_rows;
	watch->inquiry.on_failed = on_failed;
	list_init(&watch->waiting);
	list_init(&watch->served);
	return watch;
}

void catalog_watch_stop(struct catalog_watch *watch)
{
	watch->stopped = true;
	inquiry_withdraw(&watch->inquiry);
	finish(watch, false);
	tell(&watch->waiting, false);
}

void catalog_watch_free(struct catalog_watch **pointer)
{
	struct catalog_watch *watch = *pointer;

	*pointer = NULL;
	if (!watch)
		return;
	catalog_unref(&watch->catalog);
	arena_fini(&watch->arena);
	audit_report_fini(&watch->report);
	free(watch->loaded);
	free(watch->seen);
	free(watch);
}
