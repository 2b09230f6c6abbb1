#include "pool/parameter.h"

#include <stdlib.h>

#define PARAMETERS_BYTES_MAX 65536

struct parameters {
	unsigned references;
	size_t length;
	uint8_t pairs[];	/* name\0value\0 */
};

struct parameters *parameters_new(struct slice pairs)
{
	struct parameters *set = must_alloc(sizeof(*set) + pairs.length);

	set->references = 1;
	set->length = pairs.length;
	if (pairs.length)
		memcpy(set->pairs, pairs.at, pairs.length);
	return set;
}

struct parameters *parameters_ref(struct parameters *set)
{
	if (set)
		set->references++;
	return set;
}

void parameters_unref(struct parameters **pointer)
{
	struct parameters *set = *pointer;

	*pointer = NULL;
	if (set && !--set->references)
		free(set);
}

struct slice parameters_pairs(const struct parameters *set)
{
	return set ? slice_make(set->pairs, set->length) :
		     slice_make(NULL, 0);
}

bool parameters_equal(const struct parameters *a, const struct parameters *b)
{
	return a == b || slice_equal(parameters_pairs(a), parameters_pairs(b));
}

struct slice parameters_find(const struct parameters *set, struct slice name)
{
	struct reader reader = reader_make(parameters_pairs(set));

	while (reader_left(&reader)) {
		struct slice found = read_cstring(&reader);
		struct slice value = read_cstring(&reader);

		if (reader.failed)
			break;
		if (slice_equal(found, name))
			return value;
	}
	return slice_make(NULL, 0);
}

static void put_pair(struct buffer *pairs, struct slice name,
		     struct slice value)
{
	buffer_put_slice(pairs, name);
	buffer_put_u8(pairs, 0);
	buffer_put_slice(pairs, value);
	buffer_put_u8(pairs, 0);
}

/* A value that changes keeps its place, so that servers which reported the
 * same things hold equal bytes. */
void parameters_put(struct parameters **set, struct slice name,
		    struct slice value)
{
	struct reader reader = reader_make(parameters_pairs(*set));
	struct slice old = parameters_find(*set, name);
	struct buffer pairs = { 0 };

	if (old.at && slice_equal(old, value))
		return;
	while (reader_left(&reader)) {
		struct slice each = read_cstring(&reader);
		struct slice kept = read_cstring(&reader);

		if (reader.failed)
			break;
		put_pair(&pairs, each, slice_equal(each, name) ? value : kept);
	}
	if (!old.at)
		put_pair(&pairs, name, value);
	if (pairs.length <= PARAMETERS_BYTES_MAX) {
		parameters_unref(set);
		*set = parameters_new(buffer_slice(&pairs));
	}
	buffer_fini(&pairs);
}

void parameters_changed(const struct parameters *before,
			const struct parameters *now, struct buffer *pairs)
{
	struct reader reader = reader_make(parameters_pairs(now));

	while (reader_left(&reader)) {
		struct slice name = read_cstring(&reader);
		struct slice value = read_cstring(&reader);
		struct slice old = parameters_find(before, name);

		if (reader.failed)
			break;
		if (!old.at || !slice_equal(old, value))
			put_pair(pairs, name, value);
	}
}
