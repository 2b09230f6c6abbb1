/*
 * Any SQL function of ours, called with any values: the views of another
 * program's file may call them as they like. The first two bytes choose the
 * function; values are divided by 0xff, the first byte of each says what it
 * is. Integers have four bytes, like most that the functions are meant for.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool/sqlite/engine_inner.h"
#include "pool/zone_files.h"
#include "tests/unit/compile_fixture.h"

#define VALUES_MAX 20
#define CALLS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	struct lite_connection connection;
	struct compile_session session;
	struct type_settings settings;
	struct zone_files zones;
	sqlite3_stmt *calls[CALLS_MAX];
	int count;
} fixture;

/* "SELECT name(?, ?)"; NULL for what cannot be called so (of windows, of
 * tables, of a query's rows). */
static sqlite3_stmt *prepare_call(const char *name, int values)
{
	char sql[256];
	int length = snprintf(sql, sizeof(sql), "SELECT %s(", name);
	sqlite3_stmt *statement = NULL;

	for (int i = 0; i < values; i++)
		length += snprintf(sql + length, sizeof(sql) - (size_t)length,
				   i > 0 ? ", ?" : "?");
	snprintf(sql + length, sizeof(sql) - (size_t)length, ")");
	sqlite3_prepare_v2(fixture.connection.db, sql, -1, &statement, NULL);
	return statement;
}

static void find_calls(void)
{
	sqlite3_stmt *list = NULL;

	sqlite3_prepare_v2(fixture.connection.db,
			   "SELECT DISTINCT name, narg FROM pragma_function_list"
			   " WHERE name LIKE 'pg\\_%' ESCAPE '\\'"
			   " AND name <> 'pg_sleep' ORDER BY 1, 2",
			   -1, &list, NULL);
	while (sqlite3_step(list) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(list, 0);
		int values = sqlite3_column_int(list, 1);
		int last = values < 0 ? VALUES_MAX : values;

		for (int i = values < 0 ? 0 : values;
		     i <= last && fixture.count < CALLS_MAX; i++) {
			sqlite3_stmt *call = prepare_call(name, i);

			if (call != NULL)
				fixture.calls[fixture.count++] = call;
		}
	}
	sqlite3_finalize(list);
}

static void set_up(void)
{
	struct lite_context *context = &fixture.connection.context;

	fixture.settings.time_zone = "UTC";
	fixture.settings.date_order = 'M';
	zone_files_init(&fixture.zones, NULL);
	fixture.settings.zones = &fixture.zones.source;
	fixture.session = fixture_session;
	fixture.session.types = &fixture.settings;
	context->session = &fixture.session;
	context->schema = fixture_schema();
	if (sqlite3_open(":memory:", &fixture.connection.db) != SQLITE_OK ||
	    functions_register(fixture.connection.db, context) != SQLITE_OK ||
	    catalog_attach(fixture.connection.db, context) != SQLITE_OK)
		abort();
	sqlite3_limit(fixture.connection.db, SQLITE_LIMIT_LENGTH, 1 << 20);
	find_calls();
}

static void bind_value(sqlite3_stmt *call, int number, struct slice bytes)
{
	int length = (int)bytes.length - 1;
	const char *rest = (const char *)bytes.at + 1;
	int32_t integer = 0;

	if (length < 0)
		return;
	switch (bytes.at[0] % 4) {
	case 0:
		memcpy(&integer, rest,
		       (size_t)(length < 4 ? length : 4));
		sqlite3_bind_int64(call, number, integer);
		break;
	case 1:
		sqlite3_bind_double(call, number, strtod(rest, NULL));
		break;
	case 2:
		sqlite3_bind_blob(call, number, rest, length, SQLITE_TRANSIENT);
		break;
	default:
		sqlite3_bind_text(call, number, rest, length, SQLITE_TRANSIENT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	sqlite3_stmt *call;
	char *copy, *at, *end;

	if (fixture.connection.db == NULL)
		set_up();
	if (size < 2)
		return 0;
	call = fixture.calls[(data[0] << 8 | data[1]) % fixture.count];
	copy = calloc(1, size);	/* strtod() needs an end */
	memcpy(copy, data + 2, size - 2);
	at = copy;
	end = copy + size - 2;
	for (int i = 1; i <= VALUES_MAX && at < end; i++) {
		char *stop = memchr(at, 0xff, (size_t)(end - at));

		if (stop == NULL)
			stop = end;
		bind_value(call, i, slice_make(at, (size_t)(stop - at)));
		at = stop + 1;
	}
	fixture.connection.context.error.sqlstate[0] = '\0';
	while (sqlite3_step(call) == SQLITE_ROW)
		sqlite3_column_text(call, 0);
	sqlite3_reset(call);
	sqlite3_clear_bindings(call);
	arena_reset(&fixture.connection.context.arena);
	free(copy);
	return 0;
}
