/*
 * The quick look at a text before anybody parses it.
 *
 * Words are looked for anywhere, strings and comments included: what is found
 * too often costs a parse, what is missed would cost correctness. There is
 * one exception, because it is most of what applications send: a text that
 * begins with a data verb and has no second statement cannot be a SET, a
 * BEGIN or a PREPARE; there only words count that work from inside a query.
 */
#include "protocol/sql_facts.h"

#include <stdlib.h>

#define WORD_BYTES_MAX 24

/* sorted */
static const char *const inner_words[] = {
	"currval", "lastval", "pg_settings", "set_config", "temp",
	"temporary",
};

static const char *const outer_words[] = {
	"abort", "begin", "checkpoint", "commit", "deallocate", "declare",
	"discard", "end", "execute", "listen", "load", "prepare", "release",
	"reset", "rollback", "savepoint", "set", "start", "unlisten",
};

static const char *const data_verbs[] = {
	"delete", "insert", "merge", "select", "table", "update", "values",
	"with",
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int compare(const void *word, const void *item)
{
	return strcmp(word, *(const char *const *)item);
}

static bool is_among(const char *word, const char *const *words, size_t count)
{
	return bsearch(word, words, count, sizeof(*words), compare);
}

static bool is_word_byte(uint8_t byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
	       byte >= 0x80;
}

/* Copies the word at `at` in lower case, cut to the buffer; returns how long
 * it is in the text. */
static size_t take_word(struct slice text, size_t at,
			char word[WORD_BYTES_MAX])
{
	size_t length = 0;

	while (at + length < text.length && is_word_byte(text.at[at + length])) {
		uint8_t byte = text.at[at + length];

		if (length < WORD_BYTES_MAX - 1)
			word[length] = (char)(byte >= 'A' && byte <= 'Z' ?
						      byte + 'a' - 'A' :
						      byte);
		length++;
	}
	word[length < WORD_BYTES_MAX ? length : WORD_BYTES_MAX - 1] = 0;
	return length;
}

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

/* One statement that begins with a data verb, with nothing in front. */
static bool is_plain_data(struct slice text)
{
	char word[WORD_BYTES_MAX];
	size_t length = text.length;
	size_t at = 0;

	while (length && (is_space(text.at[length - 1]) ||
			  text.at[length - 1] == ';'))
		length--;
	while (at < length && is_space(text.at[at]))
		at++;
	take_word(slice_make(text.at, length), at, word);
	return is_among(word, data_verbs, COUNT(data_verbs)) &&
	       !memchr(text.at, ';', length);
}

static bool is_telling(const char *word, bool plain)
{
	if (is_among(word, inner_words, COUNT(inner_words)) ||
	    strstr(word, "advisory") || strncmp(word, "pg_temp", 7) == 0)
		return true;
	return !plain && is_among(word, outer_words, COUNT(outer_words));
}

bool sql_may_touch_session(struct slice text)
{
	char word[WORD_BYTES_MAX];
	bool plain;

	if (!text.length)
		return false;
	plain = is_plain_data(text);
	for (size_t at = 0; at < text.length; at++) {
		size_t length = take_word(text, at, word);

		if (!length)
			continue;
		/* U&"..." may spell any name in escapes. */
		if ((word[0] == 'u' && length == 1 &&
		     at + 1 < text.length && text.at[at + 1] == '&') ||
		    is_telling(word, plain))
			return true;
		at += length;
	}
	return false;
}
