/*
 * Advisory locks, in the engine's memory: pg_advisory_lock() and its kin.
 * A lock that is taken does not block a thread: the function fails with a
 * mark of ours, the job is parked, and runs its statement again when any
 * lock is given back.
 */
#include "pool/sqlite/session.h"

#include <pthread.h>
#include <stdlib.h>

struct lock_key {
	int64_t number;
	bool pair;		/* made of two int4: another space */
};

struct held {			/* by one session */
	struct list link;
	struct lock_key key;
	struct lite_session *session;
	bool shared, transaction;
	unsigned count;
};

struct lite_locks {
	pthread_mutex_t lock;
	struct list held;
};

struct lite_locks *lite_locks_new(void)
{
	struct lite_locks *locks = must_alloc(sizeof(*locks));

	pthread_mutex_init(&locks->lock, NULL);
	list_init(&locks->held);
	return locks;
}

void lite_locks_free(struct lite_locks **locks_address)
{
	struct lite_locks *locks = *locks_address;

	*locks_address = NULL;
	if (!locks)
		return;
	pthread_mutex_destroy(&locks->lock);
	free(locks);
}

static bool same_key(struct lock_key a, struct lock_key b)
{
	return a.number == b.number && a.pair == b.pair;
}

/* With the lock held. */
static bool is_free(struct lite_locks *locks, struct lite_session *session,
		    struct lock_key key, bool shared)
{
	LIST_EACH(link, &locks->held) {
		struct held *held = LIST_ENTRY(link, struct held, link);

		if (held->session != session && same_key(held->key, key) &&
		    !(shared && held->shared))
			return false;
	}
	return true;
}

static struct held *find_held(struct lite_locks *locks,
			      struct lite_session *session,
			      struct lock_key key, bool shared,
			      bool transaction)
{
	LIST_EACH(link, &locks->held) {
		struct held *held = LIST_ENTRY(link, struct held, link);

		if (held->session == session && same_key(held->key, key) &&
		    held->shared == shared &&
		    held->transaction == transaction)
			return held;
	}
	return NULL;
}

static bool take(struct lite_session *session, struct lock_key key,
		 bool shared, bool transaction)
{
	struct lite_locks *locks = session->engine->locks;
	struct held *held;
	bool taken;

	pthread_mutex_lock(&locks->lock);
	taken = is_free(locks, session, key, shared);
	held = taken ? find_held(locks, session, key, shared, transaction) :
		       NULL;
	if (taken && !held) {
		held = must_alloc(sizeof(*held));
		held->key = key;
		held->session = session;
		held->shared = shared;
		held->transaction = transaction;
		list_append(&locks->held, &held->link);
		session->locks_held = true;
	}
	if (held)
		held->count++;
	pthread_mutex_unlock(&locks->lock);
	return taken;
}

static bool give_back(struct lite_session *session, struct lock_key key,
		      bool shared)
{
	struct lite_locks *locks = session->engine->locks;
	struct held *held;
	bool freed = false;

	pthread_mutex_lock(&locks->lock);
	held = find_held(locks, session, key, shared, false);
	if (held && --held->count == 0) {
		list_remove(&held->link);
		free(held);
		freed = true;
	}
	pthread_mutex_unlock(&locks->lock);
	if (freed)
		lite_engine_wake(session->engine);
	return held != NULL;
}

void lite_locks_release(struct lite_session *session, bool all)
{
	struct lite_locks *locks = session->engine->locks;
	bool freed = false;

	if (!session->locks_held)
		return;
	session->locks_held = false;
	pthread_mutex_lock(&locks->lock);
	LIST_EACH_SAFE(link, &locks->held) {
		struct held *held = LIST_ENTRY(link, struct held, link);

		if (held->session != session)
			continue;
		if (!all && !held->transaction) {
			session->locks_held = true;
			continue;
		}
		list_remove(link);
		free(held);
		freed = true;
	}
	pthread_mutex_unlock(&locks->lock);
	if (freed)
		lite_engine_wake(session->engine);
}

bool lite_locks_any(struct lite_session *session)
{
	struct lite_locks *locks = session->engine->locks;
	bool found = false;

	if (!session->locks_held)
		return false;
	pthread_mutex_lock(&locks->lock);
	LIST_EACH(link, &locks->held)
		found |= LIST_ENTRY(link, struct held, link)->session ==
			 session;
	pthread_mutex_unlock(&locks->lock);
	session->locks_held = found;
	return found;
}

void lite_locks_each(struct lite_locks *locks,
		     void (*visit)(void *context,
				   const struct lite_lock_view *),
		     void *context)
{
	pthread_mutex_lock(&locks->lock);
	LIST_EACH(link, &locks->held) {
		struct held *held = LIST_ENTRY(link, struct held, link);
		struct lite_lock_view view = {
			.number = held->key.number,
			.pair = held->key.pair,
			.shared = held->shared,
			.process_id = held->session->process_id,
		};

		visit(context, &view);
	}
	pthread_mutex_unlock(&locks->lock);
}

/* --- what the SQL functions call ----------------------------------------------------- */

static bool release(struct lite_session *session, struct lock_key key,
		    bool shared)
{
	bool done = give_back(session, key, shared);

	if (!done)
		session_notice(session, "WARNING", "01000",
			       "you don't own a lock of type %s",
			       shared ? "ShareLock" : "ExclusiveLock");
	return done;
}

/* The shorter of two limits is over. */
static bool fail_wait(struct lite_session *session, struct error *error)
{
	int64_t statement = lite_settings_integer(&session->settings,
						  "statement_timeout");
	int64_t lock = lite_settings_integer(&session->settings,
					     "lock_timeout");

	if (statement && (!lock || statement < lock))
		return error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
				 "canceling statement due to statement "
				 "timeout");
	return error_set(error, SQLSTATE_LOCK_NOT_AVAILABLE, "%s",
			 "canceling statement due to lock timeout");
}

static bool advisory_lock(struct lite_context *context, int how, bool two_keys,
			  int64_t key, bool *ret_done, struct error *error)
{
	struct lite_session *session = lite_session_of(context);
	struct lock_key name = { key, two_keys };
	struct lite_job *job = &session->job;

	*ret_done = true;
	job->wakes = atomic_load(&session->engine->wakes);
	if (how & LITE_LOCK_RELEASE_ALL)
		lite_locks_release(session, true);
	else if (how & LITE_LOCK_RELEASE)
		*ret_done = release(session, name, how & LITE_LOCK_SHARED);
	else
		*ret_done = take(session, name, how & LITE_LOCK_SHARED,
				 how & LITE_LOCK_TRANSACTION);
	if (*ret_done || how & (LITE_LOCK_TRY | LITE_LOCK_RELEASE))
		return true;
	if (atomic_load(&job->cancelled))
		return error_set(error, SQLSTATE_QUERY_CANCELED, "%s",
				 "canceling statement due to user request");
	if (job->wait_over)
		return fail_wait(session, error);
	return error_set(error, LITE_RETRY_LOCK, "%s",
			 "waiting for an advisory lock");
}

static void run_notify(sqlite3_context *call, int count,
		       sqlite3_value **arguments)
{
	struct lite_connection *connection = sqlite3_user_data(call);
	struct lite_context *context = &connection->context;
	const char *channel = (const char *)sqlite3_value_text(arguments[0]);
	const char *payload = (const char *)sqlite3_value_text(arguments[1]);

	if (!session_notify(lite_session_of(context), channel ? channel : "",
			    payload, &context->error))
		sqlite3_result_error(call, context->error.message, -1);
	else
		sqlite3_result_text(call, "", 0, SQLITE_STATIC);
}

int lite_locks_register(struct lite_connection *connection)
{
	connection->context.advisory_lock = advisory_lock;
	connection->context.session_rows = session_rows;
	connection->context.too_late = session_too_late;
	return sqlite3_create_function(connection->db, "pg_notify", 2,
				       SQLITE_UTF8 | SQLITE_DIRECTONLY,
				       connection, run_notify, NULL, NULL);
}
