#include "proxy/session_state.h"

#include <stdlib.h>

#include "proxy/log.h"

uint32_t state_watch_name(struct session *session, char message,
			  struct statement *statement, struct slice name,
			  bool learned)
{
	struct watch *watch = must_alloc(sizeof(*watch));

	watch->token = ++session->last_token;
	watch->message = message;
	watch->learned = learned;
	watch->statement = statement;
	watch->name = name.at ? slice_dup(name) : NULL;
	list_append(&session->watches, &watch->link);
	return watch->token;
}

uint32_t state_watch(struct session *session, struct statement *statement)
{
	return state_watch_name(session, 'E', statement,
				slice_make(NULL, 0), false);
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

/* --- settings ----------------------------------------------------------- */

static void save_settings(struct session *session)
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

static void drop_savepoints(struct session *session)
{
	LIST_EACH_SAFE(link, &session->savepoints)
		drop_savepoint(LIST_ENTRY(link, struct savepoint, link));
}

static void forget_saved(struct session *session)
{
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	session->settings_saved = false;
	drop_savepoints(session);
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
static void set_savepoint(struct session *session, const char *name)
{
	struct savepoint *savepoint;

	if (!session->settings_saved)
		return;
	savepoint = must_alloc(sizeof(*savepoint));
	savepoint->name = must_dup(name);
	savepoint->settings = settings_ref(session->settings);
	savepoint->backend_settings = settings_ref(session->backend->settings);
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

static void release_savepoint(struct session *session, const char *name)
{
	struct savepoint *savepoint = find_savepoint(session, name);

	drop_behind(session, savepoint);
	if (savepoint)
		drop_savepoint(savepoint);
}

static void roll_back_to(struct session *session, const char *name)
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
	drop_behind(session, savepoint);
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

static const char *const pin_words[] = {
	[PIN_PREPARE] = "PREPARE", [PIN_LISTEN] = "LISTEN",
	[PIN_TEMP] = "temporary object", [PIN_CURSOR] = "WITH HOLD cursor",
	[PIN_LOAD] = "LOAD", [PIN_LOCK] = "session advisory lock",
	[PIN_SET_CONFIG] = "set_config()", [PIN_PORTAL] = "named portal",
};

void state_pin(struct session *session, enum pin pin)
{
	if (session->pins & (1u << pin))
		return;
	if (!session->pins)
		session->worker->counters.pins++;
	session->pins |= 1u << pin;
	log_info("session pinned to its server", "session", session->id,
		 "reason", pin_words[pin]);
}

static void unpin(struct session *session, enum pin pin)
{
	session->pins &= ~(1u << pin);
}

static void discard_all(struct session *session)
{
	reset_all_settings(session);
	names_free(&session->names);
	known_statements_free(&session->backend->known);
	statement_unref(&session->unnamed);
	session->pins = 0;
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
	if (!function || strncmp(function, "pg_advisory_unlock", 18) != 0)
		state_pin(session, PIN_LOCK);
	else if (strcmp(function, "pg_advisory_unlock_all") == 0)
		unpin(session, PIN_LOCK);
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
		state_pin(session, PIN_SET_CONFIG);
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
		state_pin(session, PIN_PREPARE);
		break;
	case SESSION_LISTEN:
		state_pin(session, PIN_LISTEN);
		break;
	case SESSION_TEMP:
		state_pin(session, PIN_TEMP);
		break;
	case SESSION_CURSOR_HOLD:
		state_pin(session, PIN_CURSOR);
		break;
	case SESSION_LOAD:
		state_pin(session, PIN_LOAD);
		break;
	case SESSION_LOCK_CALL:
		apply_lock_call(session, deed->name);
		break;
	case SESSION_SET_CONFIG_CALL:
		apply_set_config(session, deed);
		break;
	case SESSION_UNLISTEN:
		if (!deed->name)
			unpin(session, PIN_LISTEN);
		break;
	case SESSION_SAVEPOINT:
		set_savepoint(session, deed->name);
		break;
	case SESSION_RELEASE:
		release_savepoint(session, deed->name);
		break;
	case SESSION_ROLLBACK_TO:
		roll_back_to(session, deed->name);
		break;
	case SESSION_SEQUENCE_CALL:
	case SESSION_SET_LOCAL:
	case SESSION_EXECUTE:
		break;
	}
}

static void apply_transaction(struct session *session,
			      enum transaction_deed deed)
{
	if (!session->settings_saved)
		return;
	/* The COMMIT of a failed transaction says ROLLBACK. */
	if (deed == TRANSACTION_ROLLBACK ||
	    (deed == TRANSACTION_COMMIT && session->backend->undone))
		restore(session, session->settings_before,
			session->backend_before);
	if (deed == TRANSACTION_ROLLBACK || deed == TRANSACTION_COMMIT)
		forget_saved(session);
}

/* In the order of the text, for it may set, roll back and set again. */
static void apply_all(struct session *session,
		      const struct statement *statement)
{
	const struct sql_facts *facts = statement->facts;
	int next = 0;

	for (int i = 0; facts && i < facts->statement_count; i++) {
		apply_transaction(session, facts->statements[i].transaction);
		while (next < facts->session_deed_count &&
		       facts->session_deeds[next].statement == i)
			apply(session, &facts->session_deeds[next++]);
	}
	/* The tag of its ROLLBACK must not undo what was SET behind it. */
	if (facts && facts->statement_count > 1)
		session->backend->undone = false;
}

/* What was assumed when the message was sent is not so. */
static void undo(struct session *session, struct watch *watch)
{
	if (!watch->name)
		return;
	if (watch->message == 'P')
		names_remove(&session->names, slice_text(watch->name));
	else
		names_put(&session->names, slice_text(watch->name),
			  statement_ref(watch->statement));
}

void state_watched(struct session *session, uint32_t token, bool succeeded)
{
	struct watch *watch = take_watch(session, token);

	if (!watch)
		return;
	if (watch->learned && watch->message == 'C')
		session->backend->closing--;
	if (watch->learned && watch->message == 'P' && succeeded)
		statement_confirm(session->backend, watch->statement);
	else if (watch->learned && !succeeded)
		statement_doubt(session->backend, watch->statement);
	if (!succeeded) {
		list_append(&session->undoing, &watch->link);
		return;
	}
	if (watch->message == 'E')
		apply_all(session, watch->statement);
	free_watch(watch);
}

/* The latest first: a name may have been closed and given again. */
static void undo_all(struct session *session)
{
	while (!list_empty(&session->undoing)) {
		struct watch *watch = LIST_ENTRY(session->undoing.prev,
						 struct watch, link);

		undo(session, watch);
		list_remove(&watch->link);
		free_watch(watch);
	}
}

void state_ready(struct session *session, char status, bool undone)
{
	undo_all(session);
	if (status != 'I' || !session->settings_saved)
		return;
	if (undone)
		restore(session, session->settings_before,
			session->backend_before);
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
	/* Whatever pinned it must not be met by the next client; nor what was
	 * under way, which may have been done or not. */
	if (session->pins || !backend_is_quiet(backend) ||
	    !list_empty(&session->watches))
		backend->must_discard = true;
}

static void free_watches(struct list *watches)
{
	LIST_EACH_SAFE(link, watches) {
		list_remove(link);
		free_watch(LIST_ENTRY(link, struct watch, link));
	}
}

void state_fini(struct session *session)
{
	free_watches(&session->watches);
	free_watches(&session->undoing);
	drop_savepoints(session);
	names_free(&session->names);
	statement_unref(&session->unnamed);
	statement_unref(&session->portal);
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	settings_unref(&session->settings);
	settings_unref(&session->base);
}
