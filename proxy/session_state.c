#include "proxy/session_state.h"

#include <stdlib.h>

#include "proxy/log.h"

uint32_t state_watch(struct session *session, struct statement *statement,
		     struct slice name, bool named)
{
	struct watch *watch = must_alloc(sizeof(*watch));

	watch->token = ++session->last_token;
	watch->statement = statement;
	watch->name = named ? slice_dup(name) : NULL;
	list_append(&session->watches, &watch->link);
	return watch->token;
}

static struct watch *take_watch(struct session *session, uint32_t token)
{
	LIST_EACH(link, &session->watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		if (watch->token != token)
			continue;
		list_remove(&watch->link);
		return watch;
	}
	return NULL;
}

static void free_watch(struct watch *watch)
{
	statement_unref(&watch->statement);
	free(watch->name);
	free(watch);
}

bool state_does(const struct statement *statement, enum session_deed_kind kind)
{
	const struct sql_facts *facts = statement->facts;

	for (int i = 0; facts && i < facts->session_deed_count; i++)
		if (facts->session_deeds[i].kind == kind)
			return true;
	return false;
}

/* --- settings ----------------------------------------------------------- */

static void save_settings(struct session *session)
{
	if (session->settings_saved)
		return;
	session->settings_saved = true;
	session->settings_before = settings_ref(session->settings);
	session->backend_before = settings_ref(session->backend->settings);
}

static void forget_saved(struct session *session)
{
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	session->settings_saved = false;
}

static void put_setting(struct session *session, const char *name,
			const char *sql)
{
	if (!settings_put(&session->settings, name, slice_text(sql)) ||
	    !settings_put(&session->backend->settings, name, slice_text(sql)))
		session->backend->doomed = true;
}

/* RESET on the server goes back to the server's own default; in the client's
 * eyes to what it asked for at startup. The next replay mends the rest. */
static void reset_setting(struct session *session, const char *name)
{
	const char *base = settings_find(session->base, name);

	settings_remove(&session->backend->settings, name);
	if (base)
		settings_put(&session->settings, name, slice_text(base));
	else
		settings_remove(&session->settings, name);
}

static void reset_all_settings(struct session *session)
{
	settings_unref(&session->backend->settings);
	settings_unref(&session->settings);
	session->settings = settings_ref(session->base);
}

/* --- pins --------------------------------------------------------------- */

static void pin(struct session *session, const char *reason)
{
	if (session->pinned)
		return;
	session->pinned = true;
	session->pin_reason = reason;
	session->worker->counters.pins++;
	log_info("session pinned to its server", "session", session->id,
		 "reason", reason);
}

static void discard_all(struct session *session)
{
	reset_all_settings(session);
	names_free(&session->names);
	known_statements_free(&session->backend->known);
	statement_unref(&session->unnamed);
	session->pinned = false;
}

/* --- what was done ------------------------------------------------------ */

static void deallocate(struct session *session, const char *name)
{
	struct slice slice = slice_text(name);
	struct statement *statement = names_find(session->names, slice);

	if (!statement)
		return;
	statement_forget(session->backend, statement);
	names_remove(&session->names, slice);
}

/* A lock pins; giving every lock back ends that. */
static void apply_lock_call(struct session *session, const char *function)
{
	static const char lock[] = "session advisory lock";

	if (!function || strncmp(function, "pg_advisory_unlock", 18) != 0)
		pin(session, lock);
	else if (strcmp(function, "pg_advisory_unlock_all") == 0 &&
		 session->pinned && strcmp(session->pin_reason, lock) == 0)
		session->pinned = false;
}

/* Constant arguments are a SET like any other; what only the server knows
 * pins. */
static void apply_set_config(struct session *session,
			     const struct session_deed *deed)
{
	struct buffer sql = { 0 };

	if (deed->local)
		return;
	if (!deed->name || !deed->text) {
		pin(session, "set_config()");
		return;
	}
	save_settings(session);
	settings_quote(slice_text(deed->name), slice_text(deed->text), &sql);
	put_setting(session, deed->name, buffer_cstring(&sql));
	buffer_fini(&sql);
}

static void apply(struct session *session, const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_SET:
		save_settings(session);
		put_setting(session, deed->name, deed->text);
		break;
	case SESSION_RESET:
		save_settings(session);
		reset_setting(session, deed->name);
		break;
	case SESSION_RESET_ALL:
		save_settings(session);
		reset_all_settings(session);
		break;
	case SESSION_DISCARD:
		if (strcmp(deed->name, "all") == 0)
			discard_all(session);
		break;
	case SESSION_DEALLOCATE:
		deallocate(session, deed->name);
		break;
	case SESSION_DEALLOCATE_ALL:
		names_free(&session->names);
		known_statements_free(&session->backend->known);
		break;
	case SESSION_PREPARE:
		pin(session, "PREPARE");
		break;
	case SESSION_LISTEN:
		pin(session, "LISTEN");
		break;
	case SESSION_TEMP:
		pin(session, "temporary object");
		break;
	case SESSION_CURSOR_HOLD:
		pin(session, "WITH HOLD cursor");
		break;
	case SESSION_LOAD:
		pin(session, "LOAD");
		break;
	case SESSION_LOCK_CALL:
		apply_lock_call(session, deed->name);
		break;
	case SESSION_SET_CONFIG_CALL:
		apply_set_config(session, deed);
		break;
	case SESSION_SEQUENCE_CALL:
	case SESSION_SET_LOCAL:
	case SESSION_EXECUTE:
	case SESSION_UNLISTEN:
		break;
	}
}

static void apply_all(struct session *session,
		      const struct statement *statement)
{
	const struct sql_facts *facts = statement->facts;

	for (int i = 0; facts && i < facts->session_deed_count; i++)
		apply(session, &facts->session_deeds[i]);
}

void state_watched(struct session *session, char message, uint32_t token,
		   bool succeeded)
{
	struct watch *watch = take_watch(session, token);

	if (!watch)
		return;
	if (message == 'P' && !succeeded) {
		statement_forget(session->backend, watch->statement);
		if (watch->name)
			names_remove(&session->names, slice_text(watch->name));
	} else if (message != 'P' && succeeded) {
		apply_all(session, watch->statement);
	}
	free_watch(watch);
}

void state_ready(struct session *session, char status, bool undone)
{
	struct backend *backend = session->backend;

	if (status != 'I' || !session->settings_saved)
		return;
	if (undone) {
		settings_unref(&session->settings);
		settings_unref(&backend->settings);
		session->settings = settings_ref(session->settings_before);
		backend->settings = settings_ref(session->backend_before);
	}
	forget_saved(session);
}

bool state_replay(struct session *session, struct buffer *sql)
{
	struct backend *backend = session->backend;

	if (session->settings == backend->settings || backend->status == 'E')
		return false;
	if (settings_equal(session->settings, backend->settings)) {
		/* One set for both, so that next time two pointers tell. */
		settings_unref(&session->settings);
		session->settings = settings_ref(backend->settings);
		return false;
	}
	settings_replay(backend->settings, session->settings, sql);
	settings_unref(&backend->settings);
	backend->settings = settings_ref(session->settings);
	return sql->length > 0;
}

void state_before_abandon(struct session *session, struct backend *backend)
{
	/* What it SET in a transaction that is now rolled back was never so. */
	if (session->settings_saved) {
		settings_unref(&backend->settings);
		backend->settings = settings_ref(session->backend_before);
		forget_saved(session);
	}
	/* Whatever pinned it must not be met by the next client. */
	if (session->pinned || !list_empty(&session->watches))
		backend->must_discard = true;
}

void state_fini(struct session *session)
{
	LIST_EACH_SAFE(link, &session->watches) {
		list_remove(link);
		free_watch(LIST_ENTRY(link, struct watch, link));
	}
	names_free(&session->names);
	statement_unref(&session->unnamed);
	statement_unref(&session->portal);
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	settings_unref(&session->settings);
	settings_unref(&session->base);
}
