/*
 * Postgres's regular expressions on PCRE2: the translation of one notation
 * into the other, a small cache of compiled expressions, and matching within
 * limits. The only file that includes pcre2 is regex.c.
 *
 * Postgres (Spencer's engine) finds the leftmost-longest match, PCRE2 the
 * leftmost one in order of trying. Whether there is a match is the same
 * question. Where the matched piece counts, alternatives are tried again for
 * the longest match, and expressions that mix greedy and non-greedy
 * quantifiers, where the engines disagree most, are refused with 0A000.
 */
#ifndef WEIR_POOL_SQLITE_REGEX_H
#define WEIR_POOL_SQLITE_REGEX_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/bytes.h"
#include "protocol/error.h"

#define REGEX_GROUPS_MAX 100	/* captures that are reported */
#define REGEX_PATTERN_MAX (64 << 10)

enum regex_flag {
	REGEX_ICASE = 1,
	REGEX_NEWLINE_DOT = 2,	/* . and [^x] do not match a newline */
	REGEX_NEWLINE_ANCHOR = 4,	/* ^ and $ match at lines */
	REGEX_EXPANDED = 8,
	REGEX_LITERAL = 16,
	REGEX_GLOBAL = 32,	/* not of the expression: of its use */
};

struct regex;
struct regex_cache;

struct regex_span {
	size_t start;
	size_t end;
	bool matched;
};

struct regex_match {
	bool again;		/* this text was searched before from an
				   earlier start: it is known to be UTF-8 */
	int groups;		/* spans in use; 0 is the whole match */
	struct regex_span spans[REGEX_GROUPS_MAX + 1];
};

enum regex_answer { REGEX_NO, REGEX_YES, REGEX_FAILED };

void regex_cache_free(struct regex_cache **);

/* Compiles, or finds what was compiled lately. The result belongs to the
 * cache (*cache is made when NULL) and lives until the next call. */
const struct regex *regex_get(struct regex_cache **cache, struct slice pattern,
			      int flags, struct error *);

/* Reads flags such as "gi"; complains as Postgres does. */
bool regex_flags(struct slice text, int *ret_flags, struct error *);

/* Whether there is a match at all. */
enum regex_answer regex_test(const struct regex *, struct slice text,
			     struct error *);

/* The first match from byte `start` on. `ret_match` is zeroed before the first
 * search of a text. */
enum regex_answer regex_find(const struct regex *, struct slice text,
			     size_t start, struct regex_match *ret_match,
			     struct error *);

/* Groups with captures in the expression. */
int regex_groups(const struct regex *);

#endif
