/*
 * DECLARE, FETCH, MOVE, CLOSE. A cursor's rows are taken when it is declared
 * and kept in storage form (pool/sqlite/kept.h), so that it may be read
 * backwards, and in text or binary as each FETCH asks.
 */
#include "protocol/sql_nodes.h"

#include "pool/sqlite/session_utility.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/frame.h"

/* --- keeping rows -------------------------------------------------------------------- */

void session_keep_row(struct lite_portal *portal, sqlite3_stmt *statement,
		      int count)
{
	struct buffer *out = &portal->rows;

	if (portal->row_total == portal->row_capacity) {
		portal->row_capacity = portal->row_capacity * 2 + 64;
		portal->row_starts = must_realloc(
			portal->row_starts,
			portal->row_capacity * sizeof(*portal->row_starts));
	}
	portal->row_starts[portal->row_total++] = out->length;
	kept_put_row(out, statement, count);
}

static bool send_row(struct lite_session *session, struct lite_portal *cursor,
		     size_t index, const uint8_t *formats,
		     struct error *error)
{
	struct buffer *out = &session->output;
	const uint8_t *at = cursor->rows.bytes + cursor->row_starts[index];
	size_t mark = message_begin(out, 'D');
	struct value value;

	buffer_put_u16(out, (uint16_t)cursor->column_count);
	for (int i = 0; i < cursor->column_count; i++) {
		size_t length_at = out->length;

		at = kept_read_value(at, &value);
		buffer_put_u32(out, UINT32_MAX);
		if (value.kind == VALUE_NULL)
			continue;
		if (!type_write(cursor->columns[i].type,
				cursor->columns[i].typmod,
				cursor->binary ? WIRE_BINARY :
				formats ? formats[i] : WIRE_TEXT, &value,
				&session->types, out, error)) {
			out->length = mark - 1;
			return false;
		}
		buffer_patch_u32(out, length_at,
				 (uint32_t)(out->length - length_at - 4));
	}
	message_end(out, mark);
	return true;
}

/* --- DECLARE --------------------------------------------------------------------------- */

static bool check_declare(struct lite_session *session,
			  const DeclareCursorStmt *node, struct error *error)
{
	if (!(node->options & CURSOR_OPT_HOLD) && session->status == 'I' &&
	    !session->query_multiple)
		return error_set(error, SQLSTATE_NO_ACTIVE_TRANSACTION, "%s",
				 "DECLARE CURSOR can only be used in "
				 "transaction blocks");
	if (session_find_portal(session, node->portalname))
		return error_set(error, SQLSTATE_DUPLICATE_CURSOR,
				 "cursor \"%s\" already exists",
				 node->portalname);
	if (HASH_COUNT(session->portals) >= SESSION_PORTALS_MAX)
		return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
				 "too many portals (limit %d)",
				 SESSION_PORTALS_MAX);
	return true;
}

enum session_step session_declare(struct lite_session *session,
				  struct lite_portal *portal,
				  const DeclareCursorStmt *node,
				  struct error *error)
{
	struct lite_plan *inner = portal->plan->inner;
	struct lite_portal *cursor;
	enum session_step step;

	if (!check_declare(session, node, error))
		return STEP_FAILED;
	cursor = lite_portal_new(lite_plan_ref(inner), node->portalname);
	cursor->cursor = true;
	cursor->hold = node->options & CURSOR_OPT_HOLD;
	cursor->binary = node->options & CURSOR_OPT_BINARY;
	cursor->scroll = !(node->options & CURSOR_OPT_NO_SCROLL);
	cursor->values = portal->values;
	cursor->columns = inner->compiled.columns;
	cursor->column_count = inner->compiled.column_count;
	cursor->made_us = session->statement_us;
	cursor->text = slice_dup(portal->plan->text);
	step = session_materialise(session, cursor, error);
	cursor->values = NULL;
	if (step == STEP_DONE)
		session_add_portal(session, cursor);
	else
		lite_portal_free(session, &cursor);
	return step;
}

/* --- FETCH and MOVE ----------------------------------------------------------------------- */

struct lite_portal *session_need_cursor(struct lite_session *session,
					const char *name, struct error *error)
{
	struct lite_portal *cursor = session_find_portal(session, name);

	if (cursor && (cursor->cursor ||
		       cursor->plan->compiled.kind == COMPILED_QUERY))
		return cursor;
	error_set(error, SQLSTATE_INVALID_CURSOR,
		  "cursor \"%s\" does not exist", name);
	return NULL;
}

/* A cursor stands on row `position`: 0 is before the first, total + 1 after
 * the last one. */
struct walk {
	struct lite_session *session;
	struct lite_portal *cursor;
	const uint8_t *formats;
	bool move;
	uint64_t count;
	struct error *error;
};

static bool visit(struct walk *walk)
{
	int64_t position = walk->cursor->position;

	if (position < 1 || position > (int64_t)walk->cursor->row_total)
		return true;
	walk->count++;
	return walk->move ||
	       send_row(walk->session, walk->cursor, (size_t)position - 1,
			walk->formats, walk->error);
}

static bool go(struct walk *walk, int64_t steps)
{
	int64_t end = (int64_t)walk->cursor->row_total + 1;
	int64_t direction = steps < 0 ? -1 : 1;

	/* FETCH 0 is the row it stands on. */
	if (steps == 0)
		return visit(walk);
	for (; steps; steps -= direction) {
		int64_t next = walk->cursor->position + direction;

		if (next < 0 || next > end)
			break;
		walk->cursor->position = next;
		if (next == 0 || next == end)
			break;
		if (!visit(walk))
			return false;
	}
	return true;
}

static bool go_to(struct walk *walk, int64_t position)
{
	int64_t end = (int64_t)walk->cursor->row_total + 1;

	if (position < 0)
		position += end;
	walk->cursor->position = position < 0 ? 0 :
				 position > end ? end : position;
	return visit(walk);
}

/* Whether it stands on a row, which FETCH 0 would have to read again. */
static bool rereads(const struct lite_portal *cursor, const FetchStmt *node)
{
	return !node->ismove && cursor->position > 0 &&
	       cursor->position <= (int64_t)cursor->row_total;
}

/* Whether Postgres would have to scan backward, or from the start again. */
static bool goes_back(const struct lite_portal *cursor, const FetchStmt *node)
{
	int64_t many = node->howMany;

	if (node->direction == FETCH_ABSOLUTE)
		return many < 0 ||
		       (cursor->position > 0 && many <= cursor->position);
	if (many == 0)
		return rereads(cursor, node);
	if (node->direction != FETCH_BACKWARD)
		return many < 0;
	if (node->ismove && many == LONG_MAX)
		return cursor->position > 0;
	return many > 0;
}

/* What Bind made is a cursor, too: its rows are taken when SQL asks first. */
static bool become_cursor(struct lite_session *session,
			  struct lite_portal *portal, struct error *error)
{
	if (portal->plan->compiled.kind != COMPILED_QUERY ||
	    portal->state != PORTAL_NEW)
		return true;
	portal->cursor = true;
	portal->columns = portal->plan->compiled.columns;
	portal->column_count = portal->plan->compiled.column_count;
	if (session_materialise(session, portal, error) == STEP_DONE)
		return true;
	portal->cursor = false;
	return error->sqlstate[0] ? false :
	       error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
			 "FETCH from this portal is not supported on a SQLite "
			 "backend");
}

/* MOVE over rows that are kept as they will be sent. */
static bool move_kept(struct lite_session *session, struct lite_portal *portal,
		      const FetchStmt *node, struct error *error)
{
	int64_t count = 0;
	char tag[48];

	if (!node->ismove || node->direction != FETCH_FORWARD ||
	    node->howMany < 0)
		return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
				 "FETCH from a portal that has been executed "
				 "is not supported on a SQLite backend");
	for (; count < node->howMany && portal->rows_at < portal->rows.length;
	     count++)
		portal->rows_at += (size_t)load_u32(portal->rows.bytes +
						    portal->rows_at + 1) + 1;
	snprintf(tag, sizeof(tag), "MOVE %lld", (long long)count);
	session_complete(session, tag);
	return true;
}

bool session_fetch(struct lite_session *session, struct lite_portal *portal,
		   const FetchStmt *node, struct error *error)
{
	struct lite_portal *cursor = session_find_portal(session,
							 node->portalname);
	struct walk walk = {
		.session = session, .cursor = cursor, .error = error,
		.formats = portal->formats, .move = node->ismove,
	};
	int64_t many = node->howMany;
	char tag[48];
	bool done;

	if (cursor && !cursor->cursor &&
	    !become_cursor(session, cursor, error))
		return false;
	if (!session_need_cursor(session, node->portalname, error))
		return false;
	if (!cursor->cursor)
		return move_kept(session, cursor, node, error);
	if (!cursor->scroll && goes_back(cursor, node)) {
		error_set(error, SQLSTATE_NOT_IN_PREREQUISITE_STATE, "%s",
			  "cursor can only scan forward");
		error_hint(error, "%s",
			   "Declare it with SCROLL option to enable backward "
			   "scan.");
		return false;
	}
	switch (node->direction) {
	case FETCH_FORWARD:
		done = go(&walk, many);
		break;
	case FETCH_BACKWARD:
		done = go(&walk, many == LONG_MAX ? -LONG_MAX : -many);
		break;
	case FETCH_ABSOLUTE:
		done = go_to(&walk, many);
		break;
	default:
		done = go_to(&walk, cursor->position + many < 0 ? 0 :
				    cursor->position + many);
	}
	if (!done)
		return false;
	snprintf(tag, sizeof(tag), "%s %llu", node->ismove ? "MOVE" : "FETCH",
		 (unsigned long long)walk.count);
	session_complete(session, tag);
	return true;
}

enum session_step session_run_cursor(struct lite_session *session,
				     struct lite_portal *cursor, uint64_t most,
				     struct error *error)
{
	struct walk walk = {
		.session = session, .cursor = cursor, .error = error,
		.formats = cursor->formats,
	};
	char tag[48];

	if (!go(&walk, most ? (int64_t)most : LONG_MAX))
		return STEP_FAILED;
	if (most && walk.count == most) {
		message_end(&session->output,
			    message_begin(&session->output, 's'));
		return STEP_DONE;
	}
	snprintf(tag, sizeof(tag), "SELECT %llu",
		 (unsigned long long)walk.count);
	session_complete(session, tag);
	return STEP_DONE;
}

bool session_close_cursor(struct lite_session *session,
			  const ClosePortalStmt *node, struct error *error)
{
	struct lite_portal *cursor;

	if (!node->portalname) {
		session_close_cursors(session);
		return true;
	}
	cursor = session_find_portal(session, node->portalname);
	if (!cursor)
		return error_set(error, SQLSTATE_INVALID_CURSOR,
				 "cursor \"%s\" does not exist",
				 node->portalname);
	HASH_DEL(session->portals, cursor);
	lite_portal_free(session, &cursor);
	return true;
}

void session_close_cursors(struct lite_session *session)
{
	struct lite_portal *cursor, *next;

	HASH_ITER(hh, session->portals, cursor, next) {
		if (!cursor->cursor)
			continue;
		HASH_DEL(session->portals, cursor);
		lite_portal_free(session, &cursor);
	}
}
