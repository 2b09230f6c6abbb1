/* What texts mean as values of settings: Postgres's guc.c in small. */
#include "pool/sqlite/setting_table.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool is_prefix(const char *text, const char *word, size_t least)
{
	size_t length = strlen(text);

	return length >= least && strncasecmp(text, word, length) == 0;
}

static char *refuse(const struct lite_setting_row *row, const char *text,
		    struct error *error)
{
	error_set(error, SQLSTATE_INVALID_PARAMETER,
		  "invalid value for parameter \"%s\": \"%s\"", row->name,
		  text);
	return NULL;
}

static char *read_bool(const struct lite_setting_row *row, const char *text,
		       struct error *error)
{
	if (is_prefix(text, "true", 1) || is_prefix(text, "yes", 1) ||
	    is_prefix(text, "on", 2) || strcmp(text, "1") == 0)
		return must_dup("on");
	if (is_prefix(text, "false", 1) || is_prefix(text, "no", 1) ||
	    is_prefix(text, "off", 2) || strcmp(text, "0") == 0)
		return must_dup("off");
	error_set(error, SQLSTATE_INVALID_PARAMETER,
		  "parameter \"%s\" requires a Boolean value", row->name);
	return NULL;
}

static char *read_enum(const struct lite_setting_row *row, const char *text,
		       struct error *error)
{
	size_t length = strlen(text);
	struct buffer choices = { 0 };

	for (const char *word = row->unit; *word;) {
		size_t word_length = strcspn(word, "|");

		if (length == word_length &&
		    strncasecmp(word, text, length) == 0)
			return slice_dup(slice_make(word, length));
		word += word_length;
		word += *word == '|';
	}
	/* Known to Postgres, but not done here: say so rather than pretend. */
	if (strcasecmp(row->name, "bytea_output") == 0 ||
	    strcasecmp(row->name, "IntervalStyle") == 0) {
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "%s \"%s\" is not supported on SQLite", row->name,
			  text);
		return NULL;
	}
	refuse(row, text, error);
	for (const char *at = row->unit; *at; at++) {
		if (*at == '|')
			buffer_put_text(&choices, ", ");
		else
			buffer_put_u8(&choices, (uint8_t)*at);
	}
	error_hint(error, "Available values: %s.", buffer_cstring(&choices));
	buffer_fini(&choices);
	return NULL;
}

static const struct unit {
	const char *base;
	const char *name;
	int64_t factor;
} units[] = {			/* the largest first */
	{ "ms", "d", 86400000 }, { "ms", "h", 3600000 },
	{ "ms", "min", 60000 }, { "ms", "s", 1000 }, { "ms", "ms", 1 },
	{ "kB", "TB", 1 << 30 }, { "kB", "GB", 1 << 20 },
	{ "kB", "MB", 1 << 10 }, { "kB", "kB", 1 },
};

#define UNIT_COUNT (sizeof(units) / sizeof(units[0]))

static bool scale(const struct lite_setting_row *row, const char *suffix,
		  double *number)
{
	while (isspace((unsigned char)*suffix))
		suffix++;
	if (!*suffix)
		return true;
	for (size_t i = 0; i < UNIT_COUNT; i++) {
		if (strcmp(units[i].base, row->unit) != 0 ||
		    strcmp(units[i].name, suffix) != 0)
			continue;
		*number *= (double)units[i].factor;
		return true;
	}
	return false;
}

static char *print_integer(const struct lite_setting_row *row, int64_t number)
{
	char text[64];
	const char *name = "";

	for (size_t i = 0; number > 0 && i < UNIT_COUNT; i++) {
		if (strcmp(units[i].base, row->unit) != 0 ||
		    number % units[i].factor)
			continue;
		number /= units[i].factor;
		name = units[i].name;
		break;
	}
	snprintf(text, sizeof(text), "%lld%s", (long long)number, name);
	return must_dup(text);
}

static char *read_integer(const struct lite_setting_row *row, const char *text,
			  struct error *error)
{
	char *end;
	double number;

	number = strtod(text, &end);
	if (end == text || !isfinite(number) || !scale(row, end, &number))
		return refuse(row, text, error);
	number = rint(number);
	if (number < (double)row->minimum || number > (double)row->maximum) {
		error_set(error, SQLSTATE_INVALID_PARAMETER,
			  "%.0f%s%s is outside the valid range for parameter "
			  "\"%s\" (%lld .. %lld)", number,
			  row->unit[0] ? " " : "", row->unit, row->name,
			  (long long)row->minimum, (long long)row->maximum);
		return NULL;
	}
	if (number < 1 && strcmp(row->name, "extra_float_digits") == 0) {
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  "%s below 1 is not supported on SQLite", row->name);
		return NULL;
	}
	return print_integer(row, (int64_t)number);
}

static char *read_real(const struct lite_setting_row *row, const char *text,
		       struct error *error)
{
	char *end, printed[64];
	double number = strtod(text, &end);

	if (end == text || *end || !isfinite(number))
		return refuse(row, text, error);
	snprintf(printed, sizeof(printed), "%g", number);
	return must_dup(printed);
}

/* "SQL, DMY" and the like: the style must be ISO, the order is kept. */
static char *read_date_style(const struct lite_setting_row *row,
			     const char *text, struct error *error)
{
	const char *order = NULL, *whole = text;

	while (*text) {
		size_t length = strcspn(text, ", ");
		char word[16] = "";

		if (length >= sizeof(word))
			return refuse(row, text, error);
		for (size_t i = 0; i < length; i++)
			word[i] = (char)tolower((unsigned char)text[i]);
		text += length;
		text += strspn(text, ", ");
		if (!length || strcasecmp(word, "iso") == 0)
			continue;
		if (strcasecmp(word, "default") == 0)
			order = order ? order : "MDY";
		else if (is_prefix(word, "euro", 4) ||
			 strcasecmp(word, "dmy") == 0)
			order = "DMY";
		else if (strcasecmp(word, "us") == 0 ||
			 strcasecmp(word, "mdy") == 0 ||
			 is_prefix(word, "noneuro", 7))
			order = "MDY";
		else if (strcasecmp(word, "ymd") == 0)
			order = "YMD";
		else if (strcasecmp(word, "sql") == 0 ||
			 strcasecmp(word, "german") == 0 ||
			 is_prefix(word, "postgres", 8)) {
			error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
				  "DateStyle \"%s\" is not supported on "
				  "SQLite", word);
			return NULL;
		} else {
			refuse(row, whole, error);
			error_detail(error, "Unrecognized key word: \"%s\".",
				     word);
			return NULL;
		}
	}
	if (!order)
		order = "MDY";
	return strcmp(order, "MDY") == 0 ? must_dup("ISO, MDY") :
	       strcmp(order, "DMY") == 0 ? must_dup("ISO, DMY") :
					   must_dup("ISO, YMD");
}

/* 'utf-8' with quotes is sent by clients that meant no harm. */
static char *read_encoding(const struct lite_setting_row *row,
			   const char *text, struct error *error)
{
	char folded[32];
	size_t length = 0;

	for (; *text && length + 1 < sizeof(folded); text++)
		if (isalnum((unsigned char)*text))
			folded[length++] =
				(char)tolower((unsigned char)*text);
	folded[length] = 0;
	if (strcmp(folded, "utf8") == 0 || strcmp(folded, "unicode") == 0)
		return must_dup("UTF8");
	if (strcmp(folded, "sqlascii") == 0)
		return must_dup("SQL_ASCII");
	error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
		  "client_encoding \"%s\" is not supported on SQLite: only "
		  "UTF8 is", folded);
	return NULL;
}

/* SET TIME ZONE 5.5 is <+05:30>-05:30, as Postgres prints it. */
static char *zone_of_hours(double hours)
{
	char text[40], offset[16];
	int minutes = (int)lround(fabs(hours) * 60);

	if (minutes % 60)
		snprintf(offset, sizeof(offset), "%02d:%02d", minutes / 60 % 100,
			 minutes % 60);
	else
		snprintf(offset, sizeof(offset), "%02d", minutes / 60 % 100);
	snprintf(text, sizeof(text), "<%c%s>%c%s", hours < 0 ? '-' : '+',
		 offset, hours < 0 ? '+' : '-', offset);
	return must_dup(text);
}

static char *read_zone(const struct lite_setting_row *row, const char *text,
		       struct zone_source *zones, struct error *error)
{
	struct value value;
	struct arena arena = { 0 };
	struct error ignored;
	struct buffer probe = { 0 };
	char *end;
	double hours = strtod(text, &end);
	bool known;

	if (end != text && !*end && fabs(hours) < 16)
		return zone_of_hours(hours);
	/* Whatever can follow a timestamp is a time zone. */
	buffer_printf(&probe, "2000-01-01 00:00:00 %s", text);
	known = zones && zones->find(zones, slice_text(text));
	if (!known)
		known = type_read(OID_TIMESTAMPTZ, -1, WIRE_TEXT,
				  buffer_slice(&probe),
				  &(struct type_settings){ .zones = zones,
							   .date_order = 'M' },
				  &arena, &value, &ignored);
	buffer_fini(&probe);
	arena_fini(&arena);
	if (strcasecmp(text, "utc") == 0 || strcasecmp(text, "default") == 0)
		return must_dup("UTC");
	if (known)
		return must_dup(text);
	return refuse(row, text, error);
}

static char *read_text(const struct lite_setting_row *row, const char *text,
		       struct zone_source *zones, struct error *error)
{
	if (strcmp(row->name, "DateStyle") == 0)
		return read_date_style(row, text, error);
	if (strcmp(row->name, "client_encoding") == 0)
		return read_encoding(row, text, error);
	if (strcmp(row->name, "TimeZone") == 0)
		return read_zone(row, text, zones, error);
	return must_dup(text);
}

/* Postgres has other values of these, which would change answers. */
static const struct {
	const char *name, *value;
} only[] = {
	{ "array_nulls", "on" }, { "standard_conforming_strings", "on" },
	{ "timezone_abbreviations", "Default" },
	{ "transform_null_equals", "off" },
};

static char *check_only(const struct lite_setting_row *row, char *value,
			struct error *error)
{
	for (size_t i = 0; value && i < sizeof(only) / sizeof(only[0]); i++) {
		if (strcmp(row->name, only[i].name) != 0 ||
		    strcasecmp(value, only[i].value) == 0)
			continue;
		error_set(error, SQLSTATE_FEATURE_NOT_SUPPORTED,
			  row->kind == 'b' ? "%s %s is not supported on SQLite" :
			  "%s \"%s\" is not supported on SQLite", row->name,
			  value);
		free(value);
		return NULL;
	}
	return value;
}

char *lite_setting_canonical(const struct lite_setting_row *row,
			     const char *text, struct zone_source *zones,
			     struct error *error)
{
	switch (row->kind) {
	case 'b':
		return check_only(row, read_bool(row, text, error), error);
	case 'i':
		return read_integer(row, text, error);
	case 'r':
		return read_real(row, text, error);
	case 'e':
		return read_enum(row, text, error);
	default:
		return check_only(row, read_text(row, text, zones, error),
				  error);
	}
}
