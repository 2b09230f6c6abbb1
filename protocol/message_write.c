#include "protocol/message_write.h"

/* A message that is nothing but its letter. */
static void write_bare(struct buffer *out, char type)
{
	message_end(out, message_begin(out, type));
}

static void put_text(struct buffer *out, struct slice text)
{
	buffer_put_slice(out, text);
	buffer_put_u8(out, 0);
}

/* --- login -------------------------------------------------------------- */

/* Which question an Authentication message asks. */
enum authentication_code {
	AUTHENTICATION_OK = 0,
	AUTHENTICATION_CLEARTEXT = 3,
	AUTHENTICATION_MD5 = 5,
	AUTHENTICATION_SASL = 10,
	AUTHENTICATION_SASL_CONTINUE = 11,
	AUTHENTICATION_SASL_FINAL = 12,
};

static void write_authentication(struct buffer *out,
				 enum authentication_code code,
				 struct slice data)
{
	size_t mark = message_begin(out, 'R');

	buffer_put_u32(out, code);
	buffer_put_slice(out, data);
	message_end(out, mark);
}

void write_authentication_ok(struct buffer *out)
{
	write_authentication(out, AUTHENTICATION_OK, slice_make(NULL, 0));
}

void write_authentication_cleartext(struct buffer *out)
{
	write_authentication(out, AUTHENTICATION_CLEARTEXT,
			     slice_make(NULL, 0));
}

void write_authentication_md5(struct buffer *out, const uint8_t salt[4])
{
	write_authentication(out, AUTHENTICATION_MD5, slice_make(salt, 4));
}

void write_authentication_sasl(struct buffer *out, const char *const *names)
{
	size_t mark = message_begin(out, 'R');

	buffer_put_u32(out, AUTHENTICATION_SASL);
	for (; *names; names++)
		buffer_put_cstring(out, *names);
	buffer_put_u8(out, 0);
	message_end(out, mark);
}

void write_authentication_sasl_continue(struct buffer *out, struct slice data)
{
	write_authentication(out, AUTHENTICATION_SASL_CONTINUE, data);
}

void write_authentication_sasl_final(struct buffer *out, struct slice data)
{
	write_authentication(out, AUTHENTICATION_SASL_FINAL, data);
}

void write_negotiate_version(struct buffer *out, uint32_t version,
			     struct slice unknown_names,
			     uint32_t unknown_count)
{
	size_t mark = message_begin(out, 'v');

	buffer_put_u32(out, version);
	buffer_put_u32(out, unknown_count);
	buffer_put_slice(out, unknown_names);
	message_end(out, mark);
}

void write_parameter_status(struct buffer *out, struct slice name,
			    struct slice value)
{
	size_t mark = message_begin(out, 'S');

	put_text(out, name);
	put_text(out, value);
	message_end(out, mark);
}

void write_parameter_statuses(struct buffer *out, struct slice pairs)
{
	struct reader reader = reader_make(pairs);

	while (reader_left(&reader)) {
		struct slice name = read_cstring(&reader);
		struct slice value = read_cstring(&reader);

		if (reader.failed)
			return;
		write_parameter_status(out, name, value);
	}
}

void write_backend_key(struct buffer *out, uint32_t pid, struct slice key)
{
	size_t mark = message_begin(out, 'K');

	buffer_put_u32(out, pid);
	buffer_put_slice(out, key);
	message_end(out, mark);
}

void write_ready(struct buffer *out, char status)
{
	size_t mark = message_begin(out, 'Z');

	buffer_put_u8(out, (uint8_t)status);
	message_end(out, mark);
}

/* --- answers ------------------------------------------------------------ */

void write_parse_complete(struct buffer *out)
{
	write_bare(out, '1');
}

void write_bind_complete(struct buffer *out)
{
	write_bare(out, '2');
}

void write_close_complete(struct buffer *out)
{
	write_bare(out, '3');
}

void write_no_data(struct buffer *out)
{
	write_bare(out, 'n');
}

void write_portal_suspended(struct buffer *out)
{
	write_bare(out, 's');
}

void write_empty_query(struct buffer *out)
{
	write_bare(out, 'I');
}

void write_command_complete(struct buffer *out, const char *tag)
{
	size_t mark = message_begin(out, 'C');

	buffer_put_cstring(out, tag);
	message_end(out, mark);
}

void write_parameter_description(struct buffer *out, const uint32_t *types,
				 unsigned count)
{
	size_t mark = message_begin(out, 't');

	buffer_put_u16(out, (uint16_t)count);
	for (unsigned i = 0; i < count; i++)
		buffer_put_u32(out, types[i]);
	message_end(out, mark);
}

void write_row_description(struct buffer *out, const struct column *columns,
			   unsigned count)
{
	size_t mark = message_begin(out, 'T');

	buffer_put_u16(out, (uint16_t)count);
	for (unsigned i = 0; i < count; i++) {
		const struct column *column = &columns[i];

		buffer_put_cstring(out, column->name);
		buffer_put_u32(out, column->table_oid);
		buffer_put_u16(out, (uint16_t)column->table_column);
		buffer_put_u32(out, column->type_oid);
		buffer_put_u16(out, (uint16_t)column->type_length);
		buffer_put_u32(out, (uint32_t)column->type_modifier);
		buffer_put_u16(out, column->format);
	}
	message_end(out, mark);
}

size_t begin_row(struct buffer *out, unsigned column_count)
{
	size_t mark = message_begin(out, 'D');

	buffer_put_u16(out, (uint16_t)column_count);
	return mark;
}

void put_value(struct buffer *out, struct slice value)
{
	if (!value.at) {
		buffer_put_u32(out, UINT32_MAX);
		return;
	}
	buffer_put_u32(out, (uint32_t)value.length);
	buffer_put_slice(out, value);
}

void end_row(struct buffer *out, size_t mark)
{
	message_end(out, mark);
}

void write_copy_response(struct buffer *out, char type, uint8_t format,
			 unsigned column_count)
{
	size_t mark = message_begin(out, type);

	buffer_put_u8(out, format);
	buffer_put_u16(out, (uint16_t)column_count);
	for (unsigned i = 0; i < column_count; i++)
		buffer_put_u16(out, format);
	message_end(out, mark);
}

void write_copy_data(struct buffer *out, struct slice data)
{
	size_t mark = message_begin(out, 'd');

	buffer_put_slice(out, data);
	message_end(out, mark);
}

void write_copy_done(struct buffer *out)
{
	write_bare(out, 'c');
}

void write_notification(struct buffer *out, uint32_t pid, struct slice channel,
			struct slice payload)
{
	size_t mark = message_begin(out, 'A');

	buffer_put_u32(out, pid);
	put_text(out, channel);
	put_text(out, payload);
	message_end(out, mark);
}

/* --- to servers --------------------------------------------------------- */

void write_query(struct buffer *out, const char *text)
{
	size_t mark = message_begin(out, 'Q');

	buffer_put_cstring(out, text);
	message_end(out, mark);
}

void write_parse(struct buffer *out, const char *name, struct slice text,
		 const uint32_t *types, unsigned type_count)
{
	size_t mark = message_begin(out, 'P');

	buffer_put_cstring(out, name);
	put_text(out, text);
	buffer_put_u16(out, (uint16_t)type_count);
	for (unsigned i = 0; i < type_count; i++)
		buffer_put_u32(out, types[i]);
	message_end(out, mark);
}

static void write_named(struct buffer *out, char type, char kind,
			const char *name)
{
	size_t mark = message_begin(out, type);

	buffer_put_u8(out, (uint8_t)kind);
	buffer_put_cstring(out, name);
	message_end(out, mark);
}

void write_describe(struct buffer *out, char kind, const char *name)
{
	write_named(out, 'D', kind, name);
}

void write_close(struct buffer *out, char kind, const char *name)
{
	write_named(out, 'C', kind, name);
}

void write_bind_plain(struct buffer *out, const char *portal, const char *name)
{
	size_t mark = message_begin(out, 'B');

	buffer_put_cstring(out, portal);
	buffer_put_cstring(out, name);
	buffer_put_u16(out, 0);
	buffer_put_u16(out, 0);
	buffer_put_u16(out, 0);
	message_end(out, mark);
}

void write_execute(struct buffer *out, const char *portal, uint32_t rows_max)
{
	size_t mark = message_begin(out, 'E');

	buffer_put_cstring(out, portal);
	buffer_put_u32(out, rows_max);
	message_end(out, mark);
}

void write_sync(struct buffer *out)
{
	write_bare(out, 'S');
}

void write_terminate(struct buffer *out)
{
	write_bare(out, 'X');
}

void write_tls_request(struct buffer *out)
{
	buffer_put_u32(out, 8);
	buffer_put_u32(out, 80877103);
}

void write_cancel(struct buffer *out, uint32_t pid, struct slice key)
{
	buffer_put_u32(out, (uint32_t)(12 + key.length));
	buffer_put_u32(out, 80877102);
	buffer_put_u32(out, pid);
	buffer_put_slice(out, key);
}
