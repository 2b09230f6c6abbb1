/*
 * The indexes that SQLite has apart from a table.
 *
 * An index of Postgres's is one of SQLite's of the same name, and a key is
 * part of the table. One that is deferrable is not: SQLite would look at it
 * row by row. It has an index that is not unique, to look with.
 *
 * Beside them stands one of weir's own where NULLs are
 * equal: SQLite takes them for different, so rows with a NULL in the key have
 * a second index, in which each part is two, whether it is NULL and what it
 * is otherwise. Other programs keep it as well: it uses nothing of weir's but
 * the collations that the key has already.
 */
#include "protocol/sql_nodes.h"

#include "protocol/dialect/ddl_state.h"

#include "protocol/type.h"

#define NAME(name) print_name(ddl->arena, name)

/* Keys have theirs from the table; other methods than trees find what no
 * tree of SQLite would find, so there is nothing to make. */
static bool is_apart(const struct schema_index *row)
{
	return row->late || (!row->constraint &&
			     (strcmp(row->method, "btree") == 0 ||
			      strcmp(row->method, "hash") == 0));
}

static bool is_unique(const struct schema_index *row)
{
	return row->unique && !row->late;
}

static bool has_null_rows(const struct schema_index *row)
{
	return is_unique(row) && row->nulls_equal;
}

static const char *name_apart(struct ddl *ddl,
			      const struct schema_table *table,
			      const struct schema_index *row)
{
	/* a key changes its name without its index */
	if (row->constraint)
		return NAME(arena_printf(ddl->arena, "_weir_key_%u", row->oid));
	return NAME(facts_lite_name(ddl->arena, table->schema, row->name));
}

static const char *name_of_null_rows(struct ddl *ddl,
				     const struct schema_index *row)
{
	return NAME(arena_printf(ddl->arena, FACTS_NULL_ROWS "%u", row->oid));
}

/* What the i-th part of the key is, and what it is compared by. */
static const char *key_part(struct ddl *ddl, const struct schema_table *table,
			    const struct schema_index *row, int i,
			    const char **ret_collation)
{
	uint32_t type = row->types[i];
	const char *sql;

	if (row->columns[i]) {
		type = table->columns[row->columns[i] - 1].type;
		sql = NAME(table->columns[row->columns[i] - 1].name);
	} else {
		sql = lite_expression(ddl, row->expressions[i], table, 0, -1,
				      "index expressions");
	}
	/* the program that made the table has no such collation */
	*ret_collation = table->foreign ? "" : lite_key_collation(ddl, type);
	return sql;
}

static bool print_keys(struct ddl *ddl, const struct schema_table *table,
		       const struct schema_index *row, struct buffer *out)
{
	for (int i = 0; i < row->key_count; i++) {
		const char *collation;
		const char *sql = key_part(ddl, table, row, i, &collation);

		if (!sql)
			return false;
		buffer_printf(out, "%s%s%s%s", i ? ", " : "(", sql, collation,
			      row->descending[i] ? " DESC" : "");
	}
	buffer_put_text(out, ")");
	return true;
}

static bool print_null_rows(struct ddl *ddl, const struct schema_table *table,
			    const struct schema_index *row, struct buffer *out)
{
	const char *nulls = "";

	for (int i = 0; i < row->key_count; i++) {
		const char *collation;
		const char *sql = key_part(ddl, table, row, i, &collation);

		if (!sql)
			return false;
		buffer_printf(out, "%s" FACTS_NULL_KEY, i ? ", " : "(", sql,
			      sql, collation);
		nulls = facts_or_null(ddl->arena, nulls, sql);
	}
	buffer_printf(out, ") WHERE (%s)", nulls);
	return true;
}

static bool print_predicate(struct ddl *ddl, const struct schema_table *table,
			    const struct schema_index *row, const char *word,
			    struct buffer *out)
{
	const char *sql = lite_expression(ddl, row->predicate, table, OID_BOOL,
					  -1, "index predicates");

	if (sql)
		buffer_printf(out, "%s%s", word, sql);
	return sql != NULL;
}

void lite_not_unique(const struct schema_table *table, const char *name,
		     struct error *error)
{
	error_set(error, SQLSTATE_UNIQUE,
		  "could not create unique index \"%s\"", name);
	error_table(error, table->schema, table->name);
	snprintf(error->constraint, sizeof(error->constraint), "%s", name);
}

static bool make(struct ddl *ddl, const struct schema_table *table,
		 const struct schema_index *row, const char *name,
		 bool null_rows)
{
	struct buffer out = { 0 };
	struct error broken = { 0 };
	bool good;

	lite_not_unique(table, row->name, &broken);
	buffer_printf(&out, "CREATE %sINDEX %s.%s ON %s",
		      is_unique(row) ? "UNIQUE " : "", ddl_database(table->schema),
		      name, NAME(table->lite_name));
	good = null_rows ? print_null_rows(ddl, table, row, &out) :
			   print_keys(ddl, table, row, &out);
	if (good && row->predicate)
		good = print_predicate(ddl, table, row,
				       null_rows ? " AND " : " WHERE ", &out);
	if (good)
		ddl_refuse_if(ddl, &broken, "%s", buffer_cstring(&out));
	buffer_fini(&out);
	return good;
}

bool lite_make_index(struct ddl *ddl, const struct schema_table *table,
		     const struct schema_index *row)
{
	if (is_apart(row) &&
	    !make(ddl, table, row, name_apart(ddl, table, row), false))
		return false;
	return !has_null_rows(row) ||
	       make(ddl, table, row, name_of_null_rows(ddl, row), true);
}

bool lite_make_indexes(struct ddl *ddl, const struct schema_table *table)
{
	for (int i = 0; i < table->index_count; i++)
		if (!lite_make_index(ddl, table, &table->indexes[i]))
			return false;
	return true;
}

void lite_drop_index(struct ddl *ddl, const struct schema_table *table,
		     const struct schema_index *row)
{
	if (is_apart(row))
		ddl_step(ddl, "DROP INDEX %s.%s", table->lite_database,
			 name_apart(ddl, table, row));
	if (has_null_rows(row))
		ddl_step(ddl, "DROP INDEX %s.%s", table->lite_database,
			 name_of_null_rows(ddl, row));
}
