/*
 * How long each thing may take: a login, a query, a transaction, a pause in
 * one, a pause between them. (How long one may wait in the queue is the
 * pool's to say.)
 *
 * No timer is armed on the way of a query. Sessions with a lease are few, for
 * their pools are bounded: they are looked at in every tick. Of all others,
 * perhaps many thousands, none can be late before the earliest deadline that
 * was seen when they were last looked at, nor, if what it waits for began
 * after that, before the shortest limit from then: so long nobody looks.
 *
 *     query_ms        since when the backend owes an answer
 *     transaction_ms  since the first message sent outside a transaction
 *     active_ms       since when the client has had nothing to wait for
 */
#include "proxy/session.h"

#include "proxy/config.h"
#include "proxy/log.h"
#include "proxy/route.h"

#define NEVER UINT64_MAX
#define STOP_GRACE_MS 5000	/* for a query to end once it was stopped */
#define LOOKS_PER_LIMIT 32	/* no more of them: so much may one be late */

/* --- the clocks --------------------------------------------------------- */

void session_note_sent(struct session *session, bool was_quiet)
{
	uint64_t now_ms = worker_now(session->worker);

	if (session->state != SESSION_LEASED ||
	    backend_is_quiet(session->backend))
		return;
	if (was_quiet)
		session->query_ms = now_ms;
	if (!session->transaction_ms)
		session->transaction_ms = now_ms;
}

/* If more is outstanding, the next query begins, and behind status I the next
 * transaction. */
void session_note_ready(struct session *session, char status, bool idle)
{
	uint64_t now_ms = worker_now(session->worker);

	session->query_stopped = false;
	session->query_ms = idle ? 0 : now_ms;
	if (status == 'I')
		session->transaction_ms = idle ? 0 : now_ms;
	if (idle)
		session->active_ms = now_ms;
}

static bool is_over(uint64_t since_ms, uint64_t limit_ms, uint64_t now_ms)
{
	return since_ms && limit_ms && now_ms - since_ms >= limit_ms;
}

/* The words are Postgres's own, so that clients know them; the hint tells whose
 * limit it was. */
static void end_late(struct session *session, const char *sqlstate,
		     const char *message, const char *option)
{
	char hint[80];

	session->worker->counters.sessions_timed_out++;
	snprintf(hint, sizeof(hint), "The limit is weir's %s.", option);
	session_end(session, sqlstate, message, hint);
}

/* --- with a lease ------------------------------------------------------- */

/* The server's own error will say "due to user request"; so that it is known
 * whose request that was, a warning goes in front, unless it would fall into
 * the middle of a message. */
static void stop_query(struct session *session)
{
	struct backend *backend = session->backend;
	struct buffer message = { 0 };
	struct error error;

	session->query_stopped = true;
	session->worker->counters.queries_timed_out++;
	log_info("query stopped", "session", session->id, "peer",
		 session->peer, "reason", "query_timeout");
	if (!backend->body_left) {
		error_set(&error, SQLSTATE_QUERY_CANCELED,
			  "canceling statement due to query_timeout");
		notice_write(&error, "WARNING", &message);
		session_send(session, buffer_slice(&message));
		buffer_fini(&message);
	}
	backend_cancel(backend);
}

static void check_query(struct session *session, uint64_t limit_ms,
			uint64_t now_ms)
{
	if (!is_over(session->query_ms, limit_ms, now_ms))
		return;
	if (!session->query_stopped)
		stop_query(session);
	else if (is_over(session->query_ms, limit_ms + STOP_GRACE_MS, now_ms))
		end_late(session, SQLSTATE_QUERY_CANCELED,
			 "terminating connection: the query did not end "
			 "after it was canceled",
			 "query_timeout");
}

/* A batch that has no Sync yet is a transaction as well: it holds a server. */
static bool is_in_transaction(const struct session *session)
{
	return session->backend->status != 'I' || session->backend->batch_open;
}

static void tick_lease(struct backend *backend, uint64_t now_ms)
{
	struct session *session = session_that_leases(backend);
	const struct config_database *limits;
	bool quiet = backend_is_quiet(backend);

	if (!session || session->state != SESSION_LEASED)
		return;
	limits = route_database(session->route);
	if (!quiet)
		session->active_ms = now_ms;
	if (is_over(session->transaction_ms, limits->transaction_timeout_ms,
		    now_ms))
		end_late(session, SQLSTATE_TRANSACTION_TIMEOUT,
			 "terminating connection due to transaction timeout",
			 "transaction_timeout");
	else if (!quiet)
		check_query(session, limits->query_timeout_ms, now_ms);
	else if (is_in_transaction(session) &&
		 is_over(session->active_ms, limits->idle_transaction_timeout_ms,
			 now_ms))
		end_late(session, SQLSTATE_IDLE_IN_TRANSACTION,
			 "terminating connection due to "
			 "idle-in-transaction timeout",
			 "idle_transaction_timeout");
}

/* --- all of them -------------------------------------------------------- */

/* Each of these ends the session if it is late, and returns when it would be
 * if nothing happened. */

static uint64_t check_login(struct session *session, uint64_t now_ms)
{
	uint64_t limit_ms = session->worker->config->client_login_timeout_ms;

	if (!limit_ms)
		return NEVER;
	if (!is_over(session->born_ms, limit_ms, now_ms))
		return session->born_ms + limit_ms;
	session->worker->counters.logins_failed++;
	if (session->state == SESSION_WELCOME)
		end_late(session, SQLSTATE_CANNOT_CONNECT_NOW,
			 "no server was there to start the session on",
			 "client_login_timeout");
	else
		end_late(session, SQLSTATE_QUERY_CANCELED,
			 "canceling authentication due to timeout",
			 "client_login_timeout");
	return NEVER;
}

static uint64_t check_idle(struct session *session, uint64_t now_ms)
{
	uint64_t limit_ms =
		route_database(session->route)->client_idle_timeout_ms;

	if (!limit_ms || !relay_is_between(session))
		return NEVER;
	if (!is_over(session->active_ms, limit_ms, now_ms))
		return session->active_ms + limit_ms;
	end_late(session, SQLSTATE_IDLE_SESSION_TIMEOUT,
		 "terminating connection due to idle-session timeout",
		 "client_idle_timeout");
	return NEVER;
}

static uint64_t tick_session(struct session *session, uint64_t now_ms)
{
	if (session->state == SESSION_CLOSING)
		return NEVER;
	if (session->state <= SESSION_WELCOME)
		return check_login(session, now_ms);
	return check_idle(session, now_ms);
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t shortest_limit(const struct config *config)
{
	uint64_t limit_ms = config->client_login_timeout_ms ?
			    config->client_login_timeout_ms : NEVER;

	for (unsigned i = 0; i < config->database_count; i++)
		if (config->databases[i].client_idle_timeout_ms)
			limit_ms = sooner(limit_ms, config->databases[i]
					  .client_idle_timeout_ms);
	return limit_ms;
}

/* Returns when it must be done again. */
static uint64_t look_at_all(struct worker *worker, uint64_t now_ms)
{
	uint64_t limit_ms = shortest_limit(worker->config);
	uint64_t earliest_ms = limit_ms == NEVER ? NEVER : now_ms + limit_ms;
	uint64_t soonest_ms = now_ms + limit_ms / LOOKS_PER_LIMIT;

	LIST_EACH_SAFE(link, &worker->sessions) {
		struct session *session = LIST_ENTRY(link, struct session,
						     link);

		earliest_ms = sooner(earliest_ms,
				     tick_session(session, now_ms));
	}
	return earliest_ms < soonest_ms ? soonest_ms : earliest_ms;
}

void sessions_tick(struct worker *worker, uint64_t now_ms)
{
	routes_each_lease(worker, tick_lease, now_ms);
	if (now_ms >= worker->look_at_ms)
		worker->look_at_ms = look_at_all(worker, now_ms);
}
