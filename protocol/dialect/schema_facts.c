#include "protocol/dialect/schema_facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "protocol/type.h"

static const char *const tables[] = {
	"_weir_oid(next INTEGER NOT NULL)",
	"_weir_object(oid INTEGER PRIMARY KEY, kind TEXT NOT NULL, "
	"namespace TEXT NOT NULL, name TEXT NOT NULL, row_type INTEGER, "
	"array_type INTEGER, text TEXT, comment TEXT)",
	"_weir_column(parent INTEGER NOT NULL, position INTEGER NOT NULL, "
	"name TEXT NOT NULL, type INTEGER NOT NULL, typmod INTEGER NOT NULL, "
	"default_text TEXT, identity TEXT, generated TEXT, comment TEXT, "
	"collation INTEGER, PRIMARY KEY(parent, position)) WITHOUT ROWID",
	"_weir_constraint(oid INTEGER PRIMARY KEY, parent INTEGER NOT NULL, "
	"position INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, "
	"columns TEXT NOT NULL, check_text TEXT, foreign_table INTEGER, "
	"foreign_columns TEXT, on_update TEXT, on_delete TEXT, "
	"is_deferrable INTEGER, is_deferred INTEGER, comment TEXT, "
	"not_valid INTEGER, match_full INTEGER)",
	"_weir_index(oid INTEGER PRIMARY KEY, parent INTEGER NOT NULL, "
	"position INTEGER NOT NULL, name TEXT NOT NULL, is_unique INTEGER, "
	"is_primary INTEGER, method TEXT, keys TEXT NOT NULL, "
	"included INTEGER, predicate TEXT, serves TEXT, comment TEXT, "
	"nulls_equal INTEGER, options TEXT)",
	"_weir_sequence(oid INTEGER PRIMARY KEY, type INTEGER NOT NULL, "
	"start INTEGER NOT NULL, increment INTEGER NOT NULL, "
	"minimum INTEGER NOT NULL, maximum INTEGER NOT NULL, "
	"cycle INTEGER NOT NULL, owner_table INTEGER, owner_column TEXT, "
	"is_identity INTEGER, last_value INTEGER NOT NULL, "
	"is_called INTEGER NOT NULL)",
	"_weir_enum(parent INTEGER NOT NULL, position INTEGER NOT NULL, "
	"oid INTEGER NOT NULL, label TEXT NOT NULL, "
	"PRIMARY KEY(parent, position)) WITHOUT ROWID",
};

const struct facts_addition facts_additions[] = {
	{ "_weir_column", "collation", "INTEGER" },
	{ "_weir_index", "nulls_equal", "INTEGER" },
	{ "_weir_index", "options", "TEXT" },
	{ "_weir_constraint", "not_valid", "INTEGER" },
	{ "_weir_constraint", "match_full", "INTEGER" },
	{ 0 },
};

#define TABLE_COUNT (sizeof(tables) / sizeof(tables[0]))

const char **facts_tables_sql(struct arena *arena, const char *database)
{
	const char **sql = arena_alloc(arena, (TABLE_COUNT + 4) * sizeof(*sql));
	size_t count = 0;

	for (size_t i = 0; i < TABLE_COUNT; i++)
		sql[count++] = arena_printf(
			arena, "CREATE TABLE IF NOT EXISTS %s.%s", database,
			tables[i]);
	/* temporary objects take their OIDs from the file's counter too */
	if (strcmp(database, "main") == 0)
		sql[count++] = arena_printf(
			arena,
			"INSERT INTO main._weir_oid SELECT %d WHERE NOT EXISTS"
			" (SELECT 1 FROM main._weir_oid)", OID_USER_FIRST);
	sql[count++] = arena_printf(
		arena, "CREATE INDEX IF NOT EXISTS %s._weir_constraint_parent "
		"ON _weir_constraint(parent)", database);
	sql[count++] = arena_printf(
		arena, "CREATE INDEX IF NOT EXISTS %s._weir_index_parent "
		"ON _weir_index(parent)", database);
	return sql;
}

const char *facts_or_null(struct arena *arena, const char *others,
			  const char *part)
{
	return arena_printf(arena, "%s%s%s IS NULL", others,
			    *others ? " OR " : "", part);
}

bool facts_name_is_reserved(const char *name)
{
	return strncasecmp(name, "_weir_", 6) == 0 ||
	       strncasecmp(name, "sqlite_", 7) == 0;
}

const char *facts_lite_name(struct arena *arena, const char *schema,
			    const char *name)
{
	if (strcmp(schema, "public") == 0 || strcmp(schema, SCHEMA_TEMP) == 0)
		return arena_text(arena, name);
	return arena_printf(arena, "%s.%s", schema, name);
}

/* --- declared types ----------------------------------------------------- */

/* Words that do not convert: what stands right of the Postgres name decides
 * SQLite's affinity. `modified` takes the digits of the typmod. */
static const struct declared {
	uint32_t oid;
	const char *plain;
	const char *modified;
} declared_types[] = {
	{ OID_BOOL, "boolean", NULL },
	{ OID_INT2, "smallint", NULL },
	{ OID_INT4, "integer", NULL },
	{ OID_INT8, "bigint", NULL },
	{ OID_OID, "oid integer", NULL },
	{ OID_REGCLASS, "regclass integer", NULL },
	{ OID_REGTYPE, "regtype integer", NULL },
	{ OID_REGPROC, "regproc integer", NULL },
	{ OID_REGNAMESPACE, "regnamespace integer", NULL },
	{ OID_REGROLE, "regrole integer", NULL },
	{ OID_FLOAT4, "real", NULL },
	{ OID_FLOAT8, "double precision", NULL },
	{ OID_NUMERIC, "numeric text", "numeric text(%d,%d)" },
	{ OID_TEXT, "text", NULL },
	{ OID_VARCHAR, "varchar", "varchar(%d)" },
	{ OID_BPCHAR, "bpchar", "char(%d)" },
	{ OID_CHAR, "\"\"\"char\"\" text\"", NULL },
	{ OID_NAME, "name text", NULL },
	{ OID_XML, "xml text", NULL },
	{ OID_BYTEA, "bytea blob", NULL },
	{ OID_UUID, "uuid text", NULL },
	{ OID_DATE, "date text", NULL },
	{ OID_TIME, "time text", "time text(%d)" },
	{ OID_TIMETZ, "timetz text", "timetz text(%d)" },
	{ OID_TIMESTAMP, "timestamp text", "timestamp text(%d)" },
	{ OID_TIMESTAMPTZ, "timestamptz text", "timestamptz text(%d)" },
	{ OID_INTERVAL, "ivl text", NULL },
	{ OID_JSON, "json text", NULL },
	{ OID_JSONB, "jsonb text", NULL },
	{ OID_INT2VECTOR, "vector2 text", NULL },	/* "int" would convert */
	{ OID_OIDVECTOR, "oidvector text", NULL },
	{ OID_INET, "inet text", NULL },
	{ OID_CIDR, "cidr text", NULL },
	{ OID_MACADDR, "macaddr text", NULL },
};

#define DECLARED_COUNT (sizeof(declared_types) / sizeof(declared_types[0]))

static const char *print_modified(struct arena *arena,
				  const struct declared *row, int32_t typmod)
{
	switch (row->oid) {
	case OID_NUMERIC:
		return arena_printf(arena, "numeric text(%d,%d)",
				    (typmod - 4) >> 16 & 0xffff,
				    (typmod - 4) & 0x7ff);
	case OID_VARCHAR:
		return arena_printf(arena, "varchar(%d)", typmod - 4);
	case OID_BPCHAR:
		return arena_printf(arena, "char(%d)", typmod - 4);
	default:
		return arena_printf(arena, "%s(%d)", row->plain, typmod);
	}
}

/* A type name of the user's inside a declared type. SQLite sees INTEGER in
 * any name with "int" in it, and would turn the label '0012' into 12. */
static const char *defuse(struct arena *arena, const char *name)
{
	char *out = arena_alloc(arena, strlen(name) * 2 + 1);
	size_t length = 0;

	for (; *name; name++) {
		if (*name == '"')
			out[length++] = '"';
		out[length++] = *name;
		if (strncasecmp(name, "int", 3) == 0)
			out[length++] = '_';
	}
	return out;
}

static const struct schema_enum *enum_of_array(const struct schema *schema,
					       uint32_t array)
{
	for (int i = 0; schema && i < schema->enum_count; i++)
		if (schema->enums[i].array_oid == array)
			return &schema->enums[i];
	return NULL;
}

static const char *declared_user_type(struct arena *arena,
				      const struct schema *schema,
				      uint32_t oid)
{
	const struct schema_enum *found;

	found = schema ? schema_enum_by_oid(schema, oid) : NULL;
	if (found)
		return arena_printf(arena, "\"enum:%s text\"",
				    defuse(arena, found->name));
	found = enum_of_array(schema, oid);
	if (found)
		return arena_printf(arena, "\"enum:%s[] text\"",
				    defuse(arena, found->name));
	return NULL;
}

const char *facts_declared_type(struct arena *arena,
				const struct schema *schema, uint32_t oid,
				int32_t typmod)
{
	const struct type *type;

	for (size_t i = 0; i < DECLARED_COUNT; i++) {
		const struct declared *row = &declared_types[i];

		if (row->oid == oid)
			return typmod >= 0 && row->modified ?
			       print_modified(arena, row, typmod) : row->plain;
	}
	if (oid >= OID_USER_FIRST)
		return declared_user_type(arena, schema, oid);
	type = type_by_oid(oid);
	if (type && type->element && type->length == -1 &&
	    facts_declared_type(arena, schema, type->element, -1))
		return arena_printf(arena, "\"%s text\"",
				    type_format(arena, oid, typmod));
	return NULL;
}

/* --- reading declared types --------------------------------------------- */

/* What other programs write. Lower case, without "(20)". */
static const struct foreign_type {
	const char *name;
	uint32_t oid;
} foreign_types[] = {
	{ "integer", OID_INT8 },	/* SQLite's holds 64 bits */
	{ "int", OID_INT8 },
	{ "mediumint", OID_INT4 },
	{ "tinyint", OID_INT2 },
	{ "unsigned big int", OID_INT8 },
	{ "bool", OID_BOOL },
	{ "boolean", OID_BOOL },
	{ "datetime", OID_TIMESTAMP },
	{ "double", OID_FLOAT8 },
	{ "float", OID_FLOAT8 },
	{ "real", OID_FLOAT8 },
	{ "clob", OID_TEXT },
	{ "string", OID_TEXT },
	{ "nvarchar", OID_VARCHAR },
	{ "nchar", OID_VARCHAR },
	{ "native character", OID_VARCHAR },
	{ "varying character", OID_VARCHAR },
	{ "character", OID_VARCHAR },	/* not padded, unlike bpchar */
	{ "char", OID_VARCHAR },
	{ "blob", OID_BYTEA },
	{ "bytea blob", OID_BYTEA },
	{ "longblob", OID_BYTEA },
	{ "binary", OID_BYTEA },
	{ "varbinary", OID_BYTEA },
	{ "ivl text", OID_INTERVAL },
	{ "oid integer", OID_OID },
	{ "regclass integer", OID_REGCLASS },
	{ "datetime2", OID_TIMESTAMP },
	{ "smalldatetime", OID_TIMESTAMP },
	{ "number", OID_NUMERIC },
	{ "dec", OID_NUMERIC },
	{ "currency", OID_NUMERIC },
	{ "money", OID_NUMERIC },
	{ "guid", OID_UUID },
	{ "uniqueidentifier", OID_UUID },
	{ "any", OID_TEXT },
	{ "", OID_TEXT },
};

/* Of the types that have a name, not all have values here. */
static bool is_stored(const struct type *type)
{
	uint32_t oid = type->element && type->length == -1 ? type->element :
							     type->oid;

	for (size_t i = 0; i < DECLARED_COUNT; i++)
		if (declared_types[i].oid == oid)
			return true;
	return false;
}

static bool type_by_affinity(const char *lower, uint32_t *ret_type)
{
	switch (foreign_affinity(lower)) {
	case 'i':
		*ret_type = OID_INT8;
		return true;
	case 't':
		*ret_type = OID_TEXT;
		return true;
	case 'b':
		*ret_type = *lower ? OID_BYTEA : OID_TEXT;
		return true;
	case 'r':
		*ret_type = OID_FLOAT8;
		return true;
	default:
		*ret_type = OID_TEXT;
		return false;
	}
}

static bool type_of_word(const char *lower, uint32_t *ret_type)
{
	size_t length = strlen(lower);
	const struct type *type;

	for (size_t i = 0; i < sizeof(foreign_types) / sizeof(*foreign_types);
	     i++)
		if (strcmp(foreign_types[i].name, lower) == 0) {
			*ret_type = foreign_types[i].oid;
			return true;
		}
	if (length > 5 && strcmp(lower + length - 5, " text") == 0)
		length -= 5;	/* of weir's own making */
	type = type_by_name(slice_make(lower, length));
	if (!type || type->kind != 'b')
		return type_by_affinity(lower, ret_type);
	*ret_type = is_stored(type) ? type->oid : OID_TEXT;
	return is_stored(type);
}

/* "Numeric text(10, 2)" to "numeric text" and up to two numbers. */
static int split_declared(const char *declared, char *lower, size_t room,
			  long numbers[2])
{
	const char *open = strchr(declared, '(');
	size_t length = open ? (size_t)(open - declared) : strlen(declared);
	int count = 0;
	char *end;

	while (length && isspace((unsigned char)declared[length - 1]))
		length--;
	if (length >= room)
		length = room - 1;
	for (size_t i = 0; i < length; i++)
		lower[i] = (char)tolower((unsigned char)declared[i]);
	lower[length] = 0;
	for (; open && count < 2; open = *end == ',' ? end : NULL) {
		numbers[count] = strtol(open + 1, &end, 10);
		if (end == open + 1)
			break;
		count++;
	}
	return count;
}

static int32_t typmod_of(uint32_t type, int count, const long numbers[2])
{
	if (count < 1 || numbers[0] < 0 || numbers[0] > 10485760)
		return -1;
	switch (type) {
	case OID_VARCHAR:
	case OID_BPCHAR:
		return numbers[0] > 0 ? (int32_t)numbers[0] + 4 : -1;
	case OID_NUMERIC:
		if (numbers[0] < 1 || numbers[0] > 1000)
			return -1;
		if (count > 1 && (numbers[1] < 0 || numbers[1] > 1000))
			return -1;
		return (int32_t)(numbers[0] << 16 |
				 (count > 1 ? numbers[1] : 0)) + 4;
	case OID_TIME:
	case OID_TIMETZ:
	case OID_TIMESTAMP:
	case OID_TIMESTAMPTZ:
		return numbers[0] <= 6 ? (int32_t)numbers[0] : -1;
	default:
		return -1;
	}
}

bool facts_read_declared(const char *declared, uint32_t *ret_type,
			 int32_t *ret_typmod)
{
	long numbers[2] = { 0 };
	char lower[128];
	int count = split_declared(declared, lower, sizeof(lower), numbers);

	bool known = type_of_word(lower, ret_type);

	*ret_typmod = typmod_of(*ret_type, count, numbers);
	return known;
}

/* --- lists -------------------------------------------------------------- */

const char *facts_join(struct arena *arena, const char *const *items,
		       int count)
{
	size_t room = 1;
	char *out, *at;

	for (int i = 0; i < count; i++)
		room += strlen(items[i]) * 2 + 3;
	at = out = arena_alloc(arena, room);
	for (int i = 0; i < count; i++) {
		if (i)
			*at++ = ',';
		*at++ = '"';
		for (const char *from = items[i]; *from; from++) {
			if (*from == '"')
				*at++ = '"';
			*at++ = *from;
		}
		*at++ = '"';
	}
	return out;
}

/* Reads one quoted item to *out and moves past it there; returns what
 * follows it, NULL where there is none. */
static const char *split_one(const char *at, char **out)
{
	if (*at != '"')
		return NULL;
	for (at++; *at; at++) {
		if (*at == '"' && *++at != '"')
			break;
		*(*out)++ = *at;
	}
	*(*out)++ = 0;
	return at;
}

int facts_split(struct arena *arena, const char *joined,
		const char ***ret_items)
{
	size_t length = joined ? strlen(joined) : 0;
	const char **items = arena_alloc(arena,
					 (length / 3 + 2) * sizeof(*items));
	/* an item without its quotes and with its end is never longer */
	char *room = arena_alloc(arena, length + 2);
	int count = 0;

	while (joined && *joined) {
		items[count] = room;
		joined = split_one(joined, &room);
		if (!joined)
			break;
		count++;
		if (*joined == ',')
			joined++;
	}
	*ret_items = items;
	return count;
}
