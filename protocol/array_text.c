#include "protocol/array_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool is_space(uint8_t byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

bool array_text_count(struct array_text *array, struct error *error)
{
	int64_t count = array->dimensions ? 1 : 0;

	for (int i = 0; i < array->dimensions; i++) {
		if (array->lengths[i] < 0)
			return error_set(error, SQLSTATE_INVALID_PARAMETER,
					 "invalid array length");
		count *= array->lengths[i];
		if (count > ARRAY_ITEMS_MAX)
			return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
					 "array size exceeds the maximum "
					 "allowed (%d)",
					 ARRAY_ITEMS_MAX);
	}
	array->count = (size_t)count;
	return true;
}

/* --- printing -------------------------------------------------------------------- */

static bool needs_quotes(struct slice item)
{
	if (item.length == 0 ||
	    (item.length == 4 &&
	     strncasecmp((const char *)item.at, "null", 4) == 0))
		return true;
	for (size_t i = 0; i < item.length; i++) {
		uint8_t byte = item.at[i];

		if (is_space(byte) || byte == '"' || byte == '\\' ||
		    byte == '{' || byte == '}' || byte == ',')
			return true;
	}
	return false;
}

static void put_item(struct buffer *out, struct slice item)
{
	size_t start = 0;

	if (!item.at) {
		buffer_put_text(out, "NULL");
		return;
	}
	if (!needs_quotes(item)) {
		buffer_put_slice(out, item);
		return;
	}
	buffer_put_u8(out, '"');
	for (size_t i = 0; i < item.length; i++) {
		if (item.at[i] != '"' && item.at[i] != '\\')
			continue;
		buffer_put(out, item.at + start, i - start);
		buffer_put_u8(out, '\\');
		start = i;
	}
	if (item.length > start)
		buffer_put(out, item.at + start, item.length - start);
	buffer_put_u8(out, '"');
}

static void put_bounds(struct buffer *out, const struct array_text *array)
{
	bool usual = true;

	for (int i = 0; i < array->dimensions; i++)
		usual = usual && array->lower[i] == 1;
	if (usual)
		return;
	for (int i = 0; i < array->dimensions; i++)
		buffer_printf(out, "[%d:%d]", array->lower[i],
			      array->lower[i] + array->lengths[i] - 1);
	buffer_put_u8(out, '=');
}

/* Items that one brace of dimension `i` holds. */
static size_t items_within(const struct array_text *array, int i)
{
	size_t size = 1;

	for (; i < array->dimensions; i++)
		size *= (size_t)array->lengths[i];
	return size;
}

void array_text_print(const struct array_text *array, struct buffer *out)
{
	if (array->count == 0) {
		buffer_put_text(out, "{}");
		return;
	}
	put_bounds(out, array);
	for (size_t item = 0; item < array->count; item++) {
		if (item)
			buffer_put_u8(out, ',');
		for (int i = 0; i < array->dimensions; i++)
			if (item % items_within(array, i) == 0)
				buffer_put_u8(out, '{');
		put_item(out, array->items[item]);
		for (int i = array->dimensions - 1; i >= 0; i--)
			if ((item + 1) % items_within(array, i) == 0)
				buffer_put_u8(out, '}');
	}
}

/* --- reading ---------------------------------------------------------------------- */

enum state {
	NOTHING_YET,
	LEVEL_STARTED,
	ITEM_STARTED,
	QUOTED_STARTED,
	QUOTED_DONE,
	ITEM_DELIMITED,
	LEVEL_DONE,
	LEVEL_DELIMITED,
};

static uint32_t bit(enum state state)
{
	return UINT32_C(1) << state;
}

struct parse {
	struct slice text; /* all of it, for the complaint */
	const uint8_t *at, *end;
	struct arena *arena;
	struct error *error;
	enum state state;
	int level; /* braces open */
	int deepest; /* the level items are at; 0: none seen */
	int32_t counts[ARRAY_DIMENSIONS_MAX]; /* in the brace open now */
	int32_t lengths[ARRAY_DIMENSIONS_MAX]; /* of those before; -1: none */
	struct slice *items;
	size_t count, capacity;
	uint8_t *item; /* the one that is being read; all lie in
				   one piece as long as the text */
	size_t item_length;
	size_t item_solid; /* up to here trailing space is meant */
	bool item_quoted;
	bool item_escaped; /* then it is a word, never NULL */
};

static bool refuse(struct parse *parse, const char *detail)
{
	error_set(parse->error, SQLSTATE_INVALID_TEXT,
		  "malformed array literal: \"%.*s\"",
		  parse->text.length > 400 ? 400 : (int)parse->text.length,
		  (const char *)parse->text.at);
	error_detail(parse->error, "%s", detail);
	return false;
}

static bool refuse_character(struct parse *parse, char character)
{
	char detail[48];

	snprintf(detail, sizeof(detail), "Unexpected \"%c\" character.",
		 character);
	return refuse(parse, detail);
}

static bool refuse_depth(int dimensions, struct error *error)
{
	return error_set(error, SQLSTATE_LIMIT_EXCEEDED,
			 "number of array dimensions (%d) exceeds the "
			 "maximum allowed (%d)",
			 dimensions, ARRAY_DIMENSIONS_MAX);
}

static void add_byte(struct parse *parse, uint8_t byte, bool solid)
{
	parse->item[parse->item_length++] = byte;
	if (solid)
		parse->item_solid = parse->item_length;
}

static bool ends_item(enum state state)
{
	return state == ITEM_STARTED || state == QUOTED_DONE;
}

static void grow(struct parse *parse)
{
	struct slice *items;

	if (parse->count < parse->capacity)
		return;
	parse->capacity = parse->capacity ? parse->capacity * 2 : 16;
	items = arena_alloc(parse->arena, parse->capacity * sizeof(*items));
	if (parse->count)
		memcpy(items, parse->items, parse->count * sizeof(*items));
	parse->items = items;
}

/* The item before a comma or brace is complete. */
static bool finish_item(struct parse *parse)
{
	struct slice item;

	if (!ends_item(parse->state))
		return true;
	/* All items must be equally deep. */
	if (parse->deepest && parse->deepest != parse->level)
		return refuse(parse, "Multidimensional arrays must have "
				     "sub-arrays with matching dimensions.");
	parse->deepest = parse->level;
	item = slice_make(parse->item, parse->item_quoted ? parse->item_length
							  : parse->item_solid);
	if (!parse->item_quoted && !parse->item_escaped && item.length == 4 &&
	    strncasecmp((const char *)item.at, "null", 4) == 0)
		item = slice_make(NULL, 0);
	grow(parse);
	parse->items[parse->count++] = item;
	parse->item += parse->item_length;
	parse->item_length = parse->item_solid = 0;
	parse->item_quoted = parse->item_escaped = false;
	return true;
}

static bool on_backslash(struct parse *parse)
{
	uint32_t allowed = bit(LEVEL_STARTED) | bit(ITEM_STARTED) |
			   bit(QUOTED_STARTED) | bit(ITEM_DELIMITED);

	if (!(allowed & bit(parse->state)))
		return refuse_character(parse, '\\');
	if (parse->state != QUOTED_STARTED)
		parse->state = ITEM_STARTED;
	if (parse->end - parse->at < 2)
		return refuse(parse, "Unexpected end of input.");
	parse->at++;
	add_byte(parse, *parse->at, true);
	parse->item_escaped = true;
	return true;
}

static bool on_quote(struct parse *parse)
{
	uint32_t allowed =
		bit(LEVEL_STARTED) | bit(QUOTED_STARTED) | bit(ITEM_DELIMITED);

	if (!(allowed & bit(parse->state)))
		return refuse(parse, "Unexpected array element.");
	parse->state =
		parse->state == QUOTED_STARTED ? QUOTED_DONE : QUOTED_STARTED;
	parse->item_quoted = true;
	return true;
}

static bool on_open(struct parse *parse)
{
	uint32_t allowed =
		bit(NOTHING_YET) | bit(LEVEL_STARTED) | bit(LEVEL_DELIMITED);

	if (!(allowed & bit(parse->state)))
		return refuse_character(parse, '{');
	if (parse->level == ARRAY_DIMENSIONS_MAX)
		return refuse_depth(parse->level + 1, parse->error);
	parse->state = LEVEL_STARTED;
	parse->counts[parse->level++] = 1;
	return true;
}

static bool on_close(struct parse *parse)
{
	bool empty = parse->state == LEVEL_STARTED && parse->level == 1;
	int level = parse->level - 1;

	if (!ends_item(parse->state) && parse->state != LEVEL_DONE && !empty)
		return refuse_character(parse, '}');
	if (!finish_item(parse))
		return false;
	if (parse->lengths[level] != -1 &&
	    parse->lengths[level] != parse->counts[level])
		return refuse(parse, "Multidimensional arrays must have "
				     "sub-arrays with matching dimensions.");
	parse->lengths[level] = empty ? 0 : parse->counts[level];
	parse->level--;
	parse->state = LEVEL_DONE;
	return true;
}

static bool on_comma(struct parse *parse)
{
	if (!ends_item(parse->state) && parse->state != LEVEL_DONE)
		return refuse_character(parse, ',');
	if (!finish_item(parse))
		return false;
	parse->state =
		parse->state == LEVEL_DONE ? LEVEL_DELIMITED : ITEM_DELIMITED;
	parse->counts[parse->level - 1]++;
	return true;
}

static bool on_other(struct parse *parse, uint8_t byte)
{
	uint32_t allowed =
		bit(LEVEL_STARTED) | bit(ITEM_STARTED) | bit(ITEM_DELIMITED);

	if (is_space(byte)) {
		if (parse->state == ITEM_STARTED)
			add_byte(parse, byte, false);
		return true;
	}
	if (!(allowed & bit(parse->state)))
		return refuse(parse, "Unexpected array element.");
	parse->state = ITEM_STARTED;
	add_byte(parse, byte, true);
	return true;
}

static bool take(struct parse *parse)
{
	uint8_t byte = *parse->at;

	if (byte == '\\')
		return on_backslash(parse);
	if (byte == '"')
		return on_quote(parse);
	if (parse->state == QUOTED_STARTED) {
		add_byte(parse, byte, true);
		return true;
	}
	if (byte == '{')
		return on_open(parse);
	if (byte == '}')
		return on_close(parse);
	return byte == ',' ? on_comma(parse) : on_other(parse, byte);
}

/* From the first brace to the one that closes it. */
static bool parse_braces(struct parse *parse)
{
	do {
		if (parse->at == parse->end)
			return refuse(parse, "Unexpected end of input.");
		if (!take(parse))
			return false;
		parse->at++;
	} while (parse->level);
	while (parse->at < parse->end && is_space(*parse->at))
		parse->at++;
	if (parse->at < parse->end)
		return refuse(parse, "Junk after closing right brace.");
	return true;
}

static void skip_spaces(struct parse *parse)
{
	while (parse->at < parse->end && is_space(*parse->at))
		parse->at++;
}

static bool parse_bound(struct parse *parse, const char *missing, int32_t *ret)
{
	bool negative = parse->at < parse->end && *parse->at == '-';
	const uint8_t *start;
	int64_t value = 0;

	if (parse->at < parse->end && (negative || *parse->at == '+'))
		parse->at++;
	start = parse->at;
	while (parse->at < parse->end && *parse->at >= '0' &&
	       *parse->at <= '9' && value < INT32_MAX)
		value = value * 10 + (*parse->at++ - '0');
	if (parse->at == start)
		return refuse(parse, missing);
	if (negative)
		value = -value;
	if (value > INT32_MAX || value < INT32_MIN)
		return error_set(parse->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "array bound is out of integer range");
	*ret = (int32_t)value;
	return true;
}

/* "[2:4]" or "[3]" */
static bool parse_dimension(struct parse *parse, struct array_text *array)
{
	int32_t lower = 1, upper;

	parse->at++;
	if (array->dimensions == ARRAY_DIMENSIONS_MAX)
		return refuse_depth(array->dimensions + 1, parse->error);
	if (!parse_bound(parse,
			 "\"[\" must introduce explicitly-specified "
			 "array dimensions.",
			 &upper))
		return false;
	if (parse->at < parse->end && *parse->at == ':') {
		parse->at++;
		lower = upper;
		if (!parse_bound(parse, "Missing array dimension value.",
				 &upper))
			return false;
	}
	if (parse->at == parse->end || *parse->at++ != ']')
		return refuse(parse, "Missing \"]\" after array dimensions.");
	if (upper < lower)
		return error_set(parse->error, "2202E",
				 "upper bound cannot "
				 "be less than lower bound");
	if ((int64_t)upper - lower >= ARRAY_ITEMS_MAX)
		return error_set(parse->error, SQLSTATE_LIMIT_EXCEEDED,
				 "array size exceeds the maximum allowed (%d)",
				 ARRAY_ITEMS_MAX);
	array->lower[array->dimensions] = lower;
	array->lengths[array->dimensions++] = upper - lower + 1;
	return true;
}

static bool parse_dimensions(struct parse *parse, struct array_text *array)
{
	for (;;) {
		skip_spaces(parse);
		if (parse->at == parse->end || *parse->at != '[')
			break;
		if (!parse_dimension(parse, array))
			return false;
	}
	if (array->dimensions == 0) {
		if (parse->at == parse->end || *parse->at != '{')
			return refuse(parse, "Array value must start with "
					     "\"{\" or dimension "
					     "information.");
		return true;
	}
	if (parse->at == parse->end || *parse->at++ != '=')
		return refuse(parse, "Missing \"=\" after array dimensions.");
	skip_spaces(parse);
	if (parse->at == parse->end || *parse->at != '{')
		return refuse(parse, "Array contents must start with \"{\".");
	return true;
}

static bool settle(struct parse *parse, struct array_text *array)
{
	bool declared = array->dimensions > 0;
	int dimensions = parse->deepest;
	bool match = array->dimensions == dimensions;

	for (int i = 0; declared && i < dimensions; i++)
		match = match && array->lengths[i] == parse->lengths[i];
	if (declared && !match)
		return refuse(parse, "Specified array dimensions do not match "
				     "array contents.");
	for (int i = 0; i < dimensions; i++) {
		array->lengths[i] = parse->lengths[i];
		if (!declared)
			array->lower[i] = 1;
	}
	array->dimensions = dimensions;
	array->items = parse->items;
	return array_text_count(array, parse->error);
}

bool array_text_parse(struct slice text, struct arena *arena,
		      struct array_text *ret, struct error *error)
{
	struct parse parse = { .text = text,
			       .at = text.at,
			       .end = text.at + text.length,
			       .arena = arena,
			       .error = error };
	struct array_text array = { 0 };

	parse.item = arena_alloc(arena, text.length + 1);
	for (int i = 0; i < ARRAY_DIMENSIONS_MAX; i++)
		parse.lengths[i] = -1;
	if (!parse_dimensions(&parse, &array) || !parse_braces(&parse) ||
	    !settle(&parse, &array))
		return false;
	*ret = array;
	return true;
}
