#include "proxy/code_words.h"

#include "proxy/code_scan.h"
#include "proxy/guard_parts.h"

bool code_next_word(struct code_words *words)
{
	const char *at = words->at;
	size_t kept;

	while (*at && !code_is_word_byte(*at))
		at++;
	words->start = at;
	while (code_is_word_byte(*at))
		at++;
	words->length = (size_t)(at - words->start);
	words->at = at;
	kept = words->length < CODE_WORD_BYTES_MAX ? words->length :
						CODE_WORD_BYTES_MAX - 1;
	for (size_t i = 0; i < kept; i++) {
		char byte = words->start[i];

		if (byte >= 'A' && byte <= 'Z')
			byte += 'a' - 'A';
		words->lower[i] = byte;
	}
	words->lower[kept] = 0;
	return words->length > 0;
}

bool code_word_ends_in(const struct code_words *words, const char *keyword)
{
	size_t length = strlen(keyword);
	const char *at = words->start + words->length - length;

	if (words->length < length || strncasecmp(at, keyword, length) != 0)
		return false;
	return words->length == length || at[-1] == '$' ||
	       (at[-1] >= '0' && at[-1] <= '9');
}

bool code_ends_between(const char *start, const char *end)
{
	size_t length = (size_t)(end - start);

	return memchr(start, ';', length) && !memchr(start, '"', length) &&
	       !code_has_comment(start, end);
}

uint32_t code_verb_bits(const char *word)
{
	static const struct {
		const char *word;
		uint32_t bits;
	} verbs[] = {
		{ "update", CATALOG_BIT(DEED_UPDATE) },
		{ "delete", CATALOG_BIT(DEED_DELETE) },
		{ "insert", CATALOG_BIT(DEED_INSERT) },
		{ "merge", CATALOG_BIT(DEED_UPDATE) | CATALOG_BIT(DEED_DELETE) |
			   CATALOG_BIT(DEED_INSERT) | CATALOG_BIT(DEED_MERGE) },
	};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (strcmp(word, verbs[i].word) == 0)
			return verbs[i].bits;
	return 0;
}

/* --- what code changes ------------------------------------------------------- */

#define LISTED_MAX 64	/* of TRUNCATE */

/* The words behind a verb, up to the statement's end, or where TRUNCATE stands
 * once more. */
static void tell_targets(const struct code_words *verb, int count,
			 void (*note)(void *context, const char *name),
			 void *context)
{
	struct code_words next = *verb;

	while (count-- && code_next_word(&next) &&
	       !code_ends_between(verb->at, next.start)) {
		note(context, next.lower);
		if (strcmp(next.lower, "truncate") == 0)
			break;
	}
}

/* Names of several words, or in capitals, are told as they stand in quotes. */
static void tell_quoted(const char *body,
			void (*note)(void *context, const char *name),
			void *context)
{
	const char *start = strchr(body, '"'), *end;
	char name[CODE_WORD_BYTES_MAX];

	for (; start && (end = strchr(start + 1, '"')); start = end) {
		size_t length = (size_t)(end - start - 1);

		if (length >= CODE_WORD_BYTES_MAX)
			length = CODE_WORD_BYTES_MAX - 1;
		memcpy(name, start + 1, length);
		name[length] = 0;
		note(context, name);
	}
}

void guard_each_target(const char *body,
		       void (*note)(void *context, const char *name),
		       void *context)
{
	struct code_words words = { .at = body };

	tell_quoted(body, note, context);
	while (code_next_word(&words)) {
		if (code_verb_bits(words.lower))
			tell_targets(&words, CODE_TARGET_WORDS, note, context);
		else if (strcmp(words.lower, "truncate") == 0)
			tell_targets(&words, LISTED_MAX, note, context);
	}
}
