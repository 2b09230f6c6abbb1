#include "proxy/code_scan.h"

#include <string.h>
#include <strings.h>

bool code_is_word_byte(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || byte == '_' || byte == '$' ||
	       (byte & 0x80);
}

bool code_is_space(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool code_has_comment(const char *start, const char *end)
{
	for (const char *at = start; at < end; at++)
		if ((at[0] == '/' && at[1] == '*') ||
		    (at[0] == '-' && at[1] == '-'))
			return true;
	return false;
}

/* Behind a string with that delimiter: `at` is within it. */
static const char *skip_string(const char *at, const char *delimiter,
			       size_t length, bool escapes)
{
	while (*at && strncmp(at, delimiter, length) != 0)
		at += escapes && *at == '\\' && at[1] ? 2 : 1;
	return *at ? at + length : at;
}

/* $tag$ ... $tag$; what is no tag, as in $1$, begins no string. */
static const char *skip_dollars(const char *at)
{
	const char *tag = at++;

	if (*at >= '0' && *at <= '9')
		return at;
	while (code_is_word_byte(*at) && *at != '$')
		at++;
	return *at == '$' ? skip_string(at + 1, tag, (size_t)(at + 1 - tag),
					false) : tag + 1;
}

static const char *skip_comment(const char *at)
{
	int depth = 0;

	if (*at == '-')
		return at + strcspn(at, "\n\r");
	do {
		int step = at[0] == '/' && at[1] == '*' ? 1 :
			   at[0] == '*' && at[1] == '/' ? -1 : 0;

		depth += step;
		at += step ? 2 : 1;
	} while (*at && depth);
	return at;
}

/* A string goes on in the next line that begins with a quote, as what it is. */
static const char *skip_escaped(const char *at)
{
	bool line;

	do {
		const char *next = at = skip_string(at, "'", 1, true);

		for (line = false; code_is_space(*next) ||
				   (next[0] == '-' && next[1] == '-');) {
			line |= *next == '\n' || *next == '\r';
			next = *next == '-' ? skip_comment(next) : next + 1;
		}
		line &= *next == '\'';
		at = line ? next + 1 : at;
	} while (line);
	return at;
}

const char *code_skip_token(const char *at)
{
	switch (*at) {
	case '\'':
		return skip_string(at + 1, "'", 1, false);
	case '"':
		return skip_string(at + 1, "\"", 1, false);
	case '$':
		return skip_dollars(at);
	default:
		break;
	}
	if (code_has_comment(at, at + 1))
		return skip_comment(at);
	if ((*at == 'e' || *at == 'E') && at[1] == '\'')
		return skip_escaped(at + 2);
	if (!code_is_word_byte(*at))
		return at + 1;
	while (code_is_word_byte(*at))
		at++;
	return at;
}

const char *code_skip_space(const char *at)
{
	while (code_is_space(*at) || (*at && code_has_comment(at, at + 1)))
		at = code_is_space(*at) ? at + 1 : skip_comment(at);
	return at;
}

bool code_begins_string(const char *at)
{
	at = code_skip_space(at);
	return *at == '\'' || *at == '$' || (code_is_word_byte(*at) && at[1] == '\'');
}

/* Where a number is followed by letters, or by what may begin a string, it
 * depends on Postgres's version what they are; on the server's settings what a
 * backslash is. */
static bool is_doubtful(const char *word, const char *end)
{
	if (memchr(word, '\\', (size_t)(end - word)))
		return true;
	if (*word < '0' || *word > '9')
		return false;
	for (; word < end; word++)
		if (*word < '0' || *word > '9')
			return true;
	return *end == '\'' || *end == '"';
}

bool code_has_token(const char **from, const char *at)
{
	while (*from < at) {
		const char *end = code_skip_token(*from);

		if (is_doubtful(*from, end))
			return false;
		*from = end;
	}
	return *from == at;
}

const char *code_skip_statement(const char *at)
{
	int depth = 0;

	for (; *at && (*at != ';' || depth); at = code_skip_token(at))
		depth += (*at == '(') - (*at == ')');
	return at;
}
