#include "proxy/audit_ask.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "pool/postgres/open_wait.h"

#define STEP_MS 200

static const char preamble[] =
	"BEGIN READ ONLY;"
	"SET LOCAL search_path = pg_catalog;"
	"SET LOCAL client_encoding = 'UTF8';"
	"SET LOCAL jit = off;"
	"SET LOCAL statement_timeout = '30s';";

/* --- the question ---------------------------------------------------------- */

static void put_statement(const struct audit_request *request,
			  const char *role, struct arena *arena,
			  struct buffer *sql)
{
	struct audit_subject subject;

	audit_subject_of(request->database, arena, &subject);
	subject.role = role;
	subject.owner = request->owner;
	buffer_put_text(sql, preamble);
	audit_findings_sql(&subject, sql);
	buffer_put_text(sql, "; COMMIT");
}

/* False when the connection is lost, or nobody waits any more. */
static bool wait_for_answer(const struct audit_request *request, PGconn *conn)
{
	struct pollfd socket = { .fd = PQsocket(conn), .events = POLLIN };

	while (PQisBusy(conn)) {
		if (request->given_up(request->context))
			return false;
		if (poll(&socket, 1, STEP_MS) > 0 && !PQconsumeInput(conn))
			return false;
	}
	return true;
}

/* The rows of the one query among commands, or NULL. */
static PGresult *run(const struct audit_request *request, PGconn *conn,
		     const char *sql)
{
	PGresult *rows = NULL, *result;
	bool good = PQsendQuery(conn, sql);

	while (good && (good = wait_for_answer(request, conn)) &&
	       (result = PQgetResult(conn))) {
		if (PQresultStatus(result) == PGRES_TUPLES_OK && !rows) {
			rows = result;
			continue;
		}
		good = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	if (good)
		return rows;
	PQclear(rows);
	return NULL;
}

/* --- the answer ------------------------------------------------------------ */

static enum severity severity_of(const char *word)
{
	enum severity severity = SEVERITY_CRITICAL;

	while (severity < SEVERITY_INFO &&
	       strcmp(word, severity_words[severity]) != 0)
		severity++;
	return severity;
}

static void take_rows(struct audit_report *report, PGresult *rows)
{
	struct arena *arena = &report->arena;

	report->count = (unsigned)PQntuples(rows);
	report->findings = arena_alloc(arena, (report->count + 1) *
					      sizeof(*report->findings));
	for (unsigned i = 0; i < report->count; i++) {
		struct audit_finding *finding = &report->findings[i];
		int row = (int)i;

		*finding = (struct audit_finding){
			.severity = severity_of(PQgetvalue(rows, row, 0)),
			.finding = arena_text(arena, PQgetvalue(rows, row, 1)),
			.object = arena_text(arena, PQgetvalue(rows, row, 2)),
			.table = arena_text(arena, PQgetvalue(rows, row, 3)),
			.remedy = arena_text(arena, PQgetvalue(rows, row, 4)),
			.step = atoi(PQgetvalue(rows, row, 5)),
		};
		report->counts[finding->severity]++;
	}
}

static bool ask(const struct audit_request *request, PGconn *conn,
		struct audit_report *report, struct error *error)
{
	const char *role = request->role ? request->role : PQuser(conn);
	struct buffer sql = { 0 };
	PGresult *rows;

	report->role = arena_text(&report->arena, role);
	report->database = arena_text(&report->arena, PQdb(conn));
	put_statement(request, role, &report->arena, &sql);
	rows = run(request, conn, buffer_cstring(&sql));
	buffer_fini(&sql);
	if (rows)
		take_rows(report, rows);
	else
		error_set(error, SQLSTATE_CONNECTION_FAILURE, "the database "
			  "does not say what role %s may do: %s", role,
			  PQerrorMessage(conn));
	PQclear(rows);
	return rows;
}

/* As who asks for the entry by its name would reach it; NULL: the URL says
 * which. */
static bool name_database(const struct config_database *database,
			  const char **ret_name, struct error *error)
{
	struct pg_named named = { 0 };
	bool good = pg_named_read(database->url.target, &named, error);

	if (good && !named.database) {
		*ret_name = database->name;
		good = strcmp(database->name, "*") != 0 ||
		       error_set(error, SQLSTATE_INVALID_DATABASE,
				 "the backend's URL names no database, and "
				 "the entry * serves any");
		if (!good)
			error_hint(error, "Give a BACKEND that names the one "
				   "to ask, and --audit-tables.");
	}
	pg_named_fini(&named);
	return good;
}

bool audit_ask(const struct audit_request *request,
	       struct audit_report *report, struct error *error)
{
	const struct config_database *database = request->database;
	struct pg_target target = {
		.conninfo = database->url.target,
		.connect_timeout_ms = database->server_connect_timeout_ms,
		.production = request->production,
	};
	PGconn *conn = NULL;
	bool good;

	*report = (struct audit_report){ 0 };
	if (name_database(database, &target.database, error))
		conn = pg_open_wait(&target, request->given_up,
				    request->context, error);
	if (!conn)
		return false;
	good = ask(request, conn, report, error);
	PQfinish(conn);
	return good;
}
