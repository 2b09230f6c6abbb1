/*
 * How the guard learns the state a text is read in.
 *
 * Names: session_path.c says where they are looked for. A text is judged by
 * the path that servers were found to start with, or the session's own, until
 * a lease is there, and once more if that server is another one.
 *
 * Words: standard_conforming_strings and client_encoding are reported by the
 * server. No client can ask for an unsound value, neither with SET nor at
 * startup; only a server's own defaults or a function that is there already
 * can make one. So a text is taken to be read soundly until a lease is there,
 * and is then compared with what that server reported last.
 */
#include "proxy/session_guard.h"

#include "pool/backend.h"
#include "pool/parameter.h"
#include "pool/statement.h"
#include "protocol/audit_refusal.h"
#include "protocol/message_read.h"
#include "protocol/sql_facts.h"
#include "proxy/config.h"
#include "proxy/guard.h"
#include "proxy/guard_catalog.h"
#include "proxy/log.h"
#include "proxy/refusals.h"
#include "proxy/route.h"
#include "proxy/session_made.h"
#include "proxy/session_path.h"
#include "proxy/session_reading.h"
#include "proxy/session_relay.h"
#include "proxy/session_sanction.h"

static bool is_safe_encoding(struct slice name)
{
	char text[64];

	if (name.length >= sizeof(text))
		return false;
	memcpy(text, name.at, name.length);
	text[name.length] = 0;
	return sql_encoding_is_safe(text);
}

/* How the leased server cuts a text into words; as it should while there is
 * none. Read once for each set of parameters. */
static const struct lexer_state *lexer_of(struct session *session)
{
	static const struct lexer_state usual = { NULL, true, true, true };
	struct lexer_state *lexer = &session->lexer;
	struct parameters *now;
	struct slice strings, encoding;

	if (!session->backend)
		return &usual;
	now = session->backend->parameters;
	if (lexer->of == now && now)
		return lexer;
	parameters_unref(&lexer->of);
	lexer->of = parameters_ref(now);
	strings = backend_parameter(session->backend,
				    "standard_conforming_strings");
	encoding = backend_parameter(session->backend, "client_encoding");
	lexer->standard_strings = !strings.at || slice_is(strings, "on");
	lexer->safe_encoding = !encoding.at || is_safe_encoding(encoding);
	lexer->sound = lexer->standard_strings && lexer->safe_encoding;
	return lexer;
}

/* The usual case, which every guarded Bind meets, without a call. */
static inline bool is_lexer_sound(struct session *session)
{
	const struct backend *backend = session->backend;

	if (backend && backend->parameters &&
	    session->lexer.of == backend->parameters)
		return session->lexer.sound;
	return lexer_of(session)->sound;
}

static struct slice find_prepared(void *context, const char *name)
{
	struct session *session = context;
	const struct prepared *prepared =
		names_find(session->names, slice_text(name));

	return prepared ? prepared->statement->text : slice_make(NULL, 0);
}

static const struct sql_reading *read_long(void *context, struct slice text,
					   bool coerces)
{
	return session_read(context, text, coerces);
}

static void read_state(struct session *session, struct guard_state *ret_state)
{
	const struct lexer_state *lexer = lexer_of(session);

	*ret_state = (struct guard_state){
		.search_path = session_path(session, &session->judged_path),
		.standard_conforming_strings = lexer->standard_strings,
		.client_encoding_safe = lexer->safe_encoding,
		.keeps_catalog = route_keeps_catalog(session->route),
		.catalog = route_catalog(session->route),
		.looked_up = session->looked_up ||
			     route_lacks_catalog(session->route),
		.types = session->declared,
		.overlay = session_made_overlay(session),
		.prepared = find_prepared,
		.read = read_long,
		.context = session,
	};
	sanction_read_state(session, ret_state);
}

static const char *unless_empty(const char *text)
{
	return text[0] ? text : NULL;
}

static void note_refusal(struct session *session, const char *command,
			 const char *through, const char *reason,
			 const struct error *error)
{
	const char *table = unless_empty(error->table);

	refusals_count(session->worker->refusals, &(struct refusal){
		.database = session->database,
		.table = table,
		.command = command,
		.reason = reason,
	});
	log_warn("refused", "session", session->id, "user", session->user,
		 "database", session->database, "application",
		 session->application, "client", session->peer, "schema",
		 unless_empty(error->schema), "table", table, "command",
		 command, "through", through, "reason", reason);
}

static void on_looked_up(struct catalog_wait *wait, bool loaded)
{
	struct session *session = wait->holder;

	if (loaded && session->refused_look &&
	    route_await_older(session->route, session->refused_look, wait))
		return;
	session_made_settle(session);
	session->looking_up = false;
	session->looked_up = true;
	session_continue(session);
}

/* A refusal may be for what another role has made. */
static enum permission look_up(struct session *session, bool refused)
{
	session->looking_up = true;
	session->refused_look = refused ? catalog_last_look() : 0;
	session->lookup.holder = session;
	session->lookup.on_ready = on_looked_up;
	route_await_catalog(session->route, &session->lookup);
	return PERMISSION_LATER;
}

/* There is no snapshot yet; or what was made or changed through weir is not in
 * it, or is gone again: nothing is refused for that before another look. */
static bool may_be_outdated(const struct session *session)
{
	return route_keeps_catalog(session->route) && !session->looked_up &&
	       (!route_catalog(session->route) ||
		guard_keeps_made(route_guard(session->route)));
}

static enum permission judge(struct session *session, struct slice text,
			     const struct guard_state *state,
			     struct error *error)
{
	struct guard *guard = route_guard(session->route);
	enum verdict verdict = guard_judge(guard, text, state, error);

	session->path_moved |= guard_moves_path(guard);
	session->sanctioned = guard_sanction_count(guard) > 0;
	session->spared = guard_spares_session(guard);
	if (verdict == VERDICT_READ)
		return PERMISSION_LATER;
	if (verdict == VERDICT_LOOKUP ||
	    (verdict == VERDICT_REFUSE && may_be_outdated(session)))
		return look_up(session, verdict == VERDICT_REFUSE);
	switch (verdict) {
	case VERDICT_ALLOW:
		if (guard_made_ddl(guard))
			session_made_note(session);
		return PERMISSION_GIVEN;
	case VERDICT_UNREAD:
		note_refusal(session, NULL, NULL, "cannot be parsed", error);
		return PERMISSION_REFUSED;
	default:
		if (guard_made_ddl(guard))
			session_made_refused(session);
		note_refusal(session, guard_refused_command(guard),
			     guard_refused_through(guard),
			     guard_refused_reason(guard), error);
		return PERMISSION_REFUSED;
	}
}

/* The leased server, or where none was yet any, is asked first what path it
 * starts with. */
static bool knows_servers(struct session *session)
{
	uint32_t id;

	if (route_is_sqlite(session->route) ||
	    (session->backend ? session->backend->path_id != 0 :
				route_path(session->route, &id) != NULL))
		return true;
	return relay_ready_to_send(session);
}

/* Of all that a verdict depends on beside the text; 0: not known, or not to
 * be relied on. */
static uint64_t stamp_of(const struct session *session, uint32_t path_id)
{
	const struct guard_catalog *catalog = route_catalog(session->route);

	if (!catalog || !path_id ||
	    !guard_is_settled(route_guard(session->route)))
		return 0;
	return (uint64_t)path_id << 32 | (uint32_t)catalog_epoch(catalog);
}

/* Whether what was permitted in a state still is. */
static bool is_still_permitted(struct session *session, uint64_t stamp)
{
	uint32_t path_id;

	if (!stamp || !is_lexer_sound(session))
		return false;
	session_path(session, &path_id);
	return stamp == stamp_of(session, path_id);
}

enum permission session_permits(struct session *session, struct slice text,
				struct error *error)
{
	struct guard_state state;
	enum permission permission;

	if (!route_guard(session->route) ||
	    is_still_permitted(session, session->permitted))
		return PERMISSION_GIVEN;
	if (!knows_servers(session))
		return PERMISSION_LATER;
	read_state(session, &state);
	permission = judge(session, text, &state, error);
	session->permitted = permission == PERMISSION_GIVEN &&
					     !session->sanctioned ?
			     stamp_of(session, session->judged_path) : 0;
	return permission;
}

enum permission session_still_permits(struct session *session,
				      struct slice text, struct error *error)
{
	uint32_t judged = session->judged_path;
	struct guard_state state;

	if (!route_guard(session->route) ||
	    is_still_permitted(session, session->permitted))
		return PERMISSION_GIVEN;
	read_state(session, &state);
	if (state.standard_conforming_strings && state.client_encoding_safe &&
	    judged == session->judged_path && !session->sanctioned)
		return PERMISSION_GIVEN;
	return judge(session, text, &state, error);
}

/* SQLite compiles it anew under another path, and asks its own guard. */
enum permission session_permits_bound(struct session *session,
				      struct statement *statement,
				      struct error *error)
{
	struct guard_state state;
	enum permission permission;
	uint64_t stamp;

	if (!route_guard(session->route) ||
	    (route_is_sqlite(session->route) && !sanction_is_possible(session)) ||
	    is_still_permitted(session, statement->judged))
		return PERMISSION_GIVEN;
	read_state(session, &state);
	state.again = true;
	state.types = statement->types;
	stamp = stamp_of(session, session->judged_path);
	permission = judge(session, statement->text, &state, error);
	if (permission == PERMISSION_GIVEN && session->sanctioned)
		sanction_note(session);
	else if (permission == PERMISSION_GIVEN)
		statement->judged = stamp;
	return permission;
}

void session_was_refused(struct session *session, struct slice body)
{
	struct audit_refused refused;
	struct error error;

	if (!read_error(body, &error, NULL) ||
	    !audit_refusal_read(&error, &refused))
		return;
	note_refusal(session, unless_empty(refused.command),
		     unless_empty(refused.through),
		     guard_reason(refused.through[0]), &error);
}

/* They are set by statements of weir's making: these are judged. */
bool session_allows_startup(struct session *session, struct error *error)
{
	const struct guard_state state = {
		.standard_conforming_strings = true,
		.client_encoding_safe = true,
	};
	struct buffer sql = { 0 };
	bool allowed = true;

	if (!route_guard(session->route) || !session->base)
		return true;
	settings_replay(NULL, session->base, &sql);
	if (sql.length)
		allowed = judge(session, slice_text(buffer_cstring(&sql)),
				&state, error) == PERMISSION_GIVEN;
	buffer_fini(&sql);
	return allowed;
}

/* The functions of pg_proc.dat that libpq and JDBC call for large objects;
 * those that read or write files of the server are not among them. */
static bool is_large_object_call(uint32_t oid)
{
	switch (oid) {
	case 715:	/* lo_create */
	case 952:	/* lo_open */
	case 953:	/* lo_close */
	case 954:	/* loread */
	case 955:	/* lowrite */
	case 956:	/* lo_lseek */
	case 957:	/* lo_creat */
	case 958:	/* lo_tell */
	case 964:	/* lo_unlink */
	case 1004:	/* lo_truncate */
	case 3170:	/* lo_lseek64 */
	case 3171:	/* lo_tell64 */
	case 3172:	/* lo_truncate64 */
		return true;
	default:
		return false;
	}
}

bool session_allows_call(struct session *session, struct slice body,
			 struct error *error)
{
	struct reader reader = reader_make(body);
	uint32_t oid = read_u32(&reader);

	if (!route_guard(session->route) ||
	    (!reader.failed && is_large_object_call(oid)))
		return true;
	error_set(error, SQLSTATE_INSUFFICIENT_PRIVILEGE,
		  "permission denied for function with OID %u", oid);
	error_detail(error, "weir: tables are configured insert-only, and "
		     "function call messages are for large objects only.");
	error_hint(error, "Call the function in a SELECT.");
	note_refusal(session, "function call", NULL, "not a large object's",
		     error);
	return false;
}
