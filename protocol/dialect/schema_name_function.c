/*
 * Names of functions and operators: what regproc, regprocedure and regoper
 * read and print. There are none but Postgres's own, so a schema need not be
 * asked.
 */
#include "protocol/dialect/schema_name.h"

#include <stdlib.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/type.h"

#define PG_CATALOG_OID 11

/* One kind of them: where it stands and how it is called. */
struct kind {
	const char *table, *name, *namespace, *noun;
};

static const struct kind functions = { "pg_proc", "proname", "pronamespace",
				       "function" };
static const struct kind operators = { "pg_operator", "oprname", NULL,
				       "operator" };

/* Text search and collations: one of a name each. */
static const struct kind configurations = { "pg_ts_config", "cfgname", NULL,
					    "text search configuration" };
static const struct kind dictionaries = { "pg_ts_dict", "dictname", NULL,
					  "text search dictionary" };
static const struct kind collations = { "pg_collation", "collname", NULL,
					"collation" };

static const struct kind *kind_of(uint32_t reg_type)
{
	switch (reg_type) {
	case OID_REGOPER:
		return &operators;
	case OID_REGCONFIG:
		return &configurations;
	case OID_REGDICTIONARY:
		return &dictionaries;
	case OID_REGCOLLATION:
		return &collations;
	default:
		return &functions;
	}
}

static struct slice cell(const struct catalog_facts *facts, const char *row,
			 const char *column)
{
	return catalog_facts_cell(row, catalog_facts_column(facts, column));
}

static uint32_t namespace_of(const struct catalog_facts *facts,
			     const struct kind *kind, const char *row)
{
	if (!kind->namespace)
		return PG_CATALOG_OID;
	return catalog_facts_number(
		(const char *)cell(facts, row, kind->namespace).at);
}

/* How many there are of the name, and the first of them. */
static int count_named(const struct kind *kind, struct slice name,
		       uint32_t namespace, const char **ret_row)
{
	const struct catalog_facts *facts = catalog_facts_of(kind->table);
	int column = catalog_facts_column(facts, kind->name), count = 0;

	for (size_t i = 0; i < facts->count; i++) {
		const char *row = facts->rows[i];
		struct slice its = catalog_facts_cell(row, column);

		if (its.length != name.length ||
		    memcmp(its.at, name.at, name.length) != 0 ||
		    namespace_of(facts, kind, row) != namespace)
			continue;
		if (!count++)
			*ret_row = row;
	}
	return count;
}

static bool no_such(const struct kind *kind, struct slice text,
		    struct error *error)
{
	if (kind == &operators)
		return error_set(error, SQLSTATE_UNDEFINED_FUNCTION,
				 "operator does not exist: %.*s",
				 (int)text.length, (const char *)text.at);
	return error_set(error, kind == &functions ?
			 SQLSTATE_UNDEFINED_FUNCTION :
			 SQLSTATE_UNDEFINED_OBJECT,
			 "%s \"%.*s\" does not exist", kind->noun,
			 (int)text.length, (const char *)text.at);
}

/* Operators are not folded, but may have a schema before them. */
static bool split(const struct kind *kind, struct slice text,
		  struct arena *arena, const char **ret_schema,
		  const char **ret_name)
{
	static const char prefix[] = "pg_catalog.";

	if (kind != &operators)
		return name_parse(arena, text, ret_schema, ret_name);
	*ret_schema = NULL;
	if (text.length > sizeof(prefix) - 1 &&
	    memcmp(text.at, prefix, sizeof(prefix) - 1) == 0)
		text = slice_make(text.at + sizeof(prefix) - 1,
				  text.length - sizeof(prefix) + 1);
	*ret_name = arena_dup(arena, text);
	return text.length > 0;
}

static bool read_plain(const struct schema *schema, const struct kind *kind,
		       struct slice text, struct arena *arena,
		       uint32_t *ret_oid, struct error *error)
{
	const char *in, *name, *row = NULL;
	uint32_t namespace;
	int count;

	if (!split(kind, text, arena, &in, &name))
		return no_such(kind, text, error);
	namespace = in ? namespace_oid(schema, in) : PG_CATALOG_OID;
	if (!namespace)
		return error_set(error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%s\" does not exist", in);
	count = count_named(kind, slice_text(name), namespace, &row);
	if (!count)
		return no_such(kind, text, error);
	if (count > 1)
		return error_set(error, "42725", "more than one %s named %s%.*s"
				 "%s", kind->noun,
				 kind == &functions ? "\"" : "",
				 (int)text.length, (const char *)text.at,
				 kind == &functions ? "\"" : "");
	*ret_oid = catalog_facts_number(row);
	return true;
}

/* The OIDs of argument types, with a space between them, as pg_proc has
 * them; NULL: one of them is none. */
static const char *read_types(const struct schema *schema,
			      const struct compile_session *session,
			      struct slice text, struct arena *arena)
{
	const char *list = "";

	for (size_t start = 0, at = 0; at <= text.length; at++) {
		uint32_t oid;

		if (at < text.length && text.at[at] != ',')
			continue;
		if (at == text.length && text.length == 0)
			break;
		oid = type_name_oid(schema, session->search_path,
				    slice_make(text.at + start, at - start));
		if (!oid)
			return NULL;
		list = arena_printf(arena, "%s%s%u", list, *list ? " " : "",
				    oid);
		start = at + 1;
	}
	return list;
}

/* "abs(integer)": a name and the types of its arguments. */
static bool read_signature(const struct schema *schema,
			   const struct compile_session *session,
			   struct slice text, struct arena *arena,
			   uint32_t *ret_oid, struct error *error)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_proc");
	const uint8_t *open = memchr(text.at, '(', text.length);
	const char *in, *name, *types;
	uint32_t namespace;

	if (!open)
		return error_set(error, "22P02", "expected a left parenthesis");
	if (text.at[text.length - 1] != ')')
		return error_set(error, "22P02",
				 "expected a right parenthesis");
	types = read_types(schema, session,
			   slice_make(open + 1, (size_t)(text.at + text.length -
							 open) - 2), arena);
	if (!types || !name_parse(arena, slice_make(text.at, (size_t)(open -
							text.at)), &in, &name))
		return no_such(&functions, text, error);
	namespace = in ? namespace_oid(schema, in) : PG_CATALOG_OID;
	for (size_t i = 0; i < facts->count; i++) {
		const char *row = facts->rows[i];

		if (!slice_is(cell(facts, row, "proname"), name) ||
		    !slice_is(cell(facts, row, "proargtypes"), types) ||
		    namespace_of(facts, &functions, row) != namespace)
			continue;
		*ret_oid = catalog_facts_number(row);
		return true;
	}
	return no_such(&functions, text, error);
}

bool function_name_read(const struct schema *schema,
			const struct compile_session *session,
			uint32_t reg_type, struct slice text,
			struct arena *arena, uint32_t *ret_oid,
			struct error *error)
{
	switch (reg_type) {
	case OID_REGPROC:
		return read_plain(schema, &functions, text, arena, ret_oid,
				  error);
	case OID_REGOPER:
	case OID_REGCONFIG:
	case OID_REGDICTIONARY:
	case OID_REGCOLLATION:
		return read_plain(schema, kind_of(reg_type), text, arena,
				  ret_oid, error);
	case OID_REGPROCEDURE:
		return read_signature(schema, session, text, arena, ret_oid,
				      error);
	default:
		return no_such(&functions, text, error);
	}
}

/* Types of arguments as they are printed in a signature. */
static const char *types_text(const struct schema *schema,
			      const struct compile_session *session,
			      struct slice oids, struct arena *arena)
{
	const char *list = arena_dup(arena, oids), *out = "";

	while (*list) {
		char *end;
		uint32_t oid = (uint32_t)strtoul(list, &end, 10);

		out = arena_printf(arena, "%s%s%s", out, *out ? "," : "",
				   type_name_text(arena, schema,
						  session->search_path, oid,
						  TYPMOD_NONE));
		list = *end == ' ' ? end + 1 : end;
	}
	return out;
}

const char *function_name_text(const struct schema *schema,
			       const struct compile_session *session,
			       uint32_t reg_type, uint32_t oid,
			       struct arena *arena)
{
	const struct kind *kind = kind_of(reg_type);
	const struct catalog_facts *facts = catalog_facts_of(kind->table);
	const char *row = catalog_facts_row(facts, oid), *first, *name;
	bool listed = reg_type == OID_REGPROCEDURE, visible;
	struct slice bare;
	uint32_t in;

	if (!row)
		return NULL;
	in = namespace_of(facts, kind, row);
	bare = cell(facts, row, kind->name);
	visible = in == PG_CATALOG_OID &&
		  (listed || count_named(kind, bare, in, &first) == 1);
	name = arena_dup(arena, bare);
	if (kind != &operators)
		name = name_quoted(arena, name);
	if (!visible)
		name = arena_printf(arena, "%s.%s", namespace_name(schema, in),
				    name);
	if (!listed)
		return name;
	return arena_printf(arena, "%s(%s)", name,
			    types_text(schema, session,
				       cell(facts, row, "proargtypes"),
				       arena));
}
