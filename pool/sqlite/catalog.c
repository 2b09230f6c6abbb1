/*
 * pg_catalog and information_schema: databases in memory, attached to each
 * connection under their own names, so that the ordinary engine joins them.
 * They are filled when a statement first needs them, and again when the
 * schema has changed.
 *
 * What they show is written in one of their own tables, so that a rollback
 * that undoes the filling undoes that too.
 */
#include "pool/sqlite/catalog_inner.h"

#include <stdio.h>

#include "pool/sqlite/catalog_views.h"
#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

/* --- making the tables -------------------------------------------------- */

/* What a column has where nobody says: by name, `*` before a common end. */
static const struct column_default {
	const char *name;
	const char *value;
} column_defaults[] = {
	{ "*owner", "10" }, { "*namespace", "11" }, { "typdelim", "','" },
	{ "typtypmod", "-1" }, { "typisdefined", "1" }, { "typalign", "'i'" },
	{ "typstorage", "'p'" }, { "attislocal", "1" }, { "atttypmod", "-1" },
	{ "attstattarget", "-1" }, { "attcacheoff", "-1" },
	{ "relreplident", "'d'" }, { "relispopulated", "1" },
	{ "relpersistence", "'p'" }, { "reltuples", "-1" },
	{ "conislocal", "1" }, { "connoinherit", "0" },
	{ "convalidated", "1" }, { "confupdtype", "' '" },
	{ "confdeltype", "' '" }, { "confmatchtype", "' '" },
	{ "indislive", "1" }, { "indisready", "1" }, { "indisvalid", "1" },
	{ "indimmediate", "1" },
	{ "collisdeterministic", "1" }, { "prokind", "'f'" },
	{ "proparallel", "'s'" }, { "prolang", "12" }, { "procost", "1" },
	{ "proisstrict", "1" },
};

bool catalog_is_number(uint32_t type)
{
	switch (type) {
	case OID_BOOL:
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
	case OID_OID:
	case OID_REGPROC:
	case OID_XID:
	case OID_FLOAT4:
		return true;
	default:
		return false;
	}
}

const char *catalog_default(const struct schema_column *column)
{
	size_t length = strlen(column->name);

	for (size_t i = 0;
	     i < sizeof(column_defaults) / sizeof(*column_defaults); i++) {
		const struct column_default *row = &column_defaults[i];
		size_t end = strlen(row->name) - 1;

		if (strcmp(row->name, column->name) == 0)
			return row->value;
		if (row->name[0] == '*' && length > end &&
		    strcmp(column->name + length - end, row->name + 1) == 0)
			return row->value;
	}
	if (!column->not_null)
		return "NULL";
	return catalog_is_number(column->type) ? "0" : "''";
}

void catalog_print_columns(const struct schema_table *table,
			   struct arena *arena, struct buffer *out)
{
	buffer_put_text(out, "CREATE TABLE x(");
	for (int i = 0; i < table->column_count; i++) {
		const struct schema_column *column = &table->columns[i];
		const char *type = facts_declared_type(arena, NULL,
						       column->type, -1);

		buffer_printf(out, "%s\"%s\" %s", i ? ", " : "", column->name,
			      strcmp(column->name, "oid") == 0 && i == 0 ?
			      "INTEGER PRIMARY KEY" : type ? type : "");
		buffer_printf(out, " DEFAULT %s", catalog_default(column));
	}
	buffer_put_text(out, ")");
}

static void print_table_sql(const struct schema_table *table,
			    struct arena *arena, struct buffer *out)
{
	struct buffer sql = { 0 };

	if (catalog_is_fixed(table->name)) {
		buffer_printf(out, "CREATE VIRTUAL TABLE %s.\"%s\" USING "
			      CATALOG_FIXED "(\"%s\");", table->lite_database,
			      table->name, table->name);
		return;
	}
	catalog_print_columns(table, arena, &sql);
	buffer_printf(out, "CREATE TABLE %s.\"%s\"%s;", table->lite_database,
		      table->name, buffer_cstring(&sql) + sizeof("CREATE TABLE x") - 1);
	buffer_fini(&sql);
}

static bool is_view(const struct schema_table *table)
{
	char prefix[128];

	snprintf(prefix, sizeof(prefix), "CREATE VIEW pg_catalog.%s AS ",
		 table->name);
	for (const char *const *view = catalog_views; *view; view++)
		if (strncmp(*view, prefix, strlen(prefix)) == 0)
			return true;
	return false;
}

static int make_tables(sqlite3 *db)
{
	struct arena arena = { 0 };
	struct buffer sql = { 0 };
	int count, status;
	const struct schema_table *tables = catalog_schema_tables(&count);

	for (int i = 0; i < count; i++)
		if (!is_view(&tables[i]))
			print_table_sql(&tables[i], &arena, &sql);
	for (const char *const *view = catalog_views; *view; view++)
		buffer_printf(&sql, "%s;", *view);
	status = sqlite3_exec(db, buffer_cstring(&sql), NULL, NULL, NULL);
	buffer_fini(&sql);
	arena_fini(&arena);
	return status;
}

static const char make_indexes[] =
	"CREATE INDEX pg_catalog.pg_class_name ON pg_class(relname);"
	"CREATE INDEX pg_catalog.pg_attribute_relation"
	" ON pg_attribute(attrelid, attnum);"
	"CREATE INDEX pg_catalog.pg_type_name ON pg_type(typname);"
	"CREATE INDEX pg_catalog.pg_type_element ON pg_type(typelem);"
	"CREATE INDEX pg_catalog.pg_constraint_relation"
	" ON pg_constraint(conrelid);"
	"CREATE INDEX pg_catalog.pg_constraint_foreign"
	" ON pg_constraint(confrelid);"
	"CREATE INDEX pg_catalog.pg_index_index ON pg_index(indexrelid);"
	"CREATE INDEX pg_catalog.pg_index_relation ON pg_index(indrelid);"
	"CREATE INDEX pg_catalog.pg_attrdef_relation"
	" ON pg_attrdef(adrelid, adnum);"
	"CREATE INDEX pg_catalog.pg_enum_type ON pg_enum(enumtypid);"
	"CREATE INDEX pg_catalog.pg_depend_object ON pg_depend(objid);"
	"CREATE INDEX pg_catalog.pg_depend_reference ON pg_depend(refobjid);"
	"CREATE INDEX pg_catalog.pg_description_object"
	" ON pg_description(objoid);"
	"CREATE TABLE pg_catalog._weir_shown(generation INTEGER, who TEXT);"
	"INSERT INTO pg_catalog._weir_shown VALUES(-1, '');";

int catalog_attach(sqlite3 *db, struct lite_context *context)
{
	/* read-only connections may write to these two all the same */
	int status = sqlite3_exec(
		db, "ATTACH ':memory:' AS pg_catalog;"
		    "ATTACH ':memory:' AS information_schema;",
		NULL, NULL, NULL);

	if (status == SQLITE_OK)
		status = catalog_fixed_register(db);
	if (status == SQLITE_OK)
		status = make_tables(db);
	if (status == SQLITE_OK)
		status = sqlite3_exec(db, make_indexes, NULL, NULL, NULL);
	if (status == SQLITE_OK)
		status = catalog_register_functions(db, context);
	return status;
}

/* --- filling ------------------------------------------------------------ */

static int insert_facts(sqlite3 *db, const struct catalog_facts *facts)
{
	struct buffer sql = { 0 };
	sqlite3_stmt *statement = NULL;
	int columns = 1, status;

	buffer_printf(&sql, "INSERT INTO pg_catalog.%s(", facts->table);
	for (const char *at = facts->columns; *at; at++) {
		columns += *at == ' ';
		buffer_put(&sql, *at == ' ' ? "," : at, 1);
	}
	buffer_put_text(&sql, ") VALUES(?");
	for (int i = 1; i < columns; i++)
		buffer_put_text(&sql, ",?");
	buffer_put_text(&sql, ")");
	status = sqlite3_prepare_v2(db, buffer_cstring(&sql), -1, &statement,
				    NULL);
	buffer_fini(&sql);
	for (size_t row = 0; status == SQLITE_OK && row < facts->count; row++) {
		for (int i = 0; i < columns; i++) {
			struct slice text =
				catalog_facts_cell(facts->rows[row], i);

			sqlite3_bind_text(statement, i + 1,
					  (const char *)text.at,
					  (int)text.length, SQLITE_STATIC);
		}
		sqlite3_step(statement);
		status = sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	return status;
}

static int fill_information(sqlite3 *db, bool own)
{
	const struct catalog_information *row = catalog_information;
	int status = SQLITE_OK;

	for (; row->table && status == SQLITE_OK; row++) {
		sqlite3_stmt *statement;

		status = sqlite3_prepare_v2(db, row->insert, -1, &statement,
					    NULL);
		if (status != SQLITE_OK)
			break;
		if (row->schema_column || !own) {
			sqlite3_bind_int(statement, 1, !own);
			sqlite3_step(statement);
		}
		status = sqlite3_finalize(statement);
	}
	return status;
}

static int fill_fixed(sqlite3 *db, const struct schema *schema)
{
	const struct catalog_facts *const *facts = catalog_facts;
	int status = SQLITE_OK;

	for (; *facts && status == SQLITE_OK; facts++)
		if (!catalog_is_fixed((*facts)->table))
			status = insert_facts(db, *facts);
	if (status == SQLITE_OK)
		status = catalog_fill_rows(db, schema, true);
	if (status == SQLITE_OK)
		status = fill_information(db, true);
	return status;
}

static const char clear_sql[] =
	"DELETE FROM pg_catalog.pg_class WHERE oid >= 16384;"
	"DELETE FROM pg_catalog.pg_attribute WHERE attrelid >= 16384;"
	"DELETE FROM pg_catalog.pg_type WHERE oid >= 16384;"
	"DELETE FROM pg_catalog.pg_attrdef;"
	"DELETE FROM pg_catalog.pg_constraint WHERE oid >= 16384;"
	"DELETE FROM pg_catalog.pg_index;"
	"DELETE FROM pg_catalog.pg_enum;"
	"DELETE FROM pg_catalog.pg_sequence;"
	"DELETE FROM pg_catalog.pg_depend;"
	"DELETE FROM pg_catalog.pg_description WHERE objoid >= 16384"
	" OR classoid IN (2615, 3079);"
	"DELETE FROM pg_catalog.pg_extension;"
	"DELETE FROM pg_catalog.pg_available_extensions;"
	"DELETE FROM pg_catalog.pg_rewrite;"
	"DELETE FROM pg_catalog.pg_namespace;"
	"INSERT OR REPLACE INTO pg_catalog.pg_authid(oid, rolname, rolsuper,"
	" rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication,"
	" rolbypassrls, rolconnlimit) SELECT 10, pg_get_userbyid(10), 1, 1, 1,"
	" 1, 1, 1, 1, -1;";

static int clear_information(sqlite3 *db)
{
	const struct catalog_information *row = catalog_information;
	struct buffer sql = { 0 };
	int status;

	for (; row->table; row++) {
		buffer_printf(&sql, "DELETE FROM information_schema.%s",
			      row->table);
		if (row->schema_column)
			buffer_printf(&sql, " WHERE %s NOT IN ('pg_catalog',"
				      " 'information_schema')",
				      row->schema_column);
		buffer_put_text(&sql, ";");
	}
	status = sqlite3_exec(db, buffer_cstring(&sql), NULL, NULL, NULL);
	buffer_fini(&sql);
	return status;
}

static int fill_user(sqlite3 *db, const struct schema *schema)
{
	int status = sqlite3_exec(db, clear_sql, NULL, NULL, NULL);

	if (status == SQLITE_OK)
		status = clear_information(db);
	if (status == SQLITE_OK)
		status = catalog_fill_rows(db, schema, false);
	if (status == SQLITE_OK)
		status = fill_information(db, false);
	return status;
}

/* Whether it is this generation, as this user of this database sees it; and
 * whether what never changes is there. */
static bool is_shown(sqlite3 *db, const struct schema *schema, bool *ret_fixed)
{
	sqlite3_stmt *statement;
	bool shown = false;

	*ret_fixed = false;
	if (sqlite3_prepare_v2(db, "SELECT generation,"
			       " who = pg_catalog_who()"
			       " FROM pg_catalog._weir_shown", -1, &statement,
			       NULL) != SQLITE_OK)
		return false;
	if (sqlite3_step(statement) == SQLITE_ROW) {
		*ret_fixed = sqlite3_column_int64(statement, 0) >= 0;
		shown = sqlite3_column_int64(statement, 0) ==
			(sqlite3_int64)(schema->generation & INT64_MAX) &&
			sqlite3_column_int(statement, 1);
	}
	sqlite3_finalize(statement);
	return shown;
}

bool catalog_shows(sqlite3 *db, const struct schema *schema)
{
	bool fixed;

	return is_shown(db, schema, &fixed);
}

static int note_shown(sqlite3 *db, const struct schema *schema)
{
	char sql[128];

	snprintf(sql, sizeof(sql), "UPDATE pg_catalog._weir_shown SET"
		 " generation = %lld, who = pg_catalog_who()",
		 (long long)(schema->generation & INT64_MAX));
	return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

int catalog_fill(sqlite3 *db, const struct schema *schema)
{
	bool fixed;
	int status;

	if (is_shown(db, schema, &fixed))
		return SQLITE_OK;
	status = sqlite3_exec(db, "SAVEPOINT _weir_catalog", NULL, NULL, NULL);
	if (status == SQLITE_OK && !fixed)
		status = fill_fixed(db, schema);
	if (status == SQLITE_OK)
		status = fill_user(db, schema);
	if (status == SQLITE_OK)
		status = note_shown(db, schema);
	if (status != SQLITE_OK)
		sqlite3_exec(db, "ROLLBACK TO _weir_catalog", NULL, NULL,
			     NULL);
	sqlite3_exec(db, "RELEASE _weir_catalog", NULL, NULL, NULL);
	return status;
}
