/* Any value another program might have stored, read as any type: what is
 * taken can be written in each form that keeps it, and reads back the same.
 * The first bytes choose type, modifier, storage class and form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/foreign_value.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint32_t types[] = {
	OID_BOOL, OID_INT2, OID_INT4, OID_INT8, OID_FLOAT4, OID_FLOAT8,
	OID_NUMERIC, OID_TEXT, OID_VARCHAR, OID_BYTEA, OID_UUID, OID_DATE,
	OID_TIME, OID_TIMESTAMP, OID_TIMESTAMPTZ, OID_INTERVAL, OID_JSON,
	OID_JSONB, OID_TEXT_ARRAY, OID_INET,
};
static const int32_t modifiers[] = { -1, 0, 3, (10 << 16 | 2) + 4 };
static const char spellings[] = "hdbfs";

static struct value stored_value(uint8_t kind, const uint8_t *data,
				 size_t size)
{
	struct value value = { .kind = VALUE_TEXT,
			       .bytes = slice_make(data, size) };

	if (kind % 4 == 1)
		value.kind = VALUE_BLOB;
	if (kind % 4 < 2 || size < 8)
		return value;
	value.kind = kind % 4 == 2 ? VALUE_INTEGER : VALUE_REAL;
	memcpy(&value.integer, data, 8);
	memcpy(&value.real, data, 8);
	if (value.kind == VALUE_REAL && value.real != value.real)
		value.real = 0;	/* SQLite keeps no NaN */
	return value;
}

static bool same(const struct value *a, const struct value *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == VALUE_INTEGER)
		return a->integer == b->integer;
	if (a->kind == VALUE_REAL)
		return a->real == b->real;
	return slice_equal(a->bytes, b->bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = { 0 };
	struct value stored, own, kept, again;
	struct error error;
	struct foreign_form form = { 't', 0 };
	uint32_t type;
	int32_t typmod;

	if (size < 4)
		return 0;
	type = types[data[0] % (sizeof(types) / sizeof(types[0]))];
	typmod = type == OID_NUMERIC || type == OID_TIMESTAMP ?
		 modifiers[data[1] % 4] : -1;
	if (typmod > 6 && type != OID_NUMERIC)
		typmod = -1;
	stored = stored_value(data[2], data + 4, size - 4);
	form.spelling = spellings[data[3] % 5];
	if (!foreign_read(type, typmod, &stored, &arena, &own, &error)) {
		if (strlen(error.sqlstate) != 5)
			abort();
	} else if (foreign_write(type, typmod, form, &own, &arena, &kept,
				 &error)) {
		if (!foreign_read(type, typmod, &kept, &arena, &again,
				  &error) || !same(&own, &again))
			abort();
	}
	arena_fini(&arena);
	return 0;
}
