/*
 * Calls functions of ours through a real SQLite connection. A case names the
 * Postgres expression, what the compiler makes of it, and the answer in
 * storage form ("!22012" for an error's SQLSTATE, "NULL" for NULL). The
 * answers were compared with Postgres 15.
 */
#ifndef WEIR_TEST_LITE_FUNCTION_H
#define WEIR_TEST_LITE_FUNCTION_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool/sqlite/context.h"
#include "pool/zone_files.h"

struct function_case {
	const char *postgres;
	const char *sqlite;	/* without SELECT; NULL: the same */
	const char *answer;
};

struct function_test {
	sqlite3 *db;
	struct lite_context context;
	struct compile_session session;
	struct type_settings settings;
	struct zone_files zones;
};

static inline int open_functions(void **state)
{
	struct function_test *test = must_alloc(sizeof(*test));

	test->settings.time_zone = "UTC";
	test->settings.date_order = 'M';
	zone_files_init(&test->zones, NULL);
	test->settings.zones = &test->zones.source;
	test->session.user = "app";
	test->session.database = "app";
	test->session.types = &test->settings;
	test->context.session = &test->session;
	assert_int_equal(sqlite3_open(":memory:", &test->db), SQLITE_OK);
	assert_int_equal(functions_register(test->db, &test->context),
			 SQLITE_OK);
	*state = test;
	return 0;
}

static inline int close_functions(void **state)
{
	struct function_test *test = *state;

	assert_int_equal(sqlite3_close(test->db), SQLITE_OK);
	zone_files_fini(&test->zones);
	arena_fini(&test->context.arena);
	free(test);
	return 0;
}

static inline void print_column(sqlite3_stmt *statement, int column,
				struct buffer *out)
{
	const uint8_t *bytes;

	switch (sqlite3_column_type(statement, column)) {
	case SQLITE_NULL:
		buffer_put_text(out, "NULL");
		break;
	case SQLITE_FLOAT:
		buffer_printf(out, "%.15g",
			      sqlite3_column_double(statement, column));
		break;
	case SQLITE_BLOB:
		bytes = sqlite3_column_blob(statement, column);
		buffer_put_text(out, "\\x");
		for (int i = 0; i < sqlite3_column_bytes(statement, column); i++)
			buffer_printf(out, "%02x", bytes[i]);
		break;
	default:
		buffer_put(out, sqlite3_column_text(statement, column),
			   (size_t)sqlite3_column_bytes(statement, column));
	}
}

/* Rows are joined with '/', columns with '|'. */
static inline void run_sql(struct function_test *test, const char *sql,
			   struct buffer *out)
{
	sqlite3_stmt *statement = NULL;
	int rc = sqlite3_prepare_v2(test->db, sql, -1, &statement, NULL);
	bool first = true;

	test->context.error.sqlstate[0] = 0;
	if (rc != SQLITE_OK)
		buffer_printf(out, "!prepare: %s", sqlite3_errmsg(test->db));
	while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
		if (!first)
			buffer_put_text(out, "/");
		first = false;
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			if (i)
				buffer_put_text(out, "|");
			print_column(statement, i, out);
		}
	}
	if (rc == SQLITE_OK && sqlite3_finalize(statement) != SQLITE_OK) {
		buffer_clear(out);
		buffer_printf(out, "!%s", test->context.error.sqlstate[0]
			      ? test->context.error.sqlstate
			      : sqlite3_errmsg(test->db));
	}
}

static inline void check_case(struct function_test *test,
			      const struct function_case *one)
{
	const char *sqlite = one->sqlite ? one->sqlite : one->postgres;
	struct buffer sql = { 0 }, out = { 0 };

	if (strncmp(sqlite, "SELECT ", 7) != 0 && strncmp(sqlite, "WITH ", 5))
		buffer_put_text(&sql, "SELECT ");
	buffer_put_text(&sql, sqlite);
	run_sql(test, buffer_cstring(&sql), &out);
	if (strcmp(buffer_cstring(&out), one->answer) != 0)
		fail_msg("%s\n\tis:     %s\n\tshould: %s\n\t%s", sqlite,
			 buffer_cstring(&out), one->answer,
			 test->context.error.message);
	buffer_fini(&sql);
	buffer_fini(&out);
}

#define CHECK_CASES(state, cases)                                          \
	do {                                                               \
		for (size_t i_ = 0; i_ < sizeof(cases) / sizeof(*(cases)); \
		     i_++)                                                 \
			check_case(*(state), &(cases)[i_]);                \
	} while (0)

#endif
