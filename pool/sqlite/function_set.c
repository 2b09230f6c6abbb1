#include "pool/sqlite/function_set.h"

#include <stdlib.h>

struct set_module {
	struct functions *functions;
	const struct set_row *row;
};

struct set_table {
	sqlite3_vtab base;
	struct set_module *module;
};

struct set_cursor {
	sqlite3_vtab_cursor base;
	struct arena arena;	/* everything of one call */
	struct call call;
	struct set set;
	size_t at;		/* the row that is shown */
	bool ended;
	sqlite3_value **arguments;	/* copies: a series outlives xFilter */
	int argument_count;
};

struct value *set_add(struct set *set)
{
	size_t bytes = sizeof(struct value) * (size_t)set->columns;

	if (set->count == SET_ROWS_MAX) {
		error_set(set->call->error, SQLSTATE_LIMIT_EXCEEDED,
			  "more than %d rows of a function", SET_ROWS_MAX);
		return NULL;
	}
	if (set->count == set->capacity) {
		size_t capacity = set->capacity ? set->capacity * 2 : 16;
		struct value *more = arena_alloc(set->call->scratch,
						 capacity * bytes);

		if (set->count)
			memcpy(more, set->values, set->count * bytes);
		set->values = more;
		set->capacity = capacity;
	}
	return &set->values[set->count++ * (size_t)set->columns];
}

/* --- the table ---------------------------------------------------------------- */

static int on_connect(sqlite3 *db, void *aux, int argc,
		      const char *const *argv, sqlite3_vtab **ret, char **why)
{
	struct set_module *module = aux;
	struct set_table *table;
	struct buffer sql = { 0 };
	int rc;

	buffer_printf(&sql, "CREATE TABLE x(%s, ordinality",
		      module->row->columns);
	for (int i = 0; i < module->row->arguments; i++)
		buffer_printf(&sql, ", argument%d HIDDEN", i + 1);
	buffer_put_text(&sql, ")");
	rc = sqlite3_declare_vtab(db, buffer_cstring(&sql));
	buffer_fini(&sql);
	if (rc != SQLITE_OK)
		return rc;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = must_alloc(sizeof(*table));
	table->module = module;
	*ret = &table->base;
	return SQLITE_OK;
}

static int on_disconnect(sqlite3_vtab *base)
{
	free(base);
	return SQLITE_OK;
}

/* Every argument must be given and known; idxNum says how many there are.
 * SQLite also asks about plans that leave them out, for the arms of an OR. */
static int on_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct set_row *row = ((struct set_table *)base)->module->row;
	unsigned int given = 0;

	for (int i = 0; i < info->nConstraint; i++) {
		int argument = info->aConstraint[i].iColumn -
			       row->column_count - 1;

		if (argument < 0 ||
		    info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		info->aConstraintUsage[i].argvIndex = argument + 1;
		info->aConstraintUsage[i].omit = 1;
		given |= 1u << argument;
	}
	for (info->idxNum = 0; given & 1u << info->idxNum;)
		info->idxNum++;
	if (info->idxNum < row->required || given >> info->idxNum)
		return SQLITE_CONSTRAINT;
	info->estimatedCost = 10;
	info->estimatedRows = 100;
	return SQLITE_OK;
}

/* --- the cursor ----------------------------------------------------------------- */

static int on_open(sqlite3_vtab *base, sqlite3_vtab_cursor **ret)
{
	struct set_cursor *cursor = must_alloc(sizeof(*cursor));

	*ret = &cursor->base;
	return SQLITE_OK;
}

static void reset(struct set_cursor *cursor)
{
	for (int i = 0; i < cursor->argument_count; i++)
		sqlite3_value_free(cursor->arguments[i]);
	cursor->arguments = NULL;
	cursor->argument_count = 0;
	cursor->set = (struct set){ 0 };
	cursor->at = 0;
	cursor->ended = false;
	arena_reset(&cursor->arena);
}

static int on_close(sqlite3_vtab_cursor *base)
{
	struct set_cursor *cursor = (struct set_cursor *)base;

	reset(cursor);
	arena_fini(&cursor->arena);
	free(cursor);
	return SQLITE_OK;
}

static int fail(struct set_cursor *cursor)
{
	sqlite3_vtab *table = cursor->base.pVtab;

	sqlite3_free(table->zErrMsg);
	table->zErrMsg = sqlite3_mprintf("%s", cursor->call.error->message);
	cursor->ended = true;
	return SQLITE_ERROR;
}

static bool copy_arguments(struct set_cursor *cursor, int count,
			   sqlite3_value **arguments)
{
	bool null = false;

	cursor->arguments = arena_alloc(&cursor->arena,
					sizeof(*arguments) * (size_t)count + 1);
	for (int i = 0; i < count; i++) {
		cursor->arguments[i] = sqlite3_value_dup(arguments[i]);
		if (!cursor->arguments[i])
			abort();	/* out of memory */
		null |= sqlite3_value_type(arguments[i]) == SQLITE_NULL;
	}
	cursor->argument_count = count;
	return null;
}

static const struct set_row *row_of(const struct set_cursor *cursor)
{
	return ((struct set_table *)cursor->base.pVtab)->module->row;
}

static int on_next(sqlite3_vtab_cursor *base)
{
	struct set_cursor *cursor = (struct set_cursor *)base;
	const struct set_row *row = row_of(cursor);

	cursor->at++;
	if (cursor->call.context->stopped) {
		error_set(cursor->call.error, CONTEXT_STOPPED, "stopped");
		return fail(cursor);
	}
	if (!row->next) {
		cursor->ended = cursor->at >= cursor->set.count;
		return SQLITE_OK;
	}
	if (cursor->call.context->cancelled &&
	    atomic_load(cursor->call.context->cancelled)) {
		error_set(cursor->call.error, SQLSTATE_QUERY_CANCELED,
			  "canceling statement due to user request");
		return fail(cursor);
	}
	return row->next(&cursor->set, &cursor->ended) ? SQLITE_OK
						       : fail(cursor);
}

static int on_filter(sqlite3_vtab_cursor *base, int number, const char *text,
		     int count, sqlite3_value **arguments)
{
	struct set_cursor *cursor = (struct set_cursor *)base;
	struct set_module *module =
		((struct set_table *)base->pVtab)->module;
	const struct set_row *row = module->row;
	struct functions *functions = module->functions;
	bool null;

	reset(cursor);
	null = copy_arguments(cursor, count, arguments);
	cursor->call = (struct call){
		.context = functions->context, .functions = functions,
		.scratch = &cursor->arena,
		.error = &functions->context->error,
		.arguments = cursor->arguments, .count = count,
		.variant = row->variant,
	};
	cursor->set.call = &cursor->call;
	cursor->set.columns = row->column_count;
	if (null && !(row->flags & FUNCTION_NULLS)) {
		cursor->ended = true;
		return SQLITE_OK;
	}
	if (!row->fill(&cursor->set))
		return fail(cursor);
	if (!row->next) {
		cursor->ended = !cursor->set.count;
		return SQLITE_OK;
	}
	cursor->at = SIZE_MAX;	/* the first row is number 0 */
	return on_next(base);
}

static int on_eof(sqlite3_vtab_cursor *base)
{
	return ((struct set_cursor *)base)->ended;
}

static void give(sqlite3_context *sqlite, const struct value *value)
{
	struct call call = { .sqlite = sqlite };

	give_value(&call, value);
}

static int on_column(sqlite3_vtab_cursor *base, sqlite3_context *sqlite,
		     int column)
{
	struct set_cursor *cursor = (struct set_cursor *)base;
	const struct set_row *row = row_of(cursor);
	size_t at = row->next ? 0 : cursor->at;

	if (column == row->column_count)
		sqlite3_result_int64(sqlite, (int64_t)cursor->at + 1);
	else if (column < row->column_count)
		give(sqlite, &cursor->set.values[at * (size_t)row->column_count
						 + (size_t)column]);
	else if (column - row->column_count - 1 < cursor->argument_count)
		sqlite3_result_value(sqlite, cursor->arguments[
			column - row->column_count - 1]);
	return SQLITE_OK;
}

static int on_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret)
{
	*ret = (int64_t)((struct set_cursor *)base)->at + 1;
	return SQLITE_OK;
}

static const sqlite3_module module_methods = {
	.xConnect = on_connect,
	.xBestIndex = on_best_index,
	.xDisconnect = on_disconnect,
	.xOpen = on_open,
	.xClose = on_close,
	.xFilter = on_filter,
	.xNext = on_next,
	.xEof = on_eof,
	.xColumn = on_column,
	.xRowid = on_rowid,
};

static void on_forgotten(void *aux)
{
	struct set_module *module = aux;

	functions_unref(module->functions);
	free(module);
}

int functions_add_sets(sqlite3 *db, struct functions *functions,
		       const struct set_row *row)
{
	int rc = SQLITE_OK;

	for (; row->name && rc == SQLITE_OK; row++) {
		struct set_module *module = must_alloc(sizeof(*module));

		module->functions = functions_ref(functions);
		module->row = row;
		rc = sqlite3_create_module_v2(db, row->name, &module_methods,
					      module, on_forgotten);
	}
	return rc;
}
