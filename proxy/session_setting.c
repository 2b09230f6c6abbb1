/*
 * The settings that a session carries: SET, RESET and what undoes them, in
 * the order Postgres has; the difference to the leased server, replayed.
 *
 * A setting changed in a transaction that is rolled back is as it was before,
 * and one behind a savepoint is when one goes back to it: of both, what the
 * session had and what the server had is remembered.
 */
#include "proxy/session_state_inner.h"

#include <stdlib.h>

#include "proxy/session_listen.h"
#include "proxy/session_probe.h"

#define ASKED_BYTES_MAX 4096

/* --- transactions and savepoints ---------------------------------------- */

void setting_save(struct session *session)
{
	if (session->settings_saved)
		return;
	session->settings_saved = true;
	session->settings_before = settings_ref(session->settings);
	session->backend_before = settings_ref(session->backend->settings);
}

static void drop_savepoint(struct savepoint *savepoint)
{
	list_remove(&savepoint->link);
	settings_unref(&savepoint->settings);
	settings_unref(&savepoint->backend_settings);
	free(savepoint->name);
	free(savepoint);
}

void setting_drop_savepoints(struct session *session)
{
	LIST_EACH_SAFE(link, &session->savepoints)
		drop_savepoint(LIST_ENTRY(link, struct savepoint, link));
}

void setting_forget_saved(struct session *session)
{
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	session->settings_saved = false;
	setting_drop_savepoints(session);
}

static void restore(struct session *session, struct settings *settings,
		    struct settings *backend_settings)
{
	settings_unref(&session->settings);
	settings_unref(&session->backend->settings);
	session->settings = settings_ref(settings);
	session->backend->settings = settings_ref(backend_settings);
}

/* Before the first SET of a transaction there is nothing to remember: going
 * back to a savepoint that is not known goes back to the beginning. */
void setting_set_savepoint(struct session *session, const char *name)
{
	struct savepoint *savepoint;

	if (!session->settings_saved)
		return;
	savepoint = must_alloc(sizeof(*savepoint));
	savepoint->name = must_dup(name);
	savepoint->settings = settings_ref(session->settings);
	savepoint->backend_settings = settings_ref(session->backend->settings);
	savepoint->deed_count = session->channel_deed_count;
	list_append(&session->savepoints, &savepoint->link);
}

static struct savepoint *find_savepoint(struct session *session,
					const char *name)
{
	struct savepoint *found = NULL;

	LIST_EACH(link, &session->savepoints) {
		struct savepoint *each = LIST_ENTRY(link, struct savepoint,
						    link);

		if (strcmp(each->name, name) == 0)
			found = each;
	}
	return found;
}

/* Drops the savepoints behind this one; all of them where it is NULL. */
static void drop_behind(struct session *session, struct savepoint *kept)
{
	while (!list_empty(&session->savepoints) &&
	       session->savepoints.prev != (kept ? &kept->link : NULL))
		drop_savepoint(LIST_ENTRY(session->savepoints.prev,
					  struct savepoint, link));
}

void setting_release_savepoint(struct session *session, const char *name)
{
	struct savepoint *savepoint = find_savepoint(session, name);

	drop_behind(session, savepoint);
	if (savepoint)
		drop_savepoint(savepoint);
}

void setting_roll_back_to(struct session *session, const char *name)
{
	struct savepoint *savepoint = find_savepoint(session, name);

	if (!session->settings_saved)
		return;
	if (savepoint)
		restore(session, savepoint->settings,
			savepoint->backend_settings);
	else
		restore(session, session->settings_before,
			session->backend_before);
	listen_undo(session, savepoint ? savepoint->deed_count : 0);
	drop_behind(session, savepoint);
}

/* --- one setting -------------------------------------------------------- */

static bool is_custom(const char *name)
{
	return strchr(name, '.');
}

void setting_put(struct session *session, const char *name,
			const char *sql)
{
	if (is_custom(name))
		backend_note_custom(session->backend, name);
	if (!settings_put(&session->settings, name, slice_text(sql)) ||
	    !settings_put(&session->backend->settings, name, slice_text(sql)))
		session->backend->doomed = true;
}

/* A custom parameter that was set once is known to its session for good, with
 * an empty value; so the session carries that. */
static void put_empty(struct session *session, const char *name)
{
	struct buffer sql = { 0 };

	settings_quote(slice_text(name), slice_make(NULL, 0), &sql);
	setting_put(session, name, buffer_cstring(&sql));
	buffer_fini(&sql);
}

/* RESET on the server goes back to the server's own default; in the client's
 * eyes to what it asked for at startup. session_ready.c mends that. */
void setting_reset(struct session *session, const char *name)
{
	const char *base = settings_find(session->base, name);

	settings_remove(&session->backend->settings, name);
	if (base)
		settings_put(&session->settings, name, slice_text(base));
	else if (is_custom(name))
		put_empty(session, name);
	else
		settings_remove(&session->settings, name);
}

static void empty_custom(void *context, const char *name)
{
	struct session *session = context;

	if (is_custom(name) && !settings_find(session->settings, name))
		put_empty(session, name);
}

/* RESET ALL leaves who one is; DISCARD ALL does not. */
void setting_reset_all(struct session *session, bool identities_too)
{
	struct settings *old = session->settings;

	settings_unref(&session->backend->settings);
	session->settings = settings_ref(session->base);
	settings_each(old, empty_custom, session);
	if (!identities_too) {
		settings_copy(&session->settings, old, settings_is_identity);
		settings_copy(&session->backend->settings, old,
			      settings_is_identity);
	}
	settings_unref(&old);
}

/* Only for its transaction; but its name stays. */
void setting_set_local(struct session *session, const char *name)
{
	if (is_custom(name) && !settings_find(session->settings, name))
		put_empty(session, name);
}

static bool any_setting(const char *name)
{
	return true;
}

static void note_custom(void *context, const char *name)
{
	if (is_custom(name))
		backend_note_custom(context, name);
}

void state_found_settings(struct session *session, struct settings *found)
{
	struct settings *old = session->settings;

	/* Of custom ones the server tells only those that were asked for. */
	session->settings = NULL;
	settings_copy(&session->settings, old, is_custom);
	settings_copy(&session->settings, found, any_setting);
	settings_unref(&old);
	settings_unref(&session->backend->settings);
	session->backend->settings = settings_ref(session->settings);
	settings_each(session->settings, note_custom, session->backend);
}

bool state_shows_foreign(struct session *session, struct slice text)
{
	struct reader reader =
		reader_make(buffer_slice(&session->backend->customs));

	while (reader_left(&reader)) {
		struct slice name = read_cstring(&reader);

		if (!settings_find(session->settings, (const char *)name.at) &&
		    slice_mentions(text, name))
			return true;
	}
	return false;
}

/* Custom ones are asked for by name, for the server lists the others only. */
static void ask_setting(struct session *session, const char *name)
{
	session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (name && is_custom(name) &&
	    session->asked_settings.length + strlen(name) < ASKED_BYTES_MAX)
		buffer_put_cstring(&session->asked_settings, name);
}

/* Those that tell what names mean: of them it must be known. */
static bool is_of_names(const char *setting)
{
	return strcmp(setting, "search_path") == 0 ||
	       strcmp(setting, "role") == 0 ||
	       strcmp(setting, "session_authorization") == 0;
}

/* Constant arguments are a SET like any other; of what only the server knows
 * it is asked. */
void setting_set_config(struct session *session,
			     const struct session_deed *deed)
{
	struct buffer sql = { 0 };

	setting_save(session);
	if (!deed->name || (!deed->sure && is_of_names(deed->name))) {
		ask_setting(session, deed->name);
		session->path_moved = true;
	} else if (deed->local) {
		setting_set_local(session, deed->name);
	} else if (!deed->text) {
		ask_setting(session, deed->name);
	} else {
		settings_quote(slice_text(deed->name), slice_text(deed->text),
			       &sql);
		setting_put(session, deed->name, buffer_cstring(&sql));
		buffer_fini(&sql);
	}
}

/* Whoever becomes somebody else gives up the role. */
void setting_settle_identity(struct session *session, const char *name)
{
	if (strcmp(name, "session_authorization") != 0)
		return;
	settings_remove(&session->settings, "role");
	settings_remove(&session->backend->settings, "role");
}

/* SET datestyle TO DMY changes one half of it and keeps the other: what came
 * of it the server has reported. */
void setting_settle_style(struct session *session)
{
	struct buffer sql = { 0 };
	struct slice value;

	if (!session->style_set)
		return;
	session->style_set = false;
	value = backend_parameter(session->backend, "DateStyle");
	if (!settings_find(session->settings, "datestyle") || !value.at)
		return;
	settings_quote(slice_text("datestyle"), value, &sql);
	setting_put(session, "datestyle", buffer_cstring(&sql));
	buffer_fini(&sql);
}

/* All that was SET is as before; but the name of a custom parameter stays. */
void setting_undo(struct session *session)
{
	struct settings *undone = settings_ref(session->settings);

	restore(session, session->settings_before, session->backend_before);
	settings_each(undone, empty_custom, session);
	settings_unref(&undone);
	listen_undo(session, 0);
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
	settings_each(session->settings, note_custom, backend);
	settings_unref(&backend->settings);
	backend->settings = settings_ref(session->settings);
	return sql->length > 0;
}
