#include "proxy/session_sanction.h"

#include <time.h>

#include "pool/backend.h"
#include "proxy/config.h"
#include "proxy/guard_retain.h"
#include "proxy/log.h"
#include "proxy/refusals.h"
#include "proxy/route.h"

bool sanction_is_possible(const struct session *session)
{
	const struct config_database *config = route_database(session->route);

	return config->audit_exempt_users.count || config->audit_retain.count;
}

static bool is_exempt(const struct session *session)
{
	const struct option_list *users =
		&route_database(session->route)->audit_exempt_users;

	for (unsigned i = 0; i < users->count; i++)
		if (strcmp(users->items[i], session->user) == 0)
			return true;
	return false;
}

/* --- the zone ----------------------------------------------------------------- */

/* Something that may set it is under way. */
static bool may_be_set(const struct backend *backend)
{
	for (unsigned i = 0; i < backend->expected_count; i++) {
		unsigned at = (backend->expected_first + i) %
			      backend->expected_capacity;

		if (strchr("QEF", backend->expected[at].message))
			return true;
	}
	return false;
}

static int64_t zone_slack_us(struct session *session)
{
	const struct parameters *welcome;
	struct slice zone = { NULL, 0 };

	if (session->backend) {
		if (may_be_set(session->backend))
			return RETAIN_ZONE_ANY_US;
		zone = backend_parameter(session->backend, "TimeZone");
	} else {
		welcome = route_welcome(session->route, session->settings);
		if (welcome)
			zone = parameters_find(welcome, slice_text("TimeZone"));
	}
	return zone.at ? retain_zone_slack_us(zone) : RETAIN_ZONE_ANY_US;
}

void sanction_read_state(struct session *session, struct guard_state *state)
{
	struct timespec now;

	if (!sanction_is_possible(session))
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	state->exempt = is_exempt(session);
	state->now_us = (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
	state->zone_slack_us = zone_slack_us(session);
	state->values = session->bound_values;
	state->binds_later = session->binds_later;
}

/* --- the record ----------------------------------------------------------------- */

static void note(struct session *session, const char *table,
		 const char *command, const char *reason)
{
	refusals_count(session->worker->sanctions, &(struct refusal){
		.database = session->database,
		.table = table,
		.command = command,
		.reason = reason,
	});
	log_warn("exempted", "session", session->id, "user", session->user,
		 "database", session->database, "application",
		 session->application, "client", session->peer, "table", table,
		 "command", command, "reason", reason);
}

void sanction_note(struct session *session)
{
	const struct guard *guard = route_guard(session->route);
	unsigned count = guard && session->sanctioned ?
				 guard_sanction_count(guard) : 0;

	for (unsigned i = 0; i < count && i < SANCTIONS_MAX; i++) {
		const struct sanction *sanction = &guard_sanctions(guard)[i];

		note(session, sanction->table[0] ? sanction->table : NULL,
		     sanction->command, sanction->reason);
	}
	if (count > SANCTIONS_MAX)
		log_warn("exempted more", "session", session->id, "count",
			 (uint64_t)(count - SANCTIONS_MAX));
}

void sanction_note_exempted(struct session *session, const char *table,
			    const char *command)
{
	note(session, table, command, "exempt user");
}

/* --- EXECUTE --------------------------------------------------------------------- */

/* weir's own names are of whatever any client has prepared. */
static bool is_foreign(struct session *session, const char *name,
		       struct error *error)
{
	if (strncmp(name, STATEMENT_NAME_PREFIX,
		    strlen(STATEMENT_NAME_PREFIX)) != 0)
		return false;
	error_set(error, SQLSTATE_INVALID_STATEMENT_NAME,
		  "prepared statement \"%s\" does not exist", name);
	return true;
}

static enum permission permits_name(struct session *session,
				    const struct statement *statement,
				    const char *name, struct error *error)
{
	const struct prepared *prepared =
		names_find(session->names, slice_text(name));
	const struct retain_values values = {
		.types = prepared ? prepared->statement->types :
				    slice_make(NULL, 0),
		.executes = true,
		.execute = statement->facts->statement_count == 1 ?
				   statement->text : slice_make(NULL, 0),
	};
	uint64_t permitted = session->permitted;
	bool spared = session->spared;
	enum permission permission;

	if (!prepared)
		return is_foreign(session, name, error) ? PERMISSION_REFUSED :
							  PERMISSION_GIVEN;
	/* of the EXECUTE itself */
	session->permitted = 0;
	session->bound_values = &values;
	session->binds_later = false;
	permission = session_permits(session, prepared->statement->text, error);
	session->bound_values = NULL;
	session->permitted = permitted;
	session->spared = spared;
	if (permission == PERMISSION_GIVEN)
		sanction_note(session);
	return permission;
}

enum permission sanction_permits_execute(struct session *session,
					 const struct statement *statement,
					 struct error *error)
{
	const struct sql_facts *facts = statement->facts;
	enum permission permission = PERMISSION_GIVEN;

	if (!route_guard(session->route) ||
	    !route_database(session->route)->audit_retain.count)
		return PERMISSION_GIVEN;
	for (int i = 0; facts && i < facts->session_deed_count &&
			permission == PERMISSION_GIVEN; i++)
		if (facts->session_deeds[i].kind == SESSION_EXECUTE)
			permission = permits_name(session, statement,
						  facts->session_deeds[i].name,
						  error);
	return permission;
}
