#include "pool/sqlite/session_left.h"

#define LEFT_BEHIND "weir.left_behind"
#define USED_SEQUENCE "weir.used_sequence"

const struct backend_questions session_left_questions = {
	.pins = "SHOW " LEFT_BEHIND,
	.sequences = "SHOW " USED_SEQUENCE,
};

bool session_left_is(const char *name)
{
	return strcmp(name, LEFT_BEHIND) == 0 ||
	       strcmp(name, USED_SEQUENCE) == 0;
}

struct telling {
	struct lite_session *session;
	const uint8_t *formats;
};

static void tell(struct telling *telling, const char *kind, const char *name,
		 const char *value)
{
	const char *texts[] = { kind, name, value };

	session_put_text_row(telling->session, telling->formats, texts, 3);
}

static bool has_held_cursor(const struct lite_session *session)
{
	const struct lite_portal *portal;

	for (portal = session->portals; portal; portal = portal->hh.next)
		if (portal->cursor && portal->hold)
			return true;
	return false;
}

/* Every one has a row in weir's own table there. */
static bool has_temporary(struct lite_session *session)
{
	struct lite_connection *own = session->job.own;
	sqlite3_stmt *statement = NULL;
	bool found;

	if (!own || own != session->connection)
		return own;
	/* There is no such table before the first temporary object. */
	sqlite3_prepare_v2(own->db, "SELECT 1 FROM temp._weir_object", -1,
			   &statement, NULL);
	found = statement && sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return found;
}

static void tell_temporary(struct telling *telling)
{
	struct lite_session *session = telling->session;

	if (has_temporary(session))
		tell(telling, "temp", "", "");
	else if (session->job.own && session->status == 'I')
		session->job.drops_own = true;
}

static void tell_channel(void *context, const char *channel)
{
	tell(context, "channel", channel, "");
}

static void tell_setting(void *context, const char *name, const char *value)
{
	tell(context, "setting", name, value);
}

static void tell_prepared(struct telling *telling)
{
	struct lite_statement *statement;

	for (statement = telling->session->statements; statement;
	     statement = statement->hh.next)
		if (statement->from_sql)
			tell(telling, "prepared", statement->name,
			     statement->text);
}

static void tell_left_behind(struct telling *telling)
{
	struct lite_session *session = telling->session;

	if (lite_locks_any(session))
		tell(telling, "lock", "", "");
	if (has_held_cursor(session))
		tell(telling, "cursor", "", "");
	tell_temporary(telling);
	session_each_channel(session, tell_channel, telling);
	lite_settings_each(&session->settings, tell_setting, telling);
	tell_prepared(telling);
	tell(telling, "settings", "", "");
}

void session_left_show(struct lite_session *session, const char *name,
		       const uint8_t *formats)
{
	struct telling telling = { session, formats };

	if (strcmp(name, LEFT_BEHIND) == 0)
		tell_left_behind(&telling);
	else if (session->last_sequence)
		tell(&telling, "sequence", "", "");
	session_complete(session, "SHOW");
}
