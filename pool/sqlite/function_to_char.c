/*
 * Formats, and to_char() of timestamps, dates and intervals.
 */
#include "pool/sqlite/function_to_char.h"

#include <stdlib.h>

#define FORMAT_BYTES_MAX 4096

static const struct keyword keywords[] = {
	{ "Y,YYY", F_YEAR_COMMA }, { "YYYY", F_YEAR }, { "YYY", F_YEAR3 },
	{ "YY", F_YEAR2 }, { "Y", F_YEAR1 }, { "IYYY", F_ISO_YEAR },
	{ "IYY", F_ISO_YEAR3 }, { "IY", F_ISO_YEAR2 },
	{ "IDDD", F_ISO_DAY_OF_YEAR }, { "ID", F_ISO_WEEK_DAY },
	{ "IW", F_ISO_WEEK }, { "I", F_ISO_YEAR1 }, { "CC", F_CENTURY },
	{ "B.C.", F_ERA_DOTS }, { "A.D.", F_ERA_DOTS }, { "BC", F_ERA },
	{ "AD", F_ERA }, { "MONTH", F_MONTH_NAME }, { "MON", F_MONTH_SHORT },
	{ "MM", F_MONTH }, { "MI", F_MINUTE }, { "MS", F_MS },
	{ "DAY", F_DAY_NAME }, { "DY", F_DAY_SHORT },
	{ "DDD", F_DAY_OF_YEAR }, { "DD", F_DAY }, { "D", F_WEEK_DAY },
	{ "WW", F_WEEK }, { "W", F_WEEK_OF_MONTH }, { "J", F_JULIAN },
	{ "Q", F_QUARTER }, { "RM", F_ROMAN }, { "HH24", F_HOUR24 },
	{ "HH12", F_HOUR12 }, { "HH", F_HOUR12 }, { "SSSSS", F_SECONDS_OF_DAY },
	{ "SSSS", F_SECONDS_OF_DAY }, { "SS", F_SECOND }, { "US", F_US },
	{ "FF1", F_FRACTION }, { "FF2", F_FRACTION }, { "FF3", F_FRACTION },
	{ "FF4", F_FRACTION }, { "FF5", F_FRACTION }, { "FF6", F_FRACTION },
	{ "A.M.", F_MERIDIEM_DOTS }, { "P.M.", F_MERIDIEM_DOTS },
	{ "AM", F_MERIDIEM }, { "PM", F_MERIDIEM }, { "TZH", F_ZONE_HOURS },
	{ "TZM", F_ZONE_MINUTES }, { "TZ", F_ZONE }, { "OF", F_OFFSET },
};

static bool looks_like(const struct format *format, const char *word)
{
	size_t length = strlen(word);

	return (size_t)(format->end - format->at) >= length &&
	       !strncasecmp((const char *)format->at, word, length);
}

const struct keyword *format_match(const struct format *format)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (looks_like(format, keywords[i].name))
			return &keywords[i];
	return NULL;
}

static bool is_hidden(const uint8_t *at, const uint8_t *end)
{
	return *at == '\\' && end - at > 1;
}

struct slice piece_next(const struct piece *piece, size_t *place)
{
	const uint8_t *end = piece->text.at + piece->text.length;
	const uint8_t *at = piece->text.at + *place;
	struct slice one;

	if (at == end)
		return slice_make(at, 0);
	at += piece->quoted && is_hidden(at, end);
	one = slice_make(at, utf8_length(at, end));
	*place = (size_t)(at - piece->text.at) + one.length;
	return one;
}

static void take_literal(struct format *format, struct piece *piece)
{
	const uint8_t *from = format->at;

	if (*from == '"') {
		const uint8_t *to = from + 1;

		while (to < format->end && *to != '"')
			to += is_hidden(to, format->end) ? 2 : 1;
		piece->quoted = true;
		piece->text = slice_make(from + 1, (size_t)(to - from - 1));
		format->at = to < format->end ? to + 1 : to;
		return;
	}
	if (*from == '\\' && format->end - from > 1 && from[1] == '"')
		from++;
	piece->text = slice_make(from, utf8_length(from, format->end));
	format->at = from + piece->text.length;
}

bool format_take(struct format *format, struct piece *piece)
{
	size_t length;

	*piece = (struct piece){ 0 };
	while (looks_like(format, "FM") || looks_like(format, "TM") ||
	       looks_like(format, "FX")) {
		piece->fill |= !looks_like(format, "FX");
		format->at += 2;
	}
	if (format->at == format->end)
		return false;
	piece->keyword = format_match(format);
	if (!piece->keyword) {
		take_literal(format, piece);
		return true;
	}
	length = strlen(piece->keyword->name);
	piece->text = slice_make(format->at, length);
	format->at += length;
	if (looks_like(format, "TH")) {
		piece->ordinal = true;
		piece->ordinal_upper = *format->at == 'T';
		format->at += 2;
	}
	return true;
}

/* --- printing ------------------------------------------------------------------ */

struct moment {
	struct calendar at;
	int64_t days;		/* since 2000-01-01 */
	int64_t hours;		/* of an interval: any number */
	bool interval;
	bool zoned;
	struct zone_moment zone;
	int sign;		/* of an interval's hours */
};

const char *const month_names[12] = {
	"January", "February", "March", "April", "May", "June", "July",
	"August", "September", "October", "November", "December",
};
const char *const day_names[7] = {
	"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday",
	"Saturday",
};
static const char *const roman_months[] = {
	"I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI",
	"XII",
};

/* MONTH, Month or month, as the keyword is written; padded to the longest. */
static void put_name(struct buffer *out, const struct piece *piece,
		     const char *name, size_t length, size_t width)
{
	const uint8_t *style = piece->text.at;
	bool upper = style[0] <= 'Z' && style[1] <= 'Z';
	bool first = style[0] <= 'Z';
	size_t size = strlen(name) < length ? strlen(name) : length;

	for (size_t i = 0; i < size; i++) {
		char c = name[i];
		bool big = upper || (first && i == 0);

		buffer_put_u8(out, (uint8_t)(big && c >= 'a' ? c - 32
					     : !big && c <= 'Z' && c >= 'A'
						     ? c + 32 : c));
	}
	for (; !piece->fill && size < width; size++)
		buffer_put_u8(out, ' ');
}

static void put_ordinal(struct buffer *out, const struct piece *piece,
			int64_t number)
{
	int64_t last = llabs(number) % 100;
	const char *text = "th";

	if (!piece->ordinal)
		return;
	if (last < 11 || last > 13) {
		last %= 10;
		text = last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd"
								       : "th";
	}
	for (; *text; text++)
		buffer_put_u8(out, (uint8_t)(piece->ordinal_upper ? *text - 32
								  : *text));
}

static void put_number(struct buffer *out, const struct piece *piece,
		       int64_t number, int width)
{
	if (piece->fill)
		width = 0;
	else if (number < 0)
		width++;
	buffer_printf(out, "%0*lld", width, (long long)number);
	put_ordinal(out, piece, number);
}

static int64_t year_start(int64_t year)
{
	return days_from_civil(year, 1, 1);
}

/* ISO 8601: the week's year is its Thursday's. */
static int64_t iso_year(const struct moment *m, int64_t *ret_week,
			int64_t *ret_day)
{
	int64_t thursday = m->days - (week_day(m->days) + 6) % 7 + 3;
	int64_t year;
	int month, day;

	days_to_civil(thursday, &year, &month, &day);
	*ret_week = (thursday - year_start(year)) / 7 + 1;
	*ret_day = m->days - (thursday - (thursday - year_start(year)) / 7 * 7 -
			      3) + 1;
	return year;
}

static int64_t shown_year(int64_t year)
{
	return year > 0 ? year : 1 - year;
}

static void put_zone(struct buffer *out, const struct moment *m,
		     const struct piece *piece)
{
	int32_t offset = m->zone.offset_s, size = offset < 0 ? -offset : offset;
	const char *name = m->zone.abbreviation ? m->zone.abbreviation : "";

	if (piece->keyword->field == F_ZONE_HOURS) {
		buffer_printf(out, "%c%02d", offset < 0 ? '-' : '+',
			      size / 3600);
	} else if (piece->keyword->field == F_ZONE_MINUTES) {
		buffer_printf(out, "%02d", size % 3600 / 60);
	} else if (piece->keyword->field == F_OFFSET) {
		buffer_printf(out, "%c%02d", offset < 0 ? '-' : '+',
			      size / 3600);
		if (size % 3600)
			buffer_printf(out, ":%02d", size % 3600 / 60);
	} else {
		bool lower = piece->text.at[0] > 'Z';

		for (; m->zoned && *name; name++)
			buffer_put_u8(out, (uint8_t)(lower && *name >= 'A' &&
						     *name <= 'Z' ? *name + 32
								  : *name));
	}
}

static void put_year(struct buffer *out, const struct moment *m,
		     const struct piece *piece)
{
	enum field field = piece->keyword->field;
	int64_t week, day, year = m->at.year;
	int width = (int)piece->text.length;

	if (field >= F_ISO_YEAR && field <= F_ISO_YEAR1)
		year = iso_year(m, &week, &day);
	if (!m->interval)
		year = shown_year(year);
	if (field == F_YEAR_COMMA) {
		buffer_printf(out, "%lld,%03lld", (long long)year / 1000,
			      (long long)llabs(year) % 1000);
		return;
	}
	for (int64_t cut = 1000; width < 4 && cut >= 10; cut /= 10)
		if (width == (cut == 1000 ? 3 : cut == 100 ? 2 : 1))
			year %= cut;
	put_number(out, piece, year, width);
}

static void put_day(struct buffer *out, const struct moment *m,
		    const struct piece *piece)
{
	int64_t day_of_year = m->days - year_start(m->at.year) + 1;
	int64_t week, iso_day;

	iso_year(m, &week, &iso_day);
	switch (piece->keyword->field) {
	case F_DAY_OF_YEAR:
		put_number(out, piece, m->interval
			   ? (m->at.year * 12 + m->at.month) * 30 + m->at.day
			   : day_of_year, 3);
		break;
	case F_ISO_DAY_OF_YEAR:
		put_number(out, piece, iso_day, 3);
		break;
	case F_DAY:
		/* its sign takes one of the two places */
		put_number(out, piece, m->at.day, m->at.day < 0 ? 1 : 2);
		break;
	case F_WEEK_DAY:
		put_number(out, piece, week_day(m->days) + 1, 1);
		break;
	case F_ISO_WEEK_DAY:
		put_number(out, piece, (week_day(m->days) + 6) % 7 + 1, 1);
		break;
	case F_WEEK_OF_MONTH:
		put_number(out, piece, (m->at.day - 1) / 7 + 1, 1);
		break;
	case F_WEEK:
		put_number(out, piece, (day_of_year - 1) / 7 + 1, 2);
		break;
	case F_ISO_WEEK:
		put_number(out, piece, week, 2);
		break;
	default:
		put_number(out, piece, m->days + 2451545, 1);
	}
}

static void put_time(struct buffer *out, const struct moment *m,
		     const struct piece *piece)
{
	static const int powers[] = { 100000, 10000, 1000, 100, 10, 1 };
	int64_t hour = m->hours;
	int digits;

	switch (piece->keyword->field) {
	case F_HOUR24:
		put_number(out, piece, hour, 2);
		break;
	case F_HOUR12:
		put_number(out, piece, hour % 12 == 0 ? 12 : hour % 12, 2);
		break;
	case F_MINUTE:
		put_number(out, piece, m->at.minute, 2);
		break;
	case F_SECOND:
		put_number(out, piece, m->at.second, 2);
		break;
	case F_MS:
		buffer_printf(out, "%03d", m->at.us / 1000);
		put_ordinal(out, piece, m->at.us / 1000);
		break;
	case F_US:
		buffer_printf(out, "%06d", m->at.us);
		put_ordinal(out, piece, m->at.us);
		break;
	case F_FRACTION:
		digits = piece->text.at[2] - '0';
		buffer_printf(out, "%0*d", digits,
			      m->at.us / powers[digits - 1]);
		put_ordinal(out, piece, m->at.us / powers[digits - 1]);
		break;
	default:
		buffer_printf(out, "%lld", (long long)(hour * 3600 +
			      m->at.minute * 60 + m->at.second));
		put_ordinal(out, piece, m->at.second);
	}
}

/* AM or PM, BC or AD: as the keyword is written, dots included. */
static void put_either(struct buffer *out, const struct piece *piece,
		       const char *word, bool dots)
{
	bool lower = piece->text.at[0] > 'Z';

	for (; *word; word++) {
		buffer_put_u8(out, (uint8_t)(lower ? *word + 32 : *word));
		if (dots)
			buffer_put_u8(out, '.');
	}
}

static void put_field(struct buffer *out, const struct moment *m,
		      const struct piece *piece)
{
	enum field field = piece->keyword->field;
	int64_t year = m->at.year;

	switch (field) {
	case F_CENTURY:
		put_number(out, piece, m->interval ? year / 100
				       : year > 0  ? (year + 99) / 100
						   : -(100 - year) / 100, 2);
		break;
	case F_ERA:
	case F_ERA_DOTS:
		put_either(out, piece, year > 0 ? "AD" : "BC",
			   field == F_ERA_DOTS);
		break;
	case F_MERIDIEM:
	case F_MERIDIEM_DOTS:
		put_either(out, piece, m->hours % 24 >= 12 ? "PM" : "AM",
			   field == F_MERIDIEM_DOTS);
		break;
	case F_MONTH_NAME:
		put_name(out, piece, month_names[m->at.month - 1], 9, 9);
		break;
	case F_MONTH_SHORT:
		put_name(out, piece, month_names[m->at.month - 1], 3, 3);
		break;
	case F_MONTH:
		put_number(out, piece, m->at.month, 2);
		break;
	case F_DAY_NAME:
		put_name(out, piece, day_names[week_day(m->days)], 9, 9);
		break;
	case F_DAY_SHORT:
		put_name(out, piece, day_names[week_day(m->days)], 3, 3);
		break;
	case F_ROMAN:
		put_name(out, piece, roman_months[m->at.month - 1], 4, 4);
		break;
	case F_QUARTER:
		put_number(out, piece, (m->at.month - 1) / 3 + 1, 1);
		break;
	default:
		if (field <= F_ISO_YEAR1)
			put_year(out, m, piece);
		else if (field < F_HOUR24)
			put_day(out, m, piece);
		else if (field < F_ZONE)
			put_time(out, m, piece);
		else
			put_zone(out, m, piece);
	}
}

/* What of an interval has no meaning without a calendar. */
static bool needs_calendar(enum field field)
{
	switch (field) {
	case F_ERA: case F_ERA_DOTS: case F_MONTH_NAME: case F_MONTH_SHORT:
	case F_DAY_NAME: case F_DAY_SHORT: case F_WEEK_DAY:
	case F_ISO_WEEK_DAY: case F_ROMAN: case F_QUARTER:
	case F_ISO_YEAR: case F_ISO_YEAR1: case F_ISO_YEAR2: case F_ISO_YEAR3:
	case F_ISO_WEEK: case F_WEEK: case F_WEEK_OF_MONTH: case F_JULIAN:
	case F_ISO_DAY_OF_YEAR: case F_ZONE: case F_ZONE_HOURS:
	case F_ZONE_MINUTES: case F_OFFSET:
		return true;
	default:
		return false;
	}
}

/* Postgres prints some of them all the same, from the 1st of January. */
static bool refuse_calendar(struct call *call, enum field field)
{
	if (field == F_QUARTER || field == F_ISO_WEEK || field == F_WEEK ||
	    field == F_WEEK_OF_MONTH || field == F_JULIAN ||
	    field == F_ROMAN || field == F_ISO_YEAR ||
	    field == F_ISO_YEAR1 || field == F_ISO_YEAR2 ||
	    field == F_ISO_YEAR3 || field == F_ISO_DAY_OF_YEAR)
		return error_set(call->error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				 "weeks, quarters, ISO years and Roman months "
				 "of an interval are not supported");
	error_set(call->error, SQLSTATE_INVALID_DATETIME,
		  "invalid format specification for an interval value");
	error_hint(call->error,
		   "Intervals are not tied to specific calendar dates.");
	return false;
}

static void put_literal(struct buffer *out, const struct piece *piece)
{
	size_t place = 0;
	struct slice one;

	while ((one = piece_next(piece, &place)).length)
		buffer_put_slice(out, one);
}

static bool print(struct call *call, const struct moment *m)
{
	struct slice text = call_text(call, 1);
	struct format format = { text.at, text.at + text.length };
	struct buffer out = { 0 };
	struct piece piece;

	if (text.length > FORMAT_BYTES_MAX)
		return error_set(call->error, SQLSTATE_LIMIT_EXCEEDED,
				 "format is too long");
	if (!text.length)
		return give_null(call);
	while (format_take(&format, &piece)) {
		if (piece.keyword && m->interval &&
		    needs_calendar(piece.keyword->field)) {
			buffer_fini(&out);
			return refuse_calendar(call, piece.keyword->field);
		}
		if (piece.keyword)
			put_field(&out, m, &piece);
		else
			put_literal(&out, &piece);
	}
	return give_buffer(call, &out);
}

static bool print_timestamp(struct call *call, bool zoned)
{
	const struct time_zone *zone = call_zone(call);
	struct moment m = { .zoned = zoned };
	int64_t ts, local;

	if (!call_timestamp(call, 0, &ts))
		return false;
	if (!timestamp_is_finite(ts))
		return give_null(call);
	local = zoned ? timestamptz_to_local(ts, zone) : ts;
	timestamp_split(local, &m.at);
	m.days = days_from_civil(m.at.year, m.at.month, m.at.day);
	m.hours = m.at.hour;
	if (zoned)
		m.zone = time_zone_at(zone, UNIX_EPOCH_S +
				      (ts - (ts % SECOND_US + SECOND_US) %
						      SECOND_US) / SECOND_US);
	return print(call, &m);
}

static bool print_interval(struct call *call)
{
	struct moment m = { .interval = true };
	struct interval interval;

	if (!call_interval(call, 0, &interval))
		return false;
	m.at.year = interval.months / 12;
	m.at.month = interval.months % 12;
	m.at.day = interval.days;
	m.hours = interval.us / HOUR_US;
	m.at.minute = (int)(interval.us / MINUTE_US % 60);
	m.at.second = (int)(interval.us / SECOND_US % 60);
	m.at.us = (int)(interval.us % SECOND_US);
	return print(call, &m);
}

/* to_char(value, format, type) */
static bool to_char(struct call *call)
{
	switch (call_integer(call, 2)) {
	case OID_TIMESTAMP:
		return print_timestamp(call, false);
	case OID_TIMESTAMPTZ:
		return print_timestamp(call, true);
	case OID_INTERVAL:
		return print_interval(call);
	default:
		return number_to_char(call);
	}
}

static const struct function_row rows[] = {
	{ "pg_to_char", 3, 0, to_char, 0 },
	{ 0 },
};

int functions_to_char(sqlite3 *db, struct functions *functions)
{
	int rc = functions_add(db, functions, rows);

	return rc == SQLITE_OK ? functions_from_char(db, functions) : rc;
}
