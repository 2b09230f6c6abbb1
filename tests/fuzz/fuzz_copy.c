/*
 * Any bytes as the data of COPY in text and CSV: records are cut alike from
 * the whole and byte by byte, and fields that were read are read again from
 * what is written of them.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "pool/sqlite/copy.h"

#define FIELDS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool quoted_all[FIELDS_MAX];	/* its address says it */

static const struct copy_format formats[] = {
	{ .kind = COPY_TEXT, .delimiter = '\t', .null = "\\N" },
	{ .kind = COPY_TEXT, .delimiter = '|', .null = "" },
	{ .kind = COPY_CSV, .delimiter = ',', .quote = '"', .escape = '"',
	  .null = "" },
	{ .kind = COPY_CSV, .delimiter = ';', .quote = '\'', .escape = '\\',
	  .null = "NULL" },
	{ .kind = COPY_CSV, .delimiter = ',', .quote = '"', .escape = '"',
	  .null = "", .force_quote = quoted_all },
};

/* As it comes from the network at its worst. */
static size_t cut_by_bytes(const struct copy_format *format, struct slice bytes)
{
	size_t scanned = 0, cut = 0;
	bool quoted = false;

	for (size_t had = 1; cut == 0 && had <= bytes.length; had++)
		cut = copy_cut_line(format, slice_make(bytes.at, had),
				    had == bytes.length, &scanned, &quoted);
	return cut;
}

static void check_again(const struct copy_format *format,
			const struct copy_field *fields, int count,
			struct arena *arena)
{
	struct copy_field again[FIELDS_MAX];
	struct buffer line = { 0 };
	struct error error = { .sqlstate = "" };

	for (int i = 0; i < count; i++) {
		if (i > 0)
			buffer_put(&line, &format->delimiter, 1);
		if (fields[i].null)
			buffer_put_text(&line, format->null);
		else
			copy_put_field(format, fields[i].text,
				       format->force_quote != NULL, count == 1,
				       &line);
	}
	assert(copy_split(format, slice_make(buffer_cstring(&line), line.length),
			  arena, again, FIELDS_MAX, &error) == count);
	for (int i = 0; i < count; i++)
		assert(again[i].null == fields[i].null &&
		       (again[i].null ||
			slice_equal(again[i].text, fields[i].text)));
	buffer_fini(&line);
}

static struct slice without_end(struct slice line)
{
	while (line.length > 0 && (line.at[line.length - 1] == '\n' ||
				   line.at[line.length - 1] == '\r'))
		line.length--;
	return line;
}

static void check_line(const struct copy_format *format, struct slice line)
{
	struct copy_field fields[FIELDS_MAX];
	struct arena arena = { 0 };
	struct error error = { .sqlstate = "" };
	int count = copy_split(format, without_end(line), &arena, fields,
			       FIELDS_MAX, &error);

	if (count < 0)
		assert(error.sqlstate[0] != '\0' && error.message[0] != '\0');
	else if (count > 0 && count <= FIELDS_MAX)
		check_again(format, fields, count, &arena);
	arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct copy_format *format;
	struct slice left;

	if (size == 0)
		return 0;
	format = &formats[data[0] % (sizeof(formats) / sizeof(*formats))];
	left = slice_make(data + 1, size - 1);
	while (left.length > 0) {
		size_t scanned = 0;
		bool quoted = false;
		size_t cut = copy_cut_line(format, left, true, &scanned,
					   &quoted);

		assert(cut > 0 && cut <= left.length);
		assert(cut_by_bytes(format, left) == cut);
		check_line(format, slice_make(left.at, cut));
		left = slice_make(left.at + cut, left.length - cut);
	}
	return 0;
}
