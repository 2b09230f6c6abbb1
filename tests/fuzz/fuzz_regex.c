/*
 * A regular expression of a stranger's over a text of a stranger's: refused
 * with a SQLSTATE, or compiled and searched within limits, with spans that lie
 * within the text. The first byte gives the flags; the expression ends at the
 * first 0xff.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pool/sqlite/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void search(const struct regex *regex, struct slice text)
{
	struct regex_match match = { 0 };
	struct error error = { .sqlstate = "" };
	size_t start = 0;

	while (start <= text.length &&
	       regex_find(regex, text, start, &match, &error) == REGEX_YES) {
		assert(match.groups >= 1 &&
		       match.groups <= REGEX_GROUPS_MAX + 1);
		for (int i = 0; i < match.groups; i++)
			assert(!match.spans[i].matched ||
			       (match.spans[i].start <= match.spans[i].end &&
				match.spans[i].end <= text.length));
		assert(match.spans[0].start >= start);
		if (match.spans[0].end == start)
			break;
		start = match.spans[0].end;
		match.again = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size > 1 ? memchr(data + 1, 0xff, size - 1) : NULL;
	struct regex_cache *cache = NULL;
	struct error error = { .sqlstate = "" };
	const struct regex *regex;
	struct slice pattern, text;

	if (end == NULL)
		return 0;
	pattern = slice_make(data + 1, (size_t)(end - data - 1));
	text = slice_make(end + 1, size - (size_t)(end + 1 - data));
	regex = regex_get(&cache, pattern, data[0] & 31, &error);
	if (regex == NULL)
		assert(strlen(error.sqlstate) == 5 && error.message[0] != '\0');
	else
		search(regex, text);
	regex_cache_free(&cache);
	return 0;
}
