/*
 * An array as text: '{1,NULL,"a b"}', '{{1,2},{3,4}}', '[2:3]={5,6}'
 * (Postgres manual, 8.15). Cutting and putting together only; what the
 * elements mean is their types' business.
 *
 * Stored, the elements are texts as Postgres prints them with the time zone
 * UTC; array_split() and array_join() of type.h go between that and values.
 */
#ifndef WEIR_PROTOCOL_ARRAY_TEXT_H
#define WEIR_PROTOCOL_ARRAY_TEXT_H

#include "protocol/arena.h"
#include "protocol/bytes.h"
#include "protocol/error.h"

#define ARRAY_DIMENSIONS_MAX 6
#define ARRAY_ITEMS_MAX 134217727

struct array_text {
	int dimensions; /* 0: empty */
	int32_t lengths[ARRAY_DIMENSIONS_MAX];
	int32_t lower[ARRAY_DIMENSIONS_MAX]; /* usually 1 */
	size_t count; /* of items, over all dimensions */
	struct slice *items; /* row after row, without quotes; `at` is
				   NULL for a NULL */
};

/* 22P02 "malformed array literal" with the detail, 54000 for more than six
 * dimensions. Items borrow from `text` or the arena. */
bool array_text_parse(struct slice text, struct arena *, struct array_text *ret,
		      struct error *);

/* Items with their quotes where they need them. */
void array_text_print(const struct array_text *, struct buffer *out);

/* The number of items that lengths multiply to; 54000 if there are too many,
 * 22023 below zero. */
bool array_text_count(struct array_text *, struct error *);

#endif
