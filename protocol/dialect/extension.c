#include "protocol/dialect/extension.h"

#include <string.h>

static const struct extension_row rows[] = {
	{ "btree_gin", "1.3", "support for indexing common datatypes in GIN",
	  NULL },
	{ "btree_gist", "1.7", "support for indexing common datatypes in GiST",
	  NULL },
	{ "citext", "1.6", "data type for case-insensitive character strings",
	  "citext" },
	{ "hstore", "1.8", "data type for storing sets of (key, value) pairs",
	  "hstore" },
	{ "pg_trgm", "1.6", "text similarity measurement and index searching "
			    "based on trigrams", NULL },
	{ "pgcrypto", "1.3", "cryptographic functions", NULL },
	{ "plpgsql", "1.0", "PL/pgSQL procedural language", NULL },
	{ "uuid-ossp", "1.1", "generate universally unique identifiers "
			      "(UUIDs)", NULL },
	{ 0 },
};

const struct extension_row *extension_find(const char *name)
{
	for (const struct extension_row *row = rows; row->name; row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
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
