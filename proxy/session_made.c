#include "proxy/session_made.h"

#include <stdlib.h>

#include "proxy/catalog_watch.h"
#include "proxy/guard.h"
#include "proxy/guard_overlay.h"
#include "proxy/route.h"

struct made {
	struct kept_overlay kept;
	struct catalog_wait wait;
	struct session *session;	/* NULL: it has left */
	bool open;
	bool waiting;
};

struct guard_overlay *session_made_overlay(struct session *session)
{
	return session->made ? &session->made->kept.overlay : NULL;
}

bool session_made_lingers(const struct session *session)
{
	return session->made && session->made->waiting;
}

static void forget(struct made *made)
{
	if (made->session)
		made->session->made = NULL;
	list_remove(&made->kept.link);
	overlay_fini(&made->kept.overlay);
	free(made);
}

void session_made_note(struct session *session)
{
	struct guard *guard = route_guard(session->route);
	struct made *made = session->made;

	if (!made) {
		made = must_alloc(sizeof(*made));
		made->session = session;
		guard_give_made(guard, &made->kept);
		session->made = made;
	}
	made->open = true;
}

static void settle(struct made *made)
{
	overlay_end_transaction(&made->kept.overlay);
	if (!made->kept.overlay.count || !made->session)
		forget(made);
}

static void on_ready(struct catalog_wait *wait, bool loaded)
{
	struct made *made = wait->holder;

	made->waiting = false;
	/* Without a session there is nobody to try again; else the end of the
	 * next transaction does. */
	if ((loaded && !made->open) || !made->session)
		settle(made);
	else
		made->open = true;
}

static void await(struct made *made, struct route *route)
{
	if (made->waiting)
		catalog_unwait(&made->wait);
	made->waiting = true;
	made->wait.holder = made;
	made->wait.on_ready = on_ready;
	route_note_ddl(route);
	route_await_catalog(route, &made->wait);
}

void session_made_end(struct session *session)
{
	struct made *made = session->made;

	if (!made || !made->open)
		return;
	made->open = false;
	if (route_keeps_catalog(session->route))
		await(made, session->route);
	else
		settle(made);
}

void session_made_leave(struct session *session)
{
	struct made *made = session->made;

	if (!made)
		return;
	made->session = NULL;
	session->made = NULL;
	made->open = false;
	if (route_keeps_catalog(session->route))
		await(made, session->route);
	else
		forget(made);
}
