#include "proxy/session_path.h"

#include <stdlib.h>

#include "pool/backend.h"
#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "protocol/search_path.h"
#include "proxy/config.h"
#include "proxy/route.h"
#include "proxy/session_probe.h"
#include "proxy/session_relay.h"
#include "proxy/session_state.h"

/* --- what it is --------------------------------------------------------- */

/* Ends what may have moved the path for a transaction only. */
static void forget_moves(struct session *session)
{
	struct backend *backend = session->backend;

	if (!backend || (backend->status == 'I' && backend_is_quiet(backend) &&
			 !(session->probe_due & PROBE_SETTINGS)))
		session->path_moved = false;
}

/* The session's own, read once for each set of settings. */
static const char *const *read_own(struct session *session, const char *sql)
{
	struct own_path *own = &session->own_path;

	if (own->of != session->settings) {
		settings_unref(&own->of);
		own->of = settings_ref(session->settings);
		arena_reset(&own->arena);
		own->schemas = search_path_of_statement(
			slice_text(sql), route_role(session->route),
			&own->arena);
		own->id = route_next_path_id();
	}
	return own->schemas;
}

/* In SQLite there is no role to give a path, and nothing that moves it. */
static const char *const *usual_of_sqlite(struct session *session)
{
	session->own_path.usual[0] = session->user;
	session->own_path.usual[1] = "public";
	session->own_path.usual[2] = NULL;
	return session->own_path.usual;
}

/* To read, describe or close a statement moves nothing. */
static bool has_moves_under_way(const struct session *session)
{
	LIST_EACH(link, &session->watches) {
		const struct watch *watch =
			LIST_ENTRY(link, struct watch, link);

		if (!strchr("PDC", watch->message))
			return true;
	}
	return false;
}

/* The transaction has SET something, and what ends it may be under way. */
static bool may_be_undone(const struct session *session)
{
	return session->settings_saved && session->backend &&
	       !backend_is_quiet(session->backend);
}

const char *const *session_path(struct session *session, uint32_t *ret_id)
{
	const struct backend *backend = session->backend;
	const char *const *path;
	const char *sql;

	*ret_id = 0;
	if (session->path_moved)
		forget_moves(session);
	/* "$user" may be another one's. */
	if (session->path_moved || has_moves_under_way(session) ||
	    may_be_undone(session) || settings_has_identity(session->settings))
		return NULL;
	sql = settings_search_path(session->settings);
	if (route_is_sqlite(session->route))
		return sql ? NULL : usual_of_sqlite(session);
	if (sql) {
		path = read_own(session, sql);
		*ret_id = path ? session->own_path.id : 0;
		return path;
	}
	path = route_path(session->route, ret_id);
	/* That of a server which logged in under another one is not this. */
	if (!backend || backend->path_id == *ret_id)
		return path;
	*ret_id = 0;
	return NULL;
}

/* --- asking the server -------------------------------------------------- */

/* At login, without what was set since. */
static const char question[] =
	"SELECT reset_val FROM pg_catalog.pg_settings"
	" WHERE name OPERATOR(pg_catalog.=) 'search_path'";

bool session_path_ask(struct session *session)
{
	struct buffer message = { 0 };

	if (session->backend->path_id || !route_guard(session->route) ||
	    route_is_sqlite(session->route))
		return false;
	/* A simple query ends the unnamed statement. */
	session->unnamed_here = false;
	session->path_asked = true;
	write_query(&message, question);
	relay_expect(session, 'Q',
		     EXPECT_SWALLOW | EXPECT_SILENT | EXPECT_ROWS |
			     EXPECT_WATCH, PATH_TOKEN);
	relay_put_message(session, &message);
	relay_flush(session);
	return true;
}

static bool read_answer(struct slice rows, struct slice *ret_value)
{
	struct row_message row;
	struct frame frame;

	while (frame_read(rows, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'D')
			return read_row(frame.body, &row) &&
			       row_next(&row, ret_value) && ret_value->at;
		rows.at += frame.length;
		rows.length -= frame.length;
	}
	return false;
}

void session_path_answered(struct session *session, bool succeeded,
			   struct slice rows)
{
	struct slice value;

	session->path_asked = false;
	session->backend->path_id =
		succeeded && read_answer(rows, &value) ?
			route_learn_path(session->route, value) :
			route_next_path_id();
	backend_ask_turn(session->backend);
}

void session_path_fini(struct session *session)
{
	settings_unref(&session->own_path.of);
	arena_fini(&session->own_path.arena);
}
