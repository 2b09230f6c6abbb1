#include "lite_function.h"

/* Provided by the catalogs, not here. */
static bool is_catalog_function(const char *name)
{
	static const char *const prefixes[] = {
		"pg_get_", "pg_has_", "pg_to_reg", "pg_stat", "pg_table",
		"pg_relation", "pg_total", "pg_index", "pg_database",
		"pg_inet_", "pg_acl", "pg_is_", "pg_current_schema",
		"pg_col_description", "pg_obj_description", "pg_describe",
		"pg_shobj_description", "pg_format_type", "pg_encoding",
		"pg_char_to_encoding", "pg_client_encoding", "pg_conf_",
		"pg_function_is", "pg_type_is", "pg_opclass", "pg_operator_",
		"pg_opfamily", "pg_collation_", "pg_conversion_", "pg_ts_",
		"pg_postmaster", "pg_my_temp", "pg_notify", "pg_export",
		"pg_trigger", "pg_txid", "pg_tablespace", "pg_terminate",
		"pg_cancel", "pg_blocking", "pg_identify", "pg_jit",
		"pg_sequence_last", "pg_schema", "pg_getdatabaseencoding",
	};

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool takes(sqlite3 *db, const char *name, int arguments)
{
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	bool known;

	buffer_printf(&sql, "SELECT %s(", name);
	for (int i = 0; i < arguments; i++)
		buffer_put_text(&sql, i ? ",NULL" : "NULL");
	buffer_put_text(&sql, ")");
	known = sqlite3_prepare_v2(db, buffer_cstring(&sql), -1, &statement,
				   NULL) == SQLITE_OK;
	sqlite3_finalize(statement);
	buffer_fini(&sql);
	return known;
}

/* With the given number of arguments, or with any if that is -1. */
static bool is_known(sqlite3 *db, const struct emitted_function *row)
{
	if (row->arguments >= 0)
		return takes(db, row->name, row->arguments);
	for (int i = 0; i < 6; i++)
		if (takes(db, row->name, i))
			return true;
	return false;
}

static void every_function_the_compiler_prints_exists(void **state)
{
	struct function_test *test = *state;
	struct arena arena = { 0 };
	const struct emitted_function *row = compile_emitted_functions(&arena);
	int missing = 0;

	for (; row->name; row++) {
		if (is_known(test->db, row) ||
		    is_catalog_function(row->name))
			continue;
		print_error("no %s with %d arguments\n", row->name,
			    row->arguments);
		missing++;
	}
	arena_fini(&arena);
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_function_the_compiler_prints_exists),
	};

	return cmocka_run_group_tests(tests, open_functions, close_functions);
}
