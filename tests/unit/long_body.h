/*
 * Of a text that brings PL/pgSQL: the same with a body so long that the guard
 * sifts its words first. What it thinks of it must be the same.
 */
#ifndef WEIR_TESTS_UNIT_LONG_BODY_H
#define WEIR_TESTS_UNIT_LONG_BODY_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/bytes.h"

#define FILLER_BYTES ((size_t)17000)

static inline bool brings_code(const char *text)
{
	return strncasecmp(text, "DO ", 3) == 0 ||
	       strcasestr(text, "plpgsql");
}

/* To be freed; NULL: it brings none. */
static inline char *with_long_body(const char *text)
{
	static const char filler[] = " NULL;";
	const char *begin = strcasestr(text, "BEGIN ");
	char *longer, *at;

	if (!begin || !brings_code(text))
		return NULL;
	longer = must_alloc(strlen(text) + FILLER_BYTES + sizeof(filler));
	memcpy(longer, text, (size_t)(begin + 5 - text));
	at = longer + (begin + 5 - text);
	while (at < longer + FILLER_BYTES)
		at = mempcpy(at, filler, sizeof(filler) - 1);
	strcpy(at, begin + 5);
	return longer;
}

#endif
