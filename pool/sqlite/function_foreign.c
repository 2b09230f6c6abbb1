/*
 * pg_foreign_read(stored, type, typmod, table, column, row) and
 * pg_foreign_write(value, type, typmod, form, table, column): the columns of
 * tables made by another program, between its forms and weir's
 * (protocol/foreign_value.h).
 */
#include "pool/sqlite/function.h"

#include <stdio.h>

#include "protocol/foreign_value.h"

static bool name_place(struct call *call, const char *table,
		       const char *column)
{
	error_table(call->error, "public", table);
	snprintf(call->error->column, sizeof(call->error->column), "%s",
		 column);
	return false;
}

static bool fail_read(struct call *call)
{
	const char *table = call_cstring(call, 3);
	const char *column = call_cstring(call, 4);

	if (call_null(call, 5))
		error_detail(call->error,
			     "It is stored in column \"%s\" of \"%s\".",
			     column, table);
	else
		error_detail(call->error,
			     "It is stored in column \"%s\" of table \"%s\", "
			     "row %s.", column, table, call_cstring(call, 5));
	error_hint(call->error, "Correct the row, or declare another type for "
		   "the column (weir adopt).");
	return name_place(call, table, column);
}

static bool run_read(struct call *call)
{
	struct value stored, value;

	if (call_null(call, 0))
		return give_null(call);
	stored = call_value(call, 0);
	if (!foreign_read((uint32_t)call_integer(call, 1),
			  (int32_t)call_integer(call, 2), &stored,
			  call->scratch, &value, call->error))
		return fail_read(call);
	return give_value(call, &value);
}

static bool run_write(struct call *call)
{
	struct value value = call_value(call, 0), stored;
	const char *letters = call_cstring(call, 3);
	struct foreign_form form = { letters[0], letters[1] };

	if (foreign_write((uint32_t)call_integer(call, 1),
			  (int32_t)call_integer(call, 2), form, &value,
			  call->scratch, &stored, call->error))
		return give_value(call, &stored);
	error_detail(call->error, "Column \"%s\" of table \"%s\" was made by "
		     "another program.", call_cstring(call, 5),
		     call_cstring(call, 4));
	return name_place(call, call_cstring(call, 4), call_cstring(call, 5));
}

static const struct function_row rows[] = {
	{ "pg_foreign_read", 6, FUNCTION_NULLS, run_read, 0 },
	{ "pg_foreign_write", 6, 0, run_write, 0 },
	{ 0 },
};

int functions_foreign(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
