#include "protocol/dialect/schema_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/catalog_facts.h"
#include "protocol/type.h"

#define PG_CATALOG_OID 11

/* Every keyword of Postgres 15 that is not unreserved: quote_ident() quotes
 * them. In strcmp() order. */
static const char *const keywords[] = {
	"all", "analyse", "analyze", "and", "any", "array", "as", "asc",
	"asymmetric", "authorization", "between", "bigint", "binary", "bit",
	"boolean", "both", "case", "cast", "char", "character", "check",
	"coalesce", "collate", "collation", "column", "concurrently",
	"constraint", "create", "cross", "current_catalog", "current_date",
	"current_role", "current_schema", "current_time", "current_timestamp",
	"current_user", "dec", "decimal", "default", "deferrable", "desc",
	"distinct", "do", "else", "end", "except", "exists", "extract",
	"false", "fetch", "float", "for", "foreign", "freeze", "from", "full",
	"grant", "greatest", "group", "grouping", "having", "ilike", "in",
	"initially", "inner", "inout", "int", "integer", "intersect",
	"interval", "into", "is", "isnull", "join", "lateral", "leading",
	"least", "left", "like", "limit", "localtime", "localtimestamp",
	"national", "natural", "nchar", "none", "normalize", "not", "notnull",
	"null", "nullif", "numeric", "offset", "on", "only", "or", "order",
	"out", "outer", "overlaps", "overlay", "placing", "position",
	"precision", "primary", "real", "references", "returning", "right",
	"row", "select", "session_user", "setof", "similar", "smallint",
	"some", "substring", "symmetric", "table", "tablesample", "then",
	"time", "timestamp", "to", "trailing", "treat", "trim", "true",
	"union", "unique", "user", "using", "values", "varchar", "variadic",
	"verbose", "when", "where", "window", "with", "xmlattributes",
	"xmlconcat", "xmlelement", "xmlexists", "xmlforest", "xmlnamespaces",
	"xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
};

static int compare_words(const void *a, const void *b)
{
	return strcmp(a, *(const char *const *)b);
}

static bool is_safe(const char *name)
{
	const char *at = name;

	if (!(*at >= 'a' && *at <= 'z') && *at != '_')
		return false;
	for (; *at; at++)
		if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9')
		    && *at != '_')
			return false;
	return !bsearch(name, keywords, sizeof(keywords) / sizeof(*keywords),
			sizeof(*keywords), compare_words);
}

const char *name_quoted(struct arena *arena, const char *name)
{
	char *out, *at;

	if (is_safe(name))
		return arena_text(arena, name);
	at = out = arena_alloc(arena, strlen(name) * 2 + 3);
	*at++ = '"';
	for (; *name; name++) {
		if (*name == '"')
			*at++ = '"';
		*at++ = *name;
	}
	*at = '"';
	return out;
}

static void skip_space(struct reader *in)
{
	while (in->at < in->end && isspace(*in->at))
		in->at++;
}

/* One identifier, quoted or folded; the end of what was written, NULL: none. */
static char *take_identifier(struct reader *in, char *out)
{
	const uint8_t *start = in->at;

	if (in->at < in->end && *in->at == '"') {
		for (in->at++; in->at < in->end; *out++ = (char)*in->at++) {
			if (*in->at == '"' &&
			    (++in->at >= in->end || *in->at != '"'))
				return out;
		}
		return NULL;
	}
	while (in->at < in->end && *in->at != '.' && !isspace(*in->at))
		*out++ = (char)tolower(*in->at++);
	return in->at > start ? out : NULL;
}

bool name_parse(struct arena *arena, struct slice text, const char **ret_schema,
		const char **ret_name)
{
	struct reader in = reader_make(text);
	char *out = arena_alloc(arena, text.length + 2);
	char *parts[3] = { out };
	int count = 0;

	for (;;) {
		parts[count++] = out;
		skip_space(&in);
		out = take_identifier(&in, out);
		if (!out)
			return false;
		*out++ = 0;
		skip_space(&in);
		if (in.at == in.end)
			break;
		if (*in.at++ != '.' || count == 3)
			return false;
	}
	/* a database's name may stand in front; there is only one */
	*ret_schema = count > 1 ? parts[count - 2] : NULL;
	*ret_name = parts[count - 1];
	return true;
}

/* --- relations ---------------------------------------------------------- */

static uint32_t oid_in(const struct schema *schema, const char *in,
		       const char *name)
{
	const struct schema_table *table =
		schema_find_table(schema, NULL, in, name);
	const struct schema_sequence *sequence;
	const struct schema_index *index;

	if (table)
		return table->oid;
	sequence = schema_find_sequence(schema, in, name);
	if (sequence)
		return sequence->oid;
	index = schema_find_index(schema, in, name, &table);
	return index ? index->oid : 0;
}

uint32_t relation_oid(const struct schema *schema, const char *const *path,
		      const char *in, const char *name)
{
	uint32_t oid;

	if (in)
		return oid_in(schema, in, name);
	oid = oid_in(schema, SCHEMA_TEMP, name);
	if (!oid)
		oid = oid_in(schema, "pg_catalog", name);
	for (; !oid && path && *path; path++)
		oid = oid_in(schema, *path, name);
	return oid;
}

bool relation_name(const struct schema *schema, uint32_t oid,
		   const char **ret_schema, const char **ret_name)
{
	const struct schema_table *table = schema_table_by_oid(schema, oid);
	const struct schema_sequence *sequence;
	const struct schema_index *index = NULL;

	if (table) {
		*ret_schema = table->schema;
		*ret_name = table->name;
		return true;
	}
	sequence = schema_sequence_by_oid(schema, oid);
	if (sequence) {
		*ret_schema = sequence->schema;
		*ret_name = sequence->name;
		return true;
	}
	index = schema_index_by_oid(schema, oid, &table);
	if (index) {
		*ret_schema = table->schema;
		*ret_name = index->name;
	}
	return index != NULL;
}

bool name_is_visible(const struct schema *schema, const char *const *path,
		     const char *in, const char *name)
{
	uint32_t found = relation_oid(schema, path, NULL, name);

	return found && found == oid_in(schema, in, name);
}

const char *name_qualified(struct arena *arena, const struct schema *schema,
			   const char *const *path, const char *in,
			   const char *name)
{
	if (name_is_visible(schema, path, in, name))
		return name_quoted(arena, name);
	return arena_printf(arena, "%s.%s", name_quoted(arena, in),
			    name_quoted(arena, name));
}

/* --- types -------------------------------------------------------------- */

static bool on_path(const char *const *path, const char *schema)
{
	for (; path && *path; path++)
		if (strcmp(*path, schema) == 0)
			return true;
	return false;
}

static uint32_t array_of_row(const struct catalog_facts *facts, const char *row)
{
	return catalog_facts_number((const char *)catalog_facts_cell(
		row, catalog_facts_column(facts, "typarray")).at);
}

/* Postgres's own by its name in pg_type: row types of the catalogs, arrays,
 * domains. */
static uint32_t own_type_oid(uint32_t in, const char *name, bool array)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_type");
	int names = catalog_facts_column(facts, "typname");
	int spaces = catalog_facts_column(facts, "typnamespace");

	for (size_t i = 0; i < facts->count; i++) {
		const char *row = facts->rows[i];

		if (slice_is(catalog_facts_cell(row, names), name) &&
		    catalog_facts_number((const char *)catalog_facts_cell(
			    row, spaces).at) == in)
			return array ? array_of_row(facts, row) :
				       catalog_facts_number(row);
	}
	return 0;
}

static uint32_t type_oid_in(const struct schema *schema, const char *in,
			    const char *name, bool array)
{
	for (int i = 0; i < schema->enum_count; i++) {
		const struct schema_enum *row = &schema->enums[i];

		if (strcmp(row->schema, in) != 0)
			continue;
		if (strcmp(row->name, name) == 0)
			return array ? row->array_oid : row->oid;
		if (!array && name[0] == '_' &&
		    strcmp(row->name, name + 1) == 0)
			return row->array_oid;
	}
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *row = &schema->domains[i];

		if (strcmp(row->schema, in) == 0 &&
		    strcmp(row->name, name) == 0)
			return array ? row->array_oid : row->oid;
	}
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		if (table->catalog || strcmp(table->schema, in) != 0)
			continue;
		if (strcmp(table->name, name) == 0)
			return array ? table->array_oid : table->type_oid;
		if (!array && name[0] == '_' &&
		    strcmp(table->name, name + 1) == 0)
			return table->array_oid;
	}
	return own_type_oid(namespace_oid(schema, in), name, array);
}

static uint32_t user_type_oid(const struct schema *schema,
			      const char *const *path, const char *in,
			      const char *name, bool array)
{
	uint32_t oid;

	if (in)
		return type_oid_in(schema, strcmp(in, "pg_temp") == 0 ?
				   SCHEMA_TEMP : in, name, array);
	oid = type_oid_in(schema, SCHEMA_TEMP, name, array);
	if (!oid)
		oid = type_oid_in(schema, "pg_catalog", name, array);
	for (; !oid && path && *path; path++)
		oid = type_oid_in(schema, *path, name, array);
	return oid;
}

/* "timestamp (3) with time zone []": without what stands in parentheses, and
 * whether it is an array. Postgres folds any depth of [] to one type. */
static char *bare_type(struct arena *arena, struct slice text, bool *array)
{
	char *out = arena_alloc(arena, text.length + 1);
	size_t length = 0;
	int depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.length; i++) {
		uint8_t c = text.at[i];

		quoted ^= c == '"';
		depth += !quoted && c == '(';
		if (!depth && (!isspace(c) || quoted ||
			       (length && out[length - 1] != ' ')))
			out[length++] = quoted ? (char)c : (char)tolower(c);
		depth -= !quoted && c == ')' && depth;
	}
	*array = false;
	for (;;) {
		while (length && out[length - 1] == ' ')
			length--;
		if (length < 2 || memcmp(out + length - 2, "[]", 2) != 0)
			break;
		*array = true;
		length -= 2;
	}
	out[length] = 0;
	return out;
}

uint32_t type_name_oid(const struct schema *schema, const char *const *path,
		       struct slice text)
{
	struct arena arena = { 0 };
	const struct type *type;
	const char *in, *name, *own;
	bool array;
	char *bare = bare_type(&arena, text, &array);
	uint32_t oid = 0;

	own = strncmp(bare, "pg_catalog.", 11) == 0 ? bare + 11 : bare;
	if (strcmp(bare, "char") == 0)	/* SQL's, not the type of that name */
		own = "character";
	type = strcmp(own, "\"char\"") == 0 ? type_by_oid(OID_CHAR) :
					     type_by_name(slice_text(own));
	if (type)
		oid = array ? type->array : type->oid;
	else if (name_parse(&arena, slice_text(bare), &in, &name))
		oid = user_type_oid(schema, path, in, name, array);
	arena_fini(&arena);
	return oid;
}

static const char *user_type_text(struct arena *arena,
				  const char *const *path, const char *in,
				  const char *name, bool array)
{
	const char *suffix = array ? "[]" : "";

	if (on_path(path, in) || strcmp(in, SCHEMA_TEMP) == 0 ||
	    strcmp(in, "pg_catalog") == 0)
		return arena_printf(arena, "%s%s", name_quoted(arena, name),
				    suffix);
	return arena_printf(arena, "%s.%s%s", name_quoted(arena, in),
			    name_quoted(arena, name), suffix);
}

static const char *own_type_text(struct arena *arena,
				 const struct schema *schema,
				 const char *const *path, uint32_t oid)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_type");
	const char *row = catalog_facts_row(facts, oid), *name;
	uint32_t in;

	if (!row)
		return NULL;
	name = arena_dup(arena, catalog_facts_cell(
		row, catalog_facts_column(facts, "typname")));
	in = catalog_facts_number((const char *)catalog_facts_cell(
		row, catalog_facts_column(facts, "typnamespace")).at);
	return user_type_text(arena, path, namespace_name(schema, in),
			      name + (name[0] == '_'), name[0] == '_');
}

const char *type_name_text(struct arena *arena, const struct schema *schema,
			   const char *const *path, uint32_t oid,
			   int32_t typmod)
{
	const char *text;

	if (!oid)
		return "-";
	if (typmod == TYPMOD_NONE && type_by_oid(oid))
		return type_by_oid(oid)->sql_name;
	text = type_format(arena, oid, typmod);
	if (text)
		return text;
	for (int i = 0; i < schema->enum_count; i++) {
		const struct schema_enum *row = &schema->enums[i];

		if (row->oid == oid || row->array_oid == oid)
			return user_type_text(arena, path, row->schema,
					      row->name, row->oid != oid);
	}
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *row = &schema->domains[i];

		if (row->oid == oid || row->array_oid == oid)
			return user_type_text(arena, path, row->schema,
					      row->name, row->oid != oid);
	}
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		if (table->type_oid == oid ||
		    (table->array_oid && table->array_oid == oid))
			return user_type_text(arena, path, table->schema,
					      table->name,
					      table->type_oid != oid);
	}
	text = own_type_text(arena, schema, path, oid);
	return text ? text : "???";
}

bool type_name_parts(struct arena *arena, const struct schema *schema,
		     uint32_t oid, const char **ret_schema,
		     const char **ret_name)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_type");
	const char *row = catalog_facts_row(facts, oid);

	if (row) {
		*ret_schema = namespace_name(schema, catalog_facts_number(
			(const char *)catalog_facts_cell(
				row, catalog_facts_column(
					facts, "typnamespace")).at));
		*ret_name = arena_dup(arena, catalog_facts_cell(
			row, catalog_facts_column(facts, "typname")));
		return true;
	}
	for (int i = 0; i < schema->enum_count; i++) {
		const struct schema_enum *type = &schema->enums[i];

		*ret_schema = type->schema;
		*ret_name = type->oid == oid ? type->name :
			    arena_printf(arena, "_%s", type->name);
		if (type->oid == oid || type->array_oid == oid)
			return true;
	}
	for (int i = 0; i < schema->domain_count; i++) {
		const struct schema_domain *type = &schema->domains[i];

		*ret_schema = type->schema;
		*ret_name = type->oid == oid ? type->name :
			    arena_printf(arena, "_%s", type->name);
		if (type->oid == oid || type->array_oid == oid)
			return true;
	}
	for (int i = 0; i < schema->table_count; i++) {
		const struct schema_table *table = &schema->tables[i];

		*ret_schema = table->schema;
		*ret_name = table->type_oid == oid ? table->name :
			    arena_printf(arena, "_%s", table->name);
		if (table->type_oid == oid || table->array_oid == oid)
			return oid != 0;
	}
	return false;
}

uint32_t type_name_find(const struct schema *schema, const char *const *path,
			const char *in, const char *name)
{
	return user_type_oid(schema, path, in, name, false);
}

/* --- roles -------------------------------------------------------------- */

const char *role_name(struct arena *arena,
		      const struct compile_session *session, uint32_t oid)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_authid");
	const char *row = catalog_facts_row(facts, oid);

	if (oid == ROLE_OID)
		return session->user;
	return row ? arena_dup(arena, catalog_facts_cell(
			     row, catalog_facts_column(facts, "rolname"))) :
		     NULL;
}

uint32_t role_oid(const struct compile_session *session, const char *name)
{
	const struct catalog_facts *facts = catalog_facts_of("pg_authid");
	int column = catalog_facts_column(facts, "rolname");

	if (strcmp(name, session->user) == 0)
		return ROLE_OID;
	for (size_t i = 0; i < facts->count; i++)
		if (slice_is(catalog_facts_cell(facts->rows[i], column), name))
			return catalog_facts_number(facts->rows[i]);
	return 0;
}

/* --- namespaces --------------------------------------------------------- */

uint32_t namespace_oid(const struct schema *schema, const char *name)
{
	const struct schema_namespace *row =
		schema_find_namespace(schema, name);

	return row ? row->oid : 0;
}

const char *namespace_name(const struct schema *schema, uint32_t oid)
{
	for (int i = 0; i < schema->namespace_count; i++)
		if (schema->namespaces[i].oid == oid)
			return schema->namespaces[i].name;
	return NULL;
}

/* --- the reg* types ----------------------------------------------------- */

bool reg_is(uint32_t type)
{
	switch (type) {
	case OID_REGCLASS:
	case OID_REGTYPE:
	case OID_REGNAMESPACE:
	case OID_REGROLE:
	case OID_REGPROC:
	case OID_REGPROCEDURE:
	case OID_REGOPER:
	case OID_REGCONFIG:
		return true;
	default:
		return false;
	}
}

static bool read_number(struct slice text, uint32_t *ret_oid)
{
	uint64_t value = 0;

	if (slice_is(text, "-")) {
		*ret_oid = 0;
		return true;
	}
	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' || value > UINT32_MAX)
			return false;
		value = value * 10 + (text.at[i] - '0');
	}
	*ret_oid = (uint32_t)value;
	return text.length > 0 && value <= UINT32_MAX;
}

static bool read_relation(const struct schema *schema,
			  const struct compile_session *session,
			  struct slice text, struct arena *arena,
			  uint32_t *ret_oid, struct error *error)
{
	const char *in, *name;

	if (!name_parse(arena, text, &in, &name))
		return error_set(error, "42602", "invalid name syntax");
	*ret_oid = relation_oid(schema, session->search_path, in, name);
	if (*ret_oid)
		return true;
	return error_set(error, SQLSTATE_UNDEFINED_TABLE,
			 "relation \"%s%s%s\" does not exist", in ? in : "",
			 in ? "." : "", name);
}

bool reg_read(const struct schema *schema,
	      const struct compile_session *session, uint32_t reg_type,
	      struct slice text, struct arena *arena, uint32_t *ret_oid,
	      struct error *error)
{
	const char *in, *name;

	if (read_number(text, ret_oid))
		return true;
	switch (reg_type) {
	case OID_REGCLASS:
		return read_relation(schema, session, text, arena, ret_oid,
				     error);
	case OID_REGTYPE:
		*ret_oid = type_name_oid(schema, session->search_path, text);
		if (!*ret_oid && name_parse(arena, text, &in, &name) && in &&
		    !namespace_oid(schema, in))
			return error_set(error, SQLSTATE_INVALID_SCHEMA,
					 "schema \"%s\" does not exist", in);
		return *ret_oid ||
		       error_set(error, SQLSTATE_UNDEFINED_OBJECT,
				 "type \"%.*s\" does not exist",
				 (int)text.length, (const char *)text.at);
	case OID_REGNAMESPACE:
		*ret_oid = name_parse(arena, text, &in, &name) ?
			   namespace_oid(schema, name) : 0;
		return *ret_oid ||
		       error_set(error, SQLSTATE_INVALID_SCHEMA,
				 "schema \"%.*s\" does not exist",
				 (int)text.length, (const char *)text.at);
	case OID_REGROLE:
		*ret_oid = name_parse(arena, text, &in, &name) ?
			   role_oid(session, name) : 0;
		return *ret_oid ||
		       error_set(error, SQLSTATE_UNDEFINED_OBJECT,
				 "role \"%.*s\" does not exist",
				 (int)text.length, (const char *)text.at);
	default:
		return function_name_read(schema, session, reg_type, text,
					  arena, ret_oid, error);
	}
}

const char *reg_text(const struct schema *schema,
		     const struct compile_session *session, uint32_t reg_type,
		     uint32_t oid, struct arena *arena)
{
	const char *const *path = session->search_path;
	const char *in = NULL, *name = NULL;

	if (!oid)
		return reg_type == OID_REGOPER || reg_type == 2204 ? "0" : "-";
	switch (reg_type) {
	case OID_REGCLASS:
		if (relation_name(schema, oid, &in, &name))
			return name_qualified(arena, schema, path, in, name);
		break;
	case OID_REGTYPE:
		name = type_name_text(arena, schema, path, oid, TYPMOD_NONE);
		if (strcmp(name, "???") != 0)
			return name;
		break;
	case OID_REGNAMESPACE:
		name = namespace_name(schema, oid);
		if (name)
			return name_quoted(arena, name);
		break;
	case OID_REGROLE:
		name = role_name(arena, session, oid);
		if (name)
			return name_quoted(arena, name);
		break;
	default:
		name = function_name_text(schema, session, reg_type, oid,
					  arena);
		if (name)
			return name;
		break;
	}
	return arena_printf(arena, "%u", oid);
}
