/*
 * The larger of the catalogs whose rows are Postgres's own and nobody
 * else's, as virtual tables: read where they stand, so that a connection
 * that asks for a function's name need not copy three thousand of them.
 * What a query compares the first column with is searched for; all else is
 * looked through.
 */
#include "pool/sqlite/catalog_inner.h"

#include <stdlib.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/schema_facts.h"
#include "protocol/type.h"

#define SCAN 0
#define SEARCH 1

struct fixed {
	sqlite3_vtab base;
	const struct schema_table *table;
	const struct catalog_facts *facts;
	int *cells;		/* by column: its place in a row, -1 */
};

struct fixed_cursor {
	sqlite3_vtab_cursor base;
	size_t at, end;
};

/* A function without arguments, which is a table by its own name. */
static struct schema_column keyword_columns[] = {
	{ .name = "word", .type = OID_TEXT },
	{ .name = "catcode", .type = OID_CHAR },
	{ .name = "barelabel", .type = OID_BOOL },
	{ .name = "catdesc", .type = OID_TEXT },
	{ .name = "baredesc", .type = OID_TEXT },
};

static const struct schema_table keywords = {
	.name = "pg_get_keywords", .columns = keyword_columns,
	.column_count = sizeof(keyword_columns) / sizeof(*keyword_columns),
};

static const struct schema_table *table_named(const char *name)
{
	int count;
	const struct schema_table *tables = catalog_schema_tables(&count);

	if (strcmp(name, keywords.name) == 0)
		return &keywords;
	for (int i = 0; i < count; i++)
		if (strcmp(tables[i].name, name) == 0)
			return &tables[i];
	return NULL;
}

static int connect(sqlite3 *db, void *data, int count,
		   const char *const *arguments, sqlite3_vtab **ret_table,
		   char **ret_error)
{
	const struct schema_table *table = table_named(arguments[2]);
	struct buffer sql = { 0 };
	struct arena arena = { 0 };
	struct fixed *fixed;
	int status;

	if (!table || !catalog_facts_of(table->name))
		return SQLITE_ERROR;
	catalog_print_columns(table, &arena, &sql);
	status = sqlite3_declare_vtab(db, buffer_cstring(&sql));
	buffer_fini(&sql);
	arena_fini(&arena);
	if (status != SQLITE_OK)
		return status;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	fixed = sqlite3_malloc64(sizeof(*fixed) + (size_t)table->column_count *
						  sizeof(*fixed->cells));
	if (!fixed)
		return SQLITE_NOMEM;
	*fixed = (struct fixed){ .table = table,
				 .facts = catalog_facts_of(table->name),
				 .cells = (int *)(fixed + 1) };
	for (int i = 0; i < table->column_count; i++)
		fixed->cells[i] = catalog_facts_column(fixed->facts,
						       table->columns[i].name);
	*ret_table = &fixed->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct fixed *fixed = (struct fixed *)base;

	info->idxNum = SCAN;
	info->estimatedRows = (sqlite3_int64)fixed->facts->count;
	info->estimatedCost = (double)fixed->facts->count;
	for (int i = 0; i < info->nConstraint; i++) {
		if (!info->aConstraint[i].usable ||
		    info->aConstraint[i].iColumn != 0 ||
		    !catalog_is_number(fixed->table->columns[0].type) ||
		    info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		info->aConstraintUsage[i].argvIndex = 1;
		info->idxNum = SEARCH;
		info->estimatedRows = 1;
		info->estimatedCost = 10;
		break;
	}
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
	struct fixed_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct fixed_cursor){ 0 };
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

/* Several rows may have the number: all of them stand together. SQLite
 * compares again, so a value that is no such number finds too much at most. */
static int filter(sqlite3_vtab_cursor *base, int plan, const char *unused,
		  int count, sqlite3_value **arguments)
{
	struct fixed_cursor *cursor = (struct fixed_cursor *)base;
	const struct catalog_facts *facts =
		((struct fixed *)base->pVtab)->facts;

	cursor->at = 0;
	cursor->end = facts->count;
	if (plan == SEARCH) {
		sqlite3_int64 number = sqlite3_value_int64(arguments[0]);

		cursor->at = number < 0 || number > UINT32_MAX ? facts->count :
			     catalog_facts_first(facts, (uint32_t)number);
		for (cursor->end = cursor->at; cursor->end < facts->count &&
		     catalog_facts_number(facts->rows[cursor->end]) == number;)
			cursor->end++;
	}
	return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	((struct fixed_cursor *)base)->at++;
	return SQLITE_OK;
}

static int is_over(sqlite3_vtab_cursor *base)
{
	const struct fixed_cursor *cursor = (struct fixed_cursor *)base;

	return cursor->at >= cursor->end;
}

static void give_text(sqlite3_context *out, uint32_t type, struct slice text)
{
	char number[32];

	if (!text.at)
		return sqlite3_result_null(out);
	if (!catalog_is_number(type) || text.length >= sizeof(number))
		return sqlite3_result_text(out, (const char *)text.at,
					   (int)text.length, SQLITE_STATIC);
	memcpy(number, text.at, text.length);
	number[text.length] = 0;
	if (type == OID_FLOAT4)
		sqlite3_result_double(out, strtod(number, NULL));
	else
		sqlite3_result_int64(out, strtoll(number, NULL, 10));
}

static int give_column(sqlite3_vtab_cursor *base, sqlite3_context *out, int i)
{
	const struct fixed_cursor *cursor = (struct fixed_cursor *)base;
	const struct fixed *fixed = (struct fixed *)base->pVtab;
	const struct schema_column *column = &fixed->table->columns[i];
	struct slice text;

	if (fixed->cells[i] >= 0) {
		text = catalog_facts_cell(fixed->facts->rows[cursor->at],
					  fixed->cells[i]);
	} else {	/* as it is written in SQL */
		text = slice_text(catalog_default(column));
		if (slice_is(text, "NULL"))
			text = (struct slice){ 0 };
		else if (text.at[0] == '\'')
			text = slice_make(text.at + 1, text.length - 2);
	}
	give_text(out, column->type, text);
	return SQLITE_OK;
}

static int give_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
	*ret_rowid = (sqlite3_int64)((struct fixed_cursor *)base)->at;
	return SQLITE_OK;
}

static const sqlite3_module module = {
	.xCreate = connect,
	.xConnect = connect,
	.xBestIndex = best_index,
	.xDisconnect = disconnect,
	.xDestroy = disconnect,
	.xOpen = open_cursor,
	.xClose = close_cursor,
	.xFilter = filter,
	.xNext = next,
	.xEof = is_over,
	.xColumn = give_column,
	.xRowid = give_rowid,
};

int catalog_fixed_register(sqlite3 *db)
{
	int status = sqlite3_create_module(db, CATALOG_FIXED, &module, NULL);

	return status != SQLITE_OK ? status :
	       sqlite3_create_module(db, keywords.name, &module, NULL);
}

/* Those that users' objects join have tables. */
bool catalog_is_fixed(const char *table)
{
	static const char *const shared[] = { "pg_type", "pg_am",
					      "pg_constraint", "pg_description",
					      "pg_collation", "pg_language",
					      "pg_tablespace", "pg_range",
					      "pg_opclass", "pg_extension",
					      "pg_authid", "pg_auth_members" };

	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		if (strcmp(shared[i], table) == 0)
			return false;
	return catalog_facts_of(table) != NULL;
}
