/*
 * A zone is a list of transitions, and a rule for the time after the last.
 *
 * TZif (RFC 9636), the second, 64-bit part, which follows a first part of the
 * same shape with 32-bit times:
 *
 *   "TZif" | version | 15 unused | six uint32 counts: isut, isstd, leap,
 *   time, type, char
 *   time * int64        when each transition happens
 *   time * uint8        the type that begins then
 *   type * (int32 offset, uint8 is daylight, uint8 index of abbreviation)
 *   char * byte         abbreviations, each ended by zero
 *   leap * 12, isstd, isut bytes
 *   "\n" POSIX zone "\n"
 *
 * The POSIX rule (POSIX.1, 8.3 TZ): std offset [dst [offset] [,start,end]],
 * offsets counted west; a rule is Mm.w.d, Jn or n, with /time.
 */
#include "protocol/time_zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define HEADER_BYTES 44
#define TYPES_MAX 256
#define TRANSITIONS_MAX 8192
#define ABBREVIATION_BYTES 48 /* POSIX zones may bring long ones */
#define DAY_S 86400

struct zone_type {
	int32_t offset_s;
	bool daylight;
	char abbreviation[ABBREVIATION_BYTES];
};

enum rule_kind { RULE_MONTH, RULE_JULIAN, RULE_DAY };

struct rule {
	enum rule_kind kind;
	int month, week, day; /* Mm.w.d; `day` is n of the others */
	int32_t time_s;
};

struct time_zone {
	char *name;
	size_t transition_count;
	int64_t *times;
	uint8_t *kinds;
	struct zone_type *types;
	size_t type_count;
	bool has_rule; /* after the last transition */
	bool has_daylight;
	struct zone_type standard, summer;
	struct rule start, end;
};

/* --- the calendar, as far as rules need it ------------------------------------ */

static bool is_leap(int64_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

/* Days from 1970-01-01 to the first of January. */
static int64_t year_start(int64_t year)
{
	int64_t before = year - 1;

	return (year - 1970) * 365 + floor_div(before, 4) -
	       floor_div(before, 100) + floor_div(before, 400) - 477;
}

static int64_t year_of(int64_t utc_s)
{
	int64_t days = floor_div(utc_s, DAY_S);
	int64_t year = 1970 + floor_div(days * 400, 146097);

	while (year_start(year) > days)
		year--;
	while (year_start(year + 1) <= days)
		year++;
	return year;
}

/* The day of the year, from 0, on which a rule falls. */
static int64_t rule_day(const struct rule *rule, int64_t year)
{
	static const int starts[] = { 0,   31,	59,  90,  120, 151, 181,
				      212, 243, 273, 304, 334, 365 };
	bool leap = is_leap(year);
	int64_t first, day, next;

	if (rule->kind == RULE_JULIAN) /* 1..365, never 29 February */
		return rule->day - 1 + (leap && rule->day >= 60);
	if (rule->kind == RULE_DAY)
		return rule->day;
	first = starts[rule->month - 1] + (leap && rule->month > 2);
	next = starts[rule->month] + (leap && rule->month >= 2);
	/* 1970-01-01 was a Thursday. */
	day = (year_start(year) + first + 4) % 7;
	day = first + ((rule->day - (day + 7) % 7) + 7) % 7 +
	      (rule->week - 1) * 7;
	return day >= next ? day - 7 : day;
}

/* When a rule strikes, given the offset that holds until then. */
static int64_t rule_time(const struct rule *rule, int64_t year,
			 int32_t offset_s)
{
	return (year_start(year) + rule_day(rule, year)) * DAY_S +
	       rule->time_s - offset_s;
}

/* --- POSIX zones ------------------------------------------------------------------ */

static bool scan_number(struct reader *in, int most, int *ret)
{
	int value = 0;
	bool any = false;

	while (in->at < in->end && *in->at >= '0' && *in->at <= '9') {
		value = value * 10 + (*in->at++ - '0');
		any = true;
		if (value > most)
			return false;
	}
	*ret = value;
	return any;
}

static bool take(struct reader *in, char byte)
{
	if (in->at == in->end || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	return true;
}

/* [+-]hh[:mm[:ss]] */
static bool scan_time(struct reader *in, int32_t *ret_s)
{
	int hours, minutes = 0, seconds = 0;
	bool negative = take(in, '-');

	if (!negative)
		take(in, '+');
	if (!scan_number(in, 24 * 7, &hours))
		return false;
	if (take(in, ':') && !scan_number(in, 59, &minutes))
		return false;
	if (take(in, ':') && !scan_number(in, 60, &seconds))
		return false;
	*ret_s = hours * 3600 + minutes * 60 + seconds;
	if (negative)
		*ret_s = -*ret_s;
	return true;
}

static bool ends_name(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || byte == ',' || byte == '-' ||
	       byte == '+';
}

/* "EST" or "<+03>"; may be empty, which Postgres allows. */
static bool scan_name(struct reader *in, char name[ABBREVIATION_BYTES])
{
	bool quoted = take(in, '<');
	const uint8_t *start = in->at;
	size_t length;

	while (in->at < in->end &&
	       (quoted ? *in->at != '>' : !ends_name(*in->at)))
		in->at++;
	length = (size_t)(in->at - start);
	if (length >= ABBREVIATION_BYTES || (quoted && !take(in, '>')))
		return false;
	memset(name, 0, ABBREVIATION_BYTES);
	memcpy(name, start, length);
	return true;
}

static bool scan_rule(struct reader *in, struct rule *rule)
{
	rule->time_s = 2 * 3600;
	if (!take(in, ','))
		return false;
	if (take(in, 'M')) {
		rule->kind = RULE_MONTH;
		if (!scan_number(in, 12, &rule->month) || !take(in, '.') ||
		    !scan_number(in, 5, &rule->week) || !take(in, '.') ||
		    !scan_number(in, 6, &rule->day) || rule->month < 1 ||
		    rule->week < 1)
			return false;
	} else {
		rule->kind = take(in, 'J') ? RULE_JULIAN : RULE_DAY;
		if (!scan_number(in, 365, &rule->day) ||
		    (rule->kind == RULE_JULIAN && rule->day < 1))
			return false;
	}
	return take(in, '/') ? scan_time(in, &rule->time_s) : true;
}

static bool scan_daylight(struct reader *in, struct time_zone *zone)
{
	int32_t west;

	zone->has_daylight = true;
	zone->summer.daylight = true;
	zone->summer.offset_s = zone->standard.offset_s + 3600;
	if (!scan_name(in, zone->summer.abbreviation) ||
	    !zone->summer.abbreviation[0])
		return false;
	if (in->at < in->end && *in->at != ',') {
		if (!scan_time(in, &west))
			return false;
		zone->summer.offset_s = -west;
	}
	if (in->at == in->end) {
		/* Without rules: those of the United States. */
		zone->start = (struct rule){ RULE_MONTH, 3, 2, 0, 7200 };
		zone->end = (struct rule){ RULE_MONTH, 11, 1, 0, 7200 };
		return true;
	}
	return scan_rule(in, &zone->start) && scan_rule(in, &zone->end);
}

static bool scan_posix(struct slice text, struct time_zone *zone)
{
	struct reader in = reader_make(text);
	int32_t west;

	if (!scan_name(&in, zone->standard.abbreviation) ||
	    !scan_time(&in, &west))
		return false;
	zone->standard.offset_s = -west;
	if (in.at < in.end && !scan_daylight(&in, zone))
		return false;
	zone->has_rule = true;
	return in.at == in.end;
}

static struct time_zone *zone_new(const char *name)
{
	struct time_zone *zone = must_alloc(sizeof(*zone));

	zone->name = must_dup(name);
	return zone;
}

void time_zone_free(struct time_zone **zone)
{
	if (!*zone)
		return;
	free((*zone)->name);
	free((*zone)->times);
	free((*zone)->kinds);
	free((*zone)->types);
	free(*zone);
	*zone = NULL;
}

struct time_zone *time_zone_from_posix(struct slice text)
{
	struct time_zone *zone;

	if (text.length == 0 || text.length > 255 ||
	    memchr(text.at, 0, text.length))
		return NULL;
	zone = zone_new("");
	free(zone->name);
	zone->name = slice_dup(text);
	if (!scan_posix(text, zone))
		time_zone_free(&zone);
	return zone;
}

struct time_zone *time_zone_fixed(int32_t offset_s)
{
	uint32_t size = (uint32_t)abs(offset_s);
	char digits[12], name[64];
	struct time_zone *zone;

	if (size % 60)
		snprintf(digits, sizeof(digits), "%02u:%02u:%02u",
			 size / 3600 % 100, size / 60 % 60, size % 60);
	else if (size % 3600)
		snprintf(digits, sizeof(digits), "%02u:%02u", size / 3600 % 100,
			 size / 60 % 60);
	else
		snprintf(digits, sizeof(digits), "%02u", size / 3600 % 100);
	snprintf(name, sizeof(name), "<%c%s>%c%s", offset_s < 0 ? '-' : '+',
		 digits, offset_s < 0 ? '+' : '-', digits);
	zone = zone_new(name);
	zone->has_rule = true;
	zone->standard.offset_s = offset_s;
	snprintf(zone->standard.abbreviation, ABBREVIATION_BYTES, "%c%s",
		 offset_s < 0 ? '-' : '+', digits);
	return zone;
}

/* --- TZif ---------------------------------------------------------------------------- */

struct counts {
	uint32_t ut, standard, leap, time, type, character;
};

static bool read_header(struct reader *in, struct counts *counts,
			uint8_t *ret_version)
{
	struct slice magic = read_bytes(in, 4);

	*ret_version = read_u8(in);
	read_bytes(in, 15);
	counts->ut = read_u32(in);
	counts->standard = read_u32(in);
	counts->leap = read_u32(in);
	counts->time = read_u32(in);
	counts->type = read_u32(in);
	counts->character = read_u32(in);
	return !in->failed && slice_is(magic, "TZif") &&
	       counts->time <= TRANSITIONS_MAX && counts->type > 0 &&
	       counts->type <= TYPES_MAX && counts->character <= 2048 &&
	       counts->leap <= 1024 && counts->ut <= TYPES_MAX &&
	       counts->standard <= TYPES_MAX;
}

static bool read_type(struct reader *in, struct slice characters,
		      struct zone_type *type)
{
	const uint8_t *end;
	uint8_t index;

	type->offset_s = (int32_t)read_u32(in);
	type->daylight = read_u8(in) != 0;
	index = read_u8(in);
	if (in->failed || index >= characters.length ||
	    type->offset_s > 26 * 3600 || type->offset_s < -26 * 3600)
		return false;
	end = memchr(characters.at + index, 0, characters.length - index);
	if (!end || end - (characters.at + index) >= ABBREVIATION_BYTES)
		return false;
	memcpy(type->abbreviation, characters.at + index,
	       (size_t)(end - (characters.at + index)));
	return true;
}

static bool read_body(struct reader *in, const struct counts *counts,
		      struct time_zone *zone)
{
	struct reader types;
	struct slice type_bytes, characters;

	zone->transition_count = counts->time;
	zone->type_count = counts->type;
	zone->times = must_alloc(counts->time * sizeof(*zone->times));
	zone->kinds = must_alloc(counts->time);
	zone->types = must_alloc(counts->type * sizeof(*zone->types));
	for (uint32_t i = 0; i < counts->time; i++) {
		zone->times[i] = (int64_t)read_u64(in);
		if (i && zone->times[i] <= zone->times[i - 1])
			return false;
	}
	for (uint32_t i = 0; i < counts->time; i++) {
		zone->kinds[i] = read_u8(in);
		if (zone->kinds[i] >= counts->type)
			return false;
	}
	type_bytes = read_bytes(in, (size_t)counts->type * 6);
	characters = read_bytes(in, counts->character);
	if (in->failed)
		return false;
	types = reader_make(type_bytes);
	for (uint32_t i = 0; i < counts->type; i++)
		if (!read_type(&types, characters, &zone->types[i]))
			return false;
	read_bytes(in,
		   (size_t)counts->leap * 12 + counts->standard + counts->ut);
	return !in->failed;
}

/* "\nEST5EDT,M3.2.0,M11.1.0\n"; empty: the last offset holds for good. */
static bool read_footer(struct reader *in, struct time_zone *zone)
{
	const uint8_t *start, *end;

	if (read_u8(in) != '\n' || in->failed)
		return false;
	start = in->at;
	end = memchr(start, '\n', reader_left(in));
	if (!end)
		return false;
	return end == start ||
	       scan_posix(slice_make(start, (size_t)(end - start)), zone);
}

static bool read_file(struct slice bytes, struct time_zone *zone)
{
	struct reader in = reader_make(bytes);
	struct counts counts;
	uint8_t version;

	if (!read_header(&in, &counts, &version) || version < '2')
		return false;
	read_bytes(&in, (size_t)counts.time * 5 + (size_t)counts.type * 6 +
				counts.character + (size_t)counts.leap * 8 +
				counts.standard + counts.ut);
	return read_header(&in, &counts, &version) &&
	       read_body(&in, &counts, zone) && read_footer(&in, zone);
}

struct time_zone *time_zone_from_file(const char *name, struct slice bytes)
{
	struct time_zone *zone;

	if (bytes.length < HEADER_BYTES ||
	    bytes.length > TIME_ZONE_FILE_BYTES_MAX)
		return NULL;
	zone = zone_new(name);
	if (!read_file(bytes, zone))
		time_zone_free(&zone);
	return zone;
}

/* --- questions ------------------------------------------------------------------------- */

static struct zone_moment moment_of(const struct zone_type *type)
{
	return (struct zone_moment){ type->offset_s, type->daylight,
				     type->abbreviation };
}

static const struct zone_type *by_rule(const struct time_zone *zone,
				       int64_t utc_s)
{
	int64_t year, start, end;
	bool summer;

	if (!zone->has_daylight)
		return &zone->standard;
	year = year_of(utc_s + zone->standard.offset_s);
	start = rule_time(&zone->start, year, zone->standard.offset_s);
	end = rule_time(&zone->end, year, zone->summer.offset_s);
	if (start < end)
		summer = utc_s >= start && utc_s < end;
	else /* south of the equator */
		summer = utc_s >= start || utc_s < end;
	return summer ? &zone->summer : &zone->standard;
}

/* How many transitions lie at or before a time. */
static size_t passed(const struct time_zone *zone, int64_t utc_s)
{
	size_t low = 0, high = zone->transition_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (zone->times[middle] <= utc_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct zone_moment time_zone_at(const struct time_zone *zone, int64_t utc_s)
{
	size_t index;

	if (!zone)
		return (struct zone_moment){ 0, false, "UTC" };
	index = passed(zone, utc_s);
	if (index == zone->transition_count && zone->has_rule)
		return moment_of(by_rule(zone, utc_s));
	return moment_of(index == 0 ? &zone->types[0]
				    : &zone->types[zone->kinds[index - 1]]);
}

/* The first change by rule after a time. */
static bool next_by_rule(const struct time_zone *zone, int64_t utc_s,
			 int64_t *ret_s)
{
	int64_t year = year_of(utc_s) - 1;
	int64_t best = INT64_MAX;

	if (!zone->has_rule || !zone->has_daylight)
		return false;
	for (int i = 0; i < 3; i++, year++) {
		int64_t start =
			rule_time(&zone->start, year, zone->standard.offset_s);
		int64_t end =
			rule_time(&zone->end, year, zone->summer.offset_s);

		if (start > utc_s && start < best)
			best = start;
		if (end > utc_s && end < best)
			best = end;
	}
	*ret_s = best;
	return best != INT64_MAX;
}

static bool next_change(const struct time_zone *zone, int64_t utc_s,
			int64_t *ret_s)
{
	size_t index = passed(zone, utc_s);

	if (index == zone->transition_count)
		return next_by_rule(zone, utc_s, ret_s);
	*ret_s = zone->times[index];
	return true;
}

int32_t time_zone_of_local(const struct time_zone *zone, int64_t local_s)
{
	int64_t eve = local_s - DAY_S;
	int32_t before, after;
	int64_t change, if_before, if_after;

	if (!zone)
		return 0;
	before = time_zone_at(zone, eve).offset_s;
	if (!next_change(zone, eve, &change))
		return before;
	after = time_zone_at(zone, change).offset_s;
	if_before = local_s - before;
	if_after = local_s - after;
	if (if_before < change && if_after < change)
		return before;
	if (if_before > change && if_after >= change)
		return after;
	return if_before > if_after ? before : after;
}

static bool is_called(const struct zone_type *type, struct slice word)
{
	if (strlen(type->abbreviation) != word.length)
		return false;
	return strncasecmp(type->abbreviation, (const char *)word.at,
			   word.length) == 0;
}

bool time_zone_meant(const struct time_zone *zone, struct slice abbreviation,
		     int64_t utc_s, int32_t *ret_offset_s)
{
	const struct zone_type *found = NULL;
	size_t index = passed(zone, utc_s);

	if (index == zone->transition_count && zone->has_rule) {
		if (is_called(&zone->standard, abbreviation))
			found = &zone->standard;
		else if (zone->has_daylight &&
			 is_called(&zone->summer, abbreviation))
			found = &zone->summer;
	}
	for (size_t i = index; !found && i > 0; i--)
		if (is_called(&zone->types[zone->kinds[i - 1]], abbreviation))
			found = &zone->types[zone->kinds[i - 1]];
	for (size_t i = index; !found && i < zone->transition_count; i++)
		if (is_called(&zone->types[zone->kinds[i]], abbreviation))
			found = &zone->types[zone->kinds[i]];
	if (!found)
		return false;
	*ret_offset_s = found->offset_s;
	return true;
}

bool time_zone_is_fixed(const struct time_zone *zone, int32_t *ret_offset_s)
{
	int32_t offset = time_zone_at(zone, 0).offset_s;

	if (zone && zone->has_rule && zone->has_daylight)
		return false;
	for (size_t i = 0; zone && i < zone->type_count; i++)
		if (zone->types[i].offset_s != offset)
			return false;
	*ret_offset_s = offset;
	return true;
}

const char *time_zone_name(const struct time_zone *zone)
{
	return zone ? zone->name : "UTC";
}
