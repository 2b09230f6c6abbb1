/* Any bytes, read as any type in either form. What is taken can be written in
 * both forms, and both read back as the same stored value. The first bytes
 * choose type, form and modifier. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Types with a codec of their own, most of what strangers send first. */
static const uint32_t types[] = {
	OID_BOOL,
	OID_BYTEA,
	OID_NAME,
	OID_INT8,
	OID_INT2,
	OID_INT4,
	OID_TEXT,
	OID_OID,
	OID_JSON,
	OID_FLOAT4,
	OID_FLOAT8,
	OID_BPCHAR,
	OID_VARCHAR,
	OID_DATE,
	OID_TIME,
	OID_TIMESTAMP,
	OID_TIMESTAMPTZ,
	OID_INTERVAL,
	OID_TIMETZ,
	OID_NUMERIC,
	OID_UUID,
	OID_JSONB,
	OID_INET,
	OID_CIDR,
	OID_MACADDR,
	OID_BIT,
	OID_VARBIT,
	OID_TID,
	OID_INT2VECTOR,
	OID_OIDVECTOR,
	OID_REGTYPE,
	OID_INT4_ARRAY,
	OID_TEXT_ARRAY,
	OID_NUMERIC_ARRAY,
	OID_TIMESTAMPTZ_ARRAY,
	OID_JSONB_ARRAY,
	OID_BOOL_ARRAY,
	OID_INTERVAL_ARRAY,
	OID_FLOAT8_ARRAY,
	OID_CHAR,
	OID_USER_FIRST,
};

static const int32_t modifiers[] = { -1, -1, -1,
				     -1, 0,  3,
				     7,	 24, (10 << 16 | 2) + 4 };
#define DAY_TO_MINUTE 0x0C00FFFF /* of an interval */

static bool same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_INTEGER:
		return a->integer == b->integer;
	case VALUE_REAL:
		return memcmp(&a->real, &b->real, sizeof(a->real)) == 0;
	case VALUE_TEXT:
	case VALUE_BLOB:
		return slice_equal(a->bytes, b->bytes);
	case VALUE_NULL:
		break;
	}
	return true;
}

static void check(uint32_t oid, int32_t typmod, enum wire_format format,
		  const struct value *value, struct arena *arena)
{
	struct buffer out = { 0 };
	struct value again;
	struct error error;

	if (!type_write(oid, typmod, format, value, NULL, &out, &error) ||
	    !type_read(oid, typmod, format, buffer_slice(&out), NULL, arena,
		       &again, &error) ||
	    !same(value, &again))
		abort();
	buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct value value;
	struct error error;
	uint32_t oid;
	int32_t typmod;

	if (size < 3)
		return 0;
	oid = types[data[0] % (sizeof(types) / sizeof(types[0]))];
	typmod =
		modifiers[data[1] % (sizeof(modifiers) / sizeof(modifiers[0]))];
	if (oid == OID_INTERVAL && typmod > 6)
		typmod = DAY_TO_MINUTE;
	/* A width of millions is slow, not wrong. */
	if (oid != OID_NUMERIC && oid != OID_INTERVAL && typmod > 24)
		typmod = -1;
	if (type_read(oid, typmod, data[2] & 1 ? WIRE_BINARY : WIRE_TEXT,
		      slice_make(data + 3, size - 3), NULL, &arena, &value,
		      &error)) {
		check(oid, typmod, WIRE_TEXT, &value, &arena);
		/* "char" is one byte on the wire, whatever its character. */
		if (oid != OID_CHAR)
			check(oid, typmod, WIRE_BINARY, &value, &arena);
	} else if (!error.sqlstate[0] || !error.message[0]) {
		abort();
	}
	arena_fini(&arena);
	return 0;
}
