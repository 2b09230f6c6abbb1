/* The text of a DO is a client's. */
#include <stdlib.h>

#include "protocol/plpgsql.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct arena arena = { 0 };
	struct error error = { 0 };
	/* what is not its own memory is not read */
	uint8_t *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	memcpy(text, bytes, size);
	if (!plpgsql_parse(slice_make(text, size), &arena, &error) &&
	    !error.sqlstate[0])
		abort();
	arena_fini(&arena);
	free(text);
	return 0;
}
