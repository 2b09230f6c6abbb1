#include "proxy/session_made.h"

#include <stdlib.h>

#include "proxy/catalog_watch.h"
#include "proxy/guard.h"
#include "proxy/guard_overlay.h"
#include "proxy/route.h"

struct made {
	struct kept_overlay kept;
	struct catalog_wait wait;
	struct route *route;
	struct session *session;	/* NULL: it has left */
	uint64_t look;		/* the last one before its end */
	bool open;
	bool waiting;
};

struct guard_overlay *session_made_overlay(struct session *session)
{
	return session->made ? &session->made->kept.overlay : NULL;
}

static void forget(struct made *made)
{
	if (made->session)
		made->session->made = NULL;
	list_remove(&made->kept.link);
	overlay_fini(&made->kept.overlay);
	free(made);
}

static void settle(struct made *made)
{
	overlay_end_transaction(&made->kept.overlay);
	if (!made->kept.overlay.count || !made->session)
		forget(made);
}

/* Each role's picture of the database has to be newer. */
static void await(struct made *made)
{
	made->waiting = route_await_older(made->route, made->look,
					  &made->wait);
	if (!made->waiting)
		settle(made);
}

static void on_ready(struct catalog_wait *wait, bool loaded)
{
	struct made *made = wait->holder;

	made->waiting = false;
	if (loaded && !made->open)
		await(made);
	/* Without a session there is nobody to try again; else the end of the
	 * next transaction does. */
	else if (!made->session)
		settle(made);
	else
		made->open = true;
}

void session_made_note(struct session *session)
{
	struct guard *guard = route_guard(session->route);
	struct made *made = session->made;

	if (!made) {
		made = must_alloc(sizeof(*made));
		made->route = session->route;
		made->session = session;
		made->wait.holder = made;
		made->wait.on_ready = on_ready;
		guard_give_made(guard, &made->kept);
		session->made = made;
	}
	made->open = true;
}

static void end(struct made *made)
{
	if (made->waiting)
		catalog_unwait(&made->wait);
	made->open = false;
	made->look = catalog_last_look();
	await(made);
}

void session_made_end(struct session *session)
{
	if (session->made && session->made->open)
		end(session->made);
}

/* Without a server there is no transaction whose end will be told. */
void session_made_refused(struct session *session)
{
	if (!session->made)
		return;
	session->made->open = true;
	if (!session->backend)
		session_made_end(session);
}

static void settle_if_shown(struct kept_overlay *kept)
{
	struct made *made = LIST_ENTRY(kept, struct made, kept);

	if (made->open || !made->waiting ||
	    route_has_older(made->route, made->look))
		return;
	catalog_unwait(&made->wait);
	made->waiting = false;
	settle(made);
}

void session_made_settle(struct session *session)
{
	guard_each_kept(route_guard(session->route), settle_if_shown);
}

void session_made_leave(struct session *session)
{
	struct made *made = session->made;

	if (!made)
		return;
	made->session = NULL;
	session->made = NULL;
	end(made);
}
