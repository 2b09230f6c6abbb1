/*
 * The quick look at a text before anybody parses it; it is taken at every
 * query, so it is one pass over the bytes, and most words cost a glance at
 * their first letter.
 *
 * Words are looked for anywhere, strings and comments included: what is found
 * too often costs a parse, what is missed would cost correctness. There is
 * one exception, because it is most of what applications send: a text that
 * begins with a data verb and has no second statement cannot be a SET or a
 * PREPARE; there only words count that work from inside a query.
 */
#include "protocol/sql_facts.h"

#include <strings.h>

/* By first letter, which must be the first word's too. */
static const char *const inner_words[] = {
	"currval", "lastval", "pg_settings", "set_config", "temp",
	"temporary",
};

static const char *const outer_words[] = {
	"deallocate", "declare", "discard", "execute", "listen", "load",
	"prepare", "release", "reset", "rollback", "savepoint", "set",
	"unlisten",
};

static const char *const data_verbs[] = {
	"delete", "insert", "merge", "select", "table", "update", "values",
	"with",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

enum byte_kind {
	BYTE_OTHER,
	BYTE_WORD,		/* may stand in a word */
	BYTE_OUTER,		/* and may begin one of the outer words */
	BYTE_INNER,		/* or one of the inner words, or "pg_", "U&" */
};

#define BOTH(lower, upper, kind) [lower] = kind, [upper] = kind

static const uint8_t byte_kinds[256] = {
	['0' ... '9'] = BYTE_WORD, ['_'] = BYTE_WORD, ['$'] = BYTE_WORD,
	[0x80 ... 0xff] = BYTE_WORD,
	['f' ... 'k'] = BYTE_WORD, ['F' ... 'K'] = BYTE_WORD,
	['m' ... 'o'] = BYTE_WORD, ['M' ... 'O'] = BYTE_WORD,
	['v' ... 'z'] = BYTE_WORD, ['V' ... 'Z'] = BYTE_WORD,
	BOTH('a', 'A', BYTE_WORD), BOTH('b', 'B', BYTE_WORD),
	BOTH('q', 'Q', BYTE_WORD),
	BOTH('d', 'D', BYTE_OUTER), BOTH('e', 'E', BYTE_OUTER),
	BOTH('r', 'R', BYTE_OUTER),
	BOTH('c', 'C', BYTE_INNER), BOTH('l', 'L', BYTE_INNER),
	BOTH('p', 'P', BYTE_INNER), BOTH('s', 'S', BYTE_INNER),
	BOTH('t', 'T', BYTE_INNER), BOTH('u', 'U', BYTE_INNER),
};

static bool is_word(struct slice word, const char *text)
{
	return strlen(text) == word.length &&
	       strncasecmp((const char *)word.at, text, word.length) == 0;
}

static bool is_among(struct slice word, const char *const *words,
		     size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((word.at[0] | 0x20) == (uint8_t)words[i][0] &&
		    is_word(word, words[i]))
			return true;
	return false;
}

static bool begins(struct slice word, const char *start)
{
	size_t length = strlen(start);

	return word.length >= length &&
	       strncasecmp((const char *)word.at, start, length) == 0;
}

/* Locks, whatever their form, and the temporary schema under its own name. */
static bool is_telling_name(struct slice word)
{
	return begins(word, "pg_advisory") || begins(word, "pg_try_advisory") ||
	       begins(word, "pg_temp");
}

static size_t word_length(struct slice text, size_t at)
{
	size_t end = at;

	while (end < text.length && byte_kinds[text.at[end]])
		end++;
	return end - at;
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* One statement that begins with a data verb, with nothing in front. */
static bool is_plain_data(struct slice text)
{
	size_t length = text.length, at = 0;
	struct slice word;

	while (length && (is_space(text.at[length - 1]) ||
			  text.at[length - 1] == ';'))
		length--;
	while (at < length && is_space(text.at[at]))
		at++;
	word = slice_make(text.at + at, word_length(text, at));
	return word.length && is_among(word, data_verbs, COUNT(data_verbs)) &&
	       !memchr(text.at, ';', length);
}

bool sql_may_touch_session(struct slice text)
{
	bool plain = text.length && is_plain_data(text);

	for (size_t at = 0; at < text.length; at++) {
		enum byte_kind kind = byte_kinds[text.at[at]];
		struct slice word;

		if (kind == BYTE_OTHER)
			continue;
		word = slice_make(text.at + at, word_length(text, at));
		at += word.length;
		if (kind == BYTE_WORD || (plain && kind == BYTE_OUTER))
			continue;
		/* U&"..." may spell any name in escapes. */
		if (word.length == 1 && (word.at[0] | 0x20) == 'u' &&
		    at < text.length && text.at[at] == '&')
			return true;
		if (is_among(word, inner_words, COUNT(inner_words)) ||
		    is_telling_name(word) ||
		    (!plain && is_among(word, outer_words,
					COUNT(outer_words))))
			return true;
	}
	return false;
}
