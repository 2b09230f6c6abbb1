/* Small pieces of SQLite text. */
#include "protocol/sql_nodes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/dialect/expr.h"

static const char *quoted(struct arena *arena, const char *text, char quote)
{
	size_t length = strlen(text);
	char *copy = arena_alloc(arena, length * 2 + 3);
	char *at = copy;

	*at++ = quote;
	for (const char *from = text; *from != '\0'; from++) {
		if (*from == quote)
			*at++ = quote;
		*at++ = *from;
	}
	*at++ = quote;
	return copy;
}

const char *print_name(struct arena *arena, const char *name)
{
	return quoted(arena, name, '"');
}

const char *print_text(struct arena *arena, const char *text)
{
	return quoted(arena, text, '\'');
}

const char *print_table(struct arena *arena, const struct schema_table *table)
{
	return arena_printf(arena, "%s.%s",
			    print_name(arena, table->lite_database),
			    print_name(arena, table->lite_name));
}

const char *new_alias(struct compile_state *state)
{
	return arena_printf(state->arena, "_t%d", ++state->alias_count);
}

static bool makes_alias(const char *sql, unsigned long number)
{
	char text[32];
	const char *found = sql;
	size_t length = (size_t)snprintf(text, sizeof(text), "AS _t%lu",
					 number);

	while ((found = strstr(found, text)) != NULL &&
	       isdigit((unsigned char)found[length]))
		found += length;
	return found != NULL;
}

bool print_same(const char *left, const char *right)
{
	const char *a = left, *b = right;
	bool in_quotes = false;

	while (*a != '\0' && *b != '\0') {
		unsigned long x, y;
		char *end;

		in_quotes ^= *a == '\'' || *a == '"';
		if (in_quotes || strncmp(a, "_t", 2) != 0 ||
		    strncmp(b, "_t", 2) != 0) {
			if (*a++ != *b++)
				return false;
			continue;
		}
		x = strtoul(a + 2, &end, 10);
		a = end;
		y = strtoul(b + 2, &end, 10);
		b = end;
		if (x != y && !(makes_alias(left, x) && makes_alias(right, y)))
			return false;
	}
	return *a == *b;
}
