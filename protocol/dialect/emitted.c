/*
 * Which functions of ours the compiler can print: read out of the tables'
 * templates, and a list of those its code prints itself.
 */
#include "protocol/dialect/compile.h"
#include "protocol/dialect/function_table.h"
#include "protocol/dialect/operator_table.h"

#define EMITTED_MAX 2048

/* Printed by code, not by a template. */
static const struct emitted_function others[] = {
	{ "pg_cast", 5, false },
	{ "pg_foreign_read", 6, false },
	{ "pg_foreign_write", 6, false },
	{ "pg_now", 0, false },
	{ "pg_limit", 2, false },
	{ "pg_nextval", 1, false },
	{ "pg_setval", 3, false },
	{ "pg_array_agg", 2, true },
	{ "pg_sort", -1, true },
	{ "pg_only", 1, true },
	{ "pg_once", 1, false },
	{ "pg_no_target", 0, false },
	{ "pg_xmax", 0, false },
	{ "pg_merge_once", 1, false },
	{ "pg_domain_error", 2, false },
	{ "pg_greatest", -1, false },
	{ "pg_least", -1, false },
	{ "pg_item", 2, false },
	{ "pg_kept_item", 3, false },
	{ "pg_array_build", -1, false },
	{ "pg_array_get", -1, false },
	{ "pg_array_slice", -1, false },
	{ "pg_array_put", -1, false },
	{ "pg_array_put_slice", -1, false },
	{ "pg_jsonb_put", 4, false },
	{ "pg_cardinality", 1, false },
	{ "pg_json_get_text", 3, false },
	{ "pg_current_database", 0, false },
	{ "pg_current_schema", 0, false },
};

struct emitted_list {
	struct emitted_function *rows;
	int count;
};

static void add(struct emitted_list *list, struct emitted_function row)
{
	for (int i = 0; i < list->count; i++) {
		if (strcmp(list->rows[i].name, row.name) == 0 &&
		    list->rows[i].arguments == row.arguments)
			return;
	}
	if (list->count < EMITTED_MAX - 1)
		list->rows[list->count++] = row;
}

/* How many arguments stand between the parentheses; $* stands for all. */
static int count_arguments(const char *at, int all)
{
	int count = 0, depth = 0;
	bool any = false;

	for (; *at != '\0' && (depth > 0 || *at != ')'); at++) {
		if (*at == '(')
			depth++;
		else if (*at == ')')
			depth--;
		else if (*at == '$' && at[1] == 'v' && depth == 0)
			return -1;
		else if (*at == '$' && at[1] == '*' && depth == 0)
			count += all - 1;
		if (*at == ',' && depth == 0)
			count++;
		if (*at != ' ')
			any = true;
	}
	return any ? count + 1 : 0;
}

static void add_template(struct arena *arena, struct emitted_list *list,
			 const char *print, int all, bool varies,
			 bool aggregate)
{
	for (const char *at = strstr(print, "pg_"); at != NULL;
	     at = strstr(at + 3, "pg_")) {
		size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz_0123456789");

		if (at[length] != '(')
			continue;	/* a collation */
		add(list, (struct emitted_function){
			arena_dup(arena, slice_make(at, length)),
			varies ? -1 : count_arguments(at + length + 1, all),
			aggregate && strncmp(at, "pg_cast(", 8) != 0 });
	}
}

const struct emitted_function *compile_emitted_functions(struct arena *arena)
{
	struct emitted_list list = {
		.rows = arena_alloc(arena, sizeof(*list.rows) * EMITTED_MAX),
	};
	const struct call_row *call;
	const struct operator_row *operator;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		add(&list, others[i]);
	for (size_t i = 0; (call = function_at(i)) != NULL; i++) {
		if (call->flags & CALL_SET)
			continue;	/* tables, not functions */
		if (call->flags & CALL_MOVES)
			add_template(arena, &list,
				     moving_print(arena, call->print),
				     call->arguments, false, true);
		for (int given = call->arguments - call->defaults;
		     given <= call->arguments; given++)
			add_template(arena, &list, call->print, given,
				     call->flags & CALL_VARIADIC,
				     call->flags & CALL_AGGREGATE);
	}
	for (size_t i = 0; (operator = operator_at(i)) != NULL; i++)
		add_template(arena, &list, operator->print, 2, false, false);
	return list.rows;
}
