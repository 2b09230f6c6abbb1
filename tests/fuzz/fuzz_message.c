/* Any body, read as every message: what is found lies within the body, counts
 * agree with what the iterators give, and no byte beyond is looked at. The
 * first byte chooses the reader. */
#include <stdint.h>
#include <stdlib.h>

#include "protocol/message_read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice body;

static void within(struct slice part)
{
	if (part.at && part.length &&
	    (part.at < body.at ||
	     part.at + part.length > body.at + body.length))
		abort();
}

static void check_startup(void)
{
	struct startup_message message;
	struct slice name, value;

	if (!read_startup(body, &message))
		return;
	within(message.user);
	within(message.database);
	within(message.options);
	while (startup_next(&message, &name, &value)) {
		within(name);
		within(value);
		if (!name.length)
			abort();
	}
}

static void check_bind(void)
{
	struct bind_message message;
	struct slice value;
	unsigned count = 0;

	if (!read_bind(body, &message))
		return;
	within(message.portal);
	within(message.statement);
	for (unsigned i = 0; i < message.value_count; i++)
		format_at(message.formats, message.format_count, i);
	format_at(message.result_formats, message.result_format_count, 70000);
	while (bind_next(&message, &value)) {
		within(value);
		count++;
	}
	if (count != message.value_count)
		abort();
}

static void check_row(void)
{
	struct row_message message;
	struct slice value;
	unsigned count = 0;

	if (!read_row(body, &message))
		return;
	while (row_next(&message, &value)) {
		within(value);
		count++;
	}
	if (count != message.column_count)
		abort();
}

static void check_parse(void)
{
	struct parse_message message;

	if (!read_parse(body, &message))
		return;
	within(message.name);
	within(message.text);
	for (unsigned i = 0; i < message.type_count; i++)
		parse_type(&message, i);
}

static void check_error(void)
{
	struct error error;
	struct slice severity;
	struct buffer out = { 0 };

	if (!read_error(body, &error, &severity))
		return;
	if (strlen(error.sqlstate) != 5)
		abort();
	/* What was read can be written, and read again. */
	error_write(&error, &out);
	if (!read_error(slice_make(out.bytes + 5, out.length - 5), &error,
			NULL))
		abort();
	buffer_fini(&out);
}

static void check_small_ones(void)
{
	struct cancel_message cancel;
	struct name_message name;
	struct execute_message execute;
	struct sasl_message sasl;
	struct notification_message notification;
	struct slice a, b;
	char status;

	if (read_cancel(body, &cancel))
		within(cancel.key);
	if (read_name(body, &name))
		within(name.name);
	if (read_execute(body, &execute))
		within(execute.portal);
	if (read_sasl_initial(body, &sasl)) {
		within(sasl.mechanism);
		within(sasl.data);
	}
	if (read_notification(body, &notification))
		within(notification.payload);
	if (read_parameter_status(body, &a, &b))
		within(b);
	if (read_text(body, &a))
		within(a);
	read_ready(body, &status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *copy;

	if (!size)
		return 0;
	/* On the heap, exactly as long: the sanitizer sees one byte more. */
	copy = malloc(size);
	memcpy(copy, data, size);
	body = slice_make(copy + 1, size - 1);
	switch (copy[0] % 6) {
	case 0: check_startup(); break;
	case 1: check_bind(); break;
	case 2: check_row(); break;
	case 3: check_parse(); break;
	case 4: check_error(); break;
	default: check_small_ones(); break;
	}
	free(copy);
	return 0;
}
