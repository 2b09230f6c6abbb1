#include "protocol/dialect/extension.h"

#include <string.h>

/* What they bring and weir has not has no text. */
static const struct call_row pgcrypto_calls[] = {
	{ "crypt", 2, 0, { OID_TEXT, OID_TEXT }, OID_TEXT, .print = NULL },
	{ "digest", 2, 0, { OID_TEXT, OID_TEXT }, OID_BYTEA,
	  .print = "pg_digest($*)" },
	{ "digest", 2, 0, { OID_BYTEA, OID_TEXT }, OID_BYTEA,
	  .print = "pg_digest($*)" },
	{ "gen_random_bytes",
	  1,
	  0,
	  { OID_INT4 },
	  OID_BYTEA,
	  CALL_VOLATILE,
	  .print = "pg_gen_random_bytes($1)" },
	{ "gen_salt",
	  1,
	  0,
	  { OID_TEXT },
	  OID_TEXT,
	  CALL_VOLATILE,
	  .print = NULL },
	{ "gen_salt",
	  2,
	  0,
	  { OID_TEXT, OID_INT4 },
	  OID_TEXT,
	  CALL_VOLATILE,
	  .print = NULL },
	{ "hmac",
	  3,
	  0,
	  { OID_TEXT, OID_TEXT, OID_TEXT },
	  OID_BYTEA,
	  .print = "pg_hmac($*)" },
	{ "hmac",
	  3,
	  0,
	  { OID_BYTEA, OID_BYTEA, OID_TEXT },
	  OID_BYTEA,
	  .print = "pg_hmac($*)" },
	{ 0 },
};

static const struct call_row trgm_calls[] = {
	{ "set_limit",
	  1,
	  0,
	  { OID_FLOAT4 },
	  OID_FLOAT4,
	  CALL_VOLATILE,
	  .print = NULL },
	{ "show_limit", 0, 0, { 0 }, OID_FLOAT4, .print = NULL },
	{ "show_trgm", 1, 0, { OID_TEXT }, OID_TEXT_ARRAY, .print = NULL },
	{ "similarity",
	  2,
	  0,
	  { OID_TEXT, OID_TEXT },
	  OID_FLOAT4,
	  .print = NULL },
	{ "strict_word_similarity",
	  2,
	  0,
	  { OID_TEXT, OID_TEXT },
	  OID_FLOAT4,
	  .print = NULL },
	{ "word_similarity",
	  2,
	  0,
	  { OID_TEXT, OID_TEXT },
	  OID_FLOAT4,
	  .print = NULL },
	{ 0 },
};

static const struct operator_row trgm_operators[] = {
	{ "%", OID_TEXT, OID_TEXT, OID_BOOL, NULL },
	{ "%>", OID_TEXT, OID_TEXT, OID_BOOL, NULL },
	{ "%>>", OID_TEXT, OID_TEXT, OID_BOOL, NULL },
	{ "<%", OID_TEXT, OID_TEXT, OID_BOOL, NULL },
	{ "<->", OID_TEXT, OID_TEXT, OID_FLOAT4, NULL },
	{ "<->>", OID_TEXT, OID_TEXT, OID_FLOAT4, NULL },
	{ "<->>>", OID_TEXT, OID_TEXT, OID_FLOAT4, NULL },
	{ "<<%", OID_TEXT, OID_TEXT, OID_BOOL, NULL },
	{ "<<->", OID_TEXT, OID_TEXT, OID_FLOAT4, NULL },
	{ "<<<->", OID_TEXT, OID_TEXT, OID_FLOAT4, NULL },
	{ 0 },
};

static const struct call_row uuid_calls[] = {
	{ "uuid_generate_v1",
	  0,
	  0,
	  { 0 },
	  OID_UUID,
	  CALL_VOLATILE,
	  .print = NULL },
	{ "uuid_generate_v1mc",
	  0,
	  0,
	  { 0 },
	  OID_UUID,
	  CALL_VOLATILE,
	  .print = NULL },
	{ "uuid_generate_v3",
	  2,
	  0,
	  { OID_UUID, OID_TEXT },
	  OID_UUID,
	  .print = "pg_uuid_generate_v3($*)" },
	{ "uuid_generate_v4",
	  0,
	  0,
	  { 0 },
	  OID_UUID,
	  CALL_VOLATILE,
	  .print = "pg_gen_random_uuid()" },
	{ "uuid_generate_v5",
	  2,
	  0,
	  { OID_UUID, OID_TEXT },
	  OID_UUID,
	  .print = "pg_uuid_generate_v5($*)" },
	{ "uuid_nil",
	  0,
	  0,
	  { 0 },
	  OID_UUID,
	  0,
	  .print = "'00000000-0000-0000-0000-000000000000'" },
	{ "uuid_ns_dns", 0, 0, { 0 }, OID_UUID,
	  .print = "'6ba7b810-9dad-11d1-80b4-00c04fd430c8'" },
	{ "uuid_ns_oid", 0, 0, { 0 }, OID_UUID,
	  .print = "'6ba7b812-9dad-11d1-80b4-00c04fd430c8'" },
	{ "uuid_ns_url", 0, 0, { 0 }, OID_UUID,
	  .print = "'6ba7b811-9dad-11d1-80b4-00c04fd430c8'" },
	{ "uuid_ns_x500", 0, 0, { 0 }, OID_UUID,
	  .print = "'6ba7b814-9dad-11d1-80b4-00c04fd430c8'" },
	{ 0 },
};

static const struct extension_row rows[] = {
	{ "btree_gin", "1.3", "support for indexing common datatypes in GIN",
	  .type = NULL },
	{ "btree_gist", "1.7", "support for indexing common datatypes in GiST",
	  .type = NULL },
	{ "citext", "1.6", "data type for case-insensitive character strings",
	  .type = "citext" },
	{ "hstore", "1.8", "data type for storing sets of (key, value) pairs",
	  .type = "hstore" },
	{ "pg_trgm", "1.6",
	  "text similarity measurement and index searching "
	  "based on trigrams",
	  .calls = trgm_calls,
	  .operators = trgm_operators },
	{ "pgcrypto", "1.3", "cryptographic functions",
	  .calls = pgcrypto_calls },
	{ "plpgsql", "1.0", "PL/pgSQL procedural language", .type = NULL },
	{ "uuid-ossp", "1.1",
	  "generate universally unique identifiers "
	  "(UUIDs)",
	  .calls = uuid_calls },
	{ 0 },
};

const struct extension_row *extension_find(const char *name)
{
	for (const struct extension_row *row = rows; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const struct extension_row *extension_at(size_t index)
{
	return index < sizeof(rows) / sizeof(*rows) - 1 ? &rows[index] : NULL;
}

const struct extension_row *extension_of_type(const struct schema *schema,
					      const char *type)
{
	for (const struct extension_row *row = rows; row->name; row++)
		if (row->type && strcmp(row->type, type) == 0 &&
		    schema_find_extension(schema, row->name))
			return row;
	return NULL;
}

static const struct call_row *first_call(const struct call_row *row,
					 const char *name)
{
	while (row && row->name && strcmp(row->name, name) != 0)
		row++;
	return row && row->name ? row : NULL;
}

const struct call_row *extension_calls(const struct schema *schema,
				       const char *name, int *ret_count)
{
	const struct call_row *first = NULL;

	for (const struct extension_row *row = rows; row->name && !first; row++)
		if (schema_find_extension(schema, row->name))
			first = first_call(row->calls, name);
	*ret_count = 0;
	while (first && first[*ret_count].name &&
	       strcmp(first[*ret_count].name, name) == 0)
		++*ret_count;
	return first;
}

const struct operator_row *extension_operator(const struct schema *schema,
					      const char *name)
{
	for (const struct extension_row *row = rows; row->name; row++) {
		const struct operator_row *found = row->operators;

		if (!found || !schema_find_extension(schema, row->name))
			continue;
		for (; found->name; found++)
			if (strcmp(found->name, name) == 0)
				return found;
	}
	return NULL;
}
