/*
 * to_char() of numbers, step by step as Postgres's formatting.c: what looks
 * odd here prints the same there. A picture is read into what it asks for;
 * the number becomes a text of as many digits; then the picture is gone
 * through once more, each of its digits taking one of the number's.
 */
#include "pool/sqlite/function_time.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/numeric.h"

#define FORMAT_BYTES_MAX 4096
#define ROMAN_WIDTH 15

enum word {
	WORD_COMMA, WORD_POINT, WORD_0, WORD_9, WORD_B, WORD_D, WORD_EEEE,
	WORD_FM, WORD_G, WORD_L, WORD_MI, WORD_PL, WORD_PR, WORD_RN, WORD_SG,
	WORD_SP, WORD_S, WORD_TH, WORD_V, WORD_NONE,
};

/* Longer ones first. In capitals or in small letters, not mixed. */
static const struct {
	const char *text;
	enum word word;
} words[] = {
	{ ",", WORD_COMMA }, { ".", WORD_POINT }, { "0", WORD_0 },
	{ "9", WORD_9 }, { "B", WORD_B }, { "D", WORD_D },
	{ "EEEE", WORD_EEEE }, { "FM", WORD_FM }, { "G", WORD_G },
	{ "L", WORD_L }, { "MI", WORD_MI }, { "PL", WORD_PL },
	{ "PR", WORD_PR }, { "RN", WORD_RN }, { "SG", WORD_SG },
	{ "SP", WORD_SP }, { "S", WORD_S }, { "TH", WORD_TH },
	{ "V", WORD_V },
};

enum sign_place { SIGN_NONE, SIGN_BEFORE, SIGN_BEHIND };

struct picture {
	struct slice format;
	int pre, post;		/* places before and behind the point */
	enum sign_place s;	/* where S stands */
	int pre_at_s;
	int multiply;		/* places behind V */
	int zero_start, zero_end;
	bool decimal, zero, fill, minus, plus, bracket, blank, roman, times,
		exponent, signed_s;
};

/* --- reading the picture ------------------------------------------------------ */

static enum word word_at(struct slice format, size_t at, size_t *ret_length)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t length = strlen(words[i].text);
		bool capital = true, small = true;

		if (format.length - at < length)
			continue;
		for (size_t k = 0; k < length; k++) {
			capital &= format.at[at + k] == words[i].text[k];
			small &= format.at[at + k] ==
				 (uint8_t)tolower(words[i].text[k]);
		}
		*ret_length = length;
		if (capital || small)
			return words[i].word;
	}
	return WORD_NONE;
}

/* What stands for itself: a character, or several between quotes. The place
 * behind it; `out` may be NULL. */
static size_t take_text(struct slice format, size_t at, struct buffer *out)
{
	bool quoted = format.at[at] == '"';
	size_t length = format.length, end;

	if (quoted)
		at++;
	do {
		if (quoted && at < length && format.at[at] == '"')
			return at + 1;
		if (at + 1 < length && format.at[at] == '\\' &&
		    (quoted || format.at[at + 1] == '"'))
			at++;
		if (at >= length)
			break;
		end = at + utf8_length(format.at + at, format.at + length);
		if (out)
			buffer_put(out, format.at + at, end - at);
		at = end;
	} while (quoted && at < length);
	return at;
}

static bool fail(struct call *call, const char *message)
{
	return error_set(call->error, SQLSTATE_SYNTAX, "%s", message);
}

static bool note_digit(struct call *call, struct picture *p, bool zero)
{
	if (p->bracket)
		return fail(call, zero ? "\"0\" must be ahead of \"PR\""
				       : "\"9\" must be ahead of \"PR\"");
	if (!zero && p->times) {
		p->multiply++;
		return true;
	}
	if (zero && !p->zero && !p->decimal) {
		p->zero = true;
		p->zero_start = p->pre + 1;
	}
	if (p->decimal)
		p->post++;
	else
		p->pre++;
	if (zero)
		p->zero_end = p->pre + p->post;
	return true;
}

static bool note_s(struct call *call, struct picture *p)
{
	if (p->signed_s)
		return fail(call, "cannot use \"S\" twice");
	if (p->plus || p->minus || p->bracket)
		return fail(call, "cannot use \"S\" and "
				  "\"PL\"/\"MI\"/\"SG\"/\"PR\" together");
	p->signed_s = true;
	p->s = p->decimal ? SIGN_BEHIND : SIGN_BEFORE;
	if (!p->decimal)
		p->pre_at_s = p->pre;
	return true;
}

static bool note_sign(struct call *call, struct picture *p, enum word word)
{
	if (p->signed_s)
		return fail(call, word == WORD_MI
			? "cannot use \"S\" and \"MI\" together"
			: word == WORD_PL
			? "cannot use \"S\" and \"PL\" together"
			: "cannot use \"S\" and \"SG\" together");
	p->minus |= word != WORD_PL;
	p->plus |= word != WORD_MI;
	return true;
}

static bool note_point(struct call *call, struct picture *p)
{
	if (p->decimal)
		return fail(call, "multiple decimal points");
	if (p->times)
		return fail(call,
			    "cannot use \"V\" and decimal point together");
	p->decimal = true;
	return true;
}

static bool note_exponent(struct call *call, struct picture *p)
{
	if (p->exponent)
		return fail(call, "cannot use \"EEEE\" twice");
	if (p->blank || p->fill || p->signed_s || p->bracket || p->minus ||
	    p->plus || p->roman || p->times)
		return fail(call,
			    "\"EEEE\" is incompatible with other formats");
	p->exponent = true;
	return true;
}

static bool note_word(struct call *call, struct picture *p, enum word word)
{
	if (p->exponent && word != WORD_EEEE)
		return fail(call, "\"EEEE\" must be the last pattern used");
	switch (word) {
	case WORD_9:
	case WORD_0:
		return note_digit(call, p, word == WORD_0);
	case WORD_B:
		p->blank |= p->pre == 0 && p->post == 0 && !p->zero;
		return true;
	case WORD_D:
	case WORD_POINT:
		return note_point(call, p);
	case WORD_FM:
		p->fill = true;
		return true;
	case WORD_S:
		return note_s(call, p);
	case WORD_MI:
	case WORD_PL:
	case WORD_SG:
		return note_sign(call, p, word);
	case WORD_PR:
		if (p->signed_s || p->plus || p->minus)
			return fail(call, "cannot use \"PR\" and \"S\"/\"PL\"/"
					  "\"MI\"/\"SG\" together");
		p->bracket = true;
		return true;
	case WORD_RN:
		p->roman = true;
		return true;
	case WORD_V:
		if (p->decimal)
			return fail(call, "cannot use \"V\" and decimal point "
					  "together");
		p->times = true;
		return true;
	case WORD_EEEE:
		return note_exponent(call, p);
	default:
		return true;
	}
}

static bool read_picture(struct call *call, struct picture *p)
{
	*p = (struct picture){ .format = call_text(call, 1) };
	if (p->format.length > FORMAT_BYTES_MAX)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "format is too long");
	for (size_t at = 0; at < p->format.length;) {
		size_t length;
		enum word word = word_at(p->format, at, &length);

		if (word == WORD_NONE) {
			at = take_text(p->format, at, NULL);
			continue;
		}
		if (!note_word(call, p, word))
			return false;
		at += length;
	}
	return true;
}

/* --- the number --------------------------------------------------------------------- */

struct digits {
	const char *text;	/* without a sign */
	char sign;
	int spaces;		/* places that no digit fills */
};

static bool is_float(struct call *call)
{
	int64_t type = call_integer(call, 2);

	return type == OID_FLOAT4 || type == OID_FLOAT8;
}

/* A float shows no more digits than it surely has. */
static const char *float_text(struct call *call, struct picture *p)
{
	int most = call_integer(call, 2) == OID_FLOAT4 ? FLT_DIG : DBL_DIG;
	double value = call_real(call, 0) * pow(10, p->multiply);
	int before = isnan(value) ? 3 : isinf(value) ? 8 :
		     snprintf(NULL, 0, "%.0f", fabs(value));

	if (before >= most)
		p->post = 0;
	else if (before + p->post > most)
		p->post = most - before;
	if (!isfinite(value))
		return isnan(value) ? "NaN" : value > 0 ? "Infinity"
							: "-Infinity";
	return arena_printf(call->scratch, "%.*f", p->post, value);
}

/* An integer times ten to the places behind V: four bytes overflow in
 * silence, as they do in Postgres. */
static bool multiply(struct call *call, int places, struct slice *ret)
{
	int64_t value = call_integer(call, 0), factor = 1;

	for (int i = 0; i < places; i++)
		if (__builtin_mul_overflow(factor, 10, &factor))
			return error_set(call->error,
					 SQLSTATE_NUMERIC_OUT_OF_RANGE,
					 "bigint out of range");
	if (call_integer(call, 2) == OID_INT4)
		value = (int32_t)((uint32_t)value * (uint32_t)factor);
	else if (__builtin_mul_overflow(value, factor, &value))
		return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
				 "bigint out of range");
	*ret = slice_text(arena_printf(call->scratch, "%lld",
				       (long long)value));
	return true;
}

/* Not NaN, nor infinite. */
static bool is_finite(struct slice text)
{
	return text.length && isdigit(text.at[text.length - 1]);
}

static const char *number_text(struct call *call, struct picture *p)
{
	struct slice text = call_text(call, 0), rounded;

	if (is_float(call))
		return float_text(call, p);
	if (p->multiply && call_integer(call, 2) != OID_NUMERIC) {
		if (!multiply(call, p->multiply, &text))
			return NULL;
	} else if (p->multiply && is_finite(text)) {
		text = slice_text(arena_printf(call->scratch, "%.*se%d",
					       (int)text.length,
					       (const char *)text.at,
					       p->multiply));
	}
	if (!numeric_text_round(text, p->post, call->scratch, &rounded,
				call->error))
		return NULL;
	return arena_dup(call->scratch, rounded);
}

static const char *hashes(struct call *call, int before, int behind)
{
	size_t length = (size_t)(before + behind + 1);
	char *text = arena_alloc(call->scratch, length + 1);

	memset(text, '#', length);
	text[before] = '.';
	text[length] = 0;
	return text;
}

static bool lay_out(struct call *call, struct picture *p, struct digits *d)
{
	const char *text = number_text(call, p);
	int before;

	if (!text)
		return false;
	d->sign = *text == '-' ? '-' : '+';
	d->text = text + (*text == '-');
	before = (int)strcspn(d->text, ".");
	p->pre += p->multiply;
	d->spaces = before < p->pre ? p->pre - before : 0;
	if (before > p->pre)
		d->text = hashes(call, p->pre, p->post);
	return true;
}

/* --- the other ways to print one ------------------------------------------------------ */

static bool give_exponent(struct call *call, const struct picture *p)
{
	double value = call_real(call, 0);
	char *text;

	if (call_integer(call, 2) == OID_NUMERIC ||
	    call_integer(call, 2) == OID_INT8)
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "\"EEEE\" for bigint and numeric is not "
				 "supported");
	if (!isfinite(value)) {
		text = arena_alloc(call->scratch,
				   (size_t)(p->pre + p->post + 7));
		memset(text, '#', (size_t)(p->pre + p->post + 6));
		text[0] = ' ';
		text[p->pre + 1] = '.';
		text[p->pre + p->post + 6] = 0;
		return give_text(call, slice_text(text));
	}
	text = arena_alloc(call->scratch, (size_t)p->post + 40);
	snprintf(text, (size_t)p->post + 40, "%+.*e", p->post, value);
	if (*text == '+')
		*text = ' ';
	return give_text(call, slice_text(text));
}

static bool fail_integer(struct call *call)
{
	return error_set(call->error, SQLSTATE_NUMERIC_OUT_OF_RANGE,
			 "integer out of range");
}

/* The number as an integer, rounded as its cast rounds. */
static bool whole_number(struct call *call, int64_t *ret)
{
	struct slice rounded;
	double value = rint(call_real(call, 0));

	if (is_float(call)) {
		*ret = fabs(value) < 10000 ? (int64_t)value : 0;
		return true;
	}
	if (!numeric_text_round(call_text(call, 0), 0, call->scratch, &rounded,
				call->error))
		return false;
	if (!isdigit(rounded.at[rounded.length - 1]))
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "cannot convert %s to integer",
				 slice_is(rounded, "NaN") ? "NaN" : "infinity");
	*ret = strtoll(arena_dup(call->scratch, rounded), NULL, 10);
	return (*ret >= INT32_MIN && *ret <= INT32_MAX) || fail_integer(call);
}

static const char *roman(struct call *call, int64_t number)
{
	static const struct {
		int value;
		const char *text;
	} parts[] = {
		{ 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" },
		{ 100, "C" }, { 90, "XC" }, { 50, "L" }, { 40, "XL" },
		{ 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" },
		{ 1, "I" },
	};
	const char *text = "";

	if (number < 1 || number > 3999)
		return "###############";
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		for (; number >= parts[i].value; number -= parts[i].value)
			text = arena_printf(call->scratch, "%s%s", text,
					    parts[i].text);
	return text;
}

/* --- printing -------------------------------------------------------------------------- */

struct printer {
	const struct picture *p;
	const struct digits *d;
	struct buffer out;
	const char *at;		/* the next digit */
	const char *relevant;	/* FM: the last one to be shown, or NULL */
	enum sign_place s;
	int place, count;	/* places gone by; how many there are */
	bool bracket;
	bool sign_done;
	bool inside;		/* the last place showed a digit */
	const char *roman;
};

/* Of the decimals the last that is not zero; the point where all are. */
static const char *last_decimal(const char *text)
{
	const char *point = strchr(text, '.'), *last = point;

	for (; point && *point; point++)
		if (*point != '0')
			last = point;
	return last;
}

static void prepare(struct printer *printer)
{
	const struct picture *p = printer->p;
	const struct digits *d = printer->d;

	printer->at = d->text;
	printer->s = p->s;
	printer->bracket = p->bracket;
	if (p->plus || p->minus) {
		printer->sign_done = p->minus;
	} else {
		if (d->sign != '-' && p->fill)
			printer->bracket = false;
		printer->sign_done = d->sign == '+' && p->fill && !p->signed_s;
		if (p->s == SIGN_BEFORE && p->pre == p->pre_at_s)
			printer->s = SIGN_BEHIND;
	}
	printer->count = p->post + p->pre - 1;
	if (p->fill && p->decimal)
		printer->relevant = last_decimal(d->text);
	if (printer->relevant && p->zero_end > d->spaces) {
		int end = (int)strlen(d->text) - 1;
		int zero = p->zero_end - d->spaces;
		const char *last = d->text + (zero < end ? zero : end);

		if (printer->relevant < last)
			printer->relevant = last;
	}
	if (!printer->sign_done && d->spaces == 0)
		printer->count++;
}

/* "9.9" of 0.1 is " .1". */
static bool is_lone_zero(const struct printer *printer)
{
	return !printer->p->zero && printer->at == printer->d->text &&
	       *printer->at == '0' && printer->p->post != 0;
}

static bool ends_in_point(const struct printer *printer)
{
	return printer->relevant && *printer->relevant == '.';
}

static void put_sign(struct printer *printer)
{
	const struct picture *p = printer->p;
	char sign = printer->d->sign;
	int start = p->zero_start ? p->zero_start - 1 : 0;

	if (printer->sign_done ||
	    (printer->place < printer->d->spaces &&
	     !(p->zero && start == printer->place)) ||
	    (is_lone_zero(printer) && !ends_in_point(printer)))
		return;
	if (p->signed_s) {
		if (printer->s != SIGN_BEFORE)
			return;
		buffer_put_u8(&printer->out, (uint8_t)sign);
	} else if (printer->bracket) {
		buffer_put_u8(&printer->out, sign == '+' ? ' ' : '<');
	} else if (sign == '-') {
		buffer_put_u8(&printer->out, '-');
	} else if (!p->fill) {
		buffer_put_u8(&printer->out, ' ');
	}
	printer->sign_done = true;
}

static void put_next(struct printer *printer, enum word word)
{
	struct buffer *out = &printer->out;

	if (*printer->at == '.') {
		if (!ends_in_point(printer) || printer->p->fill)
			buffer_put_u8(out, '.');
	} else if (printer->relevant && printer->at > printer->relevant &&
		   word != WORD_0) {
		/* a zero that FM leaves away */
	} else if (is_lone_zero(printer)) {
		if (!printer->p->fill)
			buffer_put_u8(out, ' ');
		else if (ends_in_point(printer))
			buffer_put_u8(out, '0');
	} else {
		if (*printer->at)
			buffer_put_u8(out, (uint8_t)*printer->at);
		printer->inside = true;
	}
	if (*printer->at)
		printer->at++;
}

static void put_end(struct printer *printer)
{
	const struct picture *p = printer->p;
	int end = printer->count + (printer->d->spaces ? 1 : 0) +
		  (p->decimal ? 1 : 0);

	if (printer->relevant && printer->relevant == printer->at)
		end = printer->place;
	if (printer->place + 1 != end)
		return;
	if (printer->sign_done && printer->bracket)
		buffer_put_u8(&printer->out,
			      printer->d->sign == '+' ? ' ' : '>');
	else if (p->signed_s && printer->s == SIGN_BEHIND)
		buffer_put_u8(&printer->out, (uint8_t)printer->d->sign);
}

static void put_place(struct printer *printer, enum word word)
{
	const struct picture *p = printer->p;
	int start = p->zero_start ? p->zero_start - 1 : 0;
	bool before = printer->place < printer->d->spaces;

	printer->inside = false;
	put_sign(printer);
	if (before && (start > printer->place || !p->zero)) {
		if (!p->fill)
			buffer_put_u8(&printer->out, ' ');
	} else if (before) {
		buffer_put_u8(&printer->out, '0');
		printer->inside = true;
	} else {
		put_next(printer, word);
	}
	put_end(printer);
	printer->place++;
}

static void put_blank_or(struct printer *printer, bool shown, char byte)
{
	if (shown)
		buffer_put_u8(&printer->out, (uint8_t)byte);
	else if (!printer->p->fill)
		buffer_put_u8(&printer->out, ' ');
}

/* The ending of an ordinal: 1st, 2nd, 3rd, 4th. */
static void put_ending(struct call *call, struct printer *printer,
		       bool capital)
{
	const char *text = printer->d->text;
	size_t length = strlen(text);
	char last = length ? text[length - 1] : '0';
	bool teen = length > 1 && text[length - 2] == '1';
	const char *ending = teen	   ? "th"
			     : last == '1' ? "st"
			     : last == '2' ? "nd"
			     : last == '3' ? "rd"
					   : "th";

	if (printer->p->roman || *text == '#' || printer->d->sign == '-' ||
	    printer->p->decimal)
		return;
	if (!isdigit(last)) {
		error_set(call->error, SQLSTATE_INVALID_TEXT,
			  "\"%s\" is not a number", text);
		return;
	}
	for (; *ending; ending++)
		buffer_put_u8(&printer->out, (uint8_t)(capital
			? toupper(*ending) : *ending));
}

static void put_roman(struct printer *printer, bool small)
{
	size_t length = strlen(printer->roman);

	for (size_t i = length; !printer->p->fill && i < ROMAN_WIDTH; i++)
		buffer_put_u8(&printer->out, ' ');
	for (size_t i = 0; i < length; i++)
		buffer_put_u8(&printer->out, (uint8_t)(small
			? tolower(printer->roman[i]) : printer->roman[i]));
}

static void put_word(struct call *call, struct printer *printer,
		     enum word word, uint8_t letter)
{
	char sign = printer->d->sign;

	switch (word) {
	case WORD_9:
	case WORD_0:
	case WORD_POINT:
	case WORD_D:
		if (!printer->roman)
			put_place(printer, word);
		break;
	case WORD_COMMA:
	case WORD_G:
		put_blank_or(printer, printer->inside, ',');
		break;
	case WORD_L:
		buffer_put_u8(&printer->out, ' ');
		break;
	case WORD_RN:
		put_roman(printer, islower(letter));
		break;
	case WORD_TH:
		put_ending(call, printer, isupper(letter));
		break;
	case WORD_MI:
		put_blank_or(printer, sign == '-', '-');
		break;
	case WORD_PL:
		put_blank_or(printer, sign == '+', '+');
		break;
	case WORD_SG:
		buffer_put_u8(&printer->out, (uint8_t)sign);
		break;
	default:
		break;
	}
}

static void put_all(struct call *call, struct printer *printer)
{
	struct slice format = printer->p->format;

	for (size_t at = 0; at < format.length;) {
		size_t length;
		enum word word = word_at(format, at, &length);

		if (word == WORD_NONE) {
			at = take_text(format, at, &printer->out);
			continue;
		}
		put_word(call, printer, word, format.at[at]);
		at += length;
	}
}

bool number_to_char(struct call *call)
{
	struct picture picture;
	struct digits digits = { .text = "", .sign = '+' };
	struct printer printer = { .p = &picture, .d = &digits };
	int64_t whole;

	if (!read_picture(call, &picture))
		return false;
	if (picture.exponent)
		return give_exponent(call, &picture);
	if (picture.roman) {
		if (!whole_number(call, &whole))
			return false;
		printer.roman = roman(call, whole);
	} else if (!lay_out(call, &picture, &digits)) {
		return false;
	}
	prepare(&printer);
	put_all(call, &printer);
	if (call->error->sqlstate[0]) {
		buffer_fini(&printer.out);
		return false;
	}
	return give_buffer(call, &printer.out);
}
