/* Small pieces of SQLite text. */
#include "protocol/sql_nodes.h"

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
