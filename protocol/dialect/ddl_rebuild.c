/*
 * From a table as it is to the table it shall be.
 *
 * Where the stored rows can stay as they are, only the text in sqlite_schema
 * is replaced; new columns are added behind the others first. Otherwise the
 * rows are copied into a new table and the two exchange their names in
 * sqlite_schema. The usual way (copy, DROP, RENAME) would delete every row
 * that references the table with ON DELETE CASCADE, since DROP deletes what
 * it drops; after the exchange the dropped table has a name that nobody
 * references. All of it works inside a transaction with foreign keys on, and
 * is rolled back with it.
 *
 * The copy is made without NOT NULL, CHECK and foreign keys: rows that break
 * new ones are looked for afterwards, to complain in Postgres's words.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"
#include "protocol/dialect/foreign.h"

#include <ctype.h>
#include <strings.h>

#define NAME(name) print_name(ddl->arena, name)
#define NEW "_weir_new"
#define OLD "_weir_old"

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_key(const struct schema_constraint *row)
{
	return row->kind == CONSTRAINT_PRIMARY ||
	       row->kind == CONSTRAINT_UNIQUE_KEY;
}

/* Keys are part of SQLite's table and cannot come or go in place. */
static bool same_keys(const struct schema_table *a,
		      const struct schema_table *b)
{
	int i = 0, j = 0;

	for (;; i++, j++) {
		const struct schema_constraint *x, *y;

		while (i < a->constraint_count && !is_key(&a->constraints[i]))
			i++;
		while (j < b->constraint_count && !is_key(&b->constraints[j]))
			j++;
		if (i == a->constraint_count || j == b->constraint_count)
			return i == a->constraint_count &&
			       j == b->constraint_count;
		x = &a->constraints[i];
		y = &b->constraints[j];
		if (x->oid != y->oid || x->column_count != y->column_count)
			return false;
		for (int k = 0; k < x->column_count; k++)
			if (!same_text(a->columns[x->columns[k] - 1].name,
				       b->columns[y->columns[k] - 1].name))
				return false;
	}
}

static bool can_edit(const struct schema_table *old,
		     const struct schema_table *next, const char **fill,
		     struct ddl *ddl)
{
	if (old->foreign || next->column_count < old->column_count ||
	    !old->column_count)
		return false;
	for (int i = 0; i < old->column_count; i++) {
		const struct schema_column *a = &old->columns[i];
		const struct schema_column *b = &next->columns[i];

		if (!same_text(a->name, b->name) || a->type != b->type ||
		    a->generated != b->generated ||
		    (a->generated && !same_text(a->default_text,
						b->default_text)))
			return false;
		if (!a->generated && !same_text(fill[i], NAME(a->name)))
			return false;
	}
	for (int i = old->column_count; i < next->column_count; i++)
		if (next->columns[i].generated || next->columns[i].sequence)
			return false;
	return same_keys(old, next);
}

/* --- in place ----------------------------------------------------------- */

static bool edit(struct ddl *ddl, const struct schema_table *old,
		 const struct schema_table *next, const char **fill)
{
	for (int i = old->column_count; i < next->column_count; i++) {
		const struct schema_column *column = &next->columns[i];

		ddl_step(ddl, "ALTER TABLE %s ADD COLUMN %s %s",
			 print_table(ddl->arena, old), NAME(column->name),
			 facts_declared_type(ddl->arena, ddl->schema,
					     column->type, column->typmod));
		if (fill[i] && strcmp(fill[i], "NULL") != 0)
			ddl_step(ddl, "UPDATE %s SET %s = %s",
				 print_table(ddl->arena, old),
				 NAME(column->name), fill[i]);
	}
	return lite_edit_table(ddl, next);
}

/* --- by copying --------------------------------------------------------- */

/* SQLite keeps "CREATE TABLE " and then the text from the name on. */
static const char *renamed_sql(struct ddl *ddl, const struct schema_table *old)
{
	const char *at = old->lite_sql;
	char quote, close;

	if (!at || strncasecmp(at, "CREATE TABLE ", 13) != 0)
		return NULL;
	at += 13;
	quote = *at;
	close = quote == '[' ? ']' : quote;
	if (quote == '"' || quote == '`' || quote == '[' || quote == '\'') {
		for (at++; *at; at++)
			if (*at == close && *++at != close)
				break;
	} else {
		while (*at && *at != '(' && !isspace((unsigned char)*at))
			at++;
	}
	return *at ? arena_printf(ddl->arena, "CREATE TABLE \"" OLD "\"%s", at)
		   : NULL;
}

/* What weir does not know of a table it could only lose. */
static bool check_adopted(struct ddl *ddl, const struct schema_table *old)
{
	static const char *const words[] = {
		"CHECK", "COLLATE", "GENERATED", "AUTOINCREMENT", "WITHOUT",
		"STRICT", "ON CONFLICT", " AS ",
	};

	if (!old->foreign)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!old->lite_sql || strcasestr(old->lite_sql, words[i]))
			return error_set(ddl->error,
					 SQLSTATE_FEATURE_NOT_SUPPORTED,
					 "cannot alter table \"%s\": it was "
					 "made by another program and uses %s",
					 old->name, words[i]);
	for (int i = 0; i < old->index_count; i++)
		for (int j = 0; j < old->indexes[i].column_count; j++)
			if (!old->indexes[i].columns[j] ||
			    old->indexes[i].predicate)
				return error_set(
					ddl->error,
					SQLSTATE_FEATURE_NOT_SUPPORTED,
					"cannot alter table \"%s\": it was "
					"made by another program and has an "
					"index on expressions", old->name);
	return true;
}

static const struct schema_constraint *
of_before(const struct schema_table *old, const struct schema_constraint *row)
{
	for (int i = 0; i < old->constraint_count; i++)
		if (old->constraints[i].oid == row->oid)
			return &old->constraints[i];
	return NULL;
}

static bool is_new(const struct schema_table *old,
		   const struct schema_constraint *row)
{
	return !of_before(old, row);
}

/* It says of the rows what nobody has looked at yet. */
static bool is_unproved(const struct schema_table *old,
			const struct schema_constraint *row)
{
	const struct schema_constraint *before = of_before(old, row);

	return !row->not_valid && (!before || before->not_valid);
}

/* The copy breaks no other keys than new ones of new columns; check_old_key()
 * has looked at the others. */
static void say_broken(const struct schema_table *old,
		       const struct schema_table *next, struct error *error)
{
	for (int i = 0; i < next->constraint_count; i++) {
		const struct schema_constraint *row = &next->constraints[i];

		for (int j = 0; is_key(row) && is_new(old, row) &&
				j < row->column_count; j++)
			if (row->columns[j] > old->column_count) {
				lite_not_unique(next, row->name, error);
				return;
			}
	}
}

static void copy_rows(struct ddl *ddl, const struct schema_table *old,
		      const struct schema_table *next, const char **fill)
{
	struct buffer columns = { 0 };
	struct buffer values = { 0 };
	struct error broken = { 0 };

	say_broken(old, next, &broken);
	for (int i = 0; i < next->column_count; i++) {
		if (next->columns[i].generated)
			continue;
		buffer_printf(&columns, "%s%s", columns.length ? ", " : "",
			      NAME(next->columns[i].name));
		buffer_printf(&values, "%s%s", values.length ? ", " : "",
			      fill[i] ? fill[i] : "NULL");
	}
	if (columns.length)
		ddl_refuse_if(ddl, broken.sqlstate[0] ? &broken : NULL,
			      "INSERT INTO %s." NEW "(%s) SELECT %s FROM %s",
			      old->lite_database, buffer_cstring(&columns),
			      buffer_cstring(&values),
			      print_table(ddl->arena, old));
	buffer_fini(&columns);
	buffer_fini(&values);
}

/* A row of sqlite_schema and those of the automatic indexes of its keys,
 * whose names hold the table's. */
static void rename_in_schema(struct ddl *ddl, const char *database,
			     const char *from, const char *to,
			     const char *sql)
{
	const char *old = print_text(ddl->arena, from);
	const char *new = print_text(ddl->arena, to);

	ddl_step(ddl, "UPDATE %s.sqlite_schema SET name = %s, tbl_name = %s,"
		 " sql = %s WHERE type = 'table' AND name = %s", database,
		 new, new, print_text(ddl->arena, sql), old);
	ddl_step(ddl, "UPDATE %s.sqlite_schema SET tbl_name = %s,"
		 " name = 'sqlite_autoindex_' || %s ||"
		 " substr(name, 18 + length(%s))"
		 " WHERE type = 'index' AND tbl_name = %s AND sql IS NULL",
		 database, new, new, old, old);
}

static bool rebuild(struct ddl *ddl, const struct schema_table *old,
		    const struct schema_table *next, const char **fill)
{
	const char *database = old->lite_database;
	const char *bare = lite_table_sql(ddl, next, database, NEW, true);
	const char *final = lite_table_sql(ddl, next, NULL, next->lite_name,
					   false);
	const char *gone = renamed_sql(ddl, old);

	if (!bare || !final)
		return false;
	if (!gone)
		return ddl_unsupported(ddl, "altering this table is");
	ddl_step(ddl, "%s", bare);
	copy_rows(ddl, old, next, fill);
	for (int i = 0; i < old->index_count; i++)
		lite_drop_index(ddl, old, &old->indexes[i]);
	ddl_step(ddl, "PRAGMA writable_schema = on");
	rename_in_schema(ddl, database, old->lite_name, OLD, gone);
	rename_in_schema(ddl, database, NEW, next->lite_name, final);
	ddl_step(ddl, "PRAGMA writable_schema = reset");
	ddl_step(ddl, "DROP TABLE %s." OLD, database);
	return lite_make_indexes(ddl, next);
}

/* --- rows that break what is new ---------------------------------------- */

static void check_not_null(struct ddl *ddl, const struct schema_table *old,
			   const struct schema_table *next)
{
	for (int i = 0; i < next->column_count; i++) {
		const struct schema_column *column = &next->columns[i];
		const struct schema_column *before =
			schema_find_column(old, column->name);
		struct error error = { 0 };

		if (!column->not_null || (before && before->not_null))
			continue;
		error_set(&error, SQLSTATE_NOT_NULL, "column \"%s\" of "
			  "relation \"%s\" contains null values",
			  column->name, next->name);
		error_table(&error, next->schema, next->name);
		snprintf(error.column, sizeof(error.column), "%s",
			 column->name);
		/* not IS NULL: SQLite believes the declaration by now */
		ddl_refuse_if(ddl, &error, "SELECT 1 FROM %s WHERE typeof(%s)"
			      " = 'null' LIMIT 1",
			      print_table(ddl->arena, next),
			      NAME(column->name));
	}
}

static bool check_check(struct ddl *ddl, const struct schema_table *next,
			const struct schema_constraint *row)
{
	struct error error = { 0 };
	const char *sql = lite_expression(ddl, row->check_text, next, 16, -1,
					  "check constraints");

	if (!sql)
		return false;
	error_set(&error, SQLSTATE_CHECK, "check constraint \"%s\" of "
		  "relation \"%s\" is violated by some row", row->name,
		  next->name);
	error_table(&error, next->schema, next->name);
	snprintf(error.constraint, sizeof(error.constraint), "%s", row->name);
	ddl_refuse_if(ddl, &error, "SELECT 1 FROM %s WHERE NOT (%s) LIMIT 1",
		      print_table(ddl->arena, next), sql);
	return true;
}

/* Keys of which NULLs are equal show them. */
static const char *or_null(struct ddl *ddl, const char *text)
{
	return arena_printf(ddl->arena, "ifnull(%s, 'null')", text);
}

/* 'Key (a, b)=(1, x) ' for a row of the table, or NULL where a column is not
 * of that table or cannot be shown. */
static const char *print_key(struct ddl *ddl, const struct schema_table *table,
			     const struct schema_table *next,
			     const struct schema_constraint *row)
{
	const char *names = "", *values = "''";

	for (int i = 0; i < row->column_count; i++) {
		const char *name = name_quoted(ddl->arena, next->columns[
					       row->columns[i] - 1].name);
		const char *text = !schema_find_column(table, next->columns[
					       row->columns[i] - 1].name) ?
			NULL : lite_expression(ddl, arena_printf(
				ddl->arena, "%s::text", name), table, OID_TEXT,
				-1, "expressions");

		if (!text)
			return "NULL";
		names = arena_printf(ddl->arena, "%s%s%s", names,
				     i ? ", " : "", name);
		values = arena_printf(ddl->arena, "%s || '%s' || (%s)", values,
				      i ? ", " : "", or_null(ddl, text));
	}
	return arena_printf(ddl->arena, "%s || %s || ') '",
			    print_text(ddl->arena, arena_printf(
				ddl->arena, "Key (%s)=(", names)), values);
}

/* What Postgres says of a row that the key refuses. */
static const char *say_refused(struct ddl *ddl,
			       const struct schema_table *next,
			       const struct schema_constraint *row)
{
	const char *missed = arena_printf(
		ddl->arena, "%s || %s", print_key(ddl, next, next, row),
		print_text(ddl->arena, arena_printf(
			ddl->arena, "is not present in table \"%s\".",
			row->foreign_table)));
	const char *nulls = "";

	if (!row->match_full)
		return missed;
	for (int i = 0; i < row->column_count; i++)
		nulls = facts_or_null(ddl->arena, nulls, NAME(
			next->columns[row->columns[i] - 1].name));
	return arena_printf(ddl->arena, "CASE WHEN %s THEN %s ELSE %s END",
			    nulls, print_text(ddl->arena, FACTS_MIXED_NULLS),
			    missed);
}

static void check_foreign(struct ddl *ddl, const struct schema_table *next,
			  const struct schema_constraint *row)
{
	const char *other = print_name(ddl->arena, facts_lite_name(
		ddl->arena, row->foreign_schema, row->foreign_table));
	struct buffer nulls = { 0 }, match = { 0 };
	struct error error = { 0 };
	const char **names;

	facts_split(ddl->arena, row->foreign_names, &names);
	for (int i = 0; i < row->column_count; i++) {
		const char *column = NAME(
			next->columns[row->columns[i] - 1].name);

		buffer_printf(&nulls, "%s_c.%s IS NOT NULL", !i ? "" :
			      row->match_full ? " OR " : " AND ", column);
		buffer_printf(&match, "%s_p.%s = _c.%s", i ? " AND " : "",
			      NAME(names[i]), column);
	}
	error_set(&error, SQLSTATE_FOREIGN_KEY, "insert or update on table "
		  "\"%s\" violates foreign key constraint \"%s\"", next->name,
		  row->name);
	error_table(&error, next->schema, next->name);
	snprintf(error.constraint, sizeof(error.constraint), "%s", row->name);
	ddl_refuse_if(ddl, &error, "SELECT %s FROM %s AS _c WHERE (%s) AND"
		      " NOT EXISTS (SELECT 1 FROM %s.%s AS _p WHERE %s)"
		      " LIMIT 1", say_refused(ddl, next, row),
		      print_table(ddl->arena, next), buffer_cstring(&nulls),
		      next->lite_database, other, buffer_cstring(&match));
	buffer_fini(&nulls);
	buffer_fini(&match);
}

static bool are_nulls_equal(const struct schema_table *table,
			    const struct schema_constraint *key)
{
	for (int i = 0; i < table->index_count; i++)
		if (same_text(table->indexes[i].constraint, key->name))
			return table->indexes[i].nulls_equal;
	return false;
}

/* A key that the rows of `table` do not keep; `values` are its columns. */
static void check_key(struct ddl *ddl, const struct schema_table *table,
		      const struct schema_table *next,
		      const struct schema_constraint *row, const char **values)
{
	struct buffer list = { 0 }, nulls = { 0 };
	struct error error = { 0 };

	buffer_put_text(&nulls, "1");
	for (int i = 0; i < row->column_count; i++) {
		const char *value = values[row->columns[i] - 1];

		buffer_printf(&list, "%s%s", i ? ", " : "", value);
		if (!are_nulls_equal(next, row))
			buffer_printf(&nulls, " AND (%s) IS NOT NULL", value);
	}
	lite_not_unique(next, row->name, &error);
	ddl_refuse_if(ddl, &error, "SELECT %s || 'is duplicated.' FROM %s"
		      " WHERE %s GROUP BY %s HAVING count(*) > 1 LIMIT 1",
		      print_key(ddl, table, next, row),
		      print_table(ddl->arena, table), buffer_cstring(&nulls),
		      buffer_cstring(&list));
	buffer_fini(&list);
	buffer_fini(&nulls);
}

/* Before the copy, which would make SQLite complain. Of columns that are new
 * it does. */
static void check_old_key(struct ddl *ddl, const struct schema_table *old,
			  const struct schema_table *next,
			  const struct schema_constraint *row,
			  const char **fill)
{
	for (int i = 0; i < row->column_count; i++)
		if (!fill[row->columns[i] - 1] ||
		    row->columns[i] > old->column_count)
			return;
	check_key(ddl, old, next, row, fill);
}

/* Behind the copy: of a deferrable key SQLite knows nothing. */
static void check_late_key(struct ddl *ddl, const struct schema_table *next,
			   const struct schema_constraint *row)
{
	const char **values = arena_alloc(ddl->arena,
					  ((size_t)next->column_count + 1) *
					  sizeof(*values));

	for (int i = 0; i < next->column_count; i++)
		values[i] = NAME(next->columns[i].name);
	check_key(ddl, next, next, row, values);
}

const char **ddl_keep_all(struct ddl *ddl, const struct schema_table *table)
{
	const char **fill = arena_alloc(ddl->arena,
					((size_t)table->column_count + 1) *
					sizeof(*fill));

	for (int i = 0; i < table->column_count; i++)
		fill[i] = table->columns[i].generated ? NULL :
			  foreign_read_sql(ddl->arena, &table->columns[i],
					   "");
	return fill;
}

static bool check_constraints(struct ddl *ddl, const struct schema_table *old,
			      const struct schema_table *next)
{
	for (int i = 0; i < next->constraint_count; i++) {
		const struct schema_constraint *row = &next->constraints[i];

		if (!is_unproved(old, row))
			continue;
		if (is_key(row) && row->deferrable)
			check_late_key(ddl, next, row);
		if (row->kind == CONSTRAINT_CHECKED &&
		    !check_check(ddl, next, row))
			return false;
		if (row->kind == CONSTRAINT_FOREIGN)
			check_foreign(ddl, next, row);
	}
	return true;
}

/* What weir has made anew holds its own forms. */
static const struct schema_table *own_forms(struct ddl *ddl,
					    const struct schema_table *table)
{
	struct schema_table *own = table_copy(ddl, table, 0);

	own->foreign = false;
	for (int i = 0; i < own->column_count; i++) {
		own->columns[i].foreign = NULL;
		own->columns[i].lite_default = false;
	}
	return own;
}

bool ddl_change_table(struct ddl *ddl, const struct schema_table *old,
		      const struct schema_table *next, const char **fill)
{
	bool good;

	if (!check_adopted(ddl, old))
		return false;
	next = own_forms(ddl, next);
	facts_forget_declared(ddl, old);
	for (int i = 0; i < next->constraint_count; i++)
		if (is_key(&next->constraints[i]) &&
		    is_new(old, &next->constraints[i]))
			check_old_key(ddl, old, next, &next->constraints[i],
				      fill);
	good = can_edit(old, next, fill, ddl) ? edit(ddl, old, next, fill) :
						rebuild(ddl, old, next, fill);
	if (!good)
		return false;
	facts_write_table(ddl, next);
	check_not_null(ddl, old, next);
	return check_constraints(ddl, old, next);
}
