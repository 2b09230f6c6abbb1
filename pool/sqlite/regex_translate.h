/*
 * The translation that regex.c compiles.
 */
#ifndef WEIR_POOL_SQLITE_REGEX_TRANSLATE_H
#define WEIR_POOL_SQLITE_REGEX_TRANSLATE_H

#include "pool/sqlite/regex.h"

/* What was seen on the way; in what the two engines may differ. */
struct regex_notes {
	unsigned int groups;
	bool greedy;
	bool lazy;
	bool alternatives;
	bool references;
	bool expanded;
	bool newline_dot;
	bool ignores_case;
};

/* Appends PCRE2's notation to `out`; embedded options are added to `flags`.
 * False: 2201B. */
bool regex_translate(struct slice pattern, int *flags, struct buffer *out,
		     struct regex_notes *ret_notes, struct error *);

#endif
