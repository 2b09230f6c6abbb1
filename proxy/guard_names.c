/*
 * Which guarded table a name may mean. Names are resolved as the server will:
 * along the search path if it is known; and where it is not, or an earlier
 * statement of the text may have changed it, or the statement runs later
 * (PREPARE), a bare name means any guarded table it could.
 */
#include "proxy/guard_parts.h"

static bool same(const struct guard *guard, const char *a, const char *b)
{
	return (guard->fold_case ? strcasecmp(a, b) : strcmp(a, b)) == 0;
}

static bool is_on_path(const struct guard *guard, const char *const *path,
		       const char *schema)
{
	if (!path)
		return true;
	for (; *path; path++)
		if (same(guard, *path, schema))
			return true;
	return false;
}

static bool is_temporary_schema(const char *schema)
{
	return strncmp(schema, "pg_temp", 7) == 0;
}

/* Whether the schema a deed gives, or does not, can be the table's. */
static bool may_be_schema(const struct guard *guard,
			  const struct guarded *table, const char *schema,
			  const char *const *path)
{
	if (!table->schema)
		return true;
	if (!schema)
		return is_on_path(guard, path, table->schema);
	/* SQLite's own names for where tables are */
	if (guard->fold_case && (strcasecmp(schema, "main") == 0 ||
				 strcasecmp(schema, "temp") == 0))
		return true;
	return same(guard, schema, table->schema);
}

/* Something that shadows a name does so without naming its schema. */
static bool may_shadow(const struct guard *guard, const struct guarded *table,
		       const char *schema)
{
	return !schema || is_temporary_schema(schema) ||
	       may_be_schema(guard, table, schema, NULL);
}

/* The sequence of a serial column goes by its table's name; without it no
 * row arrives any more. */
static bool is_sequence_of(const struct guarded *table, const char *name)
{
	size_t length = strlen(table->name), whole = strlen(name);

	return whole > length + 4 &&
	       strncasecmp(name, table->name, length) == 0 &&
	       name[length] == '_' &&
	       strcasecmp(name + whole - 4, "_seq") == 0;
}

bool guard_means(const struct guard *guard, const struct guarded *table,
		 const struct relation_deed *deed, const char *const *path)
{
	if (!deed->relation)
		return may_be_schema(guard, table, deed->schema, path);
	if (deed->deed == DEED_CREATE_TEMP)
		return same(guard, table->name, deed->relation) &&
		       may_shadow(guard, table, deed->schema);
	if (!same(guard, table->name, deed->relation) &&
	    !((deed->deed == DEED_ALTER || deed->deed == DEED_DROP ||
	       deed->deed == DEED_RENAME) &&
	      is_sequence_of(table, deed->relation)))
		return false;
	return may_be_schema(guard, table, deed->schema, path);
}
