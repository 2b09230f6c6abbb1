/*
 * Any bytes as JSON: what jsonb takes json_parse() takes too and prints as it
 * is stored; and what is stored equals and contains itself.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "pool/sqlite/json.h"
#include "protocol/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct json *json, struct slice stored, struct arena *arena)
{
	struct buffer printed = { 0 };
	struct error error = { .sqlstate = "" };
	struct json *one = json_parse(stored, arena, &error);
	struct json *other = json_parse(stored, arena, &error);

	assert(one != NULL && other != NULL);
	assert(json_compare(one, other, arena) == 0);
	assert(json_contains(one, other, arena));
	assert(json_put_canonical(json, arena, &printed, &error));
	assert(slice_equal(buffer_slice(&printed), stored));
	buffer_clear(&printed);
	assert(json_put_canonical(one, arena, &printed, &error));
	assert(slice_equal(buffer_slice(&printed), stored));
	buffer_fini(&printed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_make(data, size);
	struct arena arena = { 0 };
	struct error error = { .sqlstate = "" };
	struct json *json = json_parse(text, &arena, &error);
	struct value stored;

	if (json == NULL)
		assert(strlen(error.sqlstate) == 5 && error.message[0] != '\0');
	if (type_read(OID_JSONB, -1, WIRE_TEXT, text, NULL, &arena, &stored,
		      &error)) {
		assert(json != NULL);
		check(json, stored.bytes, &arena);
	}
	arena_fini(&arena);
	return 0;
}
