#include "protocol/sql_nodes.h"

#include "protocol/dialect/expr.h"
#include "protocol/dialect/foreign.h"

const char *foreign_read_sql(struct arena *arena,
			     const struct schema_column *column,
			     const char *prefix)
{
	const struct foreign_column *foreign = column->foreign;
	const char *name = print_name(arena, column->name);

	if (foreign == NULL)
		return arena_printf(arena, "%s%s", prefix, name);
	return arena_printf(arena,
			    "pg_foreign_read(%s%s, %u, %d, %s, %s, %s%s)",
			    prefix, name, column->type, (int)column->typmod,
			    print_text(arena, foreign->table),
			    print_text(arena, column->name),
			    foreign->row != NULL ? prefix : "",
			    foreign->row != NULL ? foreign->row : "NULL");
}

const char *foreign_write_sql(struct arena *arena,
			      const struct schema_column *column,
			      const char *sql)
{
	const struct foreign_column *foreign = column->foreign;

	if (foreign == NULL || strcmp(sql, "NULL") == 0)
		return sql;
	return arena_printf(arena,
			    "pg_foreign_write(%s, %u, %d, '%c%c', %s, %s)",
			    sql, column->type, (int)column->typmod,
			    foreign->form.affinity,
			    foreign->form.spelling != 0 ?
			    foreign->form.spelling : ' ',
			    print_text(arena, foreign->table),
			    print_text(arena, column->name));
}

/* foreign_read() takes a UUID in these spellings and no others. */
static const char *uuid_spellings(struct arena *arena,
				  const struct schema_column *column,
				  const char *value)
{
	static const char letters[] = "hdb";
	const char *list = "";

	for (const char *letter = letters; *letter != '\0'; letter++) {
		const char *one = arena_printf(
			arena, "pg_foreign_write(%s, %u, -1, 't%c', %s, %s)",
			value, column->type, *letter,
			print_text(arena, column->foreign->table),
			print_text(arena, column->name));

		list = arena_printf(arena, "%s%s%s", list,
				    list[0] != '\0' ? ", " : "", one);
		if (*letter != 'b')
			list = arena_printf(arena, "%s, upper(%s)", list, one);
	}
	return list;
}

const char *foreign_in_sql(struct arena *arena, const struct expr *expr,
			   const char *const *values, int count)
{
	const struct schema_column *column = expr->foreign;
	bool is_uuid;
	const char *list = "";

	/* a cast has changed what the column is */
	if (column == NULL || expr->sql != expr->column_sql)
		return NULL;
	is_uuid = column->type == OID_UUID;
	if (!is_uuid && !column->foreign->plain_equal)
		return NULL;
	for (int i = 0; i < count; i++)
		list = arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "",
				    is_uuid ? uuid_spellings(arena, column,
							     values[i]) :
				    values[i]);
	return arena_printf(arena, count == 1 && !is_uuid ? "(%s = %s)" :
			    "(%s IN (%s))", expr->stored, list);
}

const char *foreign_equal_sql(struct arena *arena,
			      struct expr *const *operands)
{
	for (int i = 0; i < 2; i++) {
		const char *sql = foreign_in_sql(arena, operands[i],
						 &operands[1 - i]->sql, 1);

		if (sql != NULL)
			return sql;
	}
	return NULL;
}
