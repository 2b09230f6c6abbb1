#include "protocol/type.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/type_codec.h"
#include "protocol/type_table.h"

static int compare_oid(const void *key, const void *row)
{
	uint32_t oid = *(const uint32_t *)key;
	uint32_t other = ((const struct type *)row)->oid;

	return (oid > other) - (oid < other);
}

const struct type *type_by_oid(uint32_t oid)
{
	return bsearch(&oid, type_table, type_table_count,
		       sizeof(type_table[0]), compare_oid);
}

static int compare_name(const void *key, const void *row)
{
	const struct slice *name = key;
	struct slice other =
		slice_text(((const struct type_spelling *)row)->name);
	size_t common =
		name->length < other.length ? name->length : other.length;
	int order = common ? memcmp(name->at, other.at, common) : 0;

	if (order)
		return order;
	return (name->length > other.length) - (name->length < other.length);
}

const struct type *type_by_name(struct slice name)
{
	const struct type_spelling *found =
		bsearch(&name, type_spellings, type_spelling_count,
			sizeof(type_spellings[0]), compare_name);
	const struct type *element;

	if (found)
		return type_by_oid(found->oid);
	if (name.length < 3 || memcmp(name.at + name.length - 2, "[]", 2))
		return NULL;
	element = type_by_name(slice_make(name.at, name.length - 2));
	if (!element)
		return NULL;
	return element->element ? element : type_by_oid(element->array);
}

size_t type_count(void)
{
	return type_table_count;
}

const struct type *type_at(size_t index)
{
	return index < type_table_count ? &type_table[index] : NULL;
}

const char *type_words(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type ? type->sql_name : "text";
}

/*
 * An interval's modifier: the fields it keeps in the upper half, the digits
 * of its seconds in the lower (Postgres: utils/timestamp.h).
 */
static const struct {
	uint32_t fields;
	const char *words;
} interval_fields[] = {
	{ 1 << 2, " year" },
	{ 1 << 1, " month" },
	{ 1 << 3, " day" },
	{ 1 << 10, " hour" },
	{ 1 << 11, " minute" },
	{ 1 << 12, " second" },
	{ 1 << 2 | 1 << 1, " year to month" },
	{ 1 << 3 | 1 << 10, " day to hour" },
	{ 1 << 3 | 1 << 10 | 1 << 11, " day to minute" },
	{ 1 << 3 | 1 << 10 | 1 << 11 | 1 << 12, " day to second" },
	{ 1 << 10 | 1 << 11, " hour to minute" },
	{ 1 << 10 | 1 << 11 | 1 << 12, " hour to second" },
	{ 1 << 11 | 1 << 12, " minute to second" },
};

static const char *interval_modifier(struct arena *arena, int32_t typmod)
{
	uint32_t fields = (uint32_t)typmod >> 16 & 0x7FFF;
	uint32_t digits = (uint32_t)typmod & 0xFFFF;
	const char *words = "";

	for (size_t i = 0;
	     i < sizeof(interval_fields) / sizeof(interval_fields[0]); i++)
		if (interval_fields[i].fields == fields)
			words = interval_fields[i].words;
	if (digits == 0xFFFF)
		return words;
	return arena_printf(arena, "%s(%u)", words, (unsigned)digits);
}

/* Formats a scalar type that has a modifier. */
static const char *format_modified(struct arena *arena, const struct type *type,
				   int32_t typmod)
{
	int32_t scale;

	switch (type->oid) {
	case OID_BPCHAR:
	case OID_VARCHAR:
		return typmod <= 4 ? type->sql_name
				  : arena_printf(arena, "%s(%d)",
						 type->sql_name, typmod - 4);
	case OID_BIT:
	case OID_VARBIT:
		return arena_printf(arena, "%s(%d)", type->sql_name, typmod);
	case OID_NUMERIC:
		if (typmod < 4)
			return type->sql_name;
		scale = (((typmod - 4) & 0x7FF) ^ 1024) - 1024;
		return arena_printf(arena, "numeric(%d,%d)",
				    (typmod - 4) >> 16 & 0xFFFF, scale);
	case OID_TIME:
	case OID_TIMESTAMP:
		return arena_printf(arena, "%s(%d) without time zone",
				    type->name, typmod);
	case OID_TIMETZ:
		return arena_printf(arena, "time(%d) with time zone", typmod);
	case OID_TIMESTAMPTZ:
		return arena_printf(arena, "timestamp(%d) with time zone",
				    typmod);
	case OID_INTERVAL:
		return arena_printf(arena, "interval%s",
				    interval_modifier(arena, typmod));
	case OID_BOOL:
	case OID_FLOAT4:
	case OID_FLOAT8:
	case OID_INT2:
	case OID_INT4:
	case OID_INT8:
		return type->sql_name;
	}
	return arena_printf(arena, "%s(%d)", type->sql_name, typmod);
}

const char *type_format(struct arena *arena, uint32_t oid, int32_t typmod)
{
	const struct type *type = type_by_oid(oid);
	const struct type *element;

	if (!type)
		return NULL;
	element = type->element && oid != OID_INT2VECTOR && oid != OID_OIDVECTOR
			  ? type_by_oid(type->element)
			  : NULL;
	if (element)
		return arena_printf(arena, "%s[]",
				    type_format(arena, element->oid, typmod));
	/* SQL's CHARACTER means one character; without a length the type is
	 * only reached by its inner name. BIT is the same. */
	if (typmod < 0 && oid == OID_BPCHAR)
		return "bpchar";
	if (typmod < 0 && oid == OID_BIT)
		return "\"bit\"";
	return typmod < 0 ? type->sql_name
			  : format_modified(arena, type, typmod);
}

const char *type_text_plain(uint32_t oid)
{
	const struct type *type = type_by_oid(oid);

	return type ? type->sql_name : NULL;
}

static const struct {
	uint32_t oid;
	const struct type_codec *codec;
} codecs[] = {
	{ OID_BOOL, &codec_bool },
	{ OID_INT4, &codec_int4 },
	{ OID_INT8, &codec_int8 },
	{ OID_TEXT, &codec_text },
	{ OID_VARCHAR, &codec_varchar },
	{ OID_UNKNOWN, &codec_text },
	{ OID_UUID, &codec_uuid },
	{ OID_FLOAT8, &codec_float8 },
	{ OID_DATE, &codec_date },
	{ OID_TIMESTAMP, &codec_timestamp },
	{ OID_TIMESTAMPTZ, &codec_timestamptz },
	{ OID_INT2, &codec_int2 },
	{ OID_OID, &codec_oid },
	{ OID_NAME, &codec_name },
	{ OID_CHAR, &codec_char },
	{ OID_BPCHAR, &codec_bpchar },
	{ OID_BYTEA, &codec_bytea },
	{ OID_FLOAT4, &codec_float4 },
	{ OID_TIME, &codec_time },
	{ OID_TIMETZ, &codec_timetz },
	{ OID_INTERVAL, &codec_interval },
	{ OID_JSON, &codec_json },
	{ OID_JSONB, &codec_jsonb },
	{ OID_INT2VECTOR, &codec_vector },
	{ OID_OIDVECTOR, &codec_vector },
	{ OID_INET, &codec_network },
	{ OID_CIDR, &codec_network },
	{ OID_MACADDR, &codec_macaddr },
	{ OID_BIT, &codec_bit },
	{ OID_VARBIT, &codec_varbit },
	{ OID_TID, &codec_tid },
	{ OID_XID, &codec_oid },
	{ OID_CID, &codec_oid },
	{ OID_REGCLASS, &codec_reg },
	{ OID_REGTYPE, &codec_reg },
	{ OID_REGPROC, &codec_reg },
	{ OID_REGPROCEDURE, &codec_reg },
	{ OID_REGOPER, &codec_reg },
	{ 2204, &codec_reg }, /* regoperator */
	{ OID_REGNAMESPACE, &codec_reg },
	{ OID_REGROLE, &codec_reg },
	{ OID_REGCONFIG, &codec_reg },
	{ 3769, &codec_reg }, /* regdictionary */
	{ 4191, &codec_reg }, /* regcollation */
	{ OID_VOID, &codec_void },
	{ OID_NUMERIC, &codec_numeric },
	/* What only the catalogs hold, as texts. */
	{ OID_XML, &codec_text },
	{ OID_PG_NODE_TREE, &codec_text },
	{ OID_REFCURSOR, &codec_text },
	{ OID_ACLITEM, &codec_text },
	{ OID_CSTRING, &codec_text },
	{ OID_RECORD, &codec_text },
	{ OID_ANY, &codec_text },
	{ OID_ANYARRAY, &codec_text },
	{ OID_ANYELEMENT, &codec_text },
};

/* Built-in types that weir's SQLite backend does not have: taking their text
 * as it comes would skip Postgres's checks and normal forms. */
static bool refuse_type(uint32_t oid, struct error *error)
{
	return error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "type %s is not supported", type_words(oid));
}

static bool refuse_read(struct type_read_job *job)
{
	return refuse_type(job->oid, job->error);
}

static bool refuse_write(struct type_write_job *job)
{
	return refuse_type(job->oid, job->error);
}

static const struct type_codec codec_unsupported = { refuse_read, refuse_read,
						     refuse_write, refuse_write,
						     NULL };

uint32_t type_element_of(uint32_t oid, const struct type_settings *settings)
{
	const struct type *type = type_by_oid(oid);
	const struct type_names *names = settings ? settings->names : NULL;

	if (type)
		return type->element;
	if (oid >= OID_USER_FIRST && names && names->element)
		return names->element(names, oid);
	return 0;
}

const struct type_codec *type_codec_of(uint32_t oid,
				       const struct type_settings *settings)
{
	for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++)
		if (codecs[i].oid == oid)
			return codecs[i].codec;
	if (type_element_of(oid, settings))
		return &codec_array;
	return type_by_oid(oid) ? &codec_unsupported : &codec_text;
}

static const struct type_settings default_settings = {
	.time_zone = "UTC",
	.date_order = 'M',
};

/* An enum's label is checked where the schema is known. */
static bool check_label(const struct type_read_job *job)
{
	const struct type_names *names = job->settings->names;

	if (job->oid < OID_USER_FIRST || job->value->kind != VALUE_TEXT ||
	    !names || !names->check_label ||
	    type_element_of(job->oid, job->settings))
		return true;
	return names->check_label(names, job->oid, job->value->bytes,
				  job->error);
}

bool type_read(uint32_t oid, int32_t typmod, enum wire_format format,
	       struct slice bytes, const struct type_settings *settings,
	       struct arena *arena, struct value *ret_value,
	       struct error *error)
{
	struct value value = { VALUE_NULL, 0, 0, { NULL, 0 } };
	struct type_read_job job = {
		oid,   typmod, bytes, settings ? settings : &default_settings,
		arena, &value, error,
	};
	const struct type_codec *codec = type_codec_of(oid, settings);

	if (format == WIRE_TEXT) {
		if (!text_check(bytes, error) || !codec->read_text(&job))
			return false;
	} else if (!codec->read_binary(&job)) {
		return false;
	}
	if (!check_label(&job))
		return false;
	if (typmod >= 0 && codec->coerce &&
	    !codec->coerce(oid, typmod, false, &value, arena, error))
		return false;
	*ret_value = value;
	return true;
}

bool type_write(uint32_t oid, int32_t typmod, enum wire_format format,
		const struct value *value, const struct type_settings *settings,
		struct buffer *out, struct error *error)
{
	struct type_write_job job = {
		oid, typmod, value, settings ? settings : &default_settings,
		out, error,
	};
	const struct type_codec *codec = type_codec_of(oid, settings);
	size_t start = out->length;
	bool ok = format == WIRE_TEXT ? codec->write_text(&job)
				      : codec->write_binary(&job);

	/* Half a value must not reach anybody. */
	if (!ok)
		out->length = start;
	return ok;
}

bool type_coerce_length(uint32_t oid, int32_t typmod, bool explicit_cast,
			struct value *value, struct arena *arena,
			struct error *error)
{
	const struct type_codec *codec = type_codec_of(oid, NULL);

	if (typmod < 0 || !codec->coerce || value->kind == VALUE_NULL)
		return true;
	return codec->coerce(oid, typmod, explicit_cast, value, arena, error);
}

bool put_integer(struct type_read_job *job, int64_t value)
{
	*job->value = (struct value){ .kind = VALUE_INTEGER, .integer = value };
	return true;
}

bool put_real(struct type_read_job *job, double value)
{
	*job->value = (struct value){ .kind = VALUE_REAL, .real = value };
	return true;
}

bool put_text(struct type_read_job *job, struct slice text)
{
	*job->value = (struct value){ .kind = VALUE_TEXT, .bytes = text };
	return true;
}

bool put_blob(struct type_read_job *job, struct slice bytes)
{
	*job->value = (struct value){ .kind = VALUE_BLOB, .bytes = bytes };
	return true;
}

/* A message shows at most this much of what a stranger sent. */
#define SHOWN_BYTES 400

bool refuse_syntax(struct type_read_job *job, uint32_t oid)
{
	int shown = job->bytes.length > SHOWN_BYTES ? SHOWN_BYTES
						    : (int)job->bytes.length;

	return error_set(job->error, SQLSTATE_INVALID_TEXT,
			 "invalid input syntax for type %s: \"%.*s\"",
			 type_words(oid), shown, (const char *)job->bytes.at);
}

bool refuse_binary(struct type_read_job *job)
{
	return error_set(job->error, SQLSTATE_INVALID_BINARY,
			 "incorrect binary data format for type %s",
			 type_words(job->oid));
}

bool refuse_stored(struct type_write_job *job)
{
	const struct value *value = job->value;
	int shown = value->bytes.length > 60 ? 60 : (int)value->bytes.length;

	switch (value->kind) {
	case VALUE_INTEGER:
		return error_set(job->error, SQLSTATE_INTERNAL,
				 "stored value %lld is not of type %s",
				 (long long)value->integer,
				 type_words(job->oid));
	case VALUE_REAL:
		return error_set(job->error, SQLSTATE_INTERNAL,
				 "stored value %.17g is not of type %s",
				 value->real, type_words(job->oid));
	case VALUE_TEXT:
		return error_set(job->error, SQLSTATE_INTERNAL,
				 "stored value \"%.*s\" is not of type %s",
				 shown, (const char *)value->bytes.at,
				 type_words(job->oid));
	default:
		return error_set(job->error, SQLSTATE_INTERNAL,
				 "stored %s is not of type %s",
				 value->kind == VALUE_BLOB ? "blob" : "null",
				 type_words(job->oid));
	}
}

bool stored_text(struct type_write_job *job, struct slice *ret_text)
{
	if (job->value->kind != VALUE_TEXT)
		return refuse_stored(job);
	*ret_text = job->value->bytes;
	return true;
}

uint32_t type_collation(uint32_t type)
{
	switch (type) {
	case OID_TEXT:
	case OID_VARCHAR:
	case OID_BPCHAR:
	case OID_TEXT_ARRAY:
	case OID_VARCHAR_ARRAY:
	case OID_BPCHAR_ARRAY:
		return 100;
	case OID_NAME:
	case OID_NAME_ARRAY:
		return 950;
	default:
		return 0;
	}
}
