#include "proxy/session_state_inner.h"

#include <stdlib.h>

#include "pool/shape.h"
#include "protocol/message_write.h"
#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_path.h"
#include "proxy/session_prepare.h"
#include "proxy/session_probe.h"

static void pin(struct session *session, enum pin pin)
{
	state_set_pins(session, session->pins | 1u << pin);
}

static void discard_all(struct session *session)
{
	setting_reset_all(session, true);
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
	statement_settle(session->backend, deed->name);
}

static void apply(struct session *session, const struct session_deed *deed)
{
	switch (deed->kind) {
	case SESSION_SET:
		setting_save(session);
		setting_put(session, deed->name, deed->text);
		setting_settle_identity(session, deed->name);
		session->style_set |= strcmp(deed->name, "datestyle") == 0;
		break;
	case SESSION_SET_LOCAL:
		setting_save(session);
		setting_set_local(session, deed->name);
		break;
	case SESSION_RESET:
		setting_save(session);
		setting_reset(session, deed->name);
		setting_settle_identity(session, deed->name);
		break;
	case SESSION_RESET_ALL:
		setting_save(session);
		setting_reset_all(session, false);
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
		setting_save(session);
		listen_deed(session, true, deed->name);
		break;
	case SESSION_UNLISTEN:
		setting_save(session);
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
		setting_set_config(session, deed);
		break;
	case SESSION_SAVEPOINT:
		setting_set_savepoint(session, deed->name);
		break;
	case SESSION_RELEASE:
		setting_release_savepoint(session, deed->name);
		break;
	case SESSION_ROLLBACK_TO:
		setting_roll_back_to(session, deed->name);
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

static void apply_transaction(struct session *session,
			      enum transaction_deed deed)
{
	if (!session->settings_saved)
		return;
	/* The COMMIT of a failed transaction says ROLLBACK. */
	if (deed == TRANSACTION_ROLLBACK ||
	    (deed == TRANSACTION_COMMIT && session->backend->undone))
		setting_undo(session);
	if (deed == TRANSACTION_ROLLBACK || deed == TRANSACTION_COMMIT)
		setting_forget_saved(session);
}

/* In the order of the text, for it may set, roll back and set again. */
void state_apply(struct session *session,
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

void state_ready(struct session *session, char status, bool undone)
{
	state_told(session, BATCH_TOKEN);
	setting_settle_style(session);
	watch_undo_all(session);
	if (undone) {
		statement_doubt_installed(session->backend);
		watch_undo_unnamed(session);
	}
	/* What was SET before its COMMIT stands, whatever failed behind it. */
	if (session->backend->mixed)
		session->probe_due |= PROBE_PINS | PROBE_SETTINGS;
	if (status == 'I')
		pin_drop_portals(session);
	if (status != 'I' || !session->settings_saved)
		return;
	if (undone)
		setting_undo(session);
	setting_forget_saved(session);
}

void state_before_abandon(struct session *session, struct backend *backend)
{
	/* What it SET in a transaction that is now rolled back was never so. */
	if (session->settings_saved) {
		settings_unref(&backend->settings);
		backend->settings = settings_ref(session->backend_before);
		setting_forget_saved(session);
	}
	/* Whatever pinned it must not be met by the next client; nor what was
	 * under way, which may have been done or not. */
	if (session->pins || session->probe_due || session->listens_here ||
	    !backend_is_quiet(backend) || !list_empty(&session->watches))
		backend->must_discard = true;
}

void state_fini(struct session *session)
{
	watch_free_all(session->worker, &session->watches);
	watch_free_all(session->worker, &session->undoing);
	setting_drop_savepoints(session);
	names_free(&session->names);
	state_drop_unnamed(session);
	statement_unref(&session->suspect);
	shape_unref(&session->unnamed_shape);
	parameters_unref(&session->told);
	parameters_unref(&session->lexer.of);
	buffer_fini(&session->asked_settings);
	pin_drop_portals(session);
	settings_unref(&session->settings_before);
	settings_unref(&session->backend_before);
	settings_unref(&session->settings);
	settings_unref(&session->base);
	session_path_fini(session);
}
