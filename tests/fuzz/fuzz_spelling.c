/* Any text with a syntax error anywhere, and any CREATE TABLE in which CHECKs
 * are looked for. The first two bytes are the error's position. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pool/sqlite/adopt.h"
#include "protocol/dialect/spelling.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error error;
	uint8_t *copy;

	if (size < 2)
		return 0;
	/* of its own, so that reading past its end is seen */
	copy = malloc(size - 1);
	if (!copy)
		return 0;
	memcpy(copy, data + 2, size - 2);
	error_set(&error, SQLSTATE_SYNTAX, "syntax error");
	error.position = data[0] | data[1] << 8;
	spelling_hint_syntax(slice_make(copy, size - 2), &error);
	spelling_of_column(slice_make(copy, size - 2), error.position);
	copy[size - 2] = 0;
	adopt_checks_any((const char *)copy);
	adopt_checks_json((const char *)copy, "a");
	adopt_checks_bool((const char *)copy, "a");
	free(copy);
	return 0;
}
