/*
 * Who is let in. Sessions are counted on their routes from the moment they
 * have proved who they are until they are closed, whatever closes them.
 */
#include "pool/sqlite/files.h"
#include "proxy/route_inner.h"

/* The entry "*" has routes of one user to several databases. */
static unsigned sessions_of_user(const struct worker *worker,
				 const struct route *route)
{
	struct route *each, *next;
	unsigned count = 0;

	HASH_ITER(hh, worker->routes->by_key, each, next)
		if (each->entry == route->entry &&
		    strcmp(each->user, route->user) == 0)
			count += each->sessions;
	return count;
}

static bool has_room(const struct session *session, const struct route *route,
		     struct error *error)
{
	const struct config_database *limits = route->entry->config;
	const struct worker *worker = session->worker;

	if (worker->client_count >= worker->config->max_client_conn)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "sorry, too many clients already");
	if (limits->max_db_client_connections &&
	    route->entry->sessions >= limits->max_db_client_connections)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "too many connections for database \"%.63s\"",
				 session->database);
	if (limits->max_user_client_connections &&
	    sessions_of_user(worker, route) >=
		    limits->max_user_client_connections)
		return error_set(error, SQLSTATE_TOO_MANY_CONNECTIONS,
				 "too many connections for role \"%.63s\"",
				 session->user);
	return true;
}

bool route_join(struct session *session, struct route *route,
		struct error *error)
{
	if (!has_room(session, route, error)) {
		session->worker->counters.sessions_refused++;
		return false;
	}
	session->route = route;
	session->want.queue = &route->queue;
	session->joined = true;
	route->sessions++;
	route->entry->sessions++;
	identity_use(route->identity);
	if (route->entry->files)
		lite_files_count(route->entry->files,
				 route->identity->database, 1);
	session->worker->client_count++;
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
	identity_leave(route->identity);
	if (route->entry->files)
		lite_files_count(route->entry->files,
				 route->identity->database, -1);
	session->worker->client_count--;
}
