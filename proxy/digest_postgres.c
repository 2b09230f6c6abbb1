/*
 * Rows come as COPY writes them, one line each: every value is told from its
 * neighbours and from NULL, by rules that are the same in every version.
 */
#include "proxy/digest_source_inner.h"

#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "pool/postgres/open_wait.h"

#define STEP_MS 200
#define CONNECT_TIMEOUT_MS 10000

struct postgres {
	struct digest_source source;
	PGconn *conn;
};

/* What has a say in how a value is written, in every transaction anew: a
 * pooler between may give each of them another server. Row security must not
 * leave rows out in silence. */
static const char begin_sql[] =
	"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
	"SET LOCAL search_path = pg_catalog;"
	"SET LOCAL row_security = off;"
	"SET LOCAL statement_timeout = 0;"
	"SET LOCAL DateStyle = 'ISO, MDY';"
	"SET LOCAL IntervalStyle = 'postgres';"
	"SET LOCAL TimeZone = 'UTC';"
	"SET LOCAL bytea_output = 'hex';"
	"SET LOCAL extra_float_digits = 3;"
	"SET LOCAL lc_monetary = 'C';"
	"SET LOCAL xmlbinary = 'base64';"
	"SET LOCAL standard_conforming_strings = on;"
	"SET LOCAL client_encoding = 'UTF8'";

/* Every transaction holds the lock of its virtual number; a prepared one that
 * of its number. Anybody may see both. Those of other databases cannot write
 * here. */
static const char running_sql[] =
	"SELECT DISTINCT l.virtualtransaction"
	" FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)"
	" WHERE l.locktype IN ('virtualxid', 'transactionid') AND l.granted"
	" AND l.pid IS DISTINCT FROM pg_backend_pid()"
	" AND coalesce(a.datid = (SELECT oid FROM pg_database"
	" WHERE datname = current_database()), true)";

static struct postgres *of(struct digest_source *source)
{
	return (struct postgres *)source;
}

/* --- waiting ------------------------------------------------------------- */

static void cancel(struct postgres *postgres)
{
	PGcancel *handle = PQgetCancel(postgres->conn);
	char why[256];

	PQcancel(handle, why, sizeof(why));
	PQfreeCancel(handle);
}

static bool wait_readable(struct postgres *postgres, struct error *error)
{
	struct pollfd socket = { .fd = PQsocket(postgres->conn),
				 .events = POLLIN };

	if (postgres->source.given_up(postgres->source.context)) {
		cancel(postgres);
		return error_set(error, SQLSTATE_QUERY_CANCELED, "given up");
	}
	if (poll(&socket, 1, STEP_MS) <= 0)
		return true;
	if (PQconsumeInput(postgres->conn))
		return true;
	return error_set(error, SQLSTATE_CONNECTION_FAILURE, "%s",
			 PQerrorMessage(postgres->conn));
}

/* The next result; NULL with no error: there is none left. */
static PGresult *next_result(struct postgres *postgres, struct error *error)
{
	while (PQisBusy(postgres->conn))
		if (!wait_readable(postgres, error))
			return NULL;
	return PQgetResult(postgres->conn);
}

static bool check_result(const PGresult *result, struct error *error)
{
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *what = PQresultErrorField(result,
					      PG_DIAG_MESSAGE_PRIMARY);

	if (PQresultStatus(result) != PGRES_FATAL_ERROR)
		return true;
	return error_set(error, sqlstate ? sqlstate :
			 SQLSTATE_CONNECTION_FAILURE, "%s",
			 what ? what : "the connection was lost");
}

static bool send_query(struct postgres *postgres, const char *sql,
		 struct error *error)
{
	if (PQsendQuery(postgres->conn, sql))
		return true;
	return error_set(error, SQLSTATE_CONNECTION_FAILURE, "%s",
			 PQerrorMessage(postgres->conn));
}

/* --- asking -------------------------------------------------------------- */

static void tell(const PGresult *result, digest_on_row on_row, void *context)
{
	const char *values[DIGEST_VALUES_MAX] = { NULL };
	int columns = PQnfields(result);

	for (int row = 0; row < PQntuples(result); row++) {
		for (int i = 0; i < columns && i < DIGEST_VALUES_MAX; i++)
			values[i] = PQgetisnull(result, row, i) ? NULL :
				    PQgetvalue(result, row, i);
		on_row(context, values);
	}
}

/* Every result of the text is taken; the first error is the one told. */
static bool ask(struct digest_source *source, const char *sql,
		digest_on_row on_row, void *context, struct error *error)
{
	struct postgres *postgres = of(source);
	struct error first = { 0 };
	PGresult *result;

	if (!send_query(postgres, sql, error))
		return false;
	while ((result = next_result(postgres, &first))) {
		if (!first.sqlstate[0] && check_result(result, &first) &&
		    on_row)
			tell(result, on_row, context);
		PQclear(result);
	}
	if (first.sqlstate[0])
		*error = first;
	return !first.sqlstate[0];
}

static bool begin(struct digest_source *source, struct error *error)
{
	return ask(source, begin_sql, NULL, NULL, error);
}

static void end(struct digest_source *source)
{
	struct error ignored;

	ask(source, "COMMIT", NULL, NULL, &ignored);
}

/* --- rows ---------------------------------------------------------------- */

/* The line without its end; the key is up to the first tab, and holds nothing
 * that COPY escapes. */
static void add_line(struct digest_bucket *bucket, const char *line,
		     int length)
{
	const char *tab = memchr(line, '\t', (size_t)length);
	size_t key = tab ? (size_t)(tab - line) : (size_t)length;

	digest_bucket_add(bucket, slice_make(line, key),
			  slice_make(line, (size_t)length));
}

static bool take_lines(struct postgres *postgres, struct digest_bucket *bucket,
		       struct error *error)
{
	char *line;
	int length;

	while ((length = PQgetCopyData(postgres->conn, &line, 1)) >= 0) {
		if (length == 0) {
			if (!wait_readable(postgres, error))
				return false;
			continue;
		}
		add_line(bucket, line, length - (line[length - 1] == '\n'));
		PQfreemem(line);
	}
	return true;
}

static bool take_rows(struct postgres *postgres, struct digest_bucket *bucket,
		      struct error *error)
{
	struct error first = { 0 };
	PGresult *result;

	while ((result = next_result(postgres, &first))) {
		bool copying = PQresultStatus(result) == PGRES_COPY_OUT;

		if (!first.sqlstate[0])
			check_result(result, &first);
		PQclear(result);
		if (copying && !take_lines(postgres, bucket, &first))
			break;
	}
	if (first.sqlstate[0])
		*error = first;
	return !first.sqlstate[0];
}

static bool read_rows(struct digest_source *source, const char *sql,
		      unsigned columns, struct digest_bucket *bucket,
		      struct error *error)
{
	struct buffer copy = { 0 };
	bool done;

	buffer_printf(&copy, "COPY (%s) TO STDOUT", sql);
	done = send_query(of(source), buffer_cstring(&copy), error) &&
	       take_rows(of(source), bucket, error);
	buffer_fini(&copy);
	return done;
}

/* --- SQL ----------------------------------------------------------------- */

static void put_table(const struct digest_name *name, struct buffer *sql)
{
	digest_put_quoted(sql, name->schema);
	buffer_put_u8(sql, '.');
	digest_put_quoted(sql, name->table);
}

static void put_describe(const struct digest_name *name, struct buffer *sql)
{
	buffer_put_text(sql, "SELECT a.attname,"
			" format_type(a.atttypid, a.atttypmod),"
			" CASE WHEN a.attnotnull THEN '0' ELSE '1' END"
			" FROM pg_attribute a JOIN pg_class c"
			" ON c.oid = a.attrelid JOIN pg_namespace n"
			" ON n.oid = c.relnamespace WHERE a.attnum > 0"
			" AND NOT a.attisdropped AND n.nspname = ");
	digest_put_literal(sql, name->schema);
	buffer_put_text(sql, " AND c.relname = ");
	digest_put_literal(sql, name->table);
	buffer_put_text(sql, " ORDER BY a.attnum");
}

static void put_ago(const char *type, uint64_t ms, struct buffer *sql)
{
	buffer_printf(sql, "SELECT (now() - interval '%" PRIu64
		      " milliseconds')::%s", ms, type);
}

static void close_it(struct digest_source *source)
{
	PQfinish(of(source)->conn);
	free(source);
}

static const struct digest_source_verbs verbs = {
	.close = close_it,
	.begin = begin,
	.end = end,
	.ask = ask,
	.read = read_rows,
	.put_table = put_table,
	.put_describe = put_describe,
	.put_ago = put_ago,
	.now = "now()",
	.running = running_sql,
};

struct digest_source *digest_postgres_open(const struct digest_target *target,
					   bool (*given_up)(void *context),
					   void *context, struct error *error)
{
	struct pg_target pg = {
		.conninfo = target->url,
		.connect_timeout_ms = CONNECT_TIMEOUT_MS,
		.production = target->production,
	};
	struct pg_named named = { 0 };
	struct postgres *postgres;
	PGconn *conn = NULL;

	if (pg_named_read(target->url, &named, error)) {
		if (!named.database)
			pg.database = target->database;
		conn = pg_open_wait(&pg, given_up, context, error);
	}
	pg_named_fini(&named);
	if (!conn)
		return NULL;
	postgres = must_alloc(sizeof(*postgres));
	postgres->source.verbs = &verbs;
	postgres->conn = conn;
	return &postgres->source;
}
