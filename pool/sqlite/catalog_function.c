/*
 * The SQL functions over the catalogs: definitions, comments, privileges,
 * sizes; those over names are in catalog_function_name.c. They read the
 * schema of the statement that runs (context.h), not the tables.
 */
#include "pool/sqlite/catalog_call.h"
#include "pool/sqlite/files.h"
#include "pool/sqlite/session.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/schema_name.h"
#include "protocol/type.h"

/* --- definitions -------------------------------------------------------- */

static void format_type(struct call *call)
{
	if (null_at(call, 0))
		return give_text(call, NULL);
	give_text(call, type_name_text(&call->arena, call->schema, path(call),
				       oid_at(call, 0), null_at(call, 1) ?
				       TYPMOD_NONE :
				       sqlite3_value_int(call->arguments[1])));
}

static void get_expr(struct call *call)
{
	if (any_null(call))
		return give_text(call, NULL);
	give_text(call, definition_of_expression(
		&call->arena, call->schema, call->session, string_at(call, 0),
		call->count > 2 && sqlite3_value_int(call->arguments[2])));
}

static void get_constraintdef(struct call *call)
{
	if (any_null(call))
		return give_text(call, NULL);
	give_text(call, definition_of_constraint(
		&call->arena, call->schema, call->session, oid_at(call, 0),
		call->count > 1 && sqlite3_value_int(call->arguments[1])));
}

static void get_indexdef(struct call *call)
{
	if (any_null(call))
		return give_text(call, NULL);
	give_text(call, definition_of_index(
		&call->arena, call->schema, call->session, oid_at(call, 0),
		call->count > 1 ? sqlite3_value_int(call->arguments[1]) : 0,
		call->count > 2 && sqlite3_value_int(call->arguments[2])));
}

static const struct schema_table *view_at(struct call *call, int i)
{
	uint32_t oid = 0;

	call->context->error.sqlstate[0] = 0;
	if (sqlite3_value_type(call->arguments[i]) == SQLITE_INTEGER)
		oid = oid_at(call, i);
	else if (!reg_read(call->schema, call->session, OID_REGCLASS,
			   text_at(call, i), &call->arena, &oid,
			   &call->context->error))
		return NULL;
	return schema_table_by_oid(call->schema, oid);
}

static void get_viewdef(struct call *call)
{
	const struct schema_table *table;

	if (any_null(call))
		return give_text(call, NULL);
	table = view_at(call, 0);
	if (!table && !is_number(call, 0)) {
		if (call->context->error.sqlstate[0])
			return fail(call);
		error_set(&call->context->error, SQLSTATE_UNDEFINED_TABLE,
			  "relation \"%s\" does not exist",
			  string_at(call, 0));
		return fail(call);
	}
	give_text(call, !table ? NULL : definition_of_view(
			  &call->arena, call->schema, call->session, table,
			  call->count > 1 &&
			  sqlite3_value_int(call->arguments[1])));
}

static void get_serial_sequence(struct call *call)
{
	const struct schema_table *table;
	const struct schema_column *column;
	const char *name;
	uint32_t oid;

	if (any_null(call))
		return give_text(call, NULL);
	if (!reg_read(call->schema, call->session, OID_REGCLASS,
		      text_at(call, 0), &call->arena, &oid,
		      &call->context->error))
		return fail(call);
	table = schema_table_by_oid(call->schema, oid);
	name = string_at(call, 1);
	column = table ? schema_find_column(table, name) : NULL;
	if (!column) {
		error_set(&call->context->error, SQLSTATE_UNDEFINED_COLUMN,
			  "column \"%s\" of relation \"%s\" does not exist",
			  name, table ? table->name : string_at(call, 0));
		return fail(call);
	}
	give_text(call, column->sequence ? arena_printf(
		&call->arena, "%s.%s",
		name_quoted(&call->arena, table->schema),
		name_quoted(&call->arena, column->sequence)) : NULL);
}

/* --- comments ----------------------------------------------------------- */

static const char *comment_of_relation(const struct schema *schema,
				       uint32_t oid)
{
	const struct schema_table *table = schema_table_by_oid(schema, oid);
	const struct schema_sequence *sequence;
	const struct schema_index *index;

	if (table)
		return table->comment;
	sequence = schema_sequence_by_oid(schema, oid);
	if (sequence)
		return sequence->comment;
	index = schema_index_by_oid(schema, oid, &table);
	return index ? index->comment : NULL;
}

static const char *comment_of(const struct schema *schema, uint32_t oid,
			      const char *catalog)
{
	const struct schema_table *table;
	const struct schema_constraint *constraint;
	const struct schema_enum *type;
	const char *text = NULL;

	if (!catalog || strcmp(catalog, "pg_class") == 0)
		text = comment_of_relation(schema, oid);
	if (!text && (!catalog || strcmp(catalog, "pg_type") == 0)) {
		const struct schema_domain *domain =
			schema_domain_by_oid(schema, oid);

		type = schema_enum_by_oid(schema, oid);
		text = type ? type->comment : domain ? domain->comment : NULL;
	}
	if (!text && (!catalog || strcmp(catalog, "pg_constraint") == 0)) {
		constraint = schema_constraint_by_oid(schema, oid, &table);
		text = constraint ? constraint->comment : NULL;
	}
	if (!text && (!catalog || strcmp(catalog, "pg_namespace") == 0))
		for (int i = 0; i < schema->namespace_count; i++)
			if (schema->namespaces[i].oid == oid)
				text = schema->namespaces[i].comment;
	if (!text && (!catalog || strcmp(catalog, "pg_extension") == 0))
		for (int i = 0; i < schema->extension_count; i++)
			if (schema->extensions[i].oid == oid)
				text = schema->extensions[i].comment;
	return text;
}

/* What Postgres itself says about its own. */
static const char *own_comment(struct call *call, uint32_t oid,
			       const char *catalog)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_description");
	uint32_t class = catalog ? relation_oid(call->schema, NULL,
						"pg_catalog", catalog) : 0;
	size_t i = catalog_facts_first(facts, oid);

	for (; i < facts->count && catalog_facts_number(facts->rows[i]) == oid;
	     i++) {
		const char *row = facts->rows[i];
		uint32_t its = catalog_facts_number((const char *)
				catalog_facts_cell(row, 1).at);

		if (!catalog || its == class)	/* none is of a column */
			return arena_dup(&call->arena, catalog_facts_cell(
				row, catalog_facts_column(facts,
							  "description")));
	}
	return NULL;
}

static void obj_description(struct call *call)
{
	const char *catalog, *text;

	if (any_null(call))
		return give_text(call, NULL);
	catalog = call->count > 1 ? string_at(call, 1) : NULL;
	text = comment_of(call->schema, oid_at(call, 0), catalog);
	give_text(call, text ? text : own_comment(call, oid_at(call, 0),
						  catalog));
}

static void col_description(struct call *call)
{
	const struct schema_table *table;
	int number;

	if (any_null(call))
		return give_text(call, NULL);
	table = schema_table_by_oid(call->schema, oid_at(call, 0));
	number = sqlite3_value_int(call->arguments[1]);
	give_text(call, NULL);
	for (int i = 0; table && i < table->column_count; i++)
		if (table->columns[i].attribute == number)
			give_text(call, table->columns[i].comment);
}

/* --- encodings ---------------------------------------------------------- */

static void utf8(struct call *call)
{
	give_text(call, "UTF8");
}

/* --- sizes -------------------------------------------------------------- */

static int64_t number_of(struct call *call, const char *sql, const char *name)
{
	struct lite_connection *connection =
		LIST_ENTRY(call->context, struct lite_connection, context);
	enum lite_trust before = connection->trust;
	sqlite3_stmt *statement = NULL;
	int64_t number = 0;

	connection->trust = LITE_OWN;	/* no client may ask for a PRAGMA */
	sqlite3_prepare_v2(connection->db, sql, -1, &statement, NULL);
	if (statement && name)
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
	if (statement && sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	connection->trust = before;
	return number;
}

bool catalog_is_other_database(const struct call *call, const char *name)
{
	const struct lite_session *session = lite_session_of(call->context);

	return session && session->engine->options.files &&
	       lite_files_exists(session->engine->options.files, name);
}

/* The size of another database's file, which is called as one's own with the
 * other name in it; one that nobody has opened yet has none. */
static int64_t size_of_other(struct call *call, const char *name)
{
	const char *own = call->session->database, *found = NULL;
	const char *path = sqlite3_db_filename(
		sqlite3_context_db_handle(call->sqlite), "main");
	struct stat status;

	for (const char *at = path; at && (at = strstr(at, own)); at++)
		found = at;
	if (!found)
		return 0;
	path = arena_printf(&call->arena, "%.*s%s%s", (int)(found - path), path,
			    name, found + strlen(own));
	return stat(path, &status) == 0 ? status.st_size : 0;
}

static void database_size(struct call *call)
{
	if (any_null(call))
		return give_text(call, NULL);
	if (!is_number(call, 0) &&
	    strcmp(string_at(call, 0), call->session->database) != 0) {
		if (catalog_is_other_database(call, string_at(call, 0)))
			return give_integer(call, size_of_other(
					call, string_at(call, 0)));
		error_set(&call->context->error, "3D000",
			  "database \"%s\" does not exist",
			  string_at(call, 0));
		return fail(call);
	}
	give_integer(call, number_of(call, "SELECT page_count * page_size FROM"
				     " pragma_page_count, pragma_page_size",
				     NULL));
}

static bool is_fork(const char *name)
{
	static const char *const forks[] = { "main", "fsm", "vm", "init" };

	for (size_t i = 0; i < sizeof(forks) / sizeof(*forks); i++)
		if (strcmp(name, forks[i]) == 0)
			return true;
	return false;
}

static void relation_size(struct call *call)
{
	const struct schema_table *table;

	if (any_null(call))
		return give_text(call, NULL);
	if (call->count > 1 && !is_fork(string_at(call, 1))) {
		error_set(&call->context->error, SQLSTATE_INVALID_PARAMETER,
			  "invalid fork name");
		return fail(call);
	}
	table = schema_table_by_oid(call->schema, oid_at(call, 0));
	if (!table || table->kind == 'v' || table->catalog)
		return give_integer(call, 0);
	give_integer(call, number_of(call, "SELECT sum(pgsize) FROM dbstat"
				     " WHERE name = ?", table->lite_name));
}

/* A unit, up to which size it is used, and the power of two it is. */
static const struct {
	const char *name;
	uint64_t limit;
	int bits;
} size_units[] = {
	{ "bytes", 10 * 1024, 0 }, { "kB", 20 * 1024 - 1, 10 },
	{ "MB", 20 * 1024 - 1, 20 }, { "GB", 20 * 1024 - 1, 30 },
	{ "TB", 20 * 1024 - 1, 40 }, { "PB", UINT64_MAX, 50 },
};

static uint64_t size_of(int64_t size)
{
	return size < 0 ? -(uint64_t)size : (uint64_t)size;
}

static void size_pretty(struct call *call)
{
	int64_t size;
	int unit = 0;

	if (any_null(call))
		return give_text(call, NULL);
	size = sqlite3_value_int64(call->arguments[0]);
	if (!is_number(call, 0) && (size == INT64_MAX || size == INT64_MIN ||
				    !strpbrk(string_at(call, 0), "0123456789"))) {
		error_set(&call->context->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "pg_size_pretty() of more than 8192 PB is not "
			  "supported");
		return fail(call);
	}
	if (!is_number(call, 0) && size_of(size) < size_units[0].limit)
		return give_text(call, arena_printf(&call->arena, "%s bytes",
						    string_at(call, 0)));
	/* one bit more than shown is kept, to round at the end */
	while (size_of(size) >= size_units[unit].limit) {
		size /= INT64_C(1) << (size_units[unit + 1].bits -
				       size_units[unit].bits - (unit == 0));
		unit++;
	}
	if (unit > 0)
		size = (size + (size < 0 ? -1 : 1)) / 2;
	give_text(call, arena_printf(&call->arena, "%lld %s", (long long)size,
				     size_units[unit].name));
}

/* --- the rest ----------------------------------------------------------- */

/* ALTER TYPE ... RENAME VALUE changes the file before the schema that is
 * known here. */
static bool is_renamed_label(struct call *call, struct slice label)
{
	sqlite3_stmt *statement;
	bool found;

	if (sqlite3_prepare_v2(sqlite3_context_db_handle(call->sqlite),
			       "SELECT 1 FROM main._weir_enum WHERE parent = ?"
			       " AND label = ?", -1, &statement, NULL) !=
	    SQLITE_OK)
		return false;
	sqlite3_bind_int64(statement, 1, oid_at(call, 1));
	sqlite3_bind_text(statement, 2, (const char *)label.at,
			  (int)label.length, SQLITE_STATIC);
	found = sqlite3_step(statement) == SQLITE_ROW;
	sqlite3_finalize(statement);
	return found;
}

static void enum_check(struct call *call)
{
	const struct schema_enum *row;
	struct slice label;

	if (any_null(call))
		return give_text(call, NULL);
	row = schema_enum_by_oid(call->schema, oid_at(call, 1));
	label = text_at(call, 0);
	for (int i = 0; row && i < row->label_count; i++)
		if (slice_is(label, row->labels[i]))
			return give_integer(call, 1);
	if (row && is_renamed_label(call, label))
		return give_integer(call, 1);
	error_set(&call->context->error, SQLSTATE_INVALID_TEXT,
		  "invalid input value for enum %s: \"%.*s\"",
		  reg_text(call->schema, call->session, OID_REGTYPE,
			   oid_at(call, 1), &call->arena),
		  (int)label.length, (const char *)label.at);
	fail(call);
}

/* All of a session that the catalogs' rows depend on. */
static void put_who(const struct schema *schema,
		    const struct compile_session *session, struct buffer *out)
{
	const char *const *name = session->search_path;

	buffer_put_cstring(out, session->user);
	buffer_put_cstring(out, session->database);
	if (definition_is_kept_path(schema, name))
		return;
	for (; *name; name++)
		buffer_put_cstring(out, *name);
}

/* Whose eyes the catalogs were filled for. */
static void who(struct call *call)
{
	struct buffer out = { 0 };

	put_who(call->schema, call->session, &out);
	sqlite3_result_blob64(call->sqlite, out.bytes, out.length,
			      SQLITE_TRANSIENT);
	buffer_fini(&out);
}

static void database(struct call *call)
{
	give_text(call, call->session->database);
}

/* There is one role and it may do everything to what is there. */
static void no(struct call *call)
{
	give_integer(call, 0);
}

static void nothing(struct call *call)
{
	give_text(call, NULL);
}

/* 0 or false, of what is not NULL. */
static void zero(struct call *call)
{
	if (any_null(call))
		return give_text(call, NULL);
	give_integer(call, 0);
}

/* Whatever has rows has a file, and that has its number. */
static void filenode(struct call *call)
{
	const struct schema_table *table;
	const char *in, *name;

	if (any_null(call) ||
	    !relation_name(call->schema, oid_at(call, 0), &in, &name))
		return give_text(call, NULL);
	table = schema_table_by_oid(call->schema, oid_at(call, 0));
	give_oid(call, table && table->kind == 'v' ? 0 : oid_at(call, 0));
}

static void is_publishable(struct call *call)
{
	const struct schema_table *table;

	if (any_null(call))
		return give_text(call, NULL);
	table = schema_table_by_oid(call->schema, oid_at(call, 0));
	if (!table && oid_at(call, 0) >= OID_USER_FIRST)
		return give_text(call, NULL);
	give_integer(call, table && table->kind == 'r' && !table->catalog);
}

static void not_recovering(struct call *call)
{
	error_set(&call->context->error, "55000", "recovery is not in progress");
	fail(call);
}

/* The two that there are are where the database is. */
static void tablespace_location(struct call *call)
{
	uint32_t oid;

	if (any_null(call))
		return give_text(call, NULL);
	oid = oid_at(call, 0);
	if (oid == 0 || oid == TABLESPACE_DEFAULT || oid == TABLESPACE_GLOBAL)
		return give_text(call, "");
	error_set(&call->context->error, "58P01",
		  "could not stat file \"pg_tblspc/%u\": No such file or "
		  "directory", oid);
	fail(call);
}

static void transaction_number(struct call *call)
{
	give_integer(call, call->context->transaction_us);
}

static const struct catalog_function functions[] = {
	{ "pg_format_type", 2, format_type },
	{ "pg_get_expr", FUNCTION_FROM(1), get_expr },
	{ "pg_get_constraintdef", FUNCTION_FROM(1), get_constraintdef },
	{ "pg_get_indexdef", FUNCTION_FROM(1), get_indexdef },
	{ "pg_get_viewdef", FUNCTION_FROM(1), get_viewdef },
	{ "pg_get_serial_sequence", 2, get_serial_sequence },
	{ "pg_obj_description", FUNCTION_FROM(1), obj_description },
	{ "pg_col_description", 2, col_description },
	{ "pg_shobj_description", 2, nothing },
	{ "pg_getdatabaseencoding", 0, utf8 },
	{ "pg_client_encoding", 0, utf8 },
	{ "pg_database_size", 1, database_size },
	{ "pg_relation_size", FUNCTION_FROM(1), relation_size },
	{ "pg_table_size", 1, relation_size },
	{ "pg_total_relation_size", 1, relation_size },
	{ "pg_indexes_size", 1, zero },
	{ "pg_size_pretty", 1, size_pretty },
	{ "pg_relation_filenode", 1, filenode },
	{ "pg_tablespace_location", 1, tablespace_location },
	{ "pg_relation_is_publishable", 1, is_publishable },
	{ "pg_is_in_recovery", 0, no },
	{ "pg_is_wal_replay_paused", 0, not_recovering },
	{ "pg_is_other_temp_schema", 1, zero },
	{ "pg_stat_get_numscans", 1, zero },
	{ "pg_jit_available", 0, no },
	{ "pg_trigger_depth", 0, no },
	{ "pg_get_partkeydef", 1, nothing },
	{ "pg_get_partition_constraintdef", 1, nothing },
	{ "pg_get_ruledef", FUNCTION_FROM(1), nothing },
	{ "pg_get_triggerdef", FUNCTION_FROM(1), nothing },
	{ "pg_get_functiondef", 1, nothing },
	{ "pg_get_function_sqlbody", 1, nothing },
	{ "pg_get_statisticsobjdef", 1, nothing },
	{ "pg_get_statisticsobjdef_columns", 1, nothing },
	{ "pg_index_column_has_property", 3, nothing },
	{ "pg_indexam_has_property", 2, nothing },
	{ "pg_txid_current", 0, transaction_number },
	{ "pg_txid_current_if_assigned", 0, nothing },
	{ "pg_enum_check", 2, enum_check },
	{ "pg_catalog_who", 0, who },
	{ "pg_catalog_database", 0, database },
	{ 0 },
};

/* --- registering -------------------------------------------------------- */

struct bound {
	struct lite_context *context;
	const struct catalog_function *function;
};

static void on_call(sqlite3_context *sqlite, int count,
		    sqlite3_value **arguments)
{
	struct bound *bound = sqlite3_user_data(sqlite);
	struct call call = {
		.context = bound->context, .schema = bound->context->schema,
		.session = bound->context->session, .sqlite = sqlite,
		.arguments = arguments, .count = count,
	};

	if (arguments_are_missing(sqlite, bound->function->arguments, count))
		return;
	if (!call.schema || !call.session)
		return sqlite3_result_null(sqlite);
	bound->function->run(&call);
	arena_fini(&call.arena);
}

/* Sets that are always empty here: partitions, keywords, options. */

static int connect_empty(sqlite3 *db, void *context, int count,
			 const char *const *arguments, sqlite3_vtab **ret_vtab,
			 char **ret_error)
{
	*ret_vtab = sqlite3_malloc(sizeof(**ret_vtab));
	if (!*ret_vtab)
		return SQLITE_NOMEM;
	memset(*ret_vtab, 0, sizeof(**ret_vtab));
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	return sqlite3_declare_vtab(
		db, "CREATE TABLE x(value, relid, option_name, option_value,"
		    " ordinality, a HIDDEN)");
}

static int disconnect_empty(sqlite3_vtab *vtab)
{
	sqlite3_free(vtab);
	return SQLITE_OK;
}

static int plan_empty(sqlite3_vtab *vtab, sqlite3_index_info *plan)
{
	plan->estimatedRows = 1;
	plan->estimatedCost = 1;
	return SQLITE_OK;
}

static int open_empty(sqlite3_vtab *vtab, sqlite3_vtab_cursor **ret_cursor)
{
	*ret_cursor = sqlite3_malloc(sizeof(**ret_cursor));
	if (!*ret_cursor)
		return SQLITE_NOMEM;
	memset(*ret_cursor, 0, sizeof(**ret_cursor));
	return SQLITE_OK;
}

static int close_empty(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int filter_empty(sqlite3_vtab_cursor *cursor, int number,
			const char *text, int count, sqlite3_value **values)
{
	return SQLITE_OK;
}

static int next_empty(sqlite3_vtab_cursor *cursor)
{
	return SQLITE_OK;
}

static int eof_empty(sqlite3_vtab_cursor *cursor)
{
	return 1;
}

static int column_empty(sqlite3_vtab_cursor *cursor, sqlite3_context *context,
			int column)
{
	return SQLITE_OK;
}

static int rowid_empty(sqlite3_vtab_cursor *cursor, sqlite3_int64 *ret_rowid)
{
	*ret_rowid = 0;
	return SQLITE_OK;
}

static const sqlite3_module empty_set = {
	.xConnect = connect_empty, .xBestIndex = plan_empty,
	.xDisconnect = disconnect_empty, .xOpen = open_empty,
	.xClose = close_empty, .xFilter = filter_empty, .xNext = next_empty,
	.xEof = eof_empty, .xColumn = column_empty, .xRowid = rowid_empty,
};

static int register_all(sqlite3 *db, struct lite_context *context,
			const struct catalog_function *function)
{
	int status = SQLITE_OK;

	for (; function->name && status == SQLITE_OK; function++) {
		struct bound *bound = sqlite3_malloc(sizeof(*bound));

		if (!bound)
			return SQLITE_NOMEM;
		bound->context = context;
		bound->function = function;
		status = sqlite3_create_function_v2(
			db, function->name, arguments_max(function->arguments),
			SQLITE_UTF8 | SQLITE_INNOCUOUS, bound, on_call, NULL,
			NULL, sqlite3_free);
	}
	return status;
}

int catalog_register_functions(sqlite3 *db, struct lite_context *context)
{
	static const char *const sets[] = {
		"pg_partition_ancestors",
	};
	int status = SQLITE_OK;

	for (size_t i = 0; status == SQLITE_OK &&
			   i < sizeof(sets) / sizeof(*sets); i++)
		status = sqlite3_create_module(db, sets[i], &empty_set, NULL);
	if (status == SQLITE_OK)
		status = register_all(db, context, functions);
	if (status == SQLITE_OK)
		status = register_all(db, context, catalog_name_functions);
	if (status == SQLITE_OK)
		status = register_all(db, context, catalog_privileges);
	if (status == SQLITE_OK)
		status = register_all(db, context, catalog_signatures);
	return status;
}
