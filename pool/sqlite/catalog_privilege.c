/*
 * Privileges and visibility. There is one role, which may do everything; what
 * is asked about must exist, and the privilege must be one there is.
 */
#include "pool/sqlite/catalog_call.h"

#include "protocol/dialect/catalog_facts.h"
#include "protocol/dialect/schema_name.h"

/* before "what" after */
static void refuse(struct call *call, const char *sqlstate, const char *before,
		   const char *what, const char *after)
{
	error_set(&call->context->error, sqlstate, "%s\"%s\"%s", before, what,
		  after);
	fail(call);
}

/* --- words -------------------------------------------------------------------- */

/* "SELECT", with or without " WITH GRANT OPTION", among words with spaces. */
static bool is_word(const char *words, const char *text, size_t length)
{
	static const char option[] = " WITH GRANT OPTION";
	size_t width = sizeof(option) - 1;

	if (length > width &&
	    sqlite3_strnicmp(text + length - width, option, (int)width) == 0)
		length -= width;
	for (const char *at = words; *at; at += strcspn(at, " ")) {
		at += *at == ' ';
		if (strcspn(at, " ") == length &&
		    sqlite3_strnicmp(at, text, (int)length) == 0)
			return true;
	}
	return false;
}

/* A list with commas; every one of them must be among the words. */
static bool check_words(struct call *call, const char *words, const char *text)
{
	for (const char *at = text;; at++) {
		size_t length;

		at += strspn(at, " \t\n");
		text = at;
		at += strcspn(at, ",");
		length = (size_t)(at - text);
		while (length && strchr(" \t\n", text[length - 1]))
			length--;
		if (!is_word(words, text, length)) {
			refuse(call, SQLSTATE_INVALID_PARAMETER,
			       "unrecognized privilege type: ",
			       arena_dup(&call->arena,
					 slice_make(text, length)), "");
			return false;
		}
		if (!*at)
			return true;
	}
}

/* --- what is asked about ------------------------------------------------------- */

static bool check_role(struct call *call, int i)
{
	const char *name = is_number(call, i) ? NULL : string_at(call, i);

	if (!name || strcmp(name, call->session->user) == 0 ||
	    strcmp(name, "public") == 0)
		return true;
	refuse(call, SQLSTATE_UNDEFINED_OBJECT, "role ", name,
	       " does not exist");
	return false;
}

/* By name: its OID, or refused. By number: 0 where there is none. */
static bool find(struct call *call, int i, uint32_t reg, uint32_t *ret_oid)
{
	const char *in, *name;

	*ret_oid = oid_at(call, i);
	if (!is_number(call, i)) {
		if (reg_read(call->schema, call->session, reg, text_at(call, i),
			     &call->arena, ret_oid, &call->context->error))
			return true;
		fail(call);
		return false;
	}
	if (reg == OID_REGCLASS
		    ? !relation_name(call->schema, *ret_oid, &in, &name)
		    : reg == OID_REGNAMESPACE
			      ? !namespace_name(call->schema, *ret_oid)
			      : !catalog_facts_row(catalog_facts_of("pg_proc"),
						   *ret_oid))
		*ret_oid = 0;
	return true;
}

static const char relation_words[] =
	"SELECT INSERT UPDATE DELETE TRUNCATE REFERENCES TRIGGER RULE";

/* (role, object, words) with or without the role: true or NULL. */
static void has_on(struct call *call, uint32_t reg, const char *words)
{
	int first = call->count - 2;
	uint32_t oid;

	if (any_null(call))
		return give_text(call, NULL);
	if ((first && !check_role(call, 0)) || !find(call, first, reg, &oid) ||
	    !check_words(call, words, string_at(call, first + 1)))
		return;
	if (!oid)
		return give_text(call, NULL);
	give_integer(call, 1);
}

static void has_table(struct call *call)
{
	has_on(call, OID_REGCLASS, relation_words);
}

static void has_any_column(struct call *call)
{
	has_on(call, OID_REGCLASS, "SELECT INSERT UPDATE REFERENCES");
}

static void has_schema(struct call *call)
{
	has_on(call, OID_REGNAMESPACE, "CREATE USAGE");
}

static void has_function(struct call *call)
{
	has_on(call, OID_REGPROCEDURE, "EXECUTE");
}

static bool is_sequence(const struct schema *schema, uint32_t oid)
{
	for (int i = 0; i < schema->sequence_count; i++)
		if (schema->sequences[i].oid == oid)
			return true;
	return false;
}

static void has_sequence(struct call *call)
{
	int first = call->count - 2;
	const char *in, *name;
	uint32_t oid;

	if (any_null(call))
		return give_text(call, NULL);
	if ((first && !check_role(call, 0)) ||
	    !check_words(call, "USAGE SELECT UPDATE",
			 string_at(call, first + 1)) ||
	    !find(call, first, OID_REGCLASS, &oid))
		return;
	if (!oid)
		return give_text(call, NULL);
	if (is_sequence(call->schema, oid))
		return give_integer(call, 1);
	relation_name(call->schema, oid, &in, &name);
	refuse(call, "42809", "", name, " is not a sequence");
}

enum answer { ANSWER_YES, ANSWER_NULL, ANSWER_REFUSED };

/* A column by name or number. */
static enum answer find_column(struct call *call,
			       const struct schema_table *table, int i)
{
	const struct schema_column *column = NULL;
	const char *name = is_number(call, i) ? NULL : string_at(call, i);

	for (int k = 0; table && k < table->column_count && !column; k++)
		if (name ? strcmp(table->columns[k].name, name) == 0
			 : table->columns[k].number == (int)oid_at(call, i))
			column = &table->columns[k];
	if (column)
		return ANSWER_YES;
	if (!table || !name)
		return ANSWER_NULL;
	error_set(&call->context->error, "42703",
		  "column \"%s\" of relation \"%s\" does not exist", name,
		  table->name);
	fail(call);
	return ANSWER_REFUSED;
}

static void has_column(struct call *call)
{
	int first = call->count - 3;
	enum answer column;
	uint32_t oid;

	if (any_null(call))
		return give_text(call, NULL);
	if ((first && !check_role(call, 0)) ||
	    !find(call, first, OID_REGCLASS, &oid))
		return;
	column = find_column(call, schema_table_by_oid(call->schema, oid),
			     first + 1);
	if (column == ANSWER_REFUSED ||
	    !check_words(call, "SELECT INSERT UPDATE REFERENCES",
			 string_at(call, first + 2)))
		return;
	if (column == ANSWER_NULL)
		return give_text(call, NULL);
	give_integer(call, 1);
}

static void has_database(struct call *call)
{
	int first = call->count - 2;
	const char *name;

	if (any_null(call))
		return give_text(call, NULL);
	if (first && !check_role(call, 0))
		return;
	name = is_number(call, first) ? NULL : string_at(call, first);
	if (name && strcmp(name, call->session->database) != 0 &&
	    !catalog_is_other_database(call, name))
		return refuse(call, "3D000", "database ", name,
			      " does not exist");
	if (!check_words(call, "CREATE TEMPORARY TEMP CONNECT",
			 string_at(call, first + 1)))
		return;
	if (!name && oid_at(call, first) != DATABASE_OID)
		return give_text(call, NULL);
	give_integer(call, 1);
}

static void has_role(struct call *call)
{
	int roles = call->count - 1;

	if (any_null(call))
		return give_text(call, NULL);
	for (int i = 0; i < roles; i++)
		if (!check_role(call, i))
			return;
	if (check_words(call, "USAGE MEMBER", string_at(call, roles)))
		give_integer(call, !is_number(call, roles - 1) ||
				   oid_at(call, roles - 1) == ROLE_OID);
}

/* --- visibility ----------------------------------------------------------------- */

/* What every database has is visible; the rest does not exist here. */
static void visible_in(struct call *call, const char *table)
{
	const struct catalog_facts *facts = catalog_facts_of(table);

	if (any_null(call) || !facts ||
	    !catalog_facts_row(facts, oid_at(call, 0)))
		return give_text(call, NULL);
	give_integer(call, 1);
}

#define VISIBLE(name, table)                          \
	static void name(struct call *call)           \
	{                                             \
		visible_in(call, table);              \
	}

VISIBLE(function_visible, "pg_proc")
VISIBLE(operator_visible, "pg_operator")
VISIBLE(opclass_visible, "pg_opclass")
VISIBLE(opfamily_visible, "pg_opfamily")
VISIBLE(collation_visible, "pg_collation")
VISIBLE(conversion_visible, "pg_conversion")
VISIBLE(statistics_visible, "pg_statistic_ext")
VISIBLE(ts_config_visible, "pg_ts_config")
VISIBLE(ts_dict_visible, "pg_ts_dict")
VISIBLE(ts_parser_visible, "pg_ts_parser")
VISIBLE(ts_template_visible, "pg_ts_template")

const struct catalog_function catalog_privileges[] = {
	{ "pg_has_any_column_privilege", FUNCTION_FROM(2), has_any_column },
	{ "pg_has_column_privilege", FUNCTION_FROM(3), has_column },
	{ "pg_has_database_privilege", FUNCTION_FROM(2), has_database },
	{ "pg_has_function_privilege", FUNCTION_FROM(2), has_function },
	{ "pg_has_schema_privilege", FUNCTION_FROM(2), has_schema },
	{ "pg_has_sequence_privilege", FUNCTION_FROM(2), has_sequence },
	{ "pg_has_table_privilege", FUNCTION_FROM(2), has_table },
	{ "pg_has_role", FUNCTION_FROM(2), has_role },
	{ "pg_function_is_visible", 1, function_visible },
	{ "pg_operator_is_visible", 1, operator_visible },
	{ "pg_opclass_is_visible", 1, opclass_visible },
	{ "pg_opfamily_is_visible", 1, opfamily_visible },
	{ "pg_collation_is_visible", 1, collation_visible },
	{ "pg_conversion_is_visible", 1, conversion_visible },
	{ "pg_statistics_obj_is_visible", 1, statistics_visible },
	{ "pg_ts_config_is_visible", 1, ts_config_visible },
	{ "pg_ts_dict_is_visible", 1, ts_dict_visible },
	{ "pg_ts_parser_is_visible", 1, ts_parser_visible },
	{ "pg_ts_template_is_visible", 1, ts_template_visible },
	{ 0 },
};
