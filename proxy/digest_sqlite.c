/*
 * A row is each of its values behind a letter for its storage class and its
 * length: `i` in digits, `r` as the eight bytes of an IEEE double with the
 * greatest first, `t` and `b` as they are, `n` of length 0.
 */
#include "proxy/digest_source_inner.h"

#include <inttypes.h>
#include <stdlib.h>

#include <sqlite3.h>

#define BUSY_TIMEOUT_MS 5000
#define STEPS_BETWEEN_ASKING 100000

struct sqlite {
	struct digest_source source;
	sqlite3 *db;
	struct buffer row, key;
};

static struct sqlite *of(struct digest_source *source)
{
	return (struct sqlite *)source;
}

static bool complain(struct sqlite *sqlite, struct error *error)
{
	bool stopped = sqlite3_errcode(sqlite->db) == SQLITE_INTERRUPT;

	return error_set(error, stopped ? SQLSTATE_QUERY_CANCELED :
			 SQLSTATE_IO_ERROR, "%s", sqlite3_errmsg(sqlite->db));
}

static int on_progress(void *context)
{
	struct sqlite *sqlite = context;

	return sqlite->source.given_up(sqlite->source.context);
}

/* --- asking -------------------------------------------------------------- */

static void tell(sqlite3_stmt *statement, digest_on_row on_row, void *context)
{
	const char *values[DIGEST_VALUES_MAX] = { NULL };
	int columns = sqlite3_column_count(statement);

	for (int i = 0; i < columns && i < DIGEST_VALUES_MAX; i++)
		values[i] = (const char *)sqlite3_column_text(statement, i);
	on_row(context, values);
}

static bool ask(struct digest_source *source, const char *sql,
		digest_on_row on_row, void *context, struct error *error)
{
	struct sqlite *sqlite = of(source);
	sqlite3_stmt *statement = NULL;
	int status = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);

	while (status == SQLITE_OK || status == SQLITE_ROW) {
		status = sqlite3_step(statement);
		if (status == SQLITE_ROW)
			tell(statement, on_row, context);
	}
	if (status != SQLITE_DONE)
		complain(sqlite, error);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE;
}

static bool begin(struct digest_source *source, struct error *error)
{
	if (sqlite3_exec(of(source)->db, "BEGIN", NULL, NULL, NULL) ==
	    SQLITE_OK)
		return true;
	return complain(of(source), error);
}

static void end(struct digest_source *source)
{
	sqlite3_exec(of(source)->db, "ROLLBACK", NULL, NULL, NULL);
}

/* --- rows ---------------------------------------------------------------- */

/* Printed, a double would lose digits. */
static void put_real(struct buffer *row, double real)
{
	uint64_t bits;

	memcpy(&bits, &real, sizeof(bits));
	buffer_put_u32(row, sizeof(bits));
	buffer_put_u64(row, bits);
}

static void put_value(struct buffer *row, sqlite3_stmt *statement, int at)
{
	static const char letters[] = {
		[SQLITE_INTEGER] = 'i', [SQLITE_FLOAT] = 'r',
		[SQLITE_TEXT] = 't', [SQLITE_BLOB] = 'b', [SQLITE_NULL] = 'n',
	};
	int type = sqlite3_column_type(statement, at), length;
	const void *bytes;

	buffer_put_u8(row, (uint8_t)letters[type]);
	if (type == SQLITE_FLOAT) {
		put_real(row, sqlite3_column_double(statement, at));
		return;
	}
	bytes = type == SQLITE_BLOB ? sqlite3_column_blob(statement, at) :
				      sqlite3_column_text(statement, at);
	length = sqlite3_column_bytes(statement, at);
	buffer_put_u32(row, (uint32_t)length);
	if (length)
		buffer_put(row, bytes, (size_t)length);
}

static void add_row(struct sqlite *sqlite, sqlite3_stmt *statement,
		    unsigned columns, struct digest_bucket *bucket)
{
	buffer_clear(&sqlite->key);
	put_value(&sqlite->key, statement, 0);
	buffer_clear(&sqlite->row);
	for (unsigned i = 1; i <= columns; i++)
		put_value(&sqlite->row, statement, (int)i);
	digest_bucket_add(bucket, buffer_slice(&sqlite->key),
			  buffer_slice(&sqlite->row));
}

static bool read_rows(struct digest_source *source, const char *sql,
		      unsigned columns, struct digest_bucket *bucket,
		      struct error *error)
{
	struct sqlite *sqlite = of(source);
	sqlite3_stmt *statement = NULL;
	int status = sqlite3_prepare_v2(sqlite->db, sql, -1, &statement, NULL);

	while (status == SQLITE_OK || status == SQLITE_ROW) {
		status = sqlite3_step(statement);
		if (status == SQLITE_ROW)
			add_row(sqlite, statement, columns, bucket);
	}
	if (status != SQLITE_DONE)
		complain(sqlite, error);
	sqlite3_finalize(statement);
	return status == SQLITE_DONE;
}

/* --- SQL ----------------------------------------------------------------- */

/* How weir names the tables of other schemas in the file. */
static void file_name(const struct digest_name *name, struct buffer *ret)
{
	if (strcmp(name->schema, "public") != 0)
		buffer_printf(ret, "%s.", name->schema);
	buffer_put_text(ret, name->table);
}

static void put_table(const struct digest_name *name, struct buffer *sql)
{
	struct buffer text = { 0 };

	file_name(name, &text);
	digest_put_quoted(sql, buffer_cstring(&text));
	buffer_fini(&text);
}

/* Generated columns that are not stored may need a function of weir's. */
static void put_describe(const struct digest_name *name, struct buffer *sql)
{
	struct buffer text = { 0 };

	file_name(name, &text);
	buffer_put_text(sql, "SELECT name, type, CASE WHEN \"notnull\" OR pk"
			" THEN '0' ELSE '1' END FROM pragma_table_xinfo(");
	digest_put_literal(sql, buffer_cstring(&text));
	buffer_put_text(sql, ") WHERE hidden IN (0, 3) ORDER BY cid");
	buffer_fini(&text);
}

static void put_ago(const char *type, uint64_t ms, struct buffer *sql)
{
	buffer_printf(sql, "SELECT strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now',"
		      " '-%" PRIu64 ".%03u seconds')", ms / 1000,
		      (unsigned)(ms % 1000));
}

static void close_it(struct digest_source *source)
{
	struct sqlite *sqlite = of(source);

	sqlite3_close(sqlite->db);
	buffer_fini(&sqlite->row);
	buffer_fini(&sqlite->key);
	free(sqlite);
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
	.now = "strftime('%Y-%m-%d %H:%M:%f', 'now')",
};

struct digest_source *digest_sqlite_open(const struct digest_target *target,
					 struct error *error)
{
	struct sqlite *sqlite = must_alloc(sizeof(*sqlite));

	sqlite->source.verbs = &verbs;
	if (sqlite3_open_v2(target->url, &sqlite->db,
			    SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK) {
		complain(sqlite, error);
		close_it(&sqlite->source);
		return NULL;
	}
	sqlite3_busy_timeout(sqlite->db, BUSY_TIMEOUT_MS);
	sqlite3_progress_handler(sqlite->db, STEPS_BETWEEN_ASKING, on_progress,
				 sqlite);
	return &sqlite->source;
}
