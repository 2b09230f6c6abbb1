/*
 * WITH (fillfactor = 70) of an index, and ALTER INDEX ... SET and RESET. SQLite
 * has no such knobs; they are shown as they were given, and what Postgres
 * would not take is refused in its words.
 */
#include "protocol/sql_nodes.h"

#include <errno.h>
#include <stdlib.h>
#include <strings.h>

#include "protocol/dialect/ddl_state.h"

#define OPTIONS_MAX 8		/* more than any method has */

/* access/common/reloptions.c */
static const struct option_row {
	const char *method;
	const char *name;
	bool is_boolean;	/* else a number from low to high */
	long long low, high;
	const char *const *words;	/* or one of these */
} rows[] = {
#define FILLFACTOR(method) { method, "fillfactor", false, 10, 100, NULL }
	FILLFACTOR("btree"),
	{ "btree", "deduplicate_items", true, 0, 0, NULL },
	FILLFACTOR("hash"),
	FILLFACTOR("gist"),
	{ "gist", "buffering", false, 0, 0,
	  (const char *const[]){ "on", "off", "auto", NULL } },
	FILLFACTOR("spgist"),
	{ "gin", "fastupdate", true, 0, 0, NULL },
	{ "gin", "gin_pending_list_limit", false, 64, 2147483647, NULL },
	{ "brin", "autosummarize", true, 0, 0, NULL },
	{ "brin", "pages_per_range", false, 1, 131072, NULL },
};

static const struct option_row *find_option(const char *method,
					    const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].method, method) == 0 &&
		    strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

static const char *value_text(struct ddl *ddl, const DefElem *option)
{
	Node *value = option->arg;

	if (!value)
		return "true";
	switch (nodeTag(value)) {
	case T_Integer:
		return arena_printf(ddl->arena, "%d", intVal(value));
	case T_Float:
		return castNode(Float, value)->fval;
	case T_String:
		return strVal(value);
	case T_TypeName:
		return strVal(llast(castNode(TypeName, value)->names));
	default:
		return "";
	}
}

static bool is_boolean(const char *text)
{
	static const char *const words[] = { "true", "false", "yes", "no",
					     "on", "off", "1", "0" };
	size_t length = strlen(text);

	/* what could be both needs a second letter */
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (length > 0 && strncasecmp(words[i], text, length) == 0 &&
		    (length > 1 || (*text | 32) != 'o'))
			return true;
	return false;
}

static bool check_number(struct ddl *ddl, const struct option_row *row,
			 const char *text)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (end == text || *end || errno)
		return error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
				 "invalid value for integer option \"%s\": %s",
				 row->name, text);
	if (value >= row->low && value <= row->high)
		return true;
	error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
		  "value %s out of bounds for option \"%s\"", text, row->name);
	error_detail(ddl->error, "Valid values are between \"%lld\" and "
		     "\"%lld\".", row->low, row->high);
	return false;
}

static bool check_word(struct ddl *ddl, const struct option_row *row,
		       const char *text)
{
	for (int i = 0; row->words[i]; i++)
		if (strcasecmp(row->words[i], text) == 0)
			return true;
	error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
		  "invalid value for enum option \"%s\": %s", row->name, text);
	error_detail(ddl->error, "Valid values are \"on\", \"off\", and "
		     "\"auto\".");
	return false;
}

static bool check_value(struct ddl *ddl, const struct option_row *row,
			const char *text)
{
	if (row->words)
		return check_word(ddl, row, text);
	if (!row->is_boolean)
		return check_number(ddl, row, text);
	return is_boolean(text) ||
	       error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
			 "invalid value for boolean option \"%s\": %s",
			 row->name, text);
}

/* Those that the statement does not name. */
static int keep_options(struct ddl *ddl, const char *before, List *options,
			const char **items)
{
	const char **old;
	int count = before ? facts_split(ddl->arena, before, &old) : 0;
	int kept = 0;

	for (int i = 0; i < count && kept < OPTIONS_MAX; i++) {
		size_t length = strcspn(old[i], "=");
		bool named = false;
		ListCell *cell;

		foreach(cell, options) {
			const char *name = ((DefElem *)lfirst(cell))->defname;

			named |= strlen(name) == length &&
				 strncmp(name, old[i], length) == 0;
		}
		if (!named)
			items[kept++] = old[i];
	}
	return kept;
}

static bool is_twice(const List *options, int index)
{
	const DefElem *option = list_nth(options, index);

	for (int i = 0; i < index; i++)
		if (strcmp(((DefElem *)list_nth(options, i))->defname,
			   option->defname) == 0)
			return true;
	return false;
}

static const struct option_row *read_option(struct ddl *ddl,
					    const char *method, List *options,
					    int index)
{
	const DefElem *option = list_nth(options, index);
	const struct option_row *row = find_option(method, option->defname);

	if (option->defnamespace)
		error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
			  "unrecognized parameter namespace \"%s\"",
			  option->defnamespace);
	else if (!row)
		error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
			  "unrecognized parameter \"%s\"", option->defname);
	else if (is_twice(options, index))
		error_set(ddl->error, SQLSTATE_INVALID_PARAMETER,
			  "parameter \"%s\" specified more than once",
			  option->defname);
	else
		return row;
	return NULL;
}

bool ddl_index_options(struct ddl *ddl, struct schema_index *index,
		       List *options, bool reset)
{
	const char *items[OPTIONS_MAX * 2];
	int count = keep_options(ddl, index->options, options, items);

	for (int i = 0; !reset && i < list_length(options); i++) {
		const struct option_row *row = read_option(ddl, index->method,
							   options, i);
		const char *text;

		if (!row)
			return false;
		text = value_text(ddl, list_nth(options, i));
		if (!check_value(ddl, row, text))
			return false;
		items[count++] = arena_printf(ddl->arena, "%s=%s", row->name,
					      text);
	}
	index->options = count > 0 ? facts_join(ddl->arena, items, count) :
				     NULL;
	return true;
}

bool ddl_alter_index_options(struct ddl *ddl, uint32_t oid,
			     const AlterTableCmd *command)
{
	const struct schema_table *table;
	const struct schema_index *row = schema_index_by_oid(ddl->schema, oid,
							     &table);
	struct schema_table *next;

	if (!row)	/* of a view or a sequence */
		return true;
	next = table_copy(ddl, table, 0);
	if (!ddl_index_options(ddl, &next->indexes[row - table->indexes],
			       (List *)command->def,
			       command->subtype == AT_ResetRelOptions))
		return false;
	facts_write_indexes(ddl, next);
	return true;
}
