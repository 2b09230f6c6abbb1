#include "proxy/retain_rule.h"

#include <string.h>

#include "protocol/bytes.h"

#define NAME_BYTES_MAX 63	/* NAMEDATALEN */
#define DAY_S 86400

static bool is_word(char c, bool first)
{
	return c == '_' || (unsigned char)c >= 0x80 ||
	       (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (!first && ((c >= '0' && c <= '9') || c == '$'));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* One part of a name, folded as the server would; what follows it, or NULL. */
static const char *read_name(const char *at, char ret_name[NAME_BYTES_MAX + 1])
{
	bool quoted = *at == '"';
	size_t length = 0;

	for (at += quoted; *at && (quoted || is_word(*at, !length)); at++) {
		if (quoted && *at == '"' && *++at != '"') {
			quoted = false;
			break;
		}
		if (length == NAME_BYTES_MAX)
			return NULL;
		ret_name[length++] = quoted ? *at : lower(*at);
	}
	ret_name[length] = 0;
	return length && !quoted ? at : NULL;
}

/* [SCHEMA.]TABLE.COLUMN */
static const char *read_names(const char *at, struct arena *arena,
			      struct retain_rule *rule)
{
	char parts[3][NAME_BYTES_MAX + 1];
	unsigned count = 0;

	do {
		at = count < 3 ? read_name(at + (count > 0), parts[count]) :
				 NULL;
		count++;
	} while (at && *at == '.');
	if (!at || count < 2)
		return NULL;
	rule->schema = count == 3 ? arena_text(arena, parts[0]) : NULL;
	rule->table = arena_text(arena, parts[count - 2]);
	rule->column = arena_text(arena, parts[count - 1]);
	return at;
}

static const char *read_age(const char *at, uint64_t *ret_age_s)
{
	static const struct { char unit; uint64_t seconds; } units[] = {
		{ 'h', 3600 }, { 'd', DAY_S }, { 'w', 7 * DAY_S },
	};
	uint64_t number = 0;

	for (; *at >= '0' && *at <= '9' && number < 10000000; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (*at != units[i].unit)
			continue;
		*ret_age_s = number * units[i].seconds;
		return at + 1;
	}
	return NULL;
}

static const char *const type_names[] = {
	[RETAIN_ANY] = "",
	[RETAIN_TIMESTAMPTZ] = "timestamptz",
	[RETAIN_TIMESTAMP] = "timestamp",
	[RETAIN_DATE] = "date",
	[RETAIN_TEXT] = "text",
};

const char *retain_type_name(enum retain_type type)
{
	return type == RETAIN_ANY ? NULL : type_names[type];
}

static bool read_type(const char *at, enum retain_type *ret_type)
{
	for (unsigned i = 0; i < sizeof(type_names) / sizeof(*type_names);
	     i++) {
		if (strcmp(at, type_names[i]) != 0)
			continue;
		*ret_type = (enum retain_type)i;
		return true;
	}
	return false;
}

const char *retain_rule_read(const char *entry, struct arena *arena,
			     struct retain_rule *ret_rule)
{
	struct retain_rule rule = { 0 };
	const char *at = read_names(entry, arena, &rule);

	if (!at || *at != ' ')
		return "must begin with table.column or schema.table.column, "
		       "and a space";
	at = read_age(at + strspn(at, " "), &rule.age_s);
	if (!at || (*at && *at != ' '))
		return "must name an age behind the column, such as 365d or "
		       "52w";
	if (rule.age_s < DAY_S ||
	    rule.age_s > (uint64_t)RETAIN_AGE_MAX_DAYS * DAY_S)
		return "must name an age of one day at least, and 100 years "
		       "at most";
	if (!read_type(at + strspn(at, " "), &rule.type))
		return "may end with the type of the column: timestamptz, "
		       "timestamp, date or text";
	*ret_rule = rule;
	return NULL;
}
