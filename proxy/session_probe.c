#include "proxy/session_probe.h"

#include <stdlib.h>

#include "protocol/frame.h"
#include "protocol/message_read.h"
#include "protocol/message_write.h"
#include "proxy/log.h"
#include "proxy/session_listen.h"
#include "proxy/session_prepare.h"
#include "proxy/session_state.h"

/* --- the questions ------------------------------------------------------ */

/*
 * Rows of kind, name, value. Every name is qualified, for the search path is
 * the client's. What stands in the temporary schema is found by what depends
 * on the schema, for which there is an index.
 */
static const char ask_pins[] =
	"SELECT 'lock', '', '' WHERE EXISTS (SELECT FROM pg_catalog.pg_locks"
	" WHERE locktype OPERATOR(pg_catalog.=) 'advisory'"
	" AND pid OPERATOR(pg_catalog.=) pg_catalog.pg_backend_pid())"
	" UNION ALL SELECT 'cursor', '', '' WHERE EXISTS (SELECT"
	" FROM pg_catalog.pg_cursors WHERE is_holdable)"
	" UNION ALL SELECT 'temp', '', ''"
	" WHERE pg_catalog.pg_my_temp_schema() OPERATOR(pg_catalog.<>) 0"
	" AND EXISTS (SELECT FROM pg_catalog.pg_depend WHERE refclassid"
	" OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass"
	" AND refobjid OPERATOR(pg_catalog.=) pg_catalog.pg_my_temp_schema())"
	" UNION ALL SELECT 'channel', c, '' FROM"
	" pg_catalog.pg_listening_channels() AS c";

/* Not shown by the view: role, and custom parameters. */
static const char ask_settings[] =
	"SELECT 'setting', name, pg_catalog.current_setting(name)"
	" FROM pg_catalog.pg_settings"
	" WHERE source OPERATOR(pg_catalog.=) 'session'"
	" UNION ALL SELECT 'setting', 'role',"
	" pg_catalog.current_setting('role')"
	" WHERE pg_catalog.current_setting('role')"
	" OPERATOR(pg_catalog.<>) 'none'"
	" UNION ALL SELECT 'prepared', name, statement"
	" FROM pg_catalog.pg_prepared_statements WHERE from_sql"
	" UNION ALL SELECT 'settings', '', ''";

/* lastval() fails where there is none, and the server would log that. */
static const char ask_sequences[] =
	"DO $weir$ BEGIN PERFORM pg_catalog.lastval(); PERFORM"
	" pg_catalog.set_config('weir.sequence', 'used', true);"
	" EXCEPTION WHEN object_not_in_prerequisite_state THEN PERFORM"
	" pg_catalog.set_config('weir.sequence', 'unused', true);"
	" END $weir$;"
	"SELECT 'sequence', '', '' WHERE"
	" pg_catalog.current_setting('weir.sequence')"
	" OPERATOR(pg_catalog.=) 'used'";

static void put_question(struct buffer *sql, const char *question)
{
	if (sql->length)
		buffer_put_u8(sql, ';');
	buffer_put_text(sql, question);
}

static void put_asked(struct session *session, struct buffer *sql)
{
	struct reader reader =
		reader_make(buffer_slice(&session->asked_settings));

	while (reader_left(&reader)) {
		struct slice name = read_cstring(&reader);

		put_question(sql, "SELECT 'setting', ");
		settings_put_literal(sql, name);
		buffer_put_text(sql, ", pg_catalog.current_setting(");
		settings_put_literal(sql, name);
		buffer_put_text(sql, ", true)");
	}
}

static void put_settings_question(struct session *session, struct buffer *sql)
{
	put_question(sql, ask_settings);
	put_asked(session, sql);
}

bool probe_start(struct session *session)
{
	const struct backend_questions *own = session->backend->ops->questions;
	struct buffer sql = { 0 }, message = { 0 };
	struct slice piece;

	if (session->probe_due)
		put_question(&sql, own ? own->pins : ask_pins);
	if ((session->probe_due & PROBE_SETTINGS) && !own)
		put_settings_question(session, &sql);
	buffer_fini(&session->asked_settings);
	if (session->probe_due & PROBE_SEQUENCES)
		put_question(&sql, own ? own->sequences : ask_sequences);
	session->probe_due = 0;
	if (!sql.length)
		return false;
	/* A simple query ends the unnamed statement. */
	session->unnamed_here = false;
	session->probing = true;
	write_query(&message, buffer_cstring(&sql));
	buffer_fini(&sql);
	relay_expect(session, 'Q',
		     EXPECT_SWALLOW | EXPECT_SILENT | EXPECT_ROWS |
			     EXPECT_WATCH, PROBE_TOKEN);
	piece = buffer_slice(&message);
	backend_send(session->backend, &piece, 1);
	buffer_fini(&message);
	return true;
}

/* --- the answers -------------------------------------------------------- */

struct answer {
	unsigned pins;
	bool settings_asked;
	struct settings *settings;
};

static void take_row(struct session *session, struct answer *answer,
		     struct slice body)
{
	struct slice kind = { NULL, 0 }, name = kind, value = kind;
	struct buffer sql = { 0 };
	struct row_message row;
	char *text;

	if (!read_row(body, &row) || row.column_count != 3 ||
	    !row_next(&row, &kind) || !row_next(&row, &name) ||
	    !row_next(&row, &value) || !name.at)
		return;
	if (slice_is(kind, "lock")) {
		answer->pins |= 1u << PIN_LOCK;
	} else if (slice_is(kind, "cursor")) {
		answer->pins |= 1u << PIN_CURSOR;
	} else if (slice_is(kind, "temp")) {
		answer->pins |= 1u << PIN_TEMP;
	} else if (slice_is(kind, "sequence")) {
		answer->pins |= 1u << PIN_SEQUENCE;
	} else if (slice_is(kind, "channel")) {
		listen_found(session, name);
	} else if (slice_is(kind, "settings")) {
		answer->settings_asked = true;
	} else if (slice_is(kind, "setting") && value.at) {
		settings_quote(name, value, &sql);
		text = slice_dup(name);
		for (char *at = text; *at; at++)
			if (*at >= 'A' && *at <= 'Z')
				*at = (char)(*at + 32);
		settings_put(&answer->settings, text, buffer_slice(&sql));
		free(text);
		buffer_fini(&sql);
	}
}

/* Asked with the pins, for what no question reveals: LOAD; and currval's
 * memory, unless that was asked for. */
static unsigned kept_pins(const struct session *session)
{
	return session->pins & (1u << PIN_LOAD | 1u << PIN_SEED |
				1u << PIN_SEQUENCE);
}

void probe_answered(struct session *session, bool succeeded, struct slice rows)
{
	struct answer answer = { .pins = kept_pins(session) };
	struct slice left;
	struct frame frame;

	session->probing = false;
	state_told(session, PROBE_TOKEN);
	backend_ask_turn(session->backend);
	if (!succeeded) {
		log_warn("cannot ask what a transaction left behind", "session",
			 session->id);
		state_set_pins(session, session->pins | 1u << PIN_UNKNOWN);
		return;
	}
	left = rows;
	while (frame_read(left, BUFFER_BYTES_MAX, &frame) == FRAME_WHOLE) {
		if (frame.type == 'D')
			take_row(session, &answer, frame.body);
		left.at += frame.length;
		left.length -= frame.length;
	}
	if (answer.settings_asked) {
		state_found_settings(session, answer.settings);
		prepare_found(session, rows);
	}
	settings_unref(&answer.settings);
	state_set_pins(session, answer.pins);
}
