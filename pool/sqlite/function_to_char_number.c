/*
 * to_char() of numbers. The format's digits are counted before and after the
 * point; the number is rounded to them, its digits are laid into the places,
 * and the sign floats before the first of them unless the format says where
 * it stands.
 */
#include "pool/sqlite/function_time.h"

#include <float.h>
#include <math.h>

#include "protocol/numeric.h"

#define PLACES_MAX 400

enum sign_place { SIGN_FLOATS, SIGN_S, SIGN_S_LAST, SIGN_ELSEWHERE };

struct picture {
	struct slice format;
	int before, after;	/* digit places around the point */
	int zero_from;		/* place from which zeros are printed; -1 */
	int keep;		/* fraction digits that stay under FM */
	bool fill;		/* FM */
	enum sign_place sign;
	bool brackets;		/* PR */
};

static bool is_word(struct slice text, size_t at, const char *word)
{
	size_t length = strlen(word);

	return text.length - at >= length &&
	       !strncasecmp((const char *)text.at + at, word, length);
}

static bool refuse(struct call *call, const char *word)
{
	return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			 "\"%s\" in a number format is not supported", word);
}

static bool refuse_exotic(struct call *call, struct slice format, size_t at)
{
	static const char *const words[] = { "EEEE", "RN", "V", "TH", "L", "B" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_word(format, at, words[i]))
			return refuse(call, words[i]);
	return true;
}

/* The length of the keyword at a place; 0: the character stands for itself. */
static size_t keyword_length(struct slice format, size_t at)
{
	static const char *const words[] = { "FM", "MI", "PL", "SG", "PR" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (is_word(format, at, words[i]))
			return 2;
	return memchr("90.,DdGgSs", format.at[at], 10) ? 1 : 0;
}

static size_t skip_quoted(struct slice format, size_t at)
{
	const uint8_t *close = memchr(format.at + at + 1, '"',
				      format.length - at - 1);

	return close ? (size_t)(close - format.at) + 1 : format.length;
}

static void note_digit(struct picture *p, bool zero, bool point)
{
	if (point) {
		p->after++;
		if (zero)
			p->keep = p->after;
		return;
	}
	if (zero && p->zero_from < 0)
		p->zero_from = p->before;
	p->before++;
}

static bool read_picture(struct call *call, struct picture *p)
{
	bool point = false, digits = false;

	*p = (struct picture){ .format = call_text(call, 1),
			       .zero_from = -1 };
	for (size_t at = 0; at < p->format.length;) {
		uint8_t c = p->format.at[at];
		size_t length = keyword_length(p->format, at);

		if (c == '"') {
			at = skip_quoted(p->format, at);
			continue;
		}
		if (!length && !refuse_exotic(call, p->format, at))
			return false;
		if (is_word(p->format, at, "FM"))
			p->fill = true;
		else if (is_word(p->format, at, "PR"))
			p->brackets = true;
		else if (length == 2 && !is_word(p->format, at, "PL"))
			p->sign = SIGN_ELSEWHERE;
		else if (length && (c | 0x20) == 's')
			p->sign = digits ? SIGN_S_LAST : SIGN_S;
		else if (c == '9' || c == '0')
			note_digit(p, c == '0', point);
		else if (c == '.' || (c | 0x20) == 'd')
			point = true;
		digits |= c == '9' || c == '0';
		at += length ? length : 1;
	}
	if (p->before + p->after > PLACES_MAX)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "number format has too many digits");
	return true;
}

/* The number's digits, laid out for the picture. */
struct digits {
	bool negative;
	bool overflow;		/* too many: '#' everywhere */
	bool zero;
	int skip;		/* leading places without a digit */
	struct slice whole;	/* without leading zeros */
	struct slice fraction;
	int fraction_shown;
};

/* Of a float no more digits are shown than it surely has. */
static int shown_places(struct call *call, const struct picture *p)
{
	int64_t type = call_integer(call, 2);
	int digits = type == OID_FLOAT4 ? FLT_DIG : DBL_DIG;
	double size = fabs(sqlite3_value_double(call->arguments[0]));
	int before = size < 1 ? 1 : (int)floor(log10(size)) + 1;

	if (type != OID_FLOAT4 && type != OID_FLOAT8)
		return p->after;
	if (before >= digits)
		return 0;
	return before + p->after > digits ? digits - before : p->after;
}

static bool split_number(struct call *call, const struct picture *p,
			 struct digits *d)
{
	struct slice text = call_text(call, 0), rounded;
	const uint8_t *point;

	if (text.length && text.at[text.length - 1] > '9')
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "to_char() of NaN or infinity is not "
				 "supported");
	if (!numeric_text_round(text, shown_places(call, p), call->scratch, &rounded,
				call->error))
		return false;
	d->negative = rounded.at[0] == '-';
	if (d->negative)
		rounded = slice_make(rounded.at + 1, rounded.length - 1);
	point = memchr(rounded.at, '.', rounded.length);
	d->whole = slice_make(rounded.at, point ? (size_t)(point - rounded.at)
						: rounded.length);
	d->fraction = point ? slice_make(point + 1, (size_t)(rounded.at +
					 rounded.length - point - 1))
			    : slice_make("", 0);
	if (slice_is(d->whole, "0"))
		d->whole.length = 0;
	return true;
}

static void lay_out(const struct picture *p, struct digits *d)
{
	d->overflow = d->whole.length > (size_t)p->before;
	d->skip = d->overflow ? 0 : p->before - (int)d->whole.length;
	d->zero = !d->whole.length;
	for (size_t i = 0; i < d->fraction.length; i++)
		d->zero &= d->fraction.at[i] == '0';
	/* a lone zero is shown where nothing else would be */
	if (d->skip == p->before && p->before &&
	    (!p->after || (p->fill && d->zero)))
		d->skip--;
	if (p->zero_from >= 0 && p->zero_from < d->skip)
		d->skip = p->zero_from;
	d->fraction_shown = (int)d->fraction.length;
	while (p->fill && d->fraction_shown > p->keep &&
	       d->fraction.at[d->fraction_shown - 1] == '0')
		d->fraction_shown--;
}

struct printer {
	const struct picture *p;
	const struct digits *d;
	struct buffer out;
	int place;		/* digit places gone by */
	bool point;
	bool signed_yet;
};

/* The sign that floats goes before the first thing that is printed. */
static void put_sign(struct printer *printer)
{
	const struct picture *p = printer->p;
	bool negative = printer->d->negative;

	if (printer->signed_yet)
		return;
	printer->signed_yet = true;
	if (p->sign == SIGN_S)
		buffer_put_u8(&printer->out, negative ? '-' : '+');
	else if (p->brackets && p->sign == SIGN_FLOATS)
		buffer_put_text(&printer->out, negative ? "<"
					       : p->fill ? "" : " ");
	else if (p->sign == SIGN_FLOATS)
		buffer_put_text(&printer->out, negative ? "-"
					       : p->fill ? "" : " ");
}

static void put_blank(struct printer *printer)
{
	if (!printer->p->fill)
		buffer_put_u8(&printer->out, ' ');
}

static void put_digit(struct printer *printer)
{
	const struct picture *p = printer->p;
	const struct digits *d = printer->d;
	int place = printer->place++;

	if (printer->point) {
		place -= p->before;
		if (place < d->fraction_shown)
			buffer_put_u8(&printer->out, d->overflow ? '#'
				      : d->fraction.at[place]);
		return;
	}
	if (place < d->skip) {
		put_blank(printer);
		return;
	}
	put_sign(printer);
	place -= p->before - (int)d->whole.length;
	buffer_put_u8(&printer->out, d->overflow ? '#'
		      : place < 0	 ? '0'
					 : d->whole.at[place]);
}

static void put_keyword(struct printer *printer, size_t at)
{
	struct slice format = printer->p->format;
	bool negative = printer->d->negative;
	uint8_t c = format.at[at];

	if (is_word(format, at, "FM"))
		return;
	if (is_word(format, at, "SG"))
		buffer_put_u8(&printer->out, negative ? '-' : '+');
	else if (is_word(format, at, "MI") && negative)
		buffer_put_u8(&printer->out, '-');
	else if (is_word(format, at, "PL") && !negative)
		buffer_put_u8(&printer->out, '+');
	else if (is_word(format, at, "PR"))
		buffer_put_text(&printer->out, negative ? ">"
				: printer->p->fill ? "" : " ");
	else if (is_word(format, at, "MI") || is_word(format, at, "PL"))
		put_blank(printer);
	else if (c == '9' || c == '0')
		put_digit(printer);
	else if ((c | 0x20) == 's' && printer->p->sign == SIGN_S_LAST)
		buffer_put_u8(&printer->out, negative ? '-' : '+');
	else if (c == '.' || (c | 0x20) == 'd') {
		put_sign(printer);
		printer->point = true;
		buffer_put_u8(&printer->out, '.');
	} else if (c == ',' || (c | 0x20) == 'g') {
		if (printer->place > printer->d->skip)
			buffer_put_u8(&printer->out, ',');
		else
			put_blank(printer);
	}
}

static void put_all(struct printer *printer)
{
	struct slice format = printer->p->format;

	for (size_t at = 0; at < format.length;) {
		size_t length = keyword_length(format, at);

		if (format.at[at] == '"') {
			size_t end = skip_quoted(format, at);
			size_t close = end > at + 1 &&
				       format.at[end - 1] == '"';

			buffer_put(&printer->out, format.at + at + 1,
				   end - at - 1 - close);
			at = end;
			continue;
		}
		if (length)
			put_keyword(printer, at);
		else
			buffer_put_u8(&printer->out, format.at[at]);
		at += length ? length : 1;
	}
}

bool number_to_char(struct call *call)
{
	struct picture picture;
	struct digits digits;
	struct printer printer = { .p = &picture, .d = &digits };

	if (!read_picture(call, &picture) ||
	    !split_number(call, &picture, &digits))
		return false;
	if (picture.sign != SIGN_FLOATS && picture.brackets)
		return error_set(call->error, SQLSTATE_SYNTAX,
				 "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/"
				 "\"SG\" together");
	lay_out(&picture, &digits);
	put_all(&printer);
	return give_buffer(call, &printer.out);
}
