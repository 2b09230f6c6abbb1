#include "protocol/sql_nodes.h"

#include "pool/sqlite/copy_options.h"

#include <strings.h>

/* As they were given: NULL where they were not. */
struct given {
	struct slice text;
	bool is_from;
	const char *delimiter, *null, *quote, *escape;
	const DefElem *force_quote, *force_not_null, *force_null;
	struct arena *arena;
	struct copy_format *format;
	struct error *error;
};

static bool fail_at(struct given *given, const DefElem *option)
{
	given->error->position = sql_position(given->text, option->location);
	return false;
}

/* --- one option ---------------------------------------------------------------- */

static const char *names_of(struct given *given, const List *names)
{
	const char *text = "";
	ListCell *cell;

	foreach(cell, names)
		text = arena_printf(given->arena, "%s%s%s", text,
				    text[0] ? "." : "",
				    IsA(lfirst(cell), String) ?
					    strVal(lfirst(cell)) : "*");
	return text;
}

static const char *text_of(struct given *given, const DefElem *option)
{
	Node *value = option->arg;

	if (!value)
		return NULL;
	switch (nodeTag(value)) {
	case T_String:
		return arena_text(given->arena, strVal(value));
	case T_Float:
		return arena_text(given->arena, castNode(Float, value)->fval);
	case T_Integer:
		return arena_printf(given->arena, "%d", intVal(value));
	case T_Boolean:
		return boolVal(value) ? "true" : "false";
	case T_TypeName:
		return names_of(given, castNode(TypeName, value)->names);
	case T_List:
		return names_of(given, (const List *)(void *)value);
	default:
		return "*";
	}
}

/* Whether a text says true or false, and which. */
static bool read_truth(const DefElem *option, const char *text, bool *ret)
{
	bool is_number = option->arg && IsA(option->arg, Integer);

	if (!text || strcasecmp(text, "true") == 0 ||
	    strcasecmp(text, "on") == 0 ||
	    (is_number && strcmp(text, "1") == 0))
		*ret = true;
	else if (strcasecmp(text, "false") == 0 ||
		 strcasecmp(text, "off") == 0 ||
		 (is_number && strcmp(text, "0") == 0))
		*ret = false;
	else
		return false;
	return true;
}

static bool read_header(struct given *given, const DefElem *option,
			const char *text)
{
	struct copy_format *format = given->format;

	if (read_truth(option, text, &format->header))
		return true;
	if (strcasecmp(text, "match") != 0)
		return error_set(given->error, SQLSTATE_SYNTAX,
				 "%s requires a Boolean value or \"match\"",
				 option->defname);
	if (!given->is_from)
		return error_set(given->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "cannot use \"%s\" with HEADER in COPY TO",
				 text);
	format->header = format->header_matches = true;
	return true;
}

static bool read_freeze(struct given *given, const DefElem *option,
			const char *text)
{
	bool ignored;

	return read_truth(option, text, &ignored) ||
	       error_set(given->error, SQLSTATE_SYNTAX,
			 "%s requires a Boolean value", option->defname);
}

static bool read_kind(struct given *given, const DefElem *option,
		      const char *text)
{
	static const char *const kinds[] = {
		[COPY_TEXT] = "text", [COPY_CSV] = "csv",
		[COPY_BINARY] = "binary",
	};

	for (int i = 0; i < 3; i++) {
		if (strcmp(text, kinds[i]) != 0)
			continue;
		given->format->kind = (enum copy_kind)i;
		return true;
	}
	error_set(given->error, SQLSTATE_INVALID_PARAMETER,
		  "COPY format \"%s\" not recognized", text);
	return fail_at(given, option);
}

static bool read_encoding(struct given *given, const char *text)
{
	if (strcasecmp(text, "utf8") == 0 || strcasecmp(text, "utf-8") == 0)
		return true;
	return error_set(given->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "COPY with encoding \"%s\" is not supported on SQLite: only UTF8 is",
			 text);
}

/* The columns are looked up when all options are known. */
static bool read_forced(struct given *given, const DefElem *option,
			bool star_too, const DefElem **ret)
{
	if (option->arg && (IsA(option->arg, List) ||
			    (star_too && IsA(option->arg, A_Star)))) {
		*ret = option;
		return true;
	}
	error_set(given->error, SQLSTATE_INVALID_PARAMETER,
		  "argument to option \"%s\" must be a list of column names",
		  option->defname);
	return fail_at(given, option);
}

static bool read_text(struct given *given, const DefElem *option,
		      const char *text, const char **ret)
{
	*ret = text;
	return text || error_set(given->error, SQLSTATE_SYNTAX,
				 "%s requires a parameter", option->defname);
}

static bool read_option(struct given *given, const DefElem *option)
{
	const char *name = option->defname, *text = text_of(given, option);

	if (strcmp(name, "format") == 0)
		return read_text(given, option, text, &text) &&
		       read_kind(given, option, text);
	if (strcmp(name, "freeze") == 0)
		return read_freeze(given, option, text);
	if (strcmp(name, "delimiter") == 0)
		return read_text(given, option, text, &given->delimiter);
	if (strcmp(name, "null") == 0)
		return read_text(given, option, text, &given->null);
	if (strcmp(name, "header") == 0)
		return read_header(given, option, text);
	if (strcmp(name, "quote") == 0)
		return read_text(given, option, text, &given->quote);
	if (strcmp(name, "escape") == 0)
		return read_text(given, option, text, &given->escape);
	if (strcmp(name, "force_quote") == 0)
		return read_forced(given, option, true, &given->force_quote);
	if (strcmp(name, "force_not_null") == 0)
		return read_forced(given, option, false,
				   &given->force_not_null);
	if (strcmp(name, "force_null") == 0)
		return read_forced(given, option, false, &given->force_null);
	if (strcmp(name, "encoding") == 0)
		return read_text(given, option, text, &text) &&
		       read_encoding(given, text);
	error_set(given->error, SQLSTATE_SYNTAX, "option \"%s\" not recognized",
		  name);
	return fail_at(given, option);
}

static bool was_given(const List *options, const DefElem *option)
{
	ListCell *cell;

	foreach(cell, options) {
		const DefElem *other = lfirst(cell);

		if (other == option)
			return false;
		if (strcmp(other->defname, option->defname) == 0)
			return true;
	}
	return false;
}

static bool read_each(struct given *given, const List *options)
{
	ListCell *cell;

	foreach(cell, options) {
		const DefElem *option = lfirst(cell);

		if (was_given(options, option)) {
			error_set(given->error, SQLSTATE_SYNTAX, "%s",
				  "conflicting or redundant options");
			return fail_at(given, option);
		}
		if (!read_option(given, option))
			return false;
	}
	return true;
}

/* --- together ------------------------------------------------------------------ */

struct rule {
	bool broken;
	const char *sqlstate;
	const char *message;
};

static bool hold(const struct rule *rules, int count, struct error *error)
{
	for (int i = 0; i < count; i++) {
		if (rules[i].broken)
			return error_set(error, rules[i].sqlstate, "%s",
					 rules[i].message);
	}
	return true;
}

#define HOLD(rules, error) \
	hold(rules, (int)(sizeof(rules) / sizeof((rules)[0])), error)

static bool check_binary(const struct given *given)
{
	bool binary = given->format->kind == COPY_BINARY;
	const struct rule rules[] = {
		{ binary && given->delimiter, SQLSTATE_SYNTAX,
		  "cannot specify DELIMITER in BINARY mode" },
		{ binary && given->null, SQLSTATE_SYNTAX,
		  "cannot specify NULL in BINARY mode" },
	};

	return HOLD(rules, given->error);
}

static void fill_defaults(struct given *given)
{
	bool csv = given->format->kind == COPY_CSV;

	if (!given->delimiter)
		given->delimiter = csv ? "," : "\t";
	if (!given->null)
		given->null = csv ? "" : "\\N";
	if (csv && !given->quote)
		given->quote = "\"";
	if (csv && !given->escape)
		given->escape = given->quote;
}

static bool is_one_byte(const char *text)
{
	return text[0] && !text[1];
}

/* What a delimiter in text cannot be: it would be taken for an escape. */
static bool is_escape(char byte)
{
	return strchr("\\.abcdefghijklmnopqrstuvwxyz0123456789", byte);
}

static bool check_separators(const struct given *given)
{
	bool csv = given->format->kind == COPY_CSV;
	const struct rule rules[] = {
		{ !is_one_byte(given->delimiter),
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY delimiter must be a single one-byte character" },
		{ strpbrk(given->delimiter, "\r\n"), SQLSTATE_INVALID_PARAMETER,
		  "COPY delimiter cannot be newline or carriage return" },
		{ strpbrk(given->null, "\r\n"), SQLSTATE_INVALID_PARAMETER,
		  "COPY null representation cannot use newline or carriage return" },
	};

	if (!HOLD(rules, given->error))
		return false;
	return csv || !is_escape(given->delimiter[0]) ||
	       error_set(given->error, SQLSTATE_INVALID_PARAMETER,
			 "COPY delimiter cannot be \"%s\"", given->delimiter);
}

static bool check_csv(const struct given *given)
{
	bool csv = given->format->kind == COPY_CSV, from = given->is_from;
	const struct rule rules[] = {
		{ given->format->kind == COPY_BINARY && given->format->header,
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "cannot specify HEADER in BINARY mode" },
		{ !csv && given->quote, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY quote available only in CSV mode" },
		{ csv && !is_one_byte(given->quote),
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY quote must be a single one-byte character" },
		{ csv && given->delimiter[0] == given->quote[0],
		  SQLSTATE_INVALID_PARAMETER,
		  "COPY delimiter and quote must be different" },
		{ !csv && given->escape, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY escape available only in CSV mode" },
		{ csv && !is_one_byte(given->escape),
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY escape must be a single one-byte character" },
		{ !csv && given->force_quote, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force quote available only in CSV mode" },
		{ from && given->force_quote, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force quote only available using COPY TO" },
		{ !csv && given->force_not_null, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force not null available only in CSV mode" },
		{ !from && given->force_not_null,
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force not null only available using COPY FROM" },
		{ !csv && given->force_null, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force null available only in CSV mode" },
		{ !from && given->force_null, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY force null only available using COPY FROM" },
		{ strchr(given->null, given->delimiter[0]),
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "COPY delimiter must not appear in the NULL specification" },
		{ csv && strchr(given->null, given->quote[0]),
		  SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "CSV quote character must not appear in the NULL specification" },
	};

	return HOLD(rules, given->error);
}

static void fill_format(const struct given *given)
{
	struct copy_format *format = given->format;

	format->delimiter = given->delimiter[0];
	format->quote = given->quote ? given->quote[0] : '"';
	format->escape = given->escape ? given->escape[0] : format->quote;
	format->null = given->null;
}

/* --- the columns of FORCE_... --------------------------------------------------- */

static int place_of(const struct compiled *columns, const char *name)
{
	for (int i = 0; i < columns->column_count; i++) {
		if (strcmp(columns->columns[i].name, name) == 0)
			return i;
	}
	return -1;
}

/* Of a column that is not copied. */
static bool refuse_column(const struct given *given,
			  const struct schema_table *table, const char *what,
			  const char *name)
{
	if (table && schema_find_column(table, name))
		return error_set(given->error, "42P10",
				 "%s column \"%s\" not referenced by COPY",
				 what, name);
	if (table)
		return error_set(given->error, SQLSTATE_UNDEFINED_COLUMN,
				 "column \"%s\" of relation \"%s\" does not exist",
				 name, table->name);
	return error_set(given->error, SQLSTATE_UNDEFINED_COLUMN,
			 "column \"%s\" does not exist", name);
}

static bool find_forced(const struct given *given, const DefElem *option,
			const char *what, const struct compiled *columns,
			const struct schema_table *table, bool **ret_forced)
{
	bool *forced;
	ListCell *cell;

	if (!option)
		return true;
	forced = arena_alloc(given->arena, (size_t)columns->column_count + 1);
	if (IsA(option->arg, A_Star))
		memset(forced, true, (size_t)columns->column_count);
	else foreach(cell, (const List *)(const void *)option->arg) {
		const char *name = strVal(lfirst(cell));
		int place = place_of(columns, name);

		if (place < 0)
			return refuse_column(given, table, what, name);
		if (forced[place])
			return error_set(given->error,
					 SQLSTATE_DUPLICATE_COLUMN,
					 "column \"%s\" specified more than once",
					 name);
		forced[place] = true;
	}
	*ret_forced = forced;
	return true;
}

static const struct schema_table *table_of(const struct schema *schema,
					   const CopyStmt *node,
					   const struct compiled *columns)
{
	return node->query || !columns->column_count ? NULL :
	       schema_table_by_oid(schema, columns->columns[0].table);
}

bool copy_read_options(struct slice text, const struct schema *schema,
		       const struct compiled *columns, struct arena *arena,
		       struct copy_format *format, struct error *error)
{
	struct given given = {
		.text = text, .arena = arena, .format = format, .error = error,
	};
	struct sql_tree *tree = sql_tree_new(text, error);
	const struct schema_table *table;
	const CopyStmt *node;
	bool done;

	if (!tree)
		return false;
	node = (const CopyStmt *)(const void *)sql_tree_statement(tree, 0).node;
	given.is_from = node->is_from;
	table = table_of(schema, node, columns);
	if (node->is_from)
		format->table = arena_text(arena, node->relation->relname);
	done = read_each(&given, node->options) && check_binary(&given);
	if (done)
		fill_defaults(&given);
	done = done && check_separators(&given) && check_csv(&given);
	if (done)
		fill_format(&given);
	done = done &&
	       find_forced(&given, given.force_quote, "FORCE_QUOTE", columns,
			   table, &format->force_quote) &&
	       find_forced(&given, given.force_not_null, "FORCE_NOT_NULL",
			   columns, table, &format->force_not_null) &&
	       find_forced(&given, given.force_null, "FORCE_NULL", columns,
			   table, &format->force_null);
	sql_tree_free(&tree);
	return done;
}
