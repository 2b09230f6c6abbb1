/*
 * The words of a function's body, one after another: taken from everywhere,
 * strings, comments and quoted names included. Pure.
 */
#ifndef WEIR_PROXY_CODE_WORDS_H
#define WEIR_PROXY_CODE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODE_WORD_BYTES_MAX 64	/* identifiers are cut to 63 bytes */

/* How many words may stand between UPDATE, DELETE or MERGE and the last of its
 * target: FROM ONLY db.schema.table. */
#define CODE_TARGET_WORDS 5

struct code_words {
	const char *at;		/* the rest of the body */
	const char *start;	/* of the last word */
	size_t length;
	char lower[CODE_WORD_BYTES_MAX];
};

/* False: there is none any more. */
bool code_next_word(struct code_words *);
/* Whether it is that keyword, which may come right after a constant: $$a$$DO,
 * and 1DO where Postgres is older than 15. */
bool code_word_ends_in(const struct code_words *, const char *keyword);
/* Whether a statement surely ends between the two. */
bool code_ends_between(const char *start, const char *end);
/* What a word does to what is named behind it, as CATALOG_BIT()s. */
uint32_t code_verb_bits(const char *word);

#endif
