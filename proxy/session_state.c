#include "proxy/session_state.h"

#include <stdlib.h>

#include "pool/shape.h"
#include "protocol/message_write.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_prepare.h"
#include "proxy/session_probe.h"

#define ASKED_BYTES_MAX 4096
#define SPARE_WATCHES_MAX 256

static char no_name[] = "";	/* of the unnamed statement */

/* One is needed for every unnamed Parse, so they are kept. */
static struct watch *new_watch(struct worker *worker)
{
	struct list *link;
	struct watch *watch;

	if (list_empty(&worker->spare_watches))
		return must_alloc(sizeof(*watch));
	link = list_first(&worker->spare_watches);
	list_remove(link);
	worker->spare_watch_count--;
	watch = LIST_ENTRY(link, struct watch, link);
	*watch = (struct watch){ 0 };
	return watch;
}

static void free_watch(struct worker *worker, struct watch *watch)
{
	statement_unref(&watch->statement);
	if (watch->name != no_name)
		free(watch->name);
	if (worker->spare_watch_count == SPARE_WATCHES_MAX) {
		free(watch);
		return;
	}
	list_append(&worker->spare_watches, &watch->link);
	worker->spare_watch_count++;
}

uint32_t state_watch_name(struct session *session, char message,
			  struct statement *statement, struct slice name,
			  bool learned)
{
	struct watch *watch = new_watch(session->worker);

	watch->token = ++session->last_token;
	watch->message = message;
	watch->learned = learned;
	watch->batch = session->backend->batches;
	watch->statement = statement;
	if (name.at)
		watch->name = name.length ? slice_dup(name) : no_name;
	watch->since = name.length && names_find(session->names, name) ?
		       names_find(session->names, name)->since : 0;
	list_append(&session->watches, &watch->link);
	return watch->token;
}

uint32_t state_watch_close(struct session *session,
			   const struct prepared *prepared)
{
	return state_watch_name(session, 'C',
				statement_ref(prepared->statement),
				slice_text(prepared->name), false);
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
	listen_undo(session, savepoint ? savepoint->deed_count : 0);
	drop_behind(session, savepoint);
}

static bool is_custom(const char *name)
{
	return strchr(name, '.');
}

static void put_setting(struct session *session, const char *name,
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
	put_setting(session, name, buffer_cstring(&sql));
	buffer_fini(&sql);
}

/* RESET on the server goes back to the server's own default; in the client's
 * eyes to what it asked for at startup. session_ready.c mends that. */
static void reset_setting(struct session *session, const char *name)
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
static void reset_all_settings(struct session *session, bool identities_too)
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
static void set_local(struct session *session, const char *name)
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

/* --- pins --------------------------------------------------------------- */

static const char *const pin_words[] = {
	[PIN_TEMP] = "temporary object", [PIN_CURSOR] = "WITH HOLD cursor",
	[PIN_LOAD] = "LOAD", [PIN_LOCK] = "session advisory lock",
	[PIN_SEQUENCE] = "sequence", [PIN_SEED] = "random seed",
	[PIN_UNKNOWN] = "unknown",
};

const char *state_pin_word(enum pin pin)
{
	return pin_words[pin];
}

static void note_pinned(struct session *session)
{
	session->worker->counters.pins++;
	session->pinned_ms = worker_now(session->worker);
	for (enum pin pin = 0; pin < PIN_COUNT; pin++)
		if (session->pins & (1u << pin))
			log_info("session pinned to its server", "session",
				 session->id, "reason", pin_words[pin]);
}

void state_set_pins(struct session *session, unsigned pins)
{
	bool pinned = session->pins;

	session->pins = pins;
	if (pins && !pinned) {
		session->overpinned = !pool_may_pin(session->backend->pool);
		pool_pin(session->backend);
		note_pinned(session);
	} else if (!pins && pinned) {
		pool_unpin(session->backend);
		log_debug("session no longer pinned", "session", session->id);
	}
	if (!pins)
		statement_unref(&session->suspect);
}

void session_each_pinned(struct worker *worker,
			 void (*visit)(void *context, const struct pinned *),
			 void *context)
{
	LIST_EACH(link, &worker->sessions) {
		struct session *session = LIST_ENTRY(link, struct session,
						     link);
		struct pinned pinned = {
			.session = session->id,
			.user = session->user,
			.database = session->database,
			.application = session->application,
			.pins = session->pins,
			.since_ms = session->pinned_ms,
		};

		if (!session->pins)
			continue;
		if (session->suspect)
			pinned.statement = session->suspect->text;
		visit(context, &pinned);
	}
}

static void pin(struct session *session, enum pin pin)
{
	state_set_pins(session, session->pins | 1u << pin);
}

static void discard_all(struct session *session)
{
	reset_all_settings(session, true);
	names_free(&session->names);
	known_statements_free(&session->backend->known);
	session->backend->sequences_clean = true;
	listen_deed(session, false, NULL);
	state_set_pins(session, session->pins & 1u << PIN_LOAD);
}

static void discard_sequences(struct session *session)
{
	session->backend->sequences_clean = true;
	state_set_pins(session, session->pins & ~(1u << PIN_SEQUENCE));
}

/* --- what was done ------------------------------------------------------ */

static void deallocate(struct session *session, const char *name)
{
	names_remove(&session->names, slice_text(name));
	statement_install(session->backend, name, NULL);
}

static void prepare(struct session *session, const struct session_deed *deed)
{
	struct statements *all = session->worker->statements;
	struct statement *statement =
		statement_of_sql(all, slice_text(deed->text),
				 session->settings);

	names_put(&session->names, slice_text(deed->name), statement,
		  statements_time(all));
	statement_install(session->backend, deed->name, statement);
}

/* Custom ones are asked for by name, for the server lists the others only. */
static void ask_setting(struct session *session, const char *name)
{
	session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (name && is_custom(name) &&
	    session->asked_settings.length + strlen(name) < ASKED_BYTES_MAX)
		buffer_put_cstring(&session->asked_settings, name);
}

/* Constant arguments are a SET like any other; of what only the server knows
 * it is asked. */
static void apply_set_config(struct session *session,
			     const struct session_deed *deed)
{
	struct buffer sql = { 0 };

	save_settings(session);
	if (deed->local && deed->name)
		set_local(session, deed->name);
	else if (!deed->name || !deed->text)
		ask_setting(session, deed->name);
	else {
		settings_quote(slice_text(deed->name), slice_text(deed->text),
			       &sql);
		put_setting(session, deed->name, buffer_cstring(&sql));
		buffer_fini(&sql);
	}
}

/* Whoever becomes somebody else gives up the role. */
static void settle_identity(struct session *session, const char *name)
{
	if (strcmp(name, "session_authorization") != 0)
		return;
	settings_remove(&session->settings, "role");
	settings_remove(&session->backend->settings, "role");
}

static void apply(struct session *session, const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_SET:
		save_settings(session);
		put_setting(session, deed->name, deed->text);
		settle_identity(session, deed->name);
		session->style_set |= strcmp(deed->name, "datestyle") == 0;
		break;
	case SESSION_SET_LOCAL:
		save_settings(session);
		set_local(session, deed->name);
		break;
	case SESSION_RESET:
		save_settings(session);
		reset_setting(session, deed->name);
		settle_identity(session, deed->name);
		break;
	case SESSION_RESET_ALL:
		save_settings(session);
		reset_all_settings(session, false);
		break;
	case SESSION_DISCARD:
		if (strcmp(deed->name, "all") == 0)
			discard_all(session);
		else if (strcmp(deed->name, "sequences") == 0)
			discard_sequences(session);
		break;
	case SESSION_DEALLOCATE:
		deallocate(session, deed->name);
		break;
	case SESSION_DEALLOCATE_ALL:
		names_free(&session->names);
		known_statements_free(&session->backend->known);
		break;
	case SESSION_PREPARE:
		prepare(session, deed);
		break;
	case SESSION_LISTEN:
		save_settings(session);
		listen_deed(session, true, deed->name);
		break;
	case SESSION_UNLISTEN:
		save_settings(session);
		listen_deed(session, false, deed->name);
		break;
	case SESSION_LOAD:
		pin(session, PIN_LOAD);
		break;
	case SESSION_UNREAD:
		session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
		break;
	case SESSION_SEED_CALL:
		pin(session, PIN_SEED);
		break;
	case SESSION_SETVAL_CALL:
		if (route_follows_sequences(session->route))
			pin(session, PIN_SEQUENCE);
		break;
	case SESSION_SET_CONFIG_CALL:
		apply_set_config(session, deed);
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
	case SESSION_TEMP:
	case SESSION_CURSOR_HOLD:
	case SESSION_LOCK_CALL:
	case SESSION_SEQUENCE_CALL:
	case SESSION_EXECUTE:
	case SESSION_NAMES_READ:
	case SESSION_CHANNELS_READ:
	case SESSION_CHAIN:
		break;	/* see state_sent(), and prepare_names_for() */
	}
}

/* All that was SET is as before; but the name of a custom parameter stays. */
static void undo_transaction(struct session *session)
{
	struct settings *undone = settings_ref(session->settings);

	restore(session, session->settings_before, session->backend_before);
	settings_each(undone, empty_custom, session);
	settings_unref(&undone);
	listen_undo(session, 0);
}

static void apply_transaction(struct session *session,
			      enum transaction_deed deed)
{
	if (!session->settings_saved)
		return;
	/* The COMMIT of a failed transaction says ROLLBACK. */
	if (deed == TRANSACTION_ROLLBACK ||
	    (deed == TRANSACTION_COMMIT && session->backend->undone))
		undo_transaction(session);
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
		for (; next < facts->session_deed_count &&
		       facts->session_deeds[next].statement == i; next++)
			if (!facts->session_deeds[next].deferred)
				apply(session, &facts->session_deeds[next]);
	}
	/* The tag of its ROLLBACK must not undo what was SET behind it. */
	if (facts && facts->statement_count > 1)
		session->backend->undone = false;
}

static bool has_deed(const struct statement *statement,
		     enum session_deed_kind kind)
{
	const struct sql_facts *facts = statement ? statement->facts : NULL;

	for (int i = 0; facts && i < facts->session_deed_count; i++)
		if (facts->session_deeds[i].kind == kind)
			return true;
	return false;
}

static bool changes_names(const struct statement *statement)
{
	return has_deed(statement, SESSION_PREPARE) ||
	       has_deed(statement, SESSION_DEALLOCATE) ||
	       has_deed(statement, SESSION_DEALLOCATE_ALL) ||
	       has_deed(statement, SESSION_DISCARD);
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
			  statement_ref(watch->statement), watch->since);
}

/* One that fails leaves none; one that is skipped leaves the one before. */
static void learn_unnamed(struct session *session, const struct watch *watch,
			  bool succeeded, struct slice told)
{
	if (!succeeded && !told.at)
		return;
	statement_unref(&session->unnamed_read);
	if (succeeded)
		session->unnamed_read = statement_ref(watch->statement);
}

void state_drop_unnamed(struct session *session)
{
	statement_unref(&session->unnamed);
	statement_unref(&session->unnamed_read);
}

/* The first one is what the client may have been told. */
static void learn_unnamed_shape(struct session *session, struct shape *shape)
{
	if (!session->unnamed_shape) {
		session->unnamed_shape = shape;
		session->unnamed_changed = false;
		return;
	}
	session->unnamed_changed =
		shape && !shape_same_columns(session->unnamed_shape, shape);
	shape_unref(&shape);
}

/* What the server said of a statement: of its own reading, and of the one
 * that the client's name stands for. */
static void learn_shape(struct session *session, const struct watch *watch,
			struct slice told)
{
	struct shape *shape = shape_new(told);

	if (watch->name && !watch->name[0]) {
		learn_unnamed_shape(session, shape);
		return;
	}
	statement_set_shape(session->backend, watch->statement, shape);
	if (watch->name)
		names_set_shape(session->names, slice_text(watch->name),
				watch->since, shape);
	shape_unref(&shape);
}

void state_told(struct session *session, uint32_t token)
{
	if (session->awaited != token)
		return;
	session->awaited = 0;
	backend_ask_turn(session->backend);
}

void state_watched(struct session *session, uint32_t token, bool succeeded,
		   struct slice told)
{
	struct watch *watch = take_watch(session, token);

	state_told(session, token);
	if (!watch)
		return;
	if (watch->learned && watch->message == 'C')
		session->backend->closing--;
	if (watch->learned && watch->message == 'P' && succeeded)
		statement_confirm(session->backend, watch->statement);
	else if (watch->learned && !succeeded)
		statement_doubt(session->backend, watch->statement);
	if (watch->message == 'P' && watch->name && !watch->name[0]) {
		learn_unnamed(session, watch, succeeded, told);
		free_watch(session->worker, watch);
		return;
	}
	if (!succeeded && watch->message == 'E' &&
	    changes_names(watch->statement))
		session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (!succeeded && watch->message != 'D') {
		list_append(&session->undoing, &watch->link);
		return;
	}
	if (watch->message == 'E')
		apply_all(session, watch->statement);
	else if (watch->message == 'D' && succeeded)
		learn_shape(session, watch, told);
	free_watch(session->worker, watch);
}

/* The latest first: a name may have been closed and given again. */
static void undo_all(struct session *session)
{
	while (!list_empty(&session->undoing)) {
		struct watch *watch = LIST_ENTRY(session->undoing.prev,
						 struct watch, link);

		undo(session, watch);
		list_remove(&watch->link);
		free_watch(session->worker, watch);
	}
}

/* --- what is to be run -------------------------------------------------- */

/* What the server must be asked when it is done. An EXECUTE does what was
 * PREPAREd. */
static uint8_t probes_of(struct session *session,
			 const struct statement *statement, bool executed)
{
	const struct sql_facts *facts = statement->facts;
	const struct prepared *prepared;
	uint8_t probes = 0;

	for (int i = 0; facts && i < facts->session_deed_count; i++) {
		const struct session_deed *deed = &facts->session_deeds[i];

		switch (deed->kind) {
		case SESSION_TEMP:
		case SESSION_CURSOR_HOLD:
		case SESSION_LOCK_CALL:
			probes |= PROBE_PINS;
			break;
		case SESSION_SET_CONFIG_CALL:
			probes |= executed ? PROBE_PINS | PROBE_SETTINGS : 0;
			break;
		case SESSION_EXECUTE:
			prepared = names_find(session->names,
					      slice_text(deed->name));
			if (prepared && !executed)
				probes |= probes_of(session,
						    prepared->statement, true);
			break;
		default:
			break;
		}
	}
	for (int i = 0; facts && i < facts->statement_count; i++)
		if (facts->statements[i].opaque)
			probes |= PROBE_PINS | PROBE_SETTINGS;
	return probes;
}

/* Whether what RESET goes back to must be seen to before the client asks for
 * more. */
static bool goes_back(const struct session *session,
		      const struct statement *statement)
{
	return session->base && (has_deed(statement, SESSION_RESET) ||
				 has_deed(statement, SESSION_RESET_ALL) ||
				 has_deed(statement, SESSION_DISCARD));
}

/* currval and lastval must not know of what another session did. */
static void see_to_sequences(struct session *session, struct slice text,
			     const struct statement *statement)
{
	bool asks = has_deed(statement, SESSION_SEQUENCE_CALL);
	bool advances;

	if (asks)
		route_learn_sequences(session->route);
	if (!route_follows_sequences(session->route))
		return;
	advances = sql_may_advance_sequence(text);
	if (!asks && !advances)
		return;
	if (!session->backend->sequences_clean &&
	    !(session->pins & 1u << PIN_SEQUENCE)) {
		prepare_run(session, "DISCARD SEQUENCES");
		session->backend->sequences_clean = true;
	}
	if (advances)
		session->probe_due |= PROBE_PINS | PROBE_SEQUENCES;
}

/* What it runs may end what it is pinned for, or pin it, though no word tells:
 * but for what only reads and writes rows. */
static bool may_move_pins(const struct session *session)
{
	return session->pins || session->probing ||
	       settings_reach_temp(session->settings);
}

static void note_suspect(struct session *session, struct statement *statement)
{
	if (session->pins || session->suspect == statement)
		return;
	statement_unref(&session->suspect);
	session->suspect = statement_ref(statement);
}

void state_sent(struct session *session, struct slice text,
		struct statement *statement)
{
	if (statement && goes_back(session, statement))
		session->barrier = true;
	if (route_keeps_lease(session->route))
		return;
	see_to_sequences(session, text, statement);
	if (may_move_pins(session) && !sql_is_plain_data(text))
		session->probe_due |= PROBE_PINS;
	if (!statement)
		return;
	if (slice_mentions(text, slice_text("pg_temp")))
		session->probe_due |= PROBE_PINS;
	session->probe_due |= probes_of(session, statement, false);
	if (session->probe_due)
		note_suspect(session, statement);
	/* The channels are seen to before anything else. */
	if (has_deed(statement, SESSION_LISTEN))
		listen_sent(session, statement->facts);
}

static bool changes_settings(const struct statement *statement)
{
	return has_deed(statement, SESSION_SET) ||
	       has_deed(statement, SESSION_RESET) ||
	       has_deed(statement, SESSION_RESET_ALL) ||
	       has_deed(statement, SESSION_SET_CONFIG_CALL) ||
	       has_deed(statement, SESSION_ROLLBACK_TO);
}

/* What was sent behind another Sync may be skipped, which is not known yet. */
static bool is_unsettled(const struct session *session,
			 const struct watch *watch, struct slice name,
			 bool of_settings)
{
	if (watch->message == 'E')
		return changes_names(watch->statement) ||
		       (of_settings && changes_settings(watch->statement));
	return watch->name && slice_is(name, watch->name) &&
	       watch->batch != session->backend->batches;
}

static const char *find_name(const struct list *watches, struct slice name)
{
	LIST_EACH(link, watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		if (watch->name && slice_is(name, watch->statement->name))
			return watch->name;
	}
	return NULL;
}

const char *state_name_under_way(const struct session *session,
				 struct slice name)
{
	const char *found = find_name(&session->watches, name);

	return found ? found : find_name(&session->undoing, name);
}

uint32_t state_unsettled(struct session *session, struct slice name,
			 bool of_settings)
{
	uint32_t token = session->probing ? PROBE_TOKEN : 0;

	LIST_EACH(link, &session->watches) {
		struct watch *watch = LIST_ENTRY(link, struct watch, link);

		/* What was skipped is put right at the ReadyForQuery. */
		if (is_unsettled(session, watch, name, of_settings))
			token = watch->batch == session->backend->batches ?
				watch->token : BATCH_TOKEN;
	}
	return token;
}

/* --- portals ------------------------------------------------------------ */

static void drop_portal(struct portal *portal)
{
	list_remove(&portal->link);
	statement_unref(&portal->statement);
	free(portal->name);
	free(portal);
}

static void drop_portals(struct session *session)
{
	LIST_EACH_SAFE(link, &session->portals)
		drop_portal(LIST_ENTRY(link, struct portal, link));
}

static struct portal *find_portal(struct session *session, struct slice name)
{
	LIST_EACH(link, &session->portals) {
		struct portal *portal = LIST_ENTRY(link, struct portal, link);

		if (slice_is(name, portal->name))
			return portal;
	}
	return NULL;
}

static bool must_be_followed(const struct session *session,
			     const struct statement *statement)
{
	return statement->facts ||
	       (may_move_pins(session) &&
		!sql_is_plain_data(statement->text)) ||
	       (route_follows_sequences(session->route) &&
		sql_may_advance_sequence(statement->text));
}

void state_bind(struct session *session, struct slice name,
		struct statement *statement)
{
	struct portal *portal = list_empty(&session->portals) ? NULL :
				find_portal(session, name);

	if (portal)
		drop_portal(portal);
	if (!must_be_followed(session, statement))
		return;
	portal = must_alloc(sizeof(*portal));
	portal->name = slice_dup(name);
	portal->statement = statement_ref(statement);
	list_append(&session->portals, &portal->link);
}

struct statement *state_bound(struct session *session, struct slice name)
{
	struct portal *portal = list_empty(&session->portals) ? NULL :
				find_portal(session, name);

	return portal ? portal->statement : NULL;
}

static void undo_unnamed(struct session *session)
{
	if (session->unnamed == session->unnamed_read)
		return;
	statement_unref(&session->unnamed);
	if (session->unnamed_read)
		session->unnamed = statement_ref(session->unnamed_read);
	shape_unref(&session->unnamed_shape);
}

/* SET datestyle TO DMY changes one half of it and keeps the other: what came
 * of it the server has reported. */
static void settle_style(struct session *session)
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
	put_setting(session, "datestyle", buffer_cstring(&sql));
	buffer_fini(&sql);
}

void state_ready(struct session *session, char status, bool undone)
{
	state_told(session, BATCH_TOKEN);
	settle_style(session);
	undo_all(session);
	if (undone) {
		statement_doubt_installed(session->backend);
		undo_unnamed(session);
	}
	/* What was SET before its COMMIT stands, whatever failed behind it. */
	if (session->backend->mixed)
		session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (status == 'I')
		drop_portals(session);
	if (status != 'I' || !session->settings_saved)
		return;
	if (undone)
		undo_transaction(session);
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
	settings_each(session->settings, note_custom, backend);
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
	if (session->pins || session->probe_due || session->listens_here ||
	    !backend_is_quiet(backend) || !list_empty(&session->watches))
		backend->must_discard = true;
}

static void free_watches(struct worker *worker, struct list *watches)
{
	LIST_EACH_SAFE(link, watches) {
		list_remove(link);
		free_watch(worker, LIST_ENTRY(link, struct watch, link));
	}
}

void state_free_spare(struct worker *worker)
{
	LIST_EACH_SAFE(link, &worker->spare_watches) {
		list_remove(link);
		free(LIST_ENTRY(link, struct watch, link));
	}
}

void state_fini(struct session *session)
{
	free_watches(session->worker, &session->watches);
	free_watches(session->worker, &session->undoing);
	drop_savepoints(session);
	names_free(&session->names);
	state_drop_unnamed(session);
	statement_unref(&session->suspect);
	shape_unref(&session->unnamed_shape);
	parameters_unref(&session->told);
	buffer_fini(&session->asked_settings);
	drop_portals(session);
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	settings_unref(&session->settings);
	settings_unref(&session->base);
}
