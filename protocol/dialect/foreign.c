#include "protocol/sql_nodes.h"

#include "protocol/dialect/compile_state.h"
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
