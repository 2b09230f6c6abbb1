/*
 * From Postgres's notation ("Advanced Regular Expressions", manual section
 * 9.7.3) to PCRE2's. What both write alike passes; what only PCRE2 knows is
 * refused, so that nothing can be smuggled in (verbs, recursion, callouts).
 */
#include "pool/sqlite/regex_translate.h"

#define SQLSTATE_BAD_REGEX "2201B"
#define REPEAT_MAX 255

struct translation {
	const uint8_t *at;
	const uint8_t *end;
	struct buffer *out;
	struct regex_notes *notes;
	struct error *error;
	bool repeated;		/* the last thing was a quantifier */
	bool atom;		/* there is something to repeat */
};

static bool fail(struct translation *t, const char *why)
{
	return error_set(t->error, SQLSTATE_BAD_REGEX,
			 "invalid regular expression: %s", why);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static int hex_digit(uint8_t c)
{
	if (is_digit(c))
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \uwxyz, \Ustuvwxyz, \xh...: a character by its number. */
static bool put_number(struct translation *t, int digits, bool exact)
{
	uint32_t value = 0;
	int count = 0;

	while (count < digits && t->at < t->end && hex_digit(*t->at) >= 0) {
		value = value << 4 | (uint32_t)hex_digit(*t->at++);
		count++;
	}
	if (!count || (exact && count < digits) || value > 0x10FFFF)
		return fail(t, "invalid escape \\ sequence");
	buffer_printf(t->out, "\\x{%x}", value);
	return true;
}

/* \1 to \9 refer back; \0 and longer ones name a character in octal. */
static bool put_digits(struct translation *t, bool bracket)
{
	uint32_t value = 0;
	int count = 0;

	if (t->at[0] != '0' && !bracket) {
		while (t->at < t->end && is_digit(*t->at) && count++ < 2)
			value = value * 10 + (uint32_t)(*t->at++ - '0');
		if (value > t->notes->groups)
			return fail(t, "invalid backreference number");
		t->notes->references = true;
		buffer_printf(t->out, "\\g{%u}", value);
		return true;
	}
	while (t->at < t->end && *t->at >= '0' && *t->at <= '7' && count++ < 3)
		value = value << 3 | (uint32_t)(*t->at++ - '0');
	if (!count)
		return fail(t, "invalid escape \\ sequence");
	buffer_printf(t->out, "\\x{%x}", value);
	return true;
}

static const struct {
	char letter;
	bool bracket;		/* allowed in [ ] */
	bool constraint;	/* cannot be repeated */
	const char *means;
} escapes[] = {
	{ 'a', true, false, "\\x07" }, { 'b', true, false, "\\x08" },
	{ 'e', true, false, "\\x1b" }, { 'f', true, false, "\\x0c" },
	{ 'n', true, false, "\\x0a" }, { 'r', true, false, "\\x0d" },
	{ 't', true, false, "\\x09" }, { 'v', true, false, "\\x0b" },
	{ 'B', true, false, "\\\\" }, { 'd', true, false, "\\d" },
	{ 's', true, false, "\\s" }, { 'w', true, false, "\\w" },
	{ 'D', true, false, "\\D" }, { 'S', true, false, "\\S" },
	{ 'W', true, false, "\\W" }, { 'A', false, true, "\\A" },
	{ 'm', false, true, "\\b(?=\\w)" }, { 'M', false, true, "\\b(?<=\\w)" },
	{ 'y', false, true, "\\b" }, { 'Y', false, true, "\\B" },
	{ 'Z', false, true, "\\z" },
};

static bool put_letter_escape(struct translation *t, uint8_t c, bool bracket)
{
	for (size_t i = 0; i < sizeof(escapes) / sizeof(*escapes); i++) {
		if (escapes[i].letter != (char)c ||
		    (bracket && !escapes[i].bracket))
			continue;
		buffer_put_text(t->out, escapes[i].means);
		if (escapes[i].constraint)
			t->atom = false;
		return true;
	}
	return fail(t, "invalid escape \\ sequence");
}

static bool put_escape(struct translation *t, bool bracket)
{
	uint8_t c;

	if (++t->at == t->end)
		return fail(t, "invalid escape \\ sequence");
	c = *t->at;
	t->atom = true;
	if (is_digit(c))
		return put_digits(t, bracket);
	t->at++;
	switch (c) {
	case 'u':
		return put_number(t, 4, true);
	case 'U':
		return put_number(t, 8, true);
	case 'x':
		return put_number(t, 8, false);
	case 'c':
		if (t->at == t->end)
			return fail(t, "invalid escape \\ sequence");
		buffer_printf(t->out, "\\x{%x}", *t->at++ & 0x1F);
		return true;
	}
	if (is_letter(c))
		return put_letter_escape(t, c, bracket);
	buffer_put_u8(t->out, '\\');
	buffer_put_u8(t->out, c);
	return true;
}

/* Where case does not count, an upper and a lower letter are a letter. */
static void put_class_name(struct translation *t, struct slice name)
{
	if (t->notes->ignores_case && (slice_is(name, "[:upper:]") ||
				       slice_is(name, "[:lower:]")))
		name = slice_text("[:alpha:]");
	buffer_put(t->out, name.at, name.length);
}

/* [:alpha:] and its kin inside brackets. */
static bool put_class(struct translation *t)
{
	uint8_t kind = t->at[1];
	const uint8_t *from = t->at;

	for (t->at += 2; t->at + 1 < t->end; t->at++) {
		if (t->at[0] != kind || t->at[1] != ']')
			continue;
		t->at += 2;
		if (kind != ':')	/* collating: one character itself */
			return t->at - from == 5
				       ? (buffer_printf(t->out, "\\x{%x}",
							from[2]), true)
				       : fail(t, "invalid collating element");
		put_class_name(t, slice_make(from, (size_t)(t->at - from)));
		return true;
	}
	return fail(t, "brackets [] not balanced");
}

static bool put_bracket_item(struct translation *t)
{
	uint8_t c = *t->at;

	if (c == '\\')
		return put_escape(t, true);
	if (c == '[' && t->at + 1 < t->end && strchr(":.=", t->at[1]) &&
	    t->at[1])
		return put_class(t);
	if (c == '[' || (t->notes->expanded && (c == ' ' || c == '#')))
		buffer_put_u8(t->out, '\\');
	buffer_put_u8(t->out, c);
	t->at++;
	return true;
}

static bool put_bracket(struct translation *t)
{
	bool first = true, negated = false;

	buffer_put_u8(t->out, '[');
	t->at++;
	if (t->at < t->end && *t->at == '^') {
		negated = true;
		buffer_put_u8(t->out, *t->at++);
	}
	while (t->at < t->end && (*t->at != ']' || first)) {
		if (*t->at == ']')
			buffer_put_u8(t->out, '\\');
		if (*t->at == ']') {
			buffer_put_u8(t->out, *t->at++);
		} else if (!put_bracket_item(t)) {
			return false;
		}
		first = false;
	}
	if (t->at == t->end)
		return fail(t, "brackets [] not balanced");
	if (negated && t->notes->newline_dot)
		buffer_put_text(t->out, "\\n");
	buffer_put_u8(t->out, *t->at++);
	t->atom = true;
	return true;
}

static bool put_group(struct translation *t)
{
	size_t left = (size_t)(t->end - t->at);

	t->atom = false;
	if (left >= 2 && t->at[1] == '*')
		return fail(t, "quantifier operand invalid");
	if (left < 2 || t->at[1] != '?') {
		t->notes->groups++;
		buffer_put_u8(t->out, *t->at++);
		return true;
	}
	if (left >= 3 && t->at[2] == '#') {
		while (t->at < t->end && *t->at != ')')
			t->at++;
		if (t->at == t->end)
			return fail(t, "parentheses () not balanced");
		t->at++;
		return true;
	}
	if (left >= 3 && strchr(":=!", t->at[2]) && t->at[2]) {
		buffer_put(t->out, t->at, 3);
		t->at += 3;
		return true;
	}
	if (left >= 4 && t->at[2] == '<' &&
	    (t->at[3] == '=' || t->at[3] == '!')) {
		buffer_put(t->out, t->at, 4);
		t->at += 4;
		return true;
	}
	return fail(t, "quantifier operand invalid");
}

/* {m}, {m,}, {m,n} */
static bool put_bound(struct translation *t)
{
	unsigned int low = 0, high;
	bool open = false;

	for (t->at++; t->at < t->end && is_digit(*t->at); t->at++)
		if ((low = low * 10 + (*t->at - '0')) > REPEAT_MAX)
			return fail(t, "invalid repetition count(s)");
	high = low;
	if (t->at < t->end && *t->at == ',') {
		high = 0;
		open = ++t->at < t->end && !is_digit(*t->at);
		for (; t->at < t->end && is_digit(*t->at); t->at++)
			if ((high = high * 10 + (*t->at - '0')) > REPEAT_MAX)
				return fail(t, "invalid repetition count(s)");
	}
	if (t->at == t->end || *t->at != '}')
		return fail(t, "braces {} not balanced");
	if (!open && high < low)
		return fail(t, "invalid repetition count(s)");
	t->at++;
	if (open)
		buffer_printf(t->out, "{%u,}", low);
	else
		buffer_printf(t->out, "{%u,%u}", low, high);
	return true;
}

static bool put_quantifier(struct translation *t)
{
	if (t->repeated || !t->atom)
		return fail(t, "quantifier operand invalid");
	if (*t->at != '{')
		buffer_put_u8(t->out, *t->at++);
	else if (!put_bound(t))
		return false;
	if (t->at < t->end && *t->at == '?') {
		buffer_put_u8(t->out, *t->at++);
		t->notes->lazy = true;
	} else {
		t->notes->greedy = true;
	}
	t->repeated = true;
	return true;
}

static bool is_quantifier(const struct translation *t)
{
	uint8_t c = *t->at;

	return c == '*' || c == '+' || c == '?' ||
	       (c == '{' && t->at + 1 < t->end && is_digit(t->at[1]));
}

static bool put_next(struct translation *t)
{
	uint8_t c = *t->at;

	if (is_quantifier(t))
		return put_quantifier(t);
	t->repeated = false;
	switch (c) {
	case '\\':
		return put_escape(t, false);
	case '[':
		return put_bracket(t);
	case '(':
		return put_group(t);
	case '|':
		t->notes->alternatives = true;
		t->atom = false;
		break;
	case '^':
	case '$':
		t->atom = false;
		break;
	case '{':
		buffer_put_u8(t->out, '\\');
		t->atom = true;
		break;
	default:
		t->atom = true;
	}
	buffer_put_u8(t->out, c);
	t->at++;
	return true;
}

/* (?flags) at the very beginning. */
static bool read_embedded(struct translation *t, int *flags)
{
	const uint8_t *close;
	struct slice letters;

	if (t->end - t->at < 3 || memcmp(t->at, "(?", 2) != 0 ||
	    !is_letter(t->at[2]))
		return true;
	close = memchr(t->at, ')', (size_t)(t->end - t->at));
	if (!close)
		return fail(t, "invalid embedded option");
	letters = slice_make(t->at + 2, (size_t)(close - t->at - 2));
	if (memchr(letters.at, 'g', letters.length) ||
	    !regex_flags(letters, flags, t->error))
		return fail(t, "invalid embedded option");
	t->at = close + 1;
	return true;
}

bool regex_translate(struct slice pattern, int *flags, struct buffer *out,
		     struct regex_notes *ret_notes, struct error *error)
{
	struct translation t = { pattern.at, pattern.at + pattern.length, out,
				 ret_notes, error, false, false };

	*ret_notes = (struct regex_notes){ 0 };
	if (pattern.length >= 4 && !memcmp(pattern.at, "***=", 4)) {
		*flags |= REGEX_LITERAL;
		t.at += 4;
	} else if (pattern.length >= 4 && !memcmp(pattern.at, "***:", 4)) {
		t.at += 4;
	}
	if (!(*flags & REGEX_LITERAL) && !read_embedded(&t, flags))
		return false;
	if (*flags & REGEX_LITERAL) {
		buffer_put(out, t.at, (size_t)(t.end - t.at));
		return true;
	}
	ret_notes->expanded = *flags & REGEX_EXPANDED;
	ret_notes->newline_dot = *flags & REGEX_NEWLINE_DOT;
	ret_notes->ignores_case = *flags & REGEX_ICASE;
	while (t.at < t.end)
		if (!put_next(&t))
			return false;
	return true;
}
