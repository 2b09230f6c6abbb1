#include "proxy/option.h"

#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* --- names -------------------------------------------------------------- */

const struct option_row *option_find(enum option_scope scope,
				     struct slice path)
{
	for (unsigned i = 0; i < option_count; i++)
		if (option_rows[i].scope == scope &&
		    slice_is(path, option_rows[i].path))
			return &option_rows[i];
	return NULL;
}

static void spell(const char *path, const char *prefix, char joint, bool upper,
		  char *ret, size_t size)
{
	int length = snprintf(ret, size, "%s%s", prefix, path);

	assert(length > 0 && (size_t)length < size);
	for (char *at = ret; *at; at++) {
		if (*at == '.' || *at == '_')
			*at = joint;
		else if (upper)
			*at = (char)toupper((unsigned char)*at);
	}
}

void option_flag(const struct option_row *row, char *ret, size_t size)
{
	spell(row->path, "", '-', false, ret, size);
}

void option_variable(const struct option_row *row, char *ret, size_t size)
{
	spell(row->path, "WEIR_", '_', true, ret, size);
}

/* How many letters to add, drop or change (Levenshtein) to make b of a. */
static unsigned distance(struct slice a, const char *b)
{
	unsigned row[64];
	unsigned columns = (unsigned)strlen(b);

	if (a.length >= 64 || columns >= 64)
		return 64;
	for (unsigned j = 0; j <= columns; j++)
		row[j] = j;
	for (unsigned i = 1; i <= a.length; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= columns; j++) {
			unsigned change = diagonal + (a.at[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
			if (change < row[j])
				row[j] = change;
		}
	}
	return row[columns];
}

const char *option_nearest(struct slice word, const char *const *words)
{
	unsigned best = (unsigned)word.length / 3 + 1;
	const char *nearest = NULL;

	for (; *words; words++) {
		unsigned far = distance(word, *words);

		if (far <= best && far < strlen(*words)) {
			best = far;
			nearest = *words;
		}
	}
	return nearest;
}

/* --- values ------------------------------------------------------------- */

static void *member(const struct option_row *row, void *base)
{
	return (char *)base + row->offset;
}

static const void *member_const(const struct option_row *row, const void *base)
{
	return (const char *)base + row->offset;
}

static bool complain(struct buffer *why, const char *what)
{
	buffer_put_text(why, what);
	return false;
}

/* Digits to a number; at most 15 of them, which no option needs. */
static size_t read_digits(struct slice text, unsigned base, uint64_t *ret)
{
	uint64_t number = 0;
	size_t i;

	for (i = 0; i < text.length && i < 15; i++) {
		unsigned digit = text.at[i] - (unsigned)'0';

		if (digit >= base)
			break;
		number = number * base + digit;
	}
	*ret = number;
	return i;
}

static bool check_range(const struct option_row *row, uint64_t number,
			struct buffer *why)
{
	if (number >= row->min && number <= row->max)
		return true;
	if (row->type == OPTION_DURATION)
		buffer_printf(why, "must lie between %" PRIu64 "ms and %" PRIu64
			      "s", row->min, row->max / 1000);
	else if (row->type == OPTION_MODE)
		buffer_printf(why, "must lie between 0 and %04" PRIo64,
			      row->max);
	else
		buffer_printf(why, "must lie between %" PRIu64 " and %" PRIu64,
			      row->min, row->max);
	return false;
}

static bool set_number(const struct option_row *row, void *base,
		       struct slice text, struct buffer *why)
{
	bool octal = row->type == OPTION_MODE;
	uint64_t number;

	if (!text.length ||
	    read_digits(text, octal ? 8 : 10, &number) != text.length)
		return complain(why, octal ?
				"must be permissions in octal, such as 0660" :
				"must be a whole number");
	if (!check_range(row, number, why))
		return false;
	*(unsigned *)member(row, base) = (unsigned)number;
	return true;
}

static const struct { const char *name; uint64_t ms; } units[] = {
	{ "ms", 1 }, { "s", 1000 }, { "min", 60000 }, { "h", 3600000 },
	{ "d", 86400000 },
};

static bool set_duration(const struct option_row *row, void *base,
			 struct slice text, struct buffer *why)
{
	uint64_t number, ms = 0;
	size_t digits = read_digits(text, 10, &number);
	struct slice unit = { text.at + digits, text.length - digits };

	while (unit.length && unit.at[0] == ' ')
		unit = slice_make(unit.at + 1, unit.length - 1);
	if (!unit.length)
		unit = slice_text(row->unit);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (slice_is(unit, units[i].name))
			ms = units[i].ms;
	if (!digits || !ms)
		return complain(why, "must be a duration such as 500ms, 30s, "
				     "5min, 2h or 1d");
	if (number > row->max / ms)
		number = row->max / ms + 1;	/* out of range, no overflow */
	if (!check_range(row, number * ms, why))
		return false;
	*(uint64_t *)member(row, base) = number * ms;
	return true;
}

static bool set_bool(const struct option_row *row, void *base,
		     struct slice text, struct buffer *why)
{
	static const char *const words[] = { "false", "true", "no", "yes",
					     "off", "on", "0", "1" };

	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (slice_is(text, words[i])) {
			*(bool *)member(row, base) = i & 1;
			return true;
		}
	}
	return complain(why, "must be true or false");
}

static bool set_choice(const struct option_row *row, void *base,
		       struct slice text, struct buffer *why)
{
	const char *nearest = option_nearest(text, row->choices);

	for (int i = 0; row->choices[i]; i++) {
		if (slice_is(text, row->choices[i])) {
			*(int *)member(row, base) = i;
			return true;
		}
	}
	buffer_put_text(why, "must be ");
	for (int i = 0; row->choices[i]; i++)
		buffer_printf(why, "%s%s", i == 0 ? "" :
			      row->choices[i + 1] ? ", " : " or ",
			      row->choices[i]);
	if (nearest)
		buffer_printf(why, "; did you mean %s?", nearest);
	return false;
}

static bool set_text(const struct option_row *row, void *base,
		     struct slice text, struct buffer *why)
{
	char **place = member(row, base);

	if (!text.length)
		return complain(why, "must not be empty");
	if (memchr(text.at, 0, text.length))
		return complain(why, "must not hold a zero byte");
	free(*place);
	*place = slice_dup(text);
	return true;
}

static struct slice trim(struct slice text)
{
	while (text.length && isspace(text.at[0]))
		text = slice_make(text.at + 1, text.length - 1);
	while (text.length && isspace(text.at[text.length - 1]))
		text.length--;
	return text;
}

/* The first item of a comma list; `text` moves behind it. */
static struct slice cut_item(struct slice *text)
{
	bool quoted = false;
	size_t end = 0;
	struct slice item;

	for (; end < text->length; end++) {
		if (text->at[end] == '"')
			quoted = !quoted;
		else if (text->at[end] == ',' && !quoted)
			break;
	}
	item = slice_make(text->at, end);
	end += end < text->length;
	*text = slice_make(text->at + end, text->length - end);
	return trim(item);
}

static bool set_list(const struct option_row *row, void *base,
		     struct slice text)
{
	option_clear(row, base);
	while (text.length) {
		struct slice item = cut_item(&text);

		if (item.length)
			option_add(row, base, item);
	}
	return true;
}

bool option_set(const struct option_row *row, void *base, struct slice text,
		struct buffer *why)
{
	switch (row->type) {
	case OPTION_BOOL:
		return set_bool(row, base, text, why);
	case OPTION_COUNT:
	case OPTION_MODE:
		return set_number(row, base, text, why);
	case OPTION_DURATION:
		return set_duration(row, base, text, why);
	case OPTION_CHOICE:
		return set_choice(row, base, text, why);
	case OPTION_TEXT:
		return set_text(row, base, text, why);
	case OPTION_LIST:
		return set_list(row, base, text);
	}
	return false;
}

void option_add(const struct option_row *row, void *base, struct slice item)
{
	struct option_list *list = member(row, base);

	list->items = must_realloc(list->items, (list->count + 1) *
						sizeof(list->items[0]));
	list->items[list->count++] = slice_dup(item);
}

void option_clear(const struct option_row *row, void *base)
{
	struct option_list *list = member(row, base);
	char **text = member(row, base);

	if (row->type == OPTION_TEXT) {
		if (*text)	/* it may have been a password */
			explicit_bzero(*text, strlen(*text));
		free(*text);
		*text = NULL;
	} else if (row->type == OPTION_LIST) {
		for (unsigned i = 0; i < list->count; i++)
			free(list->items[i]);
		free(list->items);
		*list = (struct option_list){ 0 };
	}
}

bool option_is_set(const struct option_row *row, const void *base)
{
	if (row->type == OPTION_TEXT)
		return *(char *const *)member_const(row, base) != NULL;
	if (row->type == OPTION_LIST)
		return ((const struct option_list *)
			member_const(row, base))->count > 0;
	return true;
}

/* In seconds wherever that is exact, as PgBouncer's users know the numbers. */
static void print_duration(uint64_t ms, struct buffer *out)
{
	if (ms % 1000)
		buffer_printf(out, "%" PRIu64 "ms", ms);
	else if (ms)
		buffer_printf(out, "%" PRIu64 "s", ms / 1000);
	else
		buffer_put_text(out, "0");
}

void option_print_text(const char *text, struct buffer *out)
{
	bool plain = *text && !strpbrk(text, " #,[]{}&*!|>'\"%@`\\\n\t") &&
		     text[strlen(text) - 1] != ':' && *text != '-' &&
		     *text != '?' && *text != ':';

	if (plain) {
		buffer_put_text(out, text);
		return;
	}
	buffer_put_u8(out, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer_put_u8(out, '\\');
		if ((unsigned char)*text < ' ')
			buffer_printf(out, "\\x%02x", (unsigned char)*text);
		else
			buffer_put_u8(out, (uint8_t)*text);
	}
	buffer_put_u8(out, '"');
}

static void print_list(const struct option_list *list, struct buffer *out)
{
	buffer_put_u8(out, '[');
	for (unsigned i = 0; i < list->count; i++) {
		buffer_put_text(out, i ? ", " : "");
		option_print_text(list->items[i], out);
	}
	buffer_put_u8(out, ']');
}

void option_print(const struct option_row *row, const void *base,
		  struct buffer *out)
{
	const void *at = member_const(row, base);

	switch (row->type) {
	case OPTION_BOOL:
		buffer_put_text(out, *(const bool *)at ? "true" : "false");
		break;
	case OPTION_COUNT:
		buffer_printf(out, "%u", *(const unsigned *)at);
		break;
	case OPTION_MODE:
		buffer_printf(out, "%04o", *(const unsigned *)at);
		break;
	case OPTION_DURATION:
		print_duration(*(const uint64_t *)at, out);
		break;
	case OPTION_CHOICE:
		buffer_put_text(out, row->choices[*(const int *)at]);
		break;
	case OPTION_TEXT:
		if (*(char *const *)at)
			option_print_text(*(char *const *)at, out);
		break;
	case OPTION_LIST:
		print_list(at, out);
		break;
	}
}

bool option_equal(const struct option_row *row, const void *a, const void *b)
{
	struct buffer left = { 0 }, right = { 0 };
	bool equal;

	option_print(row, a, &left);
	option_print(row, b, &right);
	equal = slice_equal(buffer_slice(&left), buffer_slice(&right));
	buffer_wipe(&left);
	buffer_wipe(&right);
	return equal;
}

static size_t plain_bytes(enum option_type type)
{
	return type == OPTION_BOOL ? sizeof(bool) :
	       type == OPTION_CHOICE ? sizeof(int) :
	       type == OPTION_DURATION ? sizeof(uint64_t) : sizeof(unsigned);
}

void option_copy(const struct option_row *row, void *to, const void *from)
{
	const struct option_list *list = member_const(row, from);
	char *const *text = member_const(row, from);

	option_clear(row, to);
	if (row->type == OPTION_TEXT)
		*(char **)member(row, to) = *text ? must_dup(*text) : NULL;
	else if (row->type == OPTION_LIST)
		for (unsigned i = 0; i < list->count; i++)
			option_add(row, to, slice_text(list->items[i]));
	else
		memcpy(member(row, to), member_const(row, from),
		       plain_bytes(row->type));
}
