/*
 * The codec of numeric; numeric_*.c know how.
 */
#include <stdlib.h>

#include "protocol/numeric.h"
#include "protocol/type_codec.h"

/* Already as Postgres would print it, and short: no need to compute. */
static bool is_plain(struct slice text)
{
	size_t i = 0, start;

	if (text.length == 0 || text.length > 64)
		return false;
	if (text.at[0] == '-')
		i = 1;
	start = i;
	while (i < text.length && text.at[i] >= '0' && text.at[i] <= '9')
		i++;
	if (i == start || start == 1 ||
	    (text.at[start] == '0' && i > start + 1))
		return false;
	if (i == text.length)
		return true;
	if (text.at[i++] != '.' || i == text.length)
		return false;
	while (i < text.length && text.at[i] >= '0' && text.at[i] <= '9')
		i++;
	return i == text.length;
}

static bool read_numeric(struct type_read_job *job)
{
	struct numeric number;
	bool ok;

	if (is_plain(job->bytes))
		return put_text(job, job->bytes);
	numeric_init(&number);
	ok = numeric_parse(job->bytes, &number, job->error);
	if (ok)
		put_text(job, numeric_text(&number, job->arena));
	numeric_fini(&number);
	return ok;
}

static bool read_numeric_binary(struct type_read_job *job)
{
	struct slice text;

	return numeric_from_wire(job->bytes, job->arena, &text, job->error) &&
	       put_text(job, text);
}

static bool write_numeric(struct type_write_job *job)
{
	/* What SQLite counted itself is a number too. */
	if (job->value->kind == VALUE_INTEGER) {
		put_decimal(job->out, job->value->integer);
		return true;
	}
	if (job->value->kind != VALUE_TEXT ||
	    !numeric_is_text(job->value->bytes))
		return refuse_stored(job);
	buffer_put_slice(job->out, job->value->bytes);
	return true;
}

static bool write_numeric_binary(struct type_write_job *job)
{
	struct buffer text = { 0 };
	bool ok;

	if (job->value->kind == VALUE_INTEGER) {
		put_decimal(&text, job->value->integer);
		ok = numeric_to_wire(buffer_slice(&text), job->out);
		buffer_fini(&text);
		return ok;
	}
	if (job->value->kind != VALUE_TEXT ||
	    !numeric_to_wire(job->value->bytes, job->out))
		return refuse_stored(job);
	return true;
}

static bool coerce_numeric(uint32_t oid, int32_t typmod, bool explicit_cast,
			   struct value *value, struct arena *arena,
			   struct error *error)
{
	struct numeric number;
	bool ok;

	if (typmod < 4 || value->kind != VALUE_TEXT)
		return true;
	numeric_init(&number);
	ok = numeric_parse(value->bytes, &number, error) &&
	     numeric_limit(&number, typmod, error);
	if (ok)
		value->bytes = numeric_text(&number, arena);
	numeric_fini(&number);
	return ok;
}

const struct type_codec codec_numeric = {
	read_numeric,	      read_numeric_binary, write_numeric,
	write_numeric_binary, coerce_numeric,
};
