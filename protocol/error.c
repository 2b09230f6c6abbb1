#include "protocol/error.h"

#include <stdarg.h>
#include <stdio.h>

static void cut_to_characters(char *text, size_t size)
{
	size_t length = strlen(text);

	/* A text that filled its field may have been cut inside a UTF-8
	 * character: take the broken one away. */
	if (length + 1 < size)
		return;
	while (length && ((uint8_t)text[length - 1] & 0xC0) == 0x80)
		text[--length] = 0;
	if (length && (uint8_t)text[length - 1] >= 0xC0)
		text[--length] = 0;
}

#define FILL(field, format)                                          \
	do {                                                         \
		va_list args;                                        \
		va_start(args, format);                              \
		vsnprintf((field), sizeof(field), (format), args);   \
		va_end(args);                                        \
		cut_to_characters((field), sizeof(field));           \
	} while (0)

bool error_set(struct error *error, const char *sqlstate, const char *format,
	       ...)
{
	memset(error, 0, sizeof(*error));
	snprintf(error->sqlstate, sizeof(error->sqlstate), "%s", sqlstate);
	FILL(error->message, format);
	return false;
}

void error_detail(struct error *error, const char *format, ...)
{
	FILL(error->detail, format);
}

void error_hint(struct error *error, const char *format, ...)
{
	FILL(error->hint, format);
}

void error_context(struct error *error, const char *format, ...)
{
	FILL(error->context, format);
}

void error_table(struct error *error, const char *schema, const char *table)
{
	snprintf(error->schema, sizeof(error->schema), "%s", schema);
	snprintf(error->table, sizeof(error->table), "%s", table);
}

void error_domain(struct error *error, const char *schema, const char *domain,
		  const char *constraint)
{
	snprintf(error->schema, sizeof(error->schema), "%s", schema);
	snprintf(error->data_type, sizeof(error->data_type), "%s", domain);
	snprintf(error->constraint, sizeof(error->constraint), "%s",
		 constraint);
}

static void put_field(struct buffer *out, char code, const char *text)
{
	if (!text[0])
		return;
	buffer_put_u8(out, (uint8_t)code);
	buffer_put_cstring(out, text);
}

static void write_message(const struct error *error, char letter,
			  const char *severity, struct buffer *out)
{
	size_t start;
	char position[16] = "";

	if (error->position > 0)
		snprintf(position, sizeof(position), "%d", error->position);
	buffer_put_u8(out, (uint8_t)letter);
	start = out->length;
	buffer_put_u32(out, 0);
	put_field(out, 'S', severity);
	put_field(out, 'V', severity);
	put_field(out, 'C', error->sqlstate);
	put_field(out, 'M', error->message);
	put_field(out, 'D', error->detail);
	put_field(out, 'H', error->hint);
	put_field(out, 'P', position);
	put_field(out, 'W', error->context);
	put_field(out, 's', error->schema);
	put_field(out, 't', error->table);
	put_field(out, 'c', error->column);
	put_field(out, 'd', error->data_type);
	put_field(out, 'n', error->constraint);
	put_field(out, 'R', error->routine);
	buffer_put_u8(out, 0);
	buffer_patch_u32(out, start, (uint32_t)(out->length - start));
}

void error_write(const struct error *error, struct buffer *out)
{
	write_message(error, 'E', error->fatal ? "FATAL" : "ERROR", out);
}

void notice_write(const struct error *error, const char *severity,
		  struct buffer *out)
{
	write_message(error, 'N', severity, out);
}
