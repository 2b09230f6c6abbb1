/*
 * CHECKs, and two of them that tell what a column is for, found among the words of a
 * CREATE TABLE: JSON_VALID("column"), as Django writes it, and
 * column IN (0, 1), as SQLAlchemy does.
 */
#include "pool/sqlite/adopt.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define WORD_BYTES 128
#define WINDOW 7		/* words: column IN ( 0 , 1 ) */

struct words {
	const char *at;
	char text[WINDOW][WORD_BYTES];	/* the last ones, newest at the end */
};

static const char *skip_blank(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (at[0] == '-' && at[1] == '-') {
			at += strcspn(at, "\n");
		} else if (at[0] == '/' && at[1] == '*') {
			const char *end = strstr(at + 2, "*/");

			at = end ? end + 2 : at + strlen(at);
		} else {
			return at;
		}
	}
}

static const char *read_quoted(const char *at, char close, char *word)
{
	size_t length = 0;

	for (; *at; at++) {
		if (*at == close && *++at != close)
			break;
		if (length < WORD_BYTES - 1)
			word[length++] = *at;
	}
	word[length] = 0;
	return at;
}

static bool is_letter(char letter)
{
	return isalnum((unsigned char)letter) || letter == '_' ||
	       (unsigned char)letter >= 0x80;
}

/* The next word or sign into the window; false: there is none. */
static bool next_word(struct words *words)
{
	char *word = words->text[WINDOW - 1];
	size_t length = 0;
	char first;

	words->at = skip_blank(words->at);
	first = *words->at;
	if (!first)
		return false;
	memmove(words->text[0], words->text[1],
		sizeof(words->text) - WORD_BYTES);
	if (first == '"' || first == '`' || first == '[' || first == '\'') {
		words->at = read_quoted(words->at + 1,
					first == '[' ? ']' : first, word);
		return true;
	}
	do {
		if (length < WORD_BYTES - 1)
			word[length++] = *words->at;
		words->at++;
	} while (is_letter(first) && is_letter(*words->at));
	word[length] = 0;
	return true;
}

static bool window_is(const struct words *words, const char *const *wanted,
		      int count)
{
	for (int i = 0; i < count; i++)
		if (strcasecmp(words->text[WINDOW - count + i], wanted[i]))
			return false;
	return true;
}

static bool contains(const char *create_table, const char *const *wanted,
		     int count)
{
	struct words words = { .at = create_table };

	while (next_word(&words))
		if (window_is(&words, wanted, count))
			return true;
	return false;
}

bool adopt_checks_json(const char *create_table, const char *column)
{
	const char *const wanted[] = { "json_valid", "(", column, ")" };

	return contains(create_table, wanted, 4);
}

bool adopt_checks_any(const char *create_table)
{
	static const char *const wanted[] = { "CHECK", "(" };

	return contains(create_table, wanted, 2);
}

bool adopt_checks_bool(const char *create_table, const char *column)
{
	const char *const wanted[] = { column, "IN", "(", "0", ",", "1", ")" };

	return contains(create_table, wanted, WINDOW);
}
