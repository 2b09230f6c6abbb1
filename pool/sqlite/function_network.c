/*
 * What inet and cidr are asked about: their stored text is the address, a
 * slash and the bits of its mask; inet leaves those out where they are all.
 */
#include "pool/sqlite/function.h"

#include <stdlib.h>

static size_t address_length(struct slice text)
{
	const uint8_t *slash = text.length ? memchr(text.at, '/', text.length)
					   : NULL;

	return slash ? (size_t)(slash - text.at) : text.length;
}

static bool is_six(struct slice text)
{
	return text.length && memchr(text.at, ':', text.length);
}

static bool host(struct call *call)
{
	struct slice text = call_text(call, 0);

	return give_text(call, slice_make(text.at, address_length(text)));
}

static bool family(struct call *call)
{
	return give_integer(call, is_six(call_text(call, 0)) ? 6 : 4);
}

static bool mask_length(struct call *call)
{
	struct slice text = call_text(call, 0);
	size_t length = address_length(text);

	if (length == text.length)
		return give_integer(call, is_six(text) ? 128 : 32);
	return give_integer(call, strtol(call_cstring(call, 0) + length + 1,
					 NULL, 10));
}

static const struct function_row rows[] = {
	{ "pg_inet_host", 1, 0, host, 0 },
	{ "pg_inet_family", 1, 0, family, 0 },
	{ "pg_inet_masklen", 1, 0, mask_length, 0 },
	{ 0 },
};

int functions_network(sqlite3 *db, struct functions *functions)
{
	return functions_add(db, functions, rows);
}
