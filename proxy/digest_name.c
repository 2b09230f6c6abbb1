#include "proxy/digest_name.h"

#include <ctype.h>
#include <strings.h>

static bool starts_name(unsigned char c)
{
	return isalpha(c) || c == '_' || c >= 0x80;
}

static bool goes_on(unsigned char c)
{
	return starts_name(c) || isdigit(c) || c == '$';
}

static const char *read_quoted(const char **text, struct arena *arena)
{
	struct buffer name = { 0 };
	const char *at = *text + 1, *copy = NULL;

	for (; *at && (*at != '"' || at[1] == '"'); at++) {
		at += *at == '"';
		buffer_put_u8(&name, (uint8_t)*at);
	}
	if (*at == '"' && name.length) {
		copy = arena_dup(arena, buffer_slice(&name));
		*text = at + 1;
	}
	buffer_fini(&name);
	return copy;
}

/* One name; the text moves behind it. NULL where there is none. */
static const char *read_part(const char **text, struct arena *arena)
{
	const char *at = *text;
	char *copy;

	if (*at == '"')
		return read_quoted(text, arena);
	if (!starts_name((unsigned char)*at))
		return NULL;
	while (goes_on((unsigned char)*at))
		at++;
	copy = arena_dup(arena, slice_make(*text, (size_t)(at - *text)));
	for (char *each = copy; *each; each++)
		if (*each >= 'A' && *each <= 'Z')
			*each = (char)(*each - 'A' + 'a');
	*text = at;
	return copy;
}

static const char *skip_spaces(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

bool digest_name_read(const char *text, struct arena *arena,
		      struct digest_name *ret)
{
	struct digest_name name = { "public", NULL, NULL };

	text = skip_spaces(text);
	name.table = read_part(&text, arena);
	if (name.table && *text == '.') {
		text++;
		name.schema = name.table;
		name.table = read_part(&text, arena);
	}
	if (!name.table)
		return false;
	if (*text) {
		text = skip_spaces(text);
		if (strncasecmp(text, "by", 2) != 0 ||
		    goes_on((unsigned char)text[2]))
			return false;
		text = skip_spaces(text + 2);
		name.column = read_part(&text, arena);
		if (!name.column || *skip_spaces(text))
			return false;
	}
	*ret = name;
	return true;
}

void digest_name_put(const char *name, struct buffer *out)
{
	bool plain = islower((unsigned char)*name) || *name == '_';

	for (const char *at = name; *at; at++)
		plain = plain && (islower((unsigned char)*at) ||
				  isdigit((unsigned char)*at) || *at == '_');
	if (plain) {
		buffer_put_text(out, name);
		return;
	}
	buffer_put_u8(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			buffer_put_u8(out, '"');
		buffer_put_u8(out, (uint8_t)*name);
	}
	buffer_put_u8(out, '"');
}

const char *digest_name_table(const struct digest_name *name,
			      struct arena *arena)
{
	struct buffer text = { 0 };
	const char *copy;

	digest_name_put(name->schema, &text);
	buffer_put_u8(&text, '.');
	digest_name_put(name->table, &text);
	copy = arena_dup(arena, buffer_slice(&text));
	buffer_fini(&text);
	return copy;
}
