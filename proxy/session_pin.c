/*
 * What pins a session to its server, and what has to be seen to before a text
 * is run and asked when it was: by the facts of the text.
 */
#include "proxy/session_state_inner.h"

#include <stdlib.h>

#include "proxy/log.h"
#include "proxy/route.h"
#include "proxy/session_listen.h"
#include "proxy/session_prepare.h"
#include "proxy/session_probe.h"

/* --- pins --------------------------------------------------------------- */

static const char *const pin_words[] = {
	[PIN_TEMP] = "temporary object", [PIN_CURSOR] = "WITH HOLD cursor",
	[PIN_LOAD] = "LOAD", [PIN_LOCK] = "session advisory lock",
	[PIN_SEQUENCE] = "sequence", [PIN_SEED] = "random seed",
	[PIN_UNKNOWN] = "unknown",
};

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

/* --- what is to be run -------------------------------------------------- */

bool statement_does(const struct statement *statement,
		     enum session_deed_kind kind)
{
	const struct sql_facts *facts = statement ? statement->facts : NULL;

	for (int i = 0; facts && i < facts->session_deed_count; i++)
		if (facts->session_deeds[i].kind == kind)
			return true;
	return false;
}

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
	return session->base && (statement_does(statement, SESSION_RESET) ||
				 statement_does(statement, SESSION_RESET_ALL) ||
				 statement_does(statement, SESSION_DISCARD));
}

/* currval and lastval must not know of what another session did. */
static void see_to_sequences(struct session *session, struct slice text,
			     const struct statement *statement)
{
	bool asks = statement_does(statement, SESSION_SEQUENCE_CALL);
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
	if (statement_does(statement, SESSION_LISTEN))
		listen_sent(session, statement->facts);
}

/* --- portals ------------------------------------------------------------ */

static void drop_portal(struct portal *portal)
{
	list_remove(&portal->link);
	statement_unref(&portal->statement);
	free(portal->name);
	free(portal);
}

void pin_drop_portals(struct session *session)
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
