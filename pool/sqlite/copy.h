/*
 * COPY: the three formats of its data (Postgres manual, "COPY", "File
 * Formats"), and where a running COPY stands.
 */
#ifndef WEIR_POOL_SQLITE_COPY_H
#define WEIR_POOL_SQLITE_COPY_H

#include "protocol/arena.h"
#include "protocol/error.h"

#define COPY_LINE_BYTES_MAX ((size_t)64 << 20)

enum copy_kind { COPY_TEXT, COPY_CSV, COPY_BINARY };

struct copy_format {
	enum copy_kind kind;
	char delimiter, quote, escape;
	const char *null;
	const char *table;	/* whose rows come in */
	bool header;
	bool header_matches;	/* its names must be the columns' */
	bool *force_quote;	/* each for the columns by their place; */
	bool *force_not_null;	/* NULL: none */
	bool *force_null;
};

struct copy_field {
	bool null;
	struct slice text;
};

/*
 * Cuts the first record off `bytes`. Returns its length with the line's end,
 * 0 while it is not whole; `at_end`: no more will come, what is there is the
 * last record. Text and CSV.
 */
size_t copy_cut_line(const struct copy_format *, struct slice bytes,
		     bool at_end, size_t *scanned, bool *quoted);

/* Splits a record (without the line's end) into fields; how many there are,
 * -1 with the error filled. More than `most` are not stored. */
int copy_split(const struct copy_format *, struct slice line, struct arena *,
	       struct copy_field *fields, int most, struct error *);

/* Appends one value as a field: `forced` into quotes where they need not be,
 * `alone` on its line. */
void copy_put_field(const struct copy_format *, struct slice text, bool forced,
		    bool alone, struct buffer *out);

#endif
