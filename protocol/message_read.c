#include "protocol/message_read.h"

#include <stdio.h>

/* --- startup ------------------------------------------------------------ */

bool is_extension_name(struct slice name)
{
	return name.length >= 5 && memcmp(name.at, "_pq_.", 5) == 0;
}

bool startup_next(struct startup_message *message, struct slice *ret_name,
		  struct slice *ret_value)
{
	struct slice name, value;

	/* An empty name is the terminator. */
	if (reader_left(&message->parameters) < 2)
		return false;
	name = read_cstring(&message->parameters);
	value = read_cstring(&message->parameters);
	if (message->parameters.failed || !name.length)
		return false;
	*ret_name = name;
	*ret_value = value;
	return true;
}

static void note_parameter(struct startup_message *message, struct slice name,
			   struct slice value)
{
	/* Given twice, the last one counts, as in Postgres. */
	if (slice_is(name, "user"))
		message->user = value;
	else if (slice_is(name, "database"))
		message->database = value;
	else if (slice_is(name, "options"))
		message->options = value;
	else if (slice_is(name, "replication"))
		message->replication = value;
	else if (slice_is(name, "application_name"))
		message->application_name = value;
	else if (is_extension_name(name))
		message->extension_count++;
}

bool read_startup(struct slice body, struct startup_message *message)
{
	struct startup_message found = { 0 };
	struct reader reader = reader_make(body), pairs;
	struct slice name, value;
	uint32_t version = read_u32(&reader);

	found.major = (uint16_t)(version >> 16);
	found.minor = (uint16_t)version;
	pairs = reader;
	for (;;) {
		name = read_cstring(&reader);
		if (reader.failed || !name.length)
			break;
		value = read_cstring(&reader);
		if (!reader.failed)
			note_parameter(&found, name, value);
	}
	if (!reader_done(&reader))
		return false;
	found.parameters = pairs;
	*message = found;
	return true;
}

bool read_cancel(struct slice body, struct cancel_message *message)
{
	struct reader reader = reader_make(body);
	uint32_t code = read_u32(&reader);
	uint32_t pid = read_u32(&reader);
	struct slice key = read_bytes(&reader, reader_left(&reader));

	if (!reader_done(&reader) || code != STARTUP_CANCEL ||
	    key.length < 4 || key.length > CANCEL_KEY_BYTES_MAX)
		return false;
	message->pid = pid;
	message->key = key;
	return true;
}

/* --- extended query ----------------------------------------------------- */

bool read_parse(struct slice body, struct parse_message *message)
{
	struct reader reader = reader_make(body);
	struct parse_message found;

	found.name = read_cstring(&reader);
	found.text = read_cstring(&reader);
	found.type_count = read_u16(&reader);
	found.types = read_bytes(&reader, (size_t)found.type_count * 4);
	if (!reader_done(&reader))
		return false;
	*message = found;
	return true;
}

/* A value with its length in front; -1 is NULL, other negative lengths are
 * an error. */
static struct slice read_value(struct reader *reader)
{
	uint32_t length = read_u32(reader);

	if (reader->failed || length == UINT32_MAX)
		return slice_make(NULL, 0);
	if (length > INT32_MAX)
		reader->failed = true;
	return read_bytes(reader, length);
}

bool read_bind(struct slice body, struct bind_message *message)
{
	struct reader reader = reader_make(body);
	struct bind_message found;

	found.portal = read_cstring(&reader);
	found.statement = read_cstring(&reader);
	found.format_count = read_u16(&reader);
	found.formats = read_bytes(&reader, (size_t)found.format_count * 2);
	found.value_count = read_u16(&reader);
	found.values = reader;
	for (unsigned i = 0; i < found.value_count && !reader.failed; i++)
		read_value(&reader);
	found.values.end = reader.at;
	found.result_format_count = read_u16(&reader);
	found.result_formats = read_bytes(&reader,
		(size_t)found.result_format_count * 2);
	if (!reader_done(&reader))
		return false;
	*message = found;
	return true;
}

bool bind_next(struct bind_message *message, struct slice *ret_value)
{
	if (!reader_left(&message->values))
		return false;
	*ret_value = read_value(&message->values);
	return !message->values.failed;
}

uint16_t format_at(struct slice formats, unsigned count, unsigned index)
{
	const uint8_t *at;

	if (!count)
		return 0;
	if (count == 1)
		index = 0;
	if (index >= count || (size_t)index * 2 + 2 > formats.length)
		return 0;
	at = formats.at + (size_t)index * 2;
	return (uint16_t)(at[0] << 8 | at[1]);
}

bool read_name(struct slice body, struct name_message *message)
{
	struct reader reader = reader_make(body);
	char kind = (char)read_u8(&reader);
	struct slice name = read_cstring(&reader);

	if (!reader_done(&reader) || (kind != 'S' && kind != 'P'))
		return false;
	message->kind = kind;
	message->name = name;
	return true;
}

bool read_execute(struct slice body, struct execute_message *message)
{
	struct reader reader = reader_make(body);
	struct slice portal = read_cstring(&reader);
	uint32_t rows = read_u32(&reader);

	if (!reader_done(&reader))
		return false;
	message->portal = portal;
	/* Postgres: zero or negative is "all of them". */
	message->rows_max = rows > INT32_MAX ? 0 : rows;
	return true;
}

bool read_text(struct slice body, struct slice *ret_text)
{
	struct reader reader = reader_make(body);
	struct slice text = read_cstring(&reader);

	if (!reader_done(&reader))
		return false;
	*ret_text = text;
	return true;
}

bool read_sasl_initial(struct slice body, struct sasl_message *message)
{
	struct reader reader = reader_make(body);
	struct slice mechanism = read_cstring(&reader);
	struct slice data = read_value(&reader);

	if (!reader_done(&reader))
		return false;
	message->mechanism = mechanism;
	message->data = data;
	return true;
}

/* --- from servers ------------------------------------------------------- */

#define COPY_TEXT(field, text)                                            \
	snprintf((field), sizeof(field), "%.*s",                          \
		 (int)((text).length < sizeof(field) ? (text).length :    \
						       sizeof(field)),    \
		 (const char *)(text).at)

/* Digits only; anything else is 0. */
static int read_number(struct slice text)
{
	int number = 0;

	for (size_t i = 0; i < text.length; i++) {
		if (text.at[i] < '0' || text.at[i] > '9' || number > 99999999)
			return 0;
		number = number * 10 + (text.at[i] - '0');
	}
	return number;
}

static void note_field(struct error *error, char code, struct slice text)
{
	switch (code) {
	case 'V':
		error->fatal = slice_is(text, "FATAL") ||
			       slice_is(text, "PANIC");
		break;
	case 'C': COPY_TEXT(error->sqlstate, text); break;
	case 'M': COPY_TEXT(error->message, text); break;
	case 'D': COPY_TEXT(error->detail, text); break;
	case 'H': COPY_TEXT(error->hint, text); break;
	case 'P': error->position = read_number(text); break;
	case 's': COPY_TEXT(error->schema, text); break;
	case 't': COPY_TEXT(error->table, text); break;
	case 'c': COPY_TEXT(error->column, text); break;
	case 'd': COPY_TEXT(error->data_type, text); break;
	case 'n': COPY_TEXT(error->constraint, text); break;
	case 'R': COPY_TEXT(error->routine, text); break;
	}
}

bool read_error(struct slice body, struct error *error,
		struct slice *ret_severity)
{
	struct reader reader = reader_make(body);
	struct slice severity = slice_make("", 0), text;
	struct error found = { 0 };
	char code;

	while ((code = (char)read_u8(&reader)) != 0) {
		text = read_cstring(&reader);
		if (reader.failed)
			return false;
		note_field(&found, code, text);
		if (code == 'V' || (code == 'S' && !severity.length))
			severity = text;
	}
	if (!reader_done(&reader))
		return false;
	if (strlen(found.sqlstate) != 5)
		COPY_TEXT(found.sqlstate, slice_text(SQLSTATE_INTERNAL));
	*error = found;
	if (ret_severity)
		*ret_severity = severity;
	return true;
}

bool read_parameter_status(struct slice body, struct slice *ret_name,
			   struct slice *ret_value)
{
	struct reader reader = reader_make(body);
	struct slice name = read_cstring(&reader);
	struct slice value = read_cstring(&reader);

	if (!reader_done(&reader))
		return false;
	*ret_name = name;
	*ret_value = value;
	return true;
}

bool read_ready(struct slice body, char *ret_status)
{
	if (body.length != 1 || !memchr("ITE", body.at[0], 3))
		return false;
	*ret_status = (char)body.at[0];
	return true;
}

bool read_notification(struct slice body, struct notification_message *message)
{
	struct reader reader = reader_make(body);
	struct notification_message found;

	found.pid = read_u32(&reader);
	found.channel = read_cstring(&reader);
	found.payload = read_cstring(&reader);
	if (!reader_done(&reader))
		return false;
	*message = found;
	return true;
}

bool read_row(struct slice body, struct row_message *message)
{
	struct reader reader = reader_make(body);
	struct row_message found;

	found.column_count = read_u16(&reader);
	found.columns = reader;
	for (unsigned i = 0; i < found.column_count && !reader.failed; i++)
		read_value(&reader);
	if (!reader_done(&reader))
		return false;
	*message = found;
	return true;
}

bool row_next(struct row_message *message, struct slice *ret_value)
{
	if (!reader_left(&message->columns))
		return false;
	*ret_value = read_value(&message->columns);
	return !message->columns.failed;
}
