/*
 * Arrays, stored as Postgres prints them.
 */
#include "pool/sqlite/function.h"

/* --- writing text[] --------------------------------------------------------- */

void array_begin(struct buffer *out)
{
	buffer_put_u8(out, '{');
}

static bool needs_quotes(struct slice text)
{
	if (!text.length ||
	    (text.length == 4 && !strncasecmp((const char *)text.at, "null", 4)))
		return true;
	for (size_t i = 0; i < text.length; i++)
		if (text.at[i] && strchr("\"\\{}, \t\n\r\v\f", text.at[i]))
			return true;
	return false;
}

void array_item(struct buffer *out, const struct slice *item)
{
	if (out->bytes[out->length - 1] != '{')
		buffer_put_u8(out, ',');
	if (!item) {
		buffer_put_text(out, "NULL");
		return;
	}
	if (!needs_quotes(*item)) {
		buffer_put_slice(out, *item);
		return;
	}
	buffer_put_u8(out, '"');
	for (size_t i = 0; i < item->length; i++) {
		if (item->at[i] == '"' || item->at[i] == '\\')
			buffer_put_u8(out, '\\');
		buffer_put_u8(out, item->at[i]);
	}
	buffer_put_u8(out, '"');
}

void array_end(struct buffer *out)
{
	buffer_put_u8(out, '}');
}
